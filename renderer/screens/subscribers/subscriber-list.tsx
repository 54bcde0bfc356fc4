import type { SubscriberRow } from '../../../shared/contract';
import {
  AmountCell,
  Button,
  EmptyState,
  Panel,
  plainDecimal,
  ScreenLink,
  StatusPill,
  type StatusTone,
} from '../../components';
import { DataTable, type TableColumn } from '../../components/data-table';
import { call } from '../../state/coffer';
import { useNavigation } from '../../state/navigation';

interface SubscriberListProps {
  readonly period: string;
  readonly onlyHalfUnused: boolean;
  readonly onEveryone: () => void;
}

export function SubscriberList({ period, onlyHalfUnused, onEveryone }: SubscriberListProps) {
  const go = useNavigation((navigation) => navigation.go);
  return (
    <Panel flush grows>
      <DataTable
        label="Subscribers"
        columns={columns}
        rowKey={(row) => `${row.subscriberId} ${row.currency}`}
        queryKey={`${period} ${onlyHalfUnused}`}
        searchLabel="Name or id"
        initialSort={{ id: 'unallocated', descending: true }}
        onOpen={({ subscriberId }) => go('subscribers', { subscriberId })}
        fetchPage={(request) =>
          call('subscribers.list', { ...request, period, ...(onlyHalfUnused ? { onlyHalfUnused } : {}) })
        }
        empty={
          onlyHalfUnused ? (
            <EmptyState
              title={`Nobody left half or more unused in ${period}`}
              actions={<Button onPress={onEveryone}>Show all subscribers</Button>}
            >
              Every subscriber of the month allocated more than half of the funds.
            </EmptyState>
          ) : (
            <EmptyState title={`No subscribers in ${period}`}>
              Choose another month, or import a folder with payments.csv and allocations.csv of {period} in{' '}
              <ScreenLink to="balances">Balances</ScreenLink>.
            </EmptyState>
          )
        }
      />
    </Panel>
  );
}

const bands: Readonly<Record<SubscriberRow['usageBand'], { readonly tone: StatusTone; readonly word: string }>> = {
  low: { tone: 'attention', word: 'Low' },
  medium: { tone: 'information', word: 'Medium' },
  high: { tone: 'good', word: 'High' },
};

/** `58.3 %`, rounded down; — without funds. */
function unusedShare({ funds, unallocated }: SubscriberRow): string {
  if (BigInt(funds) <= 0n) return '—';
  const permille = (BigInt(unallocated) * 1000n) / BigInt(funds);
  return `${permille / 10n}.${permille % 10n} %`;
}

function lapse(row: SubscriberRow): { readonly tone: StatusTone; readonly word: string } | undefined {
  if (row.lapsed) return { tone: 'neutral', word: 'Lapsed' };
  return BigInt(row.unallocated) === 0n ? undefined : { tone: 'progress', word: 'Until lock' };
}

const amounts = {
  funds: 'Funds',
  allocated: 'Allocated',
  unfunded: 'Unfunded',
  unallocated: 'Unallocated',
} as const;

const columns: readonly TableColumn<SubscriberRow>[] = [
  {
    id: 'displayName',
    header: 'Subscriber',
    width: 'minmax(128px, 1.4fr)',
    cell: (row) => <span title={row.displayName}>{row.displayName}</span>,
    text: (row) => row.displayName,
    sortable: true,
  },
  {
    id: 'subscriberId',
    header: 'Id',
    width: 'minmax(104px, 1fr)',
    cell: (row) => <span title={row.subscriberId}>{row.subscriberId}</span>,
    text: (row) => row.subscriberId,
    sortable: true,
  },
  {
    id: 'currency',
    header: 'Currency',
    width: '80px',
    cell: (row) => row.currency.toUpperCase(),
    text: (row) => row.currency.toUpperCase(),
  },
  ...(['funds', 'allocated', 'unfunded', 'unallocated'] as const).map(
    (id): TableColumn<SubscriberRow> => ({
      id,
      header: amounts[id],
      width: '114px',
      align: 'end',
      cell: (row) => <AmountCell value={row[id]} currency={row.currency} />,
      text: (row) => plainDecimal(row[id], row.currency),
      sortable: true,
    }),
  ),
  {
    id: 'unusedShare',
    header: 'Unused',
    width: '80px',
    align: 'end',
    cell: unusedShare,
    text: unusedShare,
  },
  {
    id: 'usageBand',
    header: 'Usage',
    width: '104px',
    cell: (row) => <StatusPill tone={bands[row.usageBand].tone}>{bands[row.usageBand].word}</StatusPill>,
    text: (row) => bands[row.usageBand].word,
  },
  {
    id: 'lapsed',
    header: 'Lapse',
    width: '110px',
    cell: (row) => {
      const state = lapse(row);
      return state === undefined ? '—' : <StatusPill tone={state.tone}>{state.word}</StatusPill>;
    },
    text: (row) => lapse(row)?.word ?? '',
  },
];
