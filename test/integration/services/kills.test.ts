/**
 * The process is killed at every labelled point: the store is shut as it is, nothing is tidied up. A new start on the same files
 * goes on, and ends with the same figures to the cent, no movement made twice.
 */
import { describe, expect, test } from 'vitest';
import { verifyChain } from '../../../electron/journal/audit-chain';
import { approveMigration, executeMigration, makePlan } from '../../../electron/services/execute-migration';
import { rollBackMigration } from '../../../electron/services/migration/rollback';
import { migrationView } from '../../../electron/services/migration/view';
import { acknowledgeWarning } from '../../../electron/services/month-end/warnings';
import { type Bench, bench, datasetLike, Killed, ledgerProblems } from './platform';

/** How often each label is passed, in alphabetical order: `label ×n`. */
function counted(labels: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].map(([label, count]) => `${label} ×${count}`).sort();
}

/** Where to kill: the first time each label is passed, and the last time for those around a call to Stripe. */
function killPoints(labels: readonly string[]): [label: string, nth: number][] {
  return labels.flatMap((one): [string, number][] => {
    const [label = '', count = '1'] = one.split(' ×');
    return label.startsWith('movement.')
      ? [
          [label, 1],
          [label, Number(count)],
        ]
      : [[label, 1]];
  });
}

/** Runs `work` until the process is killed in it; anything else that fails is a failure of the test. */
async function untilKilled(one: Bench, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    // After the store was shut, whatever else was under way fails too: that is the kill as well.
    if (!(error instanceof Killed) && !/destroyed|closed/.test(String(error))) throw error;
    await one.open();
    return;
  }
  throw new Error('The label was never passed');
}

async function expectSound(one: Bench): Promise<void> {
  expect(await ledgerProblems(one)).toEqual([]);
  expect((await verifyChain(one.platform.store.db)).ok).toBe(true);
  expect(await one.stripe.control('GET', 'conservation')).toMatchObject({ ok: true });
}

describe('The migration', () => {
  async function migrate(one: Bench): Promise<void> {
    let view = await migrationView(one.context, one.guard);
    if (view.state === 'preflight' || view.state === 'planned') {
      await makePlan(one.context);
      view = await migrationView(one.context, one.guard);
      await approveMigration(one.context, view.plan?.planHash ?? '');
    }
    await executeMigration(one.context, one.guard, {
      planHash: view.plan?.planHash ?? '',
      typed: '7000.00 2026-10',
      patienceMs: 1_500,
    });
  }

  /** Taken from a run that nobody disturbed; the first test checks that it is still what the code passes. */
  const LABELS = [
    'journal.before-intents ×5',
    'journal.intents-written ×5',
    'migration.approved ×1',
    'migration.before-movement ×5',
    'migration.completed ×1',
    'migration.executing ×1',
    'migration.movement-posted ×5',
    'migration.verifying ×1',
    'movement.answered ×5',
    'movement.before-sending ×5',
    'movement.outcome-written ×5',
    'movement.sending-written ×5',
  ];

  test('passes these points', async () => {
    const one = await bench('migration');
    await migrate(one);
    expect(counted(one.labels)).toEqual(LABELS);
  });

  test.each(killPoints(LABELS))('killed at %s (time %i), resumes and moves 7,000.00 once', async (label, nth) => {
    const one = await bench('migration');
    one.killAt(label, nth);
    await untilKilled(one, () => migrate(one));
    await migrate(one);
    expect((await migrationView(one.context, one.guard)).state).toBe('completed');
    expect(await one.stripe.balances()).toEqual({ payments: 300_000n, storage: 700_000n });
    expect((await one.stripe.payouts()).map((payout) => payout.amount).sort((a, b) => a - b)).toEqual([
      10_769, 89_231, 200_000, 200_000, 200_000,
    ]);
    await expectSound(one);
  });

  test('killed while an unknown movement is being looked up, it is still moved once', async () => {
    const one = await bench('migration');
    await one.stripe.fault('drop_after_execute', { method: 'POST', path: '/v1/payouts', nth: 2 });
    one.killAt('movement.looked-up');
    await untilKilled(one, () => migrate(one));
    await migrate(one);
    expect(await one.stripe.balances()).toEqual({ payments: 300_000n, storage: 700_000n });
    expect(await one.stripe.payouts()).toHaveLength(5);
    await expectSound(one);
  });

  test.each(['rollback.begun', 'journal.intents-written', 'release.detected', 'rollback.done'])(
    'killed at %s of the rollback, it gives back 7,000.00 once',
    async (label) => {
      const one = await bench('migration');
      await migrate(one);
      const rollBack = () => rollBackMigration(one.context, one.guard, '7000.00 2026-10', 500);
      const settle = async () => {
        await rollBack();
        const { storage } = await one.stripe.balances();
        if (storage > 0n) await one.release(700_000n);
        await rollBack();
      };
      one.killAt(label);
      await untilKilled(one, settle);
      await settle();
      expect((await migrationView(one.context, one.guard)).state).toBe('rolled-back');
      expect(await one.stripe.balances()).toEqual({ payments: 1_000_000n, storage: 0n });
      await expectSound(one);
    },
  );
});

