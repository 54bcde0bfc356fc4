/** Writes many rows of one table on a store that is this work's alone: new ones, and over those whose key is there. */
import type { BulkStatement, Store } from '../store/store';
import { type BulkColumn, sourcesOf } from './bulk-rows';

export class BulkUpsert {
  readonly #store: Store;
  readonly #columns: readonly BulkColumn[];
  readonly #sql: (rows: string) => string;
  readonly #statements = new Map<string, BulkStatement>();

  /** @param columns the primary key first */
  constructor(store: Store, table: string, columns: readonly BulkColumn[]) {
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
    for (const { sql, values } of sourcesOf(this.#columns, rows)) this.#statement(sql).run(...values);
  }

  #statement(rows: string): BulkStatement {
    const known = this.#statements.get(rows);
    if (known !== undefined) return known;
    const statement = this.#store.prepare(this.#sql(rows));
    this.#statements.set(rows, statement);
    return statement;
  }
}
