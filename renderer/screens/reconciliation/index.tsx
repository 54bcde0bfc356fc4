import { useState } from 'react';
import type { ReconciliationRow, ReconciliationSummary } from '../../../shared/contract';
import {
  Banner,
  counted,
  Failure,
  instantText,
  NoPeriod,
  PageHeader,
  PeriodSelect,
  ScreenLink,
  Skeleton,
} from '../../components';
import { useQuery } from '../../state/coffer';
import { screenTitles } from '../../state/navigation';
import { usePeriodChoice } from '../../state/period-choice';
import { useScreenParams } from '../../state/screen-params';
import { LineDrawer } from './line-drawer';
import { LineTable } from './line-table';
import { parseClass, parseOutcome, parseOwner } from './outcome';
import { Proof } from './proof';

/** Every line at Stripe against every entry of the ledger: is it all there, and what explains the rest. */
export default function ReconciliationScreen() {
  const choice = usePeriodChoice();
  const { period } = choice;
  return (
    <>
      <PageHeader
        title={screenTitles.reconciliation}
        subtitle="Every line at Stripe against every line in the ledger."
        filters={<PeriodSelect periods={choice.periods} period={choice.period} onChoose={choice.choose} />}
      />
      {period === undefined ? (
        <NoPeriod choice={choice} what="the lines" />
      ) : (
        <PeriodReconciliation key={period} period={period} />
      )}
    </>
  );
}

function PeriodReconciliation({ period }: { readonly period: string }) {
  const [params, change] = useScreenParams();
  const summary = useQuery('reconciliation.summary', { period });
  const [opened, setOpened] = useState<ReconciliationRow>();
  // A line that another screen leads to.
  const asked = useQuery('reconciliation.get', { lineId: params.line ?? '' }, { enabled: params.line !== undefined });
  const linked = params.line === undefined ? undefined : asked.value?.line;
  const filter = {
    outcome: parseOutcome(params.outcome),
    class: parseClass(params.class),
    owner: parseOwner(params.owner),
  };
  return (
    <>
      {summary.error !== undefined && <Failure failure={summary.error} onRetry={summary.reload} />}
      {summary.loading && <Skeleton label="Loading the proof" height={180} />}
      {summary.value !== undefined && (
        <>
          <State summary={summary.value} />
          <Proof period={period} proof={summary.value.proof} ranAt={summary.value.ranAt} />
        </>
      )}
      <LineTable
        period={period}
        summary={summary.value}
        filter={filter}
        opened={opened}
        onFilter={(next) => change({ ...next })}
        onOpen={setOpened}
      />
      {params.line !== undefined && asked.error !== undefined && (
        <Failure failure={asked.error} onRetry={asked.reload} />
      )}
      <LineDrawer
        period={period}
        line={opened ?? linked}
        onClose={() => {
          setOpened(undefined);
          change({ line: undefined });
        }}
        onResolved={summary.set}
      />
    </>
  );
}

/** The state of the reconciliation in one line, and what to do about it. */
function State({ summary }: { readonly summary: ReconciliationSummary }) {
  const { period, ranAt, counts, proof } = summary;
  const different = proof.filter(({ difference }) => BigInt(difference) !== 0n).length;
  const monthEnd = (
    <ScreenLink to="month-end" params={{ period }}>
      Open the month end of {period}
    </ScreenLink>
  );
  if (ranAt === null) {
    return (
      <Banner tone="information" title={`${period} is not reconciled yet.`} actions={monthEnd}>
        The step Reconcile of the month end compares every line. The lines read so far are below.
      </Banner>
    );
  }
  const when = `Reconciled ${instantText(ranAt)}.`;
  if (different > 0) {
    return (
      <Banner tone="bad" title={`${counted(different, 'balance does', 'balances do')} not add up.`}>
        {when} Opening and lines do not come to the closing. Look for a line that is missing on one side, then run the
        step Reconcile again.
      </Banner>
    );
  }
  if (counts.exception > 0) {
    return (
      <Banner tone="attention" title={`${counted(counts.exception, 'exception')} to explain.`}>
        {when} The period cannot close before each has an explanation. Open one in the table to write it.
      </Banner>
    );
  }
  return (
    <Banner tone="good" title="Everything is matched or explained." actions={monthEnd}>
      {when}
      {counts.timing > 0 && ` ${counted(counts.timing, 'line')} of timing will match by themselves.`}
    </Banner>
  );
}