describe('The month end', () => {
  const LABELS = [
    'approve.written ×1',
    'close.before-writing ×1',
    'close.written ×1',
    'earnings.before-posting ×1',
    'earnings.posted ×1',
    'fund.before-intent ×1',
    'fund.done ×1',
    'journal.before-intents ×2',
    'journal.intents-written ×2',
    'lapse.before-posting ×1',
    'lapse.posted ×1',
    'lock.hashed ×1',
    'lock.written ×1',
    'movement.answered ×8',
    'movement.before-sending ×8',
    'movement.outcome-written ×8',
    'movement.sending-written ×8',
    'pay.begun ×1',
    'pay.done ×1',
    'reconcile.before-writing ×1',
  ];

  test('passes these points', async () => {
    const one = await bench('worked');
    await one.through('close');
    expect(counted(one.labels)).toEqual(LABELS);
  });

  test.each(killPoints(LABELS))(
    'killed at %s (time %i), goes on and closes with the same figures',
    async (label, nth) => {
      const one = await bench('worked');
      one.killAt(label, nth);
      await untilKilled(one, () => one.through('close'));
      await one.through('close');
      expect(await one.state()).toBe('closed');
      expect((await one.summary()).usd).toMatchObject({
        fund: '65100',
        paid: '65100',
        owed_after: '0',
        payments_after: '34900',
        storage_after: '0',
        payouts_posted: '7',
        platform_revenue: '34900',
      });
      expect(await one.stripe.outboundPayments()).toHaveLength(7);
      expect((await one.stripe.payouts()).map((payout) => payout.amount)).toEqual([65_100]);
      await expectSound(one);
    },
  );

  test('killed while a release is being recorded, the surplus is given back once', async () => {
    const one = await bench(await datasetLike('worked', { 'stripe.json': { storage_available: { usd: 70_100 } } }), {
      playGuided: true,
    });
    one.killAt('release.detected');
    await untilKilled(one, () => one.through('close'));
    await one.through('close');
    expect((await one.summary()).usd).toMatchObject({
      surplus_release: '5000',
      payments_after: '105000',
      storage_after: '0',
    });
    await expectSound(one);
  });

  test('killed between the posting of the earnings and the end of the step, its warning still has to be acknowledged', async () => {
    const one = await bench('edge');
    await one.through('lock');
    one.killAt('earnings.posted');
    await untilKilled(one, () => one.step('earnings'));
    const { warnings } = await one.step('earnings');
    expect(warnings.map((warning) => warning.code)).toEqual(['suspense-usd']);
    await expect(one.step('lapse')).rejects.toMatchObject({ code: 'warnings-open' });
    await acknowledgeWarning(one.context, one.period, 'earnings', 'suspense-usd');
    expect((await one.step('lapse')).blockers).toEqual([]);
  });
});
