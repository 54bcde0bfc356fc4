import type { CreatorStatement, EarningRow } from '../../../shared/contract';
import {
  AmountCell,
  Panel,
  ScreenLink,
  type SimpleColumn,
  SimpleTable,
  StatusPill,
  type StatusTone,
} from '../../components';
import './statement.css';

const dispositions: Readonly<Record<string, { readonly tone: StatusTone; readonly word: string }>> = {
  none: { tone: 'neutral', word: 'Nothing payable' },
  held: { tone: 'attention', word: 'Held' },
  carried: { tone: 'information', word: 'Carried forward' },
  planned: { tone: 'neutral', word: 'Planned' },
  processing: { tone: 'progress', word: 'Processing' },
  paid: { tone: 'good', word: 'Paid' },
  failed: { tone: 'bad', word: 'Failed' },
  returned: { tone: 'bad', word: 'Returned' },
  unknown: { tone: 'unknown', word: 'Unknown' },
};

const amounts = [
  ['opening', 'Opening'],
  ['gross', 'Gross'],
  ['fee', 'Fee'],
  ['net', 'Net'],
  ['payable', 'Payable'],
  ['paid', 'Paid'],
  ['owedAfter', 'Owed after'],
] as const;

interface EarningsTableProps {
  readonly statement: CreatorStatement;
  readonly currency: string;
}

/** Month by month: opening + net = payable, payable − paid = owed after, which opens the next month. */
export function EarningsTable({ statement, currency }: EarningsTableProps) {
  const rows = statement.earnings
    .filter((row) => row.currency === currency)
    .sort((a, b) => (a.period < b.period ? 1 : -1));
  const columns: readonly SimpleColumn<EarningRow>[] = [
    {
      id: 'period',
      header: 'Month',
      cell: (row) => (
        <span className="statement-fixed">
          <MonthLink statement={statement} period={row.period} />
        </span>
      ),
    },
    ...amounts.map(([id, header]) => ({
      id,
      header,
      align: 'end' as const,
      cell: (row: EarningRow) =>
        id === 'paid' ? <Paid statement={statement} row={row} /> : <AmountCell value={row[id]} currency={currency} />,
    })),
    { id: 'disposition', header: 'Disposition', cell: (row) => <Disposition row={row} /> },
    { id: 'reason', header: 'Reason', cell: (row) => row.reason },
  ];
  return (
    <Panel title="Earnings" actions={<span className="muted">{currency.toUpperCase()}</span>} flush>
      <SimpleTable
        caption={`Earnings per month in ${currency.toUpperCase()}`}
        rows={rows}
        rowKey={(row) => row.period}
        columns={columns}
        empty="No earnings yet: nothing was allocated to this creator."
      />
    </Panel>
  );
}

/** The month leads to the allocations that it was earned from. */
function MonthLink({ statement, period }: { readonly statement: CreatorStatement; readonly period: string }) {
  return statement.allocations.some((one) => one.period === period) ? (
    <ScreenLink to="creators" params={{ creatorId: statement.creatorId, period }}>
      {period}
    </ScreenLink>
  ) : (
    period
  );
}

/** What was paid leads to its payout. */
function Paid({ statement, row }: { readonly statement: CreatorStatement; readonly row: EarningRow }) {
  const amount = <AmountCell value={row.paid} currency={row.currency} />;
  const payout = statement.payouts.find(
    (one) => one.period === row.period && one.currency === row.currency && one.status === 'posted',
  );
  return payout === undefined || BigInt(row.paid) === 0n ? (
    amount
  ) : (
    <ScreenLink to="payouts" params={{ period: row.period, intentId: payout.intentId }}>
      {amount}
    </ScreenLink>
  );
}

function Disposition({ row }: { readonly row: EarningRow }) {
  if (row.provisional) return <StatusPill tone="progress">Provisional</StatusPill>;
  const { tone, word } = dispositions[row.disposition] ?? { tone: 'neutral' as const, word: row.disposition };
  return <StatusPill tone={tone}>{word}</StatusPill>;
}
