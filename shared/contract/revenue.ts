import { z } from 'zod';
import { namedAmount } from './balances';
import { channel, currencyCode, minor, periodText } from './channel';

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

export const revenueChannels = {
  'revenue.overview': channel(z.strictObject({ currency: currencyCode.optional() }), revenueView),
} as const;
