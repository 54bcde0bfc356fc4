/** The close binder: anybody can verify it with nothing but Node, and a single changed digit shows. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'fflate';
import { beforeAll, describe, expect, test } from 'vitest';
import { appendAudit } from '../../../electron/journal/audit-chain';
import { makeBinder } from '../../../electron/services/binder';
import { bench, temporaryFolder } from './platform';

const VERIFIER = fileURLToPath(new URL('../../../resources/verify-binder.mjs', import.meta.url));

function verify(folder: string): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [VERIFIER, folder], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}

let entries: Record<string, Uint8Array>;

/** The binder in a folder, with one file changed. */
async function unpacked(file?: string, change?: (text: string) => string): Promise<string> {
  const folder = join(await temporaryFolder(), 'binder');
  await mkdir(folder);
  for (const [name, content] of Object.entries(entries)) await writeFile(join(folder, name), content);
  if (file !== undefined && change !== undefined) {
    const before = await readFile(join(folder, file), 'utf8');
    const after = change(before);
    if (after === before) throw new Error(`${file} was not changed`);
    await writeFile(join(folder, file), after);
  }
  return folder;
}

/** The last digit of the first amount of the first row is another one. */
function otherDigit(text: string): string {
  const lines = text.split('\r\n');
  lines[1] = (lines[1] ?? '').replace(/\d(?=\D*$)/, (digit) => String((Number(digit) + 1) % 10));
  return lines.join('\r\n');
}

describe('The binder of a closed month', () => {
  beforeAll(async () => {
    const one = await bench('edge');
    await expect(makeBinder(one.context, one.period, 'x')).rejects.toMatchObject({ code: 'not-closed' });
    await one.through('close');
    const verifier = await readFile(VERIFIER, 'utf8');
    const binder = await makeBinder(one.context, one.period, verifier);
    await one.reopen();
    expect((await makeBinder(one.context, one.period, verifier)).sha256).toBe(binder.sha256);
    entries = unzipSync(binder.zip);
  });

  test('holds every export, the manifest and the verifier', () => {
    expect(Object.keys(entries).sort()).toEqual([
      'audit.csv',
      'audit.jsonl',
      'balances.csv',
      'earnings.csv',
      'journal_entries.csv',
      'manifest.json',
      'operations.csv',
      'payouts.csv',
      'reconciliation.csv',
      'summary.json',
      'unallocated.csv',
      'verify-binder.mjs',
    ]);
  });

  test('verifies as it is, also after it was copied', async () => {
    const folder = await unpacked();
    const copy = `${folder}-copy`;
    await cp(folder, copy, { recursive: true });
    expect(await verify(copy)).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^VERIFIED: period 2026-10, 11 files/),
    });
  });

  test.each([
    'earnings.csv',
    'unallocated.csv',
    'payouts.csv',
    'operations.csv',
    'reconciliation.csv',
    'journal_entries.csv',
    'audit.csv',
  ])('one digit changed in %s fails, and names the file', async (file) => {
    const { code, output } = await verify(await unpacked(file, otherDigit));
    expect(code).toBe(1);
    expect(output).toContain(`${file}`);
    expect(output).toContain('NOT VERIFIED');
  });

  test('a changed figure fails by arithmetic too, when the manifest was made to fit', async () => {
    for (const [file, change, words] of [
      [
        'earnings.csv',
        (text: string) => text.replace('below_min,usd,2687,188,', 'below_min,usd,2687,189,'),
        /earnings\.csv:2: the fee is not half up/,
      ],
      [
        'summary.json',
        (text: string) => text.replace('"fee": "2729"', '"fee": "2730"'),
        /summary\.json usd fee: 2730, the rows come to 2729/,
      ],
      [
        'payouts.csv',
        (text: string) => text.replace(/,posted,/, ',failed,'),
        /paid is not the sum of the posted payouts/,
      ],
    ] as const) {
      const folder = await unpacked(file, change);
      const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
      manifest.files[file] = createHash('sha256')
        .update(await readFile(join(folder, file)))
        .digest('hex');
      await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
      const { code, output } = await verify(folder);
      expect(code).toBe(1);
      expect(output).toMatch(words);
    }
  });

  test('a truncated audit log fails, also when the manifest has the new hash of the file', async () => {
    const folder = await unpacked(
      'audit.csv',
      (text) => `${text.trimEnd().split('\r\n').slice(0, -1).join('\r\n')}\r\n`,
    );
    const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
    manifest.files['audit.csv'] = createHash('sha256')
      .update(await readFile(join(folder, 'audit.csv')))
      .digest('hex');
    await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
    const { code, output } = await verify(folder);
    expect(code).toBe(1);
    expect(output).toContain('the log was cut or extended');
  });

  test('a file too many, or one missing, fails', async () => {
    const more = await unpacked();
    await writeFile(join(more, 'extra.csv'), 'x');
    expect((await verify(more)).output).toContain('extra.csv: it is not in manifest.json');
    const fewer = await unpacked();
    await rm(join(fewer, 'audit.jsonl'));
    expect(await verify(fewer)).toMatchObject({
      code: 1,
      output: expect.stringContaining('audit.jsonl: it is missing'),
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
