/** The services from the command line: what is printed, what is written, what is moved, and how it ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { strToU8, unzipSync, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseArguments, UsageError } from '../../../electron/headless/arguments';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const DATASETS = join(ROOT, 'test', 'fixtures', 'datasets');
const MALFORMED = join(ROOT, 'test', 'fixtures', 'malformed');

interface Ended {
  readonly exit: number | null;
  readonly summary: Record<string, unknown>;
  readonly stdout: string;
  readonly stderr: string;
}

let folder: string;
const children: ChildProcess[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coffer-cli-'));
});
afterAll(async () => {
  for (const child of children) child.kill();
  await rm(folder, { recursive: true, force: true });
});

function start(entry: string, args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', join(ROOT, entry), ...args], { cwd: ROOT });
  children.push(child);
  return child;
}

function headless(...args: string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = start('electron/headless/cli.ts', args);
    let stdout = '';
    let stderr = '';
    child.stdout?.on('data', (chunk) => {
      stdout += String(chunk);
    });
    child.stderr?.on('data', (chunk) => {
      stderr += String(chunk);
    });
    child.on('error', reject);
    child.on('close', (exit) => {
      const lines = stdout.trimEnd().split('\n');
      // One line, whatever happened.
      expect(lines, stderr).toHaveLength(1);
      resolve({ exit, stdout, stderr, summary: JSON.parse(lines[0] ?? '') });
    });
  });
}

async function json(...path: string[]): Promise<Record<string, Record<string, string>>> {
  return JSON.parse(await readFile(join(...path), 'utf8'));
}

/** Rows of earnings.csv without the reason, as the expected files have them. */
async function earnings(file: string): Promise<string[]> {
  const text = (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
  return text
    .trimEnd()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split(',').slice(0, 11).join(','));
}

/** How many lines of the sandbox's state made a payment: whether anything moved at all. */
async function movements(state: string): Promise<number> {
  const log = await readFile(join(state, 'stripe.jsonl'), 'utf8');
  return new Set(log.match(/\b(obp_test_|po_)\w+/g) ?? []).size;
}

/** A close that ends well, with the figures of the fixture in the summary and in the files. */
async function expectClosed(name: string, out: string, state: string): Promise<void> {
  const ended = await headless('close', '--data', join(DATASETS, name), '--out', out, '--state', state, '--yes');
  expect(ended.exit, ended.stderr).toBe(0);
  const expected = await json(DATASETS, name, 'expected', 'summary.json');
  expect(ended.summary).toMatchObject({ command: 'close', period: '2026-10', state: 'closed', figures: expected });
  expect(await json(out, 'summary.json')).toEqual(expected);
  expect(await earnings(join(out, 'earnings.csv'))).toEqual(
    await earnings(join(DATASETS, name, 'expected', 'earnings.csv')),
  );
  expect((await readdir(out)).filter((file) => !file.startsWith('.')).sort()).toEqual([
    'audit.csv',
    'audit.jsonl',
    'balances.csv',
    'binder-2026-10.zip',
    'checkpoint.json',
    'earnings.csv',
    'journal_entries.csv',
    'operations.csv',
    'payouts.csv',
    'reconciliation.csv',
    'summary.json',
    'unallocated.csv',
  ]);
}

// A process each: on a busy machine they take their time.
const PATIENT = { timeout: 240_000 };

