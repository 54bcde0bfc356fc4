/** `reconciliation.csv`: lines at Stripe and what they match. */
import { byBytes } from '../../../shared/money/split';
import { number, text } from '../csv';
import { lateExceptions } from '../late-news';
import { reconciledLines, reconciledMissing, withClass } from '../reconciliation';
import { type ExportKind, table } from './export-kind';

export const reconciliationCsv: ExportKind = {
  name: 'reconciliation.csv',
  title: 'Lines at Stripe and what they match',
  make: async (db, period) => {
    const lines = await reconciledLines(db, period);
    const rows = await lines
      .select([
        'stripe_line.stripe_id',
        'stripe_line.side',
        'stripe_line.type',
        'stripe_line.currency',
        'stripe_line.amount',
        'stripe_line.intent_id',
        'stripe_line.outcome',
        'stripe_line.class',
        'stripe_line.explanation',
      ])
      .orderBy('stripe_line.stripe_id')
      .execute();
    const missing = (await reconciledMissing(db, period)).map((one) => ({
      stripe_id: one.stripe_object ?? one.intent_id,
      type: `not in ${one.side}`,
      currency: one.currency,
      amount: one.amount,
      intent_id: one.intent_id,
      outcome: one.outcome,
      class: one.outcome === 'exception' ? 'unknown-to-stripe' : null,
      explanation: one.explanation,
    }));
    const late = (await lateExceptions(db, period)).map((one) => ({
      stripe_id: one.rowId,
      type: one.type,
      currency: one.currency,
      amount: one.amount,
      intent_id: null,
      outcome: 'exception',
      class: 'late',
      explanation: one.explanation,
    }));
    return table(
      'stripe_id,type,currency,amount_minor,intent_id,outcome,explanation'.split(','),
      [...rows, ...missing, ...late]
        .sort((a, b) => byBytes(a.stripe_id, b.stripe_id))
        .map((row) => [
          text(row.stripe_id),
          text(row.type),
          text(row.currency),
          number(row.amount),
          text(row.intent_id),
          text(row.outcome),
          text(withClass(row.class, row.explanation)),
        ]),
    );
  },
};
