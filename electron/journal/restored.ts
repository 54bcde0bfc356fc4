/**
 * Books that were restored from a backup do not know what moved at Stripe since. Until they were compared with Stripe and hold every
 * such movement, nothing is moved: it is asked here, at the two places every movement goes through. docs/decisions/0015.
 */
import { z } from 'zod';
import { CofferError } from '../../shared/domain/coffer-error';
import type { Queries } from '../store/store';

const KEY = 'restored';

const restored = z.object({
  at: z.string(),
  by: z.string(),
  /** `restore`: by a person from a backup. `found-older`: the file lacked what Coffer had noted beside it. */
  cause: z.enum(['restore', 'found-older']),
  /** Name of the backup; of the file itself when it was found older. */
  file: z.string(),
  /** The last event that these books know from before. */
  knownUntil: z.string().nullable(),
  /** Where the books of before lie; null when there were none. */
  superseded: z.string().nullable(),
  /** When every movement since was found and taken over; null: not yet. */
  comparedAt: z.string().nullable(),
  /** What the last comparison could not take over, each in words. */
  open: z.array(z.string()),
});
export type Restored = z.infer<typeof restored>;

export async function readRestored(db: Queries): Promise<Restored | null> {
  const row = await db.selectFrom('setting').select('value').where('key', '=', KEY).executeTakeFirst();
  return row === undefined ? null : restored.parse(JSON.parse(row.value));
}

export async function writeRestored(tx: Queries, mark: Restored): Promise<void> {
  const value = JSON.stringify(mark);
  await tx
    .insertInto('setting')
    .values({ key: KEY, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute();
}

/** The mark of books that still have to be compared with Stripe; null for all others. */
export async function mustCompare(db: Queries): Promise<Restored | null> {
  const mark = await readRestored(db);
  return mark !== null && mark.comparedAt === null ? mark : null;
}

/** Throws `CofferError` while restored books were not compared with Stripe. */
export async function requireCompared(db: Queries): Promise<void> {
  const mark = await mustCompare(db);
  if (mark !== null) throw new CofferError('restored-not-compared', restoredMessage(mark), COMPARE_FIRST);
}

export const COMPARE_FIRST =
  'Compare them with Stripe under Settings, Backups. Until every movement made since is in the books, nothing is moved.';

export function restoredMessage(mark: Restored): string {
  const until = mark.knownUntil === null ? '' : ` They end at ${mark.knownUntil.slice(0, 16).replace('T', ' ')} UTC.`;
  const open = mark.open.length === 0 ? '' : ` Open: ${mark.open.join(' ')}`;
  return mark.cause === 'restore'
    ? `These books were restored from a backup and are not compared with Stripe yet.${until}${open}`
    : `These books are older than they were when Coffer last had them open.${until}${open}`;
}
