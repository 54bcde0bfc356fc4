/**
 * Reads a dataset from a PostgreSQL database: one snapshot (`REPEATABLE READ READ ONLY`), each file by its own query, written as the
 * files of a dataset directory. From there on it is imported like any other, and stays as the evidence of what was read.
 * A query that writes is refused by the server. Only a server on this machine is spoken to without TLS.
 */

import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import { Client, DatabaseError } from 'pg';
import Cursor from 'pg-cursor';
import {
  DATASET_FILES,
  type DatasetFile,
  type PostgresSource,
  type PostgresTest,
} from '../../../shared/contract/data-source';
import type { SettingsView } from '../../../shared/contract/settings';
import { CofferError } from '../../../shared/domain/coffer-error';
import type { Period } from '../../../shared/period/period';

const CONNECT_MS = 10_000;
/** One query; a million allocations take seconds. */
const STATEMENT_MS = 10 * 60_000;

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Connects, asks who it is, and disconnects. Throws `CofferError`. */
export function testPostgres(source: PostgresSource, password: string): Promise<PostgresTest> {
  return connected(source, password, async (client) => {
    const { rows } = await client.query<{ version: string; encrypted: boolean; can_write: boolean }>(
      `SELECT current_setting('server_version') AS version,
         COALESCE((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS encrypted,
         (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
           OR EXISTS (
             SELECT FROM information_schema.table_privileges
             WHERE grantee IN (SELECT rolname FROM pg_roles WHERE pg_has_role(current_user, oid, 'USAGE'))
               AND privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')
               AND table_schema NOT IN ('pg_catalog', 'information_schema')
           ) AS can_write`,
    );
    const [row] = rows;
    if (row === undefined) throw new Error('PostgreSQL answered nothing');
    return { server: `PostgreSQL ${row.version}`, encrypted: row.encrypted, canWrite: row.can_write };
  });
}

/**
 * Writes the dataset of a month to `directory`, which must not exist yet and is complete when it does. Throws `CofferError` and leaves
 * nothing behind when anything fails.
 */
export async function readPostgres(
  source: PostgresSource,
  password: string,
  period: Period,
  settings: Pick<SettingsView, 'feeBps' | 'payoutMinimum' | 'fundingBasis' | 'rail'>,
  directory: string,
): Promise<void> {
  const unfinished = `${directory}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  try {
    await connected(source, password, async (client) => {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      await client.query(
        `SELECT set_config('coffer.period', $1, true), set_config('statement_timeout', $2, true),
        set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO, YMD', true)`,
        [period, String(STATEMENT_MS)],
      );
      for (const file of DATASET_FILES) await copyFile(client, file, source.queries[file], unfinished);
      await client.query('COMMIT');
    });
    await writeFile(`${unfinished}/policy.json`, policyText(period, settings), { mode: 0o600 });
    await rename(unfinished, directory);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
}

/** The policy stays Coffer's: what is read from the database are rows only. */
function policyText(period: Period, settings: Parameters<typeof readPostgres>[3]): string {
  const minimum = Object.fromEntries(
    Object.entries(settings.payoutMinimum).map(([code, text]) => [code, Number(text)]),
  );
  return `${JSON.stringify(
    {
      period,
      fee_bps: settings.feeBps,
      payout_minimum_minor: minimum,
      funding_basis: settings.fundingBasis,
      rail: settings.rail,
    },
    null,
    2,
  )}\n`;
}

async function copyFile(client: Client, file: DatasetFile, query: string, directory: string): Promise<void> {
  try {
    await pipeline(
      rowsOf(client, query.trim().replace(/;\s*$/, '')),
      stringify({ record_delimiter: '\n' }),
      createWriteStream(`${directory}/${file}.csv`, { mode: 0o600 }),
    );
  } catch (error) {
    throw inWords(error, `The query for ${file}.csv`);
  }
}

const ROWS_AT_ONCE = 2_000;

/** The names of the columns, then the rows, by a cursor: PostgreSQL's extended protocol takes exactly one statement. */
async function* rowsOf(client: Client, query: string): AsyncGenerator<readonly (string | null)[]> {
  const cursor = client.query(new Cursor(query, [], { rowMode: 'array', types: AS_TEXT }));
  try {
    for (let first = true; ; first = false) {
      const { rows, columns } = await nextRows(cursor);
      if (first) yield columns;
      yield* rows;
      if (rows.length < ROWS_AT_ONCE) return;
    }
  } finally {
    await cursor.close().catch(() => undefined);
  }
}

