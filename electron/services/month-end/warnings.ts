/** Warnings of a step, which a person has to acknowledge before the next step is run. */
import type { MonthEndStep } from '../../../shared/contract/month-end';
import type { Period } from '../../../shared/period/period';
import { appendAudit } from '../../journal/audit-chain';
import type { ServiceContext } from '../context';
import { type MonthEndRun, type StepOutcome, startRun } from './run';

export async function openWarnings(
  context: ServiceContext,
  run: MonthEndRun,
  step: MonthEndStep,
  outcome: StepOutcome | null,
) {
  if (outcome === null || outcome.warnings.length === 0) return [];
  const known = await acknowledgedWarnings(context, run);
  return outcome.warnings.filter((warning) => !known.has(`${step} ${warning.code}`));
}

/** `step code` of every warning of the run that somebody acknowledged. */
export async function acknowledgedWarnings(context: ServiceContext, run: MonthEndRun): Promise<ReadonlySet<string>> {
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
