import { type ReactNode, useState } from 'react';
import type { FailureView, MigrationPlanView, MigrationView } from '../../../shared/contract';
import {
  Amount,
  amountsText,
  Banner,
  Button,
  ConfirmDialog,
  counted,
  durationText,
  Failure,
  instantText,
  type KeyValueItem,
  Panel,
  PlanHash,
  Progress,
  ScreenLink,
  TypedConfirmDialog,
} from '../../components';
import { useAction } from '../../state/coffer';
import { SecondPerson } from '../month-end/second-person';
import { useRunProgress } from '../month-end/use-run-progress';
import { OperationsTable } from './operations-table';
import { RollBack, RollingBack } from './roll-back';
import { StepPanel } from './step-panel';

interface ExecuteStepProps {
  readonly view: MigrationView;
  readonly onView: (view: MigrationView) => void;
  readonly onReload: () => void;
  readonly onDryRun: () => void;
  readonly onCertificate: () => void;
}

/** Moves the money, movement by movement; can be stopped, resumed and rolled back. */
export function ExecuteStep(props: ExecuteStepProps) {
  const { view } = props;
  const { plan } = view;
  if (plan === null || view.state === 'preflight' || view.state === 'planned') {
    return (
      <StepPanel title="Execute" purpose={purpose}>
        <p>Execution waits for an approved plan.</p>
      </StepPanel>
    );
  }
  return (
    <>
      {(view.state === 'approved' || view.state === 'stopped') && !view.notNeeded && (
        <SecondPerson kind="migration" period={plan.period} />
      )}
      <Stage {...props} plan={plan} />
      {view.operations.length > 0 && (
        <Panel title={movementsTitle(view)} flush>
          <OperationsTable operations={view.operations} count={view.operationCount} executed />
        </Panel>
      )}
    </>
  );
}

const purpose =
  'Moves the plan from Payments to Storage: first a small movement as a test (the canary), then the rest in pieces. Each is verified at both ends before the next.';

function movementsTitle(view: MigrationView): string {
  const { posted, total } = counts(view);
  return `${posted} of ${counted(total, 'movement')} posted`;
}

function counts(view: MigrationView) {
  const compensating = view.operations.filter((one) => one.kind === 'compensate').length;
  return { posted: view.postedCount, total: view.operationCount - compensating };
}

function Stage(props: ExecuteStepProps & { readonly plan: MigrationPlanView }) {
  const { view } = props;
  if (view.running && view.state !== 'rolling-back') return <Running {...props} />;
  switch (view.state) {
    case 'preflight':
    case 'planned':
      return null;
    case 'approved':
      return <Start {...props} />;
    case 'executing':
    case 'verifying':
    case 'stopped':
      return <Stopped {...props} />;
    case 'completed':
      return <Executed {...props} />;
    case 'rolling-back':
      return <RollingBack view={view} onView={props.onView} onDryRun={props.onDryRun} />;
    case 'rolled-back':
      return <RolledBack {...props} />;
  }
}

type StageProps = ExecuteStepProps & { readonly plan: MigrationPlanView };

function restatement(view: MigrationView, plan: MigrationPlanView): KeyValueItem[] {
  return [
    { label: 'Period', value: plan.period, numeric: true },
    ...plan.delta.map(({ currency, amount }) => ({
      label: 'Payments to Storage',
      value: <Amount value={amount} currency={currency} showCurrency />,
      numeric: true,
      strong: true,
    })),
    { label: 'Movements', value: plan.operationCount.toLocaleString('en'), numeric: true },
    { label: 'Approved by', value: view.approvedBy ?? '—', numeric: true },
    { label: 'Plan', value: <PlanHash hash={plan.planHash} />, numeric: true },
  ];
}

