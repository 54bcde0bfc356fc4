/** What subscribers of a calculated month left unallocated, one by one and in sums. Minor units. */
import type { Selectable } from 'kysely';
import type { UsageBand } from '../../shared/period/calculation';
import type { UsageSums } from '../../shared/period/usage';
import type { Schema } from '../store/schema';
import type { Queries, Store } from '../store/store';
import type { LapsedBand } from './worker/store-jobs';
import { kept, workerOf } from './worker/store-worker';

/** Of each subscriber of a calculated month, by id and currency. */
export function lapsesOf(db: Queries, period: string): Promise<Selectable<Schema['lapse']>[]> {
  return db
    .selectFrom('lapse')
    .selectAll()
    .where('period', '=', period)
    .orderBy('subscriber_id')
    .orderBy('currency')
    .execute();
}

/** By currency and usage band. */
export async function lapsed(store: Store, period: string): Promise<readonly LapsedBand[]> {
  return kept(store, 'lapsed', `${period} ${await store.state('books')}`, async () => {
    const worker = await workerOf(store);
    return worker === null ? lapsedBands(store.db, period) : worker.run('lapsed', { period });
  });
}

export async function lapsedBands(db: Queries, period: string): Promise<readonly LapsedBand[]> {
  const rows = await db
    .selectFrom('lapse')
    .select((eb) => {
      const { fn } = eb;
      // The rule of `isHalfUnused`.
      const half = eb.and([eb('funds', '>', 0n), eb(eb('unallocated', '*', 2n), '>=', eb.ref('funds'))]);
      return [
        'currency',
        'usage_band',
        fn.countAll<bigint>().as('subscribers'),
        fn.sum<bigint>('unallocated').as('unallocated'),
        fn.sum<bigint>(eb.case().when('unallocated', '>', 0n).then(1n).else(0n).end()).as('with_unallocated'),
        fn.sum<bigint>(eb.case().when(half).then(1n).else(0n).end()).as('half'),
        fn.sum<bigint>(eb.case().when(half).then(eb.ref('unallocated')).else(0n).end()).as('half_unallocated'),
      ];
    })
    .where('period', '=', period)
    .groupBy(['currency', 'usage_band'])
    .orderBy('currency')
    .execute();
  return rows.map((row) => ({
    currency: row.currency,
    band: row.usage_band as UsageBand,
    subscribers: Number(row.subscribers),
    unallocated: BigInt(row.unallocated),
    withUnallocated: Number(row.with_unallocated),
    halfUnused: { subscribers: Number(row.half), unallocated: BigInt(row.half_unallocated) },
  }));
}

export interface LapseSummary {
  readonly currency: string;
  readonly subscribers: number;
  readonly halfUnused: number;
  readonly unallocated: bigint;
}

export async function lapseSummary(store: Store, period: string): Promise<LapseSummary[]> {
  const sums = new Map<string, LapseSummary>();
  for (const one of await lapsed(store, period)) {
    const before = sums.get(one.currency) ?? { subscribers: 0, halfUnused: 0, unallocated: 0n };
    sums.set(one.currency, {
      currency: one.currency,
      subscribers: before.subscribers + one.withUnallocated,
      halfUnused: before.halfUnused + one.halfUnused.subscribers,
      unallocated: before.unallocated + one.unallocated,
    });
  }
  return [...sums.values()];
}

export async function lapsedUsage(store: Store, period: string, currency: string): Promise<UsageSums> {
  const rows = (await lapsed(store, period)).filter((one) => one.currency === currency);
  const band = (name: UsageBand) => {
    const one = rows.find((row) => row.band === name);
    return { subscribers: one?.subscribers ?? 0, unallocated: one?.unallocated ?? 0n };
  };
  return {
    bands: { low: band('low'), medium: band('medium'), high: band('high') },
    halfUnused: {
      subscribers: rows.reduce((total, one) => total + one.halfUnused.subscribers, 0),
      unallocated: rows.reduce((total, one) => total + one.halfUnused.unallocated, 0n),
    },
  };
}
