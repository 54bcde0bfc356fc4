/** `backup` and `restore`: the store in a state folder, without Stripe. `close` and `migrate` compare restored books before anything else. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { countOf } from '../../shared/domain/count-of';
import { compareWithStripe, comparisonText } from '../services/compare-with-stripe';
import { restoreBackup, reviewRestore } from '../services/restore';
import { makeBackup } from '../store/backup';
import { inspectDatabase } from '../store/inspect';
import { StoreDamaged } from '../store/store';
import { lockStore } from '../store/store-lock';
import type { BackupArguments, RestoreArguments } from './arguments';
import { BAD_INPUT, DONE, type Ending, STOPPED } from './ending';
import { operatorName, type Session } from './session';

export async function runBackup(args: BackupArguments, progress: (line: string) => void): Promise<Ending> {
  const storePath = storeIn(args.state);
  if (!existsSync(storePath)) {
    progress(`There are no books in ${args.state}.`);
    return { exit: BAD_INPUT, summary: { command: 'backup', error: 'input', message: 'no books' } };
  }
  const { findings } = inspectDatabase(storePath, 'quick');
  if (findings.length > 0) throw new StoreDamaged(storePath, findings);
  const made = makeBackup({
    storePath,
    reason: 'manual',
    at: new Date(),
    ...(args.out === null ? {} : { folder: resolve(args.out) }),
  });
  progress(`Backed up and checked: ${made.path}`);
  return {
    exit: DONE,
    summary: { command: 'backup', path: made.path, bytes: made.bytes, sha256: made.note?.sha256 ?? null },
  };
}

/** Without `--yes`: what would be lost. */
export async function runRestore(args: RestoreArguments, progress: (line: string) => void): Promise<Ending> {
  const storePath = storeIn(args.state);
  const lock = await lockStore(storePath);
  try {
    const target = { storePath, mode: 'sandbox', stripeAccount: null };
    const backupPath = resolve(args.backup);
    const review = await reviewRestore(target, backupPath);
    if (review.refusals.length > 0) {
      for (const reason of review.refusals) progress(reason);
      return { exit: BAD_INPUT, summary: { command: 'restore', error: 'refused', exceptions: review.refusals } };
    }
    const { losses } = review;
    const lost =
      losses === null ? null : { events: losses.events, movements: losses.movements.length, periods: losses.periods };
    progress(
      lost === null
        ? 'The present books cannot be read; what they hold beyond the backup is not known.'
        : `Lost with this restore: ${countOf(lost.events, 'event')}, ${countOf(lost.movements, 'movement')}.`,
    );
    if (!args.yes) {
      progress('Nothing was changed: add --yes to restore.');
      return { exit: DONE, summary: { command: 'restore', backup: review.file, lost, restored: false } };
    }
    await restoreBackup({ ...target, backupPath, actor: operatorName(), at: new Date() });
    progress('Restored. The next run compares the books with Stripe before it moves anything.');
    return { exit: DONE, summary: { command: 'restore', backup: review.file, lost, restored: true } };
  } finally {
    await lock.release();
  }
}

/** Null when the run may go on; else why it stopped. */
export async function compareFirst(
  command: string,
  session: Session,
  progress: (line: string) => void,
): Promise<Ending | null> {
  const compared = await compareWithStripe(session.platform.context);
  if (compared === null) return null;
  progress(`These books were restored. ${comparisonText(compared)}`);
  for (const line of [...compared.open, ...compared.notes]) progress(`  ${line}`);
  if (compared.open.length === 0) return null;
  return { exit: STOPPED, summary: { command, stoppedAt: 'comparison', exceptions: compared.open } };
}

function storeIn(state: string): string {
  return join(resolve(state), 'coffer.db');
}
