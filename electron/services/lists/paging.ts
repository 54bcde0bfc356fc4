/**
 * Searches, sorts and cuts pages out of rows in memory, the same way for every list. A long list is prepared once for each state of
 * the store and served from there: a page of 100,000 rows must not cost what the whole list costs.
 */
import type { PageRequest } from '../../../shared/contract/channel';
import type { Store } from '../../store/store';
import { inSlices, sortInSlices } from '../slices';

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
  readonly #rows: readonly Row[];
  readonly #rules: PageRules<Row>;
  /** Places in `#rows`. */
  readonly #orders = new Map<string, Promise<readonly number[]>>();
  #texts: Promise<readonly string[]> | null = null;
  #found: { readonly key: string; readonly places: Promise<readonly number[]> } | null = null;

  constructor(rows: readonly Row[], rules: PageRules<Row>) {
    this.#rows = rows;
    this.#rules = rules;
  }

  /** Gets the first search ready, so that it answers as fast as the next ones. */
  async prepareSearch(): Promise<void> {
    await this.#searchTexts();
  }

  async page(request: PageRequest): Promise<Page<Row>> {
    const places = await this.#search(request);
    const wanted = places.slice(request.offset, request.offset + request.limit);
    return { total: places.length, rows: wanted.map((place) => this.#row(place)) };
  }

  #row(place: number): Row {
    return this.#rows[place] as Row;
  }

  #search(request: PageRequest): Promise<readonly number[]> {
    const wanted = (request.search ?? '').trim().toLowerCase();
    if (wanted === '') return this.#ordered(request);
    const key = JSON.stringify([wanted, request.sort, request.descending]);
    if (this.#found?.key !== key) this.#found = { key, places: this.#find(wanted, request) };
    return this.#found.places;
  }

  async #find(wanted: string, request: PageRequest): Promise<readonly number[]> {
    const texts = await this.#searchTexts();
    // Found first and sorted then, unless the order is known already: few rows are sorted sooner than many.
    const known = await this.#orders.get(orderKey(request));
    const found: number[] = [];
    await inSlices(this.#rows.length, (index) => {
      const place = known?.[index] ?? index;
      if (texts[place]?.includes(wanted)) found.push(place);
    });
    return known === undefined ? this.#sorted(found, request) : found;
  }

  #searchTexts(): Promise<readonly string[]> {
    this.#texts ??= this.#makeTexts();
    return this.#texts;
  }

  async #makeTexts(): Promise<readonly string[]> {
    const texts: string[] = new Array(this.#rows.length);
    await inSlices(this.#rows.length, (place) => {
      // A line break cannot be typed into a search: no match reaches over two texts.
      texts[place] = this.#rules.searched(this.#row(place)).join('\n').toLowerCase();
    });
    return texts;
  }

  #ordered(request: PageRequest): Promise<readonly number[]> {
    const key = orderKey(request);
    const known = this.#orders.get(key);
    if (known !== undefined) return known;
    const places = this.#sorted([...this.#rows.keys()], request);
    this.#orders.set(key, places);
    return places;
  }

  /** Stable: rows that compare alike keep their place, in both directions. */
  async #sorted(places: readonly number[], { sort, descending }: PageRequest): Promise<readonly number[]> {
    const keyOf = sort === undefined ? undefined : this.#rules.sorted[sort];
    if (keyOf === undefined) return places;
    const keyed: { place: number; key: SortKey }[] = new Array(places.length);
    await inSlices(places.length, (index) => {
      const place = places[index] as number;
      keyed[index] = { place, key: keyOf(this.#row(place)) };
    });
    const sign = descending === true ? -1 : 1;
    const sorted = await sortInSlices(keyed, (a, b) => sign * compare(a.key, b.key));
    return sorted.map(({ place }) => place);
  }
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

interface Prepared<Row, More> {
  readonly list: PreparedList<Row>;
  readonly more: More;
}

/** Rows from which on searching is prepared before anybody searches. */
const LONG = 5_000;
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
  read: () => Promise<Content<Row, More>>,
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
  const value = read().then(({ rows, more }) => {
    const list = new PreparedList(rows, rules);
    if (rows.length > LONG) void list.prepareSearch();
    return { list, more };
  });
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
