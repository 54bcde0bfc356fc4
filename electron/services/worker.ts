/**
 * Heavy work beside the main loop: reading and importing datasets, in a worker thread with a store connection of its own.
 * Answers one job and ends.
 */
import { randomUUID } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { importDataset, previewDataset } from './data-import';
import { type HeavyAnswer, type HeavyJob, reportOf } from './heavy-work';

async function answer(job: HeavyJob): Promise<HeavyAnswer> {
  switch (job.kind) {
    case 'preview':
      return { ok: true, report: reportOf(await previewDataset(job.directory, job.requireStripe)), imported: false };
    case 'import': {
      const result = await importDataset(job.storePath, job.directory, {
        requireStripe: job.requireStripe,
        actor: job.actor,
        now: () => new Date(),
        newId: randomUUID,
      });
      return { ok: true, report: reportOf(result), imported: result.imported };
    }
  }
}

const job: HeavyJob = workerData;
const reply: HeavyAnswer = await answer(job).catch((error: unknown) => ({
  ok: false as const,
  message: error instanceof Error ? (error.stack ?? error.message) : String(error),
}));
parentPort?.postMessage(reply);
