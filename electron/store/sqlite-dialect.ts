/**
 * Kysely on libsql's synchronous SQLite. One connection; transactions begin IMMEDIATE so that a second connection
 * (a worker) never finds its snapshot outdated half-way. While a worker writes, what this connection has to write waits its turn
 * here: SQLite itself would make the whole thread wait for the lock.
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
import AsyncDatabase from 'libsql/promise';

/** @param turns who may use the connection, and who may write */
export function createSqliteDialect(database: Database.Database, turns: Turns, changed: Changed): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new SqliteDriver(database, turns, changed),
    createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** Told after each statement that changed rows: its SQL and how many rows, those of triggers left out. */
type Changed = (sql: string, rows: number) => void;

/** One query or one transaction at a time on the connection; and no writing on it while another connection writes. */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #busy = false;
  #elsewhere: Promise<void> | null = null;
  #inTransaction = false;

  async take(): Promise<void> {
    while (this.#busy) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#busy = true;
  }

  pass(): void {
    this.#busy = false;
    this.#waiting.shift()?.();
  }

  /** When nobody else is in the middle of a transaction. */
  async between<T>(look: () => T): Promise<T> {
    await this.take();
    try {
      return look();
    } finally {
      this.pass();
    }
  }

  /** Runs `work`, which writes on another connection. Those who have to write here wait until it has ended; reading goes on. */
  async elsewhere<T>(work: () => Promise<T>): Promise<T> {
    let end = (): void => {};
    for (let mine = false; !mine; ) {
      await this.#elsewhere;
      mine = await this.between(() => {
        if (this.#elsewhere !== null) return false;
        this.#elsewhere = new Promise((resolve) => {
          end = resolve;
        });
        return true;
      });
    }
    try {
      return await work();
    } finally {
      this.#elsewhere = null;
      end();
    }
  }

  /** For whoever has the turn and is about to write: lets others read until nothing is written elsewhere any more. */
  async untilMayWrite(): Promise<void> {
    while (this.#elsewhere !== null && !this.#inTransaction) {
      const ended = this.#elsewhere;
      this.pass();
      await ended;
      await this.take();
    }
  }

  transaction(begun: boolean): void {
    this.#inTransaction = begun;
  }
}

class SqliteDriver implements Driver {
  readonly #connection: SqliteConnection;
  readonly #database: Database.Database;
  readonly #turns: Turns;

  constructor(database: Database.Database, turns: Turns, changed: Changed) {
    this.#database = database;
    this.#turns = turns;
    this.#connection = new SqliteConnection(database, turns, changed);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    await this.#turns.take();
    return this.#connection;
  }

  async releaseConnection(): Promise<void> {
    this.#turns.pass();
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
    this.#turns.transaction(true);
  }

  /**
   * On a thread of the driver: waiting for the disk, and now and then writing the log back into the file, is most of the time of a
   * transaction, and the main loop answers meanwhile. Other statements wait for the connection until it is through.
   */
  async commitTransaction(): Promise<void> {
    await AsyncDatabase.prototype.exec.call(this.#database, 'commit');
    this.#turns.transaction(false);
  }

  /** A full disk and the like have rolled back already: https://www.sqlite.org/lang_transaction.html, "Response to errors". */
  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    try {
      await connection.executeQuery(CompiledQuery.raw('rollback'));
    } catch (error) {
      if (!(error instanceof Error) || !error.message.includes('no transaction is active')) throw error;
    } finally {
      this.#turns.transaction(false);
    }
  }

  async destroy(): Promise<void> {
    this.#database.close();
  }
}

const STATEMENT_CACHE = 200;

interface Prepared {
  readonly statement: Database.Statement;
  /** It gives rows. */
  readonly reader: boolean;
}

class SqliteConnection implements DatabaseConnection {
  readonly #database: Database.Database;
  readonly #turns: Turns;
  readonly #statements = new Map<string, Prepared>();

  constructor(
    database: Database.Database,
    turns: Turns,
    private readonly changed: Changed,
  ) {
    this.#database = database;
    this.#turns = turns;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const { statement, reader } = this.#prepared(query.sql);
    if (reader) return { rows: statement.all([...query.parameters]) as Row[] };
    await this.#turns.untilMayWrite();
    const { changes, lastInsertRowid } = statement.run([...query.parameters]);
    if (changes > 0) this.changed(query.sql, changes);
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
  }

  async *streamQuery<Row>(query: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    for (const row of this.#database.prepare(query.sql).iterate([...query.parameters])) yield { rows: [row as Row] };
  }

  #prepared(sql: string): Prepared {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    if (this.#statements.size >= STATEMENT_CACHE) this.#statements.clear();
    const statement = this.#database.prepare(sql);
    const prepared = { statement, reader: statement.reader };
    this.#statements.set(sql, prepared);
    return prepared;
  }
}
