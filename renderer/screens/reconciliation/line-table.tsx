import type { ReconciliationRow, ReconciliationSummary } from '../../../shared/contract';
import {
  AmountCell,
  Button,
  dateText,
  EmptyState,
  instantText,
  Panel,
  plainDecimal,
  ScreenLink,
  shortId,
} from '../../components';
import { DataTable, type TableColumn } from '../../components/data-table';
import { call } from '../../state/coffer';
import { LineFilters } from './line-filters';
import { classWords, type LineFilter, type Outcome, OutcomePill, outcomeWord, sides, typeWords } from './outcome';

interface LineTableProps {
  readonly period: string;
  readonly summary: ReconciliationSummary | undefined;
  readonly filter: LineFilter;
  readonly opened: ReconciliationRow | undefined;
  readonly onFilter: (filter: LineFilter) => void;
  readonly onOpen: (row: ReconciliationRow) => void;
}

export function LineTable({ period, summary, filter, opened, onFilter, onOpen }: LineTableProps) {
  const wanted = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
  const isAll = Object.keys(wanted).length === 0;
  return (
    <Panel flush grows>
      <DataTable
        label="Lines"
        columns={columns}
        rowKey={rowKey}
        queryKey={`${period} ${JSON.stringify(wanted)}`}
        searchLabel="Stripe id, type or explanation"
        initialSort={{ id: 'at', descending: true }}
        onOpen={onOpen}
        {...(opened === undefined ? {} : { openKey: rowKey(opened) })}
        fetchPage={(request) => call('reconciliation.list', { ...request, period, ...wanted })}
        tools={<LineFilters summary={summary} filter={filter} onFilter={onFilter} />}
        empty={
          isAll ? (
            <EmptyState title={`No lines in ${period}`}>
              Lines are read from Stripe at every refresh of the balances and by the step Reconcile of the{' '}
              <ScreenLink to="month-end" params={{ period }}>
                month end of {period}
              </ScreenLink>
              .
            </EmptyState>
          ) : (
            <EmptyState
              title={`No line of ${period} is ${filter.outcome === undefined ? 'like that' : none[filter.outcome]}`}
              actions={
                <Button onPress={() => onFilter({ outcome: undefined, class: undefined, owner: undefined })}>
                  Show every line
                </Button>
              }
            >
              {filter.outcome === 'exception' && filter.class === undefined && filter.owner === undefined
                ? 'There is nothing to explain.'
                : 'Lines with another outcome are not shown.'}
            </EmptyState>
          )
        }
      />
    </Panel>
  );
}

const none: Readonly<Record<Outcome, string>> = {
  matched: 'matched',
  timing: 'a matter of timing',
  exception: 'an exception',
};

function rowKey(row: ReconciliationRow): string {
  return `${row.side} ${row.lineId}`;
}

/** With the class before it, as in reconciliation.csv. */
function explained(row: ReconciliationRow): string {
  return row.class === null ? row.explanation : `${classWords[row.class]}: ${row.explanation}`;
}

const columns: readonly TableColumn<ReconciliationRow>[] = [
  {
    id: 'at',
    header: 'Date',
    width: '100px',
    cell: (row) => <span title={instantText(row.at)}>{dateText(row.at)}</span>,
    text: (row) => row.at,
    sortable: true,
  },
  {
    id: 'side',
    header: 'Balance',
    width: '104px',
    cell: (row) => sides[row.side],
    text: (row) => sides[row.side],
    sortable: true,
  },
  {
    id: 'type',
    header: 'Type',
    width: 'minmax(156px, 0.6fr)',
    cell: (row) => <span title={typeWords(row.type)}>{typeWords(row.type)}</span>,
    text: (row) => row.type,
    sortable: true,
  },
  {
    id: 'stripeId',
    header: 'Stripe id',
    width: 'minmax(148px, 0.5fr)',
    cell: (row) => <span title={row.stripeId}>{shortId(row.stripeId)}</span>,
    text: (row) => row.stripeId,
  },
  {
    id: 'currency',
    header: 'Currency',
    width: '80px',
    cell: (row) => row.currency.toUpperCase(),
    text: (row) => row.currency.toUpperCase(),
  },
  {
    id: 'amount',
    header: 'Amount',
    width: '122px',
    align: 'end',
    cell: (row) => <AmountCell value={row.amount} currency={row.currency} />,
    text: (row) => plainDecimal(row.amount, row.currency),
    sortable: true,
  },
  {
    id: 'outcome',
    header: 'Outcome',
    width: '112px',
    cell: (row) => <OutcomePill row={row} />,
    text: outcomeWord,
    sortable: true,
  },
  {
    id: 'explanation',
    header: 'Explanation',
    width: 'minmax(180px, 2fr)',
    cell: (row) => (
      <span title={explained(row)}>
        {row.class !== null && <strong>{classWords[row.class]}: </strong>}
        {row.explanation}
      </span>
    ),
    text: explained,
  },
];
