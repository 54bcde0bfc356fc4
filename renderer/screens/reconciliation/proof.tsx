import { useState } from 'react';
import type { ReconciliationSummary } from '../../../shared/contract';
import { AmountCell, Panel, Segmented, SimpleTable, StatusPill } from '../../components';
import { ProofByDay } from './proof-by-day';
import './proof.css';

type ProofRow = ReconciliationSummary['proof'][number];

const names = { payments: 'Payments', storage: 'Storage' } as const;

interface ProofProps {
  readonly period: string;
  readonly proof: readonly ProofRow[];
  readonly ranAt: string | null;
}

/** opening + lines = closing, for both balances and every currency, with the cents that are missing. */
export function Proof({ period, proof, ranAt }: ProofProps) {
  const [byDay, setByDay] = useState(false);
  const view = (
    <Segmented
      label="Proof"
      selected={byDay ? 'day' : 'all'}
      onSelect={(id) => setByDay(id === 'day')}
      options={[
        { id: 'all', label: 'In total' },
        { id: 'day', label: 'By day' },
      ]}
    />
  );
  if (byDay) {
    return (
      <Panel title="Proof" flush actions={view}>
        <ProofByDay period={period} />
      </Panel>
    );
  }
  return (
    <Panel title="Proof" flush actions={view}>
      <div className="proof">
        <SimpleTable
          caption="Opening plus lines equals closing, per balance and currency"
          rows={proof}
          rowKey={(row) => `${row.side} ${row.currency}`}
          empty={ranAt === null ? 'The proof appears once the period is reconciled.' : 'No balance to prove.'}
          columns={[
            {
              id: 'side',
              header: 'Balance',
              cell: (row) => <span className={`proof-side proof-${row.side}`}>{names[row.side]}</span>,
            },
            { id: 'currency', header: 'Currency', cell: (row) => row.currency.toUpperCase() },
            {
              id: 'opening',
              header: 'Opening',
              align: 'end',
              cell: (row) => <AmountCell value={row.opening} currency={row.currency} />,
            },
            {
              id: 'lines',
              header: '+ Lines',
              align: 'end',
              cell: (row) => <AmountCell value={row.lines} currency={row.currency} />,
            },
            {
              id: 'closing',
              header: '= Closing at Stripe',
              align: 'end',
              cell: (row) => <AmountCell value={row.closing} currency={row.currency} />,
            },
            {
              id: 'difference',
              header: 'Difference',
              align: 'end',
              cell: (row) => <AmountCell value={row.difference} currency={row.currency} />,
            },
            {
              id: 'state',
              header: 'Proof',
              cell: (row) =>
                BigInt(row.difference) === 0n ? (
                  <StatusPill tone="good">Adds up</StatusPill>
                ) : (
                  <StatusPill tone="bad">Does not add up</StatusPill>
                ),
            },
          ]}
        />
      </div>
    </Panel>
  );
}
