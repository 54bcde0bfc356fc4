/**
 * Records what subscribers paid and allocated, derives what is owed to each creator, and says what Storage has to hold.
 * Owed = the ledger's obligations + what the open month has earned so far. Amounts in minor units, per currency.
 */
import { byBytes } from '../../shared/money/split';
import {
  type AllocationStatus,
  type CreatorResult,
  type CurrencyResult,
  CurrencyRows,
  calculateCurrency,
  isAsking,
  isCollected,
  type PaymentStatus,
  type SubscriberResult,
} from '../../shared/period/calculation';
import type { Period } from '../../shared/period/period';
import { usageSums } from '../../shared/period/usage';
import { keptInSuspense, lastEntry, owedToCreators } from '../ledger/ledger';
import { columnPages } from '../store/column-pages';
import type { Queries, Store } from '../store/store';
import { aheadOfBooks } from './ahead-of-books';
import { readOpenPeriod, readSettings } from './settings';
import { type Kinds, PackedRows, type PackedTable, pack, unpack } from './worker/packed';
import type { Obligation, OwedSum, PackedMonth, PackedMonths, PackedOwed } from './worker/store-jobs';
import { kept, workerOf } from './worker/store-worker';

export type { Obligation } from './worker/store-jobs';

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

export interface MonthSoFar extends Omit<PackedMonth, 'creators'> {
  readonly creators: PackedRows<CreatorResult>;
}

/** A month as far as it is calculated, per currency. */
export async function monthSoFar(store: Store, period: Period): Promise<ReadonlyMap<string, MonthSoFar>> {
  const worker = await workerOf(store);
  return monthsOf(await (worker === null ? packedMonth(store, period) : worker.run('month', { period })));
}

/** The subscribers of a month as far as it is calculated, per currency. */
export async function subscribersOf(
  store: Store,
  period: Period,
): Promise<ReadonlyMap<string, readonly SubscriberResult[]>> {
  const worker = await workerOf(store);
  if (worker === null) {
    return new Map([...(await calculatePeriod(store, period))].map(([code, { subscribers }]) => [code, subscribers]));
  }
  const unpacked = new Map<string, readonly SubscriberResult[]>();
  for (const [code, table] of await worker.run('subscribers', { period })) unpacked.set(code, await unpack(table));
  return unpacked;
}

const SUBSCRIBER: Kinds<SubscriberResult> = {
  subscriberId: 'text',
  funds: 'amount',
  allocated: 'amount',
  unfunded: 'amount',
  unallocated: 'amount',
  usageBand: 'text',
};

/** `subscribersOf` in the worker. */
export async function packedSubscribers(
  store: Store,
  period: Period,
): Promise<ReadonlyMap<string, PackedTable<SubscriberResult>>> {
  const results = await calculatePeriod(store, period);
  return new Map([...results].map(([currency, { subscribers }]) => [currency, pack(subscribers, SUBSCRIBER)]));
}

const CREATOR: Kinds<CreatorResult> = {
  creatorId: 'text',
  gross: 'amount',
  fee: 'amount',
  net: 'amount',
  opening: 'amount',
  payable: 'amount',
};

/** What `monthSoFar` is made of, wherever it is calculated. */
export async function packedMonth(store: Store, period: Period): Promise<PackedMonths> {
  return packMonths(await calculatePeriod(store, period));
}

function packMonths(results: ReadonlyMap<string, CurrencyResult>): PackedMonths {
  return new Map(
    [...results].map(([currency, { creators, suspense, totals, subscribers }]) => [
      currency,
      { creators: pack(creators, CREATOR), suspense, totals, usage: usageSums(subscribers) },
    ]),
  );
}

function monthsOf(packed: PackedMonths): ReadonlyMap<string, MonthSoFar> {
  return new Map([...packed].map(([code, month]) => [code, { ...month, creators: new PackedRows(month.creators) }]));
}

export interface Accruing {
  readonly period: Period;
  readonly results: ReadonlyMap<string, MonthSoFar>;
}

/** What the open month has earned so far; null when it is in the ledger already. */
export async function accruing(store: Store): Promise<Accruing | null> {
  return (await owedNow(store)).accruing;
}

