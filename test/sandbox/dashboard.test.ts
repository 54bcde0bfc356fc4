import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Bench, DAY, errorOf, fund, startBench } from './harness';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

test('a payment lands gross less its fee, pending until it is available', async () => {
  const charge = await bench.control('POST', 'charges', {
    amount: 10_000,
    currency: 'usd',
    fee: 320,
    customer: 'cus_1',
    metadata: { payment_id: 'p1' },
  });
  expect(await bench.balances()).toMatchObject({ payments: 1_000_000, pending: 29_680 });
  const [movement] = (await bench.stripe.balanceTransactions.list({ source: String(charge.id) })).data;
  expect(movement).toMatchObject({ type: 'charge', amount: 10_000, fee: 320, net: 9_680, status: 'pending' });
  await bench.control('POST', 'clock', { advance_seconds: 2 * DAY });
  expect(await bench.balances()).toMatchObject({ payments: 1_029_680, pending: 0 });
  expect((await bench.stripe.balanceTransactions.retrieve(movement?.id ?? '')).status).toBe('available');
  expect((await bench.stripe.events.list({ type: 'balance.available' })).data).toHaveLength(1);
  expect((await bench.stripe.events.list({ type: 'charge.*' })).data).toHaveLength(1);
  expect((await bench.stripe.charges.list({ customer: 'cus_1' })).data[0]?.metadata).toEqual({ payment_id: 'p1' });
});

test('refunds and disputes take money out of Payments, below zero if need be', async () => {
  await bench.stripe.payouts.create({ amount: 1_000_000, currency: 'usd' });
  const first = await bench.control('POST', 'charges', { amount: 1_000, currency: 'usd' });
  const second = await bench.control('POST', 'charges', { amount: 2_000, currency: 'usd' });
  await bench.control('POST', 'refunds', { charge: first.id, amount: 400 });
  await bench.control('POST', 'disputes', { charge: second.id, fee: 1_500 });
  expect(await bench.balances()).toMatchObject({ payments: -3_900 });
  expect(await bench.stripe.charges.retrieve(String(first.id))).toMatchObject({
    amount_refunded: 400,
    refunded: false,
  });
  expect(await bench.stripe.charges.retrieve(String(second.id))).toMatchObject({ disputed: true });
  const types = (await bench.stripe.balanceTransactions.list({ limit: 2 })).data.map((row) => row.type);
  expect(types).toEqual(['adjustment', 'refund']);
});

test('a person releases money in the dashboard: a line on each side', async () => {
  await fund(bench, 5_000);
  await bench.control('POST', 'dashboard/transfer', {
    from: 'storage',
    to: 'payments',
    amount: '2000',
    currency: 'usd',
  });
  expect(await bench.balances()).toMatchObject({ payments: 997_000, storage: 3_000 });
  const [line] = (await bench.stripe.v2.moneyManagement.transactions.list({ limit: 1 })).data;
  expect(line).toMatchObject({
    category: 'outbound_transfer',
    status: 'posted',
    amount: { value: -2_000, currency: 'usd' },
  });
  const [movement] = (await bench.stripe.balanceTransactions.list({ limit: 1 })).data;
  expect(movement).toMatchObject({ type: 'inbound_transfer', amount: 2_000, source: null });
  await expect(
    bench.control('POST', 'dashboard/transfer', { from: 'storage', to: 'payments', amount: 3_001, currency: 'usd' }),
  ).rejects.toThrow('insufficient_funds');
});

test('a person funds Storage in the dashboard: a payout without our metadata', async () => {
  await bench.control('POST', 'dashboard/transfer', { from: 'payments', to: 'storage', amount: 700, currency: 'usd' });
  expect(await bench.balances()).toMatchObject({ payments: 999_300, storage: 700 });
  expect((await bench.stripe.payouts.list()).data).toMatchObject([{ status: 'paid', metadata: {} }]);
});

test('money leaves Storage outside Coffer', async () => {
  await fund(bench, 5_000);
  await bench.control('POST', 'dashboard/payout', { amount: 1_000, currency: 'usd' });
  await bench.control('POST', 'dashboard/payout', { amount: 500, currency: 'usd', recipient: 'acct_ben' });
  expect(await bench.balances()).toMatchObject({ storage: 3_500 });
  const categories = (await bench.stripe.v2.moneyManagement.transactions.list({ limit: 2 })).data.map(
    (line) => line.category,
  );
  expect(categories).toEqual(['outbound_payment', 'outbound_transfer']);
});

test('inbound transfers cannot bring money back to Payments', async () => {
  const error = await errorOf(
    bench.stripe.v2.moneyManagement.inboundTransfers.create({
      amount: { value: 1, currency: 'usd' },
      from: { payment_method: 'usba_x' },
      to: { financial_account: bench.storage, currency: 'usd' },
    }),
  );
  expect(error.rawType).toBe('feature_not_enabled');
});

test('the books always sum to zero', async () => {
  await fund(bench, 5_000);
  await bench.control('POST', 'charges', { amount: 900, currency: 'eur', fee: 30 });
  expect(await bench.control('GET', 'conservation')).toEqual({ ok: true, sums: { eur: '0', jpy: '0', usd: '0' } });
});
