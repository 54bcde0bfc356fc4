import { z } from 'zod';
import { amountIn, channel, currencyCode, done, id, instant, minor, nothing } from './channel';

const reason = z.enum(['manual', 'daily', 'before-migration', 'before-schema', 'before-restore']);

export const backupRow = z.strictObject({
  path: z.string(),
  file: z.string(),
  bytes: z.int().min(0),
  madeAt: instant,
  reason,
  schemaVersion: z.int().min(0),
  /** Checked as a whole when it was made, and of the same size since. */
  verified: z.boolean(),
  /** Null when there is no note beside it. */
  sha256: z.string().nullable(),
});
export type BackupRow = z.infer<typeof backupRow>;

export const booksState = z.strictObject({
  /** The folder of backups of this mode. */
  folder: z.string(),
  /** The books cannot be opened; null: they are open. */
  damage: z
    .strictObject({
      file: z.string(),
      findings: z.array(z.string()),
      /** When they were last known to be whole; null: not known. */
      lastGoodAt: instant.nullable(),
    })
    .nullable(),
  /** Restored books that were not compared with Stripe; null: nothing to compare. */
  restored: z
    .strictObject({ at: instant, by: z.string(), file: z.string(), message: z.string(), open: z.array(z.string()) })
    .nullable(),
  backups: z.array(backupRow).max(2_000),
});
export type BooksState = z.infer<typeof booksState>;

export const lostMovement = z.strictObject({
  intentId: id,
  kind: z.string(),
  creatorId: z.string().nullable(),
  period: z.string(),
  currency: currencyCode,
  amount: minor,
  state: z.string(),
});

export const restoreReview = z.strictObject({
  path: z.string(),
  file: z.string(),
  /** Of the last event in the backup; null when it has none. */
  lastEventAt: instant.nullable(),
  events: z.int(),
  openPeriod: z.string().nullable(),
  /** Why it cannot be restored; empty: it can be. */
  refusals: z.array(z.string()),
  /** What has to be typed. */
  confirmation: z.string(),
  /** What the present books hold beyond it; null: they cannot be read. */
  losses: z
    .strictObject({
      events: z.int(),
      lastEventAt: instant.nullable(),
      periods: z.array(z.strictObject({ period: z.string(), inBackup: z.string(), now: z.string() })),
      /** The first of them; `movementCount` counts all. */
      movements: z.array(lostMovement).max(200),
      movementCount: z.int(),
      amounts: z.array(amountIn),
    })
    .nullable(),
});
export type RestoreReviewView = z.infer<typeof restoreReview>;

export const comparison = z.strictObject({
  summary: z.string(),
  open: z.array(z.string()),
  notes: z.array(z.string()),
});
export type ComparisonView = z.infer<typeof comparison>;

const file = z.strictObject({ path: z.string().min(1).max(4_096) });

export const backupsChannels = {
  /** Answers also while the books cannot be opened. */
  'backups.state': channel(nothing, booksState),
  'backups.make': channel(nothing, backupRow),
  /** Checks the books, or one backup. Empty: good. */
  'backups.check': channel(
    z.strictObject({ path: z.string().max(4_096).nullable() }),
    z.strictObject({ findings: z.array(z.string()), checkedAt: instant }),
  ),
  /** Asks for a file with the system's dialog; null: cancelled. */
  'backups.choose': channel(nothing, file.nullable()),
  'backups.review': channel(file, restoreReview),
  'backups.restore': channel(file.extend({ typed: z.string().max(200) }), done),
  'backups.compare': channel(nothing, comparison),
  'backups.showFolder': channel(nothing, done),
  /** Saves what can be read of damaged books as CSV files; null: cancelled. */
  'backups.saveReadable': channel(
    nothing,
    z
      .strictObject({
        directory: z.string(),
        tables: z.array(z.strictObject({ table: z.string(), rows: z.int(), complete: z.boolean() })),
      })
      .nullable(),
  ),
} as const;
