import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findExports, SUMS } from '../../../electron/services/data-source/watched-folder';

const NAMES = ['creators.csv', 'subscribers.csv', 'payments.csv', 'allocations.csv', 'opening.csv', 'policy.json'];
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coffer-watched-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const sumOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const sums = (): string => NAMES.map((name) => `${sumOf(name)}  ${name}\n`).join('');

async function written(name: string, list: string | null = sums()): Promise<string> {
  const directory = join(folder, name);
  await mkdir(directory);
  for (const file of NAMES) await writeFile(join(directory, file), file);
  if (list !== null) await writeFile(join(directory, SUMS), list);
  return directory;
}

const found = (known: string[] = []) => findExports(folder, new Set(known));

test('an export whose files are all there is complete, and known by its list afterwards', async () => {
  const directory = await written('2026-10');
  expect(await found()).toEqual([{ name: '2026-10', state: 'complete', directory, sums: sumOf(sums()) }]);
  expect(await found([sumOf(sums())])).toEqual([]);
});

test('sha256sum -b and line ends of Windows are read as well', async () => {
  await written('2026-10', sums().replaceAll('  ', ' *').replaceAll('\n', '\r\n'));
  expect((await found())[0]?.state).toBe('complete');
});

test.each([
  ['without its list', null, /SHA256SUMS is not there yet/],
  ['whose list lacks a file', `${sumOf('creators.csv')}  creators.csv\n`, /does not list subscribers\.csv/],
  [
    'whose file is other than listed',
    sums().replace(sumOf('payments.csv'), sumOf('later')),
    /payments\.csv is not what/,
  ],
  ['whose list names a file that is not there', `${sums()}${sumOf('x')}  notes.txt\n`, /notes\.txt is not there yet/],
  ['whose list leads out of the folder', `${sums()}${sumOf('x')}  ../other.csv\n`, /is not a hash and a file name/],
  ['whose list is something else', 'hello\n', /is not a hash and a file name/],
])('an export %s waits, and says for what', async (_title, list, reason) => {
  await written('2026-10', list);
  expect(await found()).toEqual([{ name: '2026-10', state: 'waiting', reason: expect.stringMatching(reason) }]);
});

test('files beside the exports, hidden folders and links are left alone', async () => {
  const directory = await written('2026-10');
  await writeFile(join(folder, 'readme.txt'), 'x');
  await mkdir(join(folder, '.sync'));
  await symlink(directory, join(folder, 'link'));
  expect((await found()).map((one) => one.name)).toEqual(['2026-10']);
});

test('a folder that is not there is an error of its own', async () => {
  await expect(findExports(join(folder, 'gone'), new Set())).rejects.toMatchObject({ code: 'ENOENT' });
});
