/** Counts and amounts as parts of a sentence. Amounts in minor units, each currency on its own. */
import { spoken } from './amount';

interface InCurrency {
  readonly currency: string;
  readonly amount: string;
}

export interface Sum extends InCurrency {
  readonly count: number;
}

/** Count and sum per currency, in alphabetical order of the currencies. Currencies are never added together. */
export function sumsByCurrency(rows: readonly (InCurrency & { readonly count?: number })[]): readonly Sum[] {
  const sums = new Map<string, { count: number; amount: bigint }>();
  for (const { currency, amount, count = 1 } of rows) {
    const before = sums.get(currency) ?? { count: 0, amount: 0n };
    sums.set(currency, { count: before.count + count, amount: before.amount + BigInt(amount) });
  }
  return [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, { count, amount }]) => ({ currency, count, amount: String(amount) }));
}

/** `7,000.00 USD`, `1,429.27 USD and 4,220 JPY`; without amounts what `none` says. */
export function amountsText(amounts: readonly InCurrency[], none = 'nothing'): string {
  const words = amounts.map(({ currency, amount }) => spoken(amount, currency));
  const last = words.pop();
  if (last === undefined) return none;
  return words.length === 0 ? last : `${words.join(', ')} and ${last}`;
}

/** `1 movement`, `15 movements`, `12,000 movements`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}
