/** `late_rows.csv`: rows of earlier months that came late and were posted in this one. */
import { number, text } from '../csv';
import { type ExportKind, table } from './export-kind';

export const lateRowsCsv: ExportKind = {
  name: 'late_rows.csv',
  title: 'Rows of earlier months that came late, and what they were posted with',
  optional: true,
  make: async (db, period) => {
    const rows = await db
      .selectFrom('late_row')
      .selectAll()
      .where('posted_in', '=', period)
      .orderBy('period')
      .orderBy('kind')
      .orderBy('row_id')
      .orderBy('late_id')
      .execute();
    return table(
      'origin_period,kind,row_id,currency,change_minor,posted_in,reference'.split(','),
      rows.map((row) => [
        text(row.period),
        text(row.kind),
        text(row.row_id),
        text(row.currency),
        number(row.change),
        text(row.posted_in),
        text(row.tx_id),
      ]),
    );
  },
};
