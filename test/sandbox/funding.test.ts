import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Bench, errorOf, fund, startBench } from './harness';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

test('funding takes available Payments money at once and it arrives with the next request', async () => {
  const payout = await bench.stripe.payouts.create({
    amount: 250_000,
    currency: 'usd',
    payout_method: bench.storage,
    metadata: { coffer_intent: 'fund-1' },
  });
  expect(payout).toMatchObject({ status: 'pending', payout_method: bench.storage, destination: null });
  expect(await bench.balances()).toMatchObject({ payments: 750_000, storage: 250_000, inbound: 0 });
  const settled = await bench.stripe.payouts.retrieve(payout.id);
  expect(settled).toMatchObject({ status: 'paid', metadata: { coffer_intent: 'fund-1' } });

  const [credit] = (await bench.stripe.v2.moneyManagement.receivedCredits.list()).data;
  expect(credit).toMatchObject({
    status: 'succeeded',
    type: 'balance_transfer',
    amount: { value: 250_000, currency: 'usd' },
    balance_transfer: { type: 'payout', payout: payout.id },
  });
  const lines = await bench.stripe.v2.moneyManagement.transactions.list({ flow: credit?.id ?? '' });
  expect(lines.data).toMatchObject([{ category: 'received_credit', status: 'posted', amount: { value: 250_000 } }]);
  const [movement] = (await bench.stripe.balanceTransactions.list({ source: payout.id })).data;
  expect(movement).toMatchObject({ type: 'payout', amount: -250_000, net: -250_000, status: 'available' });
  const events = await bench.stripe.events.list({ types: ['payout.created', 'payout.paid'] });
  expect(events.data.map((event) => event.type)).toEqual(['payout.paid', 'payout.created']);
});

test('while a funding payout is under way the money is inbound in Storage', async () => {
  await bench.close();
  bench = await startBench({ settlementDelayMs: 60_000 });
  const payout = await fund(bench, 1_000);
  expect(await bench.balances()).toMatchObject({ payments: 999_000, storage: 0, inbound: 1_000 });
  expect((await bench.stripe.v2.moneyManagement.receivedCredits.list()).data).toEqual([]);
  await bench.control('POST', 'clock', { advance_seconds: 60 });
  expect(await bench.balances()).toMatchObject({ storage: 1_000, inbound: 0 });
  const [line] = (await bench.stripe.v2.moneyManagement.transactions.list()).data;
  const entries = await bench.stripe.v2.moneyManagement.transactionEntries.list({ transaction: line?.id ?? '' });
  const sum = (of: (entry: (typeof entries.data)[number]) => number) =>
    entries.data.reduce((total, entry) => total + of(entry), 0);
  expect(sum((entry) => entry.balance_impact.available.value)).toBe(1_000);
  expect(sum((entry) => entry.balance_impact.inbound_pending.value)).toBe(0);
  expect((await bench.stripe.payouts.retrieve(payout.id)).status).toBe('paid');
});

test('pending money cannot be moved: only what is available can', async () => {
  const error = await errorOf(fund(bench, 1_000_001));
  expect(error).toMatchObject({ type: 'StripeInvalidRequestError', statusCode: 400, code: 'balance_insufficient' });
  expect(await bench.balances()).toMatchObject({ payments: 1_000_000, pending: 20_000, storage: 0 });
});

test('a currency that the financial account does not hold is refused', async () => {
  await bench.control('POST', 'topups', { amount: 500, currency: 'chf' });
  expect((await errorOf(fund(bench, 100, 'chf'))).message).toContain('does not hold chf');
});

test('a currency without decimals moves in whole units', async () => {
  await fund(bench, 90_000, 'jpy');
  expect(await bench.balances('jpy')).toMatchObject({ payments: 0, storage: 90_000 });
});

test('a financial account that is not open takes no money', async () => {
  await bench.control('POST', 'settings', { financial_account_status: 'closed' });
  expect((await errorOf(fund(bench, 100))).message).toContain('is closed');
  expect((await bench.stripe.v2.moneyManagement.financialAccounts.list()).data).toEqual([]);
});

test('a payout is canceled only while it is pending, and gives its money back', async () => {
  await bench.close();
  bench = await startBench({ settlementDelayMs: 60_000 });
  const payout = await fund(bench, 1_000);
  const canceled = await bench.stripe.payouts.cancel(payout.id);
  expect(canceled.status).toBe('canceled');
  expect(canceled.failure_balance_transaction).toMatch(/^txn_/);
  expect(await bench.balances()).toMatchObject({ payments: 1_000_000, inbound: 0 });
  await bench.control('POST', 'clock', { advance_seconds: 120 });
  expect(await bench.balances()).toMatchObject({ payments: 1_000_000, storage: 0 });
  expect((await errorOf(bench.stripe.payouts.cancel(payout.id))).message).toContain('is canceled');
});

test('a payout to the bank leaves Stripe, and once paid it can be reversed, once', async () => {
  const payout = await bench.stripe.payouts.create({ amount: 5_000, currency: 'usd' });
  expect(payout.destination).toMatch(/^ba_/);
  expect(await bench.balances()).toMatchObject({ payments: 995_000, storage: 0 });
  const reversal = await bench.stripe.payouts.reverse(payout.id);
  expect(reversal).toMatchObject({ amount: -5_000, original_payout: payout.id });
  expect((await bench.stripe.payouts.retrieve(payout.id)).reversed_by).toBe(reversal.id);
  expect(await bench.balances()).toMatchObject({ payments: 1_000_000 });
  await errorOf(bench.stripe.payouts.reverse(payout.id));
});

test('money in Storage cannot be released by reversing the payout that brought it', async () => {
  const payout = await fund(bench, 1_000);
  await bench.balances();
  expect((await errorOf(bench.stripe.payouts.reverse(payout.id))).message).toContain('cannot be reversed');
});

test('a paid payout that fails later takes its money out of Storage again', async () => {
  const payout = await fund(bench, 1_000);
  await bench.control('POST', `payouts/${payout.id}/fail`, { failure_code: 'declined' });
  expect(await bench.stripe.payouts.retrieve(payout.id)).toMatchObject({ status: 'failed', failure_code: 'declined' });
  expect(await bench.balances()).toMatchObject({ payments: 1_000_000, storage: 0 });
  expect((await bench.stripe.v2.moneyManagement.receivedCredits.list()).data[0]?.status).toBe('returned');
  const lines = await bench.stripe.v2.moneyManagement.transactions.list();
  expect(lines.data.map((line) => line.category)).toEqual(['received_credit_reversal', 'received_credit']);
  const failure = await bench.stripe.balanceTransactions.list({ type: 'payout_failure' });
  expect(failure.data).toMatchObject([{ amount: 1_000, source: payout.id }]);
});

test('payouts are found by status and by metadata that was changed afterwards', async () => {
  const payout = await fund(bench, 1_000);
  await bench.stripe.payouts.update(payout.id, { metadata: { note: 'seen', gone: '' } });
  expect((await bench.stripe.payouts.list({ status: 'paid' })).data).toMatchObject([
    { id: payout.id, metadata: { note: 'seen' } },
  ]);
  expect((await bench.stripe.payouts.list({ status: 'failed' })).data).toEqual([]);
});
