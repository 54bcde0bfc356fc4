import { ArrowLeft, Printer } from 'lucide-react';
import { useState } from 'react';
import type { SubscriberStatement as Statement } from '../../../shared/contract';
import {
  AmountCell,
  Button,
  CurrencyTabs,
  dateText,
  Failure,
  PageHeader,
  Panel,
  SelectField,
  SimpleTable,
  Skeleton,
  StatusPill,
  type StatusTone,
} from '../../components';
import { useQuery } from '../../state/coffer';
import { useNavigation } from '../../state/navigation';
import { useScreenParams } from '../../state/screen-params';
import '../creators/print.css';
import '../creators/statement.css';
import { AllocationLines } from '../creators/statement-lines';
import { byMonth, countedFunds } from './months';

/** One subscriber: payment → funds → allocations to creators, funded and unfunded. */
export function SubscriberStatement({ subscriberId }: { readonly subscriberId: string }) {
  const query = useQuery('subscribers.statement', { subscriberId });
  const statement = query.value;
  const [currency, setCurrency] = useState<string>();
  const go = useNavigation((navigation) => navigation.go);
  const currencies =
    statement === undefined
      ? []
      : [...new Set([...statement.payments, ...statement.allocations].map((one) => one.currency))].sort();
  const chosen = currency ?? currencies.at(0);
  const [params, change] = useScreenParams();
  const months = [
    ...new Set([...(statement?.payments ?? []), ...(statement?.allocations ?? [])].map((one) => one.period)),
  ];
  const month = months.find((one) => one === params.month);
  const ofMonth = <Row extends { readonly period: string }>(rows: readonly Row[]) =>
    rows.filter((row) => month === undefined || row.period === month);
  return (
    <div className="stack printable">
      <PageHeader
        title={statement?.displayName ?? subscriberId}
        subtitle={statement === undefined ? undefined : `Statement of ${subscriberId}`}
        filters={
          chosen !== undefined && (
            <>
              {months.length > 1 && (
                <SelectField
                  label="Month"
                  hideLabel
                  value={month ?? everyMonth}
                  onChange={(next) => change({ month: next === everyMonth ? undefined : next })}
                  options={[
                    { id: everyMonth, label: 'All months' },
                    ...months
                      .sort()
                      .reverse()
                      .map((one) => ({ id: one, label: one })),
                  ]}
                />
              )}
              <CurrencyTabs currencies={currencies} selected={chosen} onSelect={setCurrency} />
            </>
          )
        }
        actions={
          <span className="row not-printed">
            <Button icon={<ArrowLeft size={14} />} onPress={() => go('subscribers')}>
              All subscribers
            </Button>
            <Button icon={<Printer size={14} />} isDisabled={statement === undefined} onPress={() => window.print()}>
              Print…
            </Button>
          </span>
        }
      />
      {query.error !== undefined && <Failure failure={query.error} onRetry={query.reload} />}
      {query.loading && <Skeleton label="Loading the statement" height={420} />}
      {statement !== undefined && chosen === undefined && (
        <Panel>
          <p className="muted">No payments and no allocations of this subscriber were imported yet.</p>
        </Panel>
      )}
      {statement !== undefined && chosen !== undefined && (
        <>
          <Months statement={statement} currency={chosen} />
          <Payments rows={ofMonth(statement.payments)} currency={chosen} />
          <Panel title="Allocations" actions={<span className="muted">{chosen.toUpperCase()}</span>} flush>
            <AllocationLines
              caption={`Allocations in ${chosen.toUpperCase()}`}
              rows={ofMonth(statement.allocations).filter((row) => row.currency === chosen)}
              currency={chosen}
              other="creator"
            />
          </Panel>
        </>
      )}
    </div>
  );
}

const everyMonth = 'all';

interface PartProps {
  readonly statement: Statement;
  readonly currency: string;
}

const monthAmounts = [
  ['funds', 'Funds'],
  ['allocated', 'Allocated'],
  ['unallocated', 'Unallocated'],
  ['unfunded', 'Unfunded'],
] as const;

function Months({ statement, currency }: PartProps) {
  const shown = 500;
  const cut = statement.payments.length >= shown || statement.allocations.length >= shown;
  const months = byMonth(statement, currency);
  const total = (of: (typeof monthAmounts)[number][0]) =>
    String(months.reduce((sum, month) => sum + BigInt(month[of]), 0n));
  return (
    <Panel
      title="By month"
      actions={<span className="muted">{currency.toUpperCase()}</span>}
      flush
      {...(cut
        ? {
            footer: (
              <span className="muted">
                Added up from the newest {shown} payments and allocations; the earliest month may be incomplete.
              </span>
            ),
          }
        : {})}
    >
      <div className="statement-lines">
        <SimpleTable
          caption={`Funds and allocations by month in ${currency.toUpperCase()}`}
          rows={months}
          rowKey={(row) => row.period}
          {...(months.length > 1
            ? {
                totals: [
                  'Total',
                  ...monthAmounts.map(([id]) => <AmountCell key={id} value={total(id)} currency={currency} />),
                ],
              }
            : {})}
          columns={[
            { id: 'period', header: 'Month', cell: (row) => <span className="statement-fixed">{row.period}</span> },
            ...monthAmounts.map(([id, header]) => ({
              id,
              header,
              align: 'end' as const,
              cell: (row: ReturnType<typeof byMonth>[number]) => <AmountCell value={row[id]} currency={currency} />,
            })),
          ]}
        />
      </div>
    </Panel>
  );
}

const paymentWords: Readonly<Record<string, { readonly tone: StatusTone; readonly word: string }>> = {
  succeeded: { tone: 'good', word: 'Succeeded' },
  failed: { tone: 'bad', word: 'Failed' },
  disputed: { tone: 'attention', word: 'Disputed' },
};

interface PaymentsProps {
  readonly rows: Statement['payments'];
  readonly currency: string;
}

function Payments({ rows, currency }: PaymentsProps) {
  return (
    <Panel title="Payments" actions={<span className="muted">{currency.toUpperCase()}</span>} flush>
      <div className="statement-lines">
        <SimpleTable
          caption={`Payments in ${currency.toUpperCase()}`}
          rows={rows.filter((row) => row.currency === currency)}
          rowKey={(row) => row.paymentId}
          empty="No payments."
          columns={[
            { id: 'period', header: 'Month', cell: (row) => <span className="statement-fixed">{row.period}</span> },
            {
              id: 'paidAt',
              header: 'Paid',
              cell: (row) => <span className="statement-fixed">{dateText(row.paidAt)}</span>,
            },
            {
              id: 'status',
              header: 'Status',
              cell: (row) => {
                const { tone, word } = paymentWords[row.status] ?? { tone: 'neutral' as const, word: row.status };
                return <StatusPill tone={tone}>{word}</StatusPill>;
              },
            },
            {
              id: 'amount',
              header: 'Amount',
              align: 'end',
              cell: (row) => <AmountCell value={row.amount} currency={currency} />,
            },
            {
              id: 'refunded',
              header: 'Refunded',
              align: 'end',
              cell: (row) => <AmountCell value={row.refunded} currency={currency} />,
            },
            {
              id: 'funds',
              header: 'Adds to funds',
              align: 'end',
              cell: (row) => <AmountCell value={countedFunds(row)} currency={currency} />,
            },
            { id: 'id', header: 'Payment', cell: (row) => row.paymentId },
          ]}
        />
      </div>
    </Panel>
  );
}
