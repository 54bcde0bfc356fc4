/** What is owed to whom before a migration, and what is missing in Storage for it. Minor units. */
import type { Args, Reply } from '../../../shared/contract';
import type { ServiceContext } from '../context';
import { obligations, totalOwed } from '../fund-tracking';
import { pageOfRows } from '../paging';
import { planMigration } from '../storage-balance-migration';

export async function obligationsPage(
  context: ServiceContext,
  request: Args<'migration.obligations'>,
): Promise<Reply<'migration.obligations'>> {
  const { store } = context;
  const rows = await obligations(store);
  const names = new Map(
    (await store.db.selectFrom('creator').select(['creator_id', 'display_name']).execute()).map((row) => [
      row.creator_id,
      row.display_name,
    ]),
  );
  const { before } = await planMigration(context);
  const totals = totalOwed(rows);
  return {
    totals: before.map((one) => ({
      currency: one.currency,
      owed: String(totals.get(one.currency) ?? 0n),
      storage: String(one.storage),
      delta: String((totals.get(one.currency) ?? 0n) - one.storage),
    })),
    page: await pageOfRows(
      rows.map((row) => ({
        creatorId: row.creatorId,
        displayName: row.suspense ? `Suspense: ${row.creatorId}` : (names.get(row.creatorId) ?? row.creatorId),
        currency: row.currency,
        opening: String(row.opening),
        openPeriod: String(row.openPeriod),
        owed: String(row.opening + row.openPeriod),
      })),
      request,
      {
        searched: (row) => [row.displayName, row.creatorId],
        sorted: {
          creatorId: (row) => row.creatorId,
          displayName: (row) => row.displayName,
          currency: (row) => row.currency,
          opening: (row) => BigInt(row.opening),
          openPeriod: (row) => BigInt(row.openPeriod),
          owed: (row) => BigInt(row.owed),
        },
      },
    ),
  };
}
