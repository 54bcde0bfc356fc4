import { useState } from 'react';
import type { FailureView, MonthEndView, PayoutPlanView } from '../../../shared/contract';
import {
  Amount,
  amountsText,
  Banner,
  Button,
  ConfirmDialog,
  counted,
  Failure,
  type KeyValueItem,
  PlanHash,
  Skeleton,
} from '../../components';
import { useAction, useQuery } from '../../state/coffer';
import { useSession } from '../../state/session';
import { PlanReview } from './plan-review';

interface ApproveStageProps {
  readonly view: MonthEndView;
  readonly onView: (view: MonthEndView) => void;
}

/** Shows the plan and approves exactly it. A plan that changed meanwhile is shown anew before it can be approved. */
export function ApproveStage({ view, onView }: ApproveStageProps) {
  const { period } = view;
  const plan = useQuery('monthEnd.plan', { period }, { reloadOn: ['data.changed'] });
  const approve = useAction('monthEnd.approve');
  const [asking, setAsking] = useState(false);
  const [changed, setChanged] = useState<FailureView>();
  const approved = view.state !== 'funded';
  const confirm = async (planHash: string) => {
    const done = await approve.run({ period, planHash });
    if (done.ok) {
      setAsking(false);
      onView(done.value);
    } else if (done.error.code === 'plan-changed') {
      setAsking(false);
      setChanged(done.error);
      approve.clear();
      plan.reload();
    }
  };
  if (plan.error !== undefined && plan.value === undefined) {
    return <Failure failure={plan.error} onRetry={plan.reload} />;
  }
  if (plan.value === undefined) return <Skeleton label="Loading the plan" height={520} />;
  const shown = plan.value;
  const payouts = shown.totals.reduce((sum, one) => sum + one.payCount, 0);
  const toPay = shown.totals.filter((one) => one.payCount > 0).map(({ currency, pay }) => ({ currency, amount: pay }));
  return (
    <>
      {changed !== undefined && (
        <Banner tone="attention" live title={changed.message}>
          {changed.hint} {plan.refreshing ? 'The new plan is being read.' : 'What you see below is the new plan.'}
        </Banner>
      )}
      {plan.error !== undefined && <Failure failure={plan.error} onRetry={plan.reload} />}
      {approved && view.planHash !== null && view.planHash !== shown.planHash && (
        <Banner tone="attention" title="The present plan is not the one that was approved.">
          Holds, accounts or amounts changed. Pay will stop and ask for a new approval; nothing else is paid.
        </Banner>
      )}
      <PlanReview plan={shown} />
      {!approved && (
        <div className="step-action">
          <Button
            kind="primary"
            isDisabled={plan.refreshing}
            onPress={() => {
              approve.clear();
              setAsking(true);
            }}
          >
            Approve this plan
          </Button>
          <span className="muted">
            {payouts === 0 ? 'No payout' : `${counted(payouts, 'payout')}, ${amountsText(toPay)}`} · plan
          </span>
          <PlanHash hash={shown.planHash} />
        </div>
      )}
      <Confirm
        plan={shown}
        payouts={payouts}
        isOpen={asking}
        isBusy={approve.busy}
        {...(approve.error === undefined ? {} : { error: approve.error })}
        onConfirm={() => confirm(shown.planHash)}
        onCancel={() => setAsking(false)}
      />
    </>
  );
}

interface ConfirmProps {
  readonly plan: PayoutPlanView;
  readonly payouts: number;
  readonly isOpen: boolean;
  readonly isBusy: boolean;
  readonly error?: FailureView;
  readonly onConfirm: () => void;
  readonly onCancel: () => void;
}

function Confirm({ plan, payouts, ...rest }: ConfirmProps) {
  const operator = useSession((session) => session.info?.operator);
  const amount = (label: string, currency: string, minor: string, strong = false): KeyValueItem => ({
    label: plan.totals.length > 1 ? `${label}, ${currency.toUpperCase()}` : label,
    value: <Amount value={minor} currency={currency} showCurrency />,
    numeric: true,
    strong,
  });
  return (
    <ConfirmDialog
      {...rest}
      title="Approve this plan"
      action={payouts === 0 ? 'Approve without payouts' : `Approve ${counted(payouts, 'payout')}`}
      restatement={[
        { label: 'Period', value: plan.period, numeric: true },
        { label: 'Payouts', value: payouts.toLocaleString('en'), numeric: true },
        ...plan.totals.flatMap((one) => [
          amount('To pay', one.currency, one.pay, true),
          amount('Held', one.currency, one.held),
          amount('Carried forward', one.currency, one.carried),
          ...(one.suspense === '0' ? [] : [amount('Suspense', one.currency, one.suspense)]),
          amount('Storage after', one.currency, one.storageAfter),
        ]),
        { label: 'Approved by', value: operator ?? 'the operator named in Settings', numeric: true },
        { label: 'Plan', value: <code>{plan.planHash.slice(0, 16)}</code>, numeric: true },
      ]}
    >
      <p className="muted">
        The approval holds for exactly this plan. Nothing is paid yet; Pay asks for the amount. One machine cannot prove
        that two people agreed.
      </p>
    </ConfirmDialog>
  );
}
