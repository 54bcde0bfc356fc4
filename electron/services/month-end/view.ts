/** What the Month end screen shows of a period, by the books alone. */
import type { Fact, MonthEndStep, MonthEndView, StepView } from '../../../shared/contract/month-end';
import { confirmationText } from '../../../shared/domain/confirmation';
import { countOf } from '../../../shared/domain/count-of';
import type { Period } from '../../../shared/period/period';
import type { RunGuard, ServiceContext } from '../context';
import { earningSums } from '../earnings';
import { guidedTasks } from './guided-tasks';
import { payOutcomes } from './pay-outcomes';
import { type MonthEndRun, readRun, STEPS, stepIsDone } from './run';
import { STEP_TITLES } from './step-titles';
import { closeConfirmation, figuresToSign, fundingAhead, lapsesAhead, payTotals } from './steps';
import { storedSteps } from './stored-steps';
import { acknowledgedWarnings } from './warnings';

/** Everything the Month end screen shows of a period. Reads no network. */
export async function monthEndView(context: ServiceContext, guard: RunGuard, period: Period): Promise<MonthEndView> {
  const run = (await readRun(context.store.db, period)) ?? notStarted(period);
  const stored = await storedSteps(context, run);
  const known = await acknowledgedWarnings(context, run);
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
      title: STEP_TITLES[step][0],
      purpose: STEP_TITLES[step][1],
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
    ...(await payOutcomes(context.store, period)),
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
