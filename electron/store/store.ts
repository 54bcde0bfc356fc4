/**
 * Opens the one database of a mode: checks what it is, brings its schema up to date after a backup, asserts every pragma.
 * The only folder that imports the SQLite driver.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Kysely, type Transaction } from 'kysely';
import Database from 'libsql';
import { CofferError } from '../../shared/domain/coffer-error';
import { backupFolder, listBackups, makeBackup } from './backup';
import { readHeadNote } from './head-note';
import { type DamageCode, type Finding, inspectDatabase } from './inspect';
import { APPLICATION_ID, MIGRATIONS, OBSERVED_TABLES, type Schema } from './schema';
import { createSqliteDialect, Turns } from './sqlite-dialect';

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
  /**
   * Runs `work`, which writes on a connection of its own, such as a worker's. Whatever is to be written on this one meanwhile, in a
   * transaction or not, waits for its end without holding up the thread; reading goes on. One such work at a time. `work` itself must
   * not write here: it would wait for its own end.
   */
  elsewhere<T>(work: () => Promise<T>): Promise<T>;
  /** Prepared statements for bulk loading; only on a store that nobody else in this process uses meanwhile. */
  prepare(sql: string): BulkStatement;
  /** Streams rows without holding them all. Only on a store nobody else in this process writes to meanwhile. */
  iterate<Row>(sql: string, ...parameters: (string | bigint | number | null)[]): IterableIterator<Row>;
  exec(sql: string): void;
  /**
   * A text that differs after any change of the database, by this connection or another. `books`: this connection's changes of
   * `OBSERVED_TABLES` alone leave it as it is, so that a reading every few minutes does not throw away what is made of the books.
   */
  changes(of?: 'everything' | 'books'): string;
  /** The same at a moment when no transaction is under way here: what another connection reads from then on is of this state or later. */
  state(of?: 'everything' | 'books'): Promise<string>;
  close(): Promise<void>;
}

const PRAGMAS: readonly (readonly [name: string, value: string, readBack: string])[] = [
  ['journal_mode', 'WAL', 'wal'],
  ['synchronous', 'FULL', '2'],
  ['foreign_keys', 'ON', '1'],
  ['busy_timeout', '15000', '15000'],
  // Writing the log back costs two more waits for the disk: every 16 MB, not every 4.
  ['wal_autocheckpoint', '4000', '4000'],
  ['trusted_schema', 'OFF', '0'],
  // REPLACE deletes what it replaces: without this it would get around the triggers that refuse DELETE.
  ['recursive_triggers', 'ON', '1'],
];

export interface OpenOptions {
  /** False: without the look at its structure; for a file that was looked at just now. */
  readonly check?: boolean;
  /** Nothing is written, not even a pragma of the file: for reading a backup. */
  readonly readOnly?: boolean;
}

/** The table that a statement of the query builder writes to. */
const WRITTEN_TABLE = /^(?:insert into|update|delete from) "(\w+)"/;

/**
 * Opens or creates the database. Throws `StoreDamaged` when it is damaged, or empty or gone although there are backups of it, and
 * `CofferError` when it is not Coffer's, newer than this program, or cannot be written to.
 */
export function openStore(path: string, options: OpenOptions = {}): Store {
  const isNew = path === ':memory:' || !existsSync(path);
  if (path !== ':memory:') {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    if (options.check !== false && options.readOnly !== true) assertWhole(path);
  }
  const database = open(path);
  try {
    if (options.readOnly === true) {
      database.exec('PRAGMA query_only = ON');
      database.exec('PRAGMA busy_timeout = 15000');
    } else {
      setPragmas(database, path);
      assertOurs(database, isNew);
      migrate(database, path, isNew);
    }
  } catch (error) {
    database.close();
    throw error;
  }
  let observed = 0n;
  const count = (sql: string, rows: number) => {
    if (OBSERVED_TABLES.includes(WRITTEN_TABLE.exec(sql)?.[1] ?? '')) observed += BigInt(rows);
  };
  const turns = new Turns();
  const db = new Kysely<Schema>({ dialect: createSqliteDialect(database, turns, count) });
  const changes: Store['changes'] = (of = 'everything') => {
    const [own] = database.prepare('SELECT total_changes()').raw().get() as [bigint];
    return `${of === 'books' ? own - observed : own} ${readPragma(database, 'data_version')}`;
  };
  return {
    path,
    db,
    transaction: (work) => db.transaction().execute(work),
    elsewhere: (work) => turns.elsewhere(work),
    prepare: (sql) => {
      const statement = database.prepare(sql);
      return { run: (...values) => ({ changes: Number(statement.run(values).changes) }) };
    },
    iterate: <Row>(sql: string, ...parameters: (string | bigint | number | null)[]) =>
      database.prepare(sql).iterate(parameters) as IterableIterator<Row>,
    exec: (sql) => {
      database.exec(sql);
    },
    changes,
    state: (of) => turns.between(() => changes(of)),
    close: async () => {
      if (options.readOnly !== true && path !== ':memory:') foldWal(database);
      await db.destroy();
    },
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
    if (/readonly|read-only/i.test(reason(error))) {
      throw new CofferError(
        'store-read-only',
        'The books can be read but not written to.',
        `Make the file ${path} and its folder writable for you, then open Coffer again.`,
      );
    }
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
    makeBackup({ storePath: path, reason: 'before-schema', at: new Date() });
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

/**
 * Everything into the one file, and no WAL left behind. The driver lets go of a file only when its statements are collected, some time
 * after the close: until then a WAL would lie beside the file, and stay there when the file is moved.
 */
function foldWal(database: Database.Database): void {
  try {
    database.exec('PRAGMA busy_timeout = 0');
    database.exec('PRAGMA journal_mode = DELETE');
  } catch {
    // Another connection has the store open: that one does it.
  }
}

/** Codes that are about a file that cannot be ours any more, and not about one that is somebody else's. */
const DAMAGE: readonly DamageCode[] = [
  'folder',
  'empty',
  'unreadable',
  'not-a-database',
  'damaged',
  'trial-balance',
  'audit-chain',
];

/** The look at start: what is wrong is told before anything is written. An absent or empty file is a new store, unless it had backups. */
function assertWhole(path: string): void {
  const { findings } = inspectDatabase(path, 'quick');
  const [first] = findings;
  if (first === undefined) return;
  const isNothing = first.code === 'missing' || first.code === 'empty';
  if (isNothing && listBackups(backupFolder(path)).length === 0 && readHeadNote(path) === null) return;
  if (isNothing || DAMAGE.includes(first.code)) throw new StoreDamaged(path, findings);
}

/** The store cannot be used as it is. What to do is on a page of its own: restore a backup, or save what can be read. */
export class StoreDamaged extends CofferError {
  readonly path: string;
  readonly findings: readonly Finding[];

  constructor(path: string, findings: readonly Finding[]) {
    super(
      'store-damaged',
      `The books cannot be opened. ${findings.map((one) => one.message).join(' ')}`,
      `Restore the latest good backup from the folder "backups" beside them; nothing was changed. The file is ${path}.`,
    );
    this.path = path;
    this.findings = findings;
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
