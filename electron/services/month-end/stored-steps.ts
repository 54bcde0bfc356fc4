/** What the steps of a run did, as it was written down. */
import type { MonthEndStep } from '../../../shared/contract/month-end';
import type { ServiceContext } from '../context';
import type { MonthEndRun, StepOutcome } from './run';
import { paidByNow } from './steps';

interface StoredStep {
  readonly state: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly actor: string;
  readonly outcome: StepOutcome;
}

export async function storedSteps(context: ServiceContext, run: MonthEndRun): Promise<ReadonlyMap<string, StoredStep>> {
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

export async function storedStep(
  context: ServiceContext,
  run: MonthEndRun,
  step: MonthEndStep,
): Promise<StoredStep | null> {
  return (await storedSteps(context, run)).get(step) ?? null;
}
