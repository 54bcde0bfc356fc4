/** A month read from a real PostgreSQL server: the same rows, one snapshot, nothing written there, refusals in words. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { previewDataset } from '../../../electron/services/data-import';
import { readPostgres, testPostgres } from '../../../electron/services/data-source/postgres';
import { SUGGESTED_QUERIES } from '../../../electron/services/data-source/source';
import { DEFAULT_SETTINGS } from '../../../electron/services/settings';
import type { PostgresSource } from '../../../shared/contract/data-source';
import { CofferError } from '../../../shared/domain/coffer-error';
import { period } from '../../../shared/period/period';
import { type Cluster, OWNER, startCluster } from './cluster';

let cluster: Cluster;
let folder: string;
let reads = 0;

const READER = { user: 'coffer_reader', password: 'read-only' };
const october = period('2026-10');

const SCHEMA = `
  CREATE SCHEMA coffer;
  CREATE TABLE coffer.creators (creator_id text, display_name text, email text, stripe_account text, hold_reason text);
  CREATE TABLE coffer.subscribers (subscriber_id text, display_name text);
  CREATE TABLE coffer.payments (payment_id text, subscriber_id text, period text, currency text, amount_minor bigint,
    refunded_minor bigint, status text, paid_at timestamptz);
  CREATE TABLE coffer.allocations (allocation_id text, subscriber_id text, creator_id text, period text, currency text,
    amount_minor bigint, status text, updated_at timestamp);
  CREATE TABLE coffer.opening (creator_id text, currency text, owed_minor bigint);
  INSERT INTO coffer.creators VALUES ('c1', E'Zo\\u00eb "Z", GmbH\\n=1+1', 'zoe@example.com', 'acct_c1', NULL),
    ('c2', 'Bo', 'bo@example.com', NULL, 'dispute open');
  INSERT INTO coffer.subscribers VALUES ('s1', 'Sam');
  INSERT INTO coffer.payments VALUES
    ('p1', 's1', '2026-10', 'usd', 10000, 0, 'succeeded', '2026-10-03 12:00:00+02'),
    ('p0', 's1', '2026-09', 'usd', 9900, 0, 'succeeded', '2026-09-03 12:00:00+02');
  INSERT INTO coffer.allocations VALUES
    ('a1', 's1', 'c1', '2026-10', 'usd', 7000, 'active', '2026-10-04 08:30:00.25'),
    ('a0', 's1', 'c1', '2026-09', 'usd', 100, 'active', '2026-09-04 08:30:00');
  INSERT INTO coffer.opening VALUES ('c1', 'usd', 500);
  CREATE ROLE ${READER.user} LOGIN PASSWORD '${READER.password}';
  GRANT USAGE ON SCHEMA coffer TO ${READER.user};
  GRANT SELECT ON ALL TABLES IN SCHEMA coffer TO ${READER.user};
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coffer-source-'));
  cluster = await startCluster();
  await cluster.sql(SCHEMA);
});

afterAll(async () => {
  await cluster.stop();
  await rm(folder, { recursive: true, force: true });
});

function source(changes: Partial<PostgresSource> = {}): PostgresSource {
  return {
    host: '127.0.0.1',
    port: cluster.port,
    database: 'postgres',
    user: READER.user,
    caFile: null,
    queries: SUGGESTED_QUERIES,
    ...changes,
  };
}

async function read(changes: Partial<PostgresSource> = {}, password = READER.password): Promise<string> {
  reads += 1;
  const directory = join(folder, `read-${reads}`);
  await readPostgres(source(changes), password, october, DEFAULT_SETTINGS, directory);
  return directory;
}

async function refusal(work: Promise<unknown>): Promise<CofferError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof CofferError)) throw new Error(`It was not refused: ${String(error)}`);
  return error;
}

test('the month as a dataset that passes the same checks as a folder', async () => {
  const directory = await read();
  const report = await previewDataset(directory, false);
  expect(report.problems.all).toEqual([]);
  expect(report.counts).toEqual({ creators: 2, subscribers: 1, payments: 1, allocations: 1, openings: 1 });
  expect(report.policy?.period).toBe('2026-10');
  expect(report.policy?.feeBps).toBe(DEFAULT_SETTINGS.feeBps);
  expect(await readFile(join(directory, 'payments.csv'), 'utf8')).toBe(
    'payment_id,subscriber_id,period,currency,amount_minor,refunded_minor,status,paid_at\n' +
      'p1,s1,2026-10,usd,10000,0,succeeded,2026-10-03T10:00:00Z\n',
  );
  expect(await readFile(join(directory, 'allocations.csv'), 'utf8')).toContain('2026-10-04T08:30:00.25Z');
  expect(await readFile(join(directory, 'creators.csv'), 'utf8')).toContain('"Zoë ""Z"", GmbH\n=1+1"');
});

test('a query without rows still has its columns', async () => {
  const directory = await read({
    queries: { ...SUGGESTED_QUERIES, opening: `${SUGGESTED_QUERIES.opening} WHERE false;` },
  });
  expect(await readFile(join(directory, 'opening.csv'), 'utf8')).toBe('creator_id,currency,owed_minor\n');
  expect((await previewDataset(directory, false)).problems.count).toBe(0);
});

test('more rows than one batch', async () => {
  const rows = `SELECT 's' || n AS subscriber_id, 'Name ' || n AS display_name FROM generate_series(1, 4000) AS n`;
  const text = await readFile(
    join(await read({ queries: { ...SUGGESTED_QUERIES, subscribers: rows } }), 'subscribers.csv'),
    'utf8',
  );
  expect(text.trimEnd().split('\n')).toHaveLength(4_001);
  expect(text).toContain('s4000,Name 4000');
});

test('all files are of one moment, whatever is written meanwhile', async () => {
  // The first query waits; meanwhile a payment and its allocation arrive.
  const slow = `${SUGGESTED_QUERIES.creators} WHERE pg_sleep(1.2) IS NOT NULL`;
  const reading = read({ queries: { ...SUGGESTED_QUERIES, creators: slow } });
  await new Promise((resolve) => setTimeout(resolve, 600));
  await cluster.sql(`INSERT INTO coffer.payments VALUES ('p2', 's1', '2026-10', 'usd', 1, 0, 'succeeded', now())`);
  const text = await readFile(join(await reading, 'payments.csv'), 'utf8');
  await cluster.sql(`DELETE FROM coffer.payments WHERE payment_id = 'p2'`);
  expect(text).toContain('p1');
  expect(text).not.toContain('p2');
});

test('says who it is and whether it could write', async () => {
  expect(await testPostgres(source(), READER.password)).toEqual({
    server: expect.stringMatching(/^PostgreSQL \d+/),
    encrypted: false,
    canWrite: false,
  });
  const owner = await testPostgres(source({ user: OWNER.user }), OWNER.password);
  expect(owner.canWrite).toBe(true);
});

test('a query that writes is refused, even for the owner of the data', async () => {
  const writing = {
    ...SUGGESTED_QUERIES,
    opening: `DELETE FROM coffer.opening RETURNING creator_id, currency, owed_minor`,
  };
  const error = await refusal(read({ user: OWNER.user, queries: writing }, OWNER.password));
  expect(error.code).toBe('postgres-25006');
  const two = { ...SUGGESTED_QUERIES, opening: `SELECT 1; DELETE FROM coffer.opening` };
  expect((await refusal(read({ user: OWNER.user, queries: two }, OWNER.password))).code).toBe('postgres-42601');
  const switched = { ...SUGGESTED_QUERIES, opening: `SELECT set_config('transaction_read_only', 'off', false)` };
  expect(await refusal(read({ user: OWNER.user, queries: switched }, OWNER.password))).toBeInstanceOf(CofferError);
  expect((await read().then((directory) => readFile(join(directory, 'opening.csv'), 'utf8'))).trimEnd()).toContain(
    'c1,usd,500',
  );
});

test.each([
  ['a wrong password', {}, 'not-this-one', 'postgres-28p01'],
  ['a database that is not there', { database: 'nowhere' }, READER.password, 'postgres-3d000'],
  [
    'a table that is not there',
    { queries: { ...SUGGESTED_QUERIES, opening: 'SELECT * FROM nothing' } },
    READER.password,
    'postgres-42p01',
  ],
  [
    'a table that may not be read',
    { queries: { ...SUGGESTED_QUERIES, opening: 'SELECT * FROM pg_authid' } },
    READER.password,
    'postgres-42501',
  ],
  ['no SQL', { queries: { ...SUGGESTED_QUERIES, opening: 'give me the opening' } }, READER.password, 'postgres-42601'],
  ['nobody at the port', { port: 1 }, READER.password, 'postgres-econnrefused'],
] as const)('%s is told in words, and nothing is left behind', async (_title, changes, password, code) => {
  const before = await readdir(folder);
  const error = await refusal(read(changes, password));
  expect(error.code).toBe(code);
  expect(error.message).not.toContain(password);
  expect(error.hint).not.toBe('');
  expect(await readdir(folder)).toEqual(before);
});

/** This machine by a name that does not say so: spoken to as if it were elsewhere. */
const ELSEWHERE = '::ffff:127.0.0.1';

test('a server elsewhere must prove itself: no password goes to one without TLS, or to one that nobody vouches for', async () => {
  expect((await refusal(testPostgres(source({ host: ELSEWHERE }), READER.password))).code).toBe('postgres-tls');

  const caFile = await cluster.encrypt(ELSEWHERE);
  const unknown = await refusal(testPostgres(source({ host: ELSEWHERE }), READER.password));
  expect(unknown.code).toBe('postgres-tls');
  const missing = await refusal(
    testPostgres(source({ host: ELSEWHERE, caFile: join(folder, 'no.pem') }), READER.password),
  );
  expect(missing.code).toBe('postgres-ca');
  expect((await testPostgres(source({ host: ELSEWHERE, caFile }), READER.password)).encrypted).toBe(true);
});
