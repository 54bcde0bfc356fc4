/** Where a month end stands, as steps of its checklist. Pure. */
import type { MonthEndStep, MonthEndView, PeriodRow, StepView } from '../../../shared/contract';
import { instantText, type StatusTone, type StepperStep } from '../../components';
import type { Params, ScreenName } from '../../state/navigation';

const stepWords: Readonly<Record<StepView['state'], { readonly tone: StatusTone; readonly word: string }>> = {
  waiting: { tone: 'neutral', word: 'Waiting' },
  ready: { tone: 'information', word: 'Ready' },
  running: { tone: 'progress', word: 'Running' },
  attention: { tone: 'attention', word: 'Needs you' },
  done: { tone: 'good', word: 'Done' },
};

export function openWarnings(step: StepView): number {
  return step.warnings.filter((warning) => !warning.acknowledged).length;
}

/** A step that is done, but has a warning that nobody read, still needs a person. */
export function wordsOf(step: StepView, running: boolean) {
  return stepWords[running ? 'running' : step.state === 'done' && !isSettled(step) ? 'attention' : step.state];
}

function isSettled(step: StepView): boolean {
  return step.state === 'done' && openWarnings(step) === 0;
}

/** The step at which the work stands: the first that is not done, or is done with warnings nobody acknowledged. */
export function currentStep(view: MonthEndView): MonthEndStep {
  return view.steps.find((step) => !isSettled(step))?.step ?? 'close';
}

export function stepAfter(view: MonthEndView, step: MonthEndStep): StepView | undefined {
  return view.steps[view.steps.findIndex((one) => one.step === step) + 1];
}

/** The first step before `step` that is not settled: what it waits for. */
export function waitsFor(view: MonthEndView, step: MonthEndStep): StepView | undefined {
  const index = view.steps.findIndex((one) => one.step === step);
  return view.steps.slice(0, index).find((one) => !isSettled(one));
}

/** The month to open first: the earliest that is not closed, since months close in order; else the newest. */
export function periodToOpen(periods: readonly PeriodRow[]): string | undefined {
  return (periods.findLast((one) => one.state !== 'closed') ?? periods[0])?.period;
}

/** Milliseconds that a finished step took; undefined while it has not ended. */
export function durationOf(step: StepView): number | undefined {
  if (step.startedAt === null || step.endedAt === null) return undefined;
  return Math.max(0, Date.parse(step.endedAt) - Date.parse(step.startedAt));
}

/** The steps for the list on the left: when and who; how long it took stands with the step itself. `running` is the step that this screen started. */
export function stepperSteps(view: MonthEndView, running: MonthEndStep | undefined): readonly StepperStep[] {
  return view.steps.map((step) => {
    const warnings = openWarnings(step);
    const state = step.step === running ? 'running' : step.state === 'done' && warnings > 0 ? 'attention' : step.state;
    return { id: step.step, title: step.title, state, ...(state === 'running' ? {} : detailOf(step, warnings)) };
  });
}

function detailOf(step: StepView, warnings: number): Pick<StepperStep, 'detail' | 'when'> {
  if (step.state === 'attention' && step.blockers.length > 0) {
    return { detail: `${step.blockers.length} ${step.blockers.length === 1 ? 'blocker' : 'blockers'}` };
  }
  if (warnings > 0) return { detail: `${warnings} ${warnings === 1 ? 'warning' : 'warnings'} to read` };
  if (step.state !== 'done' || step.endedAt === null) return {};
  return { detail: step.actor ?? '', when: instantText(step.endedAt) };
}

/** Steps that move money and can be stopped before their next movement. */
const stoppable: readonly MonthEndStep[] = ['lapse', 'fund', 'pay'];

export function canStop(step: MonthEndStep): boolean {
  return stoppable.includes(step);
}

/** True when running the step again means asking Stripe what became of a movement, never sending one again. */
export function looksUp(view: MonthEndView, step: StepView): boolean {
  if (!canStop(step.step)) return false;
  return (
    step.blockers.some((blocker) => blocker.code.startsWith('unknown-')) ||
    (step.step === 'pay' && view.outcomes.some((outcome) => outcome.unknown > 0))
  );
}

export interface FindingLink {
  readonly to: ScreenName;
  readonly params: Params;
  readonly words: string;
}

/** Where a blocker or warning is dealt with, by the beginning of its code. */
export function findingLink(code: string, period: string): FindingLink | undefined {
  const starts = (...codes: string[]) => codes.some((one) => code.startsWith(one));
  if (starts('migration', 'earlier-obligations')) return { to: 'migration', params: {}, words: 'Open Migration' };
  if (starts('failed-payouts')) {
    return { to: 'payouts', params: { period, status: 'failed' }, words: 'Open the failed payouts' };
  }
  if (starts('unknown')) {
    return { to: 'payouts', params: { period, status: 'unknown' }, words: 'Open Payouts' };
  }
  if (starts('exceptions', 'missing-', 'proof-', 'storage-differs', 'storage-low')) {
    return { to: 'reconciliation', params: { period }, words: 'Open Reconciliation' };
  }
  if (starts('suspense')) return { to: 'creators', params: {}, words: 'Open Creators' };
  return undefined;
}
