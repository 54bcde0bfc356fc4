/**
 * Exports that appear in a watched folder: each a folder of its own with the files of a dataset and, written last, `SHA256SUMS` in the
 * form of `sha256sum`. It is complete when every file listed is there with that hash; until then it waits. Nothing is written there.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';

export const SUMS = 'SHA256SUMS';
const NEEDED = ['creators.csv', 'subscribers.csv', 'payments.csv', 'allocations.csv', 'opening.csv', 'policy.json'];
const LINE = /^([0-9a-f]{64}) [ *](.+)$/;

export type FoundExport =
  | { readonly name: string; readonly state: 'waiting'; readonly reason: string }
  /** `sums` is the SHA-256 of `SHA256SUMS`: the identity of the content. */
  | { readonly name: string; readonly state: 'complete'; readonly directory: string; readonly sums: string };

/**
 * The exports in a folder, by name; those whose identity is in `known` are left out without reading their files. Throws the error of
 * the file system when the folder itself cannot be read.
 */
export async function findExports(directory: string, known: ReadonlySet<string>): Promise<FoundExport[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const found: FoundExport[] = [];
  for (const entry of entries.sort((a, b) => a.name.localeCompare(b.name))) {
    // A link could lead anywhere.
    if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
    const one = await look(path.join(directory, entry.name), entry.name, known);
    if (one !== null) found.push(one);
  }
  return found;
}

async function look(directory: string, name: string, known: ReadonlySet<string>): Promise<FoundExport | null> {
  const waiting = (reason: string): FoundExport => ({ name, state: 'waiting', reason });
  const text = await readFile(path.join(directory, SUMS), 'utf8').catch(() => null);
  if (text === null) return waiting(`${SUMS} is not there yet`);
  const sums = createHash('sha256').update(text).digest('hex');
  if (known.has(sums)) return null;
  const listed = new Map<string, string>();
  for (const line of text.split(/\r?\n/).filter((one) => one !== '')) {
    const [, hash = '', file = ''] = LINE.exec(line) ?? [];
    if (hash === '' || path.basename(file) !== file) return waiting(`a line of ${SUMS} is not a hash and a file name`);
    listed.set(file, hash);
  }
  const unlisted = NEEDED.filter((file) => !listed.has(file));
  if (unlisted.length > 0) return waiting(`${SUMS} does not list ${unlisted.join(', ')}`);
  for (const [file, hash] of listed) {
    const actual = await hashOf(path.join(directory, file));
    if (actual === null) return waiting(`${file} is not there yet`);
    if (actual !== hash) return waiting(`${file} is not what ${SUMS} says: it is still being written, or was changed`);
  }
  return { name, state: 'complete', directory, sums };
}

async function hashOf(file: string): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(file), hash);
    return hash.digest('hex');
  } catch {
    return null;
  }
}
