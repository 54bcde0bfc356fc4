/** Movements of a period that a person has to make in the dashboard. */
import type { GuidedTask } from '../../../shared/contract/month-end';
import { amountText } from '../../../shared/money/amount-text';
import { currency as toCurrency } from '../../../shared/money/money';
import type { Period } from '../../../shared/period/period';
import { listIntents } from '../../journal/journal';
import type { ServiceContext } from '../context';
import { checkGuided, guidedClicks, isGuided, type WaitingGuided } from '../stripe-storage-balance';
import { guidedNotes } from './guided-notes';

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
