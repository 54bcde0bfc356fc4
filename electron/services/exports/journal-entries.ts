/** `journal_entries.csv`: the entries of a month, for the accounting system. */
import { periodEnd, period as toPeriod } from '../../../shared/period/period';
import { number, text } from '../csv';
import { type ExportKind, table } from './export-kind';

/** What a month earned and what lapsed belongs to its last day, whenever it was calculated; money that moved, to the day it moved. */
function accountingDate(kind: string, at: string, period: string): string {
  if (kind !== 'earnings' && kind !== 'lapse') return at.slice(0, 10);
  const end = periodEnd(toPeriod(period));
  return new Date(end.getTime() - 1).toISOString().slice(0, 10);
}

export const journalEntriesCsv: ExportKind = {
  name: 'journal_entries.csv',
  title: 'Journal entries for the accounting system',
  count: async (db, period) => {
    const { rows } = await db
      .selectFrom('ledger_entry')
      .innerJoin('ledger_transaction', 'ledger_transaction.tx_id', 'ledger_entry.tx_id')
      .select(({ fn }) => fn.countAll<bigint>().as('rows'))
      .where('period', '=', period)
      .executeTakeFirstOrThrow();
    return Number(rows);
  },
  make: async (db, period) => {
    const rows = await db
      .selectFrom('ledger_entry')
      .innerJoin('ledger_transaction', 'ledger_transaction.tx_id', 'ledger_entry.tx_id')
      .select([
        'at',
        'entry_id',
        'account',
        'currency',
        'amount',
        'description',
        'intent_id',
        'ledger_entry.tx_id as tx_id',
        'kind',
      ])
      .where('period', '=', period)
      .orderBy('entry_id')
      .execute();
    return table(
      'date,entry_id,account,debit_minor,credit_minor,currency,description,reference'.split(','),
      rows.map((row) => [
        text(accountingDate(row.kind, row.at, period)),
        number(row.entry_id),
        text(row.account),
        number(row.amount > 0n ? row.amount : 0n),
        number(row.amount < 0n ? -row.amount : 0n),
        text(row.currency),
        text(row.description),
        text(row.intent_id ?? row.tx_id),
      ]),
    );
  },
};