/** Who is owed what, by creator id and currency in byte order; suspense is named by the unknown creator's id. */
export async function obligations(store: Store): Promise<Obligations> {
  return (await owedNow(store)).obligations;
}

export class Obligations extends PackedRows<Obligation> {
  /** By currency. */
  readonly sums: ReadonlyMap<string, OwedSum>;

  constructor(rows: PackedTable<Obligation>, sums: ReadonlyMap<string, OwedSum>) {
    super(rows);
    this.sums = sums;
  }
}

interface OwedNow {
  readonly accruing: Accruing | null;
  readonly obligations: Obligations;
}

/** Made once for each state of the data: imports, the fee and the ledger decide it. */
async function owedNow(store: Store): Promise<OwedNow> {
  const { db } = store;
  const period = await openPeriodIn(db, ACCRUES);
  const imported = await db
    .selectFrom('data_import')
    .select('import_id')
    .orderBy('at', 'desc')
    .limit(1)
    .executeTakeFirst();
  const { feeBps } = await readSettings(db);
  const state = `${period ?? ''}|${imported?.import_id ?? ''}|${await lastEntry(db)}|${feeBps}`;
  return kept(store, 'owed', state, async () => {
    const worker = await workerOf(store);
    const packed = await (worker === null ? packedOwed(store) : worker.run('owed', {}));
    const { accruing: open, obligations: rows, sums } = packed;
    return {
      accruing: open === null ? null : { period: open.period, results: monthsOf(open.results) },
      obligations: new Obligations(rows, sums),
    };
  });
}

const OBLIGATION: Kinds<Obligation> = {
  creatorId: 'text',
  currency: 'text',
  opening: 'amount',
  openPeriod: 'amount',
  suspense: 'flag',
};

/** What `accruing` and `obligations` are made of, wherever it is read. */
export async function packedOwed(store: Store): Promise<PackedOwed> {
  const period = await openPeriodIn(store.db, ACCRUES);
  const open = period === null ? null : { period, results: await calculatePeriod(store, period) };
  const rows = new Map<string, { -readonly [K in keyof Obligation]: Obligation[K] }>();
  const row = (creatorId: string, currency: string, suspense: boolean) => {
    const key = `${suspense ? 1 : 0}\u0000${creatorId}\u0000${currency}`;
    const known = rows.get(key) ?? { creatorId, currency, opening: 0n, openPeriod: 0n, suspense };
    rows.set(key, known);
    return known;
  };
  for (const owed of await owedToCreators(store.db)) row(owed.id, owed.currency, false).opening += owed.owed;
  for (const one of await keptInSuspense(store.db)) row(one.id, one.currency, true).opening += one.owed;
  for (const [currency, result] of open?.results ?? []) {
    for (const creator of result.creators) row(creator.creatorId, currency, false).openPeriod += creator.net;
    for (const [creatorId, amount] of result.suspense) row(creatorId, currency, true).openPeriod += amount;
  }
  const sorted = [...rows.values()]
    .filter((one) => one.opening + one.openPeriod !== 0n)
    .sort(
      (a, b) =>
        Number(a.suspense) - Number(b.suspense) || byBytes(a.creatorId, b.creatorId) || byBytes(a.currency, b.currency),
    );
  return {
    accruing: open === null ? null : { period: open.period, results: packMonths(open.results) },
    obligations: pack(sorted, OBLIGATION),
    sums: owedSums(sorted),
  };
}

function owedSums(rows: readonly Obligation[]): ReadonlyMap<string, OwedSum> {
  const sums = new Map<string, { -readonly [K in keyof OwedSum]: OwedSum[K] }>();
  for (const { currency, opening, openPeriod } of rows) {
    const sum = sums.get(currency) ?? { opening: 0n, openPeriod: 0n };
    sums.set(currency, sum);
    sum.opening += opening;
    sum.openPeriod += openPeriod;
  }
  return sums;
}

/** Σ owed per currency. */
export function totalOwed({ sums }: Obligations): ReadonlyMap<string, bigint> {
  return new Map([...sums].map(([currency, { opening, openPeriod }]) => [currency, opening + openPeriod]));
}
