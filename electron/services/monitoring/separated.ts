/** Whether what is owed was set apart from the platform's own money before. */
import type { Queries } from '../../store/store';

/** A migration was completed, or a month closed: what comes late after that is funded by the month end. */
export async function hasSeparated(db: Queries): Promise<boolean> {
  const migrated = await db
    .selectFrom('migration_run')
    .select('run_id')
    .where('state', '=', 'completed')
    .executeTakeFirst();
  const closed = await db.selectFrom('month_end_run').select('period').where('state', '=', 'closed').executeTakeFirst();
  return migrated !== undefined || closed !== undefined;
}
