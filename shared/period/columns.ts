/**
 * The arithmetic of a month over numbered subscribers, wishes and creators: what the rules say, without a name or an object for each row.
 * Amounts are whole minor units of one currency as numbers; every sum is checked to be below 2^53, so that all of them are exact.
 */
import { platformFee } from '../money/fee';
import { byBytes, splitLargestRemainder } from '../money/split';

export interface WishColumns {
  /** Number of the subscriber, by wish. */
  readonly subscriber: Int32Array;
  /** Number of the creator, by wish. */
  readonly creator: Int32Array;
  /** Wanted, above zero, by wish. */
  readonly amount: Float64Array;
  /** The id that decides between equal remainders. */
  readonly idOf: (wish: number) => string;
}

export interface MonthColumns {
  /** By subscriber: Σ of what was wanted, and of what the funds covered. */
  readonly asked: Float64Array;
  readonly allocated: Float64Array;
  /** By creator: Σ funded, and the fee of that. */
  readonly gross: Float64Array;
  readonly fee: Float64Array;
}

/** Number of an amount or a sum. Throws above 2^53 − 1: no month of one currency comes near it. */
export function exact(amount: bigint | number): number {
  const number = Number(amount);
  if (!Number.isSafeInteger(number))
    throw new RangeError(`${amount} minor units are more than can be calculated exactly`);
  return number;
}

/** Σ of a column of amounts that are not negative: when the sum is exact, so was every step to it. */
export function sum(column: Float64Array): number {
  let total = 0;
  for (let at = 0; at < column.length; at += 1) total += column[at] as number;
  return exact(total);
}

/** @param funds by subscriber @param creators how many there are */
export function calculateColumns(
  funds: Float64Array,
  wishes: WishColumns,
  creators: number,
  feeBps: number,
): MonthColumns {
  const { subscriber, creator, amount } = wishes;
  sum(amount);
  const result: MonthColumns = {
    asked: new Float64Array(funds.length),
    allocated: new Float64Array(funds.length),
    gross: new Float64Array(creators),
    fee: new Float64Array(creators),
  };
  const { asked, allocated, gross, fee } = result;
  const order = bySubscriber(subscriber, funds.length);
  for (let start = 0, end = 0; start < order.length; start = end) {
    const who = subscriber[order[start] as number] as number;
    let total = 0;
    for (end = start; end < order.length && subscriber[order[end] as number] === who; end += 1) {
      total += amount[order[end] as number] as number;
    }
    asked[who] = total;
    const available = funds[who] as number;
    if (total <= available) {
      allocated[who] = total;
      for (let at = start; at < end; at += 1) {
        const wish = order[at] as number;
        gross[creator[wish] as number] = (gross[creator[wish] as number] as number) + (amount[wish] as number);
      }
    } else {
      allocated[who] = available;
      const group = order.subarray(start, end);
      const shares = split(available, total, group, wishes);
      for (let at = 0; at < group.length; at += 1) {
        const to = creator[group[at] as number] as number;
        gross[to] = (gross[to] as number) + (shares[at] as number);
      }
    }
  }
  for (let one = 0; one < creators; one += 1) fee[one] = feeOf(gross[one] as number, feeBps);
  return result;
}

/** The wishes with those of one subscriber side by side, otherwise in their own order. */
function bySubscriber(subscriber: Int32Array, subscribers: number): Int32Array {
  const next = new Int32Array(subscribers + 1);
  for (let wish = 0; wish < subscriber.length; wish += 1) {
    const after = (subscriber[wish] as number) + 1;
    next[after] = (next[after] as number) + 1;
  }
  for (let one = 1; one <= subscribers; one += 1) next[one] = (next[one] as number) + (next[one - 1] as number);
  const order = new Int32Array(subscriber.length);
  for (let wish = 0; wish < subscriber.length; wish += 1) {
    const who = subscriber[wish] as number;
    order[next[who] as number] = wish;
    next[who] = (next[who] as number) + 1;
  }
  return order;
}

/** Largest remainder, as `splitLargestRemainder`, which takes over where a product would not be exact. */
function split(available: number, total: number, group: Int32Array, { amount, idOf }: WishColumns): number[] {
  if (available * total > Number.MAX_SAFE_INTEGER) {
    const shares = Array.from(group, (wish) => ({ id: idOf(wish), weight: BigInt(amount[wish] as number) }));
    return splitLargestRemainder(BigInt(available), shares).map(Number);
  }
  const shares: number[] = [];
  const rests: number[] = [];
  let left = available;
  for (let at = 0; at < group.length; at += 1) {
    const product = available * (amount[group[at] as number] as number);
    const rest = product % total;
    const floor = (product - rest) / total;
    shares.push(floor);
    rests.push(rest);
    left -= floor;
  }
  if (left === 0) return shares;
  const largestFirst = rests.map((_, at) => at);
  largestFirst.sort(
    (a, b) =>
      (rests[b] as number) - (rests[a] as number) || byBytes(idOf(group[a] as number), idOf(group[b] as number)),
  );
  for (let at = 0; at < left; at += 1) {
    const winner = largestFirst[at] as number;
    shares[winner] = (shares[winner] as number) + 1;
  }
  return shares;
}

function feeOf(gross: number, bps: number): number {
  if (gross * 10_000 > Number.MAX_SAFE_INTEGER - 5_000) return Number(platformFee(BigInt(gross), bps));
  const product = gross * bps + 5_000;
  return (product - (product % 10_000)) / 10_000;
}
