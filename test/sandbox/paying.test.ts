import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Bench, errorOf, fund, pay, startBench } from './harness';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench({ settlementDelayMs: 60_000 });
  await fund(bench, 100_000);
  await bench.control('POST', 'clock', { advance_seconds: 60 });
});
afterEach(() => bench.close());

const settle = () => bench.control('POST', 'clock', { advance_seconds: 60 });
const retrieve = (id: string) => bench.stripe.v2.moneyManagement.outboundPayments.retrieve(id);

test('an outbound payment leaves the available balance at once and posts when it settles', async () => {
  const payment = await pay(bench, 'acct_anna', 7_000);
  expect(payment).toMatchObject({ status: 'processing', cancelable: true, metadata: { coffer_intent: 'intent-1' } });
  expect(await bench.balances()).toMatchObject({ storage: 93_000, outbound: 7_000 });
  let [line] = (await bench.stripe.v2.moneyManagement.transactions.list({ flow: payment.id })).data;
  expect(line).toMatchObject({
    status: 'pending',
    amount: { value: -7_000 },
    balance_impact: { outbound_pending: { value: 7_000 } },
  });
  await settle();
  expect(await retrieve(payment.id)).toMatchObject({ status: 'posted', cancelable: false });
  expect(await bench.balances()).toMatchObject({ storage: 93_000, outbound: 0 });
  [line] = (await bench.stripe.v2.moneyManagement.transactions.list({ flow: payment.id })).data;
  expect(line).toMatchObject({
    status: 'posted',
    balance_impact: { available: { value: -7_000 }, outbound_pending: { value: 0 } },
  });
  expect((await bench.control('GET', 'state')).recipients).toEqual({ acct_anna: { usd: '7000' } });
});

test('a recipient without an active capability cannot be paid', async () => {
  const error = await errorOf(pay(bench, 'acct_blocked', 100));
  expect(error).toMatchObject({
    type: 'CapabilityNotEnabledError',
    rawType: 'capability_not_enabled',
    statusCode: 400,
  });
  await bench.control('POST', 'accounts', { id: 'acct_blocked', cards: 'active' });
  expect((await pay(bench, 'acct_blocked', 100)).to.payout_method).toBe('card_test_blocked');
});

test('an account that Stripe closes stops being payable, and says so in v1 and v2', async () => {
  await bench.control('POST', 'accounts', { id: 'acct_anna', payouts_enabled: false });
  expect((await bench.stripe.accounts.retrieve('acct_anna')).requirements?.disabled_reason).toBe(
    'requirements.past_due',
  );
  await errorOf(pay(bench, 'acct_anna', 100));
  const [event] = (await bench.stripe.events.list({ type: 'account.updated' })).data;
  expect(event?.data).toMatchObject({
    object: { payouts_enabled: false },
    previous_attributes: { payouts_enabled: true },
  });
});

test('Storage cannot pay more than it holds available', async () => {
  const error = await errorOf(pay(bench, 'acct_anna', 100_001));
  expect(error).toMatchObject({ type: 'InsufficientFundsError', rawType: 'insufficient_funds' });
  expect(await bench.balances()).toMatchObject({ storage: 100_000, outbound: 0 });
});

test('only a processing payment can be canceled', async () => {
  const payment = await pay(bench, 'acct_anna', 500);
  const canceled = await bench.stripe.v2.moneyManagement.outboundPayments.cancel(payment.id);
  expect(canceled.status).toBe('canceled');
  expect(await bench.balances()).toMatchObject({ storage: 100_000, outbound: 0 });
  const [line] = (await bench.stripe.v2.moneyManagement.transactions.list({ flow: payment.id })).data;
  expect(line?.status).toBe('void');
  expect((await errorOf(bench.stripe.v2.moneyManagement.outboundPayments.cancel(payment.id))).type).toBe(
    'AlreadyCanceledError',
  );
  const other = await pay(bench, 'acct_anna', 500);
  await settle();
  expect((await errorOf(bench.stripe.v2.moneyManagement.outboundPayments.cancel(other.id))).type).toBe(
    'NotCancelableError',
  );
});

test('a posted payment can come back later, as a line of its own', async () => {
  const payment = await pay(bench, 'acct_anna', 500);
  await settle();
  await bench.control('POST', `outbound_payments/${payment.id}/return`, {});
  expect(await retrieve(payment.id)).toMatchObject({
    status: 'returned',
    status_details: { returned: { reason: 'payout_method_closed' } },
  });
  expect(await bench.balances()).toMatchObject({ storage: 100_000 });
  const lines = await bench.stripe.v2.moneyManagement.transactions.list({ flow: payment.id });
  expect(lines.data.map((line) => [line.category, line.amount.value])).toEqual([
    ['outbound_payment_reversal', 500],
    ['outbound_payment', -500],
  ]);
});

test('a processing payment can fail, and then its money never left', async () => {
  const payment = await pay(bench, 'acct_anna', 500);
  await bench.control('POST', `outbound_payments/${payment.id}/fail`, { reason: 'payout_method_expired' });
  await settle();
  expect(await retrieve(payment.id)).toMatchObject({
    status: 'failed',
    status_details: { failed: { reason: 'payout_method_expired' } },
  });
  expect(await bench.balances()).toMatchObject({ storage: 100_000, outbound: 0 });
});

test('payments are listed by recipient and status', async () => {
  const first = await pay(bench, 'acct_anna', 1);
  await settle();
  const second = await pay(bench, 'acct_ben', 2);
  const list = bench.stripe.v2.moneyManagement.outboundPayments;
  expect((await list.list({ recipient: 'acct_anna' })).data.map((row) => row.id)).toEqual([first.id]);
  expect((await list.list({ status: ['processing'] })).data.map((row) => row.id)).toEqual([second.id]);
});

test('the payout methods of a recipient are seen in its context', async () => {
  const own = await bench.stripe.v2.moneyManagement.payoutMethods.list();
  const hers = await bench.stripe.v2.moneyManagement.payoutMethods.list({}, { stripeContext: 'acct_anna' });
  expect(own.data).toHaveLength(1);
  expect(hers.data[0]?.id).not.toBe(own.data[0]?.id);
  expect((await pay(bench, 'acct_anna', 1)).to.payout_method).toBe(hers.data[0]?.id);
});
