/** What has to hold before a migration moves anything, or gives it back. */

import { CofferError } from '../../../shared/domain/coffer-error';
import { requireTyped } from '../../../shared/domain/confirmation';
import { amountText } from '../../../shared/money/amount-text';
import { currency as toCurrency } from '../../../shared/money/money';
import type { Queries } from '../../store/store';
import type { ServiceContext } from '../context';
import { migrationToApprove } from '../second-approval/plan';
import { requireSecondApproval } from '../second-approval/requirement';
import { migrationConfirmation, migrationPreflight, planMigration } from '../storage-balance-migration';
import { readBalancesOf } from '../stripe-storage-balance';
import type { MigrationRun } from './run';

export interface ExecuteOptions {
  readonly planHash: string;
  readonly typed: string;
  readonly patienceMs: number;
}

/** Checks that a run may start or go on, before anything moves. Throws `CofferError`, `StripeUnavailable`. */
export async function requireExecutable(
  context: ServiceContext,
  run: MigrationRun,
  options: ExecuteOptions,
): Promise<void> {
  if (run.plan.hash !== options.planHash) {
    throw new CofferError('plan-changed', 'This is not the plan that was approved.', 'Look at the present plan.');
  }
  await requireSecondApproval(context, migrationToApprove(run.plan), run.state !== 'approved');
  if (run.state === 'approved') {
    await requireMonthNotFunded(context, run, 'month-end-funded');
    const expected = migrationConfirmation(run.plan);
    if (expected !== '') requireTyped(options.typed, expected, 'Nothing was moved.');
    const blockers = (await migrationPreflight(context)).filter((check) => check.outcome === 'blocker');
    const blocker = blockers[0];
    if (blocker !== undefined) {
      throw new CofferError('preflight-blocked', `${blocker.title}. ${blocker.detail}`, blocker.action);
    }
    const again = await planMigration(context);
    if (again.hash !== run.plan.hash) {
      throw new CofferError(
        'plan-changed',
        'The numbers moved since the plan was approved: what is owed or what Storage holds is different.',
        'Make a new dry run and approve it. Nothing was moved.',
      );
    }
    return;
  }
  if (!['executing', 'stopped', 'verifying'].includes(run.state)) {
    throw new CofferError(
      'migration-state',
      `A migration that is ${run.state} cannot be executed.`,
      'Approve the plan first.',
    );
  }
}

/** The state of the month end that counts on what Storage holds, or has paid creators from it; null while it does not yet. */
export async function monthCountsOn(db: Queries, period: string): Promise<string | null> {
  const month = await db
    .selectFrom('month_end_run')
    .select('state')
    .where('period', '=', period)
    .where('current', '=', 1n)
    .executeTakeFirst();
  if (month === undefined || ['open', 'locked', 'calculated', 'lapsed'].includes(month.state)) return null;
  return month.state;
}

/**
 * From its Fund step on the month end counts on what Storage holds: nothing else fills or empties it meanwhile. Once it is closed, creators
 * were paid from it: what Storage has then belongs to others.
 */
export async function requireMonthNotFunded(context: ServiceContext, run: MigrationRun, code: string): Promise<void> {
  const state = await monthCountsOn(context.store.db, run.plan.period);
  if (state === null) return;
  if (state === 'closed') {
    throw new CofferError(
      code,
      `${run.plan.period} is closed: its creators were paid from what was moved, and what Storage holds now is owed to others.`,
      'Go on with the open month; what Storage holds beyond what is owed is returned there.',
    );
  }
  throw new CofferError(
    code,
    `The month end of ${run.plan.period} is ${state}: it counts on what Storage holds now.`,
    'Go on with the month end; what Storage holds beyond what is owed is returned there.',
  );
}

/** Creators may have been paid from what was moved: then it cannot be given back, and the rest is released at month end. */
export async function requireStillThere(context: ServiceContext, moved: ReadonlyMap<string, bigint>): Promise<void> {
  for (const [code, amount] of moved) {
    const { storageAvailable } = await readBalancesOf(context, toCurrency(code));
    if (storageAvailable < amount) {
      throw new CofferError(
        'rollback-refused',
        `Storage has ${amountText(storageAvailable, toCurrency(code))}; this migration moved ${amountText(amount, toCurrency(code))}. The rest has left Storage since.`,
        'If the migration is stopped, make a new dry run: it plans what is still missing. If it is completed, go on with the month end: what Storage holds beyond what is owed is returned there.',
      );
    }
  }
}
