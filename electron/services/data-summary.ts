/** What was imported so far: how many of each, which months, and the last import. */
import type { Queries } from '../store/store';

export async function dataSummary(db: Queries) {
  const count = async (table: 'creator' | 'subscriber' | 'payment' | 'allocation'): Promise<number> => {
    const row = await db
      .selectFrom(table)
      .select(({ fn }) => fn.countAll<bigint>().as('count'))
      .executeTakeFirstOrThrow();
    return Number(row.count);
  };
  const openings = await db
    .selectFrom('ledger_entry')
    .innerJoin('ledger_transaction', 'ledger_transaction.tx_id', 'ledger_entry.tx_id')
    .select(({ fn }) => fn.countAll<bigint>().as('count'))
    .where('kind', '=', 'opening.obligations')
    .where('account', '>=', 'owed:')
    .where('account', '<', 'owed;')
    .executeTakeFirstOrThrow();
  const periods = await db.selectFrom('payment').select('period').distinct().orderBy('period', 'desc').execute();
  const last = await db.selectFrom('data_import').selectAll().orderBy('at', 'desc').limit(1).executeTakeFirst();
  return {
    counts: {
      creators: await count('creator'),
      subscribers: await count('subscriber'),
      payments: await count('payment'),
      allocations: await count('allocation'),
      openings: Number(openings.count),
    },
    periods: periods.map((row) => row.period),
    lastImport: last === undefined ? null : { at: last.at, source: last.source, by: last.actor },
  };
}
