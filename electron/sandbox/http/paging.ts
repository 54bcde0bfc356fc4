import type { Collection } from '../state/collection';
import type { RequestContext } from './context';
import { invalid } from './errors';
import type { Params } from './params';

/** Creation times in milliseconds: from `since` (included) until `before` (excluded). */
export interface CreatedRange {
  readonly since: number;
  readonly before: number;
}

const ALWAYS: CreatedRange = { since: Number.NEGATIVE_INFINITY, before: Number.POSITIVE_INFINITY };
const BOUNDS = ['gt', 'gte', 'lt', 'lte'] as const;

/** v1 `created`: a Unix second, or an object of `gt`, `gte`, `lt`, `lte`. */
export function createdV1(params: Params): CreatedRange {
  if (!params.isObject('created')) {
    const exact = params.integer('created', { min: 0n });
    return exact === undefined ? ALWAYS : { since: Number(exact) * 1000, before: (Number(exact) + 1) * 1000 };
  }
  return rangeOf(params, (bounds, name) => {
    const second = bounds.integer(name, { min: 0n });
    return second === undefined ? undefined : { from: Number(second) * 1000, to: (Number(second) + 1) * 1000 };
  });
}

/** v2 `created`: an object of bounds, each an RFC 3339 time or a Unix second. */
export function createdV2(params: Params): CreatedRange {
  return rangeOf(params, (bounds, name) => {
    const text = bounds.text(name);
    if (text === undefined) return undefined;
    if (/^\d{1,12}$/.test(text)) return { from: Number(text) * 1000, to: (Number(text) + 1) * 1000 };
    const time = Date.parse(text);
    if (Number.isNaN(time)) {
      bounds.fail(invalid('parameter_invalid_timestamp', `Invalid timestamp: ${text}`, bounds.named(name)));
      return undefined;
    }
    return { from: time, to: time + 1 };
  });
}

function rangeOf(
  params: Params,
  read: (bounds: Params, name: string) => { from: number; to: number } | undefined,
): CreatedRange {
  const bounds = params.object('created');
  if (bounds === undefined) return ALWAYS;
  let { since, before } = ALWAYS;
  for (const name of BOUNDS) {
    const bound = read(bounds, name);
    if (bound === undefined) continue;
    if (name === 'gt') since = Math.max(since, bound.to);
    if (name === 'gte') since = Math.max(since, bound.from);
    if (name === 'lt') before = Math.min(before, bound.from);
    if (name === 'lte') before = Math.min(before, bound.to);
  }
  return { since, before };
}

export interface Selection<T> {
  /** Positions, ascending, to choose from; absent: all. */
  readonly positions?: readonly number[] | undefined;
  readonly created: CreatedRange;
  readonly matches?: ((row: T) => boolean) | undefined;
}

type Rows<T extends { id: string; created: number }> = Collection<T, never> | Collection<T, string>;

/** Newest first. Looks at no more records than it needs to fill the page. */
function take<T extends { id: string; created: number }>(
  rows: Rows<T>,
  selection: Selection<T>,
  cursor: { limit: number; after?: number | undefined; before?: number | undefined },
): { page: T[]; more: boolean } {
  const low = Math.max(rows.firstSince(selection.created.since), (cursor.before ?? -1) + 1);
  const high = Math.min(rows.firstSince(selection.created.before), cursor.after ?? Number.POSITIVE_INFINITY);
  const { positions } = selection;
  const from = positions === undefined ? low : lowerBound(positions, low);
  const to = positions === undefined ? high : lowerBound(positions, high);
  const forwards = cursor.before !== undefined;
  const found: T[] = [];
  for (let step = 0; step < to - from && found.length <= cursor.limit; step++) {
    const index = forwards ? from + step : to - 1 - step;
    const row = rows.at(positions === undefined ? index : (positions[index] ?? -1));
    if (row !== undefined && (selection.matches?.(row) ?? true)) found.push(row);
  }
  const page = found.slice(0, cursor.limit);
  return { page: forwards ? page.reverse() : page, more: found.length > cursor.limit };
}

function lowerBound(positions: readonly number[], value: number): number {
  let low = 0;
  let high = positions.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((positions[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Answers a v1 list. Reads `limit`, `starting_after`, `ending_before`; `select` reads the filters. */
export function listV1<T extends { id: string; created: number }>(
  context: RequestContext,
  rows: Rows<T>,
  kind: string,
  select: (params: Params) => Selection<T>,
  render: (row: T) => unknown,
): unknown {
  const { params } = context;
  const limit = Number(params.integer('limit', { min: 1n, max: 100n }) ?? 10n);
  const startingAfter = params.text('starting_after');
  const endingBefore = params.text('ending_before');
  const selection = select(params);
  params.check();
  const positionOf = (id: string | undefined, param: string): number | undefined => {
    if (id === undefined) return undefined;
    const position = rows.positionOf(id);
    if (position === undefined) throw invalid('resource_missing', `No such ${kind}: '${id}'`, param);
    return position;
  };
  const { page, more } = take(rows, selection, {
    limit,
    after: positionOf(startingAfter, 'starting_after'),
    before: positionOf(endingBefore, 'ending_before'),
  });
  return { object: 'list', data: page.map(render), has_more: more, url: context.pathname };
}

/** Answers a v2 list. Reads `limit` and `page`, the opaque part of `next_page_url`. */
export function listV2<T extends { id: string; created: number }>(
  context: RequestContext,
  rows: Rows<T>,
  select: (params: Params) => Selection<T>,
  render: (row: T) => unknown,
): unknown {
  const { params } = context;
  const limit = Number(params.integer('limit', { min: 1n, max: 100n }) ?? 20n);
  const token = params.text('page');
  const selection = select(params);
  params.check();
  const cursor = token === undefined ? undefined : readToken(token);
  const position = cursor === undefined ? undefined : rows.positionOf(cursor.id);
  if (token !== undefined && position === undefined) throw invalid('parameter_invalid', 'Invalid page token', 'page');
  const back = cursor?.direction === 'previous';
  const { page, more } = take(rows, selection, { limit, ...(back ? { before: position } : { after: position }) });
  const link = (direction: 'next' | 'previous', row: T | undefined): string | null =>
    row === undefined ? null : pageUrl(context, `${direction === 'next' ? 'n' : 'p'}${row.id}`);
  const first = page[0];
  const last = page[page.length - 1];
  return {
    data: page.map(render),
    next_page_url: back || more ? link('next', last) : null,
    previous_page_url: (back ? more : cursor !== undefined) ? link('previous', first) : null,
  };
}

function readToken(token: string): { direction: 'next' | 'previous'; id: string } | undefined {
  const text = Buffer.from(token, 'base64url').toString('utf8');
  const direction = text.startsWith('n') ? 'next' : text.startsWith('p') ? 'previous' : undefined;
  return direction === undefined ? undefined : { direction, id: text.slice(1) };
}

function pageUrl(context: RequestContext, token: string): string {
  const kept = context.query.split(/[&?]/).filter((pair) => pair !== '' && !pair.startsWith('page='));
  return `${context.pathname}?${[...new Set(kept), `page=${Buffer.from(token).toString('base64url')}`].join('&')}`;
}
