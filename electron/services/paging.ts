/**
 * Searches, sorts and cuts pages out of rows in memory, the same way for every list. A long list is prepared once for each state of
 * the store and served from there: a page of 100,000 rows must not cost what the whole list costs.
 */
import type { PageRequest } from '../../shared/contract/channel';
import type { Store } from '../store/store';

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

export function pageOfRows<Row>(rows: readonly Row[], request: PageRequest, rules: PageRules<Row>): Page<Row> {
  return new PreparedList(rows, rules).page(request);
}

/** Rows that keep their orders and the last search, for the pages that follow. */
export class PreparedList<Row> {
  readonly #rows: readonly Row[];
  readonly #rules: PageRules<Row>;
  readonly #orders = new Map<string, readonly Row[]>();
  #texts: ReadonlyMap<Row, string> | null = null;
  #found: { readonly key: string; readonly rows: readonly Row[] } | null = null;

  constructor(rows: readonly Row[], rules: PageRules<Row>) {
    this.#rows = rows;
    this.#rules = rules;
  }

  /** Gets the first search ready, so that it answers as fast as the next ones. */
  prepareSearch(): void {
    this.#searchTexts();
  }

  page(request: PageRequest): Page<Row> {
    const found = this.#search(request);
    return { total: found.length, rows: found.slice(request.offset, request.offset + request.limit) };
  }

  #search(request: PageRequest): readonly Row[] {
    const wanted = (request.search ?? '').trim().toLowerCase();
    if (wanted === '') return this.#ordered(request);
    const key = JSON.stringify([wanted, request.sort, request.descending]);
    if (this.#found?.key === key) return this.#found.rows;
    const texts = this.#searchTexts();
    // Found first and sorted then, unless the order is known already: few rows are sorted sooner than many.
    const known = this.#orders.get(orderKey(request));
    const rows = (known ?? this.#rows).filter((row) => texts.get(row)?.includes(wanted));
    this.#found = { key, rows: known === undefined ? this.#sorted(rows, request) : rows };
    return this.#found.rows;
  }

  #searchTexts(): ReadonlyMap<Row, string> {
    // A line break cannot be typed into a search: no match reaches over two texts.
    this.#texts ??= new Map(this.#rows.map((row) => [row, this.#rules.searched(row).join('\n').toLowerCase()]));
    return this.#texts;
  }

  #ordered(request: PageRequest): readonly Row[] {
    const key = orderKey(request);
    const rows = this.#orders.get(key) ?? this.#sorted(this.#rows, request);
    this.#orders.set(key, rows);
    return rows;
  }

  /** Stable: rows that compare alike keep their place, in both directions. */
  #sorted(rows: readonly Row[], { sort, descending }: PageRequest): readonly Row[] {
    const keyOf = sort === undefined ? undefined : this.#rules.sorted[sort];
    if (keyOf === undefined) return rows;
    const sign = descending === true ? -1 : 1;
    return rows
      .map((row) => ({ row, key: keyOf(row) }))
      .sort((a, b) => sign * compare(a.key, b.key))
      .map(({ row }) => row);
  }
}

function orderKey({ sort, descending }: PageRequest): string {
  return JSON.stringify([sort, descending === true]);
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

function compare(a: SortKey, b: SortKey): number {
  if (typeof a === 'string' && typeof b === 'string') return collator.compare(a, b);
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
  const state = store.changes(of);
  const known = lists.get(name);
  lists.delete(name);
  if (known?.state === state) {
    lists.set(name, known);
    return known.value as Promise<Prepared<Row, More>>;
  }
  const value = read().then(({ rows, more }) => {
    const list = new PreparedList(rows, rules);
    if (rows.length > LONG) setImmediate(() => list.prepareSearch());
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
