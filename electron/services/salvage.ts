/** Saves what can be read of damaged books as CSV files, one for each table. For looking things up, not for going on with. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readableTables } from '../store/salvage';
import { type Cell, csvFile, number, text } from './csv';

export interface SavedTable {
  readonly table: string;
  readonly rows: number;
  /** False: reading ended early, at a damaged part. */
  readonly complete: boolean;
}

/** Writes `TABLE.csv` for every table that can be named. Amounts are minor units. Changes nothing in the books. */
export async function saveReadable(storePath: string, directory: string): Promise<SavedTable[]> {
  await mkdir(directory, { recursive: true });
  const saved: SavedTable[] = [];
  for (const { table, columns, rows, complete } of readableTables(storePath)) {
    const lines = rows.map((row) => columns.map((column) => cell(row[column])));
    await writeFile(join(directory, `${table}.csv`), csvFile(columns, lines), 'utf8');
    saved.push({ table, rows: rows.length, complete });
  }
  return saved;
}

function cell(value: unknown): Cell {
  if (value === null || value === undefined) return text('');
  return typeof value === 'bigint' ? number(value) : text(String(value));
}
