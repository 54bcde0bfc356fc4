/**
 * Heavy work beside the main loop in a worker thread, with a store connection of its own. Answers one job and ends. What a job needs is
 * loaded for that job.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { CofferError } from '../../../shared/domain/coffer-error';
import { timeOrderedId } from '../../journal/time-ordered-id';
import { openStore, type Store } from '../../store/store';
import type { PostingContext } from '../post-earnings';
import { buffersIn, type HeavyAnswer, type HeavyJob, reportOf } from './heavy-work';
import type { Order } from './store-jobs';

async function answer(job: HeavyJob): Promise<unknown> {
  switch (job.kind) {
    case 'preview': {
      const { previewDataset } = await import('../data-import');
      return reportOf(await previewDataset(job.directory, job.requireStripe));
    }
    case 'import': {
      const { importDataset } = await import('../data-import');
      const result = await importDataset(job.storePath, job.directory, {
        requireStripe: job.requireStripe,
        actor: job.actor,
        now: () => new Date(),
        newId: timeOrderedId,
      });
      return { report: reportOf(result), imported: result.imported };
    }
    case 'backup':
      return (await import('../../store/backup')).makeBackup(job);
    case 'check':
      return (await import('../../store/backup')).checkBackup(job.path);
    case 'review':
      return (await import('../restore')).reviewRestore(job.target, job.path);
    case 'restore':
      return (await import('../restore')).restoreBackup(job);
    case 'salvage':
      return (await import('../salvage')).saveReadable(job.storePath, job.directory);
    case 'zip-binder':
      return (await import('../binder')).zipBinder(job.files, job.signature);
    case 'list': {
      const { readList } = await import('../lists/list-readers');
      return reading(job.storePath, (store) => readList(store, job));
    }
    case 'export-list': {
      const { exportList } = await import('../exports/make-exports');
      return reading(job.storePath, ({ db }) => exportList(db, job.period));
    }
    case 'save-exports': {
      const { writeEach } = await import('../exports/make-exports');
      return reading(job.storePath, ({ db }) => writeEach(db, job.period, job.names, job.directory));
    }
    case 'verify-audit': {
      const { auditFindings } = await import('../audit-checkpoints');
      return reading(job.storePath, ({ db }) => auditFindings(db, job));
    }
    case 'binder-files': {
      const { binderFiles } = await import('../binder');
      return reading(job.storePath, (store) => binderFiles(store, job));
    }
    case 'statements': {
      const { statementsBytes } = await import('../earnings-for-user');
      return reading(job.storePath, (store) => statementsBytes(store, job.named));
    }
    case 'owed': {
      const { packedOwed } = await import('../fund-tracking');
      return reading(job.storePath, packedOwed);
    }
    case 'month': {
      const { packedMonth } = await import('../fund-tracking');
      return reading(job.storePath, (store) => packedMonth(store, job.period));
    }
    case 'subscribers': {
      const { packedSubscribers } = await import('../fund-tracking');
      return reading(job.storePath, (store) => packedSubscribers(store, job.period));
    }
    case 'planned': {
      const { plannedSums } = await import('../payout-forecast');
      return reading(job.storePath, plannedSums);
    }
    case 'lapsed': {
      const { lapsedBands } = await import('../lapsed');
      return reading(job.storePath, ({ db }) => lapsedBands(db, job.period));
    }
    case 'snapshot': {
      const { snapshotHash } = await import('../data-import');
      return reading(job.storePath, async (store) => snapshotHash(store, job.period));
    }
    case 'pay-outcomes': {
      const { readPayOutcomes } = await import('../month-end/pay-outcomes');
      return reading(job.storePath, ({ db }) => readPayOutcomes(db, job.period));
    }
    case 'earning-sums': {
      const { earningResults, sumsOf } = await import('../earnings');
      return reading(job.storePath, async ({ db }) => sumsOf(await earningResults(db, job.period)));
    }
    case 'to-sign': {
      const { packedToSign } = await import('../earnings');
      return reading(job.storePath, ({ db }) => packedToSign(db, job.period));
    }
    case 'payable-accounts': {
      const { packedAccounts } = await import('../post-earnings');
      return reading(job.storePath, (store) => packedAccounts(store, job.period));
    }
    case 'match-lines': {
      const { giveVerdicts } = await import('../reconciliation/give-verdicts');
      const { unpackLines } = await import('../reconciliation/packed-lines');
      const lines = await unpackLines(job.lines);
      return writing(job, async (context) => {
        const stripeNow = () => new Date(Date.now() + job.stripeAhead);
        await context.store.transaction((tx) => giveVerdicts({ ...context, stripeNow }, tx, lines, job.all));
        return null;
      });
    }
    case 'post-earnings': {
      const { postMonth } = await import('../month-end/steps/earnings');
      return writing(job, (context) => postMonth(context, job));
    }
  }
}

async function writing<T>(
  order: Order & { readonly storePath: string },
  work: (context: PostingContext) => Promise<T>,
): Promise<T> {
  const store = openStore(order.storePath, { check: false });
  try {
    return await work({
      store,
      now: () => new Date(Date.now() + order.clockAhead),
      newId: timeOrderedId,
      actor: () => order.actor,
    });
  } finally {
    await store.close();
  }
}

/** One state of the store from beginning to end, whatever is written meanwhile. */
async function reading<T>(path: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = openStore(path, { check: false, readOnly: true });
  try {
    store.exec('BEGIN');
    return await work(store);
  } finally {
    await store.close();
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
parentPort?.postMessage(reply, buffersIn(reply));
