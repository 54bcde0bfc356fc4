import type { ExceptionDetail, ReconciliationRow, ReconciliationSummary } from '../../../shared/contract';
import { AmountCell, Button, Failure, instantText, KeyValue, SimpleTable, Skeleton } from '../../components';
import { useAction, useQuery } from '../../state/coffer';
import { listsChanged } from '../../state/session';
import { Explain } from './explain';
import './line-drawer.css';
import { NoteForm } from './note-form';
import { isOpenException, sides, typeWords } from './outcome';

interface ExceptionPartProps {
  readonly period: string;
  readonly line: ReconciliationRow;
  readonly onClose: () => void;
  readonly onResolved: (summary: ReconciliationSummary) => void;
}

/** Late news of the dataset has no case of its own: the rule explains it. */
function hasDetail(line: ReconciliationRow): boolean {
  return line.side !== 'ledger' || line.intentId !== null;
}

/** What is wrong, both sides of it, who takes care of it, and the way to resolve it. */
export function ExceptionPart({ period, line, onClose, onResolved }: ExceptionPartProps) {
  const detail = useQuery('reconciliation.get', { lineId: line.lineId }, { enabled: hasDetail(line) });
  if (!hasDetail(line)) return null;
  return (
    <>
      {detail.error !== undefined && <Failure failure={detail.error} onRetry={detail.reload} />}
      {detail.loading && <Skeleton label="Loading both sides" height={160} />}
      {detail.value !== undefined && <Advice detail={detail.value} />}
      {isOpenException(line) && (
        <Explain period={period} line={line} detail={detail.value} onClose={onClose} onResolved={onResolved} />
      )}
      {detail.value !== undefined && (
        <>
          <BothSides detail={detail.value} />
          {isOpenException(line) && <Owner detail={detail.value} onChanged={detail.set} />}
          {isOpenException(line) && <NoteForm detail={detail.value} onChanged={detail.set} />}
          <History detail={detail.value} />
        </>
      )}
    </>
  );
}

function Advice({ detail }: { readonly detail: ExceptionDetail }) {
  return (
    <section className="exception-part" aria-label="Cause and resolution">
      <KeyValue
        items={[
          { label: 'Probable cause', value: detail.cause },
          { label: 'What to do', value: detail.suggestion },
        ]}
      />
    </section>
  );
}

function BothSides({ detail }: { readonly detail: ExceptionDetail }) {
  return (
    <section className="exception-part">
      <h3>At Stripe</h3>
      <SimpleTable
        caption="Lines at Stripe of the same movement or object"
        rows={detail.atStripe}
        rowKey={(row) => `${row.side} ${row.lineId}`}
        empty="Stripe shows nothing."
        columns={[
          { id: 'at', header: 'Date', cell: (row) => instantText(row.at) },
          { id: 'side', header: 'Balance', cell: (row) => sides[row.side] },
          { id: 'type', header: 'Type', cell: (row) => <span title={row.lineId}>{typeWords(row.type)}</span> },
          { id: 'currency', header: 'Currency', cell: (row) => row.currency.toUpperCase() },
          {
            id: 'amount',
            header: 'Amount',
            align: 'end',
            cell: (row) => <AmountCell value={row.amount} currency={row.currency} />,
          },
        ]}
      />
      <h3>In the books</h3>
      <SimpleTable
        caption="Entries in the ledger"
        rows={detail.inBooks.map((row, index) => ({ ...row, index }))}
        rowKey={(row) => String(row.index)}
        empty="The ledger has no entry for it."
        columns={[
          { id: 'at', header: 'Date', cell: (row) => instantText(row.at) },
          { id: 'account', header: 'Account', cell: (row) => <span title={row.description}>{row.account}</span> },
          { id: 'currency', header: 'Currency', cell: (row) => row.currency.toUpperCase() },
          {
            id: 'amount',
            header: 'Debit (credit)',
            align: 'end',
            cell: (row) => <AmountCell value={row.amount} currency={row.currency} />,
          },
        ]}
      />
    </section>
  );
}

interface ChangeProps {
  readonly detail: ExceptionDetail;
  readonly onChanged: (detail: ExceptionDetail) => void;
}

function Owner({ detail, onChanged }: ChangeProps) {
  const take = useAction('reconciliation.take');
  const { owner, lineId } = detail.line;
  const run = async (mine: boolean) => {
    const result = await take.run({ lineId, take: mine });
    if (!result.ok) return;
    onChanged(result.value);
    listsChanged();
  };
  return (
    <section className="exception-part">
      <h3>Owner</h3>
      <div className="row">
        <span>{owner === null ? 'Nobody has taken it.' : `Taken by ${owner}.`}</span>
        <Button isBusy={take.busy} onPress={() => void run(true)}>
          Take it
        </Button>
        {owner !== null && (
          <Button isBusy={take.busy} onPress={() => void run(false)}>
            Give it back
          </Button>
        )}
      </div>
      {take.error !== undefined && <Failure failure={take.error} />}
    </section>
  );
}

function History({ detail }: { readonly detail: ExceptionDetail }) {
  if (detail.history.length === 0) return null;
  return (
    <section className="exception-part">
      <h3>History</h3>
      <SimpleTable
        caption="What was done about it"
        rows={detail.history.map((row, index) => ({ ...row, index }))}
        rowKey={(row) => String(row.index)}
        columns={[
          { id: 'at', header: 'Date', cell: (row) => instantText(row.at) },
          { id: 'actor', header: 'By', cell: (row) => row.actor },
          { id: 'text', header: 'What', cell: (row) => row.text },
        ]}
      />
    </section>
  );
}
