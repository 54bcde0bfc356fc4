/**
 * The installed app, as an ordinary user with Chromium's sandbox on: closes a month, works without a display, and does not do what
 * its fuses forbid. As root the Debian package is installed and removed again; as anyone else the unpacked app is used.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { unpacked } from '../../scripts/package/places.mjs';
import { electronRuntime } from '../../scripts/setup/electron-path.mjs';
import { enterSandbox, stripeState } from '../e2e/app';
import { closeMonth, migrate } from '../e2e/walk';
import { root } from './package-under-test';
import {
  type Desk,
  factsOf,
  familyOf,
  install,
  isRoot,
  openDesk,
  runHeadless,
  startPackaged,
  uninstall,
} from './packaged-app';

let desk: Desk;

test.skip(process.platform !== 'linux', 'only a Linux package can be tried here');

test.beforeAll(async () => {
  if (isRoot) install();
  desk = await openDesk();
});

test.afterAll(async () => {
  await desk?.close();
  if (!isRoot) return;
  uninstall();
  expect(existsSync('/opt/Coffer')).toBe(false);
  expect(existsSync('/usr/bin/coffer')).toBe(false);
});

/** Neither in the app's own process nor in one below it is the sandbox off; the page's process is really inside. */
function expectSandboxed(pid: number): void {
  const family = familyOf(pid);
  expect(family.map(({ command }) => command).filter((command) => command.includes('--no-sandbox'))).toEqual([]);
  const renderers = family.filter(({ command }) => command.includes('--type=renderer'));
  expect(renderers.length).toBeGreaterThan(0);
  for (const renderer of renderers) {
    expect(renderer).toMatchObject({ seccomp: 2, noNewPrivileges: 1, capabilities: '0000000000000000' });
    expect(renderer.uid).not.toBe(0);
    // A network of its own, with nothing in it.
    if (renderer.networkNamespace !== null) expect(renderer.networkNamespace).not.toBe(factsOf(pid).networkNamespace);
  }
}

