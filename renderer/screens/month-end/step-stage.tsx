import { type ReactNode, useState } from 'react';
import type { Fact, FailureView, MonthEndStep, MonthEndView, PeriodRow, StepView } from '../../../shared/contract';
import {
  Amount,
  Banner,
  Button,
  Checklist,
  durationText,
  Failure,
  instantText,
  type KeyValueItem,
  Panel,
  PlanHash,
  Progress,
  StatusPill,
  TypedConfirmDialog,
} from '../../components';
import { useAction } from '../../state/coffer';
import { useNavigation } from '../../state/navigation';
import { ApproveStage } from './approve-stage';
import { ClosedSummary } from './closed-summary';
import { FactsTable, signedLabel } from './facts-table';
import { Findings } from './findings';
import { PayOutcomes } from './pay-outcomes';
import { SecondPerson } from './second-person';
import { canStop, durationOf, looksUp, openWarnings, stepAfter, waitsFor, wordsOf } from './steps';
import { useRunProgress } from './use-run-progress';

export interface StepStageProps {
  readonly view: MonthEndView;
  readonly row: PeriodRow | undefined;
  readonly nextPeriod: string | undefined;
  readonly onPeriod: (period: string) => void;
  readonly step: StepView;
  /** This step is being worked on, whoever started it. */
  readonly running: boolean;
  /** Some step is being worked on, so that none can be started. */
  readonly busy: boolean;
  readonly error: FailureView | undefined;
  readonly onRun: (typed?: string) => Promise<boolean>;
  readonly onView: (view: MonthEndView) => void;
  readonly onShow: (step: MonthEndStep) => void;
}

/** The step that is shown: what it is for, what it found, and the one button that goes on. */
export function StepStage(props: StepStageProps) {
  const { view, row, step, running, error, onView } = props;
  const closed = view.state === 'closed';
  const waiting = step.state === 'waiting' && !running;
  const planShown = step.step === 'approve' && (view.state === 'funded' || view.state === 'approved') && !waiting;
  const number = view.steps.indexOf(step) + 1;
  return (
    <div className="month-end-step">
      <Panel title={`${number}. ${step.title}`} actions={<StepHead step={step} running={running} />}>
        <div className="stack">
          <p className="step-purpose">{step.purpose}</p>
          {error !== undefined && !running && <Failure failure={error} />}
          {running && <RunningStep view={view} step={step} onView={onView} />}
          {step.step === 'pay' && <PayOutcomes view={view} />}
          {!running && <Findings period={view.period} step={step} onView={onView} readOnly={closed} />}
          {closed && step.step === 'close' ? (
            <ClosedSummary view={view} row={row} onView={onView} />
          ) : (
            !planShown && step.facts.length > 0 && !running && <StepFacts step={step} />
          )}
          {!running && step.confirmation !== '' && step.facts.length === 0 && (
            <FactsTable facts={toAnswerFor(view, step)} title="Approved" />
          )}
          {planShown && !running && <ApproveStage view={view} onView={onView} />}
          {step.step === 'approve' && view.approvedBy !== null && <Approved view={view} />}
          {(step.step === 'approve' || step.step === 'pay') && view.state === 'approved' && (
            <SecondPerson kind="month-end" period={view.period} />
          )}
          {waiting && <Waits view={view} step={step} onShow={props.onShow} />}
          {!closed && !waiting && <StepAction {...props} />}
          {closed && step.step === 'close' && <AfterClose {...props} />}
        </div>
      </Panel>
    </div>
  );
}

function StepHead({ step, running }: { readonly step: StepView; readonly running: boolean }) {
  const { tone, word } = wordsOf(step, running);
  const took = durationOf(step);
  const parts = [
    step.actor ?? '',
    step.endedAt === null ? '' : instantText(step.endedAt),
    took === undefined ? '' : `took ${durationText(took)}`,
  ];
  const words = parts.filter((part) => part !== '').join(' · ');
  return (
    <>
      {!running && words !== '' && <span className="muted">{words}</span>}
      <StatusPill tone={tone}>{word}</StatusPill>
    </>
  );
}

