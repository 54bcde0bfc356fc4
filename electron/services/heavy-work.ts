/** Jobs for the worker thread, and the one function that runs them there. What crosses is plain data. */
import { Worker } from 'node:worker_threads';
import type { InputProblem } from './dataset/problems';
import type { DatasetReport } from './dataset/read-dataset';

export type HeavyJob =
  | { readonly kind: 'preview'; readonly directory: string; readonly requireStripe: boolean }
  | {
      readonly kind: 'import';
      readonly storePath: string;
      readonly directory: string;
      readonly requireStripe: boolean;
      readonly actor: string;
    };

/** A dataset report without its classes: the first problems and how many there are. */
export interface PlainReport extends Omit<DatasetReport, 'problems'> {
  readonly problems: readonly InputProblem[];
  readonly problemCount: number;
}

export type HeavyAnswer =
  | { readonly ok: true; readonly report: PlainReport; readonly imported: boolean }
  | { readonly ok: false; readonly message: string };

/** More problems than a screen shows; the count goes on. */
const PROBLEMS_SENT = 500;

export function reportOf(report: DatasetReport): PlainReport {
  const { problems, ...rest } = report;
  return { ...rest, problems: problems.all.slice(0, PROBLEMS_SENT), problemCount: problems.count };
}

/** Runs one job in a worker thread. Rejects when the worker fails: that is a bug, or the disk. */
export function runHeavy(entry: URL, job: HeavyJob): Promise<{ report: PlainReport; imported: boolean }> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(entry, { workerData: job });
    let answered = false;
    worker.once('message', (reply: HeavyAnswer) => {
      answered = true;
      if (reply.ok) resolve({ report: reply.report, imported: reply.imported });
      else reject(new Error(reply.message));
    });
    worker.once('error', reject);
    worker.once('exit', () => {
      if (!answered) reject(new Error('The worker ended without an answer'));
    });
  });
}
