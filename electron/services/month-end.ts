/**
 * Runs a period through its steps, one at a time, and shows where it stands. Nothing here moves money: the steps do, through the
 * storage balance service.
 */

import type {
  Fact,
  GuidedTask,
  MonthEndStep,
  MonthEndView,
  PayoutPlanView,
  PeriodRow,
  StepView,
} from '../../shared/contract/month-end';
import { CofferError } from '../../shared/domain/coffer-error';
import { confirmationText } from '../../shared/domain/confirmation';
import { countOf } from '../../shared/domain/count-of';
import { amountText } from '../../shared/money/amount-text';
import { currency as toCurrency } from '../../shared/money/money';
import { type Period, period as toPeriod } from '../../shared/period/period';
import { appendAudit } from '../journal/audit-chain';
import { type Intent, OPEN_STATES } from '../journal/intent';
import { listIntents } from '../journal/journal';
import { requireCompared } from '../journal/restored';
import type { Queries } from '../store/store';
import { StripeUnavailable } from '../stripe/problem';
import type { RunGuard, ServiceContext } from './context';
import { earningSums } from './earnings';
import { guidedNotes } from './guided-notes';
import {
  type MonthEndRun,
  PREPARED,
  reached,
  readRun,
  STEP_STATES,
  STEPS,
  type StepOutcome,
  saveStep,
  startRun,
} from './month-end/run';
import {
  approvePlan,
  closeConfirmation,
  figuresToSign,
  fundingAhead,
  lapsesAhead,
  paidByNow,
  payTotals,
  preflightChecks,
  STEP_WORK,
  type StepControl,
} from './month-end/steps';
import { readFigures } from './period-figures';
import { readOpenPeriod } from './settings';
import { checkGuided, guidedClicks, isGuided, readBalances, type WaitingGuided } from './stripe-storage-balance';
import { payRun, planPayouts } from './stripe-transfer';

const TITLES: Readonly<Record<MonthEndStep, readonly [title: string, purpose: string]>> = {
  preflight: ['Preflight', 'Checks the data, the connection and everything that could move money behind our back.'],
  lock: ['Lock', 'Freezes the payments and allocations of the month, with a hash. Later edits change nothing.'],
  earnings: ['Earnings', 'Calculates what every creator earned and what the platform keeps as its fee.'],
  lapse: ['Use it or lose it', 'Unallocated money becomes revenue; what Storage holds beyond what is owed goes back.'],
  fund: ['Fund', 'Brings Storage to what is owed and waits until it is available there.'],
  approve: ['Approve', 'Shows every payout; the approval is bound to exactly this plan.'],
  pay: ['Pay', 'Pays creators out of Storage, each payout with its own record and status.'],
  reconcile: ['Reconcile', 'Compares every line at Stripe with our entries.'],
  close: ['Close', 'Storage holds what is still owed, by name. Signs the figures and opens the next month.'],
};

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
      `${TITLES[step][0]} cannot be run while ${request.period} is ${run.state}.`,
      missing === undefined ? 'Refresh the page.' : `Run ${TITLES[missing][0]} first.`,
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
      `${TITLES[previous][0]} has ${open.length} ${open.length === 1 ? 'warning' : 'warnings'} that nobody acknowledged.`,
      'Read and acknowledge them first.',
    );
  }
}

async function openWarnings(
  context: ServiceContext,
  run: MonthEndRun,
  step: MonthEndStep,
  outcome: StepOutcome | null,
) {
  if (outcome === null || outcome.warnings.length === 0) return [];
  const known = await acknowledged(context, run);
  return outcome.warnings.filter((warning) => !known.has(`${step} ${warning.code}`));
}

/** `step code` of every warning of the run that somebody acknowledged. */
async function acknowledged(context: ServiceContext, run: MonthEndRun): Promise<ReadonlySet<string>> {
  const rows = await context.store.db
    .selectFrom('warning_acknowledgement')
    .select(['step', 'code'])
    .where('period', '=', run.period)
    .where('version', '=', BigInt(run.version))
    .execute();
  return new Set(rows.map((row) => `${row.step} ${row.code}`));
}

