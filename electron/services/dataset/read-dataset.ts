/**
 * Reads and validates a dataset directory in one pass, handing each row to a sink as it comes: a million allocations are never held
 * in memory. Every problem is reported; from the first on nothing is handed over, as whoever imports throws everything away.
 */
import { createHash } from 'node:crypto';
import { parseCurrency } from '../../../shared/money/money';
import { parsePeriod } from '../../../shared/period/period';
import { readCsv } from './csv-file';
import { type Policy, readPolicy, readStripeStart, type StripeStart } from './policy-file';
import { ProblemList } from './problems';
import { UniqueIds } from './unique-ids';

export interface CreatorRow {
  readonly creatorId: string;
  readonly displayName: string;
  readonly email: string;
  readonly stripeAccount: string;
  readonly holdReason: string;
}

export interface SubscriberRow {
  readonly subscriberId: string;
  readonly displayName: string;
}

export interface PaymentRow {
  readonly paymentId: string;
  readonly subscriberId: string;
  readonly period: string;
  readonly currency: string;
  readonly amount: bigint;
  readonly refunded: bigint;
  readonly status: string;
  readonly paidAt: string;
}

export interface AllocationRow {
  readonly allocationId: string;
  readonly subscriberId: string;
  readonly creatorId: string;
  readonly period: string;
  readonly currency: string;
  readonly amount: bigint;
  readonly status: string;
  readonly updatedAt: string;
}

export interface OpeningRow {
  readonly creatorId: string;
  readonly currency: string;
  readonly owed: bigint;
}

/** Receives the rows, in the order creators, subscribers, payments, allocations, openings; after the first problem none any more. */
export interface DatasetSink {
  creator(row: CreatorRow): void;
  subscriber(row: SubscriberRow): void;
  payment(row: PaymentRow): void;
  allocation(row: AllocationRow): void;
  opening(row: OpeningRow): void;
}

export interface DatasetReport {
  readonly problems: ProblemList;
  readonly notes: readonly string[];
  readonly counts: Readonly<Record<'creators' | 'subscribers' | 'payments' | 'allocations' | 'openings', number>>;
  /** Per currency, minor units, all periods. */
  readonly totals: ReadonlyMap<string, { payments: bigint; allocations: bigint; opening: bigint }>;
  readonly policy: Policy | null;
  readonly stripeStart: StripeStart | null;
  /** SHA-256 over the hashes of the CSV files. */
  readonly contentHash: string;
}

const CREATORS = ['creator_id', 'display_name', 'email', 'stripe_account', 'hold_reason'] as const;
const SUBSCRIBERS = ['subscriber_id', 'display_name'] as const;
const PAYMENTS = [
  'payment_id',
  'subscriber_id',
  'period',
  'currency',
  'amount_minor',
  'refunded_minor',
  'status',
  'paid_at',
] as const;
const ALLOCATIONS = [
  'allocation_id',
  'subscriber_id',
  'creator_id',
  'period',
  'currency',
  'amount_minor',
  'status',
  'updated_at',
] as const;
const OPENING = ['creator_id', 'currency', 'owed_minor'] as const;

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;
const LONGEST_ID = 200;
/** A text ends there for some functions of SQLite: two ids could become one. */
const NUL = '\0';
const LARGEST_AMOUNT = BigInt(Number.MAX_SAFE_INTEGER);

/** `2026-10-03T10:00:00Z` with a day up to the 28th, as most are: an instant without a further look. */
const COMMON_INSTANT = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;

