import { useCallback, useEffect, useRef, useState } from 'react';
import type { FailureView } from '../../../shared/contract';
import type { FetchPage, Page } from './types';

export const pageSize = 100;
/** Pages kept in memory; the ones furthest from what is seen go first. */
const pagesKept = 30;

export interface Question {
  readonly search: string;
  readonly sort: string | undefined;
  readonly descending: boolean;
}

interface Held<Row> {
  readonly total: number | undefined;
  readonly pages: ReadonlyMap<number, readonly Row[]>;
  readonly error: FailureView | undefined;
}

export interface Pages<Row> extends Held<Row> {
  rowAt(index: number): Row | undefined;
  /** Asks for the pages that hold these rows, once each. */
  want(first: number, last: number): void;
  /** Forgets everything and asks again. */
  retry(): void;
}

/**
 * The pages of a long list that have been looked at. A new question (or `queryKey`) starts afresh;
 * a new `revision` asks again for what is seen and keeps the old rows until the new ones are here.
 */
export function usePages<Row>(
  fetchPage: FetchPage<Row>,
  question: Question,
  queryKey: string,
  revision: number,
): Pages<Row> {
  const [held, setHeld] = useState<Held<Row>>({ total: undefined, pages: new Map(), error: undefined });
  const fetcher = useRef(fetchPage);
  fetcher.current = fetchPage;
  const { search, sort, descending } = question;
  const key = JSON.stringify([queryKey, search, sort, descending]);
  const generation = useRef(0);
  const asked = useRef(new Set<number>());
  const seen = useRef({ first: 0, last: 0 });

  const ask = useCallback(
    (page: number) => {
      if (asked.current.has(page)) return;
      asked.current.add(page);
      const mine = generation.current;
      const request = {
        offset: page * pageSize,
        limit: pageSize,
        ...(search === '' ? {} : { search }),
        ...(sort === undefined ? {} : { sort, descending }),
      };
      fetcher.current(request).then((result) => {
        if (mine !== generation.current) return;
        setHeld((before) => {
          if (!result.ok) return { ...before, error: result.error };
          const after = withPage(before, page, result.value, seen.current.first);
          for (const old of before.pages.keys()) if (!after.pages.has(old)) asked.current.delete(old);
          return after;
        });
      });
    },
    [search, sort, descending],
  );

  const restart = useCallback(
    (forget: boolean) => {
      generation.current += 1;
      asked.current = new Set();
      if (forget) setHeld({ total: undefined, pages: new Map(), error: undefined });
      const first = forget ? 0 : Math.floor(seen.current.first / pageSize);
      const last = forget ? 0 : Math.floor(seen.current.last / pageSize);
      for (let page = first; page <= last; page += 1) ask(page);
    },
    [ask],
  );

  const lastKey = useRef<string | undefined>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new revision is a reason to ask again.
  useEffect(() => {
    const fresh = lastKey.current !== key;
    lastKey.current = key;
    if (fresh) seen.current = { first: 0, last: 0 };
    restart(fresh);
  }, [key, revision, restart]);

  const want = useCallback(
    (first: number, last: number) => {
      seen.current = { first, last };
      for (let page = Math.floor(first / pageSize); page <= Math.floor(last / pageSize); page += 1) ask(page);
    },
    [ask],
  );

  const retry = useCallback(() => restart(true), [restart]);
  const rowAt = (index: number) => held.pages.get(Math.floor(index / pageSize))?.[index % pageSize];
  return { ...held, rowAt, want, retry };
}

function withPage<Row>(before: Held<Row>, page: number, { total, rows }: Page<Row>, firstSeen: number): Held<Row> {
  const pages = new Map(before.pages).set(page, rows);
  if (pages.size > pagesKept) {
    const centre = firstSeen / pageSize;
    const [furthest] = [...pages.keys()].sort((a, b) => Math.abs(b - centre) - Math.abs(a - centre));
    if (furthest !== undefined && furthest !== page) pages.delete(furthest);
  }
  return { total, pages, error: undefined };
}
