/** Money that Storage holds beyond what is owed goes back to Payments: by a person in the dashboard, seen and proven by Coffer. */
import { expect, test } from 'vitest';
import { listIntents } from '../../../electron/journal/journal';
import { checkGuidedOf, guidedTasks } from '../../../electron/services/month-end/guided-tasks';
import { runStep } from '../../../electron/services/month-end/run-step';
import { bench, datasetLike, ledgerProblems } from './platform';

const SURPLUS = { 'stripe.json': { payments_available: { usd: 100_000 }, storage_available: { usd: 70_100 } } };

test('a surplus in Storage stops use it or lose it until a person has moved exactly that amount', async () => {
  // Storage holds 701.00, 651.00 is owed: 50.00 go back.
  const one = await bench(await datasetLike('worked', SURPLUS));
  await one.through('earnings');
  const { blockers } = await one.step('lapse');
  expect(blockers.map((blocker) => blocker.code)).toEqual(['guided-usd']);
  expect(blockers[0]?.message).toContain('Move 50.00 USD from Storage to Payments');
  const [task] = await guidedTasks(one.context, one.period);
  expect(task).toMatchObject({ amount: '5000', currency: 'usd' });
  expect(task?.clicks.length).toBeGreaterThan(3);
  expect(await one.state()).toBe('calculated');

  await one.release(5_000n);
  await one.through('close');
  expect((await one.summary()).usd).toMatchObject({
    surplus_release: '5000',
    fund: '0',
    payments_after: '105000',
    storage_after: '0',
    paid: '65100',
  });
  expect(await one.stripe.payouts()).toEqual([]);
  const lines = await one.rows('reconciliation.csv');
  expect(
    lines.filter((line) => line.explanation === 'Release from Storage to Payments').map((line) => line.outcome),
  ).toEqual(['matched', 'matched']);
  expect(await ledgerProblems(one)).toEqual([]);
});

test('looking again while nobody has moved it plans nothing more, over several starts', async () => {
  const one = await bench(await datasetLike('worked', SURPLUS));
  await one.through('earnings');
  for (let start = 0; start < 3; start++) {
    expect((await one.step('lapse')).blockers.map((blocker) => blocker.code)).toEqual(['guided-usd']);
    await one.reopen();
  }
  expect(await listIntents(one.platform.store.db, { kinds: ['release'] })).toHaveLength(1);
  await one.release(5_000n);
  expect(await checkGuidedOf(one.context, one.period)).toEqual([]);
  expect((await one.step('lapse')).blockers).toEqual([]);
  expect(await one.coverage()).toMatchObject({ difference: '0', unexplained: '0' });
});

test('a smaller amount than asked for is told with what remains; made in two parts, both lines prove the one release', async () => {
  const one = await bench(await datasetLike('worked', SURPLUS));
  await one.through('earnings');
  await one.step('lapse');
  await one.release(4_999n);
  for (let look = 0; look < 2; look++) {
    const { blockers } = await one.step('lapse');
    expect(blockers.map((blocker) => blocker.code)).toEqual(['guided-usd']);
    expect(blockers[0]?.message).toMatch(
      /^Move 50\.00 USD .* Stripe shows a transfer of 49\.99 USD at .* Transfer the remaining 0\.01 USD/,
    );
  }
  const [task] = await guidedTasks(one.context, one.period, await checkGuidedOf(one.context, one.period));
  expect(task?.seen).toHaveLength(1);
  await one.release(1n);
  await one.through('close');
  expect((await one.summary()).usd).toMatchObject({ surplus_release: '5000', payments_after: '105000' });
  const lines = (await one.rows('reconciliation.csv')).filter(
    (line) => line.explanation === 'Release from Storage to Payments',
  );
  expect(lines.map((line) => line.outcome)).toEqual(['matched', 'matched', 'matched', 'matched']);
  expect(await ledgerProblems(one)).toEqual([]);
});

