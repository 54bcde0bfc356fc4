/** Reads a list in the worker. */
import type { Store } from '../../store/store';
import { balanceLineRules, readBalanceLines } from '../balance-history';
import { payoutRules, readPayouts } from '../payout-list';
import { readLines, reconciliationRules } from '../reconciliation';
import { creatorRules, readCreators, readSubscribers, subscriberRules } from '../statements';
import type { ListOrder, PackedContent } from './list-orders';
import { packList } from './packed-list';
import type { Content, PageRules } from './paging';

export async function readList(store: Store, order: ListOrder): Promise<PackedContent> {
  switch (order.list) {
    case 'creators':
      return packed(await readCreators(store, order.filter), creatorRules);
    case 'subscribers':
      return packed(await readSubscribers(store, order.filter), subscriberRules);
    case 'payouts':
      return packed(await readPayouts(store, order.filter), payoutRules);
    case 'lines':
      return packed(await readLines(store, order.filter), reconciliationRules);
    case 'balance-lines':
      return packed(await readBalanceLines(store, order.filter), balanceLineRules);
  }
}

async function packed<Row>({ rows, more }: Content<Row, unknown>, rules: PageRules<Row>): Promise<PackedContent> {
  return { rows: await packList(rows, rules.searched), more: JSON.stringify(more) };
}