test.describe
  .serial('the installed app', () => {
    test('is what was packed, byte for byte, and its helper is set-uid root', () => {
      test.skip(!isRoot, 'only root can install');
      expect(execFileSync('dpkg', ['--verify', 'coffer'], { encoding: 'utf8' })).toBe('');
      execFileSync('diff', ['--recursive', '--brief', unpacked, '/opt/Coffer']);
      const helper = statSync('/opt/Coffer/chrome-sandbox');
      expect(helper.mode & 0o7777).toBe(0o4755);
      expect(helper.uid).toBe(0);
    });

    test('closes a month in the sandbox, as an ordinary user with a keyring and Chromium’s sandbox on', async () => {
      // --inspect and NODE_OPTIONS are tried in passing: the fuses make nothing of them.
      const app = await startPackaged(desk, { switches: ['--inspect=127.0.0.1:0'] });
      try {
        const { window } = app;
        expect(window.url()).toMatch(/^app:\/\/coffer\//);
        expectSandboxed(app.pid);
        await enterSandbox(window);
        expect(await migrate(window)).toMatch(/^7000\.00 \d{4}-\d{2}$/);
        const [pay, close] = await closeMonth(window);
        expect(pay).toBe(close);
        const books = await stripeState(window);
        const paid = BigInt(books.recipients_total.usd ?? '0');
        expect(paid).toBeGreaterThan(0n);
        expect(BigInt(books.storage.available.usd ?? '0')).toBe(700_000n - paid);
        const keychain = await window.evaluate(() => globalThis.window.coffer?.call('secrets.status', undefined));
        expect(JSON.stringify(keychain)).toContain('"state":"ready"');
        const info = await window.evaluate(() => globalThis.window.coffer?.call('app.info', undefined));
        const { kind, electron } = electronRuntime();
        expect(info).toMatchObject({
          ok: true,
          value: { runtime: { electron, kind: kind === 'stand-in' ? kind : 'official' } },
        });
        expect(app.printed()).not.toContain('Debugger listening');
        const profile = path.join(desk.session.home, '.config', 'Coffer');
        expect(readdirSync(path.join(profile, 'sandbox'))).toContain('coffer.db');
      } finally {
        await app.close();
      }
    });

    test('finds the closed month again after it was ended and started anew', async () => {
      const app = await startPackaged(desk);
      try {
        await expect(app.window.getByRole('heading', { name: 'Balances', level: 1 })).toBeVisible({ timeout: 30_000 });
        await expect(app.window.getByText('100.00 %').first()).toBeVisible();
      } finally {
        await app.close();
      }
    });

    test('keeps Chromium’s sandbox by its set-uid helper where user namespaces are not to be had', async () => {
      test.skip(!isRoot, 'the helper is set-uid only when installed');
      const app = await startPackaged(desk, { switches: ['--disable-namespace-sandbox'] });
      try {
        await expect(app.window.getByRole('heading', { name: 'Balances', level: 1 })).toBeVisible({ timeout: 30_000 });
        expectSandboxed(app.pid);
        expect(familyOf(app.pid).some(({ command }) => command.includes('chrome-sandbox'))).toBe(true);
      } finally {
        await app.close();
      }
    });

    test('opens its window also where the keyring is locked, though cookies would be encrypted with it', async () => {
      const locked = await openDesk('locked');
      try {
        const app = await startPackaged(locked, { env: { XDG_CURRENT_DESKTOP: 'GNOME' } });
        try {
          await expect(app.window.getByRole('button', { name: 'Start in the sandbox' })).toBeVisible({
            timeout: 30_000,
          });
        } finally {
          await app.close();
        }
      } finally {
        await locked.close();
      }
    });

    test('closes a month from the command line without a display, and verifies the binder', async () => {
      const { home } = desk.session;
      const data = path.join(home, 'data');
      cpSync(path.join(root, 'test/fixtures/datasets/worked'), data, { recursive: true });
      const out = path.join(home, 'exports');
      const closed = await runHeadless(desk, ['headless', 'close', '--data', data, '--out', out, '--yes']);
      expect(closed.code, closed.stderr).toBe(0);
      expect(JSON.parse(closed.stdout)).toMatchObject({ command: 'close', state: 'closed' });
      const binder = readdirSync(out).find((name) => /^binder-.*\.zip$/.test(name));
      const verified = await runHeadless(desk, ['headless', 'verify', path.join(out, binder ?? '')]);
      expect(verified.code, verified.stderr).toBe(0);
      expect(JSON.parse(verified.stdout)).toMatchObject({ verified: true });
      const wrong = await runHeadless(desk, ['headless', 'close']);
      expect(wrong.code).toBe(2);
      expect(wrong.stderr).toContain('coffer headless close');
    });

    test('migrates from the command line, and writes the certificate on paper, whose letters come with the package', async () => {
      const { home } = desk.session;
      const data = path.join(home, 'mixed');
      cpSync(path.join(root, 'resources/datasets/mixed'), data, { recursive: true });
      const out = path.join(home, 'migrated');
      const migrated = await runHeadless(desk, ['headless', 'migrate', '--data', data, '--out', out, '--yes']);
      expect(migrated.code, migrated.stderr).toBe(0);
      expect(readFileSync(path.join(out, 'certificate.pdf'), 'latin1').slice(0, 5)).toBe('%PDF-');
    });

    test('is no Node for anyone: not by ELECTRON_RUN_AS_NODE, not by NODE_OPTIONS', async () => {
      const { home } = desk.session;
      const mark = path.join(home, 'mark');
      const script = path.join(home, 'preloaded.cjs');
      writeFileSync(script, `require('node:fs').writeFileSync(${JSON.stringify(mark)}, 'ran');`);
      chmodSync(script, 0o644);
      const command = ['headless', 'verify', path.join(home, 'nothing.zip')];
      const attempts: Record<string, string>[] = [
        { NODE_OPTIONS: `--require ${script}` },
        { ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: `--require ${script}` },
      ];
      for (const env of attempts) {
        const ended = await runHeadless(desk, command, env);
        expect(JSON.parse(ended.stdout)).toMatchObject({ command: 'verify', error: 'input' });
        expect(existsSync(mark)).toBe(false);
      }
      // The trap itself works: the same with a real Node.
      execFileSync(process.execPath, ['-e', '0'], { env: { ...process.env, NODE_OPTIONS: `--require ${script}` } });
      expect(readFileSync(mark, 'utf8')).toBe('ran');
    });
  });
