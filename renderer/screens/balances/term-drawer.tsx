import { useState } from 'react';
import type { CoverageTerm, Reply } from '../../../shared/contract';
import {
  Amount,
  AmountCell,
  DataTable,
  Drawer,
  EmptyState,
  instantText,
  KeyValue,
  plainDecimal,
  type TableColumn,
} from '../../components';
import { call, mapResult } from '../../state/coffer';

type Lines = Reply<'balances.lines'>;
type Line = Lines['page']['rows'][number];

const titles: Readonly<Record<CoverageTerm, string>> = {
  'payments-available': 'Payments available',
  'payments-pending': 'Payments pending',
  'storage-available': 'Storage available',
  'inbound-pending': 'Inbound pending',
  'outbound-pending': 'Outbound pending',
  owed: 'Owed to creators and suspense',
  difference: 'Difference',
};

const when: TableColumn<Line> = {
  id: 'at',
  header: 'Date',
  width: '170px',
  cell: (line) => instantText(line.at),
  text: (line) => line.at,
};

interface TermDrawerProps {
  readonly term: CoverageTerm | undefined;
  readonly currency: string;
  readonly onClose: () => void;
}

/** The lines that a term of the equation consists of, with their sum. */
export function TermDrawer({ term, currency, onClose }: TermDrawerProps) {
  return (
    <Drawer
      isOpen={term !== undefined}
      onClose={onClose}
      width={760}
      title={term === undefined ? '' : `${titles[term]}, ${currency.toUpperCase()}`}
    >
      {term !== undefined && <TermLines key={`${term} ${currency}`} term={term} currency={currency} />}
    </Drawer>
  );
}

function TermLines({ term, currency }: { readonly term: CoverageTerm; readonly currency: string }) {
  const [head, setHead] = useState<Omit<Lines, 'page'>>();
  const columns: readonly TableColumn<Line>[] = [
    // What is owed has no date of its own: all of it is as of the reading that the top bar names.
    ...(term === 'owed' ? [] : [when]),
    {
      id: 'reference',
      header: 'Reference',
      width: 'minmax(120px, 1fr)',
      cell: (line) => line.reference,
      text: (line) => line.reference,
    },
    {
      id: 'description',
      header: 'Description',
      width: 'minmax(160px, 2fr)',
      cell: (line) => line.description,
      text: (line) => line.description,
    },
    {
      id: 'amount',
      header: `Amount ${currency.toUpperCase()}`,
      width: '150px',
      align: 'end',
      cell: (line) => <AmountCell value={line.amount} currency={currency} />,
      text: (line) => plainDecimal(line.amount, currency),
    },
  ];
  return (
    <>
      {head !== undefined && <p>{head.explanation}</p>}
      <KeyValue
        items={[
          {
            label: head?.title ?? titles[term],
            value: <Amount value={head?.sum} currency={currency} showCurrency />,
            numeric: true,
            strong: true,
          },
        ]}
      />
      <DataTable
        label={`Lines of ${titles[term]}`}
        columns={columns}
        rowKey={(line) => `${line.at} ${line.reference}`}
        queryKey={`${term} ${currency}`}
        searchLabel="Reference or description"
        fetchPage={async (request) =>
          mapResult(await call('balances.lines', { ...request, currency, term }), ({ page, ...rest }) => {
            setHead(rest);
            return page;
          })
        }
        empty={<EmptyState title="No lines">Nothing makes up this term at the moment; it is 0.</EmptyState>}
      />
    </>
  );
}
