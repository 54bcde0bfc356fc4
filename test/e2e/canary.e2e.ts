/**
 * Rule: a key goes in and never comes out. A planted one is used for a connection, then looked for in the renderer's heap, in every
 * reply of every channel that reads, in the log, the database and its WAL, the exports, crash dumps and the whole data folder.
 */
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { readSeedDirectory, startEmbeddedStripe } from '../../electron/sandbox';
import { contract } from '../../shared/contract';
import { enterSandbox, newUserData, type RunningApp, startApp } from './app';

const SECRET = '51CanaryQqWwEeRrTtYy0192837465ZzXxCcVv';
const KEY = `rk_test_${SECRET}`;
const dataset = path.resolve(import.meta.dirname, '../../resources/datasets/mixed');

let running: RunningApp;
let stripe: Awaited<ReturnType<typeof startEmbeddedStripe>>;
const userData = newUserData();

test.beforeAll(async () => {
  stripe = await startEmbeddedStripe({
    seed: await readSeedDirectory(dataset),
    stateFile: path.join(userData, '..', `canary-${process.pid}.jsonl`),
  });
  running = await startApp({ userData, env: { COFFER_TEST_STRIPE: stripe.url } });
  await enterSandbox(running.window);
});

test.afterAll(async () => {
  await running.close();
  await stripe.close();
});

/** Every form in which the key could lie about. */
const forms = [
  Buffer.from(SECRET),
  Buffer.from(SECRET, 'utf16le'),
  Buffer.from(Buffer.from(KEY).toString('base64').slice(4, 40)),
  Buffer.from(Buffer.from(`${KEY}:`).toString('base64').slice(4, 40)),
  Buffer.from(Buffer.from(KEY).toString('hex')),
];

function occurrences(bytes: Buffer): number {
  let found = 0;
  for (const form of forms)
    for (let at = bytes.indexOf(form); at >= 0; at = bytes.indexOf(form, at + 1)) found += form.length;
  return found;
}

/** Bytes of the key in all files below a folder, and how many bytes were looked at. */
function search(folder: string): { files: number; looked: number; found: number } {
  const sums = { files: 0, looked: 0, found: 0 };
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = path.join(folder, name);
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) continue;
    const bytes = readFileSync(file);
    sums.files += 1;
    sums.looked += bytes.length;
    sums.found += occurrences(bytes);
  }
  return sums;
}

async function heap(): Promise<Buffer> {
  const session = await running.window.context().newCDPSession(running.window);
  const chunks: string[] = [];
  session.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => chunks.push(chunk));
  await session.send('HeapProfiler.enable');
  await session.send('HeapProfiler.collectGarbage');
  await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  await session.detach();
  return Buffer.from(chunks.join(''));
}

test('a planted key appears in 0 bytes of what leaves the main process', async () => {
  test.setTimeout(180_000);
  const { window, app } = running;
  // A control: what is in the page is found by the same search.
  await window.evaluate((text) => {
    Object.assign(globalThis, { planted: { text: `${text}!` } });
  }, SECRET);
  expect(occurrences(await heap())).toBeGreaterThan(0);

  // The person pastes it into the page; the page is loaded anew when the mode changes.
  await window
    .evaluate((key) => globalThis.window.coffer?.call('secrets.set', { key, sessionOnly: false }), KEY)
    .then((reply) => expect(reply).toMatchObject({ ok: true, value: { stored: true } }));
  expect(await window.evaluate(() => globalThis.window.coffer?.call('app.setMode', { mode: 'test' }))).toMatchObject({
    ok: true,
  });
  await window.waitForTimeout(1_000);
  await window.reload();
  const refreshed = await window.evaluate(() => globalThis.window.coffer?.call('balances.refresh', undefined));
  expect(refreshed, 'the key is in use').toMatchObject({ ok: true, value: { connection: 'online' } });

  // Every channel without arguments, and the others with arguments that lead to an answer or to a refusal: replies and errors alike.
  const channels = Object.entries(contract).map(([name, { args }]) => ({
    name,
    bare: args.safeParse(undefined).success,
  }));
  const page = { offset: 0, limit: 500, period: '2026-10', includeResolved: true, onlyHeld: false };
  const replies = await window.evaluate(
    async ({ all, args }) => {
      const texts: string[] = [];
      for (const { name, bare } of all) {
        if (
          /^(app\.setMode|secrets\.(set|clear)|.*(choose|save|export|binder|readKey|readRequest|restore|backup).*|lock\.now)$/i.test(
            name,
          )
        )
          continue;
        const reply = await globalThis.window.coffer?.call(name as 'app.info', (bare ? undefined : args) as never);
        texts.push(JSON.stringify(reply) ?? '');
      }
      for (const key of ['pageable', 'sk_live_x'])
        texts.push(
          JSON.stringify(await globalThis.window.coffer?.call('secrets.set', { key, sessionOnly: true })) ?? '',
        );
      return texts;
    },
    { all: channels, args: page },
  );
  const replyBytes = Buffer.from(replies.join('\n'));

  const exportFolder = path.join(userData, 'exported');
  mkdirSync(exportFolder);
  await running.answerDialog(exportFolder);
  const saved = await window.evaluate(() =>
    globalThis.window.coffer?.call('exports.save', { period: '2026-10', names: [] }),
  );
  expect(saved).toMatchObject({ ok: true });

  const snapshot = await heap();
  // A page that crashes leaves whatever it leaves.
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer());
  await new Promise((resolve) => setTimeout(resolve, 1_500));

  const figures = {
    heap: { looked: snapshot.length, found: occurrences(snapshot) },
    replies: { looked: replyBytes.length, found: occurrences(replyBytes) },
    database: search(path.join(userData, 'test')),
    logs: search(path.join(userData, 'logs')),
    exports: search(exportFolder),
    userData: search(userData),
  };
  process.stdout.write(
    `Canary: ${Object.entries(figures)
      .map(([where, { looked, found }]) => `${found} of ${looked} bytes in ${where}`)
      .join(', ')}\n`,
  );
  for (const [where, { looked, found }] of Object.entries(figures)) {
    expect(looked, `nothing was looked at in ${where}`).toBeGreaterThan(0);
    expect(found, `the key is in ${where}`).toBe(0);
  }
});
