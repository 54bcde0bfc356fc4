/** Jobs for the worker thread, and the one function that runs them there. What crosses is plain data. */
import { Worker } from 'node:worker_threads';
import { CofferError } from '../../shared/domain/coffer-error';
import type { Backup, BackupOrder } from '../store/backup';
import type { Finding } from '../store/inspect';
import type { InputProblem } from './dataset/problems';
import type { DatasetReport } from './dataset/read-dataset';
import type { RestoreOrder, RestoreReview, RestoreTarget } from './restore';
import type { SavedTable } from './salvage';

export interface HeavyJobs {
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
    const worker = new Worker(entry, { workerData: { kind, ...given } });
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
