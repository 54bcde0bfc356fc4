/** A month that is closed without its steps: what reconciliation has to know of it is that it is. */
import type { ServiceContext } from '../../electron/services/context';
import { writeOpenPeriod } from '../../electron/services/settings';
import { addMonths, type Period } from '../../shared/period/period';

export async function insertRun(context: ServiceContext, period: Period): Promise<void> {
  const at = context.now().toISOString();
  await context.store.transaction(async (tx) => {
    await tx
      .insertInto('month_end_run')
      .values({
        period,
        version: 1n,
        state: 'closed',
        current: 1n,
        started_at: at,
        plan_hash: null,
        approved_by: null,
        approved_at: null,
        closed_by: context.actor(),
        closed_at: at,
        reopen_reason: null,
      })
      .execute();
    await writeOpenPeriod(tx, addMonths(period, 1));
  });
}
