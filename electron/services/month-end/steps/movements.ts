/** Movements between Payments and Storage that the steps share: releases, and what an interruption left behind. */

import { currency as toCurrency } from '../../../../shared/money/money';
import type { Intent } from '../../../journal/intent';
import { listIntents, recordOutcome } from '../../../journal/journal';
import type { ServiceContext } from '../../context';
import { checkGuided, move, sendPlanned, settleRun, type WaitingGuided } from '../../stripe-storage-balance';
import { isUnfinishedRetry } from '../../stripe-transfer';
import { guidedNotes } from '../guided-notes';
import type { Blocker, MonthEndRun } from '../run';
import { type StepControl, spoken } from './step';

/**
 * Releases amounts from Storage to Payments. By API where the rail can, else guided: the intent is written and a person makes the
 * movement. Returns what is still waited for. Never releases below what is owed.
 */
export async function release(
  context: ServiceContext,
  run: MonthEndRun,
  control: StepControl,
  releaseRun: string,
  amounts: readonly { readonly currency: string; readonly amount: bigint }[],
  description: string,
): Promise<Blocker[]> {
  const begun = partlyMade(await checkGuided(context, releaseRun));
  const existing = await listIntents(context.store.db, { run: releaseRun });
  const done = new Set(existing.filter((one) => one.state === 'posted').map((one) => one.currency));
  // What a person has begun to move in parts stays asked for: Storage is lower by those parts already.
  const wanted = amounts
    .filter((one) => !done.has(one.currency))
    .map((one) => {
      const part = begun.get(one.currency);
      return part !== undefined && part.asked - part.seen === one.amount ? { ...one, amount: part.asked } : one;
    });
  for (const intent of existing) {
    const still = wanted.find((one) => one.currency === intent.currency);
    if (intent.state === 'planned' && still?.amount !== intent.amount) await cancelOutdated(context, intent);
  }
  await move(
    context,
    wanted.map((one) => ({
      kind: 'release' as const,
      run: releaseRun,
      batch: releaseRun,
      subject: `${releaseRun}:${one.currency}`,
      period: run.period,
      creatorId: null,
      currency: toCurrency(one.currency),
      amount: one.amount,
      stripeAccount: null,
      description: `${description} ${run.period}`,
      approvedHash: null,
      retryOf: null,
    })),
    control,
  );
  const playGuided = context.playGuided;
  if (playGuided !== null) {
    for (const intent of await listIntents(context.store.db, { run: releaseRun, states: ['planned'] })) {
      await playGuided({ currency: intent.currency, amount: intent.amount });
    }
  }
  const open = await settleRun(context, releaseRun, control.patienceMs, control.shouldStop);
  const waiting = await checkGuided(context, releaseRun);
  return [
    ...waiting.map((intent) => ({
      code: `guided-${intent.currency}`,
      message: [
        `Move ${spoken(intent.amount, intent.currency)} from Storage to Payments in the Stripe dashboard.`,
        ...guidedNotes(intent).map((note) => `${note.what} ${note.todo}`),
      ].join(' '),
      action: 'Follow the clicks shown; Coffer finds the movement and goes on.',
    })),
    ...open.map(stillOpen),
  ];
}

/** By currency: what was asked for, and how much of it was seen in parts. */
function partlyMade(waiting: readonly WaitingGuided[]): ReadonlyMap<string, { asked: bigint; seen: bigint }> {
  return new Map(
    waiting.map((intent) => {
      const parts = intent.seen.filter((one) => one.kind === 'part');
      return [intent.currency, { asked: intent.amount, seen: parts.reduce((sum, one) => sum + one.amount, 0n) }];
    }),
  );
}

async function cancelOutdated(context: ServiceContext, intent: Intent): Promise<void> {
  await recordOutcome(context, intent.intent_id, {
    state: 'canceled',
    stripeObject: null,
    requestId: null,
    code: 'outdated',
    message: 'The amount to release changed before it was moved.',
  });
}

export function stillOpen(intent: Intent): Blocker {
  if (isUnfinishedRetry(intent)) {
    const payout = `The retry of the payout of ${spoken(intent.amount, intent.currency)} to ${intent.creator_id}`;
    return {
      code: `unfinished-${intent.intent_id}`,
      message: intent.state === 'unknown' ? `${payout} has an unknown outcome.` : `${payout} was not sent.`,
      action: 'Open it under Payouts and retry it: it is sent once, whatever became of it before.',
    };
  }
  return intent.state === 'unknown'
    ? {
        code: `unknown-${intent.intent_id}`,
        message:
          `The outcome of moving ${spoken(intent.amount, intent.currency)} is unknown. ${intent.message ?? ''}`.trim(),
        action: 'Run the step again: it is looked up at Stripe, and never sent twice.',
      }
    : {
        code: `open-${intent.intent_id}`,
        message: `Moving ${spoken(intent.amount, intent.currency)} is not settled yet (${intent.state}).`,
        action: 'Wait a moment and run the step again.',
      };
}

export async function postedBy(context: ServiceContext, run: string): Promise<ReadonlyMap<string, bigint>> {
  const sums = new Map<string, bigint>();
  for (const intent of await listIntents(context.store.db, { run, states: ['posted'] })) {
    sums.set(intent.currency, (sums.get(intent.currency) ?? 0n) + intent.amount);
  }
  return sums;
}

/**
 * Makes what was written before an interruption and never sent, and finds out about the rest: the books count it as on its way, so
 * that what is missing or too much can only be told afterwards.
 */
export async function finishInterrupted(context: ServiceContext, control: StepControl, run: string): Promise<void> {
  const unsent = await listIntents(context.store.db, { run, states: ['planned'] });
  await sendPlanned(
    context,
    unsent.map((intent) => intent.intent_id),
    control,
    1,
  );
  await settleRun(context, run, control.patienceMs, control.shouldStop);
}
