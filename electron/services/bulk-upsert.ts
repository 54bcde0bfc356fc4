/**
 * Writes many rows of one table. A value that is bound by itself costs four times what SQLite then does with it, so rows go over as
 * one JSON text, every cell of a column as wide as the widest, and are cut apart by position.
 */
import type { BulkStatement, Store } from '../store/store';

/** Wider rows are bound: padding would cost more than it saves. */
const WIDEST_ROW = 1_000;

/** Fills up a cell of a text column: none may end with it. */
const PAD = '\u007f';
/**
 * NUL ends a text for `substr`, and what has two units in UTF-16 counts there as one. As they stand in JSON, which escapes NUL and a
 * half of such a pair.
 */
const NOT_BY_POSITION = /[\ud800-\udfff]|\\u(?:0000|d[89a-f])/;

export interface UpsertColumn {
  readonly name: string;
  /** Whole numbers that are not negative, in digits; otherwise texts. */
  readonly isNumber?: boolean;
}

export class BulkUpsert {
  readonly #store: Store;
  readonly #columns: readonly UpsertColumn[];
  readonly #sql: (rows: string) => string;
  readonly #byWidths = new Map<string, BulkStatement>();
  #bound: BulkStatement | null = null;

  /** @param columns the primary key first */
  constructor(store: Store, table: string, columns: readonly UpsertColumn[]) {
    const names = columns.map((column) => column.name);
    const [key, ...others] = names;
    this.#store = store;
    this.#columns = columns;
    this.#sql = (rows) =>
      `INSERT INTO ${table} (${names.join(', ')}) ${rows}
       ON CONFLICT (${key}) DO UPDATE SET ${others.map((column) => `${column} = excluded.${column}`).join(', ')}`;
  }

  /** Some thousand rows at a time, each with a cell for every column. */
  write(rows: readonly (readonly string[])[]): void {
    if (rows.length === 0) return;
    const widths = this.#columns.map((_, column) => widthOf(rows, column));
    const text = this.#padded(rows, widths);
    if (text === null) {
      const cells = this.#columns.map((column) => (column.isNumber ? 'CAST(? AS INTEGER)' : '?'));
      this.#bound ??= this.#store.prepare(this.#sql(`VALUES (${cells.join(', ')})`));
      for (const row of rows) this.#bound.run(...row);
    } else this.#byPosition(widths).run(text);
  }

  /** JSON of one text for each row; null when they cannot be cut apart by position. */
  #padded(rows: readonly (readonly string[])[], widths: readonly Width[]): string | null {
    if (widths.reduce((sum, { most }) => sum + most, 0) > WIDEST_ROW) return null;
    const texts: string[] = [];
    for (const row of rows) {
      let text = '';
      for (let column = 0; column < widths.length; column += 1) {
        const cell = row[column] as string;
        const { least, most } = widths[column] as Width;
        if (least === most) text += cell;
        else if (this.#columns[column]?.isNumber) text += cell.padStart(most, '0');
        else if (cell.endsWith(PAD)) return null;
        else text += cell.padEnd(most, PAD);
      }
      texts.push(text);
    }
    const json = JSON.stringify(texts);
    return NOT_BY_POSITION.test(json) ? null : json;
  }

  #byPosition(widths: readonly Width[]): BulkStatement {
    const key = widths.map(({ least, most }) => (least === most ? most : -most)).join();
    const known = this.#byWidths.get(key);
    if (known !== undefined) return known;
    let at = 1;
    const cells = widths.map(({ least, most }, column) => {
      const cell = `substr(value, ${at}, ${most})`;
      at += most;
      if (this.#columns[column]?.isNumber) return `CAST(${cell} AS INTEGER)`;
      return least === most ? cell : `rtrim(${cell}, char(${PAD.charCodeAt(0)}))`;
    });
    // Without "WHERE true", ON CONFLICT reads like the ON of a join.
    const statement = this.#store.prepare(this.#sql(`SELECT ${cells.join(', ')} FROM json_each(?) WHERE true`));
    this.#byWidths.set(key, statement);
    return statement;
  }
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
