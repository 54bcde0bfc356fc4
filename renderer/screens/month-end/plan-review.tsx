import { useState } from 'react';
import type { PayoutPlanView } from '../../../shared/contract';
import {
  AmountCell,
  CurrencyTabs,
  EmptyState,
  plainDecimal,
  Segmented,
  SelectField,
  SimpleTable,
  StatusPill,
  type StatusTone,
} from '../../components';
import { DataTable, type TableColumn } from '../../components/data-table';

type Line = PayoutPlanView['lines'][number];
type Totals = PayoutPlanView['totals'][number];

const dispositions: Readonly<Record<Line['disposition'], { readonly tone: StatusTone; readonly word: string }>> = {
  paid: { tone: 'good', word: 'To pay' },
  held: { tone: 'attention', word: 'Held' },
  carried: { tone: 'neutral', word: 'Carried forward' },
};

/** Every payout of the plan with the totals. */
export function PlanReview({ plan }: { readonly plan: PayoutPlanView }) {
  return (
    <>
      <PlanTotals totals={plan.totals} />
      <PlanLines plan={plan} />
    </>
  );
}

const totalRows: readonly {
  readonly id: string;
  readonly label: string;
  readonly count?: (totals: Totals) => number;
  readonly amount: (totals: Totals) => string;
  readonly strong?: boolean;
}[] = [
  { id: 'pay', label: 'To pay', count: (one) => one.payCount, amount: (one) => one.pay, strong: true },
  { id: 'held', label: 'Held', count: (one) => one.heldCount, amount: (one) => one.held },
  { id: 'carried', label: 'Carried forward', count: (one) => one.carriedCount, amount: (one) => one.carried },
  { id: 'suspense', label: 'Suspense', amount: (one) => one.suspense },
  { id: 'before', label: 'Storage before', amount: (one) => one.storageBefore },
  { id: 'after', label: 'Storage after', amount: (one) => one.storageAfter, strong: true },
];

function PlanTotals({ totals }: { readonly totals: readonly Totals[] }) {
  return (
    <div className="figures" data-currencies={Math.min(totals.length * 2, 4)}>
      <SimpleTable
        caption="Totals of the plan"
        rows={totalRows}
        rowKey={(row) => row.id}
        columns={[
          {
            id: 'label',
            header: 'Totals of the plan',
            cell: (row) => (row.strong === true ? <strong>{row.label}</strong> : row.label),
          },
          ...totals.flatMap((one) => [
            {
              id: `${one.currency}-count`,
              header: 'Creators',
              align: 'end' as const,
              cell: (row: (typeof totalRows)[number]) => row.count?.(one).toLocaleString('en') ?? '',
            },
            {
              id: one.currency,
              header: one.currency.toUpperCase(),
              align: 'end' as const,
              cell: (row: (typeof totalRows)[number]) => (
                <span className={row.strong === true ? 'figures-strong' : undefined}>
                  <AmountCell value={row.amount(one)} currency={one.currency} />
                </span>
              ),
            },
          ]),
        ]}
      />
    </div>
  );
}

/** Pixels; in a window this high the lines get more room and the button stays in sight all the same. */
const tallWindow = 960;

const everyReason = 'every reason';

function PlanLines({ plan }: { readonly plan: PayoutPlanView }) {
  const currencies = plan.totals.map((one) => one.currency);
  const [currency, setCurrency] = useState(currencies[0] ?? 'usd');
  const [disposition, setDisposition] = useState('all');
  const [reason, setReason] = useState(everyReason);
  const ofCurrency = plan.lines.filter((line) => line.currency === currency);
  const ofDisposition = ofCurrency.filter((line) => disposition === 'all' || line.disposition === disposition);
  const reasons = [...new Set(ofDisposition.map((line) => line.reason).filter((one) => one !== ''))].sort();
  const chosen = reasons.includes(reason) ? reason : everyReason;
  const lines = ofDisposition.filter((line) => chosen === everyReason || line.reason === chosen);
  const count = (of: string) => ofCurrency.filter((line) => line.disposition === of).length.toLocaleString('en');
  return (
    <div className="framed-table">
      <div className="plan-filters">
        {currencies.length > 1 && <CurrencyTabs currencies={currencies} selected={currency} onSelect={setCurrency} />}
        <Segmented
          label="Show"
          options={[
            { id: 'all', label: 'All' },
            { id: 'paid', label: `To pay ${count('paid')}` },
            { id: 'held', label: `Held ${count('held')}` },
            { id: 'carried', label: `Carried forward ${count('carried')}` },
          ]}
          selected={disposition}
          onSelect={setDisposition}
        />
        {reasons.length > 1 && (
          <SelectField
            label="Reason"
            hideLabel
            options={[everyReason, ...reasons].map((one) => ({
              id: one,
              label: one === everyReason ? 'Every reason' : one,
            }))}
            value={chosen}
            onChange={setReason}
          />
        )}
      </div>
      <DataTable
        label="Lines of the plan"
        columns={columnsOf(currency)}
        rows={lines}
        rowKey={(line) => `${line.creatorId} ${line.currency}`}
        queryKey={`${plan.planHash} ${currency} ${disposition} ${chosen}`}
        searchLabel="Name, id or account"
        height={window.innerHeight >= tallWindow ? 480 : 262}
        empty={<EmptyState title="No such line">The plan has no line of this kind in this currency.</EmptyState>}
      />
      {plan.lineCount > plan.lines.length && (
        <p className="framed-note muted">
          The first {plan.lines.length.toLocaleString('en')} of {plan.lineCount.toLocaleString('en')} lines. The totals
          and the hash are those of all of them.
        </p>
      )}
    </div>
  );
}

function columnsOf(currency: string): readonly TableColumn<Line>[] {
  return [
    {
      id: 'displayName',
      header: 'Creator',
      width: 'minmax(110px, 1.2fr)',
      sortable: true,
      cell: (line) => line.displayName,
      text: (line) => line.displayName,
    },
    {
      id: 'creatorId',
      header: 'Id',
      width: '100px',
      hidden: true,
      cell: (line) => line.creatorId,
      text: (line) => line.creatorId,
    },
    {
      id: 'payable',
      header: `Payable ${currency.toUpperCase()}`,
      width: '118px',
      align: 'end',
      sortable: true,
      cell: (line) => <AmountCell value={line.payable} currency={line.currency} />,
      text: (line) => plainDecimal(line.payable, line.currency),
    },
    {
      id: 'disposition',
      header: 'What happens',
      width: '152px',
      sortable: true,
      cell: (line) => (
        <StatusPill tone={dispositions[line.disposition].tone}>{dispositions[line.disposition].word}</StatusPill>
      ),
      text: (line) => dispositions[line.disposition].word,
    },
    {
      id: 'reason',
      header: 'Reason',
      width: 'minmax(240px, 3fr)',
      cell: (line) => <span title={line.reason}>{line.reason}</span>,
      text: (line) => line.reason,
    },
    {
      id: 'destination',
      header: 'Stripe account',
      width: 'minmax(110px, 1fr)',
      cell: (line) => <span title={line.destination}>{line.destination}</span>,
      text: (line) => line.destination,
    },
  ];
}
