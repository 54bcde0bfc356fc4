/** Reads a list in the worker. */
import type { Store } from '../../store/store';
import { readBalanceLines } from '../balance-history';
import { readPayouts } from '../payout-list';
import { readLines } from '../reconciliation';
import { readCreators, readSubscribers } from '../statements';
import type { ListOrder } from './list-orders';
import type { Content } from './paging';

export function readList(store: Store, order: ListOrder): Promise<Content<unknown, unknown>> {
  switch (order.list) {
    case 'creators':
      return readCreators(store, order.filter);
    case 'subscribers':
      return readSubscribers(store, order.filter);
    case 'payouts':
      return readPayouts(store, order.filter);
    case 'lines':
      return readLines(store, order.filter);
    case 'balance-lines':
      return readBalanceLines(store, order.filter);
  }
}
