/**
 * Which readings of the balances are kept for good, and which are shown in `balances.csv`: by the same rule, so that a month's export
 * has the same bytes before and after the others were dropped. Reasons: docs/decisions/0017-readings-kept-for-good.md.
 */
import type { Selectable } from 'kysely';
import { z } from 'zod';
import type { Schema } from '../../store/schema';
import type { Queries } from '../../store/store';
import type { ServiceContext } from '../context';
import { readSetting, writeSetting } from '../settings';

export type Snapshot = Selectable<Schema['balance_snapshot']>;

const DAY_MS = 86_400_000;
/** Every reading is kept for so long. */
const KEPT_WHOLE_MS = 35 * DAY_MS;
/** Days that one reading may catch up with, so that it never waits long. */
const DAYS_AT_ONCE = 31;
const KEY = 'readings-kept-until';

/**
 * True for a reading of one currency that is kept for good: the money set apart (Storage, what is owed, or how the difference of both
 * is explained) differs from the reading before or after it, or it is the last of its hour (UTC). Of the others only the Payments balance within an hour is lost.
 */
export function isKept(row: Snapshot, before: Snapshot | undefined, after: Snapshot | undefined): boolean {
  if (row.seeded === 1n || before === undefined || after === undefined) return true;
  return row.at.slice(0, 13) !== after.at.slice(0, 13) || apart(row) !== apart(before) || apart(row) !== apart(after);
}

function apart(row: Snapshot): string {
  const { storage_available, storage_inbound, storage_outbound, owed, coverage_bps } = row;
  const { books, accrued, month, unexplained } = row;
  return [
    storage_available,
    storage_inbound,
    storage_outbound,
    owed,
    coverage_bps,
    books,
    accrued,
    month,
    unexplained,
  ].join(' ');
}

/** Readings of one currency from `from` (included) to `to` (excluded), each with the one before and the one after it. */
export async function readingsWithNeighbours(
  db: Queries,
  currency: string,
  from: string,
  to: string,
): Promise<{ readonly row: Snapshot; readonly before: Snapshot | undefined; readonly after: Snapshot | undefined }[]> {
  const of = () => db.selectFrom('balance_snapshot').selectAll().where('currency', '=', currency);
  const within = await of().where('at', '>=', from).where('at', '<', to).orderBy('at').execute();
  const first = await of().where('at', '<', from).orderBy('at', 'desc').limit(1).executeTakeFirst();
  const last = await of().where('at', '>=', to).orderBy('at').limit(1).executeTakeFirst();
  return within.map((row, index) => ({
    row,
    before: within[index - 1] ?? (index === 0 ? first : undefined),
    after: within[index + 1] ?? (index === within.length - 1 ? last : undefined),
  }));
}

/** The last reading up to each close of a month is the last line of its export. */
async function lastOfMonths(db: Queries, currency: string): Promise<ReadonlySet<string>> {
  const closes = await db.selectFrom('month_end_run').select('closed_at').where('closed_at', 'is not', null).execute();
  const kept = new Set<string>();
  for (const { closed_at } of closes) {
    const last = await db
      .selectFrom('balance_snapshot')
      .select(({ fn }) => fn.max('at').as('at'))
      .where('currency', '=', currency)
      .where('seeded', '=', 0n)
      .where('at', '<=', closed_at ?? '')
      .executeTakeFirst();
    if (last?.at) kept.add(last.at);
  }
  return kept;
}

/** Drops readings older than 35 days that are not kept for good, a month of days at most. Returns how many were dropped. */
export async function dropOldReadings(context: ServiceContext): Promise<number> {
  const { db } = context.store;
  const until = startOfDay(context.now().getTime() - KEPT_WHOLE_MS);
  const since = (await readSetting(db, KEY, z.iso.datetime())) ?? (await oldestReading(db));
  if (since === null) return 0;
  let day = startOfDay(new Date(since).getTime());
  if (day >= until) return 0;
  const end = Math.min(until, day + DAYS_AT_ONCE * DAY_MS);
  const currencies = await db.selectFrom('balance_snapshot').select('currency').distinct().execute();
  let dropped = 0;
  for (; day < end; day += DAY_MS) {
    const [from, to] = [day, day + DAY_MS].map((time) => new Date(time).toISOString()) as [string, string];
    await context.store.transaction(async (tx) => {
      for (const { currency } of currencies) {
        const closes = await lastOfMonths(tx, currency);
        const all = await readingsWithNeighbours(tx, currency, from, to);
        const kept = all.filter(({ row, before, after }) => isKept(row, before, after) || closes.has(row.at));
        if (kept.length === all.length) continue;
        const { numDeletedRows } = await tx
          .deleteFrom('balance_snapshot')
          .where('currency', '=', currency)
          .where('at', '>=', from)
          .where('at', '<', to)
          .where(
            'at',
            'not in',
            kept.map(({ row }) => row.at),
          )
          .executeTakeFirst();
        dropped += Number(numDeletedRows);
      }
      await writeSetting(tx, KEY, to);
    });
  }
  return dropped;
}

async function oldestReading(db: Queries): Promise<string | null> {
  const row = await db
    .selectFrom('balance_snapshot')
    .select(({ fn }) => fn.min('at').as('at'))
    .executeTakeFirst();
  return row?.at ?? null;
}

function startOfDay(time: number): number {
  return Math.floor(time / DAY_MS) * DAY_MS;
}

/** The lines of a month's `balances.csv`: real readings from its first day to its close (or now), by the rule above. */
export async function monthReadings(db: Queries, from: string, closedAt: string | null): Promise<Snapshot[]> {
  const currencies = await db
    .selectFrom('balance_snapshot')
    .select('currency')
    .distinct()
    .orderBy('currency')
    .execute();
  const rows: Snapshot[] = [];
  for (const { currency } of currencies) {
    // Up to and with the close: no time of ours sorts between it and this.
    const all = await readingsWithNeighbours(db, currency, from, closedAt === null ? '9999' : `${closedAt}\u0000`);
    const real = all.filter(({ row }) => row.seeded === 0n);
    real.forEach(({ row, before, after }, index) => {
      if (index === real.length - 1 || isKept(row, before, after)) rows.push(row);
    });
  }
  return rows.sort((a, b) => (a.at === b.at ? (a.currency < b.currency ? -1 : 1) : a.at < b.at ? -1 : 1));
}
