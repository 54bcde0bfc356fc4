import type { PageRequest, Result } from '../../../shared/contract';
import type { Page, TableColumn } from './types';

/** Serves a list that is already here the way a channel serves pages: search, sort, slice. */
export function localPage<Row>(rows: readonly Row[], columns: readonly TableColumn<Row>[]) {
  return async ({ offset, limit, search, sort, descending }: PageRequest): Promise<Result<Page<Row>>> => {
    const words = search?.trim().toLowerCase() ?? '';
    const found =
      words === ''
        ? [...rows]
        : rows.filter((row) => columns.some((column) => column.text(row).toLowerCase().includes(words)));
    const by = columns.find((column) => column.id === sort);
    if (by !== undefined) {
      const compare = new Intl.Collator('en', { numeric: true }).compare;
      found.sort((a, b) => (descending === true ? -1 : 1) * compareCells(by.text(a), by.text(b), compare));
    }
    return { ok: true, value: { total: found.length, rows: found.slice(offset, offset + limit) } };
  };
}

function compareCells(a: string, b: string, compare: (a: string, b: string) => number): number {
  const [x, y] = [Number(a), Number(b)];
  return a !== '' && b !== '' && Number.isFinite(x) && Number.isFinite(y) ? x - y : compare(a, b);
}
