import type { Route } from './context';

interface Compiled {
  readonly route: Route;
  readonly segments: readonly string[];
}

/** Finds the route of a request by method and path. */
export class Router {
  readonly #bySize = new Map<string, Compiled[]>();

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      const segments = route.path.split('/');
      const key = `${route.method} ${segments.length}`;
      const list = this.#bySize.get(key);
      if (list === undefined) this.#bySize.set(key, [{ route, segments }]);
      else list.push({ route, segments });
    }
  }

  match(method: string, pathname: string): { route: Route; path: string[] } | undefined {
    const given = pathname.split('/');
    for (const { route, segments } of this.#bySize.get(`${method} ${given.length}`) ?? []) {
      const path: string[] = [];
      const fits = segments.every((segment, index) => {
        const actual = given[index] ?? '';
        if (!segment.startsWith(':')) return segment === actual;
        path.push(decoded(actual));
        return actual !== '';
      });
      if (fits) return { route, path };
    }
    return undefined;
  }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
