/**
 * What the sandbox remembers. Records are immutable and compact; `objects/` turns them into Stripe's wire format.
 * Times are milliseconds since the Unix epoch, amounts are bigint minor units (decimal strings in the log).
 */
import { z } from 'zod';

const amount = z
  .union([z.bigint(), z.string().regex(/^-?\d+$/)])
  .transform((value) => (typeof value === 'bigint' ? value : BigInt(value)));
const time = z.number().int();
const text = z.string();
const optionalText = z.string().nullable();
export const metadataSchema = z.record(z.string(), z.string());

export const platformSchema = z.object({
  id: text,
  /** Part of every id of this installation, so that two sandboxes never share an id. */
  salt: text,
  created: time,
  clock_offset: z.number().int(),
  /** The platform's own account, its bank account and its financial account. */
  account: text,
  bank_account: text,
  financial_account: text,
  financial_account_status: z.enum(['open', 'pending', 'closed']),
  financial_account_name: text,
  financial_account_metadata: metadataSchema,
  holds_currencies: z.array(text),
  /** Other financial accounts for storage, opened in the dashboard. They can be read; money is modelled in the first only. */
  further_accounts: z.array(
    z.object({ id: text, created: time, name: text, status: z.enum(['closed', 'open', 'pending']) }),
  ),
  payout_interval: z.enum(['manual', 'daily', 'weekly', 'monthly']),
  weekly_payout_days: z.array(text),
  monthly_payout_days: z.array(z.number()),
  /** Rule amounts are minor units as decimal strings. */
  transfer_rules: z.record(
    z.string(),
    z.array(z.object({ payout_method: text, type: text, transfer_up_to_amount: optionalText })),
  ),
  minimum_balances: z.record(z.string(), text),
  statement_descriptor: optionalText,
  debit_negative_balances: z.boolean(),
  delay_days_override: z.number().int().nullable(),
});
export type PlatformRecord = z.infer<typeof platformSchema>;

export const CAPABILITY_STATUSES = ['active', 'pending', 'rejected', 'restricted', 'unsupported'] as const;
/** Why Stripe disabled an account. */
export const DISABLED_REASONS = [
  'action_required.requested_capabilities',
  'listed',
  'other',
  'platform_paused',
  'rejected.fraud',
  'rejected.incomplete_verification',
  'rejected.listed',
  'rejected.other',
  'rejected.platform_fraud',
  'rejected.platform_other',
  'rejected.platform_terms_of_service',
  'rejected.terms_of_service',
  'requirements.past_due',
  'requirements.pending_verification',
  'under_review',
] as const;
export const accountSchema = z.object({
  id: text,
  created: time,
  display_name: optionalText,
  email: optionalText,
  country: text,
  payouts_enabled: z.boolean(),
  /** v1 `capabilities.transfers`. */
  transfers: z.enum(['active', 'inactive', 'pending']),
  /** v2 `configuration.recipient.capabilities`. */
  bank_accounts: z.enum(CAPABILITY_STATUSES),
  cards: z.enum(CAPABILITY_STATUSES),
  currently_due: z.array(text),
  disabled_reason: z.enum(DISABLED_REASONS).nullable(),
  metadata: metadataSchema,
});
export type AccountRecord = z.infer<typeof accountSchema>;

export const balanceTransactionSchema = z.object({
  id: text,
  created: time,
  available_on: time,
  status: z.enum(['pending', 'available']),
  type: text,
  reporting_category: text,
  amount,
  fee: amount,
  currency: text,
  source: optionalText,
  description: optionalText,
});
export type BalanceTransactionRecord = z.infer<typeof balanceTransactionSchema>;

export const chargeSchema = z.object({
  id: text,
  created: time,
  amount,
  refunded: amount,
  currency: text,
  customer: optionalText,
  description: optionalText,
  disputed: z.boolean(),
  balance_transaction: text,
  metadata: metadataSchema,
});
export type ChargeRecord = z.infer<typeof chargeSchema>;

export const refundSchema = z.object({
  id: text,
  created: time,
  amount,
  currency: text,
  charge: text,
  balance_transaction: text,
  reason: optionalText,
  metadata: metadataSchema,
});
export type RefundRecord = z.infer<typeof refundSchema>;

export const disputeSchema = z.object({
  id: text,
  created: time,
  amount,
  currency: text,
  charge: text,
  balance_transaction: text,
  reason: text,
  status: z.enum(['needs_response', 'under_review', 'won', 'lost']),
  metadata: metadataSchema,
});
export type DisputeRecord = z.infer<typeof disputeSchema>;

export const topupSchema = z.object({
  id: text,
  created: time,
  amount,
  currency: text,
  balance_transaction: text,
  description: optionalText,
  metadata: metadataSchema,
});
export type TopupRecord = z.infer<typeof topupSchema>;

/** What becomes of a payout or outbound payment when it settles; chosen by a fault. */
export const fateSchema = z.enum(['settle', 'fail', 'return']);
export type Fate = z.infer<typeof fateSchema>;

export const payoutSchema = z.object({
  id: text,
  created: time,
  arrival: time,
  amount,
  currency: text,
  automatic: z.boolean(),
  method: text,
  source_type: text,
  status: z.enum(['pending', 'paid', 'failed', 'canceled']),
  /** Bank account of the platform, when the payout leaves Stripe. */
  destination: optionalText,
  /** Financial account, when the payout moves money to Storage. */
  payout_method: optionalText,
  balance_transaction: text,
  failure_balance_transaction: optionalText,
  failure_code: optionalText,
  failure_message: optionalText,
  description: optionalText,
  statement_descriptor: optionalText,
  original_payout: optionalText,
  reversed_by: optionalText,
  received_credit: optionalText,
  /** When the next step is due: settlement while pending, the late failure while paid. */
  due: time.nullable(),
  fate: fateSchema,
  metadata: metadataSchema,
});
export type PayoutRecord = z.infer<typeof payoutSchema>;

