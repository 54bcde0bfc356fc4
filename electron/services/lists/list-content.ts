/** All rows of a long list. Reading them takes as long as their number: in the worker where they are many, and from there as bytes. */
import type { Store } from '../../store/store';
import { workerOf } from '../worker/store-worker';
import type { ListFilters, ListOrder } from './list-orders';
import { ListRows } from './packed-list';
import type { Content, ListContent } from './paging';

/** A worker has to be worth more here: a list of some thousand rows is read before it has begun. */
const WORTH = 5;

export async function listContent<K extends keyof ListFilters, Row, More>(
  store: Store,
  list: K,
  filter: ListFilters[K],
  read: (store: Store, filter: ListFilters[K]) => Promise<Content<Row, More>>,
): Promise<ListContent<Row, More>> {
  const worker = await workerOf(store, { worth: WORTH });
  if (worker === null) return read(store, filter);
  const { rows, more } = await worker.run('list', { list, filter } as ListOrder);
  return { rows: new ListRows<Row>(rows), more: JSON.parse(more) as More };
}
