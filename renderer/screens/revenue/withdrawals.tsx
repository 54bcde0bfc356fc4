import { useState } from 'react';
import type { WithdrawalView } from '../../../shared/contract';
import {
  Amount,
  AmountCell,
  AmountField,
  Button,
  ConfirmDialog,
  Dialog,
  Failure,
  instantText,
  type KeyValueItem,
  Panel,
  PayoutPill,
  PlanHash,
  parseAmount,
  SimpleTable,
  Skeleton,
  StatusPill,
  spoken,
  TypedConfirmDialog,
} from '../../components';
import { useAction, useQuery } from '../../state/coffer';
import { tell } from '../../state/toasts';
import { SecondPerson } from '../month-end/second-person';

interface Asking {
  readonly what: 'approve' | 'withdraw' | 'drop';
  readonly withdrawal: WithdrawalView;
}

/** Payouts of Payments to the platform's own bank account: planned, approved, carried out and followed. */
export function Withdrawals({ currency }: { readonly currency: string }) {
  const query = useQuery('revenue.withdrawals', { currency });
  const [planning, setPlanning] = useState(false);
  const [asking, setAsking] = useState<Asking>();
  const close = async () => {
    setPlanning(false);
    setAsking(undefined);
    await query.reload();
  };
  return (
    <Panel title="Withdrawals" actions={<Button onPress={() => setPlanning(true)}>Plan a withdrawal…</Button>} flush>
      {query.error !== undefined && <Failure failure={query.error} onRetry={query.reload} />}
      {query.value === undefined && query.error === undefined && <Skeleton label="Loading withdrawals" height={72} />}
      {query.value !== undefined && (
        <SimpleTable<WithdrawalView>
          caption={`Withdrawals in ${currency.toUpperCase()}, newest first`}
          rows={query.value}
          rowKey={(row) => row.id}
          empty="Nothing was withdrawn with Coffer yet."
          columns={[
            { id: 'at', header: 'Planned', cell: (row) => instantText(row.plannedAt) },
            {
              id: 'amount',
              header: 'Amount',
              align: 'end',
              cell: (row) => <AmountCell value={row.amount} currency={row.currency} />,
            },
            { id: 'state', header: 'State', cell: (row) => <State row={row} /> },
            { id: 'who', header: 'Approved by', cell: (row) => row.approvedBy ?? '' },
            { id: 'object', header: 'Payout at Stripe', cell: (row) => <code>{row.stripeObject ?? ''}</code> },
            { id: 'actions', header: 'Next', align: 'end', cell: (row) => <Next row={row} onAsk={setAsking} /> },
          ]}
        />
      )}
      {query.value
        ?.filter((row) => row.state === 'approved')
        .map((row) => (
          <div key={row.id} className="withdrawal-second">
            <SecondPerson kind="withdrawal" period={row.period} id={row.id} />
          </div>
        ))}
      {planning && <PlanDialog currency={currency} onClose={close} />}
      {asking?.what === 'approve' && <ApproveDialog withdrawal={asking.withdrawal} onClose={close} />}
      {asking?.what === 'withdraw' && <WithdrawDialog withdrawal={asking.withdrawal} onClose={close} />}
      {asking?.what === 'drop' && <DropDialog withdrawal={asking.withdrawal} onClose={close} />}
    </Panel>
  );
}

function State({ row }: { readonly row: WithdrawalView }) {
  const pill =
    row.state === 'approved' ? (
      <StatusPill tone="information">Approved</StatusPill>
    ) : row.state === 'dropped' ? (
      <StatusPill tone="neutral">Dropped</StatusPill>
    ) : (
      <PayoutPill status={row.state} />
    );
  return (
    <>
      {pill}
      {row.reason !== '' && <div className="muted">{row.reason}</div>}
    </>
  );
}

function Next({ row, onAsk }: { readonly row: WithdrawalView; readonly onAsk: (asking: Asking) => void }) {
  const ask = (what: Asking['what']) => () => onAsk({ what, withdrawal: row });
  if (row.state === 'planned') {
    return (
      <span className="row row-end">
        <Button kind="quiet" onPress={ask('drop')}>
          Drop…
        </Button>
        <Button onPress={ask('approve')}>Approve…</Button>
      </span>
    );
  }
  if (row.state === 'approved' || row.state === 'sending' || row.state === 'unknown') {
    return (
      <span className="row row-end">
        {row.state === 'approved' && (
          <Button kind="quiet" onPress={ask('drop')}>
            Drop…
          </Button>
        )}
        <Button onPress={ask('withdraw')}>{row.state === 'approved' ? 'Withdraw…' : 'Go on…'}</Button>
      </span>
    );
  }
  return null;
}