describe.concurrent('close', PATIENT, () => {
  test('worked: exit 0 and the expected figures; run again it moves nothing; its binder verifies, with one digit changed it does not', async () => {
    const out = join(folder, 'worked');
    const state = join(folder, 'worked-state');
    await expectClosed('worked', out, state);
    const moved = await movements(state);
    await expectClosed('worked', out, state);
    expect(await movements(state)).toBe(moved);

    const binder = join(out, 'binder-2026-10.zip');
    expect(await headless('verify', binder)).toMatchObject({ exit: 0, summary: { verified: true } });
    const entries = unzipSync(await readFile(binder));
    const text = Buffer.from(entries['earnings.csv'] ?? []).toString('utf8');
    const forged = join(folder, 'forged.zip');
    await writeFile(forged, zipSync({ ...entries, 'earnings.csv': strToU8(text.replace(',9765,', ',9766,')) }));
    const refused = await headless('verify', forged);
    expect(refused).toMatchObject({ exit: 3, summary: { verified: false } });
    expect(refused.stderr).toContain('earnings.csv');
  });

  test('edge: exit 0 and the expected figures, in two currencies', () =>
    expectClosed('edge', join(folder, 'edge'), join(folder, 'edge-state')));

  test('--until fund stops after that step, and the same state goes on from there', async () => {
    const out = join(folder, 'until');
    const state = join(folder, 'until-state');
    const args = ['close', '--data', join(DATASETS, 'worked'), '--out', out, '--state', state, '--yes'];
    const half = await headless(...args, '--until', 'fund');
    expect(half.exit, half.stderr).toBe(0);
    expect(half.summary).toMatchObject({ state: 'funded', figures: { usd: { fund: '65100' } } });
    expect(existsSync(join(out, 'binder-2026-10.zip'))).toBe(false);
    const whole = await headless(...args);
    expect(whole.exit, whole.stderr).toBe(0);
    expect(whole.stderr).toContain('Fund: done before');
    expect(whole.summary).toMatchObject({
      state: 'closed',
      figures: await json(DATASETS, 'worked', 'expected', 'summary.json'),
    });
  });

  test('without --yes the plan is printed and nothing moves', async () => {
    const out = join(folder, 'plan');
    const state = join(folder, 'plan-state');
    const ended = await headless('close', '--data', join(DATASETS, 'worked'), '--out', out, '--state', state);
    expect(ended.exit, ended.stderr).toBe(0);
    expect(ended.summary).toMatchObject({
      moved: false,
      plan: { usd: { net: '65100', fee: '4900', unallocated: '30000' } },
    });
    expect(await movements(state)).toBe(0);
    expect(existsSync(out)).toBe(false);
  });

  test('a guided step stops with exit 3 and says what to move; --simulate-guided plays the person', async () => {
    const data = join(folder, 'guided-data');
    await cp(join(DATASETS, 'worked'), data, { recursive: true });
    await writeFile(
      join(data, 'stripe.json'),
      JSON.stringify({ payments_available: { usd: 100_000 }, storage_available: { usd: 70_100 } }),
    );
    const args = [
      'close',
      '--data',
      data,
      '--out',
      join(folder, 'guided'),
      '--state',
      join(folder, 'guided-state'),
      '--yes',
    ];
    const stopped = await headless(...args);
    expect(stopped.exit, stopped.stderr).toBe(3);
    expect(stopped.summary).toMatchObject({
      stoppedAt: 'lapse',
      exceptions: [{ code: 'guided-usd', message: expect.stringContaining('50.00 USD') }],
    });
    const done = await headless(...args, '--simulate-guided');
    expect(done.exit, done.stderr).toBe(0);
    expect(done.summary).toMatchObject({
      state: 'closed',
      figures: { usd: { surplus_release: '5000', payments_after: '105000', storage_after: '0' } },
    });
  });
});

describe.concurrent('migrate', PATIENT, () => {
  test('10,000.00 becomes 3,000.00 and 7,000.00; run again beside the same exports, it moves nothing', async () => {
    const out = join(folder, 'migrate');
    const args = ['migrate', '--data', join(DATASETS, 'migration'), '--out', out];
    const first = await headless(...args, '--yes');
    expect(first.exit, first.stderr).toBe(0);
    expect(first.summary).toMatchObject({
      state: 'completed',
      moved: { usd: '700000' },
      figures: {
        usd: {
          obligations: '700000',
          moved: '700000',
          moved_by_this_run: '700000',
          payments_before: '1000000',
          payments_after: '300000',
          storage_before: '0',
          storage_after: '700000',
        },
      },
    });
    const [state = ''] = await readdir(join(out, '.coffer-state'));
    const moved = await movements(join(out, '.coffer-state', state));
    expect(moved).toBe(5);

    const second = await headless(...args, '--yes');
    expect(second.exit, second.stderr).toBe(0);
    expect(second.summary).toMatchObject({
      figures: {
        usd: {
          moved: '700000',
          moved_by_this_run: '0',
          payments_before: '1000000',
          payments_after: '300000',
          storage_before: '0',
          storage_after: '700000',
        },
      },
    });
    expect(await json(out, 'summary.json')).toMatchObject({ usd: { moved: '700000', moved_by_this_run: '0' } });
    expect(Object.values((second.summary.moved ?? {}) as object).filter((amount) => amount !== '0')).toEqual([]);
    expect(await movements(join(out, '.coffer-state', state))).toBe(moved);
    expect(await readdir(out)).toEqual(
      expect.arrayContaining(['certificate.json', 'operations.csv', 'summary.json', 'audit.csv']),
    );
  });
});