test('a larger amount than asked for is not taken for the movement; nothing is funded behind the back of the books until it is put right', async () => {
  const one = await bench(await datasetLike('worked', SURPLUS));
  await one.through('earnings');
  await one.step('lapse');
  await one.release(5_100n);
  const [task] = await guidedTasks(one.context, one.period, await checkGuidedOf(one.context, one.period));
  expect(task?.seen[0]?.todo).toContain('1.00 USD more than the 50.00 USD asked for');
  expect((await one.step('lapse')).blockers).toEqual([]);
  expect((await one.step('fund')).blockers.map((blocker) => blocker.code)).toEqual(['not-available-usd']);
  await one.stripe.control('POST', 'dashboard/transfer', {
    from: 'payments',
    to: 'storage',
    amount: '100',
    currency: 'usd',
  });
  expect((await one.step('fund')).blockers).toEqual([]);
  expect(await one.stripe.balances()).toEqual({ payments: 105_000n, storage: 65_100n });
});

test('Storage below what is owed is never asked for a release', async () => {
  const one = await bench(await datasetLike('worked', { 'stripe.json': { storage_available: { usd: 65_100 } } }));
  await one.through('lapse');
  expect(await listIntents(one.platform.store.db, { kinds: ['release'] })).toEqual([]);
  await one.through('close');
  expect((await one.summary()).usd).toMatchObject({
    fund: '0',
    surplus_release: '0',
    payments_after: '100000',
    storage_after: '0',
  });
});

test('a surplus in a currency without any data goes back too, and all of it', async () => {
  const one = await bench(
    await datasetLike('worked', { 'stripe.json': { storage_available: { usd: 0, eur: 1_234 } } }),
    { playGuided: true },
  );
  await one.through('close');
  expect(await one.stripe.balances('eur')).toEqual({ payments: 1_234n, storage: 0n });
  expect((await one.summary()).eur).toMatchObject({ collected: '0', surplus_release: '1234', storage_after: '0' });
});

test('funding basis gross: the fee goes to Storage with the rest, and comes back before anyone is paid', async () => {
  const one = await bench(await datasetLike('worked', { 'policy.json': { funding_basis: 'gross' } }));
  await one.through('lapse');
  const { blockers } = await one.step('fund');
  expect(blockers.map((blocker) => blocker.message)).toEqual([
    'Move 49.00 USD from Storage to Payments in the Stripe dashboard.',
  ]);
  expect(await one.stripe.balances()).toEqual({ payments: 30_000n, storage: 70_000n });
  await one.release(4_900n);
  expect((await one.step('fund')).blockers).toEqual([]);
  expect(await one.stripe.balances()).toEqual({ payments: 34_900n, storage: 65_100n });
  await runStep(one.context, one.guard, { period: one.period, step: 'fund', typed: null, patienceMs: 0 });
  expect((await one.stripe.payouts()).map((payout) => payout.amount)).toEqual([70_000]);
  await one.through('close');
  expect((await one.summary()).usd).toMatchObject({ fund: '70000', payments_after: '34900', storage_after: '0' });
});

test('a surplus is what Storage holds beyond the target of the month, whatever the next month has earned so far', async () => {
  const one = await bench(
    await datasetLike('edge', {
      'payments.csv': `payment_id,subscriber_id,period,currency,amount_minor,refunded_minor,status,paid_at
p1,whale,2026-10,usd,10000,0,succeeded,2026-10-03T10:00:00Z
p2,whale,2026-11,usd,10000,0,succeeded,2026-11-01T10:00:00Z
`,
      'allocations.csv': `allocation_id,subscriber_id,creator_id,period,currency,amount_minor,status,updated_at
a1,whale,utf,2026-10,usd,10000,active,2026-10-20T12:00:00Z
a2,whale,utf,2026-11,usd,10000,active,2026-11-01T12:00:00Z
`,
      'opening.csv': 'creator_id,currency,owed_minor\n',
      'stripe.json': { payments_available: { usd: 0 }, payments_pending: {}, storage_available: { usd: 20_000 } },
    }),
    { playGuided: true },
  );
  // 93.00 are owed for October; November is funded with its own month end.
  await one.through('close');
  expect((await one.summary()).usd).toMatchObject({ surplus_release: '10700', paid: '9300', storage_after: '0' });
});
