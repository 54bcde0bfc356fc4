/** From the months of the revenue view to what the charts draw, and the view in one sentence. */
import type { RevenueMonth } from '../../../shared/contract';
import { percent, spoken } from '../../components';
import { forGeometry } from '../../format/amount';

export interface DrawnMonth {
  readonly period: string;
  readonly allocated: number;
  readonly lapsed: number;
  readonly fee: number;
  /** Null while the month is not closed: what is paid for it is not final. */
  readonly paid: number | null;
  /** Percent; null when nothing was collected. */
  readonly rate: number | null;
  readonly exact: RevenueMonth;
}

const shown = 12;

/** The last twelve months, oldest first, whatever the order they come in. */
export function lastTwelve(months: readonly RevenueMonth[]): readonly RevenueMonth[] {
  return [...months].sort((a, b) => (a.period < b.period ? -1 : 1)).slice(-shown);
}

export function drawnMonths(months: readonly RevenueMonth[], currency: string): readonly DrawnMonth[] {
  return months.map((month) => ({
    period: month.period,
    allocated: forGeometry(month.allocated, currency),
    lapsed: forGeometry(month.lapsed, currency),
    fee: forGeometry(month.fee, currency),
    paid: month.provisional ? null : forGeometry(month.paid, currency),
    rate: month.allocationRateBps === null ? null : month.allocationRateBps / 100,
    exact: month,
  }));
}

export interface RevenueTotals {
  readonly collected: string;
  readonly allocated: string;
  readonly lapsed: string;
  readonly fee: string;
  readonly paid: string;
  readonly adjustments: string;
  readonly revenue: string;
  readonly allocationRateBps: number | null;
}

export function revenueTotals(months: readonly RevenueMonth[]): RevenueTotals {
  const sum = (pick: (month: RevenueMonth) => string): bigint =>
    months.reduce((total, month) => total + BigInt(pick(month)), 0n);
  const collected = sum((month) => month.collected);
  const allocated = sum((month) => month.allocated);
  return {
    collected: String(collected),
    allocated: String(allocated),
    lapsed: String(sum((month) => month.lapsed)),
    fee: String(sum((month) => month.fee)),
    paid: String(sum((month) => month.paid)),
    adjustments: String(sum((month) => month.adjustments)),
    revenue: String(sum((month) => month.revenue)),
    allocationRateBps: collected > 0n ? Number((allocated * 10_000n) / collected) : null,
  };
}

export function revenueSentence(months: readonly RevenueMonth[], currency: string): string {
  const first = months.at(0);
  const last = months.at(-1);
  if (first === undefined || last === undefined) return 'There is no month with payments yet.';
  const totals = revenueTotals(months);
  const span = first.period === last.period ? `In ${first.period}` : `From ${first.period} to ${last.period}`;
  return (
    `${span}, ${spoken(totals.collected, currency)} was collected, of which ${spoken(totals.allocated, currency)} ` +
    `(${percent(totals.allocationRateBps)}) was allocated to creators; the platform earned ` +
    `${spoken(totals.revenue, currency)}.`
  );
}
