/** Months close in order. */

import type { Queries } from '../../../store/store';
import { readOpenPeriod } from '../../settings';

/** A month before `period` that is not closed, begun or not; months close in order. */
export async function earlierOpenPeriod(
  db: Queries,
  period: string,
): Promise<{ period: string; state: string } | undefined> {
  const begun = await db
    .selectFrom('month_end_run')
    .select(['period', 'state'])
    .where('current', '=', 1n)
    .where('period', '<', period)
    .where('state', '<>', 'closed')
    .orderBy('period')
    .limit(1)
    .executeTakeFirst();
  if (begun !== undefined) return begun;
  const open = await readOpenPeriod(db);
  return open !== null && open < period ? { period: open, state: 'open' } : undefined;
}
