/** The close binder: anybody can verify it with nothing but Node, and what was changed in it is named with file and line. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'fflate';
import { beforeAll, describe, expect, test } from 'vitest';
import { appendAudit } from '../../../electron/journal/audit-chain';
import { checkpointText as signedText } from '../../../electron/journal/audit-checkpoint';
import { createSigner, newSigningKey } from '../../../electron/journal/signing';
import { verifyAudit } from '../../../electron/services/audit';
import { BalanceMonitor } from '../../../electron/services/balance-monitoring';
import { makeBinder } from '../../../electron/services/binder';
import { addMonths } from '../../../shared/period/period';
import { bench, datasetLike, temporaryFolder } from './platform';

const VERIFIER = fileURLToPath(new URL('../../../resources/verify-binder.mjs', import.meta.url));

function verify(folder: string, ...more: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [VERIFIER, folder, ...more], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}

type Entries = Record<string, Uint8Array>;
let entries: Entries;

const hash = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');
const textOf = (name: string, from: Entries = entries) => Buffer.from(from[name] ?? []).toString('utf8');

async function unpacked(changes: Readonly<Record<string, string | null>> = {}): Promise<string> {
  const folder = join(await temporaryFolder(), 'binder');
  await mkdir(folder);
  for (const [name, content] of Object.entries(entries)) await writeFile(join(folder, name), content);
  for (const [name, content] of Object.entries(changes)) {
    if (content === null) await rm(join(folder, name));
    else {
      if (content === textOf(name)) throw new Error(`${name} was not changed`);
      await writeFile(join(folder, name), content);
    }
  }
  return folder;
}

/** As somebody would who knows the format: the hashes of the files, and of their lines, are made to fit. */
function withNewHashes(changes: Readonly<Record<string, string>>): Record<string, string> {
  const manifest = JSON.parse(textOf('manifest.json'));
  const all: Record<string, string> = { ...changes };
  const lines = textOf('lines.txt')
    .split('\n')
    .filter((line) => !Object.keys(changes).some((name) => line.startsWith(`${name}:`)));
  for (const [name, content] of Object.entries(changes)) {
    lines.push(...content.split('\n').map((line, index) => `${name}:${index + 1} ${hash(line).slice(0, 8)}`));
  }
  all['lines.txt'] = lines.join('\n');
  for (const [name, content] of Object.entries(all)) manifest.files[name] = hash(content);
  return { ...all, 'manifest.json': JSON.stringify(manifest) };
}

function changed(name: string, change: (text: string) => string): Record<string, string> {
  return { [name]: change(textOf(name)) };
}

/** Line numbers from 1, as the verifier names them. */
function lineOf(name: string, words: string): number {
  const found = textOf(name)
    .split('\n')
    .findIndex((line) => line.includes(words));
  if (found < 0) throw new Error(`no line of ${name} has ${words}`);
  return found + 1;
}

const CSV_FILES = [
  'earnings.csv',
  'unallocated.csv',
  'payouts.csv',
  'operations.csv',
  'balances.csv',
  'reconciliation.csv',
  'journal_entries.csv',
  'audit.csv',
];

test('a month with a refund of an earlier one verifies: its revenue is what the journal has', async () => {
  const one = await bench('worked');
  await one.through('close');
  const row = 'ch_0001,s001,2026-10,usd,1000,400,succeeded,2026-10-03T10:00:00Z\n';
  const header = 'payment_id,subscriber_id,period,currency,amount_minor,refunded_minor,status,paid_at\n';
  const ids = 'allocation_id,subscriber_id,creator_id,period,currency,amount_minor,status,updated_at\n';
  await one.import(await datasetLike('worked', { 'payments.csv': header + row, 'allocations.csv': ids }));
  const next = addMonths(one.period, 1);
  await one.through('close', next);
  const { zip } = await makeBinder(one.context, next, await readFile(VERIFIER, 'utf8'));
  const files = unzipSync(zip);
  const folder = join(await temporaryFolder(), 'binder');
  await mkdir(folder);
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  expect(JSON.parse(textOf('summary.json', files)).usd).toMatchObject({ platform_revenue: '-400' });
  expect((await verify(folder)).output).toContain('VERIFIED: period 2026-11');
});

