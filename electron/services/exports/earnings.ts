/** `earnings.csv`: what every creator earned in a month. */
import { number, text } from '../csv';
import { earningResults } from '../earnings';
import { type ExportKind, rowsOfPeriod, table } from './export-kind';

export const earningsCsv: ExportKind = {
  name: 'earnings.csv',
  title: 'Earnings of every creator',
  count: (db, period) => rowsOfPeriod(db, 'earning', period),
  make: async (db, period) =>
    table(
      'period,creator_id,currency,gross_minor,fee_minor,net_minor,opening_minor,payable_minor,paid_minor,owed_after_minor,disposition,reason'.split(
        ',',
      ),
      (await earningResults(db, period)).map((one) => [
        text(one.period),
        text(one.creatorId),
        text(one.currency),
        number(one.gross),
        number(one.fee),
        number(one.net),
        number(one.opening),
        number(one.payable),
        number(one.paid),
        number(one.owedAfter),
        text(one.disposition),
        text(one.reason),
      ]),
    ),
};
