import { toUnixSeconds } from '../clock';
import type {
  BalanceTransactionRecord,
  PayoutRecord,
  PlatformRecord,
  ReversalRecord,
  TopupRecord,
  TransferRecord,
} from '../state/records';
import { toStripeAmount } from './amounts';

export function renderBalanceTransaction(row: BalanceTransactionRecord) {
  const fee = toStripeAmount(row.fee);
  return {
    id: row.id,
    object: 'balance_transaction' as const,
    amount: toStripeAmount(row.amount),
    available_on: toUnixSeconds(row.available_on),
    balance_type: 'payments',
    created: toUnixSeconds(row.created),
    currency: row.currency,
    description: row.description,
    exchange_rate: null,
    fee,
    fee_details:
      row.fee === 0n
        ? []
        : [
            {
              amount: fee,
              application: null,
              currency: row.currency,
              description: 'Stripe processing fees',
              type: 'stripe_fee',
            },
          ],
    net: toStripeAmount(row.amount - row.fee),
    reporting_category: row.reporting_category,
    source: row.source,
    status: row.status,
    type: row.type,
  };
}

export function renderPayout(row: PayoutRecord) {
  return {
    id: row.id,
    object: 'payout' as const,
    amount: toStripeAmount(row.amount),
    application_fee: null,
    application_fee_amount: null,
    arrival_date: toUnixSeconds(row.arrival),
    automatic: row.automatic,
    balance_transaction: row.balance_transaction,
    created: toUnixSeconds(row.created),
    currency: row.currency,
    description: row.description,
    destination: row.destination,
    failure_balance_transaction: row.failure_balance_transaction,
    failure_code: row.failure_code,
    failure_message: row.failure_message,
    livemode: false,
    metadata: row.metadata,
    method: row.method,
    original_payout: row.original_payout,
    payout_method: row.payout_method,
    reconciliation_status: row.automatic ? 'completed' : 'not_applicable',
    reversed_by: row.reversed_by,
    source_type: row.source_type,
    statement_descriptor: row.statement_descriptor,
    status: row.status,
    trace_id: { status: row.status === 'paid' ? 'unsupported' : 'pending', value: null },
    type: 'bank_account',
  };
}

export function renderTransfer(row: TransferRecord, reversals: readonly ReversalRecord[]) {
  const url = `/v1/transfers/${row.id}/reversals`;
  const latest = reversals.slice(-10).reverse();
  return {
    id: row.id,
    object: 'transfer' as const,
    amount: toStripeAmount(row.amount),
    amount_reversed: toStripeAmount(row.reversed),
    balance_transaction: row.balance_transaction,
    created: toUnixSeconds(row.created),
    currency: row.currency,
    description: row.description,
    destination: row.destination,
    destination_payment: row.destination_payment,
    livemode: false,
    metadata: row.metadata,
    reversals: {
      object: 'list' as const,
      data: latest.map(renderReversal),
      has_more: reversals.length > latest.length,
      url,
    },
    reversed: row.reversed === row.amount,
    source_transaction: row.source_transaction,
    source_type: row.source_type,
    transfer_group: row.transfer_group,
  };
}

export function renderReversal(row: ReversalRecord) {
  return {
    id: row.id,
    object: 'transfer_reversal' as const,
    amount: toStripeAmount(row.amount),
    balance_transaction: row.balance_transaction,
    created: toUnixSeconds(row.created),
    currency: row.currency,
    destination_payment_refund: null,
    metadata: row.metadata,
    source_refund: null,
    transfer: row.transfer,
  };
}

export function renderTopup(row: TopupRecord) {
  return {
    id: row.id,
    object: 'topup' as const,
    amount: toStripeAmount(row.amount),
    balance_transaction: row.balance_transaction,
    created: toUnixSeconds(row.created),
    currency: row.currency,
    description: row.description,
    expected_availability_date: toUnixSeconds(row.created),
    failure_code: null,
    failure_message: null,
    initiated_by: null,
    livemode: false,
    metadata: row.metadata,
    source: null,
    statement_descriptor: null,
    status: 'succeeded' as const,
    transfer_group: null,
  };
}

/** The bank account payouts go to when no financial account is named. */
export function renderBankAccount(platform: PlatformRecord) {
  return {
    id: platform.bank_account,
    object: 'bank_account' as const,
    account: platform.account,
    account_holder_name: null,
    account_holder_type: null,
    account_type: null,
    available_payout_methods: ['standard' as const],
    bank_name: 'STRIPE TEST BANK',
    country: 'US',
    currency: 'usd',
    default_for_currency: true,
    fingerprint: `fp_${platform.salt}`,
    future_requirements: null,
    last4: '6789',
    metadata: {},
    requirements: null,
    routing_number: '110000000',
    status: 'new',
  };
}
