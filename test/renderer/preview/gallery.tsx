/** Components that no screen of the preview shows yet, side by side. Not shipped. */
import { useState } from 'react';
import {
  Amount,
  AmountCell,
  AmountField,
  Button,
  Checklist,
  EmptyState,
  KeyValue,
  PageHeader,
  Panel,
  Progress,
  plainDecimal,
  RadioField,
  SelectField,
  Stat,
  StatRow,
  StatusPill,
  Stepper,
  Tabs,
  TypedConfirmDialog,
} from '../../../renderer/components';
import { DataTable, type TableColumn } from '../../../renderer/components/data-table';
import { call } from '../../../renderer/state/coffer';
import { tell, tellFailure } from '../../../renderer/state/toasts';
import type { CreatorRow } from '../../../shared/contract';

const columns: readonly TableColumn<CreatorRow>[] = [
  {
    id: 'displayName',
    header: 'Creator',
    cell: (row) => row.displayName,
    text: (row) => row.displayName,
    sortable: true,
  },
  { id: 'email', header: 'E-mail', width: 'minmax(220px, 2fr)', cell: (row) => row.email, text: (row) => row.email },
  {
    id: 'hold',
    header: 'State',
    width: '130px',
    cell: (row) =>
      row.holdReason === '' ? (
        <StatusPill tone="good">Payable</StatusPill>
      ) : (
        <StatusPill tone="attention">Held</StatusPill>
      ),
    text: (row) => row.holdReason,
  },
  ...(['owed', 'accruing', 'lifetimePaid'] as const).map((id) => ({
    id,
    header: { owed: 'Owed USD', accruing: 'Earning USD', lifetimePaid: 'Paid through Coffer USD' }[id],
    width: '140px',
    align: 'end' as const,
    sortable: true,
    cell: (row: CreatorRow) => <AmountCell value={row[id]} currency="usd" />,
    text: (row: CreatorRow) => plainDecimal(row[id], 'usd'),
  })),
];

export default function Gallery() {
  const [open, setOpen] = useState(false);
  const [amount, setAmount] = useState('1,250.0');
  const [step, setStep] = useState('fund');
  return (
    <>
      <PageHeader
        title="Gallery"
        subtitle="Every component once"
        actions={
          <Button kind="danger" onPress={() => setOpen(true)}>
            Pay 41 creators
          </Button>
        }
      />
      <Stepper
        label="Steps of 2026-10"
        current={step}
        onSelect={setStep}
        steps={[
          { id: 'preflight', title: 'Preflight', state: 'done', detail: '12 s' },
          { id: 'lock', title: 'Lock', state: 'done', detail: 'M. Lindqvist' },
          { id: 'earnings', title: 'Earnings', state: 'done' },
          { id: 'lapse', title: 'Use it or lose it', state: 'done' },
          { id: 'fund', title: 'Fund', state: 'attention', detail: '1 movement' },
          { id: 'approve', title: 'Approve', state: 'ready' },
          { id: 'pay', title: 'Pay', state: 'running' },
          { id: 'reconcile', title: 'Reconcile', state: 'waiting' },
          { id: 'close', title: 'Close', state: 'waiting' },
        ]}
      />
      <Tabs
        label="Parts"
        grows
        tabs={[
          {
            id: 'table',
            title: 'Table',
            count: 100_000,
            content: (
              <Panel title="Creators" flush grows>
                <DataTable
                  label="Creators"
                  columns={columns}
                  rowKey={(row) => row.creatorId}
                  fetchPage={(request) => call('creators.list', request)}
                  searchLabel="Name, e-mail or id"
                  onOpen={(row) => tell(row.displayName, row.email)}
                />
              </Panel>
            ),
          },
          {
            id: 'parts',
            title: 'Parts',
            content: (
              <div className="stack">
                <StatRow>
                  <Stat
                    label="Payments"
                    side="payments"
                    value={<Amount value="1284250" currency="usd" />}
                    detail="Available"
                  />
                  <Stat
                    label="Storage"
                    side="storage"
                    value={<Amount value="4719565" currency="usd" />}
                    detail="Available"
                  />
                  <Stat label="Difference" value={<Amount value="-5000" currency="usd" tone="difference" />} />
                  <Stat label="Not loaded" value={<Amount value={undefined} currency="usd" />} />
                  <Stat label="Not applicable" value={<Amount value={null} currency="usd" />} />
                </StatRow>
                <Progress
                  label="Paying creators"
                  done={18}
                  total={41}
                  cancelLabel="Stop after this payout"
                  onCancel={() => undefined}
                />
                <Progress label="Reading Stripe" done={1_204} total={0} />
                <Panel title="Fields">
                  <div className="stack">
                    <AmountField
                      label="Withdraw"
                      currency="usd"
                      value={amount}
                      onChange={setAmount}
                      hint="Up to what is safe to withdraw."
                    />
                    <SelectField
                      label="Period"
                      value="2026-10"
                      onChange={() => undefined}
                      options={[
                        { id: '2026-10', label: '2026-10, open' },
                        { id: '2026-09', label: '2026-09, closed' },
                      ]}
                    />
                    <RadioField
                      label="Funding basis"
                      value="net"
                      onChange={() => undefined}
                      options={[
                        { id: 'net', label: 'Net', detail: 'Storage holds what creators receive.' },
                        { id: 'gross', label: 'Gross', detail: 'Storage holds what subscribers allocated.' },
                      ]}
                    />
                  </div>
                </Panel>
                <Panel title="Preflight" flush>
                  <Checklist
                    label="Preflight"
                    checks={[
                      { code: 'a', title: 'Storage answers', outcome: 'pass', detail: 'Read in 0.2 s.', action: '' },
                      {
                        code: 'b',
                        title: 'Automatic payouts',
                        outcome: 'blocker',
                        detail: 'They are on.',
                        action: 'Set them to manual in the Stripe dashboard.',
                      },
                      {
                        code: 'c',
                        title: '3 creators without an account',
                        outcome: 'warning',
                        detail: 'They are carried forward.',
                        action: '',
                      },
                    ]}
                  />
                </Panel>
                <Panel title="Nothing">
                  <EmptyState
                    title="No payouts yet"
                    actions={
                      <Button
                        kind="primary"
                        onPress={() =>
                          tellFailure({ code: '', message: 'Stripe did not answer.', hint: 'Try again later.' })
                        }
                      >
                        Open the month end
                      </Button>
                    }
                  >
                    Payouts appear once the period is approved.
                  </EmptyState>
                </Panel>
              </div>
            ),
          },
        ]}
      />
      <TypedConfirmDialog
        isOpen={open}
        title="Pay 41 creators"
        restatement={[
          { label: 'Out of Storage', value: <Amount value="4120050" currency="usd" showCurrency />, numeric: true },
          { label: 'Storage afterwards', value: <Amount value="12000" currency="usd" showCurrency />, numeric: true },
          { label: 'Period', value: '2026-10', numeric: true },
        ]}
        expected="41200.50 2026-10"
        action="Pay 41 creators"
        onConfirm={() => setOpen(false)}
        onCancel={() => setOpen(false)}
      >
        <KeyValue items={[]} />
      </TypedConfirmDialog>
    </>
  );
}
