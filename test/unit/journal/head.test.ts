/** Rule: books that lost what was noted beside them are recognised, though the file is whole in itself. docs/backup.md. */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { appendAudit } from '../../../electron/journal/audit-chain';
import { isOlderThanNoted, noteHead } from '../../../electron/journal/head';
import { readHeadNote, writeHeadNote } from '../../../electron/store/head-note';
import { openStore, type Store } from '../../../electron/store/store';
import { TEMPORARY } from '../../temporary';

vi.mock('../../../electron/store/head-note', { spy: true });

let path: string;
let store: Store;

beforeEach(() => {
  const folder = mkdtempSync(join(TEMPORARY, 'coffer-head-'));
  path = join(folder, 'books.db');
  store = openStore(path);
  // Opening looks for a note, too.
  vi.clearAllMocks();
  onTestFinished(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });
});

async function append(subject: string, to: Store = store): Promise<void> {
  const at = new Date('2026-11-02T09:00:00.000Z');
  await to.transaction((tx) => appendAudit(tx, { at, actor: 'Mara', action: 'noted', subject, payload: {} }));
}

function lastEvent() {
  return store.db
    .selectFrom('audit_event')
    .select(['seq', 'hash', 'at'])
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
}

/** Puts the file back as it was before `work`; the note beside it stays. */
async function losing(work: () => Promise<void>): Promise<void> {
  await store.close();
  copyFileSync(path, `${path}.before`);
  store = openStore(path);
  await work();
  await store.close();
  copyFileSync(`${path}.before`, path);
  store = openStore(path);
}

test('what is noted is the last event: number, hash and time', async () => {
  await append('a');
  await append('b');
  await noteHead(store);
  const { hash, at } = await lastEvent();
  expect(readHeadNote(path)).toEqual({ seq: 2, hash, at });
});

test('a later event takes the place of the one that was noted', async () => {
  await append('a');
  await noteHead(store);
  await append('b');
  await noteHead(store);
  expect(readHeadNote(path)).toMatchObject({ seq: 2, hash: (await lastEvent()).hash });
});

test('a note that stands is not written again: it would cost a wait for the disk', async () => {
  await append('a');
  await noteHead(store);
  await noteHead(store);
  expect(writeHeadNote).toHaveBeenCalledTimes(1);
});

test('new books without an event have nothing to note, and are not older than nothing', async () => {
  await noteHead(store);
  expect(existsSync(`${path}.head.json`)).toBe(false);
  expect(await isOlderThanNoted(store)).toBe(false);
});

test('books that hold the noted event are not older, also when they hold later ones', async () => {
  await append('a');
  await noteHead(store);
  expect(await isOlderThanNoted(store)).toBe(false);
  await append('b');
  expect(await isOlderThanNoted(store)).toBe(false);
});

test('books that lost the noted event are older', async () => {
  await append('a');
  await losing(async () => {
    await append('b');
    await noteHead(store);
  });
  expect(await isOlderThanNoted(store)).toBe(true);
});

test('books that lost it and have another event of that number since are older too', async () => {
  await append('a');
  await losing(async () => {
    await append('b');
    await noteHead(store);
  });
  await append('something else');
  expect((await lastEvent()).seq).toBe(2n);
  expect(await isOlderThanNoted(store)).toBe(true);
});

test('books in memory have no note, and none is looked for', async () => {
  const memory = openStore(':memory:');
  await append('a', memory);
  await noteHead(memory);
  expect(await isOlderThanNoted(memory)).toBe(false);
  expect(readHeadNote).not.toHaveBeenCalled();
  expect(writeHeadNote).not.toHaveBeenCalled();
  await memory.close();
});
