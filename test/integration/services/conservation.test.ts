/** What the ledger says of both balances is what Stripe says: asserted around every step that moves money, without false alarms. */
import { describe, expect, test } from 'vitest';
import { PAYMENTS, STORAGE, UNDISTRIBUTED } from '../../../electron/ledger/accounts';
import { move, post } from '../../../electron/ledger/ledger';
import { conservation } from '../../../electron/services/conservation';
import { ingestLines, listLines, resolveException } from '../../../electron/services/reconciliation';
import type { MonthEndStep } from '../../../shared/contract/month-end';
import { addMonths } from '../../../shared/period/period';
import { type Bench, bench, datasetLike } from './platform';

/** An entry that nothing at Stripe stands for: what a bug would leave behind. */
async function falsify(one: Bench, account: string, amount: bigint): Promise<void> {
  await one.platform.store.transaction((tx) =>
    post(tx, {
      txId: one.context.newId(),
      at: one.clock.now(),
      kind: 'test',
      period: one.period,
      intentId: null,
      description: 'Nothing at Stripe',
      postings: move(UNDISTRIBUTED, account, 'usd', amount),
    }),
  );
}

const BEFORE: Readonly<Record<string, MonthEndStep>> = {
  lapse: 'earnings',
  fund: 'lapse',
  pay: 'approve',
  reconcile: 'pay',
  close: 'reconcile',
};

describe.each(['financial-account', 'earmark'])('On %s', (rail) => {
  const worked = () => datasetLike('worked', { 'policy.json': { rail } });

  test.each(Object.keys(BEFORE) as MonthEndStep[])(
    'a difference that nothing explains stops %s, names its amount, and nothing moves; once it is put right the step goes on',
    async (step) => {
      const one = await bench(await worked());
      await one.through(BEFORE[step] ?? 'preflight');
      await falsify(one, PAYMENTS, 500n);
      const before = await one.stripe.state();
      const { blockers } = await one.step(step);
      expect(blockers.map((blocker) => blocker.code)).toEqual(['conservation-payments-usd']);
      expect(blockers[0]?.message).toMatch(/Stripe says Payments holds [\d,.]+ USD, the ledger says [\d,.]+ USD\./);
      expect(blockers[0]?.message).toContain('5.00 USD less has no explanation.');
      expect(blockers[0]?.action).not.toBe('');
      expect((await one.stripe.state()).counts).toEqual(before.counts);
      await falsify(one, PAYMENTS, -500n);
      await one.through('close');
    },
  );

  test('charges that are pending, and refunds, are no difference', async () => {
    const one = await bench(await worked());
    await one.through('fund');
    const charge = (await one.stripe.control('POST', 'charges', {
      amount: 5_000,
      currency: 'usd',
      fee: 175,
    })) as { id: string };
    await one.stripe.control('POST', 'refunds', { charge: charge.id, amount: 1_000 });
    expect((await conservation(one.context)).map((drift) => drift.unexplained)).toEqual(
      rail === 'earmark' ? [0n] : [0n, 0n],
    );
    await one.through('close');
  });
});

test('one side too much and the other too little by the same amount are two differences', async () => {
  const one = await bench('worked');
  await one.through('pay');
  await falsify(one, PAYMENTS, 500n);
  await falsify(one, STORAGE, -500n);
  expect((await one.step('reconcile')).blockers.map((blocker) => blocker.code)).toEqual([
    'conservation-payments-usd',
    'conservation-storage-usd',
  ]);
});

test('payouts under way have a name, whether Stripe or the ledger knows more', async () => {
  const one = await bench('worked', { settlementDelayMs: 40_000 });
  await one.through('lapse');
  await one.step('fund');
  one.clock.advance(60_000);
  await one.through('approve');
  await one.step('pay');
  for (const drift of await conservation(one.context)) expect(drift.unexplained).toBe(0n);
  one.clock.advance(60_000);
  // Posted at Stripe by now; not in the ledger.
  const storage = (await conservation(one.context)).find((drift) => drift.side === 'storage');
  expect(storage).toMatchObject({
    unexplained: 0n,
    parts: [{ name: 'Movements under way', amount: '-65100' }],
  });
  await one.through('close');
});

test('a payout that came back is found before it is taken for a difference', async () => {
  const one = await bench('worked');
  await one.through('close');
  const [payment] = await one.stripe.outboundPayments();
  await one.stripe.control('POST', `outbound_payments/${payment?.id}/return`, {});
  for (const drift of await conservation(one.context)) expect(drift).toMatchObject({ unexplained: 0n, parts: [] });
  await one.through('close', addMonths(one.period, 1));
});

test('what moves outside Coffer between Reconcile and Close stops the close until a person explains it', async () => {
  const one = await bench('worked');
  await one.through('reconcile');
  await one.stripe.control('POST', 'dashboard/transfer', {
    from: 'payments',
    to: 'storage',
    amount: 1_000,
    currency: 'usd',
  });
  await ingestLines(one.context);
  const codes = (await one.step('close')).blockers.map((blocker) => blocker.code);
  expect(codes).toContain('exceptions');
  expect(codes.filter((code) => code.startsWith('conservation'))).toEqual([]);
  const { rows } = await listLines(one.platform.store, {
    period: one.period,
    offset: 0,
    limit: 50,
    outcome: 'exception',
  });
  for (const line of rows) await resolveException(one.context, line.stripeId, 'Moved by the treasurer, ticket 119');
  await one.release(1_000n);
  const returned = await listLines(one.platform.store, { period: one.period, offset: 0, limit: 50 });
  expect(returned.total).toBeGreaterThan(0);
  await one.step('close');
  const left = await listLines(one.platform.store, {
    period: one.period,
    offset: 0,
    limit: 50,
    outcome: 'exception',
  });
  for (const line of left.rows) {
    if (line.resolvedBy === null) await resolveException(one.context, line.stripeId, 'Moved back, ticket 119');
  }
  expect((await one.step('close')).blockers).toEqual([]);
  expect(await one.state()).toBe('closed');
});