export const transferSchema = z.object({
  id: text,
  created: time,
  amount,
  reversed: amount,
  currency: text,
  destination: text,
  destination_payment: text,
  balance_transaction: text,
  description: optionalText,
  transfer_group: optionalText,
  source_transaction: optionalText,
  source_type: text,
  metadata: metadataSchema,
});
export type TransferRecord = z.infer<typeof transferSchema>;

export const reversalSchema = z.object({
  id: text,
  created: time,
  amount,
  currency: text,
  transfer: text,
  balance_transaction: text,
  metadata: metadataSchema,
});
export type ReversalRecord = z.infer<typeof reversalSchema>;

export const outboundPaymentSchema = z.object({
  id: text,
  created: time,
  amount,
  currency: text,
  status: z.enum(['processing', 'posted', 'failed', 'returned', 'canceled']),
  recipient: text,
  payout_method: text,
  /** `to.payout_method_options` as it was sent, in JSON. */
  payout_method_options: optionalText,
  notification: z.enum(['configured', 'none']),
  recipient_verification: optionalText,
  statement_descriptor: text,
  description: optionalText,
  transaction: text,
  posted_at: time.nullable(),
  failed_at: time.nullable(),
  returned_at: time.nullable(),
  canceled_at: time.nullable(),
  reason: optionalText,
  due: time.nullable(),
  fate: fateSchema,
  metadata: metadataSchema,
});
export type OutboundPaymentRecord = z.infer<typeof outboundPaymentSchema>;

export const receivedCreditSchema = z.object({
  id: text,
  created: time,
  amount,
  currency: text,
  payout: text,
  status: z.enum(['succeeded', 'returned']),
  succeeded_at: time,
  returned_at: time.nullable(),
  description: optionalText,
});
export type ReceivedCreditRecord = z.infer<typeof receivedCreditSchema>;

export const FLOWS = ['received_credit', 'outbound_payment', 'outbound_transfer'] as const;
export const transactionSchema = z.object({
  id: text,
  created: time,
  category: text,
  amount,
  currency: text,
  flow_type: z.enum(FLOWS),
  flow: text,
  counterparty: optionalText,
  description: optionalText,
  status: z.enum(['pending', 'posted', 'void']),
  posted_at: time.nullable(),
  void_at: time.nullable(),
  available: amount,
  inbound: amount,
  outbound: amount,
  metadata: metadataSchema,
});
export type TransactionRecord = z.infer<typeof transactionSchema>;

export const transactionEntrySchema = z.object({
  id: text,
  created: time,
  effective_at: time,
  transaction: text,
  available: amount,
  inbound: amount,
  outbound: amount,
});
export type TransactionEntryRecord = z.infer<typeof transactionEntrySchema>;

export const eventSchema = z.object({
  id: text,
  created: time,
  type: text,
  /** `data.object` at the time of the event, as JSON. */
  object: text,
  /** `data.previous_attributes`, as JSON. */
  previous: optionalText,
  request: optionalText,
  idempotency_key: optionalText,
});
export type EventRecord = z.infer<typeof eventSchema>;

/** A v2 event is thin: it names the object and carries no copy of it. */
export const eventV2Schema = z.object({
  id: text,
  created: time,
  type: text,
  related: z.object({ id: text, type: text, url: text }),
  /** `data` in JSON, where the type of the event has any. */
  data: optionalText,
  request: optionalText,
  idempotency_key: optionalText,
});
export type EventV2Record = z.infer<typeof eventV2Schema>;

export const idempotencySchema = z.object({
  /** The key as the client chose it; v1 and v2 have tables of their own. */
  id: text,
  created: time,
  fingerprint: text,
  status: z.number().int(),
  body: text,
  request: text,
});
export type IdempotencyRecord = z.infer<typeof idempotencySchema>;

/** What a restricted key may not do, or (`granted`) all it may do. */
export const restrictionSchema = z.object({ id: text, denied: z.array(text), granted: z.array(text).nullable() });
export type RestrictionRecord = z.infer<typeof restrictionSchema>;

export const FAULT_KINDS = [
  'drop_before_execute',
  'drop_after_execute',
  'delay_ms',
  'conflict_409',
  'rate_limit_429',
  'lock_timeout_429',
  'error_500_stored',
  'error_500_not_stored',
  'truncated_body',
  'prune_keys',
  'payout_fail_later',
  'payout_return_later',
  'wrong_livemode',
] as const;
export const faultSchema = z.object({
  id: text,
  kind: z.enum(FAULT_KINDS),
  method: optionalText,
  /** Path prefix, or a regular expression when it starts with `^`. */
  path: optionalText,
  /** First matching request that is hit, counted from 1. */
  nth: z.number().int().positive(),
  /** How many matching requests are hit from there on. */
  times: z.number().int().positive(),
  /** Milliseconds, for `delay_ms`. */
  ms: z.number().int().nonnegative(),
  /** Seconds, for `rate_limit_429`. */
  retry_after: z.number().int().nonnegative(),
  /** For `error_500_stored`: do the work before failing. */
  execute: z.boolean(),
  seen: z.number().int(),
  fired: z.number().int(),
});
export type FaultRecord = z.infer<typeof faultSchema>;
