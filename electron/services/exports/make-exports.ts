/** The audit exports of a period: CSV files in the field's formats and `summary.json`. Deterministic. Source: docs/exports.md. */
import type { ExportFile } from '../../../shared/contract/proof';
import type { Queries, Store } from '../../store/store';
import type { WrittenFile } from '../worker/store-jobs';
import { workerOf } from '../worker/store-worker';
import { auditCsv, auditJsonl } from './audit';
import { balancesCsv } from './balances';
import { earningsCsv } from './earnings';
import type { ExportKind } from './export-kind';
import { journalEntriesCsv } from './journal-entries';
import { lateRowsCsv } from './late-rows';
import { operationsCsv, payoutsCsv } from './movements';
import { reconciliationCsv } from './reconciliation';
import { summaryJson } from './summary';
import { unallocatedCsv } from './unallocated';
import { type ExportedFile, writeFiles } from './write-files';

const KINDS: readonly ExportKind[] = [
  earningsCsv,
  unallocatedCsv,
  payoutsCsv,
  operationsCsv,
  balancesCsv,
  reconciliationCsv,
  lateRowsCsv,
  journalEntriesCsv,
  auditCsv,
  auditJsonl,
  summaryJson,
];

export const EXPORT_NAMES: readonly string[] = KINDS.map((kind) => kind.name);

/** Makes the named exports of a period one after the other. */
async function* eachExport(db: Queries, period: string, names: readonly string[]): AsyncGenerator<ExportedFile> {
  for (const kind of KINDS) {
    if (!names.includes(kind.name)) continue;
    const { content, rows } = await kind.make(db, period);
    if (kind.optional === true && rows === 0) continue;
    yield { name: kind.name, title: kind.title, rows, content };
  }
}

/** Makes the named exports of a period, or all of them. */
export async function makeExports(
  db: Queries,
  period: string,
  names: readonly string[] = EXPORT_NAMES,
): Promise<ExportedFile[]> {
  const files: ExportedFile[] = [];
  for await (const file of eachExport(db, period, names)) files.push(file);
  return files;
}

/** Writes the named exports of a period into a folder, each whole or not at all. */
export async function saveExports(
  store: Store,
  period: string,
  names: readonly string[],
  directory: string,
): Promise<WrittenFile[]> {
  const worker = await workerOf(store);
  if (worker !== null) return worker.run('save-exports', { period, names, directory });
  return writeEach(store.db, period, names, directory);
}

export async function writeEach(
  db: Queries,
  period: string,
  names: readonly string[],
  directory: string,
): Promise<WrittenFile[]> {
  const written: WrittenFile[] = [];
  for await (const file of eachExport(db, period, names)) written.push(...(await writeFiles(directory, [file])));
  return written;
}

/** What can be exported of a period now, with its number of rows. */
export async function listExports(store: Store, period: string): Promise<ExportFile[]> {
  const worker = await workerOf(store);
  return worker === null ? exportList(store.db, period) : worker.run('export-list', { period });
}

/** The same of a connection that only this is done on. */
export async function exportList(db: Queries, period: string): Promise<ExportFile[]> {
  const list: ExportFile[] = [];
  for (const kind of KINDS) {
    const rows = kind.count === undefined ? (await kind.make(db, period)).rows : await kind.count(db, period);
    if (kind.optional === true && rows === 0) continue;
    const ready = rows > 0;
    list.push({ name: kind.name, title: kind.title, rows, ready, detail: ready ? '' : 'Nothing to export yet' });
  }
  return list;
}
