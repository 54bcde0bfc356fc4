/** Answers the channels about backups, also while the books cannot be opened. */
import { basename } from 'node:path';
import type { BackupRow, BooksState, RestoreReviewView } from '../../../../shared/contract/backups';
import { CofferError } from '../../../../shared/domain/coffer-error';
import { requireTyped } from '../../../../shared/domain/confirmation';
import { mustCompare, restoredMessage } from '../../../journal/restored';
import { compareWithStripe, comparisonText } from '../../../services/compare-with-stripe';
import type { RestoreReview, RestoreTarget } from '../../../services/restore';
import { readStripeAccount } from '../../../services/settings';
import { type Backup, backupFolder, listBackups } from '../../../store/backup';
import { readHeadNote } from '../../../store/head-note';
import type { HandlersOf } from '../../service-host';
import type { OpenBooks } from '../open-books';

const MOVEMENTS_SHOWN = 200;
const BACKUPS_SHOWN = 2_000;

export function backupHandlers(books: OpenBooks): HandlersOf<'backups'> {
  /** Files that the person chose in the system's dialog. The page may name these, and listed backups, and nothing else. */
  const chosen = new Set<string>();
  const folder = (): string => backupFolder(books.storePath);
  const requireKnown = (path: string): void => {
    if (chosen.has(path) || listBackups(folder()).some((one) => one.path === path)) return;
    throw new CofferError('backup-unknown', 'This backup is not in the list.', 'Choose the file again.');
  };
  const target = async (): Promise<RestoreTarget> => ({
    storePath: books.storePath,
    mode: books.surroundings.mode,
    stripeAccount: books.damage === null ? await readStripeAccount(books.platform().store.db) : null,
  });

  return {
    'backups.state': () => booksState(books),
    'backups.make': async () => row(await books.backUp('manual')),
    'backups.check': async ({ path }) => {
      if (path !== null) requireKnown(path);
      const findings = await books.heavy('check', { path: path ?? books.storePath });
      if (books.damage === null) {
        await books.audited('backup.checked', path === null ? 'books' : basename(path), {
          findings: findings.map((one) => one.message),
        });
      }
      return { findings: findings.map((one) => one.message), checkedAt: new Date().toISOString() };
    },
    'backups.choose': async () => {
      const path = await books.surroundings.dialogs.chooseFile({
        title: 'Choose a backup',
        button: 'Choose',
        kinds: [{ name: 'Coffer backup', extensions: ['db'] }],
      });
      if (path === null) return null;
      chosen.add(path);
      return { path };
    },
    'backups.review': async ({ path }) => {
      requireKnown(path);
      return reviewView(path, await books.heavy('review', { target: await target(), path }));
    },
    'backups.restore': async ({ path, typed }) => {
      requireKnown(path);
      books.requireIdle();
      const order = { ...(await target()), backupPath: path, actor: books.surroundings.operator(), at: new Date() };
      const review = await books.heavy('review', { target: order, path });
      requireTyped(typed, review.confirmation, 'Nothing was changed.');
      await books.whileClosed(() => books.heavy('restore', order));
      return null;
    },
    'backups.compare': async () => {
      await books.ensureConnected();
      const { context } = books.platform();
      const result = await books.guard.run('compare', () => compareWithStripe(context));
      books.afterMoving('compare');
      if (result === null) return { summary: 'There is nothing to compare.', open: [], notes: [] };
      return { summary: comparisonText(result), open: [...result.open], notes: [...result.notes] };
    },
    'backups.showFolder': async () => {
      books.surroundings.showFolder(books.damage === null ? folder() : books.storePath);
      return null;
    },
    'backups.saveReadable': async () => {
      const directory = await books.surroundings.dialogs.chooseFolder({
        title: 'Choose a folder for what can be read',
        button: 'Save here',
      });
      if (directory === null) return null;
      const tables = await books.heavy('salvage', { storePath: books.storePath, directory });
      return { directory, tables: tables.map((one) => ({ ...one })) };
    },
  };
}

async function booksState(books: OpenBooks): Promise<BooksState> {
  const { damage } = books;
  const folder = backupFolder(books.storePath);
  const mark = damage === null ? await mustCompare(books.platform().store.db) : null;
  return {
    folder,
    damage:
      damage === null
        ? null
        : {
            file: damage.path,
            findings: damage.findings.map((one) => one.message),
            lastGoodAt: readHeadNote(books.storePath)?.at ?? null,
          },
    restored:
      mark === null
        ? null
        : {
            at: mark.at,
            by: mark.by,
            file: mark.file,
            message: restoredMessage({ ...mark, open: [] }),
            open: mark.open,
          },
    backups: listBackups(folder).slice(0, BACKUPS_SHOWN).map(row),
  };
}

function row(backup: Backup): BackupRow {
  const { path, file, bytes, madeAt, reason, schemaVersion, note } = backup;
  return { path, file, bytes, madeAt, reason, schemaVersion, verified: note !== null, sha256: note?.sha256 ?? null };
}

function reviewView(path: string, review: RestoreReview): RestoreReviewView {
  const { losses, backup } = review;
  const amounts = new Map<string, bigint>();
  for (const one of losses?.movements ?? []) amounts.set(one.currency, (amounts.get(one.currency) ?? 0n) + one.amount);
  return {
    path,
    file: review.file,
    lastEventAt: backup.lastEventAt,
    events: backup.events,
    openPeriod: backup.openPeriod,
    refusals: [...review.refusals],
    confirmation: review.confirmation,
    losses:
      losses === null
        ? null
        : {
            events: losses.events,
            lastEventAt: losses.lastEventAt,
            periods: losses.periods.map((one) => ({ ...one })),
            movements: losses.movements
              .slice(0, MOVEMENTS_SHOWN)
              .map((one) => ({ ...one, amount: String(one.amount) })),
            movementCount: losses.movements.length,
            amounts: [...amounts].sort().map(([currency, amount]) => ({ currency, amount: String(amount) })),
          },
  };
}
