/** Takes back what a migration moved. */

import { CofferError } from '../../../shared/domain/coffer-error';
import { requireTyped } from '../../../shared/domain/confirmation';
import { amountText } from '../../../shared/money/amount-text';
import { currency as toCurrency } from '../../../shared/money/money';
import { type Intent, isOpen } from '../../journal/intent';
import { listIntents, markCompensated, recordOutcome } from '../../journal/journal';
import { requireCompared } from '../../journal/restored';
import { busy, type RunGuard, type ServiceContext } from '../context';
import { checkGuided, move, readBalancesOf, settleRun } from '../stripe-storage-balance';
import { requireMonthNotFunded, requireStillThere } from './checks';
import { type MigrationRun, movedByRun, requireRun, runName, setState } from './run';
import { publishMigration, rollbackConfirmation } from './view';

/**
 * Takes back exactly what this run moved, by a compensating release for each currency. On a rail that cannot release by API the
 * release is guided, and the run stays rolling back until it is seen at Stripe. Can be called again to look.
 */
export async function rollBackMigration(
  context: ServiceContext,
  guard: RunGuard,
  typed: string | null,
  patienceMs: number,
): Promise<void> {
  await requireCompared(context.store.db);
  const run = await requireRun(context);
  if (run.state === 'rolled-back') return;
  if (!['stopped', 'executing', 'completed', 'rolling-back', 'approved'].includes(run.state)) {
    throw new CofferError(
      'migration-state',
      `A migration that is ${run.state} cannot be rolled back.`,
      'Nothing was moved.',
    );
  }
  const moved = await movedByRun(context, run);
  if (run.state !== 'rolling-back') {
    if (moved.size > 0) await requireMonthNotFunded(context, run, 'rollback-refused');
    await requireStillThere(context, moved);
    const expected = rollbackConfirmation(moved, run.plan.period);
    if (expected !== '') requireTyped(typed, expected, 'Nothing was rolled back.');
  }
  const result = await guard.run('migration', async () => {
    const name = runName(run.runId);
    // Written before an interruption and never sent: it is not sent any more.
    for (const intent of await listIntents(context.store.db, { run: name, states: ['planned'] })) {
      await cancelUnsent(context, intent, 'rolled-back');
    }
    const open = await settleRun(context, name, patienceMs, () => false);
    if (open.length > 0) {
      throw new CofferError(
        'movements-open',
        'A movement of this migration has no known outcome yet.',
        'Resume first, so that it is looked up.',
      );
    }
    if (run.state !== 'rolling-back') await setState(context, run, 'rolling-back');
    await context.checkpoint('rollback.begun');
    await releaseMoved(context, run, await movedByRun(context, run), patienceMs);
  });
  if (result === null) throw busy();
  await publishMigration(context, guard);
  await requireReleasable(context, run);
}

const rollbackName = (run: MigrationRun): string => `rollback:${run.runId}`;

/** A person cannot move more than Storage has: somebody took money out of it since. */
async function requireReleasable(context: ServiceContext, run: MigrationRun): Promise<void> {
  for (const { amount, currency } of await listIntents(context.store.db, {
    run: rollbackName(run),
    states: ['planned'],
  })) {
    const code = toCurrency(currency);
    const { storageAvailable } = await readBalancesOf(context, code);
    if (storageAvailable >= amount) continue;
    throw new CofferError(
      'rollback-short',
      `Storage has ${amountText(storageAvailable, code)} available; ${amountText(amount, code)} would have to go back to Payments.`,
      'Bring the difference back to Storage in the Stripe dashboard, or make a new dry run: it ends the rollback, what was moved stays in Storage, and what is missing there is planned.',
    );
  }
}

/**
 * Ends a rollback that cannot be completed, or is not wanted any more: releases that nobody made are not asked for any more, and
 * what was moved stays in Storage. One that was made meanwhile counts. Throws `CofferError` while the end of one is not known.
 */
export async function endRollback(context: ServiceContext, run: MigrationRun): Promise<void> {
  const name = rollbackName(run);
  await checkGuided(context, name);
  for (const intent of await listIntents(context.store.db, { run: name, states: ['planned'] })) {
    await cancelUnsent(context, intent, 'kept');
  }
  const releases = await listIntents(context.store.db, { run: name });
  if (releases.some((intent) => isOpen(intent.state))) {
    throw new CofferError(
      'movements-open',
      'A release of this rollback has no known outcome yet.',
      'Look again at Stripe first.',
    );
  }
  const back = (currency: string): bigint =>
    releases
      .filter((intent) => intent.state === 'posted' && intent.currency === currency)
      .reduce((total, intent) => total + intent.amount, 0n);
  const moved = await movedByRun(context, run);
  if ([...moved].every(([currency, amount]) => back(currency) === amount)) {
    await finishRollback(context, run);
    return;
  }
  await setState(context, run, 'stopped', {
    stop_reason: 'The rollback was ended before everything was back in Payments.',
  });
}

const CANCELED: Readonly<Record<'rolled-back' | 'outdated' | 'kept', string>> = {
  'rolled-back': 'The migration was rolled back before this movement was sent.',
  outdated: 'The amount to give back changed before it was moved.',
  kept: 'The rollback was ended before this movement was made.',
};

async function cancelUnsent(context: ServiceContext, intent: Intent, code: keyof typeof CANCELED): Promise<void> {
  await recordOutcome(context, intent.intent_id, {
    state: 'canceled',
    stripeObject: null,
    requestId: null,
    code,
    message: CANCELED[code],
  });
}

async function releaseMoved(
  context: ServiceContext,
  run: MigrationRun,
  moved: ReadonlyMap<string, bigint>,
  patienceMs: number,
): Promise<void> {
  const rollbackRun = rollbackName(run);
  const control = { shouldStop: () => false, onSettled: () => {}, sleep: context.sleep };
  // What was made before an interruption is found before anybody makes it again.
  await checkGuided(context, rollbackRun);
  for (const intent of await listIntents(context.store.db, { run: rollbackRun, states: ['planned'] })) {
    // A movement failed at Stripe afterwards: that part is back in Payments already.
    if (moved.get(intent.currency) !== intent.amount) await cancelUnsent(context, intent, 'outdated');
  }
  await move(
    context,
    [...moved].map(([code, amount]) => ({
      kind: 'compensate' as const,
      run: rollbackRun,
      batch: rollbackRun,
      subject: `${rollbackRun}:${code}`,
      period: run.plan.period,
      creatorId: null,
      currency: toCurrency(code),
      amount,
      stripeAccount: null,
      description: `Rollback of migration ${run.runId.slice(0, 8)}`,
      approvedHash: run.plan.hash,
      retryOf: null,
    })),
    control,
  );
  if (context.playGuided !== null) {
    for (const intent of await listIntents(context.store.db, { run: rollbackRun, states: ['planned'] })) {
      await context.playGuided({ currency: intent.currency, amount: intent.amount });
    }
  }
  const open = await settleRun(context, rollbackRun, patienceMs, () => false);
  const waiting = await checkGuided(context, rollbackRun);
  if (open.length === 0 && waiting.length === 0) await finishRollback(context, run);
}

async function finishRollback(context: ServiceContext, run: MigrationRun): Promise<void> {
  for (const intent of await listIntents(context.store.db, { run: runName(run.runId), states: ['posted'] })) {
    await markCompensated(context, intent.intent_id);
  }
  await setState(context, { ...run, state: 'rolling-back' }, 'rolled-back', { ended_at: context.now().toISOString() });
  await context.checkpoint('rollback.done');
}