interface DialogProps {
  readonly withdrawal: WithdrawalView;
  readonly onClose: () => void;
}

function PlanDialog({ currency, onClose }: { readonly currency: string; readonly onClose: () => void }) {
  const plan = useAction('revenue.planWithdrawal');
  const [typed, setTyped] = useState('');
  const [asked, setAsked] = useState(false);
  const amount = parseAmount(typed, currency);
  const empty = amount === undefined || amount === '0';
  const submit = async () => {
    setAsked(true);
    if (amount === undefined || empty) return;
    const result = await plan.run({ currency, amount });
    if (result.ok) onClose();
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Plan a withdrawal"
      cancel={<Button onPress={onClose}>Cancel</Button>}
      action={
        <Button kind="primary" isBusy={plan.busy} onPress={submit}>
          Plan 1 withdrawal
        </Button>
      }
    >
      <AmountField
        label="Amount to the bank account"
        currency={currency}
        value={typed}
        onChange={setTyped}
        autoFocus
        hint="From Payments to your own bank account, as Stripe has it for this currency. Nothing moves before it is approved."
        {...(asked && empty ? { error: 'Write how much to withdraw.' } : {})}
      />
      {plan.error !== undefined && <Failure failure={plan.error} />}
    </Dialog>
  );
}

/** What a person answers for. */
function amountOf({ amount, currency }: DialogProps['withdrawal']): KeyValueItem {
  return {
    label: 'Amount',
    value: <Amount value={amount} currency={currency} showCurrency />,
    numeric: true,
    strong: true,
  };
}

function ApproveDialog({ withdrawal, onClose }: DialogProps) {
  const approve = useAction('revenue.approveWithdrawal');
  const confirm = async () => {
    const result = await approve.run({ id: withdrawal.id, planHash: withdrawal.planHash });
    if (result.ok) onClose();
  };
  return (
    <ConfirmDialog
      isOpen
      title="Approve the withdrawal"
      restatement={[
        amountOf(withdrawal),
        ...withdrawal.terms.map((term) => ({
          label: term.name,
          value: <Amount value={term.amount} currency={withdrawal.currency} />,
          numeric: true,
        })),
        { label: 'Planned by', value: `${withdrawal.plannedBy}, ${instantText(withdrawal.plannedAt)}`, numeric: true },
        { label: 'Plan', value: <PlanHash hash={withdrawal.planHash} />, numeric: true },
      ]}
      action="Approve 1 withdrawal"
      isBusy={approve.busy}
      {...(approve.error === undefined ? {} : { error: approve.error })}
      onConfirm={confirm}
      onCancel={onClose}
    >
      <p>These are the figures of when it was planned. What is safe is computed again before the money leaves.</p>
    </ConfirmDialog>
  );
}

function WithdrawDialog({ withdrawal, onClose }: DialogProps) {
  const withdraw = useAction('revenue.withdraw');
  const confirm = async (typed: string) => {
    const result = await withdraw.run({ id: withdrawal.id, typed });
    if (!result.ok) return;
    tell(
      result.value.state === 'posted' ? 'The withdrawal was paid' : 'The withdrawal is on its way',
      `${spoken(withdrawal.amount, withdrawal.currency)} to your own bank account`,
    );
    onClose();
  };
  return (
    <TypedConfirmDialog
      isOpen
      title="Withdraw to the bank account"
      restatement={[
        amountOf(withdrawal),
        { label: 'From', value: 'Payments balance', numeric: true },
        { label: 'To', value: 'Your own bank account', numeric: true },
        { label: 'Approved by', value: withdrawal.approvedBy ?? '', numeric: true },
      ]}
      expected={withdrawal.confirmation}
      action="Withdraw"
      isBusy={withdraw.busy}
      {...(withdraw.error === undefined ? {} : { error: withdraw.error })}
      onConfirm={confirm}
      onCancel={onClose}
    />
  );
}

function DropDialog({ withdrawal, onClose }: DialogProps) {
  const drop = useAction('revenue.dropWithdrawal');
  const confirm = async () => {
    const result = await drop.run({ id: withdrawal.id });
    if (result.ok) onClose();
  };
  return (
    <ConfirmDialog
      isOpen
      title="Drop the withdrawal"
      restatement={[amountOf(withdrawal)]}
      action="Drop 1 withdrawal"
      isBusy={drop.busy}
      {...(drop.error === undefined ? {} : { error: drop.error })}
      onConfirm={confirm}
      onCancel={onClose}
    >
      <p>Nothing was sent. It stays in the list and in the audit log.</p>
    </ConfirmDialog>
  );
}
