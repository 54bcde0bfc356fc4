import type { OperationView } from '../../../shared/contract';
import { AmountCell, amountsText, instantText, SimpleTable, StatusPill, type StatusTone } from '../../components';
import { sumsByCurrency } from '../../format/sums';

const kinds: Readonly<Record<OperationView['kind'], string>> = {
  canary: 'First movement (canary)',
  fund: 'To Storage',
  compensate: 'Back to Payments',
};

const statuses: Readonly<Record<string, { readonly tone: StatusTone; readonly word: string }>> = {
  planned: { tone: 'neutral', word: 'Planned' },
  sending: { tone: 'progress', word: 'Sending' },
  unknown: { tone: 'unknown', word: 'Outcome unknown' },
  processing: { tone: 'progress', word: 'Processing' },
  posted: { tone: 'good', word: 'Posted' },
  failed: { tone: 'bad', word: 'Failed' },
  returned: { tone: 'bad', word: 'Returned' },
  canceled: { tone: 'neutral', word: 'Canceled' },
  compensated: { tone: 'information', word: 'Taken back' },
};

interface OperationsTableProps {
  readonly operations: readonly OperationView[];
  /** All of them; more than are listed when there are very many. */
  readonly count: number;
  /** With the status, the Stripe id and the time of each; without, as a plan. */
  readonly executed: boolean;
  /** On paper: no scrolling. */
  readonly whole?: boolean;
}

/** The movements in their order. */
export function OperationsTable({ operations, count, executed, whole = false }: OperationsTableProps) {
  const currencies = [...new Set(operations.map((one) => one.currency))];
  const [only] = currencies;
  const table = (
    <SimpleTable
      caption="Movements in their order"
      rows={operations}
      rowKey={(one) => String(one.index)}
      empty="No movement is needed"
      {...(operations.length > 1 && count === operations.length ? { totals: totalsOf(operations) } : {})}
      columns={[
        { id: 'index', header: 'No.', align: 'end', cell: (one) => one.index + 1 },
        { id: 'kind', header: 'Movement', cell: (one) => kinds[one.kind] },
        {
          id: 'amount',
          header: currencies.length === 1 && only !== undefined ? `Amount ${only.toUpperCase()}` : 'Amount',
          align: 'end',
          cell: (one) => <AmountCell value={one.amount} currency={one.currency} />,
        },
        ...(currencies.length > 1
          ? [{ id: 'currency', header: 'Currency', cell: (one: OperationView) => one.currency.toUpperCase() }]
          : []),
        ...(executed
          ? [
              { id: 'status', header: 'Status', cell: (one: OperationView) => <Status operation={one} /> },
              {
                id: 'stripe',
                header: 'Stripe id',
                cell: (one: OperationView) =>
                  one.stripeObject === null ? <NotYet /> : <code className="stripe-id">{one.stripeObject}</code>,
              },
              {
                id: 'settled',
                header: 'Posted at',
                cell: (one: OperationView) => (one.settledAt === null ? <NotYet /> : instantText(one.settledAt)),
              },
            ]
          : []),
      ]}
    />
  );
  return (
    <>
      {whole ? (
        table
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls takes the keyboard
        <section className="migration-movements" data-plan={!executed || undefined} tabIndex={0} aria-label="Movements">
          {table}
        </section>
      )}
      {count > operations.length && (
        <p className="migration-more muted">
          The first {operations.length.toLocaleString('en')} of {count.toLocaleString('en')} movements; all of them are
          in operations.csv under Audit & exports.
        </p>
      )}
    </>
  );
}

/** What goes to Storage together; what a rollback takes back is the same money again. */
function totalsOf(operations: readonly OperationView[]) {
  const sums = sumsByCurrency(operations.filter((one) => one.kind !== 'compensate'));
  const [only] = sums;
  return [
    '',
    'Total to Storage',
    sums.length === 1 && only !== undefined ? (
      <AmountCell key="amount" value={only.amount} currency={only.currency} />
    ) : (
      amountsText(sums)
    ),
  ];
}

function Status({ operation }: { readonly operation: OperationView }) {
  const known = statuses[operation.status] ?? { tone: 'neutral', word: operation.status };
  return (
    <span className="migration-status">
      <StatusPill tone={known.tone}>{known.word}</StatusPill>
      {operation.detail !== '' && <span className="muted">{operation.detail}</span>}
    </span>
  );
}

function NotYet() {
  return (
    <>
      <span aria-hidden="true">—</span>
      <span className="visually-hidden">not yet</span>
    </>
  );
}
