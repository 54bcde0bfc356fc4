/** What the open month would come to if it closed now, at its pace, and how much of it subscribers allocated. Minor units, no network. */
import type { PayoutForecast, UsageView } from '../../shared/contract/revenue';
import { isHalfUnused } from '../../shared/period/calculation';
import { periodEnd, periodStart } from '../../shared/period/period';
import type { ServiceContext } from './context';
import { dispositions } from './earnings';
import { accruing } from './fund-tracking';
import { readOpenPeriod } from './settings';

const DAY_MS = 86_400_000;

export async function payoutForecast(context: ServiceContext, currency: string): Promise<PayoutForecast | null> {
  const open = await accruing(context.store);
  const result = open?.results.get(currency);
  if (open === null || result === undefined) return null;
  const start = periodStart(open.period).getTime();
  const end = periodEnd(open.period).getTime();
  const now = context.now().getTime();
  const daysInMonth = Math.round((end - start) / DAY_MS);
  const days = Math.min(daysInMonth, Math.max(0, Math.floor((now - start) / DAY_MS)));
  const payables = result.creators.map(({ creatorId, payable }) => ({ creatorId, currency, payable }));
  const lines = await dispositions(context.store.db, payables, new Map());
  const sum = (disposition: string): bigint =>
    lines.filter((line) => line.disposition === disposition).reduce((total, line) => total + line.payable, 0n);
  const { totals } = result;
  const earned = totals.net + totals.suspense;
  return {
    period: open.period,
    days,
    daysInMonth,
    owed: String(totals.payable + totals.suspense),
    pay: String(sum('paid')),
    payCreators: lines.filter((line) => line.disposition === 'paid').length,
    carried: String(sum('carried')),
    held: String(sum('held')),
    suspense: String(totals.suspense),
    atThisPace: now >= end || days === 0 ? null : String(totals.opening + atPace(earned, days, daysInMonth)),
  };
}

/** What is earned in the whole month at the pace of its first `days`, rounded down. */
export function atPace(earned: bigint, days: number, daysInMonth: number): bigint {
  return (earned * BigInt(daysInMonth)) / BigInt(days);
}

type Band = UsageView['bands'][number]['band'];

/** Subscribers of the open month by usage: as calculated so far, or as they lapsed. Null when it has none in the currency. */
export async function usageOf(context: ServiceContext, currency: string): Promise<UsageView | null> {
  const { db } = context.store;
  const period = await readOpenPeriod(db);
  if (period === null) return null;
  const open = await accruing(context.store);
  const rows =
    open?.results.get(currency)?.subscribers ??
    (
      await db
        .selectFrom('lapse')
        .select(['funds', 'unallocated', 'usage_band'])
        .where('period', '=', period)
        .where('currency', '=', currency)
        .execute()
    ).map((row) => ({ funds: row.funds, unallocated: row.unallocated, usageBand: row.usage_band as Band }));
  if (rows.length === 0) return null;
  const of = (chosen: readonly { readonly unallocated: bigint }[]) => ({
    subscribers: chosen.length,
    unallocated: String(chosen.reduce((total, row) => total + row.unallocated, 0n)),
  });
  return {
    period,
    bands: (['low', 'medium', 'high'] as const).map((band) => ({
      band,
      ...of(rows.filter((row) => row.usageBand === band)),
    })),
    halfUnused: of(rows.filter((row) => isHalfUnused(row.funds, row.unallocated))),
  };
}
