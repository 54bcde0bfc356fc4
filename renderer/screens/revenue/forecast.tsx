import type { PayoutForecast, UsageView } from '../../../shared/contract';
import { AmountCell, counted, Panel, ScreenLink, SimpleTable } from '../../components';

/** What is owed if the open month closed now, and what it comes to at its pace, with the assumption beside it. */
export function Forecast({ forecast, currency }: { readonly forecast: PayoutForecast; readonly currency: string }) {
  const { period, days, daysInMonth, atThisPace } = forecast;
  const rows: readonly (readonly [name: string, amount: string])[] = [
    [`To be paid, ${counted(forecast.payCreators, 'creator')}`, forecast.pay],
    ['Carried forward', forecast.carried],
    ['Held', forecast.held],
    ['In suspense', forecast.suspense],
  ];
  return (
    <Panel title={`If ${period} closed now`} actions={<span className="muted">{currency.toUpperCase()}</span>}>
      <ol className="sum" aria-label={`What would be owed for ${period}`}>
        {rows.map(([name, amount]) => (
          <li key={name}>
            <span>{name}</span>
            <AmountCell value={amount} currency={currency} />
          </li>
        ))}
        <li className="sum-result">
          <span>Owed to creators</span>
          <AmountCell value={forecast.owed} currency={currency} />
        </li>
      </ol>
      <p className="sum-note">
        From the present data, holds and smallest payout. Whether Stripe can pay each account is asked at the month end.
      </p>
      {atThisPace !== null && (
        <>
          <ol className="sum sum-apart" aria-label={`What would be owed at the end of ${period}`}>
            <li>
              <span>Estimate for the end of the month</span>
              <AmountCell value={atThisPace} currency={currency} />
            </li>
          </ol>
          <p className="sum-note">
            What would be owed if creators go on earning as in the first {days} of {daysInMonth} days.
          </p>
        </>
      )}
    </Panel>
  );
}

const bandWords = { low: 'Low: more than half unused', medium: 'Medium: more than a quarter', high: 'High' } as const;

type Band = UsageView['bands'][number];

export function Usage({ usage, currency }: { readonly usage: UsageView; readonly currency: string }) {
  const { subscribers } = usage.halfUnused;
  return (
    <Panel title={`Usage in ${usage.period}`} actions={<span className="muted">{currency.toUpperCase()}</span>} flush>
      <SimpleTable<Band>
        caption="Subscribers by how much of their month they allocated"
        rows={usage.bands}
        rowKey={(row) => row.band}
        columns={[
          { id: 'band', header: 'Band', cell: (row) => bandWords[row.band] },
          { id: 'count', header: 'Subscribers', align: 'end', cell: (row) => row.subscribers.toLocaleString('en') },
          {
            id: 'unallocated',
            header: 'Unallocated',
            align: 'end',
            cell: (row) => <AmountCell value={row.unallocated} currency={currency} />,
          },
        ]}
      />
      {subscribers > 0 && (
        <p className="usage-link">
          Half or more unused:{' '}
          <ScreenLink to="subscribers" params={{ period: usage.period, unused: 'half' }}>
            Show the {counted(subscribers, 'subscriber')}
          </ScreenLink>
        </p>
      )}
    </Panel>
  );
}
