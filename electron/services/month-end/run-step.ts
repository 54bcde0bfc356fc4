/**
 * Runs a period through its steps, one at a time. Nothing here moves money: the steps do, through the storage balance service.
 */
import type { MonthEndStep } from '../../../shared/contract/month-end';
import { CofferError } from '../../../shared/domain/coffer-error';
import type { Period } from '../../../shared/period/period';
import { requireCompared } from '../../journal/restored';
import type { Queries } from '../../store/store';
import { StripeUnavailable } from '../../stripe/problem';
import { busy, type RunGuard, type ServiceContext } from '../context';
import {
  type MonthEndRun,
  PREPARED,
  reached,
  STEP_STATES,
  STEPS,
  type StepOutcome,
  saveStep,
  startRun,
  stepIsDone,
} from './run';
import { STEP_TITLES } from './step-titles';
import { approvePlan, STEP_WORK, type StepControl } from './steps';
import { storedStep } from './stored-steps';
import { monthEndView } from './view';
import { openWarnings } from './warnings';

export interface StepRequest {
  readonly period: Period;
  readonly step: MonthEndStep;
  readonly typed: string | null;
  readonly patienceMs: number;
  /** The schedule runs it: only a step that moves no money. */
  readonly moveNothing?: boolean;
}

/** Runs one step. Returns what it did; with blockers it is not done. Running a finished step again returns what it did then. */
export async function runStep(context: ServiceContext, guard: RunGuard, request: StepRequest): Promise<StepOutcome> {
  const run = await startRun(context, request.period);
  const { step } = request;
  if (request.moveNothing === true && !PREPARED.includes(step)) throw new Error(`The schedule may not run ${step}`);
  // Preflight shows it with everything else that blocks.
  if (step !== 'preflight') await requireCompared(context.store.db);
  const states = STEP_STATES[step];
  if (step !== 'preflight' && reached(run, states.leads)) {
    const stored = await storedStep(context, run, step);
    if (stored !== null) return stored.outcome;
  }
  if (!states.needs.includes(run.state)) {
    const missing = STEPS.slice(0, STEPS.indexOf(step)).find((one) => !stepIsDone(run, one, true));
    throw new CofferError(
      'step-order',
      `${STEP_TITLES[step][0]} cannot be run while ${request.period} is ${run.state}.`,
      missing === undefined ? 'Refresh the page.' : `Run ${STEP_TITLES[missing][0]} first.`,
    );
  }
  await requirePrevious(context, run, step);
  let outcome: StepOutcome | null;
  try {
    outcome = await guard.run(`month-end:${request.period}:${step}`, () => work(context, guard, run, request));
  } catch (error) {
    // What ended the step is what is told, also when the screens cannot be.
    await publishMonthEnd(context, guard, request.period).catch(() => undefined);
    throw error;
  }
  if (outcome === null) {
    throw new CofferError('busy', 'Another run is working right now.', 'Wait until it has finished or stop it.');
  }
  await publishMonthEnd(context, guard, request.period);
  return outcome;
}

/** Told at the start and at the end of each step. */
async function publishMonthEnd(context: ServiceContext, guard: RunGuard, period: Period): Promise<void> {
  context.publish('monthEnd.changed', await monthEndView(context, guard, period));
}

async function work(
  context: ServiceContext,
  guard: RunGuard,
  run: MonthEndRun,
  request: StepRequest,
): Promise<StepOutcome> {
  const startedAt = context.now();
  const nothing = { facts: [], blockers: [], warnings: [] };
  await save(context, run, request.step, { state: 'running', startedAt, endedAt: null, outcome: nothing });
  await publishMonthEnd(context, guard, request.period);
  const control: StepControl = {
    shouldStop: guard.shouldStop,
    onSettled: () => {},
    sleep: context.sleep,
    patienceMs: request.patienceMs,
    moveNothing: request.moveNothing === true,
    startedAt,
    save: (tx, outcome) =>
      save(context, run, request.step, { state: 'done', startedAt, endedAt: context.now(), outcome }, tx),
    onProgress: (label, done, total) => context.publish('run.progress', { run: 'month-end', label, done, total }),
  };
  let outcome: StepOutcome;
  try {
    outcome = await STEP_WORK[request.step](context, run, control, request.typed);
  } catch (error) {
    outcome = { facts: [], blockers: [blockerOf(error)], warnings: [] };
    await save(context, run, request.step, { state: 'attention', startedAt, endedAt: context.now(), outcome });
    if (error instanceof StripeUnavailable) return outcome;
    throw error;
  }
  const state = outcome.blockers.length > 0 ? 'attention' : 'done';
  await save(context, run, request.step, { state, startedAt, endedAt: context.now(), outcome });
  return outcome;
}

function blockerOf(error: unknown): StepOutcome['blockers'][number] {
  if (error instanceof StripeUnavailable) {
    return { code: 'stripe-unavailable', message: error.message, action: error.problem.hint };
  }
  if (error instanceof CofferError) return { code: error.code, message: error.message, action: error.hint };
  return {
    code: 'unexpected',
    message: 'The step ended unexpectedly.',
    action: 'Run it again; nothing is done twice.',
  };
}

/** Warnings of the step before must be acknowledged; preflight must have been run. */
async function requirePrevious(context: ServiceContext, run: MonthEndRun, step: MonthEndStep): Promise<void> {
  const previous = STEPS[STEPS.indexOf(step) - 1];
  if (previous === undefined) return;
  const stored = await storedStep(context, run, previous);
  if (previous === 'preflight' && stored?.state !== 'done') {
    throw new CofferError(
      'preflight-first',
      'The preflight has not passed.',
      'Run Preflight and clear what blocks it.',
    );
  }
  const open = await openWarnings(context, run, previous, stored?.outcome ?? null);
  if (open.length > 0) {
    throw new CofferError(
      'warnings-open',
      `${STEP_TITLES[previous][0]} has ${open.length} ${open.length === 1 ? 'warning' : 'warnings'} that nobody acknowledged.`,
      'Read and acknowledge them first.',
    );
  }
}

/** Approves the plan that was shown, by its hash. */
export async function approve(
  context: ServiceContext,
  guard: RunGuard,
  period: Period,
  planHash: string,
): Promise<void> {
  await requireCompared(context.store.db);
  const run = await startRun(context, period);
  if (run.state === 'approved' && run.planHash === planHash) return;
  if (run.state !== 'funded') {
    throw new CofferError(
      'step-order',
      `A plan cannot be approved while ${period} is ${run.state}.`,
      'Run the steps before it first.',
    );
  }
  await requirePrevious(context, run, 'approve');
  const startedAt = context.now();
  const outcome = await guard.run(`month-end:${period}:approve`, () =>
    approvePlan(context, run, planHash, (tx, result) =>
      save(context, run, 'approve', { state: 'done', startedAt, endedAt: context.now(), outcome: result }, tx),
    ),
  );
  if (outcome === null) throw busy();
  await save(context, run, 'approve', { state: 'done', startedAt, endedAt: context.now(), outcome });
  await publishMonthEnd(context, guard, period);
}

function save(
  context: ServiceContext,
  run: MonthEndRun,
  step: MonthEndStep,
  now: Omit<Parameters<typeof saveStep>[3], 'actor'>,
  db: Queries = context.store.db,
): Promise<void> {
  return saveStep(db, run, step, { ...now, actor: context.actor() });
}
