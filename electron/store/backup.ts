/**
 * Backups of a store: a consistent copy made while the books are in use (VACUUM INTO, never a copy of the file), checked as a whole
 * before it gets its name, with a note beside it that says what it is. Rules: docs/backup.md.
 */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'libsql';
import { z } from 'zod';
import { CofferError } from '../../shared/domain/coffer-error';
import { fileHash, flushFile, flushFolder, renameDurably, writeDurably } from './durable-file';
import { type Finding, inspectDatabase } from './inspect';

export const BACKUP_REASONS = ['manual', 'daily', 'before-migration', 'before-schema', 'before-restore'] as const;
export type BackupReason = (typeof BACKUP_REASONS)[number];
/** Made by Coffer by itself, and removed by it again. */
const AUTOMATIC: readonly string[] = ['daily', 'before-migration', 'before-schema'];
const KEEP_NEWEST = 10;
const KEEP_MONTHS = 24;

const note = z.object({
  format: z.literal(1),
  sha256: z.string(),
  bytes: z.number(),
  madeAt: z.string(),
  reason: z.enum(BACKUP_REASONS),
  mode: z.string(),
  stripeAccount: z.string().nullable(),
  schemaVersion: z.number(),
  events: z.number(),
  head: z.string(),
  lastEventAt: z.string().nullable(),
});
export type BackupNote = z.infer<typeof note>;

export interface Backup {
  readonly path: string;
  readonly file: string;
  readonly bytes: number;
  readonly madeAt: string;
  readonly reason: BackupReason;
  readonly mode: string;
  readonly schemaVersion: number;
  /** What was noted when it was made and checked; null when there is no such note, or it is of another size. */
  readonly note: BackupNote | null;
}

export function backupFolder(storePath: string): string {
  return join(dirname(storePath), 'backups');
}

const NAME = /^coffer-([a-z]+)-(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z-schema(\d+)-([a-z-]+?)(?:-\d+)?\.db$/;

/** `coffer-live-20261102T090000Z-schema1-manual.db`: mode, time in UTC, version of the schema, reason. */
function backupName(folder: string, mode: string, at: Date, schemaVersion: number, reason: BackupReason): string {
  const stamp = `${at.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
  const stem = `coffer-${mode}-${stamp}-schema${schemaVersion}-${reason}`;
  for (let number = 1; ; number++) {
    const name = `${stem}${number === 1 ? '' : `-${number}`}.db`;
    if (!existsSync(join(folder, name))) return name;
  }
}

export interface BackupOrder {
  readonly storePath: string;
  readonly reason: BackupReason;
  readonly at: Date;
  /** Where to; the folder of backups beside the store unless named. */
  readonly folder?: string | undefined;
}

/**
 * Copies the store as it is at this moment and checks the copy: structure, references, trial balance, audit log, version. Throws
 * `CofferError` when the disk is full or the copy is not good; then there is no new backup, and nothing else changed.
 */
export function makeBackup(order: BackupOrder): Backup {
  const folder = order.folder ?? backupFolder(order.storePath);
  const unfinished = join(folder, `.unfinished-${process.pid}-${order.at.getTime()}.db`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    copyInto(order.storePath, unfinished);
    const seen = inspectDatabase(unfinished, 'full');
    if (seen.findings.length > 0) throw notGood(seen.findings);
    chmodSync(unfinished, 0o600);
    flushFile(unfinished);
    const mode = seen.mode ?? 'unnamed';
    const path = join(folder, backupName(folder, mode, order.at, seen.schemaVersion, order.reason));
    const content: BackupNote = {
      format: 1,
      sha256: fileHash(unfinished),
      bytes: seen.bytes,
      madeAt: order.at.toISOString(),
      reason: order.reason,
      mode,
      stripeAccount: seen.stripeAccount,
      schemaVersion: seen.schemaVersion,
      events: seen.events,
      head: seen.head,
      lastEventAt: seen.lastEventAt,
    };
    renameDurably(unfinished, path);
    writeDurably(noteOf(path), `${JSON.stringify(content, null, 1)}\n`);
    if (AUTOMATIC.includes(order.reason)) prune(folder, order.at);
    return { ...content, path, file: basename(path), note: content };
  } catch (error) {
    if (existsSync(unfinished)) rmSync(unfinished);
    if (error instanceof CofferError) throw error;
    throw new CofferError(
      'backup-failed',
      'The backup could not be written.',
      `Check that the disk is not full and the folder ${folder} can be written to; the books are as they were (${reason(error)}).`,
    );
  }
}

function copyInto(storePath: string, target: string): void {
  const database = new Database(storePath);
  try {
    database.exec('PRAGMA busy_timeout = 15000');
    database.prepare('VACUUM INTO ?').run([target]);
  } finally {
    database.close();
  }
}

function notGood(findings: readonly Finding[]): CofferError {
  return new CofferError(
    'backup-not-good',
    `The copy did not pass its check, so it was not kept: ${findings.map((one) => one.message).join(' ')}`,
    'Check the books under Settings, Backups.',
  );
}

function noteOf(path: string): string {
  return path.replace(/\.db$/, '.json');
}

/** The note beside a backup; null when there is none or it cannot be read. */
export function readNote(path: string): BackupNote | null {
  try {
    return note.parse(JSON.parse(readFileSync(noteOf(path), 'utf8')));
  } catch {
    return null;
  }
}

/** Newest first. Reads names and notes, not the databases. */
export function listBackups(folder: string): Backup[] {
  if (!existsSync(folder)) return [];
  const backups: Backup[] = [];
  for (const file of readdirSync(folder)) {
    const parts = NAME.exec(file);
    const reasonText = BACKUP_REASONS.find((one) => one === parts?.[9]);
    if (parts === null || reasonText === undefined) continue;
    const [, mode = '', year, month, day, hour, minute, second, version] = parts;
    const path = join(folder, file);
    const { size } = statSync(path);
    const noted = readNote(path);
    backups.push({
      path,
      file,
      bytes: size,
      madeAt: noted?.madeAt ?? `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`,
      reason: reasonText,
      mode,
      schemaVersion: Number(version),
      note: noted?.bytes === size ? noted : null,
    });
  }
  return backups.sort((a, b) => (a.madeAt < b.madeAt ? 1 : -1));
}

/** Of those that Coffer made by itself: the newest ten, and the last of each of 24 months, stay. */
function prune(folder: string, now: Date): void {
  const automatic = listBackups(folder).filter((one) => AUTOMATIC.includes(one.reason));
  const oldest = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - KEEP_MONTHS, 1)).toISOString();
  const months = new Set<string>();
  for (const [index, one] of automatic.entries()) {
    const month = one.madeAt.slice(0, 7);
    const lastOfMonth = !months.has(month) && one.madeAt >= oldest;
    months.add(month);
    if (index < KEEP_NEWEST || lastOfMonth) continue;
    rmSync(one.path, { force: true });
    rmSync(noteOf(one.path), { force: true });
  }
  flushFolder(folder);
}

/** What is wrong with a backup: its content against its note, and every check of its database. Empty: it is good. */
export function checkBackup(path: string): readonly Finding[] {
  const { findings } = inspectDatabase(path, 'full');
  const noted = readNote(path);
  if (findings.length > 0 || noted === null || noted.sha256 === fileHash(path)) return findings;
  return [{ code: 'damaged', message: 'The file is not the one that was written: its SHA-256 differs.' }];
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
