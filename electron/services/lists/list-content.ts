/**
 * All rows of a long list. Reading them takes as long as their number: in the worker where they are many, and from there as JSON of some
 * hundred rows each, which the main loop takes in one after the other.
 */
import { inChunks } from '../../store/chunks';
import type { Store } from '../../store/store';
import { slices } from '../slices';
import { workerOf } from '../worker/store-worker';
import type { ListFilters, ListOrder, PackedContent } from './list-orders';
import type { Content } from './paging';

const ROWS_PER_PIECE = 500;
/** A worker has to be worth more here: a list of some thousand rows is read before it has begun. */
const WORTH = 5;

export async function listContent<K extends keyof ListFilters, Row, More>(
  store: Store,
  list: K,
  filter: ListFilters[K],
  read: (store: Store, filter: ListFilters[K]) => Promise<Content<Row, More>>,
): Promise<Content<Row, More>> {
  const worker = await workerOf(store, { worth: WORTH });
  if (worker === null) return read(store, filter);
  const packed = await worker.run('list', { list, filter } as ListOrder);
  const rows: Row[] = [];
  const decoder = new TextDecoder();
  const pause = slices();
  for (const bytes of packed.rows) {
    await pause();
    rows.push(...(JSON.parse(decoder.decode(bytes)) as Row[]));
  }
  return { rows, more: JSON.parse(packed.more) as More };
}

/** `listContent` in the worker. */
export function packContent({ rows, more }: Content<unknown, unknown>): PackedContent {
  const encoder = new TextEncoder();
  return {
    rows: [...inChunks(rows, ROWS_PER_PIECE)].map((some) => encoder.encode(JSON.stringify(some))),
    more: JSON.stringify(more),
  };
}
