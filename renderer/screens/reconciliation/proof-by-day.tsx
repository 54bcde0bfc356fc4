import type { DayKind, DayRow } from '../../../shared/contract';
import { AmountCell, Failure, SimpleTable, Skeleton } from '../../components';
import { useQuery } from '../../state/coffer';
import './proof.css';

const columns: readonly { readonly header: string; readonly kinds: readonly DayKind[] }[] = [
  { header: 'Receipts', kinds: ['receipt'] },
  { header: 'Refunds, disputes', kinds: ['refund', 'dispute'] },
  { header: 'Fees, corrections', kinds: ['fee', 'correction'] },
  { header: 'Top-ups', kinds: ['top-up'] },
  { header: 'Movements', kinds: ['movement'] },
  { header: 'Not explained', kinds: ['open'] },
];

/** opening + all lines = closing for each day of the month on which something moved. */
export function ProofByDay({ period }: { readonly period: string }) {
  const days = useQuery('reconciliation.history', { period });
  if (days.error !== undefined) return <Failure failure={days.error} onRetry={days.reload} />;
  if (days.value === undefined) return <Skeleton label="Loading the days" height={160} />;
  return (
    <div className="proof">
      <SimpleTable
        caption={`Opening plus all lines equals closing, for each day of ${period}`}
        rows={days.value}
        rowKey={(row) => `${row.day} ${row.side} ${row.currency}`}
        empty="Nothing moved in this month."
        columns={[
          { id: 'day', header: 'Day', cell: (row) => row.day },
          {
            id: 'side',
            header: 'Balance',
            cell: (row) => (
              <span className={`proof-side proof-${row.side}`}>
                {row.side === 'storage' ? 'Storage' : 'Payments'} {row.currency.toUpperCase()}
              </span>
            ),
          },
          {
            id: 'opening',
            header: 'Opening',
            align: 'end',
            cell: (row) => <AmountCell value={row.opening} currency={row.currency} />,
          },
          ...columns.map(({ header, kinds }) => ({
            id: header,
            header,
            align: 'end' as const,
            cell: (row: DayRow) => <AmountCell value={sumOf(row, kinds)} currency={row.currency} />,
          })),
          {
            id: 'closing',
            header: '= Closing',
            align: 'end',
            cell: (row) => <AmountCell value={row.closing} currency={row.currency} />,
          },
        ]}
      />
    </div>
  );
}

function sumOf({ lines }: DayRow, kinds: readonly DayKind[]): string {
  return String(lines.filter(({ kind }) => kinds.includes(kind)).reduce((sum, { amount }) => sum + BigInt(amount), 0n));
}
