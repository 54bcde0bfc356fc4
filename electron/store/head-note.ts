/**
 * A note beside the store of the last event it is known to hold. A file that lost its latest changes (its WAL is gone, or somebody
 * put an older copy in its place) is whole in itself; only this note tells.
 */
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { writeDurably } from './durable-file';

const headNote = z.object({ seq: z.number(), hash: z.string(), at: z.string() });
export type HeadNote = z.infer<typeof headNote>;

function noteFile(storePath: string): string {
  return `${storePath}.head.json`;
}

export function writeHeadNote(storePath: string, head: HeadNote): void {
  writeDurably(noteFile(storePath), `${JSON.stringify(head)}\n`);
}

/** Null when there is none or it cannot be read. */
export function readHeadNote(storePath: string): HeadNote | null {
  const path = noteFile(storePath);
  if (!existsSync(path)) return null;
  try {
    return headNote.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}
