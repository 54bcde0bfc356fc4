/**
 * Kysely on libsql's synchronous SQLite. One connection; transactions begin IMMEDIATE so that a second connection
 * (a worker) never finds its snapshot outdated half-way.
 */

import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type Database from 'libsql';

/** @param changed is told after each statement that changed rows: its SQL and how many rows, those of triggers left out */
export function createSqliteDialect(
  database: Database.Database,
  changed: (sql: string, rows: number) => void = () => {},
): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new SqliteDriver(database, changed),
    createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

class SqliteDriver implements Driver {
  readonly #connection: SqliteConnection;
  readonly #database: Database.Database;
  readonly #waiting: (() => void)[] = [];
  #busy = false;

  constructor(database: Database.Database, changed: (sql: string, rows: number) => void) {
    this.#database = database;
    this.#connection = new SqliteConnection(database, changed);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    while (this.#busy) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#busy = true;
    return this.#connection;
  }

  async releaseConnection(): Promise<void> {
    this.#busy = false;
    this.#waiting.shift()?.();
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'));
  }

  /** A full disk and the like have rolled back already: https://www.sqlite.org/lang_transaction.html, "Response to errors". */
  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    try {
      await connection.executeQuery(CompiledQuery.raw('rollback'));
    } catch (error) {
      if (!(error instanceof Error) || !error.message.includes('no transaction is active')) throw error;
    }
  }

  async destroy(): Promise<void> {
    this.#database.close();
  }
}

const STATEMENT_CACHE = 200;

class SqliteConnection implements DatabaseConnection {
  readonly #database: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();

  constructor(
    database: Database.Database,
    private readonly changed: (sql: string, rows: number) => void,
  ) {
    this.#database = database;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const statement = this.#statement(query.sql);
    if (statement.reader) return { rows: statement.all([...query.parameters]) as Row[] };
    const { changes, lastInsertRowid } = statement.run([...query.parameters]);
    if (changes > 0) this.changed(query.sql, changes);
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
  }

  async *streamQuery<Row>(query: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    for (const row of this.#database.prepare(query.sql).iterate([...query.parameters])) yield { rows: [row as Row] };
  }

  #statement(sql: string): Database.Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    if (this.#statements.size >= STATEMENT_CACHE) this.#statements.clear();
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}
