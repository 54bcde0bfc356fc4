/** The calculation of a month in memory, against the same arithmetic in one plain loop over typed arrays. */
import { type AllocationWish, calculateCurrency, type PaymentFunds } from '../../../shared/period/calculation';
import { calculateColumns, type WishColumns } from '../../../shared/period/columns';
import { currencyRows } from '../../month-rows';
import { creatorId, FEE_BPS, subscriberId, subscriptions } from '../generate';
import { bestOfBoth, compared, type Measure, type Sizes } from '../harness';

const CREATORS = 100_000;

export const calculation: Measure = {
  name: 'calculation',
  aims: { 'calculation in memory': { of: 'ratio', most: 2 } },
  held: true,
  async run({ scale }: Sizes) {
    const creators = Math.round(CREATORS * scale);
    const input = inputs(creators);
    const arrays = columns(creators);
    const known = new Set(Array.from({ length: creators }, (_, index) => creatorId(index)));
    const openings = new Map<string, bigint>();
    const ours = () =>
      calculateCurrency({
        rows: currencyRows(input.payments, input.allocations),
        openings,
        isKnownCreator: (id) => known.has(id),
        feeBps: FEE_BPS,
      });
    // Both must come to the same, or the comparison says nothing.
    const { totals } = ours();
    const plain = plainLoop(arrays);
    if (Number(totals.net) !== plain.net || Number(totals.unallocated) !== plain.unallocated) {
      throw new Error(
        `The plain loop came to ${JSON.stringify(plain)}, not to ${totals.net} and ${totals.unallocated}`,
      );
    }
    const wishes = wishColumns(arrays);
    const numbered = () => calculateColumns(arrays.funds, wishes, creators + 1, FEE_BPS);
    const to = 'plain loop over typed arrays';
    const core = await bestOfBoth(9, numbered, () => plainLoop(arrays));
    const rows = await bestOfBoth(5, ours, () => plainLoop(arrays));
    return [
      compared('calculation in memory', core.ours, 'ms', to, core.reference, core.steady),
      compared('calculation from rows with ids', rows.ours, 'ms', to, rows.reference),
    ];
  },
};

/** The rows as they come out of the store, one currency. */
function inputs(creators: number): { payments: PaymentFunds[]; allocations: AllocationWish[] } {
  const payments: PaymentFunds[] = [];
  const allocations: AllocationWish[] = [];
  for (const one of subscriptions(creators)) {
    const subscriber = subscriberId(one.subscriber);
    payments.push({
      subscriberId: subscriber,
      amount: BigInt(one.amount),
      refunded: BigInt(one.refunded),
      status: one.status,
    });
    for (const wish of one.allocations) {
      allocations.push({
        allocationId: `allocation_${String(allocations.length).padStart(8, '0')}`,
        subscriberId: subscriber,
        creatorId: wish.creator < 0 ? 'creator_unknown' : creatorId(wish.creator),
        amount: BigInt(wish.amount),
        status: wish.status,
      });
    }
  }
  return { payments, allocations };
}

interface Columns {
  readonly creators: number;
  readonly funds: Float64Array;
  readonly subscriber: Int32Array;
  readonly creator: Int32Array;
  readonly wanted: Float64Array;
}

/** The same month with everybody numbered; the last creator is the one nobody knows. */
function columns(creators: number): Columns {
  const all = [...subscriptions(creators)];
  const allocations = all.flatMap((one) => one.allocations.map((wish) => ({ ...wish, subscriber: one.subscriber })));
  return {
    creators,
    funds: Float64Array.from(all, (one) => (one.status === 'succeeded' ? one.amount - one.refunded : 0)),
    subscriber: Int32Array.from(allocations, (wish) => wish.subscriber),
    creator: Int32Array.from(allocations, (wish) => (wish.creator < 0 ? creators : wish.creator)),
    wanted: Float64Array.from(allocations, (wish) => (wish.status === 'active' ? wish.amount : 0)),
  };
}

/** As `calculateCurrency` hands them on: without those that ask for nothing. */
function wishColumns({ subscriber, creator, wanted }: Columns): WishColumns {
  const asking = [...wanted.keys()].filter((at) => wanted[at] !== 0);
  return {
    subscriber: Int32Array.from(asking, (at) => subscriber[at] ?? 0),
    creator: Int32Array.from(asking, (at) => creator[at] ?? 0),
    amount: Float64Array.from(asking, (at) => wanted[at] ?? 0),
    idOf: (wish) => `allocation_${String(asking[wish]).padStart(8, '0')}`,
  };
}

/** Allocations of one subscriber stand together, by id. */
function plainLoop({ creators, funds, subscriber, creator, wanted }: Columns): { net: number; unallocated: number } {
  const gross = new Float64Array(creators + 1);
  let unallocated = 0;
  for (let start = 0, end = 0; start < wanted.length; start = end) {
    const who = subscriber[start] ?? 0;
    let total = 0;
    for (end = start; end < wanted.length && subscriber[end] === who; end += 1) total += wanted[end] ?? 0;
    const available = funds[who] ?? 0;
    if (total <= available) {
      for (let at = start; at < end; at += 1) add(gross, creator[at] ?? 0, wanted[at] ?? 0);
      unallocated += available - total;
      continue;
    }
    const remainders: { at: number; remainder: number; floor: number }[] = [];
    let left = available;
    for (let at = start; at < end; at += 1) {
      const exact = available * (wanted[at] ?? 0);
      const floor = Math.floor(exact / total);
      left -= floor;
      remainders.push({ at, remainder: exact - floor * total, floor });
    }
    remainders.sort((a, b) => b.remainder - a.remainder || a.at - b.at);
    for (const { at, floor } of remainders) {
      add(gross, creator[at] ?? 0, left > 0 ? floor + 1 : floor);
      left -= 1;
    }
  }
  let net = 0;
  for (let one = 0; one < creators; one += 1) {
    const earned = gross[one] ?? 0;
    net += earned - Math.floor((earned * FEE_BPS + 5_000) / 10_000);
  }
  return { net, unallocated };
}

function add(sums: Float64Array, index: number, amount: number): void {
  sums[index] = (sums[index] ?? 0) + amount;
}
