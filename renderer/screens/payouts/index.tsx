import { useEffect, useMemo, useRef } from 'react';
import type { PayoutRow, PayoutStatus, PeriodRow } from '../../../shared/contract';
import {
  AmountCell,
  amountsText,
  Button,
  counted,
  dateText,
  EmptyState,
  Failure,
  instantText,
  NoPeriod,
  notPaidStatuses,
  PageHeader,
  Panel,
  PayoutPill,
  PeriodSelect,
  parsePayoutStatus,
  payoutWords,
  plainDecimal,
  ScreenLink,
  Skeleton,
  type Sum,
  shortId,
  sumsByCurrency,
  timeText,
} from '../../components';
import { DataTable, type TableColumn } from '../../components/data-table';
import { call, mapResult, useQuery } from '../../state/coffer';
import { screenTitles } from '../../state/navigation';
import { allPeriods, usePeriodChoice } from '../../state/period-choice';
import { useScreenParams } from '../../state/screen-params';
import { useSession } from '../../state/session';
import { NotPaidPanel } from './not-paid-panel';
import { NotPaidScreen } from './not-paid-screen';
import { PayoutDrawer } from './payout-drawer';
import { type Counts, StatusFilter } from './status-filter';
import { UnknownBanner } from './unknown-banner';

/** Payouts exist from the approval of a period on. */
function hasPayouts({ state, paid }: PeriodRow): boolean {
  return ['paying', 'paid', 'reconciled', 'closed'].includes(state) || paid.some(({ amount }) => BigInt(amount) !== 0n);
}

/** Every payout with its status, reason, attempts and Stripe id; what failed by cause; retry, cancel, look up, hold. */
export default function PayoutsScreen() {
  const [params, change] = useScreenParams();
  const choice = usePeriodChoice(hasPayouts, { withAll: true });
  const status = parsePayoutStatus(params.status);
  const { creatorId, intentId } = params;
  const period = choice.period === allPeriods ? undefined : choice.period;
  const known = choice.period !== undefined;
  const scope = {
    ...(period === undefined ? {} : { period }),
    ...(creatorId === undefined ? {} : { creatorId }),
  };
  const counts = useQuery('payouts.list', { offset: 0, limit: 1, ...scope }, { enabled: known, reloadOn: [] });
  useReloadWithLists(counts.reload, known);
  const all: Counts = counts.value?.counts ?? [];
  const totals = sumsByCurrency(counts.value?.totals ?? []);
  const countOf = (statuses: readonly PayoutStatus[]) =>
    all.reduce((sum, one) => sum + (statuses.includes(one.status) ? one.count : 0), 0);
  const drawer = <PayoutDrawer intentId={intentId} onClose={() => change({ intentId: undefined })} />;
  if (params.view === 'not-paid' && period !== undefined) {
    return (
      <>
        <NotPaidScreen key={period} period={period} counts={all} onOpen={(opened) => change({ intentId: opened })} />
        {drawer}
      </>
    );
  }
  return (
    <>
      <PageHeader
        title={screenTitles.payouts}
        subtitle={counts.value === undefined ? undefined : <Progress counts={all} totals={totals} />}
        filters={
          <>
            {creatorId !== undefined && (
              <Button onPress={() => change({ creatorId: undefined })}>Only {creatorId}: show all creators</Button>
            )}
            <PeriodSelect periods={choice.periods} period={choice.period} onChoose={choice.choose} withAll />
          </>
        }
      />
      {known && counts.loading && <Skeleton label="Loading the payouts" height={420} />}
      {known && !counts.loading && (
        <>
          {counts.error !== undefined && <Failure failure={counts.error} onRetry={counts.reload} />}
          <UnknownBanner count={countOf(['unknown'])} period={period} />
          <NotPaidPanel period={period} creatorId={creatorId} status={status} enabled={countOf(notPaidStatuses) > 0} />
          {all.length > 0 && (
            <StatusFilter
              counts={all}
              totals={totals}
              selected={status}
              onSelect={(next) => change({ status: next })}
            />
          )}
          <Panel flush grows>
            <PayoutTable
              counts={all}
              scope={scope}
              status={status}
              openId={intentId}
              onOpen={(row) => change({ intentId: row.intentId })}
              onAllStatuses={() => change({ status: undefined })}
            />
          </Panel>
        </>
      )}
      {!known && <NoPeriod choice={choice} what="the payouts" />}
      {drawer}
    </>
  );
}

/** The counts are read again whenever the table is, so that both always say the same. */
function useReloadWithLists(reload: () => void, enabled: boolean): void {
  const revision = useSession((session) => session.revision);
  const previous = useRef(revision);
  useEffect(() => {
    if (previous.current === revision) return;
    previous.current = revision;
    if (enabled) reload();
  }, [revision, reload, enabled]);
}

/** "43 payouts, 38 posted: 5,660.11 USD". */
function Progress({ counts, totals }: { readonly counts: Counts; readonly totals: readonly Sum[] }) {
  const posted = counts.filter((one) => one.status === 'posted');
  const count = (some: readonly Sum[]) => some.reduce((sum, one) => sum + one.count, 0);
  if (counts.length === 0) return <>No payouts</>;
  return (
    <>
      {counted(count(totals), 'payout')},{' '}
      {posted.length === 0
        ? 'none posted'
        : `${count(posted).toLocaleString('en')} posted: ${amountsText(sumsByCurrency(posted))}`}
    </>
  );
}

interface PayoutTableProps {
  readonly counts: Counts;
  readonly scope: { readonly period?: string; readonly creatorId?: string };
  readonly status: PayoutStatus | undefined;
  readonly openId: string | undefined;
  readonly onOpen: (row: PayoutRow) => void;
  readonly onAllStatuses: () => void;
}

