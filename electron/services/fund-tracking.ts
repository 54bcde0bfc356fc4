/**
 * Records what subscribers paid and allocated, derives what is owed to each creator, and says what Storage has to hold.
 * Owed = the ledger's obligations + what the open month has earned so far. Amounts in minor units, per currency.
 */
import { byBytes } from '../../shared/money/split';
import { type CurrencyResult, calculateCurrency } from '../../shared/period/calculation';
import type { Period } from '../../shared/period/period';
import { keptInSuspense, lastEntry, owedToCreators } from '../ledger/ledger';
import type { Queries, Store } from '../store/store';
import { aheadOfBooks } from './ahead-of-books';
import { readOpenPeriod, readSettings } from './settings';

/** Calculates a month from the stored payments and allocations, per currency. The same function for preview and posting. */
export async function calculatePeriod(store: Store, period: Period): Promise<ReadonlyMap<string, CurrencyResult>> {
  const settings = await readSettings(store.db);
  const known = new Set(
    (await store.db.selectFrom('creator').select('creator_id').execute()).map((row) => row.creator_id),
  );
  const openings = new Map<string, Map<string, bigint>>();
  for (const row of await owedToCreators(store.db)) {
    const ofCurrency = openings.get(row.currency) ?? new Map<string, bigint>();
    ofCurrency.set(row.id, row.owed);
    openings.set(row.currency, ofCurrency);
  }
  for (const [currency, creators] of (await aheadOfBooks(store.db, period)).paid) {
    const ofCurrency = openings.get(currency) ?? new Map<string, bigint>();
    for (const [creatorId, amount] of creators) ofCurrency.set(creatorId, (ofCurrency.get(creatorId) ?? 0n) + amount);
    openings.set(currency, ofCurrency);
  }
  const results = new Map<string, CurrencyResult>();
  for (const currency of await currenciesOf(store.db, period, openings.keys())) {
    results.set(
      currency,
      calculateCurrency({
        payments: store.iterate(
          `SELECT subscriber_id AS subscriberId, amount, refunded, status FROM payment WHERE period = ? AND currency = ?`,
          period,
          currency,
        ),
        allocations: store.iterate(
          `SELECT allocation_id AS allocationId, subscriber_id AS subscriberId, creator_id AS creatorId, amount, status
           FROM allocation WHERE period = ? AND currency = ?`,
          period,
          currency,
        ),
        openings: openings.get(currency) ?? new Map(),
        isKnownCreator: (creatorId) => known.has(creatorId),
        feeBps: settings.feeBps,
      }),
    );
  }
  return results;
}

async function currenciesOf(db: Queries, period: Period, more: Iterable<string>): Promise<string[]> {
  const paid = await db.selectFrom('payment').select('currency').distinct().where('period', '=', period).execute();
  const allocated = await db
    .selectFrom('allocation')
    .select('currency')
    .distinct()
    .where('period', '=', period)
    .execute();
  return [...new Set([...paid.map((row) => row.currency), ...allocated.map((row) => row.currency), ...more])].sort();
}

/** The open month while its run has not begun or is in one of `states`; null otherwise. */
export async function openPeriodIn(db: Queries, states: readonly string[]): Promise<Period | null> {
  const open = await readOpenPeriod(db);
  if (open === null) return null;
  const run = await db
    .selectFrom('month_end_run')
    .select('state')
    .where('period', '=', open)
    .where('current', '=', 1n)
    .executeTakeFirst();
  return run === undefined || states.includes(run.state) ? open : null;
}

/** The states of a month whose earnings are not in the ledger yet. */
const ACCRUES = ['open', 'locked'];

export interface Accruing {
  readonly period: Period;
  readonly results: ReadonlyMap<string, CurrencyResult>;
}

const ACCRUING = new WeakMap<Store, { readonly key: string; readonly value: Accruing }>();

/**
 * What the open month has earned so far; null when it is in the ledger already. Calculated once for each state of the data: imports,
 * the fee and the ledger decide it.
 */
export async function accruing(store: Store): Promise<Accruing | null> {
  const { db } = store;
  const period = await openPeriodIn(db, ACCRUES);
  if (period === null) return null;
  const imported = await db
    .selectFrom('data_import')
    .select('import_id')
    .orderBy('at', 'desc')
    .limit(1)
    .executeTakeFirst();
  const { feeBps } = await readSettings(db);
  const key = `${period}|${imported?.import_id ?? ''}|${await lastEntry(db)}|${feeBps}`;
  const known = ACCRUING.get(store);
  if (known?.key === key) return known.value;
  const value = { period, results: await calculatePeriod(store, period) };
  ACCRUING.set(store, { key, value });
  return value;
}

export interface Obligation {
  readonly creatorId: string;
  readonly currency: string;
  /** In the ledger already: earlier months, carried forward, held. */
  readonly opening: bigint;
  /** Net earned in the open month so far. */
  readonly openPeriod: bigint;
  readonly suspense: boolean;
}

/** Who is owed what, by creator id and currency in byte order; suspense is named by the unknown creator's id. */
export async function obligations(store: Store): Promise<readonly Obligation[]> {
  const rows = new Map<string, { -readonly [K in keyof Obligation]: Obligation[K] }>();
  const row = (creatorId: string, currency: string, suspense: boolean) => {
    const key = `${suspense ? 1 : 0}\u0000${creatorId}\u0000${currency}`;
    const known = rows.get(key) ?? { creatorId, currency, opening: 0n, openPeriod: 0n, suspense };
    rows.set(key, known);
    return known;
  };
  for (const owed of await owedToCreators(store.db)) row(owed.id, owed.currency, false).opening += owed.owed;
  for (const kept of await keptInSuspense(store.db)) row(kept.id, kept.currency, true).opening += kept.owed;
  for (const [currency, result] of (await accruing(store))?.results ?? []) {
    for (const creator of result.creators) row(creator.creatorId, currency, false).openPeriod += creator.net;
    for (const [creatorId, amount] of result.suspense) row(creatorId, currency, true).openPeriod += amount;
  }
  return [...rows.values()]
    .filter((one) => one.opening + one.openPeriod !== 0n)
    .sort(
      (a, b) =>
        Number(a.suspense) - Number(b.suspense) || byBytes(a.creatorId, b.creatorId) || byBytes(a.currency, b.currency),
    );
}

/** Σ owed per currency. */
export function totalOwed(rows: readonly Obligation[]): ReadonlyMap<string, bigint> {
  const totals = new Map<string, bigint>();
  for (const one of rows) totals.set(one.currency, (totals.get(one.currency) ?? 0n) + one.opening + one.openPeriod);
  return totals;
}
