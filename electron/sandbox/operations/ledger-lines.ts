/** The lines Stripe shows for every movement: balance transactions of Payments, transactions of Storage. */
import type { Leg } from '../state/balances';
import type { BalanceTransactionRecord, TransactionRecord } from '../state/records';
import { emitV2 } from './events';
import type { Work } from './work';

/**
 * A line of the Payments balance. `amount` is gross and signed, `fee` is what Stripe keeps of it, both in minor units.
 * Money with a later `availableOn` counts as pending until then.
 */
export function paymentsLine(
  work: Work,
  line: {
    type: string;
    category?: string;
    amount: bigint;
    fee?: bigint;
    currency: string;
    source: string | null;
    description?: string | null;
    availableOn?: number;
    /** The other side of the movement; must sum to minus the net amount. */
    against: readonly Leg[];
  },
): BalanceTransactionRecord {
  const { state, now } = work;
  const availableOn = Math.max(line.availableOn ?? now, now);
  const fee = line.fee ?? 0n;
  const pending = availableOn > now;
  const row: BalanceTransactionRecord = {
    id: state.newId('txn_'),
    created: now,
    available_on: availableOn,
    status: pending ? 'pending' : 'available',
    type: line.type,
    reporting_category: line.category ?? line.type,
    amount: line.amount,
    fee,
    currency: line.currency,
    source: line.source,
    description: line.description ?? null,
  };
  state.balanceTransactions.put(row);
  state.balances.post(line.currency, [
    { place: pending ? 'payments_pending' : 'payments_available', amount: line.amount - fee },
    ...line.against,
  ]);
  if (pending) state.settlements.plan('balance_transaction', row.id, availableOn);
  return row;
}

export interface Impact {
  readonly available: bigint;
  readonly inbound: bigint;
  readonly outbound: bigint;
}

/** A line of the storage account with its first entry. Posted at once unless some of it is still pending. */
export function storageLine(
  work: Work,
  line: Pick<TransactionRecord, 'category' | 'amount' | 'currency' | 'flow_type' | 'flow'> & {
    counterparty?: string | null;
    description?: string | null;
    impact: Impact;
  },
): TransactionRecord {
  const { impact, counterparty, description, ...rest } = line;
  const pending = impact.inbound !== 0n || impact.outbound !== 0n;
  const row: TransactionRecord = {
    ...rest,
    id: work.state.newId('trxn_test_'),
    created: work.now,
    counterparty: counterparty ?? null,
    description: description ?? null,
    status: pending ? 'pending' : 'posted',
    posted_at: pending ? null : work.now,
    void_at: null,
    ...impact,
    metadata: {},
  };
  work.state.transactions.put(row);
  storageEntry(work, row.id, impact, work.now);
  emitV2(work, 'transaction', 'created', row.id);
  return row;
}

export function storageEntry(work: Work, transaction: string, impact: Impact, effectiveAt: number): void {
  work.state.transactionEntries.put({
    id: work.state.newId('trxne_test_'),
    created: work.now,
    effective_at: effectiveAt,
    transaction,
    ...impact,
  });
}

/** Adds a further entry to a pending line; it becomes posted or void when nothing is pending any more. */
export function moveStorageLine(work: Work, id: string, impact: Impact): void {
  const before = work.state.transactions.get(id);
  if (before === undefined) throw new Error(`Storage transaction ${id} is missing`);
  storageEntry(work, id, impact, work.now);
  const available = before.available + impact.available;
  const inbound = before.inbound + impact.inbound;
  const outbound = before.outbound + impact.outbound;
  const pending = inbound !== 0n || outbound !== 0n;
  const status = pending ? 'pending' : available === 0n ? 'void' : 'posted';
  work.state.transactions.put({
    ...before,
    available,
    inbound,
    outbound,
    status,
    posted_at: status === 'posted' ? work.now : null,
    void_at: status === 'void' ? work.now : null,
  });
  emitV2(work, 'transaction', 'updated', id);
}
