/**
 * Takes a movement that was made at Stripe into books that do not know it, with the entries it would have had. Nothing is sent.
 */
import { canonicalJson } from '../../shared/domain/canonical-json';
import type { MovementOutcome } from '../rails/segregation-rail';
import type { Queries } from '../store/store';
import { appendAudit, sha256 } from './audit-chain';
import { canFollow, type IntentKind, type IntentState, movementKind, type NewIntent } from './intent';
import { bookPeriod, changeState, insertPlanned, type JournalContext, keyOf, readIntent } from './journal';
import { cameBack } from './movement';

/** What became of it at Stripe; `unknown`: it was sent, and Stripe does not show it. */
export type Settled = Extract<
  MovementOutcome,
  { state: 'processing' | 'posted' | 'failed' | 'canceled' | 'returned' | 'unknown' }
>;

export interface Adoption {
  readonly intentId: string;
  readonly intent: NewIntent;
  readonly createdAt: Date;
  /** The call as it was written in books that are still readable; null when only Stripe knows the movement. */
  readonly request: string | null;
  readonly rail: string;
  readonly actor: string;
  readonly outcome: Settled;
}

export async function adoptIntent(context: JournalContext, tx: Queries, adoption: Adoption): Promise<void> {
  const at = context.now();
  const { intentId, intent } = adoption;
  const request =
    adoption.request ??
    canonicalJson({
      // Never sent: the movement is there. It says what is known of the call.
      api: 'v1',
      method: 'POST',
      path: '/v1/adopted',
      params: { amount: intent.amount, currency: intent.currency, metadata: { coffer_intent: intentId } },
    });
  await insertPlanned(context, tx, {
    intentId,
    intent,
    request,
    idempotencyKey: keyOf(intentId),
    rail: adoption.rail,
    actor: adoption.actor,
    createdAt: adoption.createdAt,
    at,
    bookedIn: await bookPeriod(tx, intent.period),
  });
  await appendAudit(tx, {
    at,
    actor: context.actor(),
    action: 'intent.adopted',
    subject: intentId,
    payload: {
      kind: intent.kind,
      run: intent.run,
      period: intent.period,
      amount: intent.amount,
      currency: intent.currency,
      creator: intent.creatorId,
      requestHash: sha256(request),
    },
  });
  await settleFound(context, tx, intentId, adoption.outcome);
}

/** `same`: the books say so already, or more than Stripe's object does. `contradicts`: they say something else. Neither writes. */
export type Settlement = 'same' | 'settled' | 'contradicts';

/** Brings an intent to what Stripe shows of it. */
export async function settleFound(
  context: JournalContext,
  tx: Queries,
  intentId: string,
  shown: Settled,
): Promise<Settlement> {
  const { kind, ...present } = await readIntent(tx, intentId);
  let { state, attempts } = present;
  const outcome = cameBack(state, shown);
  if (saysAsMuch(state, outcome.state)) return 'same';
  const to = async (next: IntentState, found: Partial<Settled> = {}): Promise<void> => {
    if (next === 'sending') attempts += 1;
    await changeState(context, tx, intentId, {
      state: next,
      attempts,
      stripeObject: 'stripeObject' in found ? found.stripeObject : null,
      requestId: null,
      code: 'code' in found ? found.code : null,
      message: 'message' in found ? found.message : null,
    });
    state = next;
  };
  const sent = outcome.state === 'unknown' || outcome.stripeObject !== null;
  if (state === 'planned' && sent && movementKind(kind as IntentKind) !== 'release') await to('sending');
  if (!canFollow(state, outcome.state) && canFollow(state, 'unknown')) await to('unknown');
  if (!canFollow(state, outcome.state)) return 'contradicts';
  await to(outcome.state, outcome);
  return 'settled';
}

/** A posted movement hears of later news by being followed; one that was taken back stays posted at Stripe. */
function saysAsMuch(state: IntentState, shown: Settled['state']): boolean {
  if (state === shown) return true;
  return (state === 'posted' || state === 'compensated') && (shown === 'processing' || shown === 'posted');
}
