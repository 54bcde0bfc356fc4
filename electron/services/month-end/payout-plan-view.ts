/** The plan of payouts, as it is shown to the person who approves it. */
import type { PayoutPlanView } from '../../../shared/contract/month-end';
import { CofferError } from '../../../shared/domain/coffer-error';
import type { Period } from '../../../shared/period/period';
import type { ServiceContext } from '../context';
import { readFigures } from '../period-figures';
import { readBalances } from '../stripe-storage-balance';
import { planPayouts } from '../stripe-transfer';
import { reached, startRun } from './run';

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
