import type { PayoutDetail } from '../../../shared/contract';
import {
  Amount,
  AmountCell,
  amountsText,
  Button,
  counted,
  EmptyState,
  Failure,
  PageHeader,
  Panel,
  PayoutPill,
  ScreenLink,
  SimpleTable,
  Skeleton,
  Stat,
  StatRow,
  sumsByCurrency,
} from '../../components';
import { useNavigation } from '../../state/navigation';
import { useNotPaid } from './not-paid';
import { NotPaidCauses } from './not-paid-panel';
import type { Counts } from './status-filter';
import { UnknownBanner } from './unknown-banner';

interface NotPaidScreenProps {
  readonly period: string;
  readonly counts: Counts;
  readonly onOpen: (intentId: string) => void;
}

/** The month whose payouts did not all arrive: where the money is, why, and what to do about each. */
export function NotPaidScreen({ period, counts, onOpen }: NotPaidScreenProps) {
  const go = useNavigation((navigation) => navigation.go);
  const { value, error, reload } = useNotPaid({ period, creatorId: undefined }, true);
  const unknown = counts.filter((one) => one.status === 'unknown').reduce((sum, one) => sum + one.count, 0);
  const payouts = value?.payouts ?? [];
  return (
    <>
      <PageHeader
        title={`Not paid in ${period}`}
        subtitle={value === undefined ? undefined : <Sentence payouts={payouts} unknown={unknown} />}
        actions={
          <>
            <Button onPress={() => go('payouts', { period })}>All payouts of {period}</Button>
            <Button onPress={() => go('month-end', { period })}>Month end of {period}</Button>
          </>
        }
      />
      {error !== undefined && <Failure failure={error} onRetry={() => void reload()} />}
      {value === undefined && error === undefined && <Skeleton label="Loading what was not paid" height={320} />}
      <Outcomes counts={counts} />
      <UnknownBanner count={unknown} period={period} />
      {value !== undefined && payouts.length === 0 && unknown === 0 && (
        <Panel>
          <EmptyState title={`Nothing is left unpaid in ${period}`}>
            Every payout was posted, or was tried again and is on its way.
          </EmptyState>
        </Panel>
      )}
      {payouts.length > 0 && (
        <>
          <NotPaidCauses payouts={payouts} further={value?.further ?? 0} period={period} />
          <Creators payouts={payouts} onOpen={onOpen} />
          <Panel title="If nothing is done">
            <p>
              Each amount stays in Storage and stays owed to its creator. It is payable again in the next month, so{' '}
              {period} can be closed with it. Nothing is sent twice: a retry is a new payout that is linked to the one
              before.
            </p>
          </Panel>
        </>
      )}
    </>
  );
}

function Sentence({ payouts, unknown }: { readonly payouts: readonly PayoutDetail[]; readonly unknown: number }) {
  const words = [
    payouts.length > 0
      ? `${counted(payouts.length, 'payout')} did not arrive: ${amountsText(sumsByCurrency(payouts))}, still in Storage.`
      : '',
    unknown > 0 ? `${counted(unknown, 'payout')} with an unknown outcome.` : '',
  ].filter((one) => one !== '');
  return <>{words.length === 0 ? 'Every payout arrived.' : words.join(' ')}</>;
}

/** How the payouts of the month stand, per currency; the groups sum to what was planned. */
function Outcomes({ counts }: { readonly counts: Counts }) {
  const currencies = [...new Set(counts.map((one) => one.currency))].sort();
  const groups: readonly (readonly [string, readonly Counts[number]['status'][]])[] = [
    ['Posted', ['posted']],
    ['Under way', ['planned', 'sending', 'processing']],
    ['Unknown', ['unknown']],
    ['Failed or returned', ['failed', 'returned']],
    ['Canceled', ['canceled', 'compensated']],
  ];
  const all = groups.flatMap(([, statuses]) => statuses);
  return (
    <>
      {currencies.map((currency) => (
        <Panel
          key={currency}
          title="Payouts and their retries, by outcome"
          actions={<span className="muted">{currency.toUpperCase()}</span>}
        >
          <StatRow>
            {[...groups, ['Total', all] as const].map(([label, statuses]) => {
              const own = counts.filter((one) => one.currency === currency && statuses.includes(one.status));
              const count = own.reduce((sum, one) => sum + one.count, 0);
              const amount = String(own.reduce((sum, one) => sum + BigInt(one.amount), 0n));
              return (
                <Stat
                  key={label}
                  label={label}
                  value={<Amount value={amount} currency={currency} />}
                  detail={counted(count, 'payout')}
                />
              );
            })}
          </StatRow>
        </Panel>
      ))}
    </>
  );
}

interface CreatorsProps {
  readonly payouts: readonly PayoutDetail[];
  readonly onOpen: (intentId: string) => void;
}

function Creators({ payouts, onOpen }: CreatorsProps) {
  return (
    <Panel title={`The ${counted(payouts.length, 'payout')}`} flush>
      <SimpleTable
        caption="Payouts that did not arrive"
        rows={payouts}
        rowKey={(row) => row.intentId}
        columns={[
          {
            id: 'creator',
            header: 'Creator',
            cell: (row) => (
              <ScreenLink to="creators" params={{ creatorId: row.creatorId }}>
                {row.displayName}
              </ScreenLink>
            ),
          },
          { id: 'status', header: 'Status', cell: (row) => <PayoutPill status={row.status} /> },
          { id: 'reason', header: 'Cause', cell: (row) => (row.reason === '' ? 'No reason given' : row.reason) },
          { id: 'currency', header: 'Currency', cell: (row) => row.currency.toUpperCase() },
          {
            id: 'amount',
            header: 'Still in Storage',
            align: 'end',
            cell: (row) => <AmountCell value={row.amount} currency={row.currency} />,
          },
          {
            id: 'open',
            header: <span className="visually-hidden">Payout</span>,
            align: 'end',
            cell: (row) => (
              <Button kind="quiet" label={`Open the payout to ${row.displayName}`} onPress={() => onOpen(row.intentId)}>
                Open
              </Button>
            ),
          },
        ]}
      />
    </Panel>
  );
}
