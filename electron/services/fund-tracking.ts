/**
 * Records what subscribers paid and allocated, derives what is owed to each creator, and says what Storage has to hold.
 * Owed = the ledger's obligations + what the open month has earned so far. Amounts in minor units, per currency.
 */
import { byBytes } from '../../shared/money/split';
import {
  type AllocationStatus,
  type CurrencyResult,
  CurrencyRows,
  calculateCurrency,
  isAsking,
  isCollected,
  type PaymentStatus,
} from '../../shared/period/calculation';
import type { Period } from '../../shared/period/period';
import { keptInSuspense, lastEntry, owedToCreators } from '../ledger/ledger';
import { columnPages } from '../store/column-pages';
import type { Queries, Store } from '../store/store';
import { aheadOfBooks } from './ahead-of-books';
import { readOpenPeriod, readSettings } from './settings';

/** Calculates a month from the stored payments and allocations, per currency. The same function for preview and posting. */
export async function calculatePeriod(store: Store, period: Period): Promise<ReadonlyMap<string, CurrencyResult>> {
  const settings = await readSettings(store.db);
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
  const { known, currencies } = readMonth(store, period);
  for (const currency of openings.keys()) rowsOf(currencies, currency);
  const results = new Map<string, CurrencyResult>();
  for (const [currency, rows] of [...currencies].sort(([a], [b]) => byBytes(a, b))) {
    results.set(
      currency,
      calculateCurrency({
        rows,
        openings: openings.get(currency) ?? new Map(),
        isKnownCreator: (creatorId) => known.has(creatorId),
        feeBps: settings.feeBps,
      }),
    );
  }
  return results;
}

interface StoredMonth {
  readonly known: ReadonlySet<string>;
  readonly currencies: Map<string, CurrencyRows>;
}

function rowsOf(currencies: Map<string, CurrencyRows>, currency: string): CurrencyRows {
  const known = currencies.get(currency);
  if (known !== undefined) return known;
  const rows = new CurrencyRows();
  currencies.set(currency, rows);
  return rows;
}

/** Creators, payments and allocations of a month, all of one state of the database. */
function readMonth(store: Store, period: Period): StoredMonth {
  const known = new Set<string>();
  const currencies = new Map<string, CurrencyRows>();
  store.exec('SAVEPOINT reading');
  try {
    for (const page of columnPages<{ creator_id: string }>(store, {
      columns: { creator_id: 'creator_id' },
      from: 'creator WHERE true',
      parameters: [],
      key: ['creator_id'],
    })) {
      for (const id of page.creator_id) known.add(id);
    }
    readPayments(store, period, currencies);
    readAllocations(store, period, currencies);
  } finally {
    store.exec('RELEASE reading');
  }
  return { known, currencies };
}

function readPayments(store: Store, period: Period, currencies: Map<string, CurrencyRows>): void {
  for (const page of columnPages<{
    subscriber_id: string;
    payment_id: string;
    currency: string;
    status: PaymentStatus;
    kept: number;
  }>(store, {
    columns: {
      subscriber_id: 'subscriber_id',
      payment_id: 'payment_id',
      currency: 'currency',
      status: 'status',
      kept: 'amount - refunded',
    },
    from: 'payment WHERE period = ?',
    parameters: [period],
    key: ['subscriber_id', 'payment_id'],
  })) {
    const { subscriber_id, currency, status, kept } = page;
    for (let row = 0; row < kept.length; row += 1) {
      const funds = isCollected(status[row] as PaymentStatus) ? (kept[row] as number) : 0;
      rowsOf(currencies, currency[row] as string).addPayment(subscriber_id[row] as string, funds);
    }
  }
}

function readAllocations(store: Store, period: Period, currencies: Map<string, CurrencyRows>): void {
  for (const page of columnPages<{
    subscriber_id: string;
    allocation_id: string;
    creator_id: string;
    currency: string;
    status: AllocationStatus;
    amount: number;
  }>(store, {
    columns: {
      subscriber_id: 'subscriber_id',
      allocation_id: 'allocation_id',
      creator_id: 'creator_id',
      currency: 'currency',
      status: 'status',
      amount: 'amount',
    },
    from: 'allocation WHERE period = ?',
    parameters: [period],
    key: ['subscriber_id', 'allocation_id'],
  })) {
    const { subscriber_id, allocation_id, creator_id, currency, status, amount } = page;
    for (let row = 0; row < amount.length; row += 1) {
      rowsOf(currencies, currency[row] as string).addAllocation(
        allocation_id[row] as string,
        subscriber_id[row] as string,
        creator_id[row] as string,
        isAsking(status[row] as AllocationStatus) ? (amount[row] as number) : 0,
      );
    }
  }
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
