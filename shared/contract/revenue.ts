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

export const revenueView = z.strictObject({
  currency: currencyCode,
  currencies: z.array(currencyCode),
  months: z.array(revenueMonth).max(60),
  safeToWithdraw: z.strictObject({ amount: minor, terms: z.array(namedAmount), note: z.string() }),
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
  'revenue.overview': channel(z.strictObject({ currency: currencyCode.optional() }), revenueView),
} as const;
