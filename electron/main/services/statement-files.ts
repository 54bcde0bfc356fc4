/** Statements of creators as files: one as CSV or PDF, or the PDF of everyone in a month. */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CofferError } from '../../../shared/domain/coffer-error';
import { busy } from '../../services/context';
import { earningsForUser, statementCsv, statementsFile } from '../../services/earnings-for-user';
import { writeWhole } from '../../services/exports/write-files';
import { statementPage } from '../../services/statement-page';
import { creatorStatement, creatorsOfPeriod } from '../../services/statements';
import type { PdfPrinter } from '../pdf-printer';
import type { OpenBooks } from './open-books';

/** More files than this are a job for the CSV exports. */
const MOST = 5_000;
/** The name of the run: one at a time, and it can be stopped between two files. */
export const STATEMENTS = 'statements';

const fileName = (creatorId: string): string => `statement-${creatorId.replace(/[^A-Za-z0-9_-]/g, '_')}`;

async function pdfOf(books: OpenBooks, printer: PdfPrinter, creatorId: string, period: string | null) {
  const { store, context } = books.platform();
  const statement = await creatorStatement(store, creatorId);
  const totals = await earningsForUser(store, { creatorId });
  return printer.print(
    statementPage(statement, totals, { mode: books.surroundings.mode, asOf: context.now(), period }),
  );
}

/** One statement through the file dialog; null when it was cancelled. */
export async function saveStatement(
  books: OpenBooks,
  creatorId: string,
  format: 'csv' | 'pdf',
): Promise<{ path: string } | null> {
  const path = await books.surroundings.dialogs.chooseSaveFile({
    title: 'Save the statement',
    name: `${fileName(creatorId)}.${format}`,
    kinds: [{ name: format.toUpperCase(), extensions: [format] }],
  });
  if (path === null) return null;
  if (format === 'csv') {
    const { earnings } = await creatorStatement(books.platform().store, creatorId);
    await writeWhole(path, statementCsv(creatorId, earnings));
    return { path };
  }
  const printer = books.surroundings.openPdfPrinter();
  try {
    await writeWhole(path, await pdfOf(books, printer, creatorId, null));
  } finally {
    printer.close();
  }
  return { path };
}

/** Statements of some creators, or of everyone, in one CSV through the file dialog; null when it was cancelled. */
export async function saveEarnings(
  books: OpenBooks,
  creators: readonly string[],
): Promise<{ path: string; creators: number; rows: number } | null> {
  const { content, ...counts } = await statementsFile(books.platform().store, creators);
  const path = await books.surroundings.dialogs.chooseSaveFile({
    title: 'Save the statements',
    name: 'statements.csv',
    kinds: [{ name: 'CSV', extensions: ['csv'] }],
  });
  if (path === null) return null;
  await writeWhole(path, content);
  await books.audited('statements.saved', 'csv', counts);
  return { path, ...counts };
}

/** A PDF for each creator with earnings, a payout or an amount owed in the month, in the chosen folder. */
export async function saveStatements(
  books: OpenBooks,
  period: string,
): Promise<{ directory: string; files: number; total: number } | null> {
  const creators = await creatorsOfPeriod(books.platform().store.db, period);
  if (creators.length === 0)
    throw new CofferError('no-statements', `${period} has no earnings yet.`, 'Run the step Earnings of its month end.');
  if (creators.length > MOST) {
    throw new CofferError(
      'too-many-statements',
      `${creators.length.toLocaleString('en')} statements are more than ${MOST.toLocaleString('en')}.`,
      'Save earnings.csv in Audit & exports: it has every creator of the month.',
    );
  }
  const chosen = await books.surroundings.dialogs.chooseFolder({
    title: `Choose a folder for the ${creators.length.toLocaleString('en')} statements`,
    button: 'Save here',
  });
  if (chosen === null) return null;
  const directory = join(chosen, `statements-${period}`);
  const saved = await books.guard.run(STATEMENTS, async () => {
    await mkdir(directory, { recursive: true });
    const printer = books.surroundings.openPdfPrinter();
    let files = 0;
    try {
      for (const creatorId of creators) {
        if (books.guard.shouldStop()) break;
        await writeWhole(join(directory, `${fileName(creatorId)}.pdf`), await pdfOf(books, printer, creatorId, period));
        files += 1;
        books.publish('run.progress', {
          run: 'export',
          label: 'Saving statements',
          done: files,
          total: creators.length,
        });
      }
    } finally {
      printer.close();
    }
    await books.audited('statements.saved', period, { files });
    return { directory, files, total: creators.length };
  });
  if (saved === null) throw busy();
  return saved;
}
