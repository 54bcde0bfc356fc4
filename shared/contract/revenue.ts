import { z } from 'zod';
import { namedAmount } from './balances';
import { channel, currencyCode, done, id, instant, minor, periodText } from './channel';

export const revenueMonth = z.strictObject({
  period: periodText,
  state: z.string(),
  collected: minor,
  allocated: minor,
  /** Basis points of collected; null when nothing was collected. */
  allocationRateBps: z.int().nullable(),
  lapsed: minor,
  fee: minor,
  paid: minor,
  /** Late news and resolved suspense posted to this month; negative when the platform bears more than it gets. */
  adjustments: minor,
  /** fee + lapsed + adjustments. */
  revenue: minor,
  provisional: z.boolean(),
});
export type RevenueMonth = z.infer<typeof revenueMonth>;

/** What the open month would come to. Without Stripe being asked: a refusal of Stripe's is not known to it. */
export const payoutForecast = z.strictObject({
  period: periodText,
  /** Whole days of the month that have passed, and all of them. */
  days: z.int(),
  daysInMonth: z.int(),
  /** If the month closed now: owed to creators, and what of it would be paid, carried forward, held and in suspense. */
  owed: minor,
  pay: minor,
  payCreators: z.int(),
  carried: minor,
  held: minor,
  suspense: minor,
  /** Owed at the end of the month if creators go on earning at the pace of its days so far; null once it has ended, and on its first day. */
  atThisPace: minor.nullable(),
});
export type PayoutForecast = z.infer<typeof payoutForecast>;

export const usageView = z.strictObject({
  period: periodText,
  /** Subscribers by how much of their month they left unallocated: low above half, medium above a quarter, high otherwise. */
  bands: z.array(z.strictObject({ band: z.enum(['low', 'medium', 'high']), subscribers: z.int(), unallocated: minor })),
  halfUnused: z.strictObject({ subscribers: z.int(), unallocated: minor }),
});
export type UsageView = z.infer<typeof usageView>;

export const revenueView = z.strictObject({
  currency: currencyCode,
  currencies: z.array(currencyCode),
  months: z.array(revenueMonth).max(60),
  safeToWithdraw: z.strictObject({ amount: minor, terms: z.array(namedAmount), note: z.string() }),
  /** Null once the open month is calculated: then its plan says it exactly. */
  forecast: payoutForecast.nullable(),
  usage: usageView.nullable(),
});
export type RevenueView = z.infer<typeof revenueView>;

export const withdrawalView = z.strictObject({
  id,
  currency: currencyCode,
  amount: minor,
  /** The month it is written down in. */
  period: periodText,
  /** The arithmetic of what was safe when it was planned. */
  terms: z.array(namedAmount),
  planHash: z.string(),
  plannedBy: z.string(),
  plannedAt: instant,
  approvedBy: z.string().nullable(),
  approvedAt: instant.nullable(),
  /** What is typed to carry it out. */
  confirmation: z.string(),
  state: z.enum([
    'planned',
    'approved',
    'dropped',
    'sending',
    'unknown',
    'processing',
    'posted',
    'failed',
    'returned',
    'canceled',
    'compensated',
  ]),
  stripeObject: z.string().nullable(),
  settledAt: instant.nullable(),
  /** Why it failed or came back; empty otherwise. */
  reason: z.string(),
});
export type WithdrawalView = z.infer<typeof withdrawalView>;

export const revenueChannels = {
  /** Payouts of Payments to the platform's own bank account, newest first. */
  'revenue.withdrawals': channel(z.strictObject({ currency: currencyCode }), z.array(withdrawalView).max(100)),
  'revenue.planWithdrawal': channel(z.strictObject({ currency: currencyCode, amount: minor }), withdrawalView),
  'revenue.approveWithdrawal': channel(z.strictObject({ id, planHash: z.string().max(100) }), withdrawalView),
  'revenue.dropWithdrawal': channel(z.strictObject({ id }), done),
  'revenue.withdraw': channel(z.strictObject({ id, typed: z.string().max(200) }), withdrawalView),
  /** Saves the months as CSV through the file dialog; null when cancelled. */
  'revenue.saveMonths': channel(
    z.strictObject({ currency: currencyCode }),
    z.strictObject({ path: z.string() }).nullable(),
  ),
  'revenue.overview': channel(z.strictObject({ currency: currencyCode.optional() }), revenueView),
} as const;
