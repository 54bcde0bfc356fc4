/**
 * Rule: with a keychain a key is kept there and nowhere else; without one, or while it is locked, saving is refused with what to do,
 * and a key can be used for this session only. Against a real gnome-keyring, in three lanes. Linux only.
 */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openKeychainSession } from '../../../scripts/setup/keychain-session.mjs';

const PROGRAM = path.join(import.meta.dirname, 'lane-program.ts');
const CANARY = 'rk_test_51LaneCanaryKqXwYz9876543210AbCdEfGh';
type Session = Awaited<ReturnType<typeof openKeychainSession>>;

const here = process.platform === 'linux';

function run(session: Session, task: string): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const args = ['--import', 'tsx', PROGRAM, task, CANARY];
    execFile(process.execPath, args, { env: session.env, timeout: 30_000 }, (_error, stdout, stderr) => {
      const line = stdout.trim().split('\n').at(-1) ?? '';
      if (line === '') reject(new Error(stderr.slice(-2_000)));
      else resolve(JSON.parse(line));
    });
  });
}

/** How many files below the session's home have the key in them, as text in one of two encodings or as base64. */
function plainTextIn(folder: string): string[] {
  const forms = [CANARY, Buffer.from(CANARY).toString('base64').slice(0, 40)];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(folder, name))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile())
    .filter((file) => {
      const bytes = readFileSync(file);
      return forms.some((form) => bytes.includes(form) || bytes.includes(Buffer.from(form, 'utf16le')));
    });
}

describe.skipIf(!here).each(['unlocked', 'locked', 'none'] as const)('A keychain that is %s', (lane) => {
  let session: Session;
  beforeAll(async () => {
    session = await openKeychainSession(lane, { display: false });
  }, 60_000);
  afterAll(() => session?.close());

  test('keeps a key, or refuses it and says what to do', async () => {
    const saved = await run(session, 'save');
    if (lane === 'unlocked') {
      expect(saved).toMatchObject({ state: 'ready', saved: {}, same: true, otherMode: null });
      // Another process, as after a start of the app.
      expect(await run(session, 'read')).toEqual({ state: 'ready', same: true });
      expect(await run(session, 'remove')).toEqual({ state: 'ready', same: false });
      expect(await run(session, 'read')).toEqual({ state: 'ready', same: false });
      return;
    }
    const state = lane === 'locked' ? 'locked' : 'unavailable';
    expect(saved).toMatchObject({ state, saved: { code: `keychain-${state}` }, same: false });
    expect(String(saved.hint)).toMatch(lane === 'locked' ? /Unlock your keyring/ : /Install and start a keyring/);
    expect(String(saved.hint)).toContain('for this session only');
  });

  test('a key for this session only is used, and forgotten with the process', async () => {
    const used = await run(session, 'session');
    expect(used).toMatchObject({ saved: {}, same: true, signer: lane === 'unlocked' ? 'keychain' : 'session' });
    expect(await run(session, 'read')).toMatchObject({ same: false });
  });

  test('nothing is ever written in plain text', () => {
    for (const folder of [session.home, session.env.XDG_RUNTIME_DIR ?? session.home])
      expect(plainTextIn(folder)).toEqual([]);
  });
});
