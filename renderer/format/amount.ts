import { abs, minorUnitDigits, parseCurrency, toDecimal } from '../../shared/money/money';

/** Minor units as text (`-123456`, usd) → `1,234.56` and its sign. A currency that is not known keeps its minor units. */
export function grouped(minor: string, currencyCode: string): { readonly negative: boolean; readonly text: string } {
  const amount = BigInt(minor);
  const code = parseCurrency(currencyCode);
  const plain = code === undefined ? abs(amount).toString() : toDecimal(abs(amount), code);
  const [whole = '', fraction] = plain.split('.');
  const thousands = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return { negative: amount < 0n, text: fraction === undefined ? thousands : `${thousands}.${fraction}` };
}

/** Accounting form: `1,234.56`, `(1,234.56)`. */
export function accounting(minor: string, currencyCode: string): string {
  const { negative, text } = grouped(minor, currencyCode);
  return negative ? `(${text})` : text;
}

/** For screen readers and sentences: `1,234.56 USD`, `minus 1,234.56 USD`. */
export function spoken(minor: string, currencyCode: string): string {
  const { negative, text } = grouped(minor, currencyCode);
  return `${negative ? 'minus ' : ''}${text} ${currencyCode.toUpperCase()}`;
}

/** For CSV: `-1234.56`, no grouping. */
export function plainDecimal(minor: string, currencyCode: string): string {
  const code = parseCurrency(currencyCode);
  return code === undefined ? minor : toDecimal(BigInt(minor), code);
}

/** Major units as a number, for the geometry of charts only; never for arithmetic or text. */
export function forGeometry(minor: string, currencyCode: string): number {
  const code = parseCurrency(currencyCode);
  return Number(minor) / 10 ** (code === undefined ? 0 : minorUnitDigits(code));
}

/** Basis points as percent with two decimals: 10412 → `104.12 %`; null → `—`. */
export function percent(bps: number | null): string {
  return bps === null ? '—' : `${(bps / 100).toFixed(2)} %`;
}
