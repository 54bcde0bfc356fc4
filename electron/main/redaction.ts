/** Takes secrets and e-mail addresses out of what goes to the log. */

const depthLimit = 6;
const entryLimit = 100;
const hidden = '[redacted]';

const patterns: readonly (readonly [RegExp, string])[] = [
  [/\b((?:sk|rk|pk|ek)_(?:(?:test|live|org)_)+)[A-Za-z0-9_]+/g, `$1${hidden}`],
  [/\bwhsec_[A-Za-z0-9+/=_-]+/g, `whsec_${hidden}`],
  [/\b(\w+_secret_)[A-Za-z0-9]+/g, `$1${hidden}`],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${hidden}`],
  [/([A-Za-z0-9])[A-Za-z0-9._%+-]*@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)/g, '$1***@$2'],
];

const secretName = /secret|password|passphrase|token|authorization|cookie|api[-_]?key|private[-_]?key/i;

export function redactText(text: string): string {
  return patterns.reduce((clean, [pattern, replacement]) => clean.replace(pattern, replacement), text);
}

/** A redacted copy of any value; errors become their stack, what is too deep or too long is cut. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '[invalid date]' : value.toISOString();
  if (value instanceof Error) return redactText(value.stack ?? `${value.name}: ${value.message}`);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return '[bytes]';
  if (depth >= depthLimit) return '[deeper]';
  if (Array.isArray(value)) return value.slice(0, entryLimit).map((entry) => redact(entry, depth + 1));
  if (value instanceof Map || value instanceof Set) return redact([...value], depth + 1);
  const entries = Object.entries(value).slice(0, entryLimit);
  return Object.fromEntries(
    entries.map(([name, entry]) => [
      redactText(name),
      typeof entry === 'string' && secretName.test(name) ? hidden : redact(entry, depth + 1),
    ]),
  );
}
