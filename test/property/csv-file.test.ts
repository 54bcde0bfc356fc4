/** Reading a CSV file gives what its parser alone gives, whichever part of it was split without the parser. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readCsv } from '../../electron/services/dataset/csv-file';
import { ProblemList } from '../../electron/services/dataset/problems';
import { always } from './seed';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coffer-csv-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const piece = fc.constantFrom(
  'a',
  'é',
  ' ',
  ',',
  ',',
  '"',
  '""',
  '"x,y"',
  '"1\n2"',
  '\n',
  '\n',
  '\r\n',
  '\r',
  '\uFEFF',
);
const text = fc
  .tuple(
    fc.constantFrom('', '\uFEFF'),
    fc.constantFrom('h,k\n', 'h,k\r\n', 'h,k\r', '"h",k\n', '"h",k\r\n', '"h","k"\r', 'h,k'),
    fc.array(piece, { maxLength: 30 }),
  )
  .map(([bom, header, pieces]) => bom + header + pieces.join(''));

/** Rows by the parser alone, or null when it refuses the text. */
function expected(content: string): string[][] | null {
  try {
    const all = parse(content, { bom: true, relax_column_count: true }) as string[][];
    const [header = [], ...rows] = all.filter((record) => record.length !== 1 || record[0] !== '');
    const names = header.map((name) => name.trim());
    if (new Set(names).size < names.length || !names.includes('h') || !names.includes('k')) return null;
    const cell = (row: readonly string[], name: string): string => row[names.indexOf(name)] ?? '';
    return rows.filter((row) => row.length === names.length).map((row) => [cell(row, 'h'), cell(row, 'k')]);
  } catch (error) {
    if (error instanceof CsvError) return null;
    throw error;
  }
}

test('the same rows, or a problem where the parser sees one', () =>
  always(
    fc.asyncProperty(text, async (content) => {
      const wanted = expected(content);
      await writeFile(join(folder, 'any.csv'), content);
      const problems = new ProblemList();
      const rows: string[][] = [];
      await readCsv(folder, 'any.csv', ['h', 'k'], problems, [], (cells) => rows.push([...cells]));
      if (wanted === null) expect(problems.count).toBeGreaterThan(0);
      else expect(rows).toEqual(wanted);
    }),
    500,
  ));
