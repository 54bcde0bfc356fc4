import type { AllocationTrail, CreatorStatement } from '../../../shared/contract';
import { AmountCell, dateText, Panel, PayoutPill, ScreenLink, SelectField, SimpleTable } from '../../components';
import { useScreenParams } from '../../state/screen-params';
import './statement.css';

interface LinesProps {
  readonly statement: CreatorStatement;
  readonly currency: string;
}

export function CreatorPayouts({ statement, currency }: LinesProps) {
  const rows = statement.payouts.filter((row) => row.currency === currency);
  return (
    <Panel title="Payouts" actions={<span className="muted">{currency.toUpperCase()}</span>} flush>
      <div className="statement-lines">
        <SimpleTable
          caption={`Payouts in ${currency.toUpperCase()}`}
          rows={rows}
          rowKey={(row) => row.intentId}
          empty="No payouts yet: they appear once a month end is approved."
          columns={[
            { id: 'period', header: 'Month', cell: (row) => <span className="statement-fixed">{row.period}</span> },
            {
              id: 'amount',
              header: 'Amount',
              align: 'end',
              cell: (row) => <AmountCell value={row.amount} currency={currency} />,
            },
            { id: 'status', header: 'Status', cell: (row) => <PayoutPill status={row.status} /> },
            {
              id: 'settled',
              header: 'Settled',
              cell: (row) => (row.settledAt === null ? '—' : dateText(row.settledAt)),
            },
            {
              id: 'payout',
              header: 'Payout',
              cell: (row) => (
                <ScreenLink to="payouts" params={{ period: row.period, intentId: row.intentId }}>
                  {row.stripeObject ?? 'Open the payout'}
                </ScreenLink>
              ),
            },
          ]}
        />
      </div>
    </Panel>
  );
}

const everyMonth = 'all';

export function CreatorAllocations({ statement, currency }: LinesProps) {
  const own = statement.allocations.filter((row) => row.currency === currency);
  const periods = [...new Set(own.map((row) => row.period))].sort().reverse();
  const [params, change] = useScreenParams();
  const period = periods.find((one) => one === params.period) ?? everyMonth;
  const rows = own.filter((row) => period === everyMonth || row.period === period);
  const { allocations, allocationCount } = statement;
  return (
    <Panel
      title="Allocations"
      flush
      actions={
        <>
          <SelectField
            label="Month of the allocations"
            hideLabel
            value={period}
            onChange={(next) => change({ period: next === everyMonth ? undefined : next })}
            options={[{ id: everyMonth, label: 'All months' }, ...periods.map((one) => ({ id: one, label: one }))]}
          />
          <span className="muted">{currency.toUpperCase()}</span>
        </>
      }
      {...(allocationCount > allocations.length
        ? {
            footer: (
              <span className="muted">
                The newest {allocations.length.toLocaleString('en')} of {allocationCount.toLocaleString('en')}.
              </span>
            ),
          }
        : {})}
    >
      <AllocationLines
        caption={`Allocations in ${currency.toUpperCase()}`}
        rows={rows}
        currency={currency}
        other="subscriber"
      />
    </Panel>
  );
}

interface AllocationLinesProps {
  readonly caption: string;
  readonly rows: readonly AllocationTrail[];
  readonly currency: string;
  /** Whose name stands in the row, as a link to that statement. */
  readonly other: 'subscriber' | 'creator';
}

/** What was wanted, what the subscriber's funds covered, and what they did not. */
export function AllocationLines({ caption, rows, currency, other }: AllocationLinesProps) {
  const total = (name: 'wanted' | 'funded' | 'unfunded') => (
    <AmountCell value={String(rows.reduce((sum, row) => sum + BigInt(row[name]), 0n))} currency={currency} />
  );
  return (
    <div className="statement-lines">
      <SimpleTable
        caption={caption}
        rows={rows}
        rowKey={(row) => row.allocationId}
        empty="No allocations."
        columns={[
          { id: 'period', header: 'Month', cell: (row) => <span className="statement-fixed">{row.period}</span> },
          {
            id: 'other',
            header: other === 'subscriber' ? 'Subscriber' : 'Creator',
            cell: (row) => <Other row={row} other={other} />,
          },
          {
            id: 'wanted',
            header: 'Wanted',
            align: 'end',
            cell: (row) => <AmountCell value={row.wanted} currency={currency} />,
          },
          {
            id: 'funded',
            header: 'Funded',
            align: 'end',
            cell: (row) => <AmountCell value={row.funded} currency={currency} />,
          },
          {
            id: 'unfunded',
            header: 'Unfunded',
            align: 'end',
            cell: (row) => <AmountCell value={row.unfunded} currency={currency} />,
          },
          { id: 'status', header: 'State', cell: (row) => (row.status === 'cancelled' ? 'Canceled' : 'Active') },
          {
            id: 'updated',
            header: 'Last changed',
            cell: (row) => <span className="statement-fixed">{dateText(row.updatedAt)}</span>,
          },
          { id: 'id', header: 'Allocation', cell: (row) => row.allocationId },
        ]}
        {...(rows.length === 0
          ? {}
          : { totals: ['Total', '', total('wanted'), total('funded'), total('unfunded'), '', '', ''] })}
      />
    </div>
  );
}

function Other({ row, other }: { readonly row: AllocationTrail; readonly other: 'subscriber' | 'creator' }) {
  return other === 'subscriber' ? (
    <ScreenLink to="subscribers" params={{ subscriberId: row.subscriberId, month: row.period }}>
      {row.subscriberName === '' ? row.subscriberId : row.subscriberName}
    </ScreenLink>
  ) : row.creatorName === '' ? (
    // Nobody knows this creator: the amount is in suspense, and there is no statement to open.
    <span className="muted">{row.creatorId}, not known</span>
  ) : (
    <ScreenLink to="creators" params={{ creatorId: row.creatorId, period: row.period }}>
      {row.creatorName}
    </ScreenLink>
  );
}
