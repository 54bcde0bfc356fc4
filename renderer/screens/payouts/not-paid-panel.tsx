import { useState } from 'react';
import type { PayoutDetail, PayoutStatus } from '../../../shared/contract';
import {
  amountsText,
  Button,
  counted,
  Failure,
  Panel,
  PayoutPill,
  ScreenLink,
  SimpleTable,
  Skeleton,
  sumsByCurrency,
} from '../../components';
import { byCause, type Cause, type Scope, useNotPaid } from './not-paid';
import './not-paid-panel.css';
import { RetryDialog } from './retry-dialog';

interface NotPaidPanelProps extends Scope {
  /** The filter of the screen; the panel shows what it lets through. */
  readonly status: PayoutStatus | undefined;
  /** False: the counts say that there is nothing to read. */
  readonly enabled: boolean;
}

/** Payouts that did not arrive, by cause, with what to do next. Nothing at all when there are none. */
export function NotPaidPanel({ period, creatorId, status, enabled }: NotPaidPanelProps) {
  const { value, error, reload } = useNotPaid({ period, creatorId }, enabled);
  if (error !== undefined) return <Failure failure={error} onRetry={() => void reload()} />;
  if (enabled && value === undefined) return <Skeleton label="Loading what was not paid" height={98} />;
  const payouts = value?.payouts.filter((one) => status === undefined || one.status === status) ?? [];
  if (payouts.length === 0) return null;
  return <NotPaidCauses payouts={payouts} further={value?.further ?? 0} period={period} />;
}

interface NotPaidCausesProps {
  readonly payouts: readonly PayoutDetail[];
  /** Payouts of these statuses that were not read. */
  readonly further: number;
  readonly period: string | undefined;
}

/** One row for each cause, with what to do next and a retry of its payouts. */
export function NotPaidCauses({ payouts, further, period }: NotPaidCausesProps) {
  const [retrying, setRetrying] = useState<readonly PayoutDetail[]>();
  const causes = byCause(payouts);
  const retryable = payouts.filter((one) => one.canRetry);
  const onePeriod = new Set(retryable.map((one) => one.period)).size === 1;
  return (
    <Panel
      title={`${counted(payouts.length, 'payout')} not paid: ${amountsText(sumsByCurrency(payouts))}`}
      flush
      actions={
        retryable.length > 0 &&
        (onePeriod ? (
          <Button kind="primary" onPress={() => setRetrying(retryable)}>
            Retry {counted(retryable.length, 'payout')}…
          </Button>
        ) : (
          <span className="muted">Choose a period to retry all of its payouts at once.</span>
        ))
      }
    >
      <div className="not-paid">
        <SimpleTable
          caption="Payouts that were not paid, by cause"
          rows={causes}
          rowKey={(cause) => cause.key}
          columns={[
            { id: 'status', header: 'Status', cell: (cause) => <PayoutPill status={cause.status} /> },
            {
              id: 'reason',
              header: 'Cause',
              cell: (cause) => (cause.reason === '' ? 'No reason given' : cause.reason),
            },
            ...(period === undefined
              ? [
                  {
                    id: 'period',
                    header: 'Period',
                    cell: (cause: Cause) => <span className="not-paid-fixed">{cause.period}</span>,
                  },
                ]
              : []),
            {
              id: 'count',
              header: 'Payouts',
              align: 'end',
              cell: (cause) => cause.payouts.length.toLocaleString('en'),
            },
            {
              id: 'amount',
              header: 'Not paid',
              align: 'end',
              cell: (cause) => <span className="not-paid-fixed">{amountsText(sumsByCurrency(cause.payouts))}</span>,
            },
            { id: 'next', header: 'Next action', cell: (cause) => <NextAction cause={cause} /> },
            // With one cause, the button above retries all of it.
            ...(causes.length === 1 && onePeriod
              ? []
              : [
                  {
                    id: 'retry',
                    header: <span className="visually-hidden">Retry</span>,
                    align: 'end' as const,
                    cell: (cause: Cause) => <RetryCause cause={cause} onRetry={setRetrying} />,
                  },
                ]),
          ]}
        />
      </div>
      {further > 0 && (
        <p className="not-paid-further muted">
          {counted(further, 'more payout')} of these statuses are in the table below; retry these first.
        </p>
      )}
      {retrying !== undefined && <RetryDialog payouts={retrying} onClose={() => setRetrying(undefined)} />}
    </Panel>
  );
}

function NextAction({ cause }: { readonly cause: Cause }) {
  const [first] = cause.payouts;
  return (
    <>
      {cause.nextAction}
      {cause.payouts.length === 1 && first !== undefined && (
        <>
          {' '}
          <ScreenLink to="creators" params={{ creatorId: first.creatorId }}>
            {first.displayName}
          </ScreenLink>
        </>
      )}
    </>
  );
}

interface RetryCauseProps {
  readonly cause: Cause;
  readonly onRetry: (payouts: readonly PayoutDetail[]) => void;
}

function RetryCause({ cause, onRetry }: RetryCauseProps) {
  const retryable = cause.payouts.filter((one) => one.canRetry);
  if (retryable.length === 0) return null;
  return (
    <Button
      kind="quiet"
      label={`Retry ${counted(retryable.length, 'payout')}: ${cause.reason}`}
      onPress={() => onRetry(retryable)}
    >
      Retry {retryable.length.toLocaleString('en')}…
    </Button>
  );
}
