/** What `npm run package` left in dist/, as the tests look at it. */
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { output, unpacked } from '../../scripts/package/places.mjs';

export const root = path.resolve(import.meta.dirname, '../..');
export const asar = path.join(unpacked, 'resources', 'app.asar');
export const executable = path.join(unpacked, 'coffer');

export interface PackagedFile {
  /** From the folder, with forward slashes. */
  readonly name: string;
  readonly size: number;
  readonly mode: number;
  readonly directory: boolean;
}

export function filesOf(folder: string): PackagedFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => {
    const { size, mode } = statSync(path.join(folder, name));
    return { name, size, mode: mode & 0o7777, directory: (mode & 0o170000) === 0o040000 };
  });
}

/** @returns the one Debian package in dist/ */
export function debFile(): string {
  const [name, ...others] = readdirSync(output).filter((one) => one.endsWith('.deb'));
  if (name === undefined || others.length > 0) throw new Error('There is not exactly one Debian package in dist/');
  return path.join(output, name);
}

export function dpkgDeb(...args: string[]): string {
  return execFileSync('dpkg-deb', args, { encoding: 'utf8', maxBuffer: 32 * 1024 * 1024 });
}
