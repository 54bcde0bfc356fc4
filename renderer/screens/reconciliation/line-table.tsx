import type { ReconciliationRow, ReconciliationSummary } from '../../../shared/contract';
import {
  AmountCell,
  Button,
  DataTable,
  dateText,
  EmptyState,
  instantText,
  Panel,
  plainDecimal,
  ScreenLink,
  Segmented,
  shortId,
  type TableColumn,
} from '../../components';
import { call } from '../../state/coffer';
import { type Outcome, OutcomePill, outcomes, outcomeWord, parseOutcome, sides, typeWords } from './outcome';

interface LineTableProps {
  readonly period: string;
  readonly counts: ReconciliationSummary['counts'] | undefined;
  readonly outcome: Outcome | undefined;
  readonly opened: ReconciliationRow | undefined;
  readonly onOutcome: (outcome: Outcome | undefined) => void;
  readonly onOpen: (row: ReconciliationRow) => void;
}

export function LineTable({ period, counts, outcome, opened, onOutcome, onOpen }: LineTableProps) {
  return (
    <Panel flush grows>
      <DataTable
        label="Lines"
        columns={columns}
        rowKey={rowKey}
        queryKey={`${period} ${outcome ?? ''}`}
        searchLabel="Stripe id, type or explanation"
        initialSort={{ id: 'at', descending: true }}
        onOpen={onOpen}
        {...(opened === undefined ? {} : { openKey: rowKey(opened) })}
        fetchPage={(request) =>
          call('reconciliation.list', { ...request, period, ...(outcome === undefined ? {} : { outcome }) })
        }
        tools={<OutcomeFilter counts={counts} outcome={outcome} onOutcome={onOutcome} />}
        empty={
          outcome === undefined ? (
            <EmptyState title={`No lines in ${period}`}>
              Lines are read from Stripe at every refresh of the balances and by the step Reconcile of the{' '}
              <ScreenLink to="month-end" params={{ period }}>
                month end of {period}
              </ScreenLink>
              .
            </EmptyState>
          ) : (
            <EmptyState
              title={`No line of ${period} is ${none[outcome]}`}
              actions={<Button onPress={() => onOutcome(undefined)}>Show every line</Button>}
            >
              {outcome === 'exception' ? 'There is nothing to explain.' : 'Lines with another outcome are not shown.'}
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

const every = 'every';

interface OutcomeFilterProps {
  readonly counts: ReconciliationSummary['counts'] | undefined;
  readonly outcome: Outcome | undefined;
  readonly onOutcome: (outcome: Outcome | undefined) => void;
}

function OutcomeFilter({ counts, outcome, onOutcome }: OutcomeFilterProps) {
  const label = (one: Outcome) =>
    counts === undefined ? outcomes[one].word : `${outcomes[one].word} ${counts[one].toLocaleString('en')}`;
  return (
    <>
      <Segmented
        label="Outcome"
        selected={outcome ?? every}
        onSelect={(id) => onOutcome(parseOutcome(id))}
        options={[
          { id: every, label: 'All' },
          ...(Object.keys(outcomes) as Outcome[]).map((one) => ({ id: one, label: label(one) })),
        ]}
      />
      {counts !== undefined && counts.resolved > 0 && (
        <span className="muted">{counts.resolved.toLocaleString('en')} explained</span>
      )}
    </>
  );
}

function rowKey(row: ReconciliationRow): string {
  return `${row.side} ${row.stripeId}`;
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
    cell: (row) => <span title={row.explanation}>{row.explanation}</span>,
    text: (row) => row.explanation,
  },
];
