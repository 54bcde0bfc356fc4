/** `balances.csv`: both balances over the month. */
import { number, text } from '../csv';
import { monthReadings } from '../monitoring/retention';
import { type ExportKind, table } from './export-kind';

export const balancesCsv: ExportKind = {
  name: 'balances.csv',
  title: 'Balances over time',
  make: async (db, period) => {
    const run = await db
      .selectFrom('month_end_run')
      .select(['closed_at'])
      .where('period', '=', period)
      .where('current', '=', 1n)
      .executeTakeFirst();
    const rows = await monthReadings(db, `${period}-01`, run?.closed_at ?? null);
    return table(
      'at,currency,payments_available_minor,payments_pending_minor,storage_available_minor,storage_inbound_minor,storage_outbound_minor,owed_minor,coverage_bps'.split(
        ',',
      ),
      rows.map((row) => [
        text(row.at),
        text(row.currency),
        number(row.payments_available),
        number(row.payments_pending),
        number(row.storage_available),
        number(row.storage_inbound),
        number(row.storage_outbound),
        number(row.owed),
        number(row.coverage_bps),
      ]),
    );
  },
};
