/** 6. Approve: binds the approval to exactly the plan that was shown. */

import { CofferError } from '../../../../shared/domain/coffer-error';
import type { ServiceContext } from '../../context';
import { writePlan } from '../../earnings';
import { readFigures, recordFigures } from '../../period-figures';
import { planPayouts } from '../../stripe-transfer';
import { amountFact, type MonthEndRun, type StepOutcome, setState, textFact } from '../run';
import { NOTHING, type StepControl, type StepWork } from './step';

/** Approves the plan with this hash. Throws when the plan of now has another one. */
export async function approvePlan(
  context: ServiceContext,
  run: MonthEndRun,
  planHash: string,
  save: StepControl['save'],
): Promise<StepOutcome> {
  const plan = await planPayouts(context, run.period, run.version);
  if (plan.hash !== planHash) {
    throw new CofferError(
      'plan-changed',
      'The plan changed since it was shown.',
      'Look at the new plan; nothing was approved.',
    );
  }
  const at = context.now().toISOString();
  const sums = new Map<string, Record<'paid' | 'held' | 'carried', bigint>>();
  for (const line of plan.lines) {
    const sum = sums.get(line.currency) ?? { paid: 0n, held: 0n, carried: 0n };
    if (line.disposition !== 'none') sum[line.disposition] += line.payable;
    sums.set(line.currency, sum);
  }
  const outcome: StepOutcome = {
    ...NOTHING,
    facts: [
      ...[...sums].flatMap(([code, sum]) => [
        amountFact('To pay', code, sum.paid),
        amountFact('Held', code, sum.held),
        amountFact('Carried forward', code, sum.carried),
      ]),
      textFact('Plan', plan.hash.slice(0, 16)),
    ],
  };
  await context.store.transaction(async (tx) => {
    await writePlan(tx, run.period, plan.lines);
    for (const currency of (await readFigures(tx, run.period)).keys()) {
      const sum = sums.get(currency);
      await recordFigures(tx, run.period, currency, { held: sum?.held ?? 0n, carried: sum?.carried ?? 0n });
    }
    await setState(
      context,
      tx,
      run,
      'approved',
      { plan_hash: plan.hash, approved_by: context.actor(), approved_at: at },
      { planHash: plan.hash },
    );
    await save(tx, outcome);
  });
  await context.checkpoint('approve.written');
  return outcome;
}

export const approve: StepWork = async () => {
  throw new CofferError('approve-by-hash', 'A plan is approved by its hash.', 'Open the plan and approve it there.');
};