function StepFacts({ step }: { readonly step: StepView }) {
  if (step.step !== 'preflight') return <FactsTable facts={step.facts} title="Figures" />;
  return (
    <div className="framed">
      <Checklist
        label="Checks that passed"
        checks={step.facts.map((fact, index) => ({
          code: `${index} ${fact.label}`,
          title: fact.label,
          outcome: 'pass',
          detail: fact.text ?? '',
          action: '',
        }))}
      />
    </div>
  );
}

function Approved({ view }: { readonly view: MonthEndView }) {
  return (
    <p>
      Approved by <strong>{view.approvedBy}</strong>
      {view.approvedAt !== null && ` on ${instantText(view.approvedAt)}`}
      {view.planHash !== null && (
        <>
          , plan <PlanHash hash={view.planHash} />
        </>
      )}
    </p>
  );
}

function Waits({ view, step, onShow }: Pick<StepStageProps, 'view' | 'step' | 'onShow'>) {
  const before = waitsFor(view, step.step);
  if (before === undefined) return null;
  const warnings = openWarnings(before);
  const why =
    before.state === 'done' && warnings > 0
      ? `${before.title} has ${warnings === 1 ? 'a warning' : `${warnings} warnings`} that nobody acknowledged.`
      : `${before.title} comes first.`;
  return (
    <div className="row">
      <span>{why}</span>
      <Button onPress={() => onShow(before.step)}>Go to {before.title}</Button>
    </div>
  );
}

function RunningStep({ view, step, onView }: Pick<StepStageProps, 'view' | 'step' | 'onView'>) {
  const stop = useAction('monthEnd.stop');
  const [stopping, setStopping] = useState(false);
  const progress = useRunProgress('month-end', true);
  const label = stopping ? 'Stopping before the next movement' : (progress?.label ?? workWords[step.step]);
  return (
    <>
      <div className="step-running" aria-live="polite">
        <Progress label={label} done={progress?.done ?? 0} total={progress?.total ?? 0} />
      </div>
      {stop.error !== undefined && <Failure failure={stop.error} />}
      {canStop(step.step) && (
        <div className="row">
          <Button
            isBusy={stop.busy || stopping}
            onPress={async () => {
              const asked = await stop.run({ period: view.period });
              if (!asked.ok) return;
              setStopping(true);
              onView(asked.value);
            }}
          >
            Stop before the next movement
          </Button>
          <span className="muted">What is under way is finished; nothing is lost, and the step can be run again.</span>
        </div>
      )}
    </>
  );
}

/** What a step does at first, before it reports itself. */
const workWords: Readonly<Record<MonthEndStep, string>> = {
  preflight: 'Running the checks',
  lock: 'Freezing payments and allocations',
  earnings: 'Calculating earnings',
  lapse: 'Lapsing unallocated funds',
  fund: 'Funding Storage and waiting until it is available',
  approve: 'Recording the approval',
  pay: 'Paying creators',
  reconcile: 'Comparing every line at Stripe',
  close: 'Signing the figures',
};

