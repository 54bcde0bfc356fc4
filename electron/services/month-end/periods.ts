/** The periods there are, and which of them is not finished. */
import type { PeriodRow } from '../../../shared/contract/month-end';
import { type Period, period as toPeriod } from '../../../shared/period/period';
import { OPEN_STATES } from '../../journal/intent';
import { listIntents } from '../../journal/journal';
import type { ServiceContext } from '../context';
import { readFigures } from '../period-figures';
import { readOpenPeriod } from '../settings';
import { readRun } from './run';

/** Every period that has data or a run, newest first, the open one included. */
export async function listPeriods(context: ServiceContext): Promise<PeriodRow[]> {
  const { db } = context.store;
  const open = await readOpenPeriod(db);
  const runs = await db.selectFrom('month_end_run').select('period').where('current', '=', 1n).execute();
  const names = new Set([...runs.map((row) => row.period), ...(open === null ? [] : [open])]);
  return Promise.all(
    [...names]
      .sort()
      .reverse()
      .map(async (name) => {
        const figures = [...(await readFigures(db, name))];
        const run = await readRun(db, toPeriod(name));
        const amounts = (pick: 'collected' | 'paid' | 'platform_revenue') =>
          figures.flatMap(([currency, known]) => {
            const amount = known[pick];
            return amount === undefined ? [] : [{ currency, amount: String(amount) }];
          });
        return {
          period: name,
          state: run?.state ?? 'open',
          collected: amounts('collected'),
          paid: amounts('paid'),
          revenue: amounts('platform_revenue'),
          closedAt: run?.closedAt ?? null,
        };
      }),
  );
}

/** True when something of the period has begun and is not closed. */
export async function isUnfinished(context: ServiceContext, period: Period): Promise<boolean> {
  const run = await readRun(context.store.db, period);
  if (run === null || run.state === 'closed') return false;
  const open = await listIntents(context.store.db, { period, states: OPEN_STATES });
  return open.length > 0 || run.state !== 'open';
}
