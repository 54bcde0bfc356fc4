/**
 * Many rows of one table in one statement. A value that is bound by itself costs four times what SQLite then does with it, so rows go
 * over as one JSON text, every cell of a column as wide as the widest, and are cut apart by position.
 */
import { CompiledQuery } from 'kysely';
import { inChunks } from '../store/chunks';
import type { Schema } from '../store/schema';
import type { Queries } from '../store/store';
import { type Kinds, within64 } from './worker/packed';

/** Rows that go over at a time: more make it no faster. */
export const ROWS_AT_A_TIME = 1_000;

/** Wider rows are bound: padding would cost more than it saves. */
const WIDEST_ROW = 1_000;

/** Fills up a cell of a text column: none may end with it. */
const PAD = '\u007f';
/**
 * NUL ends a text for `substr`, and what has two units in UTF-16 counts there as one. As they stand in JSON, which escapes NUL and a
 * half of such a pair.
 */
const NOT_BY_POSITION = /[\ud800-\udfff]|\\u(?:0000|d[89a-f])/;

export interface BulkColumn {
  readonly name: string;
  /** Whole numbers of 64 bits, in digits; otherwise texts. */
  readonly isNumber?: boolean;
}

/** What an INSERT takes its rows from, and what has to be bound for it. */
export interface RowSource {
  /** The same text for rows of the same widths. */
  readonly sql: string;
  readonly values: readonly string[];
}

/** The rows, each with a cell for every column: all at once where they can be cut apart by position, otherwise one by one. */
export function sourcesOf(columns: readonly BulkColumn[], rows: readonly (readonly string[])[]): readonly RowSource[] {
  if (rows.length === 0) return [];
  const widths = columns.map((_, column) => widthOf(rows, column));
  const text = padded(columns, rows, widths);
  if (text !== null) return [{ sql: cutting(columns, widths), values: [text] }];
  const cells = columns.map((column) => (column.isNumber ? 'CAST(? AS INTEGER)' : '?'));
  const sql = `VALUES (${cells.join(', ')})`;
  return rows.map((values) => ({ sql, values }));
}

/**
 * Inserts a row for each of `items`, in the transaction of `tx`. Columns that are not named have their default. Throws when an amount
 * does not fit into 64 bits.
 */
export async function insertRows<Table extends keyof Schema, Column extends keyof Schema[Table] & string, Item>(
  tx: Queries,
  table: Table,
  kinds: Kinds<Pick<Schema[Table], Column>>,
  items: readonly Item[],
  rowOf: (item: Item) => Pick<Schema[Table], Column>,
): Promise<void> {
  const names = Object.keys(kinds) as Column[];
  const columns = names.map((name) => ({ name, isNumber: kinds[name] === 'amount' }));
  for (const some of inChunks(items, ROWS_AT_A_TIME)) {
    const rows = some.map((item) => {
      const row = rowOf(item);
      return names.map((name) => cellOf(row[name]));
    });
    for (const { sql, values } of sourcesOf(columns, rows)) {
      await tx.executeQuery(CompiledQuery.raw(`insert into "${table}" (${names.join(', ')}) ${sql}`, [...values]));
    }
  }
}

function cellOf(value: unknown): string {
  return typeof value === 'bigint' ? String(within64(value)) : (value as string);
}

/** JSON of one text for each row; null when they cannot be cut apart by position. */
function padded(
  columns: readonly BulkColumn[],
  rows: readonly (readonly string[])[],
  widths: readonly Width[],
): string | null {
  if (widths.reduce((sum, { most }) => sum + most, 0) > WIDEST_ROW) return null;
  const texts: string[] = [];
  for (const row of rows) {
    let text = '';
    for (let column = 0; column < widths.length; column += 1) {
      const cell = row[column] as string;
      const { least, most } = widths[column] as Width;
      if (least === most) text += cell;
      else if (columns[column]?.isNumber) text += cell.padStart(most, ' ');
      else if (cell.endsWith(PAD)) return null;
      else text += cell.padEnd(most, PAD);
    }
    texts.push(text);
  }
  const json = JSON.stringify(texts);
  return NOT_BY_POSITION.test(json) ? null : json;
}

function cutting(columns: readonly BulkColumn[], widths: readonly Width[]): string {
  let at = 1;
  const cells = widths.map(({ least, most }, column) => {
    const cell = `substr(value, ${at}, ${most})`;
    at += most;
    // Blanks before a number are not read.
    if (columns[column]?.isNumber) return `CAST(${cell} AS INTEGER)`;
    return least === most ? cell : `rtrim(${cell}, char(${PAD.charCodeAt(0)}))`;
  });
  // Without "WHERE true", an ON CONFLICT after it reads like the ON of a join.
  return `SELECT ${cells.join(', ')} FROM json_each(?) WHERE true`;
}

/** The shortest and the longest cell of a column. */
interface Width {
  readonly least: number;
  readonly most: number;
}

function widthOf(rows: readonly (readonly string[])[], column: number): Width {
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (const row of rows) {
    const { length } = row[column] as string;
    if (length < least) least = length;
    if (length > most) most = length;
  }
  return { least, most };
}
