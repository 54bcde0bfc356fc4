/** Files of the sandbox: Coffer's own datasets, and the books that a fresh start replaces. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { CofferError } from '../../../shared/domain/coffer-error';
import { rebaseDataset, SANDBOX_DATASETS } from '../../services/sandbox-platform';
import type { ServiceSurroundings } from '../service-host';

/** Makes one of Coffer's own datasets, moved to the last full month. Returns its folder. */
export async function sandboxDataset(
  { folder, resources }: Pick<ServiceSurroundings, 'folder' | 'resources'>,
  id: string,
): Promise<string> {
  if (!SANDBOX_DATASETS.some((dataset) => dataset.id === id)) {
    throw new CofferError('dataset-unknown', 'There is no such dataset.', 'Choose one from the list.');
  }
  const target = path.join(folder, 'datasets', id);
  await rm(target, { recursive: true, force: true });
  return rebaseDataset(path.join(resources, 'datasets', id), target, new Date());
}

/** Moves the books of before, which are closed, into a folder of their own. */
export async function archiveBooks(folder: string): Promise<void> {
  if (!existsSync(path.join(folder, 'coffer.db'))) return;
  const archive = path.join(
    folder,
    'archive',
    `${new Date().toISOString().replaceAll(':', '-')}-${randomUUID().slice(0, 4)}`,
  );
  await mkdir(archive, { recursive: true, mode: 0o700 });
  // The backups and checkpoints are of these books: the new ones have none yet.
  const kept = [
    'coffer.db',
    'coffer.db-wal',
    'coffer.db-shm',
    'coffer.db.head.json',
    'checkpoints',
    'backups',
    'replaced',
  ];
  for (const name of kept) {
    const file = path.join(folder, name);
    if (existsSync(file)) await rename(file, path.join(archive, name));
  }
}
