/** What an import lays aside while it writes is there again afterwards, whatever came of it. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { importDataset } from '../../../electron/services/data-import';
import { openStore } from '../../../electron/store/store';
import { TEMPORARY } from '../../temporary';

const FIXTURE = new URL('../../fixtures/datasets/edge/', import.meta.url).pathname;

let folder = '';
let storePath = '';
let ids = 0;

beforeEach(async () => {
  folder = await mkdtemp(join(TEMPORARY, 'coffer-import-'));
  storePath = join(folder, 'coffer.db');
  await cp(FIXTURE, join(folder, 'data'), { recursive: true });
  await openStore(storePath).close();
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function read<Row>(sql: string): Promise<Row[]> {
  const store = openStore(storePath, { check: false });
  try {
    return [...store.iterate<Row>(sql)];
  } finally {
    await store.close();
  }
}

const schema = () => read('SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name');
const runImport = () =>
  importDataset(storePath, join(folder, 'data'), {
    requireStripe: false,
    actor: 'Test',
    now: () => new Date('2026-11-02T09:00:00Z'),
    newId: () => `import-${++ids}`,
  });

describe('Tables, indexes and triggers are the same as before', () => {
  test('after an import, after the same once more, and after one into books with a locked month', async () => {
    const before = await schema();
    expect((await runImport()).imported).toBe(true);
    expect(await schema()).toEqual(before);
    expect((await runImport()).imported).toBe(true);
    expect(await schema()).toEqual(before);
    const lock = openStore(storePath, { check: false });
    lock.exec(`INSERT INTO period_lock VALUES ('2026-10', 'hash', 1, 1, '2026-11-01', 'Test')`);
    await lock.close();
    expect((await runImport()).imported).toBe(true);
    expect(await schema()).toEqual(before);
  });

  test('after one that was refused for what is in the files, and nothing of it is there', async () => {
    const before = await schema();
    await writeFile(join(folder, 'data', 'opening.csv'), 'creator_id,currency,owed_minor\nnobody,usd,1\n');
    const result = await runImport();
    expect(result).toMatchObject({ imported: false, problems: { count: 1 } });
    expect(await schema()).toEqual(before);
    expect(
      await read('SELECT 1 FROM subscriber UNION ALL SELECT 1 FROM payment UNION ALL SELECT 1 FROM allocation'),
    ).toEqual([]);
  });

  test('after one that was broken off', async () => {
    const before = await schema();
    await expect(
      importDataset(storePath, join(folder, 'data'), {
        requireStripe: false,
        actor: 'Test',
        now: () => {
          throw new Error('broken off');
        },
        newId: () => 'import',
      }),
    ).rejects.toThrow('broken off');
    expect(await schema()).toEqual(before);
    expect(await read('SELECT 1 FROM payment')).toEqual([]);
  });
});

test('a file that is missing is the only problem: what refers to its rows is not written, and so not refused', async () => {
  await rm(join(folder, 'data', 'subscribers.csv'));
  const result = await runImport();
  expect(result.imported).toBe(false);
  expect(result.problems.all.map(({ file, line }) => `${file}:${line}`)).toEqual(['subscribers.csv:0']);
  expect(result).toMatchObject({ problems: { count: 1 } });
});

test('rows that the store does not take are no fault of the file: the error is thrown', async () => {
  const store = openStore(storePath, { check: false });
  store.exec(`CREATE TRIGGER full_disk BEFORE INSERT ON creator BEGIN SELECT RAISE(ABORT, 'no room'); END`);
  await store.close();
  await expect(runImport()).rejects.toThrow('no room');
  expect(await read('SELECT creator_id FROM creator UNION ALL SELECT import_id FROM data_import')).toEqual([]);
});

test('a month that is locked after an import takes no row', async () => {
  await runImport();
  const store = openStore(storePath, { check: false });
  store.exec(`INSERT INTO period_lock VALUES ('2026-10', 'hash', 1, 1, '2026-11-01', 'Test')`);
  expect(() => store.exec(`UPDATE allocation SET amount = 1 WHERE period = '2026-10'`)).toThrow('the month is locked');
  expect(() => store.exec(`DELETE FROM payment WHERE period = '2026-10'`)).toThrow('the month is locked');
  await store.close();
});

test('rows of a locked month are noted in the order of the file, wherever in it they stand, and only when they say anything new', async () => {
  const head = 'payment_id,subscriber_id,period,currency,amount_minor,refunded_minor,status,paid_at\n';
  const subscriber = (await readFile(join(folder, 'data', 'subscribers.csv'), 'utf8')).split('\n')[1]?.split(',')[0];
  const changed = [0, 998, 999, 1_000, 1_001, 2_000, 2_499];
  const put = (amount: (index: number) => number, period: (index: number) => string) =>
    writeFile(
      join(folder, 'data', 'payments.csv'),
      head +
        Array.from({ length: 2_500 }, (_, index) => 2_499 - index)
          .map(
            (index) =>
              `p${index},${subscriber},${period(index)},usd,${amount(index)},0,succeeded,2026-10-03T10:00:00Z\n`,
          )
          .join(''),
    );
  await put(
    () => 100,
    () => '2026-10',
  );
  await runImport();
  const lock = openStore(storePath, { check: false });
  lock.exec(`INSERT INTO period_lock VALUES ('2026-10', 'hash', 1, 1, '2026-11-01', 'Test')`);
  await lock.close();
  await put(
    (index) => (changed.includes(index) ? 150 : 100),
    // The one in the middle claims to be of another month: it stays in the one it was in.
    (index) => (index === 1_000 ? '2026-11' : '2026-10'),
  );
  expect((await runImport()).lateRows).toBe(changed.length);
  expect((await runImport()).lateRows).toBe(0);
  expect(await read('SELECT row_id, period, change FROM late_row ORDER BY late_id')).toEqual(
    changed.toReversed().map((index) => ({ row_id: `p${index}`, period: '2026-10', change: 50n })),
  );
  expect(await read(`SELECT count(*) AS n FROM payment WHERE amount = 100 AND period = '2026-10'`)).toEqual([
    { n: 2_500n },
  ]);
});