describe.concurrent('A separate Stripe', PATIENT, () => {
  test('--stripe works against a simulator that is a process of its own', async () => {
    const stateFile = join(folder, 'simulator.jsonl');
    const simulator = start('electron/sandbox/cli.ts', [
      '--port',
      '0',
      '--state',
      stateFile,
      '--seed',
      join(DATASETS, 'worked'),
    ]);
    const url = await new Promise<string>((resolve, reject) => {
      simulator.stdout?.once('data', (chunk) => resolve(String(chunk).trim()));
      simulator.once('exit', () => reject(new Error('The simulator ended')));
    });
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const state = join(folder, 'simulator-state');
    const ended = await headless(
      'close',
      '--data',
      join(DATASETS, 'worked'),
      '--out',
      join(folder, 'simulated'),
      '--state',
      state,
      '--stripe',
      url,
      '--yes',
    );
    expect(ended.exit, ended.stderr).toBe(0);
    expect(ended.summary).toMatchObject({
      state: 'closed',
      figures: await json(DATASETS, 'worked', 'expected', 'summary.json'),
    });
    // It used that one and started none of its own.
    expect(existsSync(join(state, 'stripe.jsonl'))).toBe(false);
    const reply = await fetch(`${url}/_sandbox/state`, { headers: { 'x-coffer-sandbox': '1' } });
    expect(await reply.json()).toMatchObject({
      payments: { available: { usd: '34900' } },
      recipients_total: { usd: '65100' },
    });
    simulator.kill();
  });
});

describe('Backup and restore', PATIENT, () => {
  test('a month is closed, restored from before Pay and closed again: nobody is paid twice; damaged books end with 5', async () => {
    const state = join(folder, 'restored-state');
    const run = (...more: string[]) =>
      headless(
        'close',
        '--data',
        join(DATASETS, 'worked'),
        '--out',
        join(folder, 'restored'),
        '--state',
        state,
        '--yes',
        ...more,
      );
    expect((await run('--until', 'approve')).exit).toBe(0);
    const made = await headless('backup', '--state', state);
    expect(made, made.stderr).toMatchObject({ exit: 0, summary: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) } });
    const path = String(made.summary.path);
    const first = await run();
    expect(first.summary).toMatchObject({ state: 'closed' });

    const asked = await headless('restore', path, '--state', state);
    expect(asked).toMatchObject({ exit: 0, summary: { restored: false, lost: { movements: 7 } } });
    const restored = await headless('restore', path, '--state', state, '--yes');
    expect(restored, restored.stderr).toMatchObject({ exit: 0, summary: { restored: true } });
    const second = await run();
    expect(second.exit, second.stderr).toBe(0);
    expect(second.stderr).toContain('7 taken over');
    expect(second.summary.figures).toEqual(first.summary.figures);

    await writeFile(join(state, 'coffer.db'), 'This is a shopping list. '.repeat(400));
    const damaged = await run();
    expect(damaged).toMatchObject({
      exit: 5,
      summary: { error: 'store-damaged', findings: ['The file is not a database.'] },
    });
    expect(damaged.stderr).not.toContain('    at ');
    expect((await headless('restore', path, '--state', state, '--yes')).exit).toBe(0);
    const refused = await run();
    expect(refused).toMatchObject({ exit: 3, summary: { error: 'compare-later' } });
  });

  test('a file that is no backup is refused', async () => {
    const file = join(folder, 'list.db');
    await writeFile(file, 'This is a shopping list. '.repeat(400));
    const refused = await headless('restore', file, '--state', join(folder, 'nothing'), '--yes');
    expect(refused).toMatchObject({ exit: 2, summary: { error: 'refused' } });
  });
});

