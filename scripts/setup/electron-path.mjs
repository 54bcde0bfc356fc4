import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setupState } from '../paths.mjs';

/** Where set-up notes the runtime that it supplied. */
export const runtimeRecord = path.join(setupState, 'electron.json');

/**
 * The runtime that `npm run setup` (and start, test, demo) supplied.
 * @returns {{ path: string, kind: 'official' | 'stand-in' | 'override', electron: string }}
 */
export function electronRuntime() {
  if (existsSync(runtimeRecord)) {
    const record = JSON.parse(readFileSync(runtimeRecord, 'utf8'));
    if (existsSync(record.path)) return record;
  }
  throw new Error('No Electron runtime is set up here. Run `npm run setup` first.');
}

/** The Electron executable, for Playwright's `executablePath`. */
export function electronPath() {
  return electronRuntime().path;
}
