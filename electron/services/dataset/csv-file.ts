/** Streams one CSV file (RFC 4180, UTF-8 with or without BOM) as rows of named cells, reporting every malformed row. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Transform } from 'node:stream';
import { CsvError, type Parser, parse } from 'csv-parse';
import type { ProblemList } from './problems';

/** @param cells in the order of the columns that were asked for; texts of their own, not pieces of the file */
export type OnRow = (cells: readonly string[], line: number) => void;

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

/** Takes the records of a file one by one: the header first, then the rows. */
class Records {
  /** Where the columns that were asked for stand; null before the header. */
  #positions: readonly number[] | null = null;
  #inOrder = false;
  #width = 0;
  /** The line on which the latest record ended. */
  lastLine = 0;
  /** The header cannot be used: nothing more is wanted. */
  refused = false;

  constructor(
    private readonly file: string,
    private readonly columns: readonly string[],
    private readonly problems: ProblemList,
    private readonly notes: string[],
    private readonly onRow: OnRow,
  ) {}

  get sawHeader(): boolean {
    return this.#positions !== null;
  }

  /** @param breaks line breaks inside the record */
  take(record: readonly string[], breaks: number): void {
    if (this.refused) return;
    const line = this.lastLine + 1;
    this.lastLine += 1 + breaks;
    if (record.length === 1 && record[0] === '') return;
    const positions = this.#positions;
    if (positions === null) {
      const header = headerOf(record, this.file, this.columns, this.problems, this.notes);
      this.#positions = header === null ? null : this.columns.map((column) => header.get(column) ?? -1);
      this.#width = record.length;
      this.#inOrder =
        record.length === this.columns.length &&
        this.#positions?.every((position, index) => position === index) === true;
      this.refused = header === null;
      return;
    }
    if (record.length === this.#width) {
      this.onRow(this.#inOrder ? record : positions.map((position) => record[position] ?? ''), line);
    } else {
      this.problems.add(
        this.file,
        line,
        '(row)',
        `the row has ${record.length} cells, expected ${this.#width} as in the header`,
      );
    }
  }
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
  onRow: OnRow,
): Promise<string | null> {
  const hash = createHash('sha256');
  const records = new Records(file, columns, problems, notes, onRow);
  const source = createReadStream(`${directory}/${file}`, { highWaterMark: 1 << 18 });
  const text = decoding(hash);
  source.on('error', (error) => text.destroy(error));
  source.pipe(text);
  const plain = new PlainLines((record) => records.take(record, 0));
  const rest: { parser: QuotedRecords | null; lines: number } = { parser: null, lines: 0 };
  const parse = (left: string): Promise<void> => {
    if (rest.parser === null) {
      rest.lines = records.lastLine;
      // The line end of a first line that is quoted is the parser's to find.
      rest.parser = new QuotedRecords(records.lastLine === 0 ? null : plain.lineEnd, (record, breaks) =>
        records.take(record, breaks),
      );
    }
    return rest.parser.push(left);
  };
  try {
    for await (const chunk of text as AsyncIterable<string>) {
      const left = rest.parser === null ? plain.push(chunk) : chunk;
      if (left !== null) await parse(left);
      if (records.refused) break;
    }
    const left = plain.end();
    if (left !== null && !records.refused) await parse(left);
    await rest.parser?.end();
  } catch (error) {
    return malformed(error, file, records.lastLine, rest.lines, problems);
  } finally {
    source.destroy();
  }
  if (!records.sawHeader && !records.refused) {
    problems.add(file, 1, '(header)', `the file is empty, expected a header row with ${columns.join(', ')}`);
  }
  return hash.digest('hex');
}

/** Splits text that takes no parser, which is most of every large file, at its line ends and commas. */
class PlainLines {
  #held = '';
  #begun = false;
  /** As the first line ends; null before. */
  lineEnd: string | null = null;

  constructor(private readonly take: (record: readonly string[]) => void) {}

  /** Returns the text from the first record on that takes a parser; null when there is none so far. */
  push(chunk: string): string | null {
    let text = this.#held + chunk;
    if (!this.#begun && text.startsWith(BOM)) text = text.slice(1);
    this.#begun ||= text !== '';
    this.lineEnd ??= firstLineEnd(text);
    const { lineEnd } = this;
    const end = lineEnd === null ? -1 : text.lastIndexOf(lineEnd);
    if (lineEnd === null || end < 0) this.#held = text;
    else {
      const left = this.#lines(text.slice(0, end), lineEnd);
      if (left !== null) return this.#handOver(left + text.slice(end));
      this.#held = text.slice(end + lineEnd.length);
    }
    return this.#held.length > LONGEST_PLAIN_LINE ? this.#handOver(this.#held) : null;
  }

  /** The last line, unless it takes a parser: then its text. */
  end(): string | null {
    const left = this.#handOver(this.#held);
    return left === '' ? null : this.#lines(left, this.lineEnd ?? '\n');
  }

  /** Whole lines, without the end of the last. Returns those from the first on that takes a parser. */
  #lines(text: string, lineEnd: string): string | null {
    const records = plainRecords(text, lineEnd);
    if (records !== null) {
      for (const record of records) this.take(record);
      return null;
    }
    for (let start = 0, end = 0; end < text.length; start = end + lineEnd.length) {
      end = text.indexOf(lineEnd, start);
      if (end < 0) end = text.length;
      const record = recordOf(text.slice(start, end));
      if (record === null) return text.slice(start);
      this.take(record);
    }
    return null;
  }

