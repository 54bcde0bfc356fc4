/** `close`: all steps of the period in policy.json, taken up where the state stands. */
import { join } from 'node:path';
import type { MonthEndStep } from '../../shared/contract/month-end';
import { CofferError } from '../../shared/domain/coffer-error';
import { confirmationText } from '../../shared/domain/confirmation';
import { period as toPeriod } from '../../shared/period/period';
import { checkpointFile, checkpointNow } from '../services/audit-checkpoints';
import { BalanceMonitor } from '../services/balance-monitoring';
import { writeBinder } from '../services/binder';
import { RunGuard } from '../services/context';
import { EXPORT_NAMES, saveExports } from '../services/exports/make-exports';
import { summaryOf } from '../services/exports/summary';
import { writeFiles } from '../services/exports/write-files';
import { payoutPlanView } from '../services/month-end/payout-plan-view';
import { readRun, STEPS } from '../services/month-end/run';
import { approve, runStep } from '../services/month-end/run-step';
import { closeConfirmation, payTotals } from '../services/month-end/steps';
import { monthEndView } from '../services/month-end/view';
import { acknowledgeWarning } from '../services/month-end/warnings';
import type { RunArguments } from './arguments';
import { DONE, type Ending, STOPPED, UNKNOWN } from './ending';
import type { Session } from './session';

const PATIENCE_MS = 30_000;

export async function runClose(
  args: RunArguments,
  session: Session,
  progress: (line: string) => void,
): Promise<Ending> {
  const { context } = session.platform;
  const period = toPeriod(session.period);
  const guard = new RunGuard();
  const monitor = new BalanceMonitor(context);
  const last = args.until ?? 'close';

  for (const step of STEPS) {
    await acknowledgeAll(session, period, guard, progress);
    const view = await monthEndView(context, guard, period);
    const known = view.steps.find((one) => one.step === step);
    // Preflight looks at the present: it is repeated until the month is locked.
    if (known?.state === 'done' && (step !== 'preflight' || view.state !== 'open')) {
      progress(`${known.title}: done before`);
    } else {
      if (!args.yes && step !== 'preflight') return printPlan(session, progress);
      progress(`${known?.title ?? step} …`);
      const blockers = await oneStep(session, guard, step);
      if (blockers.length > 0) {
        for (const blocker of blockers) progress(`  ${blocker.message} ${blocker.action}`);
        await monitor.poll();
        await writeAll(args, session);
        const unknown = blockers.some((one) => one.code.startsWith('unknown'));
        return {
          exit: unknown ? UNKNOWN : STOPPED,
          summary: {
            command: 'close',
            period,
            stoppedAt: step,
            exceptions: blockers,
            figures: await summaryOf(context.store.db, period),
          },
        };
      }
    }
    if (step === last) break;
  }
  await monitor.poll();
  const files = await writeAll(args, session);
  const { state } = await monthEndView(context, guard, period);
  return {
    exit: DONE,
    summary: { command: 'close', period, state, figures: await summaryOf(context.store.db, period), files },
  };
}

/** The exports as they stand, and the binder once the month is closed. */
async function writeAll(args: RunArguments, session: Session): Promise<string[]> {
  const { context, store } = session.platform;
  const signed = checkpointFile(await checkpointNow(context));
  const written = [
    ...(await saveExports(store, session.period, EXPORT_NAMES, args.out)),
    ...(await writeFiles(args.out, [signed])),
  ];
  const names = written.map((file) => file.name);
  const run = await readRun(store.db, toPeriod(session.period));
  if (run?.state !== 'closed') return names;
  const binder = `binder-${session.period}.zip`;
  await writeBinder(context, session.period, join(args.out, binder), session.verifier);
  return [...names, binder];
}

async function acknowledgeAll(
  session: Session,
  period: ReturnType<typeof toPeriod>,
  guard: RunGuard,
  progress: (line: string) => void,
): Promise<void> {
  const view = await monthEndView(session.platform.context, guard, period);
  for (const step of view.steps) {
    for (const warning of step.warnings) {
      if (warning.acknowledged) continue;
      progress(`  acknowledged (--yes): ${warning.message}`);
      await acknowledgeWarning(session.platform.context, period, step.step, warning.code);
    }
  }
}

async function oneStep(session: Session, guard: RunGuard, step: MonthEndStep) {
  const { context } = session.platform;
  const period = toPeriod(session.period);
  try {
    if (step === 'approve') {
      const plan = await payoutPlanView(context, period);
      await approve(context, guard, period, plan.planHash);
      return [];
    }
    const typed = await typedFor(session, step);
    return (await runStep(context, guard, { period, step, typed, patienceMs: PATIENCE_MS })).blockers;
  } catch (error) {
    if (!(error instanceof CofferError)) throw error;
    return [{ code: error.code, message: error.message, action: error.hint }];
  }
}

/** `--yes` stands for what a person would type. */
async function typedFor(session: Session, step: MonthEndStep): Promise<string | null> {
  const { context } = session.platform;
  if (step === 'pay') return confirmationText(await payTotals(context, session.period), session.period);
  return step === 'close' ? closeConfirmation(context, session.period) : null;
}

/** Without `--yes`: what would happen, as far as it can be told without moving anything. */
async function printPlan(session: Session, progress: (line: string) => void): Promise<Ending> {
  const { calculatePeriod } = await import('../services/fund-tracking');
  const figures: Record<string, Record<string, string>> = {};
  for (const [currency, { totals }] of await calculatePeriod(session.platform.store, toPeriod(session.period))) {
    figures[currency] = Object.fromEntries(Object.entries(totals).map(([name, amount]) => [name, String(amount)]));
  }
  progress('Nothing was moved: add --yes to run the month end.');
  return { exit: DONE, summary: { command: 'close', period: session.period, plan: figures, moved: false } };
}
