import type { CreatorRow } from '../../../shared/contract';
import { AmountCell, Button, EmptyState, Panel, plainDecimal, ScreenLink, StatusPill } from '../../components';
import { DataTable, type TableColumn } from '../../components/data-table';
import { call } from '../../state/coffer';
import { useNavigation } from '../../state/navigation';

interface CreatorListProps {
  readonly onlyHeld: boolean;
  readonly onEveryone: () => void;
}

export function CreatorList({ onlyHeld, onEveryone }: CreatorListProps) {
  const go = useNavigation((navigation) => navigation.go);
  return (
    <Panel flush grows>
      <DataTable
        label="Creators"
        columns={columns}
        rowKey={(row) => `${row.creatorId} ${row.currency}`}
        queryKey={onlyHeld ? 'held' : ''}
        searchLabel="Name, e-mail, id or account"
        initialSort={{ id: 'displayName', descending: false }}
        onOpen={({ creatorId }) => go('creators', { creatorId })}
        fetchPage={(request) => call('creators.list', { ...request, ...(onlyHeld ? { onlyHeld } : {}) })}
        empty={
          onlyHeld ? (
            <EmptyState title="No creator is on hold" actions={<Button onPress={onEveryone}>Show all creators</Button>}>
              Everyone who is owed the smallest payout or more is paid at the next month end.
            </EmptyState>
          ) : (
            <EmptyState title="No creators yet">
              Import a folder with creators.csv in <ScreenLink to="balances">Balances</ScreenLink>; its creators appear
              here.
            </EmptyState>
          )
        }
      />
    </Panel>
  );
}

const amounts = { owed: 'Owed', accruing: 'Pending this month', lifetimePaid: 'Paid through Coffer' } as const;

const columns: readonly TableColumn<CreatorRow>[] = [
  {
    id: 'displayName',
    header: 'Creator',
    width: 'minmax(140px, 1.4fr)',
    cell: (row) => <span title={row.email}>{row.displayName}</span>,
    text: (row) => row.displayName,
    sortable: true,
  },
  {
    id: 'creatorId',
    header: 'Id',
    width: 'minmax(108px, 0.7fr)',
    cell: (row) => <span title={row.creatorId}>{row.creatorId}</span>,
    text: (row) => row.creatorId,
    sortable: true,
  },
  {
    id: 'email',
    header: 'E-mail',
    width: 'minmax(180px, 1.4fr)',
    cell: (row) => <span title={row.email}>{row.email}</span>,
    text: (row) => row.email,
    hidden: true,
  },
  {
    id: 'currency',
    header: 'Currency',
    width: '84px',
    cell: (row) => row.currency.toUpperCase(),
    text: (row) => row.currency.toUpperCase(),
  },
  ...(['owed', 'accruing', 'lifetimePaid'] as const).map(
    (id): TableColumn<CreatorRow> => ({
      id,
      header: amounts[id],
      width: id === 'owed' ? '134px' : '172px',
      align: 'end',
      cell: (row) => <AmountCell value={row[id]} currency={row.currency} />,
      text: (row) => plainDecimal(row[id], row.currency),
      sortable: true,
    }),
  ),
  {
    id: 'stripeAccount',
    header: 'Stripe account',
    width: 'minmax(128px, 1fr)',
    cell: (row) => (row.stripeAccount === '' ? 'None' : <span title={row.stripeAccount}>{row.stripeAccount}</span>),
    text: (row) => row.stripeAccount,
  },
  {
    id: 'hold',
    header: 'Hold',
    width: '96px',
    cell: (row) =>
      row.holdReason === '' ? (
        '—'
      ) : (
        <span title={row.holdReason}>
          <StatusPill tone="attention">Held</StatusPill>
        </span>
      ),
    text: (row) => row.holdReason,
  },
];