function Start({ view, plan, onView, onReload }: StageProps) {
  const execute = useAction('migration.execute');
  const withdraw = useAction('migration.rollback');
  const [asking, setAsking] = useState<'execute' | 'withdraw'>();
  const start = async (typed: string) => {
    const started = await execute.run({ planHash: plan.planHash, typed });
    if (started.ok) {
      onView(started.value);
      setAsking(undefined);
    } else onReload();
  };
  const takeBack = async () => {
    const done = await withdraw.run({ typed: '' });
    if (!done.ok) return;
    onView(done.value);
    setAsking(undefined);
  };
  const open = (what: 'execute' | 'withdraw') => {
    execute.clear();
    withdraw.clear();
    setAsking(what);
  };
  const label = view.notNeeded ? 'Check and certify' : `Execute ${counted(plan.operationCount, 'movement')}`;
  return (
    <StepPanel
      title="Execute"
      purpose={purpose}
      footer={
        <>
          <Button kind="primary" isBusy={execute.busy} onPress={() => open('execute')}>
            {label}…
          </Button>
          <Button onPress={() => open('withdraw')}>Withdraw the approval…</Button>
        </>
      }
    >
      <Banner tone="information" title={`Ready: ${amountsText(plan.delta)} to Storage.`}>
        Approved by {view.approvedBy ?? 'someone'}
        {view.approvedAt === null ? '' : ` on ${instantText(view.approvedAt)}`}. Subscriptions go on coming in
        meanwhile; the work can be stopped before any movement.
      </Banner>
      {execute.error?.code === 'plan-changed' && asking === undefined && (
        <Failure failure={{ ...execute.error, hint: `${execute.error.hint} Withdraw this approval first.` }} />
      )}
      {plan.confirmation === '' ? (
        <ConfirmDialog
          isOpen={asking === 'execute'}
          title="Check and certify"
          restatement={restatement(view, plan)}
          action="Check and certify"
          isBusy={execute.busy}
          {...failed(execute.error)}
          onConfirm={() => start('')}
          onCancel={() => setAsking(undefined)}
        >
          <p>Nothing moves. The balances are verified and the certificate is issued.</p>
        </ConfirmDialog>
      ) : (
        <TypedConfirmDialog
          isOpen={asking === 'execute'}
          title="Execute the migration"
          restatement={restatement(view, plan)}
          expected={plan.confirmation}
          action={label}
          isBusy={execute.busy}
          {...failed(execute.error)}
          onConfirm={start}
          onCancel={() => setAsking(undefined)}
        />
      )}
      <ConfirmDialog
        isOpen={asking === 'withdraw'}
        title="Withdraw the approval"
        restatement={[
          { label: 'Approved by', value: view.approvedBy ?? '—' },
          { label: 'Moved so far', value: amountsText(view.moved) },
        ]}
        action="Withdraw the approval"
        isBusy={withdraw.busy}
        {...failed(withdraw.error)}
        onConfirm={takeBack}
        onCancel={() => setAsking(undefined)}
      >
        <p>The plan is put aside and nothing moves. A new dry run can be made afterwards.</p>
      </ConfirmDialog>
    </StepPanel>
  );
}

function failed(error: FailureView | undefined): { readonly error?: FailureView } {
  return error === undefined ? {} : { error };
}

function Running({ view, plan, onView }: StageProps) {
  const stop = useAction('migration.stop');
  const [stopping, setStopping] = useState(false);
  const progress = useRunProgress('migration', true);
  const { posted, total } = counts(view);
  const done = Math.max(posted, progress?.done ?? 0);
  const label = stopping
    ? 'Stopping before the next movement'
    : done >= total
      ? 'Verifying both balances'
      : done === 0
        ? 'Making the first movement (canary) and verifying it at both ends'
        : (progress?.label ?? `Moving to Storage, movement ${done + 1}`);
  const ask = async () => {
    const asked = await stop.run();
    if (!asked.ok) return;
    setStopping(true);
    onView(asked.value);
  };
  return (
    <StepPanel
      title="Execute"
      purpose={purpose}
      actions={<PlanHash hash={plan.planHash} />}
      footer={
        <Button isBusy={stop.busy || stopping} onPress={ask}>
          Stop before the next movement
        </Button>
      }
    >
      {stop.error !== undefined && <Failure failure={stop.error} />}
      <Progress label={label} done={done} total={total} />
      <p aria-live="polite">
        Moved {amountsText(view.moved)} of {amountsText(plan.delta)}.
      </p>
    </StepPanel>
  );
}

