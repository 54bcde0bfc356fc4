export type QueryValue = string | number | boolean | readonly string[] | { readonly [key: string]: string | number };
export type Query = Readonly<Record<string, QueryValue | undefined>>;

/** `{created: {gte: 1}, include: ['a']}` → `?created[gte]=1&include[0]=a`, as Stripe's own libraries write it. */
export function pathWithQuery(path: string, query: Query = {}): string {
  const pairs: string[] = [];
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined) continue;
    if (typeof value === 'object') {
      for (const [inner, item] of Object.entries(value)) pairs.push(`${key}[${inner}]=${encodeURIComponent(item)}`);
    } else {
      pairs.push(`${key}=${encodeURIComponent(value)}`);
    }
  }
  if (pairs.length === 0) return path;
  return `${path}${path.includes('?') ? '&' : '?'}${pairs.join('&')}`;
}
