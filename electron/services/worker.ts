/**
 * Heavy work beside the main loop: reading and importing datasets, backups and their checks, in a worker thread with a store connection
 * of its own. Answers one job and ends.
 */
import { randomUUID } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { CofferError } from '../../shared/domain/coffer-error';
import { checkBackup, makeBackup } from '../store/backup';
import { importDataset, previewDataset } from './data-import';
import { type HeavyAnswer, type HeavyJob, reportOf } from './heavy-work';
import { restoreBackup, reviewRestore } from './restore';
import { saveReadable } from './salvage';

async function answer(job: HeavyJob): Promise<unknown> {
  switch (job.kind) {
    case 'preview':
      return reportOf(await previewDataset(job.directory, job.requireStripe));
    case 'import': {
      const result = await importDataset(job.storePath, job.directory, {
        requireStripe: job.requireStripe,
        actor: job.actor,
        now: () => new Date(),
        newId: randomUUID,
      });
      return { report: reportOf(result), imported: result.imported };
    }
    case 'backup':
      return makeBackup(job);
    case 'check':
      return checkBackup(job.path);
    case 'review':
      return reviewRestore(job.target, job.path);
    case 'restore':
      return restoreBackup(job);
    case 'salvage':
      return saveReadable(job.storePath, job.directory);
  }
}

const job: HeavyJob = workerData;
const reply: HeavyAnswer = await answer(job).then(
  (value) => ({ ok: true as const, value }),
  (error: unknown) =>
    error instanceof CofferError
      ? { ok: false as const, code: error.code, message: error.message, hint: error.hint }
      : {
          ok: false as const,
          code: null,
          message: error instanceof Error ? (error.stack ?? error.message) : String(error),
          hint: '',
        },
);
parentPort?.postMessage(reply);