/** The one button: run the step, look up an outcome, or go on to the next step. */
function StepAction(props: StepStageProps) {
  const { view, step, running, busy, onRun, onShow } = props;
  const [asking, setAsking] = useState(false);
  const next = stepAfter(view, step.step);
  if (step.step === 'approve' && step.state !== 'done') return null;
  // The panel with the transfers has the button that goes on.
  if (view.guided.length > 0 && !running && step.blockers.some((one) => one.code.startsWith('guided-'))) return null;
  if (step.state === 'done' && !running) {
    const unread = openWarnings(step);
    return (
      <div className="step-action">
        {next !== undefined && (
          <Button kind="primary" isDisabled={unread > 0} onPress={() => onShow(next.step)}>
            Go on to {next.title}
          </Button>
        )}
        {step.step === 'preflight' && view.state === 'open' && (
          <Button isDisabled={busy} onPress={() => onRun()}>
            Run the checks again
          </Button>
        )}
        {unread > 0 && (
          <span className="muted">
            Read and acknowledge {unread === 1 ? 'the warning' : `${unread} warnings`} first.
          </span>
        )}
      </div>
    );
  }
  const lookUp = looksUp(view, step);
  const typed = step.confirmation !== '';
  const label = lookUp ? 'Look it up at Stripe' : step.button;
  const start = async () => {
    if (typed) setAsking(true);
    else await onRun();
  };
  return (
    <>
      <div className="step-action">
        <Button kind="primary" isBusy={running} isDisabled={busy && !running} onPress={start}>
          {label}
          {typed && '…'}
        </Button>
        {lookUp && <span className="muted">Stripe is asked what became of it. Nothing is sent again.</span>}
        {busy && !running && <span className="muted">Another step is running.</span>}
      </div>
      <TypedConfirmDialog
        isOpen={asking && typed}
        title={step.step === 'pay' ? `Pay the creators of ${view.period}` : step.button}
        restatement={restatement(view, step)}
        expected={step.confirmation}
        action={step.button}
        isBusy={running}
        onConfirm={(text) => {
          // What was typed is right by now; closing shows the progress and the button that stops it.
          setAsking(false);
          void onRun(text);
        }}
        onCancel={() => setAsking(false)}
      >
        {consequence(step)}
      </TypedConfirmDialog>
    </>
  );
}

/** A closed month leaves two things to do: save its proof, and begin the next month. */
function AfterClose({ view, nextPeriod, onPeriod }: StepStageProps) {
  const go = useNavigation((navigation) => navigation.go);
  return (
    <div className="step-action">
      <Button kind="primary" onPress={() => go('audit', { period: view.period })}>
        Save the exports and the binder
      </Button>
      {nextPeriod !== undefined && <Button onPress={() => onPeriod(nextPeriod)}>Go on to {nextPeriod}</Button>}
    </div>
  );
}

/** The amounts that a confirmation is about: what the close signs, or what was approved to be paid. */
function toAnswerFor(view: MonthEndView, step: StepView): readonly Fact[] {
  const source = step.step === 'close' ? step : view.steps.find((one) => one.step === 'approve');
  return (source?.facts ?? []).filter((fact) => fact.amount !== null);
}

/** The amounts that are typed. */
const CONFIRMED = ['To pay', 'Paid to creators'];

/** What the person is about to answer for, restated. */
function restatement(view: MonthEndView, step: StepView): readonly KeyValueItem[] {
  const amounts = toAnswerFor(view, step);
  const several = new Set(amounts.map((fact) => fact.amount?.currency)).size > 1;
  const labels = amounts.map((fact) => fact.label);
  return [
    { label: 'Period', value: view.period, numeric: true },
    ...amounts.flatMap(({ label, amount }): KeyValueItem[] =>
      amount === null
        ? []
        : [
            {
              label: `${signedLabel(label, labels)}${several ? `, ${amount.currency.toUpperCase()}` : ''}`,
              value: <Amount value={amount.amount} currency={amount.currency} showCurrency />,
              numeric: true,
              strong: CONFIRMED.includes(label),
            },
          ],
    ),
    { label: 'Approved by', value: view.approvedBy ?? '—', numeric: true },
    ...(view.planHash === null
      ? []
      : [{ label: 'Plan', value: <code>{view.planHash.slice(0, 16)}</code>, numeric: true }]),
  ];
}

function consequence(step: StepView): ReactNode {
  return step.step === 'close' ? (
    <p>Signs these figures under your name and opens the next month.</p>
  ) : (
    <p>Sends the payouts out of Storage. A payout that Stripe has accepted cannot be called back from here.</p>
  );
}

/** A month that was reopened says so above its steps. */
export function Reopened({ view }: { readonly view: MonthEndView }) {
  return view.version > 1 ? (
    <Banner tone="information" title={`${view.period} was reopened; this is version ${view.version} of its month end.`}>
      The version before stays in the records.
    </Banner>
  ) : null;
}
