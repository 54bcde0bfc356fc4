/** Files that are written for a person to keep. */
import { createHash } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WrittenFile } from '../worker/store-jobs';

export interface ExportedFile {
  readonly name: string;
  readonly title: string;
  readonly rows: number;
  readonly content: string;
}

/** Any file that is written for a person to keep. */
export type SavedFile = Omit<ExportedFile, 'content'> & { readonly content: string | Uint8Array };

export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  await writeFile(`${path}.part`, content);
  await rename(`${path}.part`, path);
}

/** Writes files into a folder, each whole or not at all. */
export async function writeFiles(directory: string, files: readonly SavedFile[]): Promise<WrittenFile[]> {
  await mkdir(directory, { recursive: true });
  const written: WrittenFile[] = [];
  for (const file of files) {
    await writeWhole(join(directory, file.name), file.content);
    written.push({
      name: file.name,
      rows: file.rows,
      sha256: createHash('sha256').update(file.content).digest('hex'),
    });
  }
  return written;
}
