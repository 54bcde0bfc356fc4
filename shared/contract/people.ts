import { z } from 'zod';
import { channel, currencyCode, done, id, instant, minor, nothing, pageOf, pageRequest, periodText } from './channel';

export const creatorRow = z.strictObject({
  creatorId: id,
  displayName: z.string(),
  email: z.string(),
  stripeAccount: z.string(),
  holdReason: z.string(),
  currency: currencyCode,
  /** What the ledger owes the creator, closed and calculated periods. */
  owed: minor,
  /** Net earned so far in the open period. */
  accruing: minor,
  /** Posted by Coffer; not what was paid before it took over. */
  lifetimePaid: minor,
});
export type CreatorRow = z.infer<typeof creatorRow>;

export const earningRow = z.strictObject({
  period: periodText,
  currency: currencyCode,
  gross: minor,
  fee: minor,
  net: minor,
  opening: minor,
  payable: minor,
  paid: minor,
  owedAfter: minor,
  disposition: z.string(),
  reason: z.string(),
  provisional: z.boolean(),
});
export type EarningRow = z.infer<typeof earningRow>;

export const allocationTrail = z.strictObject({
  allocationId: id,
  period: periodText,
  subscriberId: z.string(),
  subscriberName: z.string(),
  creatorId: z.string(),
  creatorName: z.string(),
  currency: currencyCode,
  wanted: minor,
  funded: minor,
  unfunded: minor,
  status: z.string(),
  updatedAt: instant,
});
export type AllocationTrail = z.infer<typeof allocationTrail>;

export const creatorStatement = z.strictObject({
  creatorId: id,
  displayName: z.string(),
  email: z.string(),
  stripeAccount: z.string(),
  holdReason: z.string(),
  earnings: z.array(earningRow).max(500),
  allocations: z.array(allocationTrail).max(500),
  allocationCount: z.int(),
  payouts: z
    .array(
      z.strictObject({
        intentId: id,
        period: periodText,
        currency: currencyCode,
        amount: minor,
        status: z.string(),
        stripeObject: z.string().nullable(),
        settledAt: instant.nullable(),
      }),
    )
    .max(500),
});
export type CreatorStatement = z.infer<typeof creatorStatement>;

/**
 * What the replaced earnings endpoint answered: pending, available, paid, held and unfunded, per currency; and the same by month and
 * by subscriber. `paid` and `lifetime` (net) are of the months that Coffer calculated, not of what came before. Sources beyond the largest 500 are counted, not listed.
 */
export const earningsForUser = z.strictObject({
  creatorId: id,
  email: z.string(),
  displayName: z.string(),
  currencies: z.array(
    z.strictObject({
      currency: currencyCode,
      pending: minor,
      available: minor,
      paid: minor,
      held: minor,
      unfunded: minor,
      lifetime: minor,
    }),
  ),
  months: z
    .array(
      z.strictObject({
        period: periodText,
        currency: currencyCode,
        gross: minor,
        fee: minor,
        net: minor,
        paid: minor,
        unfunded: minor,
        /** Not calculated yet: pending. */
        provisional: z.boolean(),
      }),
    )
    .max(1_000),
  sources: z
    .array(
      z.strictObject({
        subscriberId: z.string(),
        displayName: z.string(),
        currency: currencyCode,
        funded: minor,
        unfunded: minor,
      }),
    )
    .max(500),
  sourceCount: z.int(),
});
export type EarningsForUser = z.infer<typeof earningsForUser>;

export const subscriberRow = z.strictObject({
  subscriberId: id,
  displayName: z.string(),
  period: periodText,
  currency: currencyCode,
  funds: minor,
  allocated: minor,
  unfunded: minor,
  unallocated: minor,
  usageBand: z.enum(['low', 'medium', 'high']),
  /** True once use it or lose it has lapsed the unallocated amount. */
  lapsed: z.boolean(),
});
export type SubscriberRow = z.infer<typeof subscriberRow>;

export const subscriberStatement = z.strictObject({
  subscriberId: id,
  displayName: z.string(),
  payments: z
    .array(
      z.strictObject({
        paymentId: id,
        period: periodText,
        currency: currencyCode,
        amount: minor,
        refunded: minor,
        status: z.string(),
        paidAt: instant,
      }),
    )
    .max(500),
  allocations: z.array(allocationTrail).max(500),
});
export type SubscriberStatement = z.infer<typeof subscriberStatement>;

export const suspenseRow = z.strictObject({
  period: periodText,
  creatorId: z.string(),
  currency: currencyCode,
  amount: minor,
  allocations: z.int(),
  /** The month whose month end has begun: it has to be closed before this can be resolved. */
  waitsFor: periodText.nullable(),
});

export const peopleChannels = {
  'creators.list': channel(pageRequest.extend({ onlyHeld: z.boolean().optional() }), pageOf(creatorRow)),
  'creators.statement': channel(z.strictObject({ creatorId: id }), creatorStatement),
  'creators.suspense': channel(z.undefined(), z.array(suspenseRow).max(500)),
  /** Gives what is kept for an unknown id to a known creator, or (null) to revenue. Refused once the open month is locked. */
  'creators.resolveSuspense': channel(
    z.strictObject({
      creatorId: id,
      currency: currencyCode,
      assignTo: id.nullable(),
      reason: z.string().trim().min(3).max(500),
    }),
    done,
  ),
  /** Opens a save dialog; null when cancelled. */
  'creators.saveStatement': channel(
    z.strictObject({ creatorId: id, format: z.enum(['csv', 'pdf']) }),
    z.strictObject({ path: z.string() }).nullable(),
  ),
  /** Opens a folder dialog and writes a PDF for each creator of the month; null when cancelled, fewer files when stopped. */
  'creators.saveStatements': channel(
    z.strictObject({ period: periodText }),
    z.strictObject({ directory: z.string(), files: z.int(), total: z.int() }).nullable(),
  ),
  'creators.stopStatements': channel(nothing, done),
  /** CSV of every calculated month of these creators, by id or e-mail; an empty list is everyone. Null when cancelled. */
  'creators.saveEarnings': channel(
    z.strictObject({ creators: z.array(z.string().trim().min(1).max(200)).max(5_000) }),
    z.strictObject({ path: z.string(), creators: z.int(), rows: z.int() }).nullable(),
  ),
  'earnings.forUser': channel(
    z.union([z.strictObject({ creatorId: id }), z.strictObject({ email: z.string().trim().min(1).max(320) })]),
    earningsForUser,
  ),
  'subscribers.list': channel(
    pageRequest.extend({ period: periodText, onlyHalfUnused: z.boolean().optional() }),
    pageOf(subscriberRow),
  ),
  'subscribers.statement': channel(z.strictObject({ subscriberId: id }), subscriberStatement),
} as const;
