/**
 * Reads and validates a dataset directory in one pass, handing each good row to a sink as it comes: a million allocations
 * are never held in memory. Every problem is reported; whoever imports throws everything away if there is one.
 */
import { createHash } from 'node:crypto';
import { parseCurrency } from '../../../shared/money/money';
import { parsePeriod } from '../../../shared/period/period';
import { type CsvRow, readCsv } from './csv-file';
import { type Policy, readPolicy, readStripeStart, type StripeStart } from './policy-file';
import { ProblemList } from './problems';

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

/** Receives the rows, in the order creators, subscribers, payments, allocations, openings. */
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
const LARGEST_AMOUNT = BigInt(Number.MAX_SAFE_INTEGER);

/** The same text without the piece of the file that it was cut from, which would stay in memory with it. */
function alone(id: string): string {
  return Buffer.from(id, 'utf8').toString('utf8');
}

/** The 30th of February is no day, although it can be parsed as one. */
function isCalendarDay(instant: string): boolean {
  const day = Number(instant.slice(8, 10));
  if (day >= 1 && day <= 28) return true;
  const [year, month] = [Number(instant.slice(0, 4)), Number(instant.slice(5, 7))];
  return day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** Reads cells of one row and reports what is wrong with them. */
class RowReader {
  readonly #file: string;
  readonly #row: CsvRow;
  readonly #problems: ProblemList;
  ok = true;

  constructor(file: string, row: CsvRow, problems: ProblemList) {
    this.#file = file;
    this.#row = row;
    this.#problems = problems;
  }

  report(column: string, message: string): void {
    this.ok = false;
    this.#problems.add(this.#file, this.#row.line, column, message);
  }

  text(column: string): string {
    return this.#row.cell(column);
  }

  id(column: string, seen?: { has(id: string): boolean }): string {
    const value = this.#row.cell(column);
    if (value === '') this.report(column, 'the cell is empty, expected an id');
    else if (value.length > 200) this.report(column, 'the id is too long, expected at most 200 characters');
    else if (seen?.has(value)) this.report(column, `"${value}" is there twice, expected each id once`);
    return value;
  }

  /** Zero when the cell is not an amount; `isAmount` tells the two apart. */
  amount(column: string): bigint {
    const value = this.#row.cell(column);
    if (!/^\d+$/.test(value)) {
      const found = value === '' ? 'the cell is empty' : `"${value}" is not a whole, non-negative number`;
      this.report(column, `${found}, expected an amount in whole minor units`);
      return 0n;
    }
    const amount = BigInt(value);
    if (amount > LARGEST_AMOUNT) this.report(column, `${value} is too large, expected at most ${LARGEST_AMOUNT}`);
    return amount;
  }

  isAmount(column: string): boolean {
    return /^\d+$/.test(this.#row.cell(column));
  }

  currency(): string {
    const value = this.#row.cell('currency');
    const currency = parseCurrency(value);
    if (currency === undefined)
      this.report('currency', `"${value}" is not a known currency, expected an ISO 4217 code`);
    return currency ?? value;
  }

  period(): string {
    const value = this.#row.cell('period');
    if (parsePeriod(value) === undefined) this.report('period', `"${value}" is not a period, expected YYYY-MM`);
    return value;
  }

  oneOf(column: string, allowed: readonly string[]): string {
    const value = this.#row.cell(column);
    if (!allowed.includes(value)) this.report(column, `"${value}" is unknown, expected ${allowed.join(', ')}`);
    return value;
  }

  instant(column: string): string {
    const value = this.#row.cell(column);
    if (!INSTANT.test(value) || Number.isNaN(Date.parse(value)) || !isCalendarDay(value)) {
      this.report(column, `"${value}" is not a time, expected ISO 8601 such as 2026-10-03T10:00:00Z`);
    }
    return value;
  }
}

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
    const known = totals.get(currency) ?? { payments: 0n, allocations: 0n, opening: 0n };
    totals.set(currency, known);
    return known;
  };
  const read = (file: string, columns: readonly string[], onRow: (reader: RowReader) => void) =>
    readCsv(directory, file, columns, problems, notes, (row) => onRow(new RowReader(file, row, problems)));

  /** A file that could not be read must not make every reference to its rows a problem of its own. */
  const wasRead = (count: number, problemsBefore: number): boolean => count > 0 || problems.count === problemsBefore;

  const policy = await readPolicy(directory, problems, notes);
  const stripeStart = await readStripeStart(directory, options.requireStripe, problems);
  const hashes: (string | null)[] = [];

  let before = problems.count;
  const creators = new Set<string>();
  const accounts = new Set<string>();
  let sharedAccounts = 0;
  hashes.push(
    await read('creators.csv', CREATORS, (row) => {
      const creatorId = row.id('creator_id', creators);
      creators.add(alone(creatorId));
      const stripeAccount = row.text('stripe_account');
      if (stripeAccount !== '' && accounts.has(stripeAccount)) sharedAccounts += 1;
      accounts.add(alone(stripeAccount));
      counts.creators += 1;
      if (!row.ok) return;
      sink.creator({
        creatorId,
        displayName: row.text('display_name'),
        email: row.text('email'),
        stripeAccount,
        holdReason: row.text('hold_reason'),
      });
    }),
  );
  if (sharedAccounts > 0)
    notes.push(`creators.csv: ${sharedAccounts} creators share a Stripe account with another one.`);

  const creatorsRead = wasRead(counts.creators, before);

  before = problems.count;
  const subscribers = new Set<string>();
  hashes.push(
    await read('subscribers.csv', SUBSCRIBERS, (row) => {
      const subscriberId = row.id('subscriber_id', subscribers);
      subscribers.add(alone(subscriberId));
      counts.subscribers += 1;
      if (row.ok) sink.subscriber({ subscriberId, displayName: row.text('display_name') });
    }),
  );
  const subscribersRead = wasRead(counts.subscribers, before);
  const subscriberOf = (row: RowReader): string => {
    const subscriberId = row.id('subscriber_id');
    if (subscribersRead && subscriberId !== '' && !subscribers.has(subscriberId)) {
      row.report('subscriber_id', `"${subscriberId}" is not in subscribers.csv, expected a known subscriber`);
    }
    return subscriberId;
  };

  const payments = new Set<string>();
  hashes.push(
    await read('payments.csv', PAYMENTS, (row) => {
      const paymentId = row.id('payment_id', payments);
      payments.add(alone(paymentId));
      const payment = {
        paymentId,
        subscriberId: subscriberOf(row),
        period: row.period(),
        currency: row.currency(),
        amount: row.amount('amount_minor'),
        refunded: row.amount('refunded_minor'),
        status: row.oneOf('status', ['succeeded', 'failed', 'disputed']),
        paidAt: row.instant('paid_at'),
      };
      if (row.isAmount('amount_minor') && row.isAmount('refunded_minor') && payment.refunded > payment.amount) {
        row.report(
          'refunded_minor',
          `${payment.refunded} is more than the amount ${payment.amount}, expected at most that`,
        );
      }
      counts.payments += 1;
      if (!row.ok) return;
      total(payment.currency).payments += payment.amount;
      sink.payment(payment);
    }),
  );
  payments.clear();

  const allocations = new Set<string>();
  const unknownCreators = new Set<string>();
  hashes.push(
    await read('allocations.csv', ALLOCATIONS, (row) => {
      const allocationId = row.id('allocation_id', allocations);
      allocations.add(alone(allocationId));
      const allocation = {
        allocationId,
        subscriberId: subscriberOf(row),
        creatorId: row.id('creator_id'),
        period: row.period(),
        currency: row.currency(),
        amount: row.amount('amount_minor'),
        status: row.oneOf('status', ['active', 'cancelled']),
        updatedAt: row.instant('updated_at'),
      };
      counts.allocations += 1;
      if (creatorsRead && !creators.has(allocation.creatorId)) unknownCreators.add(allocation.creatorId);
      if (!row.ok) return;
      total(allocation.currency).allocations += allocation.amount;
      sink.allocation(allocation);
    }),
  );
  if (unknownCreators.size > 0) {
    notes.push(
      `allocations.csv: ${unknownCreators.size} creator ids are not in creators.csv; what is allocated to them is kept in suspense.`,
    );
  }

  const openings = new Set<string>();
  hashes.push(
    await read('opening.csv', OPENING, (row) => {
      const creatorId = row.id('creator_id');
      const currency = row.currency();
      const owed = row.amount('owed_minor');
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
      sink.opening({ creatorId, currency, owed });
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
