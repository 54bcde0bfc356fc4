import type { MigrationView } from '../../../shared/contract';
import {
  amountsText,
  Banner,
  Button,
  counted,
  EmptyState,
  Failure,
  instantText,
  Panel,
  PlanHash,
} from '../../components';
import { useAction } from '../../state/coffer';
import { useNavigation } from '../../state/navigation';
import { BeforeAfter } from './before-after';
import { OperationsTable } from './operations-table';
import { StepPanel } from './step-panel';

interface DryRunStepProps {
  readonly view: MigrationView;
  readonly onView: (view: MigrationView) => void;
  readonly onContinue: () => void;
}

/** States in which a new plan may be made. */
const plannable: readonly MigrationView['state'][] = [
  'preflight',
  'planned',
  'stopped',
  'completed',
  'rolling-back',
  'rolled-back',
];

/** Plans every movement from the present numbers and shows it. Nothing moves. */
export function DryRunStep({ view, onView, onContinue }: DryRunStepProps) {
  const planning = useAction('migration.plan');
  const { plan, state } = view;
  const mayPlan = plannable.includes(state);
  const make = async () => {
    const made = await planning.run();
    if (made.ok) onView(made.value);
  };
  const fresh = state === 'planned';
  if (plan === null || state === 'rolled-back') {
    return (
      <StepPanel title="Dry run" purpose={purpose}>
        {planning.error !== undefined && <Failure failure={planning.error} />}
        <EmptyState
          title={plan === null ? 'There is no plan yet' : 'The plan before this one was rolled back'}
          actions={
            <Button kind="primary" isBusy={planning.busy} onPress={make}>
              Make the dry run
            </Button>
          }
        >
          The dry run reads both balances and what is owed, and lists every movement with its amount. Nothing moves
          until the plan is approved and executed.
        </EmptyState>
      </StepPanel>
    );
  }
  return (
    <>
      {view.notNeeded && fresh && <NotNeeded />}
      <StepPanel
        title="Dry run"
        purpose={purpose}
        actions={
          <span className="plan-head">
            <span className="muted">
              {plan.period} · made {instantText(plan.createdAt)} · plan
            </span>{' '}
            <PlanHash hash={plan.planHash} />
          </span>
        }
        footer={
          <>
            {fresh && (
              <Button kind={view.notNeeded ? 'secondary' : 'primary'} onPress={onContinue}>
                Continue to Approve
              </Button>
            )}
            {mayPlan && (
              <Button isBusy={planning.busy} onPress={make}>
                {again(state)}
              </Button>
            )}
            <span className="muted">
              {view.notNeeded
                ? 'No movement.'
                : `${amountsText(plan.delta)} to Storage in ${counted(plan.operationCount, 'movement')}, owed to ${counted(plan.creators, 'creator')}.`}
            </span>
          </>
        }
      >
        {planning.error !== undefined && <Failure failure={planning.error} />}
        {state === 'stopped' && (
          <Banner tone="attention" title={`This plan stopped after ${amountsText(view.moved)}.`}>
            What it moved is in Storage and stays there. A new dry run plans only what is still missing, from the
            present figures; it needs a new approval.
          </Banner>
        )}
        {state === 'rolling-back' && (
          <Banner tone="attention" title="This plan is being rolled back.">
            A new dry run ends the rollback: transfers that nobody made are not asked for any more, what is still in
            Storage stays there, and only what is missing is planned.
          </Banner>
        )}
        <BeforeAfter before={plan.before} after={plan.after} />
        {plan.notes.length > 0 && (
          <ul className="wizard-notes">
            {plan.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        )}
      </StepPanel>
      {plan.operations.length > 0 && (
        <Panel title={counted(plan.operationCount, 'planned movement')} flush>
          <OperationsTable operations={plan.operations} count={plan.operationCount} executed={false} />
        </Panel>
      )}
    </>
  );
}

function again(state: MigrationView['state']): string {
  if (state === 'stopped') return 'Make a new dry run for the rest';
  if (state === 'rolling-back') return 'End the rollback and make a new dry run';
  return state === 'completed' ? 'Make a new dry run' : 'Make the dry run again';
}

const purpose = 'Plans every movement from the present figures, with the result for each balance. Nothing moves.';

/** Storage already holds what is owed. */
function NotNeeded() {
  const go = useNavigation((navigation) => navigation.go);
  return (
    <Banner
      tone="good"
      title="Nothing has to move: Storage already holds what is owed."
      actions={
        <Button kind="primary" onPress={() => go('month-end')}>
          Go to month end
        </Button>
      }
    >
      The migration is not needed. Go on with the month end. If you want a certificate that says so, approve and execute
      this plan: it moves nothing and checks everything.
    </Banner>
  );
}
