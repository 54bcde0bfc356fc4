/**
 * Reads many rows as columns, a page at a time, each column of a page as one JSON text: a row that crosses from the driver
 * by itself costs more than all that is done with it.
 */
import type { Store } from './store';

const ROWS_OF_A_PAGE = 4_000;

export interface ColumnQuery<Columns extends Record<string, unknown>> {
  /**
   * SQL expressions by name, for TEXT and INTEGER. An INTEGER becomes a number: exact up to 2^53 − 1, and when it is larger than that,
   * so is the number.
   */
  readonly columns: Readonly<Record<keyof Columns & string, string>>;
  /** Table and condition, such as `payment WHERE period = ?`. */
  readonly from: string;
  readonly parameters: readonly string[];
  /** TEXT columns, read under their own names, that no two rows share; with an index in this order. */
  readonly key: readonly (keyof Columns & string)[];
}

export type ColumnPage<Columns> = { readonly [Name in keyof Columns]: readonly Columns[Name][] };

/** The pages, in byte order of the key. Of one state of the database only inside a transaction. */
export function* columnPages<Columns extends Record<string, unknown>>(
  store: Pick<Store, 'iterate'>,
  { columns, from, parameters, key }: ColumnQuery<Columns>,
  rowsOfAPage = ROWS_OF_A_PAGE,
): Generator<ColumnPage<Columns>> {
  const names = Object.keys(columns);
  const aggregates = names.map((name) => `json_group_array(${name}) AS ${name}`).join(', ');
  const expressions = names.map((name) => `${columns[name]} AS ${name}`).join(', ');
  const keys = key.join(', ');
  let after: readonly string[] = [];
  for (;;) {
    const condition = after.length === 0 ? '' : `AND (${keys}) > (${key.map(() => '?').join(', ')})`;
    const [texts] = store.iterate<Record<string, string>>(
      `SELECT ${aggregates}
       FROM (SELECT ${expressions} FROM ${from} ${condition} ORDER BY ${keys} LIMIT ${rowsOfAPage})`,
      ...parameters,
      ...after,
    );
    const page = Object.fromEntries(names.map((name) => [name, JSON.parse(texts?.[name] ?? '[]')]));
    yield page as ColumnPage<Columns>;
    const last = key.map((name) => page[name].at(-1));
    if (page[key[0] ?? ''].length < rowsOfAPage) return;
    after = last;
  }
}
