import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readSeedDirectory, startEmbeddedStripe } from '../../electron/sandbox';
import { clientOf, controlOf, DAY, errorOf, fund, pay, seedOf, startBench } from './harness';

let dir: string;
let file: string;
const started: ChildProcess[] = [];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'coffer-sandbox-'));
  file = join(dir, 'state.jsonl');
});
afterEach(async () => {
  for (const child of started.splice(0))
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  await rm(dir, { recursive: true, force: true });
});

async function runCli(args: string[]): Promise<{ child: ChildProcess; url: string; port: number }> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'electron/sandbox/cli.ts', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  if (child.stdout === null) throw new Error('no stdout');
  const lines = createInterface({ input: child.stdout });
  const [url] = await once(lines, 'line');
  return { child, url: String(url), port: Number(new URL(String(url)).port) };
}

async function failingCli(args: string[]): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'electron/sandbox/cli.ts', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  started.push(child);
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const [code] = await once(child, 'close');
  return { code, stderr };
}

test('everything survives a restart: balances, objects, keys, clock, plans, faults', async () => {
  const first = await startBench({ stateFile: file, settlementDelayMs: 60_000 });
  await fund(first, 5_000, 'usd', { idempotencyKey: 'fund' });
  await first.control('POST', 'clock', { advance_seconds: 60 });
  const payment = await pay(first, 'acct_anna', 700, 'usd', { idempotencyKey: 'pay' });
  await first.control('POST', 'faults', { kind: 'conflict_409', path: '/v1/charges' });
  const before = await first.control('GET', 'state');
  await first.close();

  const second = await startBench({
    stateFile: file,
    settlementDelayMs: 60_000,
    seed: seedOf({ payments_available: { usd: 1 } }),
  });
  const after = await second.control('GET', 'state');
  expect(after).toEqual({ ...before, clock: expect.anything() });
  expect(after.clock).toMatchObject({ offset_seconds: 60 });
  expect((await pay(second, 'acct_anna', 700, 'usd', { idempotencyKey: 'pay' })).id).toBe(payment.id);
  await second.control('POST', 'clock', { advance_seconds: 60 });
  expect((await second.stripe.v2.moneyManagement.outboundPayments.retrieve(payment.id)).status).toBe('posted');
  expect(await second.control('GET', 'conservation')).toMatchObject({ ok: true });
  await second.close();
});

test('new ids after a restart never repeat old ones', async () => {
  const first = await startBench({ stateFile: file });
  const old = await fund(first, 1);
  await first.close();
  const second = await startBench({ stateFile: file });
  const fresh = await fund(second, 1);
  expect(fresh.id > old.id).toBe(true);
  await second.close();
});

test('a torn last line was never acknowledged and is dropped', async () => {
  const first = await startBench({ stateFile: file });
  await fund(first, 5_000);
  const before = await first.control('GET', 'state');
  await first.close();
  await appendFile(file, '{"ids":99,"at":1,"put":[["payout",{"id":"po_torn"');
  const second = await startBench({ stateFile: file });
  expect(await second.control('GET', 'state')).toEqual({ ...before, clock: expect.anything() });
  await fund(second, 1);
  await second.close();
  const third = await startBench({ stateFile: file });
  expect((await third.stripe.payouts.list()).data).toHaveLength(2);
  await third.close();
});

test('a damaged file and a foreign file are refused with a sentence', async () => {
  await writeFile(file, '{"hello":1}\n');
  await expect(startEmbeddedStripe({ stateFile: file })).rejects.toThrow('is not a state file');
  const bench = await startBench({ stateFile: join(dir, 'b') });
  await fund(bench, 1);
  await bench.close();
  const text = await readFile(join(dir, 'b'), 'utf8');
  await writeFile(join(dir, 'b'), text.replace('"ids"', '"i'));
  await expect(startEmbeddedStripe({ stateFile: join(dir, 'b') })).rejects.toThrow('damaged');
});

test('two sandboxes on one file: the first to notice stops answering rather than damage it', async () => {
  const first = await startBench({ stateFile: file, onBug: () => {} });
  const second = await startBench({ stateFile: file });
  await fund(second, 1);
  expect((await errorOf(fund(first, 1))).type).toBe('StripeConnectionError');
  await second.close();
  await first.close().catch(() => undefined);
  const third = await startBench({ stateFile: file });
  expect((await third.stripe.payouts.list()).data).toHaveLength(1);
  await third.close();
});

