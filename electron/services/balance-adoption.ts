/**
 * Takes Stripe's balances over into the ledger, once for each currency, before anything moves. Lines created up to then are part of
 * the opening figure and are kept so that they are not counted again.
 */

import { appendAudit } from '../journal/audit-chain';
import { OUTBOUND, PAYMENTS, STORAGE, UNDISTRIBUTED } from '../ledger/accounts';
import { move, post } from '../ledger/ledger';
import type { RailBalances, StripeLine } from '../rails/segregation-rail';
import type { ServiceContext } from './context';
import { readAdoption, writeAdoption } from './settings';

const TRIES = 5;
/** Stripe's times have whole seconds and its clock may be ahead: lines this close before are read and kept. */
const WINDOW_MS = 86_400_000;

/** Adopts every currency that Stripe has and the ledger does not know yet. Throws `StripeUnavailable`. */
export async function adoptBalances(context: ServiceContext): Promise<void> {
  if ((await readAdoption(context.store.db)) !== null) return;
  for (let tries = 0; tries < TRIES; tries++) {
    const before = await recentLines(context);
    const balances = await context.rail.balances();
    const after = await recentLines(context);
    if (before.length !== after.length) continue;
    await write(context, balances, after);
    return;
  }
  throw new Error('The balances kept moving while Coffer took them over');
}

async function recentLines(context: ServiceContext): Promise<StripeLine[]> {
  const now = context.stripeNow().getTime();
  const lines: StripeLine[] = [];
  for await (const line of context.rail.lines(new Date(now - WINDOW_MS), new Date(now + WINDOW_MS))) lines.push(line);
  return lines;
}

async function write(
  context: ServiceContext,
  balances: readonly RailBalances[],
  lines: readonly StripeLine[],
): Promise<void> {
  const at = context.now();
  await context.store.transaction(async (tx) => {
    for (const one of balances) {
      await post(tx, {
        txId: context.newId(),
        at,
        kind: 'opening.balances',
        period: null,
        intentId: null,
        description: `Balances at Stripe when Coffer took over (${one.currency})`,
        postings: [
          ...move(UNDISTRIBUTED, PAYMENTS, one.currency, one.paymentsAvailable + one.paymentsPending),
          ...move(UNDISTRIBUTED, STORAGE, one.currency, one.storageAvailable + one.storageInbound),
          ...move(UNDISTRIBUTED, OUTBOUND, one.currency, one.storageOutbound),
        ],
      });
    }
    for (const line of lines) {
      await tx
        .insertInto('stripe_line')
        .values({
          side: line.side,
          stripe_id: line.stripeId,
          type: line.type,
          currency: line.currency,
          amount: line.amount,
          created_at: line.createdAt.toISOString(),
          source: line.source,
          description: line.description,
          period: 'opening',
          intent_id: null,
          outcome: 'matched',
          explanation: 'Part of the opening balance',
          resolved_by: null,
          resolved_at: null,
        })
        .execute();
    }
    await writeAdoption(tx, at);
    await appendAudit(tx, {
      at,
      actor: context.actor(),
      action: 'balances.adopted',
      subject: 'stripe',
      payload: Object.fromEntries(
        balances.map((one) => [
          one.currency,
          { payments: one.paymentsAvailable + one.paymentsPending, storage: one.storageAvailable },
        ]),
      ),
    });
  });
}
