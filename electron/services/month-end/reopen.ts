/**
 * Reopens a closed period for what can still be put right: failed payouts and the explanation of lines. What was locked, calculated
 * and paid stays. The closed version stays visible; the reopened one has the next number and is closed with a new sign-off.
 */
import { CofferError } from '../../../shared/domain/coffer-error';
import { addMonths, type Period } from '../../../shared/period/period';
import { appendAudit } from '../../journal/audit-chain';
import { requireCompared } from '../../journal/restored';
import type { ServiceContext } from '../context';
import { unsignEarnings } from '../earnings';
import { writeOpenPeriod } from '../settings';
import { readRun } from './run';

export async function reopen(context: ServiceContext, period: Period, reason: string): Promise<void> {
  await requireCompared(context.store.db);
  const { store } = context;
  const run = await readRun(store.db, period);
  if (run === null || run.state !== 'closed') {
    throw new CofferError('not-closed', `${period} is not closed.`, 'Only a closed month can be reopened.');
  }
  const next = await readRun(store.db, addMonths(period, 1));
  if (next !== null && next.state !== 'open') {
    throw new CofferError(
      'next-begun',
      `The month end of ${addMonths(period, 1)} has begun.`,
      'What is still wrong with the closed month is put right in the open one.',
    );
  }
  const at = context.now();
  await store.transaction(async (tx) => {
    await tx.updateTable('month_end_run').set({ current: 0n }).where('period', '=', period).execute();
    await tx
      .insertInto('month_end_run')
      .values({
        period,
        version: BigInt(run.version + 1),
        state: 'paid',
        current: 1n,
        started_at: at.toISOString(),
        plan_hash: run.planHash,
        approved_by: run.approvedBy,
        approved_at: run.approvedAt,
        closed_by: null,
        closed_at: null,
        reopen_reason: reason,
      })
      .execute();
    await unsignEarnings(tx, period);
    await writeOpenPeriod(tx, period);
    await appendAudit(tx, {
      at,
      actor: context.actor(),
      action: 'period.reopened',
      subject: period,
      payload: { reason, version: run.version + 1 },
    });
  });
}
