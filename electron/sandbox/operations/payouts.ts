import { refused } from '../http/errors';
import { renderPayout } from '../objects/movements';
import type { PayoutRecord } from '../state/records';
import { emit, emitV2 } from './events';
import { paymentsLine, storageEntry, storageLine } from './ledger-lines';
import type { Work } from './work';

export interface NewPayout {
  readonly amount: bigint;
  readonly currency: string;
  /** The financial account to fund, or `null` for the platform's bank account. */
  readonly financialAccount: string | null;
  readonly description: string | null;
  readonly statementDescriptor: string | null;
  readonly method: string;
  readonly sourceType: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Takes `amount` from the available Payments balance at once; it arrives when the payout settles.
 * Refuses with `balance_insufficient` when not that much is available.
 */
export function createPayout(work: Work, wanted: NewPayout): PayoutRecord {
  const { state, now } = work;
  const { platform } = state;
  if (wanted.financialAccount !== null) {
    if (platform.financial_account_status !== 'open') {
      throw refused(
        undefined,
        `The financial account ${platform.financial_account} is ${platform.financial_account_status} and cannot receive funds.`,
        'payout_method',
      );
    }
    if (!platform.holds_currencies.includes(wanted.currency)) {
      throw refused(
        undefined,
        `The financial account ${platform.financial_account} does not hold ${wanted.currency}.`,
        'currency',
      );
    }
  }
  if (state.balances.get('payments_available', wanted.currency) < wanted.amount) {
    throw refused(
      'balance_insufficient',
      'You have insufficient funds in your Stripe account. One likely reason you have insufficient funds is that your ' +
        'funds are automatically being paid out; try enabling manual payouts by going to ' +
        'https://dashboard.stripe.com/account/payouts.',
    );
  }
  const id = state.newId('po_');
  const toStorage = wanted.financialAccount !== null;
  const movement = paymentsLine(work, {
    type: 'payout',
    amount: -wanted.amount,
    currency: wanted.currency,
    source: id,
    description: wanted.description ?? 'STRIPE PAYOUT',
    against: [{ place: toStorage ? 'storage_inbound' : 'world', amount: wanted.amount }],
  });
  const row: PayoutRecord = {
    id,
    created: now,
    arrival: now + work.settlementDelay,
    amount: wanted.amount,
    currency: wanted.currency,
    automatic: false,
    method: wanted.method,
    source_type: wanted.sourceType,
    status: 'pending',
    destination: toStorage ? null : platform.bank_account,
    payout_method: wanted.financialAccount,
    balance_transaction: movement.id,
    failure_balance_transaction: null,
    failure_code: null,
    failure_message: null,
    description: wanted.description,
    statement_descriptor: wanted.statementDescriptor,
    original_payout: null,
    reversed_by: null,
    received_credit: null,
    due: now + work.settlementDelay,
    fate: work.fate,
    metadata: { ...wanted.metadata },
  };
  save(work, row);
  emit(work, 'payout.created', renderPayout(row));
  return row;
}

/** The next step of a payout that is due: it is paid, fails, or fails after it was paid. */
export function settlePayout(work: Work, row: PayoutRecord): void {
  if (row.status === 'pending') {
    if (row.fate === 'fail') failPayout(work, row, 'could_not_process');
    else payPayout(work, row);
  } else if (row.status === 'paid' && row.fate === 'return') {
    if (canFail(work, row)) failPayout(work, row, 'account_closed');
    else work.state.payouts.put({ ...row, due: null });
  }
}

/** Money that reached Storage can only be taken back while it is still there. */
function canFail(work: Work, row: PayoutRecord): boolean {
  const arrived = row.payout_method !== null && row.status === 'paid';
  return !arrived || work.state.balances.get('storage_available', row.currency) >= row.amount;
}

function payPayout(work: Work, row: PayoutRecord): void {
  const late = row.fate === 'return';
  const paid: PayoutRecord = {
    ...row,
    status: 'paid',
    arrival: work.now,
    due: late ? work.now + work.settlementDelay : null,
    received_credit: row.payout_method === null ? null : receiveInStorage(work, row),
  };
  save(work, paid);
  emit(work, 'payout.paid', renderPayout(paid), { status: 'pending' });
}

function receiveInStorage(work: Work, row: PayoutRecord): string {
  const { state, now } = work;
  const id = state.newId('rc_test_');
  state.balances.post(row.currency, [
    { place: 'storage_inbound', amount: -row.amount },
    { place: 'storage_available', amount: row.amount },
  ]);
  state.receivedCredits.put({
    id,
    created: now,
    amount: row.amount,
    currency: row.currency,
    payout: row.id,
    status: 'succeeded',
    succeeded_at: now,
    returned_at: null,
    description: row.description,
  });
  emitV2(work, 'received_credit', 'succeeded', id);
  const line = storageLine(work, {
    category: 'received_credit',
    amount: row.amount,
    currency: row.currency,
    flow_type: 'received_credit',
    flow: id,
    counterparty: 'Stripe Payments balance',
    description: row.description,
    impact: { available: row.amount, inbound: 0n, outbound: 0n },
  });
  // The time between payout and arrival, told as entries that cancel out, so that entries explain every balance.
  if (row.created < now) {
    storageEntry(work, line.id, { available: 0n, inbound: row.amount, outbound: 0n }, row.created);
    storageEntry(work, line.id, { available: 0n, inbound: -row.amount, outbound: 0n }, now);
  }
  return id;
}

const FAILURE_MESSAGES: Readonly<Record<string, string>> = {
  could_not_process: 'The bank could not process this payout.',
  account_closed: 'The bank account has been closed.',
  declined: 'The bank has declined this payout.',
};

/**
 * Gives the money back to Payments with a `payout_failure` line. A payout that already reached Storage can only fail
 * while Storage still holds that much.
 */
export function failPayout(work: Work, row: PayoutRecord, code: string): PayoutRecord {
  if (row.status !== 'pending' && row.status !== 'paid') {
    throw refused(undefined, `Payout ${row.id} is ${row.status} and can no longer fail.`);
  }
  const failed = giveBack(work, row, 'failed', 'payout_failure', code);
  emit(work, 'payout.failed', renderPayout(failed), { status: row.status });
  return failed;
}

export function cancelPayout(work: Work, row: PayoutRecord): PayoutRecord {
  if (row.status !== 'pending' || row.automatic) {
    throw refused(
      undefined,
      `Payouts can only be canceled while they are pending. The payout ${row.id} is ${row.status}.`,
    );
  }
  const canceled = giveBack(work, row, 'canceled', 'payout_cancel', null);
  emit(work, 'payout.canceled', renderPayout(canceled), { status: row.status });
  return canceled;
}

function giveBack(
  work: Work,
  row: PayoutRecord,
  status: 'failed' | 'canceled',
  type: string,
  code: string | null,
): PayoutRecord {
  const toStorage = row.payout_method !== null;
  const arrived = toStorage && row.status === 'paid';
  if (!canFail(work, row)) {
    throw refused('balance_insufficient', `Storage no longer holds the amount of payout ${row.id}.`);
  }
  const movement = paymentsLine(work, {
    type,
    category: type === 'payout_failure' ? 'payout_reversal' : type,
    amount: row.amount,
    currency: row.currency,
    source: row.id,
    description: type === 'payout_failure' ? 'STRIPE PAYOUT FAILURE' : 'STRIPE PAYOUT CANCEL',
    against: [{ place: arrived ? 'storage_available' : toStorage ? 'storage_inbound' : 'world', amount: -row.amount }],
  });
  if (arrived && row.received_credit !== null) returnCredit(work, row.received_credit);
  const ended: PayoutRecord = {
    ...row,
    status,
    due: null,
    failure_balance_transaction: movement.id,
    failure_code: code,
    failure_message: code === null ? null : (FAILURE_MESSAGES[code] ?? 'The payout failed.'),
  };
  work.state.payouts.put(ended);
  return ended;
}

function returnCredit(work: Work, id: string): void {
  const credit = work.state.receivedCredits.get(id);
  if (credit === undefined) throw new Error(`Received credit ${id} is missing`);
  work.state.receivedCredits.put({ ...credit, status: 'returned', returned_at: work.now });
  emitV2(work, 'received_credit', 'returned', id);
  storageLine(work, {
    category: 'received_credit_reversal',
    amount: -credit.amount,
    currency: credit.currency,
    flow_type: 'received_credit',
    flow: id,
    counterparty: 'Stripe Payments balance',
    impact: { available: -credit.amount, inbound: 0n, outbound: 0n },
  });
}

/** Debits the bank account again with a payout of the negative amount. Only for paid payouts to a bank account. */
export function reversePayout(work: Work, row: PayoutRecord, metadata: Readonly<Record<string, string>>): PayoutRecord {
  const { state, now } = work;
  if (row.payout_method !== null) {
    throw refused(undefined, `The payout ${row.id} was sent to a financial account and cannot be reversed.`);
  }
  if (row.status !== 'paid') {
    throw refused(undefined, `You can only reverse a paid payout. The payout ${row.id} is ${row.status}.`);
  }
  if (row.reversed_by !== null || row.original_payout !== null) {
    throw refused(undefined, `The payout ${row.id} has already been reversed or is itself a reversal.`);
  }
  const id = state.newId('po_');
  const movement = paymentsLine(work, {
    type: 'payout',
    category: 'payout_reversal',
    amount: row.amount,
    currency: row.currency,
    source: id,
    description: 'STRIPE PAYOUT REVERSAL',
    against: [{ place: 'world', amount: -row.amount }],
  });
  const reversal: PayoutRecord = {
    ...row,
    id,
    created: now,
    arrival: now + work.settlementDelay,
    amount: -row.amount,
    status: 'pending',
    balance_transaction: movement.id,
    original_payout: row.id,
    due: now + work.settlementDelay,
    fate: 'settle',
    metadata: { ...metadata },
  };
  save(work, reversal);
  state.payouts.put({ ...row, reversed_by: id });
  emit(work, 'payout.created', renderPayout(reversal));
  return reversal;
}

function save(work: Work, row: PayoutRecord): void {
  work.state.payouts.put(row);
  if (row.due !== null) work.state.settlements.plan('payout', row.id, row.due);
}
