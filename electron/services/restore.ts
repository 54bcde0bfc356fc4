/**
 * Restores a store from a backup: checks the chosen file, says what the books would lose, and puts it in place. The books of before are
 * moved aside, never deleted. The restored books must be compared with Stripe before they move anything (compare-with-stripe.ts).
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CofferError } from '../../shared/domain/coffer-error';
import { appendAudit } from '../journal/audit-chain';
import { type IntentState, isOpen } from '../journal/intent';
import { writeRestored } from '../journal/restored';
import { makeBackup, readNote } from '../store/backup';
import { fileHash, flushFile, flushFolder, renameDurably } from '../store/durable-file';
import { type Inspection, inspectDatabase } from '../store/inspect';
import { openStore } from '../store/store';

export interface LostMovement {
  readonly intentId: string;
  readonly kind: string;
  readonly creatorId: string | null;
  readonly period: string;
  readonly currency: string;
  readonly amount: bigint;
  readonly state: string;
}

export interface PeriodChange {
  readonly period: string;
  /** Empty: the backup does not have the period. */
  readonly inBackup: string;
  readonly now: string;
}

/** What the present books hold and the backup does not. */
export interface Losses {
  readonly events: number;
  readonly lastEventAt: string | null;
  readonly periods: readonly PeriodChange[];
  readonly movements: readonly LostMovement[];
}

export interface RestoreReview {
  readonly file: string;
  readonly backup: Inspection;
  /** Why it cannot be restored, each in words; empty: it can be. */
  readonly refusals: readonly string[];
  /** What the person types to confirm. */
  readonly confirmation: string;
  /** Null when the present books cannot be read: then nobody can say what they hold beyond the backup. */
  readonly losses: Losses | null;
}

export interface RestoreTarget {
  readonly storePath: string;
  readonly mode: string;
  /** The account that the key of now opens; null when it is not known. */
  readonly stripeAccount: string | null;
}

/** Looks only. Takes as long as a whole check of the file. */
export async function reviewRestore(target: RestoreTarget, path: string): Promise<RestoreReview> {
  const backup = inspectDatabase(path, 'full');
  const present = inspectDatabase(target.storePath, 'quick');
  const presentReads = present.findings.length === 0;
  const refusals = backup.findings.map((one) => one.message);
  if (refusals.length === 0) refusals.push(...refusedBecause(target, path, backup, presentReads ? present : null));
  return {
    file: basename(path),
    backup,
    refusals,
    confirmation: `restore ${(backup.lastEventAt ?? '').slice(0, 10) || backup.head.slice(0, 8)}`,
    losses: presentReads && refusals.length === 0 ? await lossesOf(target.storePath, path) : null,
  };
}

function refusedBecause(target: RestoreTarget, path: string, backup: Inspection, present: Inspection | null): string[] {
  const refusals: string[] = [];
  const wal = `${path}-wal`;
  if (existsSync(wal) && statSync(wal).size > 0) {
    refusals.push('It is a working file and not a backup: its latest changes lie in a second file beside it.');
  }
  const noted = readNote(path);
  if (noted !== null && noted.sha256 !== fileHash(path)) {
    refusals.push('It is not the file that was written: its SHA-256 differs from the one noted when it was made.');
  }
  if (backup.mode !== target.mode) {
    refusals.push(
      `It is a backup of ${backup.mode ?? 'an unnamed mode'}; these are the ${target.mode} books. One never replaces the other.`,
    );
  }
  const account = target.stripeAccount ?? present?.stripeAccount ?? null;
  if (backup.stripeAccount !== null && account !== null && backup.stripeAccount !== account) {
    refusals.push(`It belongs to the Stripe account ${backup.stripeAccount}, these books to ${account}.`);
  }
  const other = present !== null && present.genesis !== null && backup.genesis !== null;
  if (other && present.genesis !== backup.genesis) {
    refusals.push('It is of other books: its audit log begins with another event.');
  }
  return refusals;
}

async function lossesOf(storePath: string, backupPath: string): Promise<Losses> {
  const [now, then] = [await contentOf(storePath), await contentOf(backupPath)];
  const periods = [...now.periods].filter(([period, state]) => then.periods.get(period) !== state);
  return {
    events: [...now.events].filter((hash) => !then.events.has(hash)).length,
    lastEventAt: now.lastEventAt,
    periods: periods.map(([period, state]) => ({ period, inBackup: then.periods.get(period) ?? '', now: state })),
    movements: now.movements.filter((one) => then.states.get(one.intentId) !== one.state),
  };
}

async function contentOf(path: string) {
  const store = openStore(path, { check: false, readOnly: true });
  try {
    const { db } = store;
    const events = await db.selectFrom('audit_event').select(['hash', 'at']).orderBy('seq').execute();
    const runs = await db.selectFrom('month_end_run').select(['period', 'state']).where('current', '=', 1n).execute();
    const movements = await db
      .selectFrom('intent')
      .innerJoin('intent_state', 'intent_state.intent_id', 'intent.intent_id')
      .select(['intent.intent_id', 'intent.kind', 'creator_id', 'intent.period', 'currency', 'amount', 'state'])
      .orderBy('intent.created_at')
      .execute();
    return {
      events: new Set(events.map((one) => one.hash)),
      lastEventAt: events.at(-1)?.at ?? null,
      periods: new Map(runs.map((run) => [run.period, run.state])),
      states: new Map(movements.map((row) => [row.intent_id, row.state])),
      movements: movements.map((row) => ({
        intentId: row.intent_id,
        kind: row.kind,
        creatorId: row.creator_id,
        period: row.period,
        currency: row.currency,
        amount: row.amount,
        state: row.state,
      })),
    };
  } finally {
    await store.close();
  }
}