/** The 30th of February is no day, although it can be parsed as one. */
function isCalendarDay(instant: string): boolean {
  const day = Number(instant.slice(8, 10));
  if (day >= 1 && day <= 28) return true;
  const [year, month] = [Number(instant.slice(0, 4)), Number(instant.slice(5, 7))];
  return day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** Checks the cells of one row after another and reports what is wrong with them. */
class RowChecks {
  readonly #file: string;
  readonly #problems: ProblemList;
  #line = 0;
  /** What most rows have in common is looked at once. */
  #period: string | null = null;
  #currency: { readonly value: string; readonly code: string } | null = null;
  ok = true;

  constructor(file: string, problems: ProblemList) {
    this.#file = file;
    this.#problems = problems;
  }

  begin(line: number): void {
    this.#line = line;
    this.ok = true;
  }

  report(column: string, message: string): void {
    this.ok = false;
    this.#problems.add(this.#file, this.#line, column, message);
  }

  /** True when it is one. */
  id(column: string, value: string): boolean {
    if (value !== '' && value.length <= LONGEST_ID && !value.includes(NUL)) return true;
    if (value === '') this.report(column, 'the cell is empty, expected an id');
    else if (value.includes(NUL)) this.report(column, 'the id has a NUL character, expected none');
    else this.report(column, `the id is too long, expected at most ${LONGEST_ID} characters`);
    return false;
  }

  /** @param seen takes the id in */
  newId(column: string, value: string, seen: UniqueIds): void {
    const isId = this.id(column, value);
    const isNew = seen.add(value);
    if (isId && !isNew) this.report(column, `"${value}" is there twice, expected each id once`);
  }

  /** Null when the cell is not an amount. */
  amountOrNull(column: string, value: string): bigint | null {
    if (!/^\d+$/.test(value)) {
      const found = value === '' ? 'the cell is empty' : `"${value}" is not a whole, non-negative number`;
      this.report(column, `${found}, expected an amount in whole minor units`);
      return null;
    }
    const amount = BigInt(value);
    if (amount > LARGEST_AMOUNT) this.report(column, `${value} is too large, expected at most ${LARGEST_AMOUNT}`);
    return amount;
  }

  amount(column: string, value: string): bigint {
    return this.amountOrNull(column, value) ?? 0n;
  }

  currency(value: string): string {
    if (value === this.#currency?.value) return this.#currency.code;
    const code = parseCurrency(value);
    if (code === undefined) {
      this.report('currency', `"${value}" is not a known currency, expected an ISO 4217 code`);
      return value;
    }
    this.#currency = { value, code };
    return code;
  }

  period(value: string): void {
    if (value === this.#period) return;
    if (parsePeriod(value) === undefined) this.report('period', `"${value}" is not a period, expected YYYY-MM`);
    else this.#period = value;
  }

  oneOf(column: string, value: string, allowed: readonly string[]): void {
    if (!allowed.includes(value)) this.report(column, `"${value}" is unknown, expected ${allowed.join(', ')}`);
  }

  instant(column: string, value: string): void {
    if (COMMON_INSTANT.test(value)) return;
    if (!INSTANT.test(value) || Number.isNaN(Date.parse(value)) || !isCalendarDay(value)) {
      this.report(column, `"${value}" is not a time, expected ISO 8601 such as 2026-10-03T10:00:00Z`);
    }
  }
}

const PAYMENT_STATUSES = ['succeeded', 'failed', 'disputed'];
const ALLOCATION_STATUSES = ['active', 'cancelled'];

/** Reads the directory. `requireStripe`: stripe.json must be there (the embedded Stripe starts from it). */
export async function readDataset(
  directory: string,
  sink: DatasetSink,
  options: { readonly requireStripe: boolean },
): Promise<DatasetReport> {
  const problems = new ProblemList();
  const notes: string[] = [];
  const counts = { creators: 0, subscribers: 0, payments: 0, allocations: 0, openings: 0 };
  const totals = new Map<string, { payments: bigint; allocations: bigint; opening: bigint }>();
  const total = (currency: string) => {
    let known = totals.get(currency);
    if (known === undefined) {
      known = { payments: 0n, allocations: 0n, opening: 0n };
      totals.set(currency, known);
    }
    return known;
  };
  const read = <Columns extends readonly string[]>(
    file: string,
    columns: Columns,
    onRow: (cells: { readonly [Index in keyof Columns]: string }, checks: RowChecks) => void,
  ) => {
    const checks = new RowChecks(file, problems);
    return readCsv(directory, file, columns, problems, notes, (cells, line) => {
      checks.begin(line);
      onRow(cells as { readonly [Index in keyof Columns]: string }, checks);
    });
  };

  const isGood = (): boolean => problems.count === 0;
  /** A file that could not be read must not make every reference to its rows a problem of its own. */
  const wasRead = (count: number, problemsBefore: number): boolean => count > 0 || problems.count === problemsBefore;

  const policy = await readPolicy(directory, problems, notes);
  const stripeStart = await readStripeStart(directory, options.requireStripe, problems);
  const hashes: (string | null)[] = [];

  let before = problems.count;
  const creators = new UniqueIds();
  const accounts = new UniqueIds();
  let sharedAccounts = 0;
  hashes.push(
    await read('creators.csv', CREATORS, ([creatorId, displayName, email, stripeAccount, holdReason], row) => {
      row.newId('creator_id', creatorId, creators);
      if (stripeAccount !== '' && !accounts.add(stripeAccount)) sharedAccounts += 1;
      counts.creators += 1;
      if (row.ok && isGood()) sink.creator({ creatorId, displayName, email, stripeAccount, holdReason });
    }),
  );
  if (sharedAccounts > 0)
    notes.push(`creators.csv: ${sharedAccounts} creators share a Stripe account with another one.`);

  const creatorsRead = wasRead(counts.creators, before);

  before = problems.count;
  const subscribers = new UniqueIds();
  hashes.push(
    await read('subscribers.csv', SUBSCRIBERS, ([subscriberId, displayName], row) => {
      row.newId('subscriber_id', subscriberId, subscribers);
      counts.subscribers += 1;
      if (row.ok && isGood()) sink.subscriber({ subscriberId, displayName });
    }),
  );
  const subscribersRead = wasRead(counts.subscribers, before);
  let latestSubscriber = '';
  const subscriberOf = (row: RowChecks, subscriberId: string): void => {
    // Rows of one subscriber often follow each other.
    if (subscriberId !== '' && subscriberId === latestSubscriber) return;
    const isId = row.id('subscriber_id', subscriberId);
    if (!subscribersRead || subscriberId === '') return;
    if (subscribers.has(subscriberId)) latestSubscriber = isId ? subscriberId : '';
    else row.report('subscriber_id', `"${subscriberId}" is not in subscribers.csv, expected a known subscriber`);
  };

  // In a block of its own: the ids of the payments are not held any longer than they are needed.
  {
    const payments = new UniqueIds();
    hashes.push(
      await read('payments.csv', PAYMENTS, (cells, row) => {
        const [paymentId, subscriberId, period, currency, amountCell, refundedCell, status, paidAt] = cells;
        row.newId('payment_id', paymentId, payments);
        subscriberOf(row, subscriberId);
        row.period(period);
        const code = row.currency(currency);
        const amount = row.amountOrNull('amount_minor', amountCell);
        const refunded = row.amountOrNull('refunded_minor', refundedCell);
        row.oneOf('status', status, PAYMENT_STATUSES);
        row.instant('paid_at', paidAt);
        if (amount !== null && refunded !== null && refunded > amount) {
          row.report('refunded_minor', `${refunded} is more than the amount ${amount}, expected at most that`);
        }
        counts.payments += 1;
        if (!row.ok || amount === null || refunded === null) return;
        total(code).payments += amount;
        if (isGood())
          sink.payment({ paymentId, subscriberId, period, currency: code, amount, refunded, status, paidAt });
      }),
    );
  }

  const allocations = new UniqueIds();
  const unknownCreators = new Set<string>();
  hashes.push(
    await read('allocations.csv', ALLOCATIONS, (cells, row) => {
      const [allocationId, subscriberId, creatorId, period, currency, amountCell, status, updatedAt] = cells;
      row.newId('allocation_id', allocationId, allocations);
      subscriberOf(row, subscriberId);
      row.id('creator_id', creatorId);
      row.period(period);
      const code = row.currency(currency);
      const amount = row.amount('amount_minor', amountCell);
      row.oneOf('status', status, ALLOCATION_STATUSES);
      row.instant('updated_at', updatedAt);
      counts.allocations += 1;
      if (creatorsRead && !creators.has(creatorId)) unknownCreators.add(creatorId);
      if (!row.ok) return;
      total(code).allocations += amount;
      if (isGood())
        sink.allocation({ allocationId, subscriberId, creatorId, period, currency: code, amount, status, updatedAt });
    }),
  );
  if (unknownCreators.size > 0) {
    notes.push(
      `allocations.csv: ${unknownCreators.size} creator ids are not in creators.csv; what is allocated to them is kept in suspense.`,
    );
  }

  const openings = new Set<string>();
  hashes.push(
    await read('opening.csv', OPENING, ([creatorId, currencyCell, owedCell], row) => {
      row.id('creator_id', creatorId);
      const currency = row.currency(currencyCell);
      const owed = row.amount('owed_minor', owedCell);
      if (creatorsRead && creatorId !== '' && !creators.has(creatorId)) {
        row.report('creator_id', `"${creatorId}" is not in creators.csv, expected a known creator`);
      }
      const key = `${creatorId}\u0000${currency}`;
      if (openings.has(key))
        row.report('creator_id', `"${creatorId}" has two ${currency} rows, expected one for each currency`);
      openings.add(key);
      counts.openings += 1;
      if (!row.ok) return;
      total(currency).opening += owed;
      if (isGood()) sink.opening({ creatorId, currency, owed });
    }),
  );

  const contentHash = createHash('sha256').update(hashes.map(String).join('\n')).digest('hex');
  return { problems, notes, counts, totals, policy, stripeStart, contentHash };
}

/** Receives rows and does nothing: for a preview. */
export const NO_SINK: DatasetSink = {
  creator() {},
  subscriber() {},
  payment() {},
  allocation() {},
  opening() {},
};
