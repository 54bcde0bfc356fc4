/** Streams one CSV file (RFC 4180, UTF-8 with or without BOM) as rows of named cells, reporting every malformed row. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Transform } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import type { ProblemList } from './problems';

export interface CsvRow {
  readonly line: number;
  /** Cell by column name; only called with columns that were asked for. */
  cell(column: string): string;
}

interface ParsedRecord {
  readonly record: string[];
  /** The text of the record with its line end. */
  readonly raw: string;
}

class NotUtf8 extends Error {}

/** Passes bytes on as text and adds them to a hash. Ends with `NotUtf8` when they are not UTF-8. */
function decoding(hash: Hash): Transform {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const decode = (chunk: Buffer | undefined, next: (error: Error | null, text?: string) => void): void => {
    try {
      next(null, chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true }));
    } catch {
      next(new NotUtf8());
    }
  };
  return new Transform({
    decodeStrings: true,
    encoding: 'utf8',
    transform(chunk: Buffer, _encoding, next) {
      hash.update(chunk);
      decode(chunk, next);
    },
    flush(next) {
      decode(undefined, next);
    },
  });
}

function lineEnds(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

/**
 * Calls `onRow` for each data row that has all cells. Missing columns and malformed rows become problems; columns that are
 * not asked for become a note. Returns the SHA-256 of the file's bytes, or null when the file is missing.
 */
export async function readCsv(
  directory: string,
  file: string,
  columns: readonly string[],
  problems: ProblemList,
  notes: string[],
  onRow: (row: CsvRow) => void,
): Promise<string | null> {
  const hash = createHash('sha256');
  const source = createReadStream(`${directory}/${file}`, { highWaterMark: 1 << 18 });
  const parser = parse({ bom: true, raw: true, relax_column_count: true, encoding: 'utf8' });
  const text = decoding(hash);
  source.on('error', (error) => parser.destroy(error));
  text.on('error', (error) => parser.destroy(error));
  source.pipe(text).pipe(parser);

  let positions: Map<string, number> | null = null;
  let width = 0;
  let lastLine = 0;
  try {
    for await (const item of parser) {
      const { record, raw }: ParsedRecord = item;
      const line = lastLine + 1;
      // The record's own line end is not always part of `raw`.
      lastLine += 1 + lineEnds(raw.replace(/\r?\n?$/, ''));
      if (record.length === 1 && record[0] === '') continue;
      if (positions === null) {
        positions = headerOf(record, file, columns, problems, notes);
        if (positions === null) {
          source.destroy();
          return hash.digest('hex');
        }
        width = record.length;
        continue;
      }
      if (record.length !== width) {
        problems.add(file, line, '(row)', `the row has ${record.length} cells, expected ${width} as in the header`);
        continue;
      }
      const at = positions;
      onRow({ line, cell: (column) => record[at.get(column) ?? -1] ?? '' });
    }
  } catch (error) {
    return malformed(error, file, lastLine, problems);
  }
  if (positions === null) {
    problems.add(file, 1, '(header)', `the file is empty, expected a header row with ${columns.join(', ')}`);
  }
  return hash.digest('hex');
}

function headerOf(
  record: readonly string[],
  file: string,
  columns: readonly string[],
  problems: ProblemList,
  notes: string[],
): Map<string, number> | null {
  const positions = new Map<string, number>();
  record.forEach((name, index) => {
    const column = name.trim();
    if (positions.has(column)) problems.add(file, 1, column, 'the column is there twice, expected once');
    positions.set(column, index);
    if (!columns.includes(column)) notes.push(`${file}: the column "${column}" is not used and was ignored.`);
  });
  const missing = columns.filter((column) => !positions.has(column));
  for (const column of missing) problems.add(file, 1, column, 'the column is missing, expected in the header row');
  return missing.length > 0 ? null : positions;
}

function malformed(error: unknown, file: string, lastLine: number, problems: ProblemList): string | null {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') {
    problems.add(file, 0, '(file)', 'the file is missing, expected in the dataset directory');
    return null;
  }
  if (error instanceof NotUtf8) {
    problems.add(file, 0, '(file)', 'the file is not UTF-8 text, expected UTF-8');
    return null;
  }
  if (error instanceof CsvError) {
    const line = 'lines' in error && typeof error.lines === 'number' ? error.lines : lastLine + 1;
    problems.add(
      file,
      line,
      '(row)',
      `the row is not valid CSV (${code.toLowerCase().replaceAll('_', ' ')}), expected RFC 4180`,
    );
    return null;
  }
  if (code !== '') {
    problems.add(file, 0, '(file)', `the file cannot be read (${code}), expected a readable file`);
    return null;
  }
  throw error;
}
