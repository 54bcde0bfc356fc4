import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { failureOf } from '../../../electron/main/ipc/failure';
import { finishRestore } from '../../../electron/services/restore';
import { diskFailure } from '../../../electron/store/disk-failure';
import { openStore } from '../../../electron/store/store';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coffer-disk-'));
  path = join(folder, 'coffer.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function subscribers(): Promise<string[]> {
  const store = openStore(path);
  try {
    return (await store.db.selectFrom('subscriber').select('subscriber_id').execute()).map((row) => row.subscriber_id);
  } finally {
    await store.close();
  }
}

async function booksWith(...ids: string[]): Promise<void> {
  const store = openStore(path);
  for (const id of ids) store.exec(`INSERT INTO subscriber VALUES ('${id}', 'x')`);
  await store.close();
}

describe('A full disk', () => {
  test('is said in words, and the transaction that met it is not there', async () => {
    await booksWith('before');
    const store = openStore(path);
    // SQLite's own way to a full disk.
    store.exec('PRAGMA max_page_count = 1');
    const error = await store
      .transaction(async (tx) => {
        await tx.insertInto('subscriber').values({ subscriber_id: 'small', display_name: 'x' }).execute();
        await tx
          .insertInto('subscriber')
          .values({ subscriber_id: 'big', display_name: 'x'.repeat(1 << 20) })
          .execute();
      })
      .then(
        () => null,
        (reason: unknown) => reason,
      );
    expect(failureOf(error, 'test', { error: () => undefined })).toMatchObject({ code: 'disk-full' });
    await store.close();
    expect(await subscribers()).toEqual(['before']);
  });

  test.each([
    ['ENOSPC', 'disk-full'],
    ['EROFS', 'disk-read-only'],
    ['EACCES', 'disk-read-only'],
    ['EIO', 'disk-broken'],
  ])('and the like are known by the code of a file: %s', (code, expected) => {
    expect(diskFailure(Object.assign(new Error('write failed'), { code }))?.code).toBe(expected);
  });

  test('other errors are not the disk’s', () => {
    expect(diskFailure(new Error('UNIQUE constraint failed: payment.payment_id'))).toBeNull();
    expect(diskFailure(Object.assign(new Error('reset'), { code: 'ECONNRESET' }))).toBeNull();
    expect(diskFailure('text')).toBeNull();
  });
});

describe('A restore that was interrupted', () => {
  const stamp = '2026-11-02T09-00-00-000Z';
  const incoming = () => `${path}.restoring-${stamp}`;
  const aside = () => join(folder, 'replaced', stamp);

  /** The restored books, copied beside those of before. */
  async function begun(): Promise<void> {
    await booksWith('restored');
    renameSync(path, incoming());
    await booksWith('before');
  }

  test('before anything was moved aside is dropped: the books are as they were', async () => {
    await begun();
    finishRestore(path);
    expect(await subscribers()).toEqual(['before']);
    expect(readdirSync(folder).filter((name) => name.includes('restoring'))).toEqual([]);
  });

  test('after the books of before were moved aside is completed', async () => {
    await begun();
    mkdirSync(aside(), { recursive: true });
    renameSync(path, join(aside(), 'coffer.db'));
    finishRestore(path);
    expect(await subscribers()).toEqual(['restored']);
    expect(readdirSync(aside())).toContain('coffer.db');
  });

  test('with a WAL of the books of before left behind does not mix the two', async () => {
    await begun();
    mkdirSync(aside(), { recursive: true });
    renameSync(path, join(aside(), 'coffer.db'));
    writeFileSync(`${path}-wal`, 'of the books of before');
    finishRestore(path);
    expect(await subscribers()).toEqual(['restored']);
    expect(readdirSync(aside()).sort()).toEqual(['coffer.db', 'coffer.db-wal']);
  });

  test('whose copy is not whole is dropped: the books of before are back, and no new ones begin', async () => {
    await begun();
    mkdirSync(aside(), { recursive: true });
    renameSync(path, join(aside(), 'coffer.db'));
    writeFileSync(incoming(), 'half a copy');
    finishRestore(path);
    expect(await subscribers()).toEqual(['before']);
    expect(readdirSync(folder).filter((name) => name.includes('restoring'))).toEqual([]);
  });
});
