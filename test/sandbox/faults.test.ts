import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Bench, errorOf, fund, pay, startBench } from './harness';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

const key = (idempotencyKey: string) => ({ idempotencyKey });
const fault = (kind: string, more: Record<string, unknown> = {}) =>
  bench.control('POST', 'faults', { kind, method: 'POST', path: '/v1/payouts', ...more });
const count = async () => (await bench.stripe.payouts.list({ limit: 100 })).data.length;

test('dropped before executing: nothing happened, and the key can be used', async () => {
  // The package re-sends once on a closed connection, so both sends are dropped.
  await fault('drop_before_execute', { times: 2 });
  expect((await errorOf(fund(bench, 10, 'usd', key('k1')))).type).toBe('StripeConnectionError');
  expect(await count()).toBe(0);
  await fund(bench, 10, 'usd', key('k1'));
  expect(await count()).toBe(1);
});

test('dropped after executing: it happened once, and the key tells', async () => {
  await fault('drop_after_execute', { times: 2 });
  expect((await errorOf(fund(bench, 10, 'usd', key('k1')))).type).toBe('StripeConnectionError');
  expect(await count()).toBe(1);
  const replay = await fund(bench, 10, 'usd', key('k1'));
  expect(replay.lastResponse.headers['idempotent-replayed']).toBe('true');
  expect(await count()).toBe(1);
});

test('a truncated body: it happened once', async () => {
  await fault('truncated_body');
  expect((await errorOf(fund(bench, 10, 'usd', key('k1')))).type).toBe('StripeConnectionError');
  await fund(bench, 10, 'usd', key('k1'));
  expect(await count()).toBe(1);
});

test('a delay only delays', async () => {
  await fault('delay_ms', { ms: 120 });
  const started = performance.now();
  await fund(bench, 10);
  expect(performance.now() - started).toBeGreaterThan(110);
});

test('a conflict, a rate limit and a lock timeout did nothing and store nothing', async () => {
  await fault('conflict_409');
  expect(await errorOf(fund(bench, 10, 'usd', key('k1')))).toMatchObject({
    statusCode: 409,
    code: 'idempotency_key_in_use',
  });
  await fault('rate_limit_429', { retry_after: 7 });
  expect(await errorOf(fund(bench, 10, 'usd', key('k1')))).toMatchObject({
    statusCode: 429,
    code: 'rate_limit',
    headers: { 'retry-after': '7' },
  });
  await fault('lock_timeout_429');
  expect(await errorOf(fund(bench, 10, 'usd', key('k1')))).toMatchObject({ statusCode: 429, code: 'lock_timeout' });
  expect(await count()).toBe(0);
  await fund(bench, 10, 'usd', key('k1'));
});

test('v1: a stored 500 is what the key answers from then on', async () => {
  await fault('error_500_stored');
  expect(await errorOf(fund(bench, 10, 'usd', key('k1')))).toMatchObject({ statusCode: 500, type: 'StripeAPIError' });
  expect(await errorOf(fund(bench, 10, 'usd', key('k1')))).toMatchObject({
    statusCode: 500,
    headers: { 'idempotent-replayed': 'true' },
  });
  expect(await count()).toBe(0);
});

test('a stored 500 can hide work that was done', async () => {
  await fault('error_500_stored', { execute: true });
  await errorOf(fund(bench, 10, 'usd', key('k1')));
  await errorOf(fund(bench, 10, 'usd', key('k1')));
  expect(await count()).toBe(1);
});

test('a 500 that is not stored: the key can be used', async () => {
  await fault('error_500_not_stored');
  await errorOf(fund(bench, 10, 'usd', key('k1')));
  await fund(bench, 10, 'usd', key('k1'));
  expect(await count()).toBe(1);
});

test('pruned keys: the same request happens twice', async () => {
  await fund(bench, 10, 'usd', key('k1'));
  await fault('prune_keys');
  await fund(bench, 10, 'usd', key('k1'));
  expect(await count()).toBe(2);
});

test('a payout that fails later gives its money back', async () => {
  await fault('payout_fail_later');
  const payout = await fund(bench, 10);
  expect(payout.status).toBe('pending');
  expect(await bench.stripe.payouts.retrieve(payout.id)).toMatchObject({
    status: 'failed',
    failure_code: 'could_not_process',
  });
  expect(await bench.balances()).toMatchObject({ payments: 1_000_000, storage: 0, inbound: 0 });
});

test('an outbound payment that fails or returns later', async () => {
  await fund(bench, 1_000);
  const path = '/v2/money_management/outbound_payments';
  await fault('payout_fail_later', { path });
  const failed = await pay(bench, 'acct_anna', 100);
  const get = (id: string) => bench.stripe.v2.moneyManagement.outboundPayments.retrieve(id);
  expect((await get(failed.id)).status).toBe('failed');
  await fault('payout_return_later', { path });
  const returned = await pay(bench, 'acct_anna', 100);
  expect((await get(returned.id)).status).toBe('posted');
  expect((await get(returned.id)).status).toBe('returned');
  expect(await bench.balances()).toMatchObject({ storage: 1_000, outbound: 0 });
});

test('an answer that claims to be live', async () => {
  await fault('wrong_livemode', { method: 'GET' });
  const payout = await fund(bench, 10);
  expect((await bench.stripe.payouts.retrieve(payout.id)).livemode).toBe(true);
  expect((await bench.stripe.payouts.retrieve(payout.id)).livemode).toBe(false);
});

test('a rule hits from its nth match on, as often as it says, by prefix or expression', async () => {
  await fault('error_500_not_stored', { nth: 2, times: 2, path: '^/v1/pay.*s$' });
  const outcomes: boolean[] = [];
  for (let i = 0; i < 4; i++)
    outcomes.push(
      await fund(bench, 1).then(
        () => true,
        () => false,
      ),
    );
  expect(outcomes).toEqual([true, false, false, true]);
  expect((await bench.control('GET', 'faults')).data).toMatchObject([{ seen: 4, fired: 2 }]);
  expect(await bench.control('DELETE', 'faults')).toEqual({ deleted: 1 });
});