export interface RestoreOrder extends RestoreTarget {
  readonly backupPath: string;
  readonly actor: string;
  readonly at: Date;
}

/**
 * Puts the backup in place of the store, which must be closed and locked by the caller. Checks everything again. When it is interrupted,
 * `finishRestore` at the next start completes or drops it: there is always one whole store.
 */
export async function restoreBackup(order: RestoreOrder): Promise<RestoreReview> {
  const { storePath, at } = order;
  const review = await reviewRestore(order, order.backupPath);
  if (review.refusals.length > 0) {
    throw new CofferError('restore-refused', review.refusals.join(' '), 'Choose another backup; nothing was changed.');
  }
  const present = inspectDatabase(storePath, 'quick');
  if (present.findings.length === 0) makeBackup({ storePath, reason: 'before-restore', at });
  const stamp = at.toISOString().replaceAll(/[:.]/g, '-');
  const incoming = `${storePath}${INCOMING}${stamp}`;
  const aside = asideFolder(storePath, stamp);
  try {
    rmSync(incoming, { force: true });
    copyFileSync(order.backupPath, incoming);
    flushFile(incoming);
    await markRestored(order, review, incoming, aside);
  } catch (error) {
    for (const file of [incoming, `${incoming}-wal`, `${incoming}-shm`]) rmSync(file, { force: true });
    if (error instanceof CofferError) throw error;
    throw new CofferError(
      'restore-failed',
      'The backup could not be copied.',
      `Check that the disk is not full; the books are as they were (${error instanceof Error ? error.message : String(error)}).`,
    );
  }
  putInPlace(storePath, incoming, aside);
  return review;
}

/** In the restored chain, before it is in place: what it was restored from, and that it has to be compared. */
async function markRestored(
  order: RestoreOrder,
  review: RestoreReview,
  incoming: string,
  aside: string,
): Promise<void> {
  const store = openStore(incoming);
  try {
    await store.transaction(async (tx) => {
      await writeRestored(tx, {
        at: order.at.toISOString(),
        by: order.actor,
        cause: 'restore',
        file: review.file,
        knownUntil: review.backup.lastEventAt,
        superseded: join(aside, basename(order.storePath)),
        comparedAt: null,
        open: [],
      });
      await appendAudit(tx, {
        at: order.at,
        actor: order.actor,
        action: 'store.restored',
        subject: review.file,
        payload: {
          sha256: fileHash(order.backupPath),
          events: review.backup.events,
          head: review.backup.head,
          lostEvents: review.losses?.events ?? null,
          lostMovements: review.losses?.movements.length ?? null,
          openMovements: review.losses?.movements.filter((one) => isOpen(one.state as IntentState)).length ?? null,
        },
      });
    });
    store.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } finally {
    await store.close();
  }
  flushFile(incoming);
}

const INCOMING = '.restoring-';
const PARTS = ['', '-wal', '-shm', '.head.json'] as const;

function asideFolder(storePath: string, stamp: string): string {
  return join(dirname(storePath), 'replaced', stamp);
}

/** Moves the books of before aside, whatever is left of them, and gives the new ones their name. */
function putInPlace(storePath: string, incoming: string, aside: string): void {
  mkdirSync(aside, { recursive: true, mode: 0o700 });
  for (const part of PARTS) {
    const file = `${storePath}${part}`;
    if (existsSync(file)) renameSync(file, join(aside, basename(file)));
  }
  flushFolder(aside);
  renameDurably(incoming, storePath);
}

/** The books of before get their name again; what was not moved yet is where it belongs. */
function putBack(storePath: string, aside: string): void {
  for (const part of PARTS) {
    const file = join(aside, `${basename(storePath)}${part}`);
    if (existsSync(file)) renameDurably(file, `${storePath}${part}`);
  }
}

/** At start: completes a restore that had moved the old books aside, and drops one that had not, or whose copy is not whole. */
export function finishRestore(storePath: string): void {
  const folder = dirname(storePath);
  if (!existsSync(folder)) return;
  const prefix = `${basename(storePath)}${INCOMING}`;
  const incoming = readdirSync(folder)
    .filter((name) => name.startsWith(prefix) && !name.endsWith('-wal') && !name.endsWith('-shm'))
    .sort();
  for (const name of incoming) {
    const path = join(folder, name);
    const stamp = name.slice(prefix.length);
    const aside = asideFolder(storePath, stamp);
    const begun = existsSync(aside) && !existsSync(storePath);
    if (begun && inspectDatabase(path, 'quick').findings.length === 0) {
      putInPlace(storePath, path, aside);
      continue;
    }
    if (begun) putBack(storePath, aside);
    for (const file of [path, `${path}-wal`, `${path}-shm`]) rmSync(file, { force: true });
  }
}
