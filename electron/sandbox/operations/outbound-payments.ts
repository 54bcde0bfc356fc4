import { refusedV2 } from '../http/errors';
import { payoutMethodsOf } from '../objects/accounts';
import type { AccountRecord, OutboundPaymentRecord } from '../state/records';
import { emitV2 } from './events';
import { moveStorageLine, storageLine } from './ledger-lines';
import type { Work } from './work';

export interface NewOutboundPayment {
  readonly amount: bigint;
  readonly currency: string;
  readonly recipient: AccountRecord;
  readonly payoutMethod: string | null;
  readonly payoutMethodOptions: string | null;
  readonly notification: 'configured' | 'none';
  readonly recipientVerification: string | null;
  readonly statementDescriptor: string | null;
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Moves `amount` from Storage's available to its outbound-pending balance; it leaves when the payment settles.
 * Refusals by type: `financial_account_not_open`, `capability_not_enabled`, `invalid_payout_method`,
 * `feature_not_enabled` (currency not held), `insufficient_funds`.
 */
export function createOutboundPayment(work: Work, wanted: NewOutboundPayment): OutboundPaymentRecord {
  const { state, now } = work;
  const payoutMethod = checkOutboundPayment(work, wanted);
  const id = state.newId('obp_test_');
  state.balances.post(wanted.currency, [
    { place: 'storage_available', amount: -wanted.amount },
    { place: 'storage_outbound', amount: wanted.amount },
  ]);
  const line = storageLine(work, {
    category: 'outbound_payment',
    amount: -wanted.amount,
    currency: wanted.currency,
    flow_type: 'outbound_payment',
    flow: id,
    counterparty: wanted.recipient.display_name,
    description: wanted.description,
    impact: { available: -wanted.amount, inbound: 0n, outbound: wanted.amount },
  });
  const row: OutboundPaymentRecord = {
    id,
    created: now,
    amount: wanted.amount,
    currency: wanted.currency,
    status: 'processing',
    recipient: wanted.recipient.id,
    payout_method: payoutMethod,
    payout_method_options: wanted.payoutMethodOptions,
    notification: wanted.notification,
    recipient_verification: wanted.recipientVerification,
    statement_descriptor: wanted.statementDescriptor ?? 'STRIPE',
    description: wanted.description,
    transaction: line.id,
    posted_at: null,
    failed_at: null,
    returned_at: null,
    canceled_at: null,
    reason: null,
    due: now + work.settlementDelay,
    fate: work.fate,
    metadata: { ...wanted.metadata },
  };
  save(work, row);
  emitV2(work, 'outbound_payment', 'created', id);
  return row;
}

/** Returns the payout method that will be used. */
function checkOutboundPayment(work: Work, wanted: NewOutboundPayment): string {
  const { state } = work;
  const { platform } = state;
  const { recipient } = wanted;
  if (platform.financial_account_status !== 'open') {
    throw refusedV2('financial_account_not_open', `FinancialAccount ${platform.financial_account} is not open.`);
  }
  if (!platform.holds_currencies.includes(wanted.currency)) {
    throw refusedV2(
      'feature_not_enabled',
      `FinancialAccount ${platform.financial_account} does not hold ${wanted.currency}.`,
    );
  }
  const methods = payoutMethodsOf(recipient);
  const usable = methods.filter((method) =>
    method.type === 'card' ? recipient.cards === 'active' : recipient.bank_accounts === 'active',
  );
  if (usable.length === 0) {
    throw refusedV2(
      'capability_not_enabled',
      `Recipient ${recipient.id} does not have an active recipient capability (bank_accounts or cards) to receive outbound payments.`,
    );
  }
  const chosen = wanted.payoutMethod === null ? usable[0] : usable.find((method) => method.id === wanted.payoutMethod);
  if (chosen === undefined) {
    throw refusedV2(
      'invalid_payout_method',
      `Payout method ${wanted.payoutMethod} cannot be used for ${recipient.id}.`,
    );
  }
  if (state.balances.get('storage_available', wanted.currency) < wanted.amount) {
    throw refusedV2(
      'insufficient_funds',
      `FinancialAccount ${platform.financial_account} does not have sufficient available ${wanted.currency} funds for this OutboundPayment.`,
    );
  }
  return chosen.id;
}

/** The next step of an outbound payment that is due: it posts, fails, or comes back after it posted. */
export function settleOutboundPayment(work: Work, row: OutboundPaymentRecord): void {
  if (row.status === 'processing') {
    if (row.fate === 'fail') failOutboundPayment(work, row, 'payout_method_declined');
    else postOutboundPayment(work, row);
  } else if (row.status === 'posted' && row.fate === 'return') {
    returnOutboundPayment(work, row, 'payout_method_closed');
  }
}

function postOutboundPayment(work: Work, row: OutboundPaymentRecord): void {
  const { state, now } = work;
  state.balances.post(row.currency, [
    { place: 'storage_outbound', amount: -row.amount },
    { place: `recipient:${row.recipient}`, amount: row.amount },
  ]);
  moveStorageLine(work, row.transaction, { available: 0n, inbound: 0n, outbound: -row.amount });
  const due = row.fate === 'return' ? now + work.settlementDelay : null;
  save(work, { ...row, status: 'posted', posted_at: now, due });
  emitV2(work, 'outbound_payment', 'posted', row.id);
}

export function failOutboundPayment(work: Work, row: OutboundPaymentRecord, reason: string): OutboundPaymentRecord {
  if (row.status !== 'processing') {
    throw refusedV2('cannot_proceed', `OutboundPayment ${row.id} is ${row.status} and can no longer fail.`);
  }
  return release(work, { ...row, status: 'failed', failed_at: work.now, reason, due: null });
}

export function cancelOutboundPayment(work: Work, row: OutboundPaymentRecord): OutboundPaymentRecord {
  if (row.status === 'canceled') throw refusedV2('already_canceled', `OutboundPayment ${row.id} is already canceled.`);
  if (row.status !== 'processing') {
    throw refusedV2('not_cancelable', `OutboundPayment ${row.id} is ${row.status} and cannot be canceled.`);
  }
  return release(work, { ...row, status: 'canceled', canceled_at: work.now, due: null });
}

function release(work: Work, ended: OutboundPaymentRecord): OutboundPaymentRecord {
  work.state.balances.post(ended.currency, [
    { place: 'storage_outbound', amount: -ended.amount },
    { place: 'storage_available', amount: ended.amount },
  ]);
  moveStorageLine(work, ended.transaction, { available: ended.amount, inbound: 0n, outbound: -ended.amount });
  work.state.outboundPayments.put(ended);
  emitV2(work, 'outbound_payment', ended.status, ended.id);
  return ended;
}

/** A posted payment that the recipient's bank sent back: the money is available again, with a line of its own. */
export function returnOutboundPayment(work: Work, row: OutboundPaymentRecord, reason: string): OutboundPaymentRecord {
  if (row.status !== 'posted') {
    throw refusedV2('cannot_proceed', `OutboundPayment ${row.id} is ${row.status}; only a posted one can be returned.`);
  }
  work.state.balances.post(row.currency, [
    { place: `recipient:${row.recipient}`, amount: -row.amount },
    { place: 'storage_available', amount: row.amount },
  ]);
  storageLine(work, {
    category: 'outbound_payment_reversal',
    amount: row.amount,
    currency: row.currency,
    flow_type: 'outbound_payment',
    flow: row.id,
    description: row.description,
    impact: { available: row.amount, inbound: 0n, outbound: 0n },
  });
  const returned: OutboundPaymentRecord = { ...row, status: 'returned', returned_at: work.now, reason, due: null };
  work.state.outboundPayments.put(returned);
  emitV2(work, 'outbound_payment', 'returned', row.id);
  return returned;
}

function save(work: Work, row: OutboundPaymentRecord): void {
  work.state.outboundPayments.put(row);
  if (row.due !== null) work.state.settlements.plan('outbound_payment', row.id, row.due);
}
