/** What is owed to whom before a migration, and what is missing in Storage for it. Minor units. */
import type { Args, Reply } from '../../../shared/contract';
import type { Store } from '../../store/store';
import type { ServiceContext } from '../context';
import { creatorCircumstances } from '../earnings';
import { obligations, totalOwed } from '../fund-tracking';
import { type PageRules, preparedList } from '../lists/paging';
import { inSlices } from '../slices';
import { planMigration } from '../storage-balance-migration';

type Row = Reply<'migration.obligations'>['page']['rows'][number];

const rules: PageRules<Row> = {
  searched: (row) => [row.displayName, row.creatorId],
  sorted: {
    creatorId: (row) => row.creatorId,
    displayName: (row) => row.displayName,
    currency: (row) => row.currency,
    opening: (row) => BigInt(row.opening),
    openPeriod: (row) => BigInt(row.openPeriod),
    owed: (row) => BigInt(row.owed),
  },
};

export async function obligationsPage(
  context: ServiceContext,
  request: Args<'migration.obligations'>,
): Promise<Reply<'migration.obligations'>> {
  const { store } = context;
  const { list, more: totals } = await preparedList(store, 'obligations', () => readObligations(store), rules, 'books');
  const { before } = await planMigration(context);
  return {
    totals: before.map((one) => ({
      currency: one.currency,
      owed: String(totals.get(one.currency) ?? 0n),
      storage: String(one.storage),
      delta: String((totals.get(one.currency) ?? 0n) - one.storage),
    })),
    page: await list.page(request),
  };
}

async function readObligations(store: Store) {
  const owed = await obligations(store);
  const names = await creatorCircumstances(store.db);
  const rows: Row[] = [];
  await inSlices(owed.length, (place) => {
    const { creatorId, currency, opening, openPeriod, suspense } = owed.at(place);
    rows.push({
      creatorId,
      displayName: suspense ? `Suspense: ${creatorId}` : (names.get(creatorId)?.displayName ?? creatorId),
      currency,
      opening: String(opening),
      openPeriod: String(openPeriod),
      owed: String(opening + openPeriod),
    });
  });
  return { rows, more: totalOwed(owed) };
}