  #handOver(text: string): string {
    this.#held = '';
    return text;
  }
}

/** What JSON would escape, the line feed apart. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const ESCAPED_IN_JSON = /["\\\u0000-\u0009\u000b-\u001f]/;

/** All records of a text at once, as the JSON that they are but for its punctuation; null when a character stands against it. */
function plainRecords(text: string, lineEnd: string): string[][] | null {
  const lines = lineEnd === '\n' ? text : text.replaceAll(lineEnd, '\n');
  if (ESCAPED_IN_JSON.test(lines)) return null;
  if (lineEnd !== '\n' && LONE_LINE_FEED.test(text)) return null;
  return JSON.parse(`[["${lines.replaceAll(',', '","').replaceAll('\n', '"],["')}"]]`);
}

const LONE_LINE_FEED = /(?:^|[^\r])\n/;

/** One line whose quotes, if it has any, are those of whole cells; null for any other. */
function recordOf(line: string): string[] | null {
  if (LINE_BREAK.test(line)) return null;
  const cells: string[] = [];
  if (!line.includes('"')) cells.push(...line.split(','));
  else {
    CELL.lastIndex = 0;
    for (let more = true; more; ) {
      const match = CELL.exec(line);
      if (match === null) return null;
      cells.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
      more = match[3] === ',';
    }
  }
  // Pieces of a text keep all of it in memory; out of JSON they are texts of their own.
  return JSON.parse(JSON.stringify(cells));
}

const LINE_BREAK = /[\r\n]/;
const CELL = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;
const BOM = '\uFEFF';
const LONGEST_PLAIN_LINE = 1 << 20;

/** LF or CRLF; null when the text has no whole line yet, or begins with anything else. */
function firstLineEnd(text: string): string | null {
  const at = text.indexOf('\n');
  if (at < 0) return null;
  return text[at - 1] === '\r' ? '\r\n' : '\n';
}

/** The whole of RFC 4180, record by record. */
class QuotedRecords {
  readonly #parser: Parser;
  #failed: unknown = null;

  /** @param lineEnd null: the one that comes first */
  constructor(lineEnd: string | null, take: (record: string[], breaks: number) => void) {
    this.#parser = parse({
      raw: true,
      relax_column_count: true,
      encoding: 'utf8',
      ...(lineEnd === null ? {} : { record_delimiter: lineEnd }),
    });
    this.#parser.on('readable', () => {
      try {
        for (let item: ParsedRecord | null = this.#parser.read(); item !== null; item = this.#parser.read()) {
          // The record's own line end is not always part of `raw`.
          take(item.record, lineEnds(item.raw.replace(/\r?\n?$/, '')));
        }
      } catch (error) {
        this.#parser.destroy(error instanceof Error ? error : new Error(String(error)));
      }
    });
    this.#parser.on('error', (error) => {
      this.#failed ??= error;
    });
  }

  async push(text: string): Promise<void> {
    if (!this.#parser.write(text) && this.#failed === null) await this.#until('drain');
    if (this.#failed !== null) throw this.#failed;
  }

  async end(): Promise<void> {
    const ended = this.#until('end');
    this.#parser.end();
    await ended;
    if (this.#failed !== null) throw this.#failed;
  }

  #until(event: 'drain' | 'end'): Promise<void> {
    return new Promise((resolve) => {
      const events = [event, 'error', 'close'];
      const done = (): void => {
        for (const one of events) this.#parser.off(one, done);
        resolve();
      };
      for (const one of events) this.#parser.on(one, done);
    });
  }
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

/** @param before lines before the text that the parser was given */
function malformed(
  error: unknown,
  file: string,
  lastLine: number,
  before: number,
  problems: ProblemList,
): string | null {
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
    const line = 'lines' in error && typeof error.lines === 'number' ? before + error.lines : lastLine + 1;
    problems.add(
      file,
      line,
      '(row)',
      `the row is not valid CSV (${code.toLowerCase().replaceAll('_', ' ')}), expected RFC 4180`,
    );
    return null;
  }
  // Of the system, not of whoever takes the rows.
  if (error instanceof Error && 'syscall' in error) {
    problems.add(file, 0, '(file)', `the file cannot be read (${code}), expected a readable file`);
    return null;
  }
  throw error;
}
