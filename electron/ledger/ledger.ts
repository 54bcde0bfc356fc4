/**
 * Double entry. Transactions are appended, balance to zero per currency, and are never edited: a correction is a new one.
 * Amounts are minor units; a positive amount is a debit, a negative one a credit.
 */
import type { Queries } from '../store/store';
import { OWED_PREFIX, prefixEnd, SUSPENSE_PREFIX } from './accounts';

export interface Posting {
  readonly account: string;
  readonly currency: string;
  /** Debit positive, credit negative, minor units. Zero postings are dropped. */
  readonly amount: bigint;
}

export interface LedgerTransaction {
  readonly txId: string;
  readonly at: Date;
  readonly kind: string;
  readonly period: string | null;
  readonly intentId: string | null;
  readonly description: string;
  readonly postings: readonly Posting[];
}

/** A debit of `to` and a credit of `from`. */
export function move(from: string, to: string, currency: string, amount: bigint): Posting[] {
  return [
    { account: to, currency, amount },
    { account: from, currency, amount: -amount },
  ];
}

/** Throws unless debits equal credits in every currency. */
export function assertBalanced(postings: readonly Posting[]): void {
  const totals = new Map<string, bigint>();
  for (const { currency, amount } of postings) totals.set(currency, (totals.get(currency) ?? 0n) + amount);
  for (const [currency, total] of totals) {
    if (total !== 0n) throw new Error(`Unbalanced ledger transaction: ${total} ${currency}`);
  }
}

const ROWS_PER_INSERT = 500;

/** Appends one transaction inside the caller's database transaction. */
export async function post(tx: Queries, transaction: LedgerTransaction): Promise<void> {
  assertBalanced(transaction.postings);
  const postings = transaction.postings.filter((posting) => posting.amount !== 0n);
  if (postings.length === 0) return;
  await tx
    .insertInto('ledger_transaction')
    .values({
      tx_id: transaction.txId,
      at: transaction.at.toISOString(),
      kind: transaction.kind,
      period: transaction.period,
      intent_id: transaction.intentId,
      description: transaction.description,
    })
    .execute();
  for (let start = 0; start < postings.length; start += ROWS_PER_INSERT) {
    await tx
      .insertInto('ledger_entry')
      .values(
        postings.slice(start, start + ROWS_PER_INSERT).map(({ account, currency, amount }) => ({
          tx_id: transaction.txId,
          account,
          currency,
          amount,
        })),
      )
      .execute();
  }
}

/** Debit balance of an account: positive for assets, negative for liabilities and revenue. */
export async function balance(db: Queries, account: string, currency: string): Promise<bigint> {
  const row = await db
    .selectFrom('ledger_balance')
    .select('balance')
    .where('account', '=', account)
    .where('currency', '=', currency)
    .executeTakeFirst();
  return row?.balance ?? 0n;
}

/** The id of the last entry of all; 0 when there is none. Entries are numbered in the order in which they were written. */
export async function lastEntry(db: Queries): Promise<bigint> {
  const row = await db
    .selectFrom('ledger_entry')
    .select(({ fn }) => fn.max<bigint | null>('entry_id').as('last'))
    .executeTakeFirst();
  return row?.last ?? 0n;
}

export interface AccountBalance {
  /** The account's name without its prefix: the creator id. */
  readonly id: string;
  readonly currency: string;
  /** What is owed, positive. */
  readonly owed: bigint;
}

async function liabilities(db: Queries, prefix: string): Promise<AccountBalance[]> {
  const rows = await db
    .selectFrom('ledger_balance')
    .select(['account', 'currency', 'balance'])
    .where('account', '>=', prefix)
    .where('account', '<', prefixEnd(prefix))
    .where('balance', '<>', 0n)
    .orderBy('account')
    .orderBy('currency')
    .execute();
  return rows.map((row) => ({ id: row.account.slice(prefix.length), currency: row.currency, owed: -row.balance }));
}

/** What is owed to each creator, by creator id and currency. */
export function owedToCreators(db: Queries): Promise<AccountBalance[]> {
  return liabilities(db, OWED_PREFIX);
}

/** Σ owed to creators, by currency. Who was paid too much does not lessen what others are owed. */
export async function sumsOwed(db: Queries): Promise<ReadonlyMap<string, bigint>> {
  return new Map((await creatorSums(db, '<')).map((row) => [row.currency, -BigInt(row.total)]));
}

/** Σ that creators were paid beyond what they are owed, by currency: it is counted with what they earn later. */
export async function sumsOverpaid(db: Queries): Promise<ReadonlyMap<string, bigint>> {
  return new Map((await creatorSums(db, '>')).map((row) => [row.currency, BigInt(row.total)]));
}

function creatorSums(db: Queries, sign: '<' | '>') {
  return db
    .selectFrom('ledger_balance')
    .select(({ fn }) => ['currency', fn.sum<bigint>('balance').as('total')])
    .where('account', '>=', OWED_PREFIX)
    .where('account', '<', prefixEnd(OWED_PREFIX))
    .where('balance', sign, 0n)
    .groupBy('currency')
    .execute();
}

/** What is kept for creators nobody knows. */
export function keptInSuspense(db: Queries): Promise<AccountBalance[]> {
  return liabilities(db, SUSPENSE_PREFIX);
}

/** Σ debits − Σ credits per currency over the whole ledger; every figure must be zero. */
export async function trialBalance(db: Queries): Promise<ReadonlyMap<string, bigint>> {
  const rows = await db
    .selectFrom('ledger_balance')
    .select(({ fn }) => ['currency', fn.sum<bigint>('balance').as('total')])
    .groupBy('currency')
    .execute();
  return new Map(rows.map((row) => [row.currency, BigInt(row.total)]));
}
