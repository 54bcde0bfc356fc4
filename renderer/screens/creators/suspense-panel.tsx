import { useState } from 'react';
import {
  AmountCell,
  amountsText,
  Button,
  counted,
  Failure,
  Panel,
  SimpleTable,
  sumsByCurrency,
} from '../../components';
import { useQuery } from '../../state/coffer';
import { type KeptAmount, ResolveSuspenseDialog } from './resolve-suspense-dialog';
import './suspense-panel.css';

/** Money allocated to creators that creators.csv does not know. Only there when there is any. */
export function SuspensePanel() {
  const suspense = useQuery('creators.suspense', undefined);
  const [resolving, setResolving] = useState<KeptAmount>();
  const rows = suspense.value ?? [];
  if (suspense.error !== undefined) return <Failure failure={suspense.error} onRetry={suspense.reload} />;
  if (rows.length === 0) return null;
  const waitsFor = rows.at(0)?.waitsFor ?? null;
  const nobody = new Set(rows.map((row) => row.creatorId)).size;
  return (
    <Panel
      title={`Suspense: ${amountsText(sumsByCurrency(rows))} allocated to ${counted(nobody, 'creator')} nobody knows`}
      flush
      footer={
        <span className="muted">
          Kept in Storage without a fee until it is resolved with a reason
          {waitsFor === null
            ? ', before the open month is locked.'
            : `. The month end of ${waitsFor} has begun: it can be resolved once that is closed.`}
        </span>
      }
    >
      <div className="suspense">
        <SimpleTable
          caption="Allocations to creators that are not known"
          rows={rows}
          rowKey={(row) => `${row.period} ${row.creatorId} ${row.currency}`}
          columns={[
            { id: 'creator', header: 'Creator id', cell: (row) => row.creatorId },
            { id: 'period', header: 'Period', cell: (row) => row.period },
            {
              id: 'allocations',
              header: 'Allocations',
              align: 'end',
              cell: (row) => row.allocations.toLocaleString('en'),
            },
            { id: 'currency', header: 'Currency', cell: (row) => row.currency.toUpperCase() },
            {
              id: 'amount',
              header: 'Kept in Storage',
              align: 'end',
              cell: (row) => <AmountCell value={row.amount} currency={row.currency} />,
            },
            {
              id: 'resolve',
              header: 'Next',
              align: 'end',
              cell: (row) => (
                <Button kind="quiet" isDisabled={row.waitsFor !== null} onPress={() => setResolving(row)}>
                  Resolve {row.creatorId}…
                </Button>
              ),
            },
          ]}
        />
      </div>
      {resolving !== undefined && <ResolveSuspenseDialog kept={resolving} onClose={() => setResolving(undefined)} />}
    </Panel>
  );
}
