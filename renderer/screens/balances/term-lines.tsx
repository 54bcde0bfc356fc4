import { useState } from 'react';
import type { CoverageTerm, Reply } from '../../../shared/contract';
import { Amount, AmountCell, EmptyState, instantText, KeyValue, plainDecimal } from '../../components';
import { DataTable, type TableColumn } from '../../components/data-table';
import { call, mapResult } from '../../state/coffer';

type Lines = Reply<'balances.lines'>;
type Line = Lines['page']['rows'][number];

const when: TableColumn<Line> = {
  id: 'at',
  header: 'Date',
  width: '170px',
  cell: (line) => instantText(line.at),
  text: (line) => line.at,
};

interface TermLinesProps {
  readonly term: CoverageTerm;
  readonly title: string;
  readonly currency: string;
}

/** The lines that a term of the equation consists of, and their sum. */
export function TermLines({ term, title, currency }: TermLinesProps) {
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
            label: term === 'difference' ? 'Not explained yet' : 'Total',
            value: <Amount value={head?.sum} currency={currency} showCurrency />,
            numeric: true,
            strong: true,
          },
        ]}
      />
      <DataTable
        label={`Lines of ${title}`}
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
        empty={
          <EmptyState title="No lines">
            {term === 'difference'
              ? 'Every line at Stripe is matched or explained.'
              : 'Nothing makes up this term at the moment; it is 0.'}
          </EmptyState>
        }
      />
    </>
  );
}