describe('The binder of a closed month', () => {
  beforeAll(async () => {
    const one = await bench('edge');
    await expect(makeBinder(one.context, one.period, 'x')).rejects.toMatchObject({ code: 'not-closed' });
    await one.through('reconcile');
    // A reading while the month was worked on, so that balances.csv has rows.
    await new BalanceMonitor(one.context).poll();
    await one.through('close');
    const verifier = await readFile(VERIFIER, 'utf8');
    const binder = await makeBinder(one.context, one.period, verifier);
    // Another process, with another session key: the same state gives the same bytes.
    await one.reopen();
    expect((await makeBinder(one.context, one.period, verifier)).sha256).toBe(binder.sha256);
    entries = unzipSync(binder.zip);
  });

  test('holds every export, the signed head, the manifest and its signature, and the verifier', () => {
    expect(Object.keys(entries).sort()).toEqual([
      'audit.csv',
      'audit.jsonl',
      'balances.csv',
      'checkpoint.json',
      'earnings.csv',
      'journal_entries.csv',
      'lines.txt',
      'manifest.json',
      'operations.csv',
      'payouts.csv',
      'reconciliation.csv',
      'signature.json',
      'summary.json',
      'unallocated.csv',
      'verify-binder.mjs',
    ]);
  });

  test('the verifier is short enough to be read, and imports nothing but Node', async () => {
    const text = await readFile(VERIFIER, 'utf8');
    expect(text.split('\n').length - 1).toBeLessThan(200);
    expect([...text.matchAll(/from '([^']+)'/g)].map((match) => match[1]?.slice(0, 5))).toEqual(Array(4).fill('node:'));
  });

  test('verifies as it is, also after it was copied, and with the fingerprint that is known', async () => {
    const folder = await unpacked();
    const copy = `${folder}-copy`;
    await cp(folder, copy, { recursive: true });
    const { code, output } = await verify(copy);
    expect(output).toMatch(/^VERIFIED: period 2026-10, 13 files/);
    expect(code).toBe(0);
    const fingerprint = /Signed with key ([0-9a-f ]+);/.exec(output)?.[1] ?? '';
    expect(await verify(copy, '--key', fingerprint)).toMatchObject({ code: 0 });
    const other = await verify(
      copy,
      '--key',
      fingerprint.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
    );
    expect(other).toMatchObject({ code: 1, output: expect.stringContaining('signature.json:1: signed with key') });
  });

  describe.each(CSV_FILES)('one digit changed in %s', (file) => {
    /** Every row's line with each of its digits: one row in the middle is enough, and its last digit of each cell. */
    const rows = () => textOf(file).trimEnd().split('\r\n');

    test('fails, and names the file and the line, wherever the digit is', async () => {
      const lines = rows();
      expect(lines.length).toBeGreaterThan(1);
      const at = Math.floor(lines.length / 2);
      const line = lines[at] ?? '';
      const digits = [...line.matchAll(/\d/g)].map((match) => match.index);
      const tried = digits.filter((_, index) => index % Math.ceil(digits.length / 4) === 0);
      for (const place of tried) {
        const other = String((Number(line[place]) + 1) % 10);
        const text = lines.with(at, line.slice(0, place) + other + line.slice(place + 1)).join('\r\n');
        const { code, output } = await verify(await unpacked({ [file]: `${text}\r\n` }));
        expect(code).toBe(1);
        expect(output).toContain(`${file}:${lineOf(file, line)}: this line was changed`);
        expect(output).toContain('NOT VERIFIED');
      }
    });

    test('fails as well when the hashes were made to fit: the signature does not', async () => {
      const lines = rows();
      const line = lines[1] ?? '';
      const text = lines
        .with(
          1,
          line.replace(/\d/, (digit) => String((Number(digit) + 1) % 10)),
        )
        .join('\r\n');
      const { code, output } = await verify(await unpacked(withNewHashes({ [file]: `${text}\r\n` })));
      expect(code).toBe(1);
      expect(output).toContain('manifest.json:1: it is not what signature.json signs');
    });
  });

  test('a payout removed is named where it is missing, also when the hashes were made to fit', async () => {
    const victim = textOf('payouts.csv').split('\r\n')[3] ?? '';
    // Payouts are in the order of their ids, which are random: it may be any creator's, in any currency.
    const [, id = '', creator = '', currency = ''] = victim.split(',');
    const forged = changed('payouts.csv', (text) => text.replace(`${victim}\r\n`, ''));
    const plain = await verify(await unpacked(forged));
    expect(plain.code).toBe(1);
    expect(plain.output).toContain('payouts.csv:4: this line was changed, or lines before it were added or removed');
    const { code, output } = await verify(await unpacked(withNewHashes(forged)));
    expect(code).toBe(1);
    expect(output).toContain(`operations.csv:${lineOf('operations.csv', id)}: payout ${id} is not in payouts.csv`);
    const earning = lineOf('earnings.csv', `,${creator},${currency},`);
    expect(output).toContain(`earnings.csv:${earning}: paid is not the sum of the posted payouts`);
  });

  test.each([
    ['fee', '2729', '2730', /summary\.json:\d+: usd fee is 2730, the rows come to 2729/],
    ['paid', '142927', '142928', /summary\.json:\d+: usd paid is 142928, the rows come to 142927/],
    // No row has this figure; the sign-off in the audit log does.
    ['payments_after', '239231', '239232', /summary\.json:1: it is not what was signed off at the close/],
  ])('a forged total (%s) with recomputed file hashes is named', async (name, was, now, words) => {
    const forged = changed('summary.json', (text) => text.replace(`"${name}": "${was}"`, `"${name}": "${now}"`));
    const line = lineOf('summary.json', `"${name}": "${was}"`);
    const { code, output } = await verify(await unpacked(withNewHashes(forged)));
    expect(code).toBe(1);
    expect(output).toMatch(words);
    expect((await verify(await unpacked(forged))).output).toContain(`summary.json:${line}: this line was changed`);
  });

  test.each([
    ['earnings.csv', 'below_min,usd,2687,188,', 'below_min,usd,2687,189,', /earnings\.csv:2: the fee is not half up/],
    [
      'unallocated.csv',
      ',cancel,usd,2000,0,0,2000',
      ',cancel,usd,2000,1,0,2000',
      /unallocated\.csv:2: unallocated is not/,
    ],
    ['payouts.csv', ',posted,', ',failed,', /payouts\.csv:2: it is not the same in operations\.csv/],
    ['operations.csv', ',posted,', ',failed,', /operations\.csv:2: the journal has another amount/],
    ['balances.csv', ',10000\r\n', ',10001\r\n', /balances\.csv:\d+: the coverage is 10000/],
    ['reconciliation.csv', ',usd,-5289,', ',usd,-5288,', /reconciliation\.csv:\d+: the lines in usd come to/],
    ['journal_entries.csv', ',2499,0,usd', ',2498,0,usd', /journal_entries\.csv:\d+: debits and credits of/],
    ['audit.csv', ',month-end.locked,', ',month-end.closed,', /audit\.csv:\d+: its hash is not that of its content/],
  ])(
    'a changed figure in %s fails by arithmetic too, when the hashes were made to fit',
    async (file, was, now, words) => {
      const { code, output } = await verify(
        await unpacked(withNewHashes(changed(file, (text) => text.replace(was, now)))),
      );
      expect(code).toBe(1);
      expect(output).toMatch(words);
    },
  );

  test('a truncated audit log is named, also when everything that can be recomputed was', async () => {
    const csv = textOf('audit.csv').trimEnd().split('\r\n').slice(0, -1);
    const jsonl = textOf('audit.jsonl').trimEnd().split('\n').slice(0, -1);
    const cut = { 'audit.csv': `${csv.join('\r\n')}\r\n`, 'audit.jsonl': `${jsonl.join('\n')}\n` };
    const plain = await verify(await unpacked(cut));
    expect(plain.output).toMatch(/audit\.csv:\d+: the log was cut: it ends at event \d+, event \d+ was signed/);
    const files = withNewHashes(cut);
    const manifest = JSON.parse(files['manifest.json'] ?? '');
    manifest.auditEvents -= 1;
    manifest.auditHead = csv.at(-1)?.split(',').at(-1);
    const { code, output } = await verify(await unpacked({ ...files, 'manifest.json': JSON.stringify(manifest) }));
    expect(code).toBe(1);
    expect(output).toMatch(/audit\.csv:\d+: the log was cut/);
  });

  test('a checkpoint from another machine is named: of another log, or of this one with another key', async () => {
    const other = await bench('worked');
    await other.through('close');
    const theirs = unzipSync((await makeBinder(other.context, other.period, 'x')).zip);
    const foreign = await verify(
      await unpacked(withNewHashes({ 'checkpoint.json': textOf('checkpoint.json', theirs) })),
    );
    expect(foreign.code).toBe(1);
    expect(foreign.output).toContain('checkpoint.json:1: the log does not name its key: it comes from another machine');

    const ours = JSON.parse(textOf('checkpoint.json'));
    const stranger = createSigner(newSigningKey(), 'keychain');
    const resigned = { ...ours, publicKey: stranger.publicKey, signature: stranger.sign(signedText(ours)) };
    const same = await verify(await unpacked(withNewHashes({ 'checkpoint.json': JSON.stringify(resigned) })));
    expect(same.code).toBe(1);
    expect(same.output).toContain('checkpoint.json:1: the log does not name its key');
  });

  test('a manifest signed anew with another key fails: the log does not name that key', async () => {
    const files = withNewHashes(changed('summary.json', (text) => text.replace('"239231"', '"239232"')));
    const stranger = createSigner(newSigningKey(), 'keychain');
    const manifest = hash(files['manifest.json'] ?? '');
    const signature = {
      format: 'coffer-binder-v1',
      manifest,
      publicKey: stranger.publicKey,
      signature: stranger.sign(`coffer-binder-v1\n${manifest}`),
    };
    const { code, output } = await verify(await unpacked({ ...files, 'signature.json': JSON.stringify(signature) }));
    expect(code).toBe(1);
    expect(output).toContain('signature.json:1: the log does not name its key');
  });

  test('a file too many, or one missing, fails', async () => {
    const more = await unpacked();
    await writeFile(join(more, 'extra.csv'), 'x');
    expect((await verify(more)).output).toContain('extra.csv:1: it is not in manifest.json');
    expect(await verify(await unpacked({ 'audit.jsonl': null }))).toMatchObject({
      code: 1,
      output: expect.stringContaining('audit.jsonl:1: it is missing'),
    });
  });
});

describe('Closing', () => {
  test('signs the head and copies the checkpoint out of the database', async () => {
    const one = await bench('worked');
    await one.through('close');
    const folder = join(one.folder, 'checkpoints');
    const [name] = await readdir(folder);
    const copy = JSON.parse(await readFile(join(folder, name ?? ''), 'utf8'));
    const last = await one.platform.store.db
      .selectFrom('audit_event')
      .select(['seq', 'hash'])
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow();
    expect(copy).toMatchObject({ seq: String(last.seq), head: last.hash, mode: 'sandbox' });
  });

  test('a sign-off lapses when the numbers move: verification says so and no binder is made', async () => {
    const one = await bench('worked');
    await one.through('close');
    expect(await verifyAudit(one.context)).toMatchObject({ ok: true });
    one.platform.store.exec(`UPDATE period_figures SET figures = replace(figures, '"paid":"65100"', '"paid":"65101"')`);
    expect(await verifyAudit(one.context)).toMatchObject({
      ok: false,
      message: expect.stringContaining('the figures of 2026-10 are not those that were signed'),
    });
    await expect(makeBinder(one.context, one.period, 'x')).rejects.toMatchObject({ code: 'sign-off-lapsed' });
  });

  test('a binder is refused once the log was cut in the database, checkpoints and all: the copy outside knows', async () => {
    const one = await bench('worked');
    await one.through('close');
    one.platform.store.exec(`PRAGMA foreign_keys = OFF; DROP TRIGGER audit_event_no_delete; DROP TRIGGER audit_checkpoint_no_delete;
      DELETE FROM audit_checkpoint; DELETE FROM audit_event WHERE seq > 20;`);
    await expect(makeBinder(one.context, one.period, 'x')).rejects.toMatchObject({
      code: 'audit-broken',
      message: expect.stringMatching(/The log was cut: it ends at event 20/),
    });
  });
});

test('a name that is a spreadsheet formula, or quotes and commas, does not disturb the verification of the audit log', async () => {
  const one = await bench('worked');
  await one.platform.store.transaction(async (tx) => {
    for (const text of ['=1+1', "'=1+1", '@x', '-5', 'a "quoted", one', 'two\nlines', 'Zoë 😀', "'"]) {
      await appendAudit(tx, { at: one.clock.now(), actor: text, action: 'note', subject: text, payload: { text } });
    }
  });
  await one.through('close');
  const { zip } = await makeBinder(one.context, one.period, await readFile(VERIFIER, 'utf8'));
  entries = unzipSync(zip);
  const { code, output } = await verify(await unpacked());
  expect(output).toMatch(/^VERIFIED/);
  expect(code).toBe(0);
});
