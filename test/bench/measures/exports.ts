/** Writing an export of a million rows, against csv-stringify over plain objects with the same content. */
import { stringify } from 'csv-stringify/sync';
import { csvFile, number, text } from '../../../electron/services/csv';
import { creatorId, PERIOD } from '../generate';
import { bestOfBoth, compared, type Measure, type Sizes } from '../harness';
import { random } from '../random';

const ROWS = 1_000_000;
const COLUMNS = ['period', 'creator_id', 'currency', 'gross_minor', 'fee_minor', 'net_minor', 'disposition', 'reason'];

export const csvExport: Measure = {
  name: 'export',
  aims: { 'CSV export': { of: 'ratio', most: 1 } },
  held: true,
  async run({ scale }: Sizes) {
    const rows = earningRows(Math.round(ROWS * scale));
    const ours = () =>
      csvFile(
        COLUMNS,
        rows.map((row) => [
          text(row.period),
          text(row.creator_id),
          text(row.currency),
          number(row.gross_minor),
          number(row.fee_minor),
          number(row.net_minor),
          text(row.disposition),
          text(row.reason),
        ]),
      );
    const library = () =>
      stringify(rows, { header: true, columns: COLUMNS, bom: true, record_delimiter: '\r\n', escape_formulas: true });
    if (ours() !== library()) throw new Error('The two files differ');
    const best = await bestOfBoth(
      3,
      () => Buffer.byteLength(ours()),
      () => Buffer.byteLength(library()),
    );
    return [compared('CSV export', best.ours / 1_000, 's', 'csv-stringify', best.reference / 1_000, best.steady)];
  },
};

function earningRows(count: number) {
  const next = random(41);
  return Array.from({ length: count }, (_, index) => {
    const gross = BigInt(Math.floor(next() * 100_000));
    const fee = (gross * 700n + 5_000n) / 10_000n;
    return {
      period: PERIOD,
      creator_id: creatorId(index),
      currency: 'usd',
      gross_minor: gross,
      fee_minor: fee,
      net_minor: gross - fee,
      disposition: index % 50 === 0 ? 'held' : 'paid',
      reason: index % 50 === 0 ? 'On hold: "identity", not confirmed' : '',
    };
  });
}
