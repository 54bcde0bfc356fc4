/**
 * Searches, sorts and cuts pages out of rows in memory, the same way for every list. A list is prepared once for each state of
 * the store and served from there: a page of 100,000 rows must not cost what the whole list costs.
 */
import type { PageRequest } from '../../../shared/contract/channel';
import type { Store } from '../../store/store';
import { inSlices, orderInSlices, upTo } from '../slices';
import { ListRows, packList } from './packed-list';

type SortKey = string | bigint | number;

export interface PageRules<Row> {
  /** The texts a search looks into. */
  readonly searched: (row: Row) => readonly string[];
  /** What a column sorts by; decimal strings of minor units must be given as bigint. */
  readonly sorted: Readonly<Record<string, (row: Row) => SortKey>>;
}

export interface Page<Row> {
  readonly total: number;
  readonly rows: Row[];
}

/** Rows that keep their orders and the last search, for the pages that follow. What is long is done in slices. */
export class PreparedList<Row> {
  readonly #rows: Promise<ListRows<Row>>;
  readonly #rules: PageRules<Row>;
  /** Places of rows. */
  readonly #orders = new Map<string, Promise<Uint32Array>>();
  #found: { readonly key: string; readonly places: Promise<Uint32Array> } | null = null;

  constructor(rows: readonly Row[] | ListRows<Row>, rules: PageRules<Row>) {
    this.#rows = rows instanceof ListRows ? Promise.resolve(rows) : packed(rows, rules);
    this.#rules = rules;
  }

  async page(request: PageRequest): Promise<Page<Row>> {
    const rows = await this.#rows;
    const places = await this.#search(rows, request);
    const wanted = [...places.subarray(request.offset, request.offset + request.limit)];
    return { total: places.length, rows: wanted.map((place) => rows.row(place)) };
  }

  #search(rows: ListRows<Row>, request: PageRequest): Promise<Uint32Array> {
    const wanted = (request.search ?? '').trim().toLowerCase();
    if (wanted === '') return this.#ordered(rows, request);
    const key = JSON.stringify([wanted, request.sort, request.descending]);
    if (this.#found?.key !== key) this.#found = { key, places: this.#find(rows, wanted, request) };
    return this.#found.places;
  }

  async #find(rows: ListRows<Row>, wanted: string, request: PageRequest): Promise<Uint32Array> {
    const found = await rows.search(wanted);
    // Few rows are sorted sooner than many, unless the order is known already.
    const known = await this.#orders.get(orderKey(request));
    if (known === undefined) return this.#sorted(rows, found, request);
    const isFound = new Uint8Array(rows.length);
    for (const place of found) isFound[place] = 1;
    return known.filter((place) => isFound[place] === 1);
  }

  #ordered(rows: ListRows<Row>, request: PageRequest): Promise<Uint32Array> {
    const key = orderKey(request);
    const known = this.#orders.get(key);
    if (known !== undefined) return known;
    const places = this.#sorted(rows, upTo(rows.length), request);
    this.#orders.set(key, places);
    return places;
  }

  /** Stable: rows that compare alike keep their place, in both directions. */
  async #sorted(rows: ListRows<Row>, places: Uint32Array, { sort, descending }: PageRequest): Promise<Uint32Array> {
    const keyOf = sort === undefined ? undefined : this.#rules.sorted[sort];
    if (keyOf === undefined) return places;
    const keys: SortKey[] = new Array(places.length);
    await inSlices(places.length, (index) => {
      keys[index] = keyOf(rows.row(places[index] as number));
    });
    const sign = descending === true ? -1 : 1;
    const order = await orderInSlices(places.length, (a, b) => sign * compare(keys[a] as SortKey, keys[b] as SortKey));
    return order.map((index) => places[index] as number);
  }
}

async function packed<Row>(rows: readonly Row[], rules: PageRules<Row>): Promise<ListRows<Row>> {
  return new ListRows(await packList(rows, rules.searched));
}

function orderKey({ sort, descending }: PageRequest): string {
  return JSON.stringify([sort, descending === true]);
}

/** Making one takes 5 ms, which no start has to wait for. */
let collator: Intl.Collator | null = null;

function compare(a: SortKey, b: SortKey): number {
  if (typeof a === 'string' && typeof b === 'string') {
    collator ??= new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
    return collator.compare(a, b);
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

export interface Content<Row, More> {
  readonly rows: readonly Row[];
  /** What is answered beside the page: counts, sums. */
  readonly more: More;
}

/** The same, as it comes from the worker or was made here. */
export interface ListContent<Row, More> {
  readonly rows: readonly Row[] | ListRows<Row>;
  readonly more: More;
}

interface Prepared<Row, More> {
  readonly list: PreparedList<Row>;
  readonly more: More;
}

/** Lists kept for one store; the one that was not asked for longest goes first. */
const KEPT = 6;
const LISTS = new WeakMap<Store, Map<string, { readonly state: string; readonly value: Promise<unknown> }>>();

/**
 * The list of this name, built once for each state of the store; any change of the database builds it anew at the next request.
 * @param name says everything that `read` depends on besides the store, such as a period
 * @param of `books` when `read` looks at none of `OBSERVED_TABLES`
 */
export async function preparedList<Row, More>(
  store: Store,
  name: string,
  read: () => Promise<ListContent<Row, More>>,
  rules: PageRules<Row>,
  of: 'everything' | 'books' = 'everything',
): Promise<Prepared<Row, More>> {
  const lists = LISTS.get(store) ?? new Map();
  LISTS.set(store, lists);
  // Not in the middle of a transaction, whose rows a worker would not see.
  const state = await store.state(of);
  const known = lists.get(name);
  lists.delete(name);
  if (known?.state === state) {
    lists.set(name, known);
    return known.value as Promise<Prepared<Row, More>>;
  }
  const value = read().then(({ rows, more }) => ({ list: new PreparedList(rows, rules), more }));
  lists.set(name, { state, value });
  for (const oldest of [...lists.keys()].slice(0, Math.max(0, lists.size - KEPT))) lists.delete(oldest);
  try {
    return await value;
  } catch (error) {
    lists.delete(name);
    throw error;
  } finally {
    // Read while something was written: right for this answer, not for the next.
    if (store.changes(of) !== state && lists.get(name)?.value === value) lists.delete(name);
  }
}
