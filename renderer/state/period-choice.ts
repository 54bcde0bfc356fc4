import type { PeriodRow } from '../../shared/contract';
import { parsePeriod } from '../../shared/period/period';
import { type Query, useQuery } from './coffer';
import { useScreenParams } from './screen-params';

export const allPeriods = 'all';

export interface PeriodChoice {
  readonly query: Query<readonly PeriodRow[]>;
  /** Newest first. */
  readonly periods: readonly PeriodRow[];
  /** `YYYY-MM`, `all`, or undefined while it is not known. */
  readonly period: string | undefined;
  choose(period: string): void;
}

/** True when money of subscribers, payouts or revenue is recorded in the period. */
function hasData({ collected, paid, revenue }: PeriodRow): boolean {
  return [...collected, ...paid, ...revenue].some(({ amount }) => BigInt(amount) !== 0n);
}

/**
 * The period of a screen: the one in its parameters, else the newest that `preferred` accepts, else the newest of all.
 * With `withAll`, "all" is a choice too, and what a screen starts with when no period is preferred.
 */
export function usePeriodChoice(
  preferred: (row: PeriodRow) => boolean = hasData,
  { withAll = false }: { readonly withAll?: boolean } = {},
): PeriodChoice {
  const [params, change] = useScreenParams();
  const query = useQuery('monthEnd.periods', undefined);
  const periods = [...(query.value ?? [])].sort((a, b) => (a.period < b.period ? 1 : -1));
  const asked = params.period ?? '';
  const usual = periods.find(preferred)?.period ?? (withAll ? allPeriods : periods.at(0)?.period);
  const period =
    parsePeriod(asked) ?? (withAll && asked === allPeriods ? asked : query.value === undefined ? undefined : usual);
  return { query, periods, period, choose: (next) => change({ period: next }) };
}
