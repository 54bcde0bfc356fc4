import { toTimestamp } from '../clock';
import type {
  OutboundPaymentRecord,
  ReceivedCreditRecord,
  TransactionEntryRecord,
  TransactionRecord,
} from '../state/records';
import { v2Amount } from './amounts';

/** Banks take about this long; only shown, the sandbox settles after its own delay. */
const EXPECTED_ARRIVAL_MS = 2 * 86_400_000;

function moment<K extends string>(name: K, time: number | null): Partial<Record<K, string>> {
  const named: Partial<Record<K, string>> = {};
  if (time !== null) named[name] = toTimestamp(time);
  return named;
}

export function renderOutboundPayment(row: OutboundPaymentRecord, financialAccount: string) {
  const amount = v2Amount(row.amount, row.currency);
  const options: unknown = row.payout_method_options === null ? undefined : JSON.parse(row.payout_method_options);
  return {
    id: row.id,
    object: 'v2.money_management.outbound_payment' as const,
    amount,
    cancelable: row.status === 'processing',
    created: toTimestamp(row.created),
    ...(row.description === null ? {} : { description: row.description }),
    ...(row.status === 'processing' || row.status === 'posted'
      ? { expected_arrival_date: toTimestamp(row.created + EXPECTED_ARRIVAL_MS) }
      : {}),
    from: { debited: amount, financial_account: financialAccount },
    livemode: false,
    metadata: row.metadata,
    recipient_notification: { setting: row.notification },
    ...(row.recipient_verification === null ? {} : { recipient_verification: row.recipient_verification }),
    statement_descriptor: row.statement_descriptor,
    status: row.status,
    ...statusDetails(row),
    status_transitions: {
      ...moment('canceled_at', row.canceled_at),
      ...moment('failed_at', row.failed_at),
      ...moment('posted_at', row.posted_at),
      ...moment('returned_at', row.returned_at),
    },
    to: {
      credited: amount,
      payout_method: row.payout_method,
      ...(options === undefined ? {} : { payout_method_options: options }),
      recipient: row.recipient,
    },
    tracking_details: trackingDetails(row),
  };
}

function statusDetails(row: OutboundPaymentRecord) {
  if (row.status === 'failed') return { status_details: { failed: { reason: row.reason ?? 'unknown_failure' } } };
  if (row.status === 'returned') return { status_details: { returned: { reason: row.reason ?? 'unknown_failure' } } };
  return {};
}

function trackingDetails(row: OutboundPaymentRecord) {
  const type = row.payout_method.startsWith('card_') ? 'card' : 'bank_account';
  if (row.status !== 'posted' && row.status !== 'returned') return { status: 'pending', type };
  const reference = row.id.slice(-15).toUpperCase();
  return type === 'card'
    ? { card: { retrieval_reference: reference }, status: 'supported', type }
    : { bank_account: { trace_id: reference }, status: 'supported', type };
}

export function renderReceivedCredit(
  row: ReceivedCreditRecord,
  owner: { financialAccount: string; platformAccount: string },
) {
  const amount = v2Amount(row.amount, row.currency);
  return {
    id: row.id,
    object: 'v2.money_management.received_credit' as const,
    amount,
    amount_received: amount,
    balance_transfer: { from_account: owner.platformAccount, payout: row.payout, type: 'payout' },
    created: toTimestamp(row.created),
    ...(row.description === null ? {} : { description: row.description }),
    financial_account: owner.financialAccount,
    livemode: false,
    status: row.status,
    ...(row.status === 'returned' ? { status_details: { returned: { reason: 'originator_initiated_reversal' } } } : {}),
    status_transitions: { ...moment('succeeded_at', row.succeeded_at), ...moment('returned_at', row.returned_at) },
    type: 'balance_transfer',
  };
}

function renderFlow(row: TransactionRecord) {
  switch (row.flow_type) {
    case 'received_credit':
      return { received_credit: row.flow, type: row.flow_type };
    case 'outbound_payment':
      return { outbound_payment: row.flow, type: row.flow_type };
    case 'outbound_transfer':
      return { outbound_transfer: row.flow, type: row.flow_type };
  }
}

function renderImpact(impact: { available: bigint; inbound: bigint; outbound: bigint }, currency: string) {
  return {
    available: v2Amount(impact.available, currency),
    inbound_pending: v2Amount(impact.inbound, currency),
    outbound_pending: v2Amount(impact.outbound, currency),
  };
}

export function renderTransaction(row: TransactionRecord, financialAccount: string) {
  return {
    id: row.id,
    object: 'v2.money_management.transaction' as const,
    amount: v2Amount(row.amount, row.currency),
    balance_impact: renderImpact(row, row.currency),
    category: row.category,
    ...(row.counterparty === null ? {} : { counterparty: { name: row.counterparty } }),
    created: toTimestamp(row.created),
    ...(row.description === null ? {} : { description: row.description }),
    financial_account: financialAccount,
    flow: renderFlow(row),
    livemode: false,
    metadata: row.metadata,
    regulatory_receipt: { status: 'not_applicable' as const },
    status: row.status,
    status_transitions: { ...moment('posted_at', row.posted_at), ...moment('void_at', row.void_at) },
  };
}

export function renderTransactionEntry(
  row: TransactionEntryRecord,
  transaction: TransactionRecord,
  financialAccount: string,
) {
  return {
    id: row.id,
    object: 'v2.money_management.transaction_entry' as const,
    balance_impact: renderImpact(row, transaction.currency),
    created: toTimestamp(row.created),
    effective_at: toTimestamp(row.effective_at),
    livemode: false,
    transaction: row.transaction,
    transaction_details: {
      category: transaction.category,
      financial_account: financialAccount,
      flow: renderFlow(transaction),
    },
  };
}
