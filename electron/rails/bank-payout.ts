/**
 * A withdrawal: a payout of the Payments balance to the platform's own bank account, the default one for the currency. It is the same
 * on every rail. Stripe takes it from the available balance at once; `paid` may still become `failed`, days later.
 * Source: Stripe, "Payouts API" (object, statuses).
 */
import type { StripeClient } from '../stripe/client';
import { type Payout, payout } from '../stripe/objects';
import { payoutToBank } from '../stripe/requests';
import { answered, confirmed, gather, presentObjects, sendable, soleMatch } from './movement';
import { outcomeOf, unknownOutcome } from './outcome';
import { createdBetween, windowStart } from './reading';
import { payoutReason } from './reasons';
import type {
  CanonicalRequest,
  LookupOutcome,
  MovementOrder,
  MovementOutcome,
  StoredMovement,
} from './segregation-rail';

const PAYOUTS = '/v1/payouts';

export function prepareWithdrawal(order: MovementOrder): CanonicalRequest {
  return { api: 'v1', method: 'POST', path: PAYOUTS, params: payoutToBank(order) };
}

export async function sendWithdrawal(client: StripeClient, movement: StoredMovement): Promise<MovementOutcome> {
  const { path, params } = sendable(movement);
  const reply = await client.post(path, params, movement.idempotencyKey);
  if (!reply.ok) return outcomeOf(reply.problem);
  return confirmed(movement, payout, reply, (row) => ({
    ...row,
    // A bank account is no payout method: anything else went somewhere else.
    recipient: row.payout_method ?? null,
    outcome: withdrawalOutcome(row),
  }));
}

export function lookUpWithdrawal(client: StripeClient, movement: StoredMovement): Promise<LookupOutcome> {
  return answered(async () => {
    if (movement.stripeObject !== null) {
      return withdrawalOutcome(
        await client.read(`${PAYOUTS}/${encodeURIComponent(movement.stripeObject)}`, {}, payout),
      );
    }
    const query = { created: createdBetween(windowStart(client, movement.createdAt)) };
    const match = await soleMatch(movement, client.list(PAYOUTS, query, payout));
    return 'found' in match ? withdrawalOutcome(match.found) : match;
  });
}

export function refreshWithdrawals(
  client: StripeClient,
  movements: readonly StoredMovement[],
  news: Map<string, MovementOutcome>,
): Promise<void> {
  return gather(async () => {
    for (const [movement, row] of await presentObjects(client, movements, PAYOUTS, payout)) {
      news.set(movement.order.intentId, withdrawalOutcome(row));
    }
  });
}

export function withdrawalOutcome(row: Payout): MovementOutcome {
  const known = { stripeObject: row.id, requestId: null };
  if (row.reversed_by !== null) {
    return {
      state: 'returned',
      ...known,
      code: 'reversed',
      message: 'The payout was reversed; the money is back in Payments.',
    };
  }
  switch (row.status) {
    case 'paid':
      return { state: 'posted', ...known };
    case 'pending':
    case 'in_transit':
      return { state: 'processing', ...known };
    case 'failed':
      return {
        state: 'failed',
        ...known,
        code: row.failure_code ?? 'failed',
        message: payoutReason(row.failure_code, row.failure_message),
      };
    case 'canceled':
      return { state: 'canceled', ...known, code: 'canceled', message: 'The payout was cancelled before it left.' };
    default:
      return unknownOutcome('unknown-status', `Stripe calls this payout "${row.status}", which Coffer does not know.`);
  }
}
