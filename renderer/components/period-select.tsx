import type { PeriodRow, PeriodState } from '../../shared/contract';
import { allPeriods, type PeriodChoice } from '../state/period-choice';
import { EmptyState } from './empty-state';
import { Failure } from './failure';
import { SelectField } from './field';
import { Panel } from './panel';
import { ScreenLink } from './screen-link';
import { Skeleton } from './skeleton';

const words: Readonly<Record<PeriodState, string>> = {
  open: 'open',
  locked: 'locked',
  calculated: 'earnings calculated',
  lapsed: 'unallocated lapsed',
  funded: 'Storage funded',
  approved: 'approved',
  paying: 'paying',
  paid: 'paid',
  reconciled: 'reconciled',
  closed: 'closed',
};

export interface PeriodSelectProps {
  readonly periods: readonly PeriodRow[];
  /** Nothing is shown before it is known. */
  readonly period: string | undefined;
  readonly onChoose: (period: string) => void;
  readonly withAll?: boolean;
}

/** Chooses a period, each with where its month end stands. */
export function PeriodSelect({ periods, period, onChoose, withAll = false }: PeriodSelectProps) {
  if (period === undefined) return null;
  const known = periods.some((row) => row.period === period) || period === allPeriods;
  return (
    <SelectField
      label="Period"
      hideLabel
      value={period}
      onChange={onChoose}
      options={[
        ...(withAll ? [{ id: allPeriods, label: 'All periods' }] : []),
        ...(known ? [] : [{ id: period, label: period }]),
        ...periods.map((row) => ({ id: row.period, label: `${row.period}, ${words[row.state]}` })),
      ]}
    />
  );
}

/** What stands in the place of a screen that has no period yet: loading, failed, or nothing imported. */
export function NoPeriod({ choice, what }: { readonly choice: PeriodChoice; readonly what: string }) {
  const { query } = choice;
  if (query.error !== undefined) return <Failure failure={query.error} onRetry={query.reload} />;
  if (query.value === undefined) return <Skeleton label="Loading the periods" height={320} />;
  return (
    <Panel>
      <EmptyState title="No period yet">
        Import a folder with creators, subscribers, payments and allocations in{' '}
        <ScreenLink to="balances">Balances</ScreenLink>; then {what} of its month appear here.
      </EmptyState>
    </Panel>
  );
}
