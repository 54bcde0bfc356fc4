import { CofferError } from '../../shared/domain/coffer-error';

/** Codes of Node and texts of SQLite: https://www.sqlite.org/rescode.html */
const FULL = /ENOSPC|EDQUOT|database or disk is full|SQLITE_FULL/i;
const READ_ONLY = /EROFS|EACCES|EPERM|attempt to write a readonly database|SQLITE_READONLY/i;
const BROKEN = /\bEIO\b|disk I\/O error|SQLITE_IOERR/i;

/** What the disk did, in words; null when the error is not the disk's. Whatever was being written was not: a transaction is whole or not there. */
export function diskFailure(error: unknown): CofferError | null {
  if (error instanceof CofferError || !(error instanceof Error)) return null;
  const text = `${'code' in error ? String(error.code) : ''} ${error.message}`;
  if (FULL.test(text)) {
    return new CofferError('disk-full', 'The disk is full, so this was not written.', 'Free some space and try again.');
  }
  if (READ_ONLY.test(text)) {
    return new CofferError(
      'disk-read-only',
      'The disk or the folder cannot be written to, so this was not written.',
      'Make the folder of Coffer’s data, or the one you chose, writable for you and try again.',
    );
  }
  if (BROKEN.test(text)) {
    return new CofferError(
      'disk-broken',
      'The disk reported an error, so this was not completed.',
      'Make a backup to another disk under Settings, Backups, and have this one checked.',
    );
  }
  return null;
}
