/** Bodies of the control interface. Amounts are whole minor units, as a number or a decimal string. */
import { z } from 'zod';
import { isCurrency } from '../../../shared/money/money';
import { CAPABILITY_STATUSES, DISABLED_REASONS, FAULT_KINDS, metadataSchema } from '../state/records';

const wholeAmount = z
  .union([z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER), z.string().regex(/^\d{1,16}$/)])
  .transform((value) => BigInt(value));
const amount = wholeAmount.refine((value) => value > 0n, 'must be more than zero');
const currency = z
  .string()
  .transform((code) => code.toLowerCase())
  .refine(isCurrency, 'unknown currency');
const seconds = z.number().int().nonnegative().max(10_000_000_000);
const id = z.string().min(1).max(255);

export const clockBody = z.strictObject({ advance_seconds: seconds });

export const chargeBody = z.strictObject({
  amount,
  currency,
  customer: id.optional(),
  description: z.string().optional(),
  metadata: metadataSchema.default({}),
  /** Default: two days. */
  available_in_seconds: seconds.default(172_800),
  fee: wholeAmount.default(0n),
});

export const refundBody = z.strictObject({
  charge: id,
  amount: amount.optional(),
  reason: z.string().optional(),
  metadata: metadataSchema.default({}),
});

export const disputeBody = z.strictObject({
  charge: id,
  amount: amount.optional(),
  fee: wholeAmount.default(0n),
  reason: z.string().default('general'),
});

export const topupBody = z.strictObject({
  amount,
  currency,
  description: z.string().optional(),
  available_in_seconds: seconds.default(0),
  metadata: metadataSchema.default({}),
});

export const dashboardTransferBody = z.strictObject({
  from: z.enum(['storage', 'payments']),
  to: z.enum(['storage', 'payments']),
  amount,
  currency,
});

export const dashboardPayoutBody = z.strictObject({
  amount,
  currency,
  /** With a connected account: an outbound payment to it. Without: a transfer to an outside bank account. */
  recipient: id.optional(),
  description: z.string().optional(),
});

export const accountBody = z.strictObject({
  id: z.string().regex(/^acct_[A-Za-z0-9_]+$/),
  display_name: z.string().nullable().optional(),
  email: z.string().nullable().optional(),
  country: z.string().length(2).optional(),
  payouts_enabled: z.boolean().optional(),
  transfers: z.enum(['active', 'inactive', 'pending']).optional(),
  bank_accounts: z.enum(CAPABILITY_STATUSES).optional(),
  cards: z.enum(CAPABILITY_STATUSES).optional(),
  currently_due: z.array(z.string()).optional(),
  disabled_reason: z.enum(DISABLED_REASONS).nullable().optional(),
  metadata: metadataSchema.optional(),
});

export const settingsBody = z.strictObject({
  payout_interval: z.enum(['manual', 'daily', 'weekly', 'monthly']).optional(),
  automatic_transfer_rules_by_currency: z
    .record(
      z.string(),
      z.array(
        z.strictObject({
          payout_method: id,
          type: z.enum(['transfer_all', 'transfer_up_to_amount']),
          transfer_up_to_amount: wholeAmount.nullable().default(null),
        }),
      ),
    )
    .optional(),
  minimum_balance_by_currency: z.record(z.string(), wholeAmount).optional(),
  financial_account_status: z.enum(['open', 'pending', 'closed']).optional(),
  holds_currencies: z.array(currency).optional(),
});

export const reasonBody = z.strictObject({ reason: z.string().optional() });
export const payoutFailBody = z.strictObject({ failure_code: z.string().default('could_not_process') });

export const financialAccountBody = z.strictObject({ display_name: z.string().min(1).max(50) });

const permissionName = z.string().regex(/^[a-z0-9_]+$/);

export const permissionBody = z.strictObject({
  key: z.string().regex(/^rk_test_[A-Za-z0-9]{8,}$/, 'must be a restricted test key'),
  /** Stripe's names, such as `rak_payout_write`; the prefix may be left out. An empty list alone lifts all restrictions. */
  denied: z.array(permissionName).default([]),
  /** All the key may do; absent: everything that is not denied. */
  granted: z.array(permissionName).optional(),
});

const pathPattern = z.string().refine((text) => {
  if (!text.startsWith('^')) return true;
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}, 'is not a valid regular expression');

export const faultBody = z.strictObject({
  kind: z.enum(FAULT_KINDS),
  method: z.enum(['GET', 'POST', 'DELETE']).optional(),
  path: pathPattern.optional(),
  nth: z.number().int().positive().default(1),
  times: z.number().int().positive().default(1),
  ms: z.number().int().nonnegative().max(600_000).default(1_000),
  retry_after: z.number().int().nonnegative().default(1),
  execute: z.boolean().default(false),
});