describe.concurrent('Bad input', PATIENT, () => {
  const PROBLEMS = [
    'policy.json:2: period: "October 2026" is not a period, expected YYYY-MM',
    'policy.json:3: fee_bps: 7.5 is not a fee, expected a whole number of basis points from 0 to 10000',
    'policy.json:4: payout_minimum_minor: -2500 is not an amount of usd, expected whole minor units, not negative',
    'policy.json:4: payout_minimum_minor: the currency "xyz" is unknown, expected an ISO 4217 code',
    'policy.json:5: funding_basis: "both" is unknown, expected "net" or "gross"',
    'policy.json:6: rail: "wire" is unknown, expected "financial-account" or "earmark"',
    'stripe.json:2: payments_available: 1.5 is not an amount of usd, expected whole minor units, not negative',
    'stripe.json:3: payouts_disabled: expected a list of account ids',
    'creators.csv:3: creator_id: "c1" is there twice, expected each id once',
    'creators.csv:4: creator_id: the cell is empty, expected an id',
    'creators.csv:5: (row): the row has 2 cells, expected 6 as in the header',
    'subscribers.csv:4: subscriber_id: "s2" is there twice, expected each id once',
    'payments.csv:3: payment_id: "p1" is there twice, expected each id once',
    'payments.csv:4: amount_minor: "-5" is not a whole, non-negative number, expected an amount in whole minor units',
    'payments.csv:5: amount_minor: "10.50" is not a whole, non-negative number, expected an amount in whole minor units',
    'payments.csv:6: refunded_minor: 1001 is more than the amount 1000, expected at most that',
    'payments.csv:7: status: "pending" is unknown, expected succeeded, failed, disputed',
    'payments.csv:8: subscriber_id: "nobody" is not in subscribers.csv, expected a known subscriber',
    'payments.csv:9: period: "2026-13" is not a period, expected YYYY-MM',
    'payments.csv:10: currency: "xyz" is not a known currency, expected an ISO 4217 code',
    'payments.csv:11: amount_minor: the cell is empty, expected an amount in whole minor units',
    'payments.csv:11: paid_at: "yesterday" is not a time, expected ISO 8601 such as 2026-10-03T10:00:00Z',
    'payments.csv:12: amount_minor: 9007199254740993 is too large, expected at most 9007199254740991',
    'payments.csv:15: amount_minor: "1 000" is not a whole, non-negative number, expected an amount in whole minor units',
    'allocations.csv:1: updated_at: the column is missing, expected in the header row',
    'opening.csv:2: creator_id: "stranger" is not in creators.csv, expected a known creator',
    'opening.csv:4: creator_id: "c1" has two usd rows, expected one for each currency',
    'opening.csv:5: owed_minor: "-1" is not a whole, non-negative number, expected an amount in whole minor units',
  ];

  test('a malformed dataset: exit 2, every problem by file, line and column, and nothing is written', async () => {
    const out = join(folder, 'malformed');
    const state = join(folder, 'malformed-state');
    const ended = await headless('close', '--data', MALFORMED, '--out', out, '--state', state, '--yes');
    expect(ended.exit).toBe(2);
    expect(ended.summary).toMatchObject({ error: 'input', problems: PROBLEMS });
    for (const problem of PROBLEMS) expect(ended.stderr.split('\n')).toContain(problem);
    expect(existsSync(out)).toBe(false);
    expect(existsSync(state)).toBe(false);
  });

  test('bad usage: exit 2 and how it is used', async () => {
    const ended = await headless('close', '--data', 'x');
    expect(ended).toMatchObject({ exit: 2, summary: { error: 'usage' } });
    expect(ended.stderr).toContain('--data and --out are needed');
    expect(ended.stderr).toContain('npm run headless -- migrate');
  });

  test.each(
    [
      [],
      ['explode'],
      ['close'],
      ['close', '--data', 'd'],
      ['close', '--data', 'd', '--out', 'o', '--until', 'lunch'],
      ['close', '--data', 'd', '--out', 'o', '--force'],
      ['close', '--data', 'd', '--out', 'o', 'more'],
      ['close', '--data', 'd', '--out', 'o', '--yes=no'],
      ['verify'],
      ['verify', 'a.zip', 'b.zip'],
    ].map((args) => [args]),
  )('%j is not understood', (args) => {
    expect(() => parseArguments(args)).toThrow(UsageError);
  });

  test.each(
    [
      ['migrate', '--data', 'd', '--out', 'o', '--until', 'fund'],
      ['close', '--data', '', '--out', 'o'],
      ['close', '--data', 'd', '--out', 'o', '--stripe', 'https://api.stripe.com'],
      ['close', '--data', 'd', '--out', 'o', '--stripe', 'nonsense'],
    ].map((args) => [args]),
  )('%j makes no sense, and is not understood either', (args) => {
    expect(() => parseArguments(args)).toThrow(UsageError);
  });
});
