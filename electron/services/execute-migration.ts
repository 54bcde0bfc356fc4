/**
 * Drives a migration: dry run, approval of the plan's hash, canary, chunks each verified at both ends; stop and resume.
 * States: preflight → planned → approved → executing → verifying → completed, or rolling-back → rolled-back. Amounts in minor units.
 */

import type { MigrationState } from '../../shared/contract/migration';
import { CofferError } from '../../shared/domain/coffer-error';
import { withoutStop } from '../../shared/domain/sentence';
import { amountText } from '../../shared/money/amount-text';
import { currency as toCurrency } from '../../shared/money/money';
import { appendAudit } from '../journal/audit-chain';
import { type Intent, isOpen } from '../journal/intent';
import { listIntents } from '../journal/journal';
import { requireCompared } from '../journal/restored';
import { StripeUnavailable } from '../stripe/problem';
import { busy, type RunGuard, type ServiceContext } from './context';
import { type Obligations, obligations, totalOwed } from './fund-tracking';
import { BalanceWatch } from './migration/balance-watch';
import { type ExecuteOptions, requireExecutable } from './migration/checks';
import { endRollback } from './migration/rollback';
import { currentRun, type MigrationRun, planToText, requireRun, runName, setState } from './migration/run';
import { finish } from './migration/verification';
import { publishMigration } from './migration/view';
import { hashObligations, notYetInStorage, planMigration } from './storage-balance-migration';
import { move, readBalancesOf, settleRun } from './stripe-storage-balance';

/** A run that has not moved anything under way: it may be planned again, for what is left to move. */
const REPLANNABLE: readonly MigrationState[] = ['planned', 'approved', 'stopped', 'completed', 'rolled-back'];

/**
 * The dry run: plans from the present state and keeps the plan. Nothing moves. What an earlier run moved is in Storage and is not
 * planned again. It ends a rollback that waits for a person. Refused while a run works, or has a movement whose end is not known.
 */
export async function makePlan(context: ServiceContext): Promise<void> {
  await requireCompared(context.store.db);
  const unfinished = await currentRun(context);
  if (unfinished?.state === 'rolling-back') await endRollback(context, unfinished);
  const known = await currentRun(context);
  const open =
    known !== null &&
    (await listIntents(context.store.db, { run: runName(known.runId) })).some((intent) => isOpen(intent.state));
  if (known !== null && (open || !REPLANNABLE.includes(known.state))) {
    throw new CofferError(
      'migration-begun',
      `A migration is ${known.state}.`,
      'Finish it or roll it back before planning another.',
    );
  }
  const plan = await planMigration(context);
  const at = context.now();
  await context.store.transaction(async (tx) => {
    await tx.updateTable('migration_run').set({ current: 0n }).where('current', '=', 1n).execute();
    const runId = context.newId();
    await tx
      .insertInto('migration_run')
      .values({
        run_id: runId,
        period: plan.period,
        state: 'planned',
        current: 1n,
        plan: planToText(plan),
        plan_hash: plan.hash,
        created_at: at.toISOString(),
        approved_by: null,
        approved_at: null,
        started_at: null,
        ended_at: null,
        stop_reason: null,
        verification: null,
        certificate: null,
      })
      .execute();
    await appendAudit(tx, {
      at,
      actor: context.actor(),
      action: 'migration.planned',
      subject: runId,
      payload: { planHash: plan.hash, movements: plan.movements.length },
    });
  });
}

/** Approves the plan with this hash. */
export async function approveMigration(context: ServiceContext, planHash: string): Promise<void> {
  const run = await requireRun(context);
  if (run.state === 'approved' && run.plan.hash === planHash) return;
  if (run.state !== 'planned' || run.plan.hash !== planHash) {
    throw new CofferError(
      'plan-changed',
      'This is not the plan that is waiting for approval.',
      'Look at the present plan.',
    );
  }
  await setState(context, run, 'approved', { approved_by: context.actor(), approved_at: context.now().toISOString() });
  await context.checkpoint('migration.approved');
}

/**
 * Executes or resumes the current migration until it is completed, stopped, or has to stop. Running a completed one does nothing.
 * Amounts that were moved are never moved again: each movement has its own subject.
 */
