import type { RevenueMonth, RevenueView } from '../../../shared/contract';
import {
  Amount,
  AmountCell,
  Button,
  CurrencyTabs,
  EmptyState,
  Failure,
  Figure,
  PageHeader,
  Panel,
  percent,
  ScreenLink,
  SimpleTable,
  Skeleton,
} from '../../components';
import { useBalances } from '../../state/balances';
import { useAction, useQuery } from '../../state/coffer';
import { screenTitles } from '../../state/navigation';
import { tell } from '../../state/toasts';
import { Forecast, Usage } from './forecast';
import { drawnMonths, lastTwelve, revenueSentence, revenueTotals } from './months';
import './revenue.css';
import { RevenueCharts } from './revenue-charts';
import { Withdrawals } from './withdrawals';

/** How much is ours: twelve months, and what can be withdrawn without touching what is owed. */
export default function RevenueScreen() {
  const currency = useBalances((balances) => balances.currency);
  const choose = useBalances((balances) => balances.choose);
  const query = useQuery('revenue.overview', currency === undefined ? {} : { currency });
  const view = query.value;
  return (
    <>
      <PageHeader
        title={screenTitles.revenue}
        subtitle="What the platform earned, and what can leave Payments without touching what creators are owed."
        filters={
          view !== undefined && <CurrencyTabs currencies={view.currencies} selected={view.currency} onSelect={choose} />
        }
      />
      {query.error !== undefined && <Failure failure={query.error} onRetry={query.reload} />}
      {query.loading && (
        <div className="revenue-grid">
          <Skeleton label="Loading twelve months" height={420} />
          <Skeleton label="Loading what is safe to withdraw" height={300} />
        </div>
      )}
      {view !== undefined && <Revenue view={view} />}
    </>
  );
}

function Revenue({ view }: { readonly view: RevenueView }) {
  const { currency } = view;
  const months = lastTwelve(view.months);
  return (
    <div className="revenue-grid">
      <div className="revenue-main">
        <Panel>
          {months.length === 0 ? (
            <EmptyState title="No month yet">
              A month appears here once its payments are imported under{' '}
              <ScreenLink to="settings" params={{ tab: 'data' }}>
                Settings, Data
              </ScreenLink>
              .
            </EmptyState>
          ) : (
            <Figure
              title={`Twelve months, ${currency.toUpperCase()}`}
              summary={revenueSentence(months, currency)}
              chart={<RevenueCharts months={drawnMonths(months, currency)} currency={currency} />}
              table={<MonthsTable months={months} currency={currency} />}
            />
          )}
        </Panel>
        {months.length > 0 && (
          <Panel
            title="Month by month"
            actions={
              <>
                <span className="muted">{currency.toUpperCase()}</span>
                <SaveMonths currency={currency} />
              </>
            }
            flush
          >
            <MonthsTable months={months} currency={currency} />
          </Panel>
        )}
        <Withdrawals currency={currency} />
      </div>
      <div className="revenue-side">
        <SafeToWithdraw view={view} />
        {view.forecast !== null && <Forecast forecast={view.forecast} currency={currency} />}
        {view.usage !== null && <Usage usage={view.usage} currency={currency} />}
      </div>
    </div>
  );
}

function SaveMonths({ currency }: { readonly currency: string }) {
  const save = useAction('revenue.saveMonths');
  const run = async () => {
    const result = await save.run({ currency });
    if (result.ok && result.value !== null) tell('Months saved', result.value.path);
    if (!result.ok) tell(result.error.message, result.error.hint);
  };
  return (
    <Button kind="quiet" isBusy={save.busy} onPress={run}>
      Save as CSV…
    </Button>
  );
}

type AmountColumn = 'collected' | 'allocated' | 'lapsed' | 'fee' | 'paid' | 'adjustments' | 'revenue';

const amountColumns: readonly (readonly [id: AmountColumn, header: string])[] = [
  ['collected', 'Collected'],
  ['allocated', 'Allocated'],
  ['lapsed', 'Lapsed'],
  ['fee', 'Fee'],
  ['paid', 'Paid out'],
  ['adjustments', 'Adjustments'],
  ['revenue', 'Revenue'],
];

function MonthsTable({ months, currency }: { readonly months: readonly RevenueMonth[]; readonly currency: string }) {
  const totals = revenueTotals(months);
  const adjusted = months.some((month) => month.adjustments !== '0');
  const columns = amountColumns.filter(([id]) => id !== 'adjustments' || adjusted);
  return (
    <SimpleTable<RevenueMonth>
      caption={`Months in ${currency.toUpperCase()}, newest first`}
      rows={[...months].reverse()}
      rowKey={(month) => month.period}
      columns={[
        {
          id: 'period',
          header: 'Month',
          cell: (month) => (
            <span className="revenue-month">
              {month.period} <span className="muted">{month.state === 'open' ? 'so far' : month.state}</span>
            </span>
          ),
        },
        ...columns.map(([id, header]) => ({
          id,
          header,
          align: 'end' as const,
          cell: (month: RevenueMonth) => <AmountCell value={month[id]} currency={currency} />,
        })),
        {
          id: 'rate',
          header: 'Rate',
          align: 'end',
          cell: (month) => percent(month.allocationRateBps),
        },
      ]}
      totals={[
        'Total',
        ...columns.map(([id]) => <AmountCell key={id} value={totals[id]} currency={currency} />),
        percent(totals.allocationRateBps),
      ]}
    />
  );
}

/** The amount with its arithmetic: every term, then the result under a double rule. */
function SafeToWithdraw({ view }: { readonly view: RevenueView }) {
  const { currency, safeToWithdraw } = view;
  const total = safeToWithdraw.terms.reduce((sum, term) => sum + BigInt(term.amount), 0n);
  // Nothing below zero can be withdrawn; the sum is then shown as well, so that the column adds up.
  const differs = safeToWithdraw.terms.length > 0 && total !== BigInt(safeToWithdraw.amount);
  return (
    <Panel title="Safe to withdraw" actions={<span className="muted">{currency.toUpperCase()}</span>}>
      <p className="sum-headline">
        <Amount value={safeToWithdraw.amount} currency={currency} tone="payments" size="huge" showCurrency />
      </p>
      <ol className="sum" aria-label="How the amount is made up">
        {safeToWithdraw.terms.map((term) => (
          <li key={term.name}>
            <span>{term.name}</span>
            <AmountCell value={term.amount} currency={currency} />
            {term.detail !== '' && <small>{term.detail}</small>}
          </li>
        ))}
        {differs && (
          <li className="sum-total">
            <span>Sum</span>
            <AmountCell value={String(total)} currency={currency} />
          </li>
        )}
        <li className="sum-result">
          <span>Safe to withdraw</span>
          <AmountCell value={safeToWithdraw.amount} currency={currency} />
        </li>
      </ol>
      {safeToWithdraw.note !== '' && <p className="sum-note">{safeToWithdraw.note}</p>}
    </Panel>
  );
}
