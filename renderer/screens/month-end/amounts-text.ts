import type { AmountIn } from '../../../shared/contract';
import { spoken } from '../../components';

/** Amounts in a sentence: `7,000.00 USD`, `1,429.27 USD and 4,220 JPY`; with none of them `nothing`. */
export function amountsText(amounts: readonly AmountIn[]): string {
  const words = amounts.map(({ currency, amount }) => spoken(amount, currency));
  const last = words.pop();
  if (last === undefined) return 'nothing';
  return words.length === 0 ? last : `${words.join(', ')} and ${last}`;
}

/** `1 movement`, `15 movements`, `12,000 movements`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}
