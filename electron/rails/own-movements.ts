/**
 * Everything at Stripe that carries `metadata.coffer_intent`, whichever rail made it: what books that were restored are compared
 * with. Read from the lists, which show an object as it is now.
 */
import { z } from 'zod';
import type { StripeClient } from '../stripe/client';
import { outboundPayment, payout, transfer } from '../stripe/objects';
import { StripeUnavailable } from '../stripe/problem';
import { withdrawalOutcome } from './bank-payout';
import { paymentOutcome, payoutOutcome, transferOutcome } from './object-outcomes';
import { createdBetween, knownCurrency, windowStart } from './reading';
import type { MovementOrigin, OwnMovement, RailName } from './segregation-rail';

const marked = z.object({
  coffer_intent: z.string().min(1),
  coffer_period: z.string().optional(),
  coffer_kind: z.enum(['fund', 'release', 'pay', 'canary', 'compensate', 'withdraw']).optional(),
  coffer_run: z.string().optional(),
  coffer_subject: z.string().optional(),
});

type Marks = Pick<OwnMovement, 'intentId' | 'period' | 'origin'>;

function marksOf(metadata: Readonly<Record<string, string>> | null | undefined): Marks | null {
  const parsed = marked.safeParse(metadata ?? {});
  if (!parsed.success) return null;
  const { coffer_intent, coffer_period, coffer_kind, coffer_run, coffer_subject } = parsed.data;
  const origin: MovementOrigin | null =
    coffer_kind === undefined || coffer_run === undefined || coffer_subject === undefined
      ? null
      : { kind: coffer_kind, run: coffer_run, subject: coffer_subject };
  return { intentId: coffer_intent, period: coffer_period ?? '', origin };
}

/** Oldest first. Lists of the other rail may be closed to the key: then that rail was never used with it. */
export async function* ownMovements(client: StripeClient, from: Date, rail: RailName): AsyncIterable<OwnMovement> {
  const found = [
    ...(await readAll(payouts(client, from), rail === 'financial-account')),
    ...(await readAll(outboundPayments(client, from), rail === 'financial-account')),
    ...(await readAll(transfers(client, from), rail === 'earmark')),
  ];
  yield* found.sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
}

async function readAll(list: AsyncIterable<OwnMovement>, required: boolean): Promise<OwnMovement[]> {
  const rows: OwnMovement[] = [];
  try {
    for await (const row of list) rows.push(row);
  } catch (error) {
    const closed =
      error instanceof StripeUnavailable && (error.problem.kind === 'permission' || error.problem.kind === 'not-found');
    if (required || !closed) throw error;
  }
  return rows;
}

async function* payouts(client: StripeClient, from: Date): AsyncIterable<OwnMovement> {
  const query = { created: createdBetween(windowStart(client, from)) };
  for await (const row of client.list('/v1/payouts', query, payout)) {
    const marks = marksOf(row.metadata);
    if (marks === null) continue;
    const withdrawn = marks.origin?.kind === 'withdraw';
    yield {
      ...marks,
      stripeObject: row.id,
      kind: withdrawn ? 'withdraw' : 'fund',
      currency: knownCurrency(row.currency),
      amount: row.amount,
      stripeAccount: null,
      createdAt: row.created,
      description: row.description ?? '',
      // Whether it has arrived in Storage already is found when it is followed.
      outcome: withdrawn ? withdrawalOutcome(row) : payoutOutcome(row, null),
    };
  }
}

async function* outboundPayments(client: StripeClient, from: Date): AsyncIterable<OwnMovement> {
  const query = { created: createdBetween(windowStart(client, from)) };
  for await (const row of client.list('/v2/money_management/outbound_payments', query, outboundPayment)) {
    const marks = marksOf(row.metadata);
    if (marks === null) continue;
    yield {
      ...marks,
      stripeObject: row.id,
      kind: 'pay',
      currency: knownCurrency(row.amount.currency),
      amount: row.amount.value,
      stripeAccount: row.to.recipient,
      createdAt: row.created,
      description: row.description ?? '',
      outcome: paymentOutcome(row),
    };
  }
}

async function* transfers(client: StripeClient, from: Date): AsyncIterable<OwnMovement> {
  const query = { created: createdBetween(windowStart(client, from)) };
  for await (const row of client.list('/v1/transfers', query, transfer)) {
    const marks = marksOf(row.metadata);
    if (marks === null) continue;
    yield {
      ...marks,
      stripeObject: row.id,
      kind: 'pay',
      currency: knownCurrency(row.currency),
      amount: row.amount,
      stripeAccount: row.destination,
      createdAt: row.created,
      description: row.description ?? '',
      outcome: transferOutcome(row),
    };
  }
}
