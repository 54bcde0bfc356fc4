/** Files that are whole or not there: written under another name, flushed to the disk, then renamed. */
import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export function flushFile(path: string): void {
  const file = openSync(path, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** A rename is on disk only once its folder is. Windows has no such call and does not need it. */
export function flushFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

export function renameDurably(from: string, to: string): void {
  renameSync(from, to);
  flushFolder(dirname(to));
}

export function writeDurably(path: string, content: string): void {
  const unfinished = `${path}.tmp`;
  writeFileSync(unfinished, content, { mode: 0o600 });
  flushFile(unfinished);
  renameDurably(unfinished, path);
}

const CHUNK = 1 << 20;

/** SHA-256 of a file in lower-case hex, read in pieces. */
export function fileHash(path: string): string {
  const hash = createHash('sha256');
  const buffer = Buffer.alloc(CHUNK);
  const file = openSync(path, 'r');
  try {
    for (let read = readSync(file, buffer); read > 0; read = readSync(file, buffer)) {
      hash.update(buffer.subarray(0, read));
    }
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}