export async function executeMigration(
  context: ServiceContext,
  guard: RunGuard,
  options: ExecuteOptions,
): Promise<void> {
  await requireCompared(context.store.db);
  const run = await requireRun(context);
  if (run.state === 'completed') return;
  await requireExecutable(context, run, options);
  const result = await guard.run('migration', async () => {
    await setState(context, run, 'executing', {
      ...(run.startedAt === null ? { started_at: context.now().toISOString() } : {}),
      stop_reason: null,
    });
    await context.checkpoint('migration.executing');
    await publishMigration(context, guard);
    const stopped = await moveAll(context, guard, run, options.patienceMs);
    if (stopped !== null) {
      await setState(context, run, 'stopped', { stop_reason: stopped });
      return;
    }
    await finish(context, run);
  });
  if (result === null) throw busy();
  await publishMigration(context, guard);
}

/** Moves what is not moved yet. Returns why it stopped, or null when everything is posted. */
async function moveAll(
  context: ServiceContext,
  guard: RunGuard,
  run: MigrationRun,
  patienceMs: number,
): Promise<string | null> {
  const name = runName(run.runId);
  const control = { shouldStop: guard.shouldStop, onSettled: () => {}, sleep: context.sleep };
  try {
    for (const [index, movement] of run.plan.movements.entries()) {
      const subject = `${name}:${index}`;
      const known = (await listIntents(context.store.db, { run: name })).filter((intent) => intent.subject === subject);
      if (known.some((intent) => intent.state === 'posted')) continue;
      if (guard.shouldStop()) return 'Stopped by a person before the next movement.';
      const begun = known.some((intent) => isOpen(intent.state));
      const owed = await obligations(context.store);
      const changed = obligationsChanged(run, owed) ?? (begun ? null : await fundedMeanwhile(context, movement, owed));
      if (changed !== null) return changed;

      const code = toCurrency(movement.currency);
      const watch = await BalanceWatch.begin(context, movement.currency, begun);
      await context.checkpoint('migration.before-movement');
      await move(
        context,
        [
          {
            kind: movement.kind,
            run: name,
            batch: name,
            subject,
            period: run.plan.period,
            creatorId: null,
            currency: code,
            amount: movement.amount,
            stripeAccount: null,
            description: `Migration ${run.plan.period}, movement ${index + 1} of ${run.plan.movements.length}`,
            approvedHash: run.plan.hash,
            retryOf: null,
          },
        ],
        control,
      );
      await settleRun(context, name, patienceMs, () => false);
      const latest = (await listIntents(context.store.db, { run: name }))
        .filter((intent) => intent.subject === subject)
        .at(-1);
      const reason = unsettled(latest);
      if (reason !== null) return reason;
      await context.checkpoint('migration.movement-posted');
      const mismatch = await watch.verify(movement.amount, latest?.stripe_object ?? null);
      if (mismatch !== null) return mismatch;
      context.publish('run.progress', {
        run: 'migration',
        label: `Moved ${amountText(movement.amount, code)} to Storage`,
        done: index + 1,
        total: run.plan.movements.length,
      });
      await publishMigration(context, guard);
    }
    return null;
  } catch (error) {
    if (error instanceof StripeUnavailable) return `Stripe cannot be reached: ${error.message}`;
    throw error;
  }
}

function unsettled(intent: Intent | undefined): string | null {
  if (intent === undefined) return 'The movement was not written.';
  switch (intent.state) {
    case 'posted':
      return null;
    case 'unknown':
      return 'The outcome of a movement is unknown. Resume to look it up at Stripe; it is never sent twice.';
    case 'failed':
    case 'canceled':
    case 'returned':
      return `A movement failed: ${withoutStop(intent.message ?? 'Stripe gave no reason')}. Clear the cause and resume.`;
    default:
      return 'A movement is still under way at Stripe. Resume in a moment.';
  }
}

/** Storage has or is getting from elsewhere what this movement was planned for: it would be too much. */
async function fundedMeanwhile(
  context: ServiceContext,
  { currency: code, amount }: { readonly currency: string; readonly amount: bigint },
  owedNow: Obligations,
): Promise<string | null> {
  const one = await readBalancesOf(context, toCurrency(code));
  const storage = one.storageAvailable + one.storageInbound + one.storageOutbound;
  const coming = await notYetInStorage(context, code);
  const owed = totalOwed(owedNow).get(code) ?? 0n;
  if (storage + coming + amount <= owed) return null;
  return `Storage was funded otherwise since the plan was made (${code.toUpperCase()}). Make a new dry run: it plans what is still missing.`;
}

function obligationsChanged(run: MigrationRun, owed: Obligations): string | null {
  return hashObligations(owed) === run.plan.obligationsHash
    ? null
    : 'What is owed to creators changed while the migration was under way. Roll back, or make a new plan for the rest.';
}
