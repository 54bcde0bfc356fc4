/** 2. Lock: freezes the payments and allocations of the month, with a hash. */

import { CofferError } from '../../../../shared/domain/coffer-error';
import { openStore } from '../../../store/store';
import { snapshotHash } from '../../data-import';
import { accruing } from '../../fund-tracking';
import { recordFigures } from '../../period-figures';
import { readBalances } from '../../stripe-storage-balance';
import type { Snapshot } from '../../worker/store-jobs';
import { workerOf } from '../../worker/store-worker';
import { amountFact, type StepOutcome, setState, textFact } from '../run';
import { earlierOpenPeriod } from './earlier-period';
import { NOTHING, type StepWork } from './step';

/** On a connection of its own: of one state of the data, whatever is written meanwhile. */
async function snapshotOf(path: string, period: string): Promise<Snapshot> {
  const reader = openStore(path, { check: false, readOnly: true });
  try {
    return snapshotHash(reader, period);
  } finally {
    await reader.close();
  }
}

export const lock: StepWork = async (context, run, control) => {
  const { store } = context;
  const earlier = await earlierOpenPeriod(store.db, run.period);
  if (earlier !== undefined) {
    throw new CofferError(
      'previous-open',
      `${earlier.period} is ${earlier.state}, not closed.`,
      `Close ${earlier.period} first.`,
    );
  }
  const worker = await workerOf(store);
  const snapshot = await (worker === null
    ? snapshotOf(store.path, run.period)
    : worker.run('snapshot', { period: run.period }));
  await context.checkpoint('lock.hashed');
  const before = await readBalances(context);
  const sums = [...((await accruing(store))?.results ?? [])];
  const outcome: StepOutcome = {
    ...NOTHING,
    facts: [
      textFact('Payments locked', String(snapshot.payments)),
      textFact('Allocations locked', String(snapshot.allocations)),
      ...sums.map(([currency, { totals }]) => amountFact('Collected', currency, totals.collected)),
      ...sums.map(([currency, { totals }]) => amountFact('Allocated and funded', currency, totals.funded)),
      textFact('Snapshot', snapshot.hash.slice(0, 16)),
    ],
  };
  await store.transaction(async (tx) => {
    await tx
      .insertInto('period_lock')
      .values({
        period: run.period,
        snapshot_hash: snapshot.hash,
        payments: BigInt(snapshot.payments),
        allocations: BigInt(snapshot.allocations),
        locked_at: context.now().toISOString(),
        actor: context.actor(),
      })
      .execute();
    for (const one of before) {
      await recordFigures(tx, run.period, one.currency, {
        payments_before: one.paymentsAvailable,
        storage_before: one.storageAvailable,
      });
    }
    await setState(context, tx, run, 'locked', {}, { snapshotHash: snapshot.hash });
    await control.save(tx, outcome);
  });
  await context.checkpoint('lock.written');
  return outcome;
};
