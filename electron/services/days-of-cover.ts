/** How long Payments can go on funding what creators earn, at the pace of the open month. Amounts in minor units. */
import { amountText } from '../../shared/money/amount-text';
import type { Currency } from '../../shared/money/money';
import { periodEnd, periodStart } from '../../shared/period/period';
import type { ServiceContext } from './context';
import { accruing } from './fund-tracking';

const DAY_MS = 86_400_000;

/** Whole days that `available` covers at `earned` in `days`; null when nothing is earned. */
export function daysOfCover(available: bigint, earned: bigint, days: number): number | null {
  if (earned <= 0n) return null;
  return available <= 0n ? 0 : Number((available * BigInt(days)) / earned);
}

/** A sentence with a blank before it; empty when the open month has earned nothing. */
export async function coverText(context: ServiceContext, code: Currency, available: bigint): Promise<string> {
  const open = await accruing(context.store);
  const totals = open?.results.get(code)?.totals;
  if (open === null || totals === undefined) return '';
  const start = periodStart(open.period).getTime();
  const until = Math.min(context.now().getTime(), periodEnd(open.period).getTime());
  const days = Math.max(1, Math.round((until - start) / DAY_MS));
  const earned = totals.net + totals.suspense;
  const cover = daysOfCover(available, earned, days);
  if (cover === null) return '';
  const pace = amountText(earned / BigInt(days), code);
  return ` At this month’s pace of ${pace} a day it covers ${cover} ${cover === 1 ? 'day' : 'days'}.`;
}
