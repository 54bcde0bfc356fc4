/**
 * JSON with one form only, for hashing: object keys in ascending byte order, no white space, bigint as a decimal string,
 * no undefined values, whole numbers only.
 */
import { byBytes } from '../money/split';

export function canonicalJson(value: unknown): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'bigint':
      return `"${value}"`;
    case 'number':
      if (!Number.isSafeInteger(value)) throw new Error(`${value} has no canonical form`);
      return String(value);
    case 'object': {
      if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
      const entries = Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .sort(([a], [b]) => byBytes(a, b));
      return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
    }
    default:
      throw new Error(`A ${typeof value} has no canonical form`);
  }
}
