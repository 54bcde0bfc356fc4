import { useState } from 'react';
import type { Reply } from '../../../shared/contract';
import { AmountCell, Button, EmptyState, Panel, plainDecimal, SimpleTable, Skeleton } from '../../components';
import { DataTable, type TableColumn } from '../../components/data-table';
import { call, mapResult } from '../../state/coffer';

type Obligations = Reply<'migration.obligations'>;
type Totals = Obligations['totals'];
type Obligation = Obligations['page']['rows'][number];

interface ObligationsStepProps {
  readonly onContinue: () => void;
}

/** Who is owed what, and how much of it Storage does not hold yet. */
export function ObligationsStep({ onContinue }: ObligationsStepProps) {
  const [totals, setTotals] = useState<Totals>();
  const [only, ...more] = totals ?? [];
  const unit = only !== undefined && more.length === 0 ? ` ${only.currency.toUpperCase()}` : '';
  return (
    <>
      <Panel
        title="Obligations"
        flush
        actions={
          <Button kind="primary" isDisabled={totals === undefined} onPress={onContinue}>
            Continue to Dry run
          </Button>
        }
      >
        <p className="wizard-purpose wizard-inset">
          What is owed to creators: the balance from before, and what they earned in the open month so far, after the
          fee. Storage has to hold all of it.
        </p>
        {totals === undefined ? (
          <Skeleton label="Loading the totals" height={60} />
        ) : (
          <SimpleTable
            caption="Owed and held, currency by currency"
            rows={totals}
            rowKey={(row) => row.currency}
            empty="Nothing is owed to anybody"
            columns={[
              { id: 'currency', header: 'Currency', cell: (row) => <strong>{row.currency.toUpperCase()}</strong> },
              {
                id: 'owed',
                header: 'Owed to creators',
                align: 'end',
                cell: (row) => <AmountCell value={row.owed} currency={row.currency} />,
              },
              {
                id: 'storage',
                header: 'Held in Storage',
                align: 'end',
                cell: (row) => <AmountCell value={row.storage} currency={row.currency} tone="storage" />,
              },
              {
                id: 'delta',
                header: 'Owed less Storage',
                align: 'end',
                cell: (row) => <AmountCell value={row.delta} currency={row.currency} />,
              },
              { id: 'meaning', header: 'What it means', cell: (row) => meaning(row.delta) },
            ]}
          />
        )}
      </Panel>
      <Panel title="Creators" flush grows>
        <DataTable
          label="Obligations by creator"
          columns={columns(unit, more.length > 0)}
          rowKey={(row) => `${row.creatorId} ${row.currency}`}
          searchLabel="Name or id"
          fetchPage={async (request) =>
            mapResult(await call('migration.obligations', request), (reply) => {
              setTotals(reply.totals);
              return reply.page;
            })
          }
          empty={
            <EmptyState title="Nobody is owed anything">No creator has an opening balance or earnings.</EmptyState>
          }
        />
      </Panel>
    </>
  );
}

function meaning(delta: string): string {
  const missing = BigInt(delta);
  if (missing > 0n) return 'has to move to Storage';
  return missing === 0n ? 'nothing has to move' : 'Storage holds more; it goes back at month end';
}

function columns(unit: string, withCurrency: boolean): readonly TableColumn<Obligation>[] {
  const amount = (id: 'opening' | 'openPeriod' | 'owed', header: string): TableColumn<Obligation> => ({
    id,
    header: `${header}${unit}`,
    width: 'minmax(150px, 1fr)',
    align: 'end',
    sortable: true,
    cell: (row) => <AmountCell value={row[id]} currency={row.currency} />,
    text: (row) => plainDecimal(row[id], row.currency),
  });
  return [
    {
      id: 'displayName',
      header: 'Creator',
      width: 'minmax(180px, 2fr)',
      sortable: true,
      cell: (row) => row.displayName,
      text: (row) => row.displayName,
    },
    {
      id: 'creatorId',
      header: 'Id',
      width: 'minmax(110px, 1fr)',
      cell: (row) => row.creatorId,
      text: (row) => row.creatorId,
    },
    ...(withCurrency
      ? [
          {
            id: 'currency',
            header: 'Currency',
            width: '90px',
            cell: (row: Obligation) => row.currency.toUpperCase(),
            text: (row: Obligation) => row.currency.toUpperCase(),
          },
        ]
      : []),
    amount('opening', 'From before'),
    amount('openPeriod', 'Open month'),
    amount('owed', 'Owed'),
  ];
}
