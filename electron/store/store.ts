/**
 * Opens the one database of a mode: checks what it is, brings its schema up to date after a backup, asserts every pragma.
 * The only folder that imports the SQLite driver.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Kysely, type Transaction } from 'kysely';
import Database from 'libsql';
import { CofferError } from '../../shared/domain/coffer-error';
import { APPLICATION_ID, MIGRATIONS, type Schema } from './schema';
import { createSqliteDialect } from './sqlite-dialect';

/** A query runner: the store itself or a transaction on it. */
export type Queries = Kysely<Schema> | Transaction<Schema>;

/** Inserts or replaces many rows fast, inside one transaction that the caller commits or rolls back. */
export interface BulkStatement {
  run(...values: (string | bigint | number | null)[]): { readonly changes: number };
}

export interface Store {
  readonly path: string;
  readonly db: Kysely<Schema>;
  /** Runs `work` in one write transaction, durable when the promise resolves. */
  transaction<T>(work: (tx: Transaction<Schema>) => Promise<T>): Promise<T>;
  /** Prepared statements for bulk loading; only on a store that nobody else in this process uses meanwhile. */
  prepare(sql: string): BulkStatement;
  /** Streams rows without holding them all. Only on a store nobody else in this process writes to meanwhile. */
  iterate<Row>(sql: string, ...parameters: (string | bigint | number | null)[]): IterableIterator<Row>;
  exec(sql: string): void;
  /** A text that differs after any change of the database, by this connection or another. */
  changes(): string;
  /** A consistent copy at `path`, which must not exist yet. */
  backup(path: string): void;
  close(): Promise<void>;
}

const PRAGMAS: readonly (readonly [name: string, value: string, readBack: string])[] = [
  ['journal_mode', 'WAL', 'wal'],
  ['synchronous', 'FULL', '2'],
  ['foreign_keys', 'ON', '1'],
  ['busy_timeout', '15000', '15000'],
  ['trusted_schema', 'OFF', '0'],
  // REPLACE deletes what it replaces: without this it would get around the triggers that refuse DELETE.
  ['recursive_triggers', 'ON', '1'],
];

/** Opens or creates the database. Throws `CofferError` when it is not Coffer's, newer than this program, or damaged. */
export function openStore(path: string, options: { readonly check?: boolean } = {}): Store {
  const isNew = path === ':memory:' || !existsSync(path);
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = open(path);
  try {
    setPragmas(database, path);
    assertOurs(database, isNew);
    migrate(database, path, isNew);
    if (options.check !== false && !isNew) quickCheck(database);
  } catch (error) {
    database.close();
    throw error;
  }
  const db = new Kysely<Schema>({ dialect: createSqliteDialect(database) });
  return {
    path,
    db,
    transaction: (work) => db.transaction().execute(work),
    prepare: (sql) => {
      const statement = database.prepare(sql);
      return { run: (...values) => ({ changes: Number(statement.run(values).changes) }) };
    },
    iterate: <Row>(sql: string, ...parameters: (string | bigint | number | null)[]) =>
      database.prepare(sql).iterate(parameters) as IterableIterator<Row>,
    exec: (sql) => {
      database.exec(sql);
    },
    changes: () => {
      const [own] = database.prepare('SELECT total_changes()').raw().get() as [bigint];
      return `${own} ${readPragma(database, 'data_version')}`;
    },
    backup: (to) => {
      database.prepare('VACUUM INTO ?').run([to]);
    },
    close: () => db.destroy(),
  };
}

function open(path: string): Database.Database {
  try {
    const database = new Database(path);
    database.defaultSafeIntegers(true);
    return database;
  } catch (error) {
    throw new CofferError(
      'store-unreadable',
      `The database ${path} cannot be opened.`,
      `Check that the file is readable and the disk is not full (${reason(error)}).`,
    );
  }
}

function setPragmas(database: Database.Database, path: string): void {
  try {
    for (const [name, value, readBack] of PRAGMAS) {
      database.exec(`PRAGMA ${name} = ${value}`);
      if (path === ':memory:' && name === 'journal_mode') continue;
      const actual = readPragma(database, name);
      if (actual !== readBack) throw new Error(`pragma ${name} is ${actual}, not ${readBack}`);
    }
  } catch (error) {
    throw new CofferError(
      'store-damaged',
      `The file ${path} is not a database that Coffer can use.`,
      `Restore it from a backup in the folder "backups" beside it (${reason(error)}).`,
    );
  }
}

function readPragma(database: Database.Database, name: string): string {
  const row: unknown = database.prepare(`PRAGMA ${name}`).raw().get();
  return String(Array.isArray(row) ? row[0] : row).toLowerCase();
}

function assertOurs(database: Database.Database, isNew: boolean): void {
  const application = Number(readPragma(database, 'application_id'));
  if (isNew || (application === 0 && Number(readPragma(database, 'user_version')) === 0 && isEmpty(database))) return;
  if (application !== APPLICATION_ID) {
    throw new CofferError('store-foreign', 'This database belongs to another program.', 'Choose another data folder.');
  }
}

function isEmpty(database: Database.Database): boolean {
  return database.prepare('SELECT 1 FROM sqlite_master LIMIT 1').all().length === 0;
}

function migrate(database: Database.Database, path: string, isNew: boolean): void {
  const version = Number(readPragma(database, 'user_version'));
  if (version > MIGRATIONS.length) {
    throw new CofferError(
      'store-newer',
      'This database was written by a newer version of Coffer.',
      'Install the newer version; nothing was changed.',
    );
  }
  if (version === MIGRATIONS.length) return;
  if (!isNew && version > 0) {
    const folder = `${dirname(path)}/backups`;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    database.prepare('VACUUM INTO ?').run([`${folder}/before-schema-${version + 1}-${Date.now()}.db`]);
  }
  for (let next = version; next < MIGRATIONS.length; next++) {
    database.exec('BEGIN IMMEDIATE');
    try {
      database.exec(MIGRATIONS[next] ?? '');
      database.exec(`PRAGMA user_version = ${next + 1}`);
      database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
      database.exec('COMMIT');
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  }
}

function quickCheck(database: Database.Database): void {
  const rows: unknown[] = database.prepare('PRAGMA quick_check(1)').raw().all();
  const first = rows[0];
  const answer = String(Array.isArray(first) ? first[0] : first);
  if (answer !== 'ok') {
    throw new CofferError(
      'store-damaged',
      'The database is damaged.',
      'Restore the latest backup from the folder "backups" beside it; nothing was changed.',
    );
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
