/** Parameters as they arrive: text in v1 bodies and all queries, JSON in v2 bodies. */
export type RawValue = string | number | boolean | null | RawValue[] | RawObject;
export interface RawObject {
  [name: string]: RawValue;
}

const MOST_PAIRS = 1_000;
const DEEPEST = 8;

export class FormError extends Error {
  override readonly name = 'FormError';
}

/**
 * Decodes `a=1&b[c]=2&d[]=3&e[0]=4` into nested values. A name given twice keeps its last value. Stripe's package
 * appends its parameters with a second `?` when it follows `next_page_url`; both count as separators.
 */
export function parseForm(text: string): RawObject {
  const root = emptyObject();
  const pairs = text.split(/[&?]/).filter((pair) => pair !== '');
  if (pairs.length > MOST_PAIRS) throw new FormError('Too many parameters');
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    const name = decode(equals === -1 ? pair : pair.slice(0, equals));
    assign(root, pathOf(name), equals === -1 ? '' : decode(pair.slice(equals + 1)));
  }
  return toLists(root);
}

function emptyObject(): RawObject {
  const object: RawObject = Object.create(null);
  return object;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new FormError('Invalid URL encoding');
  }
}

function pathOf(name: string): string[] {
  const open = name.indexOf('[');
  if (open === -1) return [name];
  const path = [name.slice(0, open)];
  let rest = name.slice(open);
  while (rest !== '') {
    const close = rest.indexOf(']');
    if (!rest.startsWith('[') || close === -1) throw new FormError(`Invalid parameter name: ${name}`);
    path.push(rest.slice(1, close));
    rest = rest.slice(close + 1);
  }
  if (path.length > DEEPEST) throw new FormError(`Parameter nested too deeply: ${name}`);
  return path;
}

function assign(root: RawObject, path: readonly string[], value: string): void {
  let target = root;
  path.forEach((segment, index) => {
    const key = segment === '' && index > 0 ? String(Object.keys(target).length) : segment;
    if (index === path.length - 1) {
      target[key] = value;
      return;
    }
    const next = target[key];
    if (typeof next === 'object' && next !== null && !Array.isArray(next)) {
      target = next;
    } else {
      const created = emptyObject();
      target[key] = created;
      target = created;
    }
  });
}

/** Objects whose names are 0, 1, 2… are lists. */
function toLists(object: RawObject): RawObject {
  for (const [key, value] of Object.entries(object)) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue;
    const inner = toLists(value);
    const names = Object.keys(inner);
    const isList = names.length > 0 && names.every((name, index) => name === String(index));
    object[key] = isList ? Object.values(inner) : inner;
  }
  return object;
}
