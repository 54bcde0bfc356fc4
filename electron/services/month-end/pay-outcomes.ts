/** How the payouts of a period came out, per currency, and why some did not arrive. */
import type { MonthEndView } from '../../../shared/contract/month-end';
import type { Period } from '../../../shared/period/period';
import type { Intent } from '../../journal/intent';
import { listIntents } from '../../journal/journal';
import type { ServiceContext } from '../context';
import { payRun } from '../stripe-transfer';

export async function payOutcomes(
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