function PayoutTable({ counts, scope, status, openId, onOpen, onAllStatuses }: PayoutTableProps) {
  const currencies = [...new Set(counts.map((one) => one.currency))].join(' ');
  const onePeriod = scope.period !== undefined;
  const columns = useMemo(() => payoutColumns(currencies.split(' '), onePeriod), [currencies, onePeriod]);
  const filter = { ...scope, ...(status === undefined ? {} : { status }) };
  return (
    <DataTable
      // Other columns are another table.
      key={`${currencies.includes(' ')} ${onePeriod}`}
      label="Payouts"
      columns={columns}
      rowKey={(row) => row.intentId}
      queryKey={JSON.stringify(filter)}
      searchLabel="Creator, id or Stripe id"
      initialSort={{ id: 'createdAt', descending: true }}
      onOpen={onOpen}
      {...(openId === undefined ? {} : { openKey: openId })}
      fetchPage={async (request) =>
        mapResult(await call('payouts.list', { ...request, ...filter }), ({ page }) => page)
      }
      empty={<NoPayouts period={scope.period} status={status} onAllStatuses={onAllStatuses} />}
    />
  );
}

interface NoPayoutsProps {
  readonly period: string | undefined;
  readonly status: PayoutStatus | undefined;
  readonly onAllStatuses: () => void;
}

function NoPayouts({ period, status, onAllStatuses }: NoPayoutsProps) {
  if (status !== undefined) {
    return (
      <EmptyState
        title={`No ${payoutWords[status].word.toLowerCase()} payouts${period === undefined ? '' : ` in ${period}`}`}
        actions={<Button onPress={onAllStatuses}>Show every status</Button>}
      >
        Payouts with another status are not shown.
      </EmptyState>
    );
  }
  return (
    <EmptyState title={period === undefined ? 'No payouts yet' : `No payouts in ${period}`}>
      Payouts appear once the payout plan is approved in the{' '}
      <ScreenLink to="month-end" {...(period === undefined ? {} : { params: { period } })}>
        month end{period === undefined ? '' : ` of ${period}`}
      </ScreenLink>
      .
    </EmptyState>
  );
}

/** Most payouts settle on the day they were made: then the time alone says more than the same date again. */
function settled(createdAt: string, settledAt: string): string {
  return dateText(createdAt) === dateText(settledAt) ? timeText(settledAt) : instantText(settledAt);
}

/** With one currency it stands in the header, with several in a column of its own; a chosen period is in the header of the screen. */
function payoutColumns(currencies: readonly string[], onePeriod: boolean): readonly TableColumn<PayoutRow>[] {
  const [only] = currencies;
  const several = currencies.length > 1 || only === undefined || only === '';
  return [
    {
      id: 'displayName',
      header: 'Creator',
      width: 'minmax(120px, 1.2fr)',
      cell: (row) => <span title={row.creatorId}>{row.displayName}</span>,
      text: (row) => row.displayName,
      sortable: true,
    },
    {
      id: 'creatorId',
      header: 'Creator id',
      width: '110px',
      cell: (row) => row.creatorId,
      text: (row) => row.creatorId,
      hidden: true,
    },
    {
      id: 'period',
      header: 'Period',
      width: '78px',
      cell: (row) => row.period,
      text: (row) => row.period,
      sortable: true,
      hidden: onePeriod,
    },
    ...(several
      ? [
          {
            id: 'currency',
            header: 'Currency',
            width: '82px',
            cell: (row: PayoutRow) => row.currency.toUpperCase(),
            text: (row: PayoutRow) => row.currency.toUpperCase(),
          },
        ]
      : []),
    {
      id: 'amount',
      header: several ? 'Amount' : `Amount ${only.toUpperCase()}`,
      width: '120px',
      align: 'end',
      cell: (row) => <AmountCell value={row.amount} currency={row.currency} />,
      text: (row) => plainDecimal(row.amount, row.currency),
      sortable: true,
    },
    {
      id: 'status',
      header: 'Status',
      width: '114px',
      cell: (row) => <PayoutPill status={row.status} />,
      text: (row) => payoutWords[row.status].word,
      sortable: true,
    },
    {
      id: 'reason',
      header: 'Reason',
      width: 'minmax(96px, 2fr)',
      cell: (row) => <span title={row.reason}>{row.reason}</span>,
      text: (row) => row.reason,
    },
    {
      id: 'attempts',
      header: 'Attempts',
      width: '80px',
      align: 'end',
      cell: (row) => row.attempts,
      text: (row) => String(row.attempts),
    },
    {
      id: 'stripeObject',
      header: 'Stripe id',
      width: '148px',
      cell: (row) =>
        row.stripeObject === null ? '—' : <span title={row.stripeObject}>{shortId(row.stripeObject)}</span>,
      text: (row) => row.stripeObject ?? '',
    },
    {
      id: 'batch',
      header: 'Batch',
      width: '88px',
      cell: (row) => row.batch,
      text: (row) => row.batch,
      hidden: true,
    },
    {
      id: 'createdAt',
      header: 'Created',
      width: '168px',
      cell: (row) => instantText(row.createdAt),
      text: (row) => row.createdAt,
      sortable: true,
    },
    {
      id: 'settledAt',
      header: 'Settled',
      width: '168px',
      cell: (row) => (row.settledAt === null ? '—' : settled(row.createdAt, row.settledAt)),
      text: (row) => row.settledAt ?? '',
      sortable: true,
    },
  ];
}
