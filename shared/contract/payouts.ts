import { z } from 'zod';
import { channel, currencyCode, done, id, instant, minor, pageOf, pageRequest, periodText } from './channel';

export const payoutStatus = z.enum([
  'planned',
  'sending',
  'unknown',
  'processing',
  'posted',
  'failed',
  'returned',
  'canceled',
  'compensated',
]);
export type PayoutStatus = z.infer<typeof payoutStatus>;

export const payoutRow = z.strictObject({
  intentId: id,
  period: periodText,
  creatorId: z.string(),
  displayName: z.string(),
  currency: currencyCode,
  amount: minor,
  status: payoutStatus,
  reason: z.string(),
  attempts: z.int(),
  stripeAccount: z.string(),
  stripeObject: z.string().nullable(),
  batch: z.string(),
  createdAt: instant,
  settledAt: instant.nullable(),
});
export type PayoutRow = z.infer<typeof payoutRow>;

export const intentEventView = z.strictObject({
  at: instant,
  state: z.string(),
  attempt: z.int(),
  detail: z.string(),
  requestId: z.string().nullable(),
});

export const payoutDetail = payoutRow.extend({
  idempotencyKey: z.string(),
  rail: z.string(),
  events: z.array(intentEventView).max(200),
  ledgerLines: z
    .array(z.strictObject({ at: instant, account: z.string(), debit: minor, credit: minor, description: z.string() }))
    .max(200),
  canRetry: z.boolean(),
  canCancel: z.boolean(),
  nextAction: z.string(),
});
export type PayoutDetail = z.infer<typeof payoutDetail>;

export const payoutsChannels = {
  'payouts.list': channel(
    pageRequest.extend({ period: periodText.optional(), status: payoutStatus.optional(), creatorId: id.optional() }),
    z.strictObject({
      counts: z.array(z.strictObject({ status: payoutStatus, currency: currencyCode, count: z.int(), amount: minor })),
      /** What was to be paid: as the counts, but a payout that was not paid is left out where a later one pays its amount. */
      totals: z.array(z.strictObject({ currency: currencyCode, count: z.int(), amount: minor })),
      page: pageOf(payoutRow),
    }),
  ),
  'payouts.get': channel(z.strictObject({ intentId: id }), payoutDetail),
  /** A new, linked batch for payouts that failed or were returned; refused for anything unknown. */
  /** `typed`: the sum of the payouts and the period, as `confirmationText` writes them. */
  'payouts.retry': channel(
    z.strictObject({ period: periodText, intentIds: z.array(id).min(1).max(500), typed: z.string().max(200) }),
    done,
  ),
  'payouts.cancel': channel(z.strictObject({ intentId: id }), done),
  /** Looks the payout up at Stripe and settles an unknown outcome. */
  'payouts.resolve': channel(z.strictObject({ intentId: id }), payoutDetail),
  'payouts.hold': channel(z.strictObject({ creatorId: id, reason: z.string().trim().min(3).max(200) }), done),
  'payouts.releaseHold': channel(z.strictObject({ creatorId: id, reason: z.string().trim().min(3).max(200) }), done),
} as const;
