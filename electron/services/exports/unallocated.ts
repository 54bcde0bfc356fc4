/** `unallocated.csv`: what every subscriber left unallocated in a month. */
import { number, text } from '../csv';
import { lapsesOf } from '../lapsed';
import { type ExportKind, rowsOfPeriod, table } from './export-kind';

export const unallocatedCsv: ExportKind = {
  name: 'unallocated.csv',
  title: 'Unallocated funds of every subscriber',
  count: (db, period) => rowsOfPeriod(db, 'lapse', period),
  make: async (db, period) => {
    const rows = await lapsesOf(db, period);
    return table(
      'period,subscriber_id,currency,funds_minor,allocated_minor,unfunded_minor,unallocated_minor,usage_band'.split(
        ',',
      ),
      rows.map((row) => [
        text(row.period),
        text(row.subscriber_id),
        text(row.currency),
        number(row.funds),
        number(row.allocated),
        number(row.unfunded),
        number(row.unallocated),
        text(row.usage_band),
      ]),
    );
  },
};
