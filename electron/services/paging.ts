/** Searches, sorts and cuts a page out of rows in memory, the same way for every list. */
import type { PageRequest } from '../../shared/contract/channel';

export interface PageRules<Row> {
  /** The texts a search looks into. */
  readonly searched: (row: Row) => readonly string[];
  /** What a column sorts by; decimal strings of minor units must be given as bigint. */
  readonly sorted: Readonly<Record<string, (row: Row) => string | bigint | number>>;
}

export interface Page<Row> {
  readonly total: number;
  readonly rows: Row[];
}

export function pageOfRows<Row>(rows: readonly Row[], request: PageRequest, rules: PageRules<Row>): Page<Row> {
  const wanted = (request.search ?? '').trim().toLowerCase();
  const found =
    wanted === ''
      ? [...rows]
      : rows.filter((row) => rules.searched(row).some((text) => text.toLowerCase().includes(wanted)));
  const key = request.sort === undefined ? undefined : rules.sorted[request.sort];
  if (key !== undefined) {
    const sign = request.descending === true ? -1 : 1;
    found.sort((a, b) => sign * compare(key(a), key(b)));
  }
  return { total: found.length, rows: found.slice(request.offset, request.offset + request.limit) };
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

function compare(a: string | bigint | number, b: string | bigint | number): number {
  if (typeof a === 'string' && typeof b === 'string') return collator.compare(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}
