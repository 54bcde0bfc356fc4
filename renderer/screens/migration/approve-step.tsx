import type { MigrationView } from '../../../shared/contract';
import { Amount, Button, counted, Failure, instantText, KeyValue, PlanHash, ScreenLink } from '../../components';
import { useAction } from '../../state/coffer';
import { useSession } from '../../state/session';
import { StepPanel } from './step-panel';

interface ApproveStepProps {
  readonly view: MigrationView;
  readonly onView: (view: MigrationView) => void;
  readonly onShowPlan: () => void;
  /** The plan was not the one that is kept; asks for the present one. */
  readonly onReload: () => void;
}

/** Restates the plan and binds the approval to exactly its hash. */
export function ApproveStep({ view, onView, onShowPlan, onReload }: ApproveStepProps) {
  const operator = useSession((session) => session.info?.operator);
  const approving = useAction('migration.approve');
  const { plan } = view;
  if (plan === null || view.state === 'rolled-back') {
    return (
      <StepPanel title="Approve" purpose="An approval is bound to a plan.">
        <p>There is no plan to approve yet. Make the dry run first.</p>
        <div>
          <Button onPress={onShowPlan}>Go to Dry run</Button>
        </div>
      </StepPanel>
    );
  }
  const waiting = view.state === 'planned';
  const approve = async () => {
    const approved = await approving.run({ planHash: plan.planHash });
    if (approved.ok) onView(approved.value);
    else onReload();
  };
  return (
    <StepPanel
      title="Approve"
      purpose="What is approved is this plan and no other: if a number changes before it is executed, the approval does not hold."
      footer={
        waiting && (
          <>
            <Button kind="primary" isBusy={approving.busy} onPress={approve}>
              {view.notNeeded
                ? 'Approve this plan without movements'
                : `Approve ${counted(plan.operationCount, 'movement')}`}
            </Button>
            <Button onPress={onShowPlan}>Look at the plan again</Button>
          </>
        )
      }
    >
      {approving.error !== undefined && <Failure failure={approving.error} />}
      <div className="wizard-narrow">
        <KeyValue
          items={[
            { label: 'Period', value: plan.period, numeric: true },
            ...plan.delta.map(({ currency, amount }) => ({
              label: `Payments to Storage, ${currency.toUpperCase()}`,
              value: <Amount value={amount} currency={currency} />,
              numeric: true,
              strong: true,
            })),
            ...plan.after.flatMap(({ currency, payments, storage, obligations }) => [
              {
                label: `Payments after, ${currency.toUpperCase()}`,
                value: <Amount value={payments} currency={currency} />,
                numeric: true,
              },
              {
                label: `Storage after, ${currency.toUpperCase()}`,
                value: <Amount value={storage} currency={currency} />,
                numeric: true,
              },
              {
                label: `Owed to creators, ${currency.toUpperCase()}`,
                value: <Amount value={obligations} currency={currency} />,
                numeric: true,
              },
            ]),
            { label: 'Movements', value: plan.operationCount.toLocaleString('en'), numeric: true },
            { label: 'Creators', value: plan.creators.toLocaleString('en'), numeric: true },
            { label: 'Plan', value: <PlanHash hash={plan.planHash} />, numeric: true },
            waiting
              ? {
                  label: 'To be approved by',
                  value: `${operator ?? 'the operator named in Settings'} (you)`,
                  numeric: true,
                }
              : {
                  label: 'Approved by',
                  value: `${view.approvedBy ?? '—'}${view.approvedAt === null ? '' : `, ${instantText(view.approvedAt)}`}`,
                  numeric: true,
                },
          ]}
        />
      </div>
      {waiting && (
        <p className="muted">
          Coffer records this name with the hash in the audit log; it is set in{' '}
          <ScreenLink to="settings" params={{ tab: 'operator' }}>
            Settings
          </ScreenLink>
          . One machine cannot prove that two people agreed; if your rules ask for a second person, have that person
          press the button.
        </p>
      )}
    </StepPanel>
  );
}
