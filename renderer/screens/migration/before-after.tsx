import type { MigrationPlanView } from '../../../shared/contract';
import { AmountCell, SimpleTable, spoken } from '../../components';
import { forGeometry } from '../../format/amount';

type Pair = MigrationPlanView['before'][number];

interface BeforeAfterProps {
  readonly before: readonly Pair[];
  readonly after: readonly Pair[];
  /** The bars beside the table; on paper the table is enough. */
  readonly bars?: boolean;
}

/** Payments, Storage and obligations before and after, currency by currency. */
export function BeforeAfter({ before, after, bars = true }: BeforeAfterProps) {
  return (
    <div className="stack">
      {before.map((from) => {
        const to = after.find((one) => one.currency === from.currency) ?? from;
        return (
          <div key={from.currency} className={bars ? 'before-after' : undefined}>
            <Figures from={from} to={to} />
            {bars && <Bars from={from} to={to} />}
          </div>
        );
      })}
    </div>
  );
}

interface FromTo {
  readonly from: Pair;
  readonly to: Pair;
}

const sides = ['payments', 'storage', 'obligations'] as const;
const names = { payments: 'Payments', storage: 'Storage', obligations: 'Owed to creators' } as const;

function Figures({ from, to }: FromTo) {
  const { currency } = from;
  const cover = (pair: Pair) => String(BigInt(pair.storage) - BigInt(pair.obligations));
  const rows = [
    ...sides.map((side) => ({ id: side as string, name: names[side] as string, was: from[side], is: to[side] })),
    { id: 'cover', name: 'Storage less owed', was: cover(from), is: cover(to) },
  ];
  return (
    <SimpleTable
      caption={`Before and after in ${currency.toUpperCase()}`}
      rows={rows}
      rowKey={(row) => row.id}
      columns={[
        {
          id: 'name',
          header: currency.toUpperCase(),
          cell: (row) => <span className={`side side-${row.id}`}>{row.name}</span>,
        },
        { id: 'before', header: 'Before', align: 'end', cell: (row) => cell(row, row.was, currency) },
        {
          id: 'change',
          header: 'Change',
          align: 'end',
          cell: (row) => <AmountCell value={String(BigInt(row.is) - BigInt(row.was))} currency={currency} />,
        },
        { id: 'after', header: 'After', align: 'end', cell: (row) => cell(row, row.is, currency) },
      ]}
    />
  );
}

function cell(row: { readonly id: string }, value: string, currency: string) {
  return <AmountCell value={value} currency={currency} tone={row.id === 'cover' ? 'difference' : 'plain'} />;
}

function Bars({ from, to }: FromTo) {
  const { currency } = from;
  const size = (pair: Pair) => forGeometry(pair.payments, currency) + forGeometry(pair.storage, currency);
  const whole = Math.max(size(from), size(to), forGeometry(to.obligations, currency), 0.01);
  const share = (amount: string) => `${Math.max(0, (forGeometry(amount, currency) / whole) * 100)}%`;
  const summary =
    `Storage goes from ${spoken(from.storage, currency)} to ${spoken(to.storage, currency)}; ` +
    `${spoken(to.obligations, currency)} is owed.`;
  return (
    <div className="bars" role="img" aria-label={summary}>
      {[
        { name: 'Before', pair: from },
        { name: 'After', pair: to },
      ].map(({ name, pair }) => (
        <div key={name} className="bars-row">
          <span className="bars-name">{name}</span>
          <span className="bars-track">
            {BigInt(pair.storage) > 0n && <span className="bars-storage" style={{ width: share(pair.storage) }} />}
            <span className="bars-payments" style={{ width: share(pair.payments) }} />
            <span className="bars-owed" style={{ left: share(pair.obligations) }} />
          </span>
        </div>
      ))}
      <div className="bars-legend">
        <span className="bars-key bars-key-storage">Storage</span>
        <span className="bars-key bars-key-payments">Payments</span>
        <span className="bars-key bars-key-owed">Owed to creators</span>
      </div>
    </div>
  );
}
