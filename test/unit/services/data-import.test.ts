/** What an import lays aside while it writes is there again afterwards, whatever came of it. */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
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

test('a month that is locked after an import takes no row', async () => {
  await runImport();
  const store = openStore(storePath, { check: false });
  store.exec(`INSERT INTO period_lock VALUES ('2026-10', 'hash', 1, 1, '2026-11-01', 'Test')`);
  expect(() => store.exec(`UPDATE allocation SET amount = 1 WHERE period = '2026-10'`)).toThrow('the month is locked');
  expect(() => store.exec(`DELETE FROM payment WHERE period = '2026-10'`)).toThrow('the month is locked');
  await store.close();
});