function nextRows(cursor: Cursor): Promise<{ rows: (string | null)[][]; columns: string[] }> {
  return new Promise((resolve, reject) => {
    cursor.read(ROWS_AT_ONCE, (error: Error | null | undefined, rows, result) => {
      if (error) reject(error);
      else resolve({ rows, columns: result.fields.map((field) => field.name) });
    });
  });
}

const TIMESTAMP = 1114;
const TIMESTAMPTZ = 1184;
/** Everything as PostgreSQL writes it (the time zone is UTC), times as ISO 8601. */
const AS_TEXT = {
  getTypeParser: (type: number) => (text: string) =>
    type === TIMESTAMPTZ || type === TIMESTAMP ? text.replace(' ', 'T').replace(/(\+00)?$/, 'Z') : text,
};

async function connected<T>(
  source: PostgresSource,
  password: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const { host, port, database, user, caFile } = source;
  const client = new Client({
    host,
    port,
    database,
    user,
    password,
    ssl: isLoopback(host)
      ? false
      : { rejectUnauthorized: true, ...(caFile === null ? {} : { ca: await authority(caFile) }) },
    connectionTimeoutMillis: CONNECT_MS,
    application_name: 'Coffer',
    options: '-c default_transaction_read_only=on',
  });
  // A connection that breaks while nothing is asked is told by the next query.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    throw inWords(error, 'The database');
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function authority(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    throw new CofferError('postgres-ca', `${file} cannot be read.`, 'Choose the PEM file of the authority again.');
  }
}

/** By SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const WORDS: Readonly<Record<string, readonly [string, string]>> = {
  '28P01': ['was refused: the password is wrong.', 'Enter the password again.'],
  '28000': [
    'was refused: this user may not connect from here.',
    'Ask for an entry in pg_hba.conf for this user and machine.',
  ],
  '3D000': ['does not exist under this name.', 'Compare the name of the database.'],
  '42501': ['was refused: the user may not read it.', 'Ask for GRANT SELECT for this user.'],
  '42P01': ['names a table or view that does not exist.', 'Compare the query with the database.'],
  '42703': ['names a column that does not exist.', 'Compare the query with the database.'],
  '42601': ['is not valid SQL.', 'Correct the query. Each must be one SELECT.'],
  '25006': ['tried to write. Coffer only reads.', 'Each query must be one SELECT.'],
  '57014': ['took too long and was ended.', 'Make the query faster, or read a materialized view.'],
  '53300': ['has no free connection.', 'Try again later.'],
  '57P03': ['is starting or stopping.', 'Try again in a moment.'],
};

const NETWORK: Readonly<Record<string, readonly [string, string]>> = {
  ECONNREFUSED: ['does not answer at this address.', 'Compare host and port, and whether the server runs.'],
  ENOTFOUND: ['has an address that is not known.', 'Compare the host.'],
  ETIMEDOUT: ['does not answer in time.', 'Check the network, a VPN or a firewall.'],
  ECONNRESET: ['broke the connection off.', 'Try again.'],
};

function inWords(error: unknown, subject: string): unknown {
  if (error instanceof CofferError || !(error instanceof Error)) return error;
  const code = 'code' in error ? String(error.code) : '';
  const known = WORDS[code] ?? NETWORK[code];
  const said = error instanceof DatabaseError ? ` PostgreSQL says: ${error.message}.` : '';
  if (known !== undefined)
    return new CofferError(`postgres-${code.toLowerCase()}`, `${subject} ${known[0]}${said}`, known[1]);
  if (/certificate|self.signed|altname|SSL|TLS/i.test(error.message)) {
    return new CofferError(
      'postgres-tls',
      `${subject} cannot be reached safely: ${error.message}.`,
      'The server needs TLS with a certificate that this machine trusts; choose the file of its authority.',
    );
  }
  if (/timeout/i.test(error.message)) {
    return new CofferError(
      'postgres-timeout',
      `${subject} does not answer in time.`,
      'Check the network, a VPN or a firewall.',
    );
  }
  if (error instanceof DatabaseError || /terminated|closed/i.test(error.message)) {
    return new CofferError('postgres-refused', `${subject} could not be read.${said}`, 'Ask who runs the database.');
  }
  return error;
}
