import { accounting } from '../../components';

export interface Sum {
  readonly currency: string;
  readonly count: number;
  /** Minor units. */
  readonly amount: string;
}

/** Count and sum per currency, in alphabetical order of the currencies. Currencies are never added together. */
export function sumsByCurrency(
  rows: readonly { readonly currency: string; readonly amount: string }[],
): readonly Sum[] {
  const sums = new Map<string, { count: number; amount: bigint }>();
  for (const { currency, amount } of rows) {
    const before = sums.get(currency) ?? { count: 0, amount: 0n };
    sums.set(currency, { count: before.count + 1, amount: before.amount + BigInt(amount) });
  }
  return [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, { count, amount }]) => ({ currency, count, amount: String(amount) }));
}

/** `1,204.50 USD and 80.00 EUR`; `0` without rows. */
export function sumsText(sums: readonly Sum[]): string {
  return sums.length === 0
    ? '0'
    : sums.map(({ currency, amount }) => `${accounting(amount, currency)} ${currency.toUpperCase()}`).join(' and ');
}

/** `1 payout`, `1,204 payouts`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}