test('the command line: one line with the URL, and a kill -9 loses nothing that was answered', async () => {
  const seed = join(dir, 'seed');
  await mkdir(seed);
  await writeFile(
    join(seed, 'stripe.json'),
    JSON.stringify({
      payments_available: { usd: '100000' },
      storage_available: { usd: '0' },
      payouts_disabled: ['acct_2'],
    }),
  );
  await writeFile(
    join(seed, 'creators.csv'),
    '\uFEFFcreator_id,display_name,email,stripe_account,hold_reason\r\nc1,"Ann, ""A""",a@x,acct_1,\r\nc2,Bo,b@x,acct_2,\r\nc3,Cy,c@x,,\r\n',
  );
  const first = await runCli(['--port', '0', '--state', file, '--seed', seed]);
  expect(first.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const stripe = clientOf(first.port);
  const storage = (await stripe.v2.moneyManagement.financialAccounts.list()).data[0]?.id ?? '';
  const acknowledged: string[] = [];
  const work = (async () => {
    for (let i = 0; i < 10_000; i++) {
      acknowledged.push((await stripe.payouts.create({ amount: 1, currency: 'usd', payout_method: storage })).id);
    }
  })().catch(() => undefined);
  while (acknowledged.length < 25) await new Promise((resolve) => setTimeout(resolve, 5));
  first.child.kill('SIGKILL');
  await once(first.child, 'close');
  await work;

  const second = await runCli(['--port', '0', '--state', file]);
  const again = clientOf(second.port);
  for (const id of acknowledged) expect((await again.payouts.retrieve(id)).id).toBe(id);
  expect((await again.accounts.list()).data.map((row) => [row.id, row.payouts_enabled])).toEqual([
    ['acct_2', false],
    ['acct_1', true],
  ]);
  expect((await controlOf(second.url, 'GET', 'conservation')).body).toMatchObject({ ok: true });
  second.child.kill('SIGTERM');
  const [code] = await once(second.child, 'close');
  expect(code).toBe(0);
}, 60_000);

test('the command line explains what is wrong and exits with 2', async () => {
  const [noPort, badPort, unknown, noSeed, wrongFile] = await Promise.all([
    failingCli(['--state', file]),
    failingCli(['--port', 'x', '--state', file]),
    failingCli(['--port', '0', '--state', file, '--colour']),
    failingCli(['--port', '0', '--state', file, '--seed', join(dir, 'none')]),
    failingCli(['--port', '0', '--state', join(dir, 'none', 'state')]),
  ]);
  expect(noPort).toMatchObject({ code: 2, stderr: expect.stringContaining('--port is required') });
  expect(badPort).toMatchObject({ code: 2, stderr: expect.stringContaining('whole number') });
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('Usage:') });
  expect(noSeed).toMatchObject({ code: 2, stderr: expect.stringContaining('stripe.json') });
  expect(wrongFile).toMatchObject({ code: 2, stderr: expect.stringContaining('state file cannot be used') });
}, 60_000);

test('a seed that makes no sense is refused with every reason', async () => {
  await expect(
    startEmbeddedStripe({
      seed: seedOf({ payments_available: { usd: '-5', abc: 1 }, storage_available: { usd: 1.5 } }),
    }),
  ).rejects.toThrow(/usd.*\n.*abc.*\n.*storage_available\.usd/);
  await expect(readSeedDirectory(dir)).rejects.toThrow('stripe.json');
});

test('a large file is rewritten at start and means the same', async () => {
  const first = await startBench({ stateFile: file, settlementDelayMs: 10 * DAY * 1000 });
  const payment = await fund(first, 1_000);
  const note = 'n'.repeat(500);
  const metadata = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`k${i}`, note]));
  // About 20 kB per change of the same record, so that nearly all of the file is superseded.
  for (let i = 0; i < 420; i++) {
    await fetch(`${first.server.url}/v2/money_management/financial_accounts/${first.storage}`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk_test_sandboxKey1234' },
      body: JSON.stringify({ metadata: { ...metadata, i: String(i) } }),
    });
  }
  const before = await first.control('GET', 'state');
  await first.close();
  const large = (await readFile(file)).length;
  expect(large).toBeGreaterThan(8 << 20);
  const second = await startBench({ stateFile: file, settlementDelayMs: 10 * DAY * 1000 });
  expect((await readFile(file)).length).toBeLessThan(large / 10);
  expect(await second.control('GET', 'state')).toEqual({ ...before, clock: expect.anything() });
  expect((await second.stripe.payouts.retrieve(payment.id)).status).toBe('pending');
  await second.close();
}, 60_000);
