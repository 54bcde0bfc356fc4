/**
 * Work that would hold up the main loop for more than a moment: jobs for the worker thread, and how the services give them there.
 * What crosses is plain data; large tables cross as packed columns (packed.ts), files as bytes that change hands.
 */
import { Worker } from 'node:worker_threads';
import { CofferError } from '../../../shared/domain/coffer-error';
import type { Backup, BackupOrder } from '../../store/backup';
import type { Finding } from '../../store/inspect';
import type { InputProblem } from '../dataset/problems';
import type { DatasetReport } from '../dataset/read-dataset';
import type { RestoreOrder, RestoreReview, RestoreTarget } from '../restore';
import type { SavedTable } from '../salvage';
import type { BinderContent, BinderFiles, StoreJobs } from './store-jobs';

export interface HeavyJobs extends InStore {
  /** Zips the files of a binder with its signature. */
  readonly 'zip-binder': {
    readonly given: { readonly files: BinderFiles['files']; readonly signature: string };
    readonly answer: BinderContent;
  };
  readonly preview: {
    readonly given: { readonly directory: string; readonly requireStripe: boolean };
    readonly answer: PlainReport;
  };
  readonly import: {
    readonly given: {
      readonly storePath: string;
      readonly directory: string;
      readonly requireStripe: boolean;
      readonly actor: string;
    };
    readonly answer: { readonly report: PlainReport; readonly imported: boolean };
  };
  readonly backup: { readonly given: BackupOrder; readonly answer: Backup };
  readonly check: { readonly given: { readonly path: string }; readonly answer: readonly Finding[] };
  readonly review: {
    readonly given: { readonly target: RestoreTarget; readonly path: string };
    readonly answer: RestoreReview;
  };
  readonly restore: { readonly given: RestoreOrder; readonly answer: RestoreReview };
  readonly salvage: {
    readonly given: { readonly storePath: string; readonly directory: string };
    readonly answer: readonly SavedTable[];
  };
}

/** What a store's job is given, and where the store is. */
type InStore = {
  readonly [K in keyof StoreJobs]: {
    readonly given: StoreJobs[K]['given'] & { readonly storePath: string };
    readonly answer: StoreJobs[K]['answer'];
  };
};

export type HeavyKind = keyof HeavyJobs;
export type HeavyJob = { readonly [K in HeavyKind]: { readonly kind: K } & HeavyJobs[K]['given'] }[HeavyKind];

/** A dataset report without its classes: the first problems and how many there are. */
export interface PlainReport extends Omit<DatasetReport, 'problems'> {
  readonly problems: readonly InputProblem[];
  readonly problemCount: number;
}

export type HeavyAnswer =
  | { readonly ok: true; readonly value: unknown }
  /** A refusal for the person keeps its code and hint; anything else is a bug. */
  | { readonly ok: false; readonly code: string | null; readonly message: string; readonly hint: string };

/** More problems than a screen shows; the count goes on. */
const PROBLEMS_SENT = 500;

export function reportOf(report: DatasetReport): PlainReport {
  const { problems, ...rest } = report;
  return { ...rest, problems: problems.all.slice(0, PROBLEMS_SENT), problemCount: problems.count };
}

/** Runs one job in a worker thread. Throws the job's `CofferError`; anything else is a bug, or the disk. */
export function runHeavy<K extends HeavyKind>(
  entry: URL,
  kind: K,
  given: HeavyJobs[K]['given'],
): Promise<HeavyJobs[K]['answer']> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(entry, { workerData: { kind, ...given }, transferList: buffersIn(given) });
    let answered = false;
    worker.once('message', (reply: HeavyAnswer) => {
      answered = true;
      if (reply.ok) resolve(reply.value as HeavyJobs[K]['answer']);
      else if (reply.code === null) reject(new Error(reply.message));
      else reject(new CofferError(reply.code, reply.message, reply.hint));
    });
    worker.once('error', reject);
    worker.once('exit', () => {
      if (!answered) reject(new Error('The worker ended without an answer'));
    });
  });
}

/** The memory of the typed arrays in `value`: it changes hands instead of being copied, and the sender has it no more. */
export function buffersIn(value: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const look = (one: unknown): void => {
    if (ArrayBuffer.isView(one)) {
      // A view of a part, such as a small Buffer of Node's pool, is copied.
      if (one.buffer instanceof ArrayBuffer && one.byteLength === one.buffer.byteLength) found.add(one.buffer);
    } else if (Array.isArray(one) || one instanceof Map) for (const part of one) look(part);
    else if (typeof one === 'object' && one !== null) for (const part of Object.values(one)) look(part);
  };
  look(value);
  return [...found];
}