function resumeLabel(unknown: number, left: number): string {
  if (unknown > 0) return 'Look it up at Stripe and resume';
  return left === 0 ? 'Resume: verify and certify' : `Resume: ${counted(left, 'movement')} left`;
}

/** What stopping means for the money, before the reason in the run's own words. */
function Stopped({ view, plan, onView, onReload, onDryRun }: StageProps) {
  const resume = useAction('migration.execute');
  const { posted, total } = counts(view);
  const unknown = view.operations.filter((one) => one.status === 'unknown').length;
  const goOn = async () => {
    const resumed = await resume.run({ planHash: plan.planHash, typed: '' });
    if (resumed.ok) onView(resumed.value);
    else onReload();
  };
  return (
    <StepPanel
      title="Execute"
      purpose={purpose}
      actions={<PlanHash hash={plan.planHash} />}
      footer={
        <>
          <Button kind="primary" isBusy={resume.busy} onPress={goOn}>
            {resumeLabel(unknown, total - posted)}
          </Button>
          {unknown === 0 && (
            <Button isDisabled={resume.busy} onPress={onDryRun}>
              New dry run for the rest…
            </Button>
          )}
          <RollBack view={view} onView={onView} isDisabled={resume.busy} />
        </>
      }
    >
      <Banner
        tone="attention"
        title={`Stopped after ${posted} of ${counted(total, 'movement')}: ${amountsText(view.moved)} of ${amountsText(plan.delta)} moved.`}
      >
        {view.stopReason ?? 'The migration was interrupted.'}
      </Banner>
      {resume.error !== undefined && <Failure failure={resume.error} />}
      <ul className="wizard-notes">
        {unknown > 0 ? (
          <li>
            Stripe is asked what became of the movement with the unknown outcome; nothing is sent again before the
            answer is known. Then the next movement follows.
          </li>
        ) : (
          <>
            <li>Resume goes on with the next movement. What was moved is never moved again.</li>
            <li>A new dry run plans what is still missing from the present figures, and needs a new approval.</li>
          </>
        )}
        <li>Roll back returns to Payments exactly what this migration moved.</li>
        <li>Nothing moves until you choose one; the movements below show where each of them stands.</li>
      </ul>
    </StepPanel>
  );
}

function Executed({ view, plan, onView, onCertificate }: StageProps) {
  return (
    <StepPanel
      title="Execute"
      purpose={purpose}
      actions={<PlanHash hash={plan.planHash} />}
      footer={
        <>
          <Button kind="primary" onPress={onCertificate}>
            Open the certificate
          </Button>
          {view.mayRollBack && <RollBack view={view} onView={onView} />}
        </>
      }
    >
      <Banner tone="good" title={`Completed: ${amountsText(view.moved)} moved to Storage.`}>
        {view.startedAt !== null && view.endedAt !== null && (
          <>
            Started {instantText(view.startedAt)}, took{' '}
            {durationText(Date.parse(view.endedAt) - Date.parse(view.startedAt))}.
          </>
        )}
      </Banner>
    </StepPanel>
  );
}

function RolledBack({ view, plan, onDryRun }: StageProps) {
  const taken = view.operations.filter((one) => one.kind === 'compensate' && one.status === 'posted');
  const words: ReactNode =
    taken.length === 0
      ? 'Nothing had been moved.'
      : `${amountsText(taken)} went back to Payments. Every movement and its compensation stay in the audit log.`;
  return (
    <StepPanel
      title="Execute"
      purpose={purpose}
      actions={<PlanHash hash={plan.planHash} />}
      footer={
        <Button kind="primary" onPress={onDryRun}>
          Make a new dry run
        </Button>
      }
    >
      <Banner tone="information" title="This migration was rolled back.">
        {words} {view.endedAt !== null && `Ended ${instantText(view.endedAt)}. `}
        <ScreenLink to="audit">Open the audit log</ScreenLink>
      </Banner>
    </StepPanel>
  );
}
