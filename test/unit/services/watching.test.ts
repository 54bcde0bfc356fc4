import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { OpenBooks } from '../../../electron/main/services/open-books';
import { WatchedFolder } from '../../../electron/main/services/watched-folder';
import { RunGuard } from '../../../electron/services/context';
import { SUMS } from '../../../electron/services/data-source/watched-folder';
import { writeSetting } from '../../../electron/services/settings';
import { openStore } from '../../../electron/store/store';

const NAMES = ['creators.csv', 'subscribers.csv', 'payments.csv', 'allocations.csv', 'opening.csv', 'policy.json'];
const sumOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const list = (name: string): string => NAMES.map((file) => `${sumOf(`${name} ${file}`)}  ${file}\n`).join('');

async function written(folder: string, name: string): Promise<void> {
  await mkdir(join(folder, name));
  for (const file of NAMES) await writeFile(join(folder, name, file), `${name} ${file}`);
  await writeFile(join(folder, name, SUMS), list(name));
}

test('an export that still lies in the folder is never imported again, however many came after it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'coffer-watching-'));
  const store = openStore(':memory:');
  const imported: string[] = [];
  const report = { counts: { payments: 1, allocations: 1 }, problems: [], problemCount: 0 };
  const books = {
    platform: () => ({ store, context: { now: () => new Date('2026-11-01T00:00:00Z') }, connect: async () => true }),
    guard: new RunGuard(),
    importDataset: async (directory: string) => {
      imported.push(directory);
      return { report, imported: true };
    },
    surroundings: {
      notify: { runFinished: () => {} },
      log: { error: (...said: unknown[]) => expect(said).toEqual([]) },
    },
    publish: () => {},
    afterMoving: () => {},
  };
  const note = (name: string) => ({
    name,
    at: '2026-01-01T00:00:00.000Z',
    state: 'imported',
    detail: '',
    sums: sumOf(list(name)),
  });
  await written(folder, 'oldest');
  const later = Array.from({ length: 600 }, (_, index) => note(`export ${index}`));
  await writeSetting(store.db, 'watched-folder', { directory: folder, handled: [...later, note('oldest')] });

  const looked = async (name: string): Promise<void> => {
    await written(folder, name);
    const watched = new WatchedFolder(books as unknown as OpenBooks);
    await watched.resume();
    await expect.poll(() => imported, { timeout: 8_000 }).toContain(join(folder, name));
    await watched.close();
  };
  await looked('new');
  await looked('newer');
  expect(imported).toEqual([join(folder, 'new'), join(folder, 'newer')]);
  await store.close();
  await rm(folder, { recursive: true });
});
