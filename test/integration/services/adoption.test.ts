/** Taking Stripe's balances over: payments that somebody else started are waited for, whichever way they end. */
import { describe, expect, test } from 'vitest';
import { listAlerts } from '../../../electron/services/alerts';
import { adoptBalances } from '../../../electron/services/balance-adoption';
import { BalanceMonitor } from '../../../electron/services/balance-monitoring';
import { conservation } from '../../../electron/services/conservation';
import { makePlan } from '../../../electron/services/execute-migration';
import { proveBalances } from '../../../electron/services/reconciliation';
import { readAdoption } from '../../../electron/services/settings';
import { migrationPreflight } from '../../../electron/services/storage-balance-migration';
import { type Bench, bench, datasetLike } from './platform';

const ONE_HOUR = 3_600_000;

/** 700.00 in Storage, of which somebody sent 10.00 to a creator before Coffer's first reading. */
async function startedBefore(): Promise<{ one: Bench; payment: string }> {
  const directory = await datasetLike('worked', {
    'stripe.json': { payments_available: { usd: 100_000 }, storage_available: { usd: 66_100 } },
  });
  const one = await bench(directory, { settlementDelayMs: ONE_HOUR, playGuided: true });
  const made = (await one.stripe.control('POST', 'dashboard/payout', {
    amount: 1_000,
    currency: 'usd',
    recipient: 'acct_c1',
  })) as { outbound_payment: { id: string } };
  return { one, payment: made.outbound_payment.id };
}

const ENDINGS: Readonly<Record<string, (one: Bench, payment: string) => Promise<void>>> = {
  posted: async (one) => one.clock.advance(2 * ONE_HOUR),
  failed: async (one, payment) => {
    await one.stripe.control('POST', `outbound_payments/${payment}/fail`, {});
  },
  returned: async (one, payment) => {
    one.clock.advance(2 * ONE_HOUR);
    await one.stripe.state();
    await one.stripe.control('POST', `outbound_payments/${payment}/return`, {});
  },
};

describe.each(Object.keys(ENDINGS))('A payment under way before Coffer took over, in the end %s', (ending) => {
  test('is waited for with its amount, by everything that could begin a movement; then the next reading takes the balances over', async () => {
    const { one, payment } = await startedBefore();
    const { db } = one.platform.store;
    const monitor = new BalanceMonitor(one.context);
    const overview = await monitor.poll();
    expect(overview.nextAction.title).toBe('Waiting for payments out of Storage of 10.00 USD');
    expect(overview.connection).toBe('online');
    expect(overview.currencies[0]).toMatchObject({
      storageAvailable: '65100',
      outboundPending: '1000',
      unexplained: '0',
    });
    expect((await listAlerts(db, false)).map((alert) => alert.condition)).toContain('adoption:adoption-waiting');
    expect(await readAdoption(db)).toBeNull();

    const preflight = await one.step('preflight');
    expect(preflight.blockers.map((blocker) => blocker.code)).toEqual(['adoption-waiting']);
    expect((await migrationPreflight(one.context)).map((check) => check.code)).toEqual(['adoption-waiting']);
    await expect(makePlan(one.context)).rejects.toMatchObject({ code: 'adoption-waiting' });
    await expect(one.step('lock')).rejects.toMatchObject({ code: 'preflight-first' });

    await ENDINGS[ending]?.(one, payment);
    const after = await monitor.poll();
    expect(await readAdoption(db)).not.toBeNull();
    expect(after.nextAction.title).not.toContain('Waiting for payments');
    expect((await listAlerts(db, false)).filter((alert) => alert.condition.startsWith('adoption:'))).toEqual([]);
    expect(await adoptBalances(one.context)).toEqual([]);
    for (const proof of await proveBalances(one.context)) expect(proof.difference).toBe(0n);
    for (const drift of await conservation(one.context)) {
      expect(drift).toMatchObject({ unexplained: 0n, exceptions: 0n });
    }
    expect(after.currencies[0]).toMatchObject({
      storageAvailable: ending === 'posted' ? '65100' : '66100',
      outboundPending: '0',
      unexplained: '0',
    });
  });
});

test('nothing that settled before Coffer came is waited for', async () => {
  const { one } = await startedBefore();
  one.clock.advance(2 * ONE_HOUR);
  expect(await adoptBalances(one.context)).toEqual([]);
  expect(await readAdoption(one.platform.store.db)).not.toBeNull();
});

test.each(['posted', 'failed'])('after the wait the month closes to the cent, in the end %s', async (ending) => {
  const { one, payment } = await startedBefore();
  await one.step('preflight');
  await ENDINGS[ending]?.(one, payment);
  await one.through('lapse');
  for (const step of ['fund', 'pay'] as const) {
    await one.step(step === 'pay' ? 'approve' : 'fund');
    if (step === 'pay') await one.step('pay');
    one.clock.advance(2 * ONE_HOUR);
  }
  await one.through('close');
  expect((await one.summary()).usd).toMatchObject({ paid: '65100', storage_after: '0' });
});