export async function acknowledgeWarning(
  context: ServiceContext,
  period: Period,
  step: MonthEndStep,
  code: string,
): Promise<void> {
  const run = await startRun(context, period);
  const at = context.now();
  await context.store.transaction(async (tx) => {
    await tx
      .insertInto('warning_acknowledgement')
      .values({ period, version: BigInt(run.version), step, code, at: at.toISOString(), actor: context.actor() })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    await appendAudit(tx, {
      at,
      actor: context.actor(),
      action: 'warning.acknowledged',
      subject: period,
      payload: { step, code },
    });
  });
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
  if (outcome === null)
    throw new CofferError('busy', 'Another run is working right now.', 'Wait until it has finished.');
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

interface StoredStep {
  readonly state: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly actor: string;
  readonly outcome: StepOutcome;
}

async function storedSteps(context: ServiceContext, run: MonthEndRun): Promise<ReadonlyMap<string, StoredStep>> {
  const rows = await context.store.db
    .selectFrom('month_end_step')
    .selectAll()
    .where('period', '=', run.period)
    .where('version', '=', BigInt(run.version))
    .execute();
  const steps = new Map<string, StoredStep>();
  for (const row of rows) {
    const told: StepOutcome = JSON.parse(row.result);
    const goesOn = row.step === 'pay' && (run.state === 'paid' || run.state === 'reconciled');
    const outcome = goesOn ? await paidByNow(context, run.period, told) : told;
    steps.set(row.step, {
      state: row.state,
      startedAt: row.started_at,
      endedAt: row.ended_at,
      actor: row.actor,
      outcome,
    });
  }
  return steps;
}

async function storedStep(context: ServiceContext, run: MonthEndRun, step: MonthEndStep): Promise<StoredStep | null> {
  return (await storedSteps(context, run)).get(step) ?? null;
}

function stepIsDone(run: MonthEndRun, step: MonthEndStep, preflightPassed: boolean): boolean {
  if (step === 'preflight') return preflightPassed || reached(run, 'locked');
  return reached(run, STEP_STATES[step].leads);
}

/** Everything the Month end screen shows of a period. Reads no network. */
export async function monthEndView(context: ServiceContext, guard: RunGuard, period: Period): Promise<MonthEndView> {
  const run = (await readRun(context.store.db, period)) ?? notStarted(period);
  const stored = await storedSteps(context, run);
  const known = await acknowledged(context, run);
  const steps: StepView[] = [];
  let previousDone = true;
  for (const step of STEPS) {
    const last = stored.get(step);
    const done = stepIsDone(run, step, last?.state === 'done');
    const running = guard.running === `month-end:${period}:${step}`;
    const warnings = (last?.outcome.warnings ?? []).map((warning) => ({
      ...warning,
      acknowledged: known.has(`${step} ${warning.code}`),
    }));
    const state: StepView['state'] = running
      ? 'running'
      : done
        ? 'done'
        : !previousDone
          ? 'waiting'
          : last?.state === 'attention' || last?.state === 'running'
            ? 'attention'
            : 'ready';
    const next = previousDone && !done;
    const facts = (next ? await factsAhead(context, period, step) : null) ?? last?.outcome.facts ?? [];
    steps.push({
      step,
      title: TITLES[step][0],
      purpose: TITLES[step][1],
      state,
      blockers: done ? [] : [...(last?.outcome.blockers ?? [])],
      warnings,
      facts: [...facts],
      startedAt: last?.startedAt ?? null,
      endedAt: last?.endedAt ?? null,
      actor: last?.actor ?? null,
      button: await buttonOf(context, run, step),
      confirmation: next ? await confirmationOf(context, run, step) : '',
    });
    previousDone = done && warnings.every((warning) => warning.acknowledged);
  }
  return {
    period,
    state: run.state,
    version: run.version,
    steps,
    running: guard.running?.startsWith(`month-end:${period}:`) ?? false,
    ...(await payOutcomes(context, period)),
    guided: await guidedTasks(context, period),
    planHash: run.planHash,
    approvedBy: run.approvedBy,
    approvedAt: run.approvedAt,
    closedBy: run.closedBy,
    closedAt: run.closedAt,
  };
}

/** What is known before a step is run, by the books alone; null where a step says nothing ahead. */
async function factsAhead(
  context: ServiceContext,
  period: Period,
  step: MonthEndStep,
): Promise<readonly Fact[] | null> {
  if (step === 'lapse') return lapsesAhead(context.store, period);
  if (step === 'fund') return fundingAhead(context, period);
  return step === 'close' ? figuresToSign(context, period) : null;
}

function notStarted(period: Period): MonthEndRun {
  return {
    period,
    version: 1,
    state: 'open',
    planHash: null,
    approvedBy: null,
    approvedAt: null,
    closedBy: null,
    closedAt: null,
  };
}

async function buttonOf(context: ServiceContext, run: MonthEndRun, step: MonthEndStep): Promise<string> {
  switch (step) {
    case 'preflight':
      return 'Run the checks';
    case 'lock':
      return `Lock ${run.period}`;
    case 'earnings':
      return 'Calculate earnings';
    case 'lapse':
      return 'Lapse unallocated funds';
    case 'fund':
      return 'Fund Storage';
    case 'approve':
      return 'Review and approve';
    case 'pay': {
      if (run.state === 'paying') return 'Continue paying';
      const { toPay: creators } = await earningSums(context.store, run.period);
      return creators === 0 ? 'Continue without payouts' : `Pay ${countOf(creators, 'creator')}`;
    }
    case 'reconcile':
      return 'Reconcile';
    case 'close':
      return `Close ${run.period}`;
  }
}

async function confirmationOf(context: ServiceContext, run: MonthEndRun, step: MonthEndStep): Promise<string> {
  if (step === 'pay' && run.state === 'approved') {
    const totals = await payTotals(context, run.period);
    return totals.length === 0 ? '' : confirmationText(totals, run.period);
  }
  return step === 'close' ? closeConfirmation(context, run.period) : '';
}

async function payOutcomes(
  context: ServiceContext,
  period: Period,
): Promise<Pick<MonthEndView, 'outcomes' | 'causes'>> {
  const latest = new Map<string, Intent>();
  for (const intent of await listIntents(context.store.db, { run: payRun(period) })) latest.set(intent.subject, intent);
  const byCurrency = new Map<string, Intent[]>();
  for (const intent of latest.values()) {
    byCurrency.set(intent.currency, [...(byCurrency.get(intent.currency) ?? []), intent]);
  }
  const ended = ['failed', 'returned', 'canceled'];
  const total = (intents: readonly Intent[]): string => String(intents.reduce((sum, one) => sum + one.amount, 0n));
  const outcomes = [...byCurrency].map(([currency, intents]) => {
    const of = (...states: string[]) => intents.filter((one) => states.includes(one.state));
    return {
      currency,
      planned: intents.length,
      posted: of('posted').length,
      processing: of('planned', 'sending', 'processing').length,
      failed: of(...ended).length,
      unknown: of('unknown').length,
      plannedAmount: total(intents),
      postedAmount: total(of('posted')),
      failedAmount: total(of(...ended)),
    };
  });
  const causes = new Map<string, Intent[]>();
  for (const intent of latest.values()) {
    if (!ended.includes(intent.state)) continue;
    const cause = intent.message ?? intent.code ?? 'No reason was given';
    causes.set(cause, [...(causes.get(cause) ?? []), intent]);
  }
  return {
    outcomes,
    causes: [...causes].map(([cause, intents]) => ({
      cause,
      count: intents.length,
      amounts: [...new Set(intents.map((one) => one.currency))].map((currency) => ({
        currency,
        amount: total(intents.filter((one) => one.currency === currency)),
      })),
      nextAction: 'Retry on the Payouts screen once the cause is cleared, or leave the amounts to the next month.',
    })),
  };
}

/** Movements that a person has to make in the dashboard. */
export async function guidedTasks(
  context: ServiceContext,
  period: Period,
  waiting: readonly WaitingGuided[] = [],
): Promise<GuidedTask[]> {
  const planned = await listIntents(context.store.db, { period, states: ['planned'] });
  return Promise.all(
    planned
      .filter((intent) => isGuided(context, intent))
      .map(async (intent) => ({
        intentId: intent.intent_id,
        currency: intent.currency,
        amount: String(intent.amount),
        title: `Move ${amountText(intent.amount, toCurrency(intent.currency))} from Storage to Payments`,
        clicks: [...(await guidedClicks(context, intent))],
        since: intent.created_at,
        seen: waiting.filter((one) => one.intent_id === intent.intent_id).flatMap(guidedNotes),
      })),
  );
}

/** Looks for guided movements of the period that a person made. Returns those still waiting, with what was seen. */
export async function checkGuidedOf(context: ServiceContext, period: Period): Promise<readonly WaitingGuided[]> {
  const runs = new Set(
    (await listIntents(context.store.db, { period, states: ['planned'] }))
      .filter((intent) => isGuided(context, intent))
      .map((intent) => intent.run),
  );
  const waiting: WaitingGuided[] = [];
  for (const run of runs) waiting.push(...(await checkGuided(context, run)));
  return waiting;
}

/** The plan to approve. Throws `StripeUnavailable`. */
export async function payoutPlanView(context: ServiceContext, period: Period): Promise<PayoutPlanView> {
  const run = await startRun(context, period);
  if (!reached(run, 'calculated')) {
    throw new CofferError(
      'step-order',
      `The earnings of ${period} are not calculated yet.`,
      'Run the steps before it first.',
    );
  }
  const plan = await planPayouts(context, period, run.version);
  const balances = new Map((await readBalances(context)).map((one) => [one.currency as string, one]));
  const figures = await readFigures(context.store.db, period);
  const totals = [...figures.keys()].map((currency) => {
    const of = (disposition: string) =>
      plan.lines.filter((line) => line.currency === currency && line.disposition === disposition);
    const total = (lines: readonly { payable: bigint }[]): bigint => lines.reduce((sum, one) => sum + one.payable, 0n);
    const storage = balances.get(currency)?.storageAvailable ?? 0n;
    const pay = total(of('paid'));
    return {
      currency,
      payCount: of('paid').length,
      pay: String(pay),
      heldCount: of('held').length,
      held: String(total(of('held'))),
      carriedCount: of('carried').length,
      carried: String(total(of('carried'))),
      suspense: String(figures.get(currency)?.suspense ?? 0n),
      storageBefore: String(storage),
      storageAfter: String(storage - pay),
    };
  });
  const lines = plan.lines.flatMap((line) =>
    line.disposition === 'none'
      ? []
      : [
          {
            creatorId: line.creatorId,
            displayName: line.displayName,
            currency: line.currency,
            payable: String(line.payable),
            disposition: line.disposition,
            reason: line.reason,
            destination: line.stripeAccount,
          },
        ],
  );
  return { period, planHash: plan.hash, totals, lines: lines.slice(0, 500), lineCount: lines.length };
}

export async function preflightOf(context: ServiceContext, period: Period) {
  return preflightChecks(context, await startRun(context, period));
}

/** Every period that has data or a run, newest first, the open one included. */
export async function listPeriods(context: ServiceContext): Promise<PeriodRow[]> {
  const { db } = context.store;
  const open = await readOpenPeriod(db);
  const runs = await db
    .selectFrom('month_end_run')
    .select(['period', 'state', 'closed_at'])
    .where('current', '=', 1n)
    .execute();
  const periods = new Map(runs.map((row) => [row.period, row]));
  const names = new Set([...periods.keys(), ...(open === null ? [] : [open])]);
  return Promise.all(
    [...names]
      .sort()
      .reverse()
      .map(async (name) => {
        const figures = [...(await readFigures(db, name))];
        const run = await readRun(db, toPeriod(name));
        const amounts = (pick: 'collected' | 'paid' | 'platform_revenue') =>
          figures.flatMap(([currency, known]) => {
            const amount = known[pick];
            return amount === undefined ? [] : [{ currency, amount: String(amount) }];
          });
        return {
          period: name,
          state: run?.state ?? 'open',
          collected: amounts('collected'),
          paid: amounts('paid'),
          revenue: amounts('platform_revenue'),
          closedAt: periods.get(name)?.closed_at ?? null,
        };
      }),
  );
}

/** True when something of the period has begun and is not closed. */
export async function isUnfinished(context: ServiceContext, period: Period): Promise<boolean> {
  const run = await readRun(context.store.db, period);
  if (run === null || run.state === 'closed') return false;
  const open = await listIntents(context.store.db, { period, states: OPEN_STATES });
  return open.length > 0 || run.state !== 'open';
}
