/**
 * Takes Stripe's balances over into the ledger, once, before anything moves. Lines created up to then are part of the opening
 * figure and are kept so that they are not counted again. Amounts in minor units.
 */

import type { CheckView } from '../../shared/contract/channel';
import { CofferError } from '../../shared/domain/coffer-error';
import { amountText } from '../../shared/money/amount-text';
import type { Currency } from '../../shared/money/money';
import { appendAudit } from '../journal/audit-chain';
import { mustCompare } from '../journal/restored';
import { PAYMENTS, STORAGE, UNDISTRIBUTED } from '../ledger/accounts';
import { move, post } from '../ledger/ledger';
import type { RailBalances, StripeLine } from '../rails/segregation-rail';
import type { ServiceContext } from './context';
import { lineColumns } from './reconciliation/scope';
import { readAdoption, writeAdoption } from './settings';

const TRIES = 5;
/** Stripe's times have whole seconds and its clock may be ahead: lines this close before are read and kept. */
const WINDOW_MS = 86_400_000;

/** Money that somebody else sent out of Storage before Coffer took over, and that Stripe has not decided yet. */
export interface AwaitedPayment {
  readonly currency: Currency;
  readonly amount: bigint;
}

/**
 * Takes over every currency that Stripe has; does nothing once that was done, and in restored books before they are compared. Payments
 * under way out of Storage belong to nobody's opening figure, since they may still come back: they are waited for, and returned.
 * Throws `StripeUnavailable`.
 */
export async function adoptBalances(context: ServiceContext): Promise<readonly AwaitedPayment[]> {
  const { db } = context.store;
  if ((await readAdoption(db)) !== null || (await mustCompare(db)) !== null) return [];
  for (let tries = 0; tries < TRIES; tries++) {
    const before = await recentLines(context);
    const balances = await context.rail.balances();
    const after = await recentLines(context);
    if (before.length !== after.length) continue;
    const awaited = balances
      .filter((one) => one.storageOutbound > 0n)
      .map((one) => ({ currency: one.currency, amount: one.storageOutbound }));
    if (awaited.length === 0) await write(context, balances, after);
    return awaited;
  }
  throw new Error('The balances kept moving while Coffer took them over');
}

/** Why the balances are not taken over yet, in the words of the screens; null when nothing is waited for. */
export function awaitedCheck(awaited: readonly AwaitedPayment[]): CheckView | null {
  if (awaited.length === 0) return null;
  const amounts = awaited.map((one) => amountText(one.amount, one.currency)).join(' and ');
  return {
    code: 'adoption-waiting',
    outcome: 'blocker',
    title: `Waiting for payments out of Storage of ${amounts}`,
    detail:
      'They were started before Coffer took the balances over and may still come back. Until then nothing can move.',
    action:
      'Nothing to do: once Stripe has decided them, Coffer goes on by itself at the next reading of the balances.',
  };
}

/** Takes the balances over. Throws `CofferError` while that has to wait, and `StripeUnavailable`. */
export async function requireAdoption(context: ServiceContext): Promise<void> {
  const waiting = awaitedCheck(await adoptBalances(context));
  if (waiting !== null) throw new CofferError(waiting.code, `${waiting.title}. ${waiting.detail}`, waiting.action);
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
        ],
      });
    }
    for (const line of lines) {
      await tx
        .insertInto('stripe_line')
        .values({
          ...lineColumns(line),
          period: 'opening',
          intent_id: null,
          outcome: 'matched',
          class: null,
          booked: 0n,
          booked_currency: null,
          explanation: 'Part of the opening balance',
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
