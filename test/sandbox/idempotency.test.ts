import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Bench, DAY, errorOf, fund, KEY, pay, startBench } from './harness';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

const key = (idempotencyKey: string) => ({ idempotencyKey });
const payouts = async () => (await bench.stripe.payouts.list({ limit: 100 })).data.length;

test('v1: the same key and parameters repeat the first answer and do nothing', async () => {
  const first = await fund(bench, 1_000, 'usd', key('k1'));
  const again = await fund(bench, 1_000, 'usd', key('k1'));
  expect(again).toEqual(first);
  expect(again.status).toBe('pending');
  expect(again.lastResponse.headers['idempotent-replayed']).toBe('true');
  expect(again.lastResponse.headers['original-request']).toBe(first.lastResponse.requestId);
  expect(first.lastResponse.headers['idempotent-replayed']).toBeUndefined();
  expect(await payouts()).toBe(1);
});

test('v1: the same key with other parameters is an idempotency_error', async () => {
  await fund(bench, 1_000, 'usd', key('k1'));
  const error = await errorOf(fund(bench, 1_001, 'usd', key('k1')));
  expect(error).toMatchObject({ statusCode: 400, type: 'StripeIdempotencyError', rawType: 'idempotency_error' });
  expect(error.message).toContain(
    'Keys for idempotent requests can only be used with the same parameters they were first used with.',
  );
});

test('v1: a refusal of work that began is repeated even when it would succeed now', async () => {
  await errorOf(fund(bench, 1_000_500, 'usd', key('k1')));
  await bench.control('POST', 'topups', { amount: 1_000, currency: 'usd' });
  expect(await errorOf(fund(bench, 1_000_500, 'usd', key('k1')))).toMatchObject({ code: 'balance_insufficient' });
  await fund(bench, 1_000_500, 'usd', key('k2'));
});

test('v1: a validation failure is not stored: the key is free for the right request', async () => {
  await errorOf(bench.stripe.payouts.create({ amount: 0, currency: 'usd' }, key('k1')));
  await fund(bench, 10, 'usd', key('k1'));
});

test('v1: a key is forgotten after 24 hours of sandbox time, not earlier', async () => {
  const first = await fund(bench, 10, 'usd', key('k1'));
  await bench.control('POST', 'clock', { advance_seconds: DAY - 60 });
  expect((await fund(bench, 10, 'usd', key('k1'))).id).toBe(first.id);
  await bench.control('POST', 'clock', { advance_seconds: 61 });
  expect((await fund(bench, 10, 'usd', key('k1'))).id).not.toBe(first.id);
});

test('v1: while the first request is in progress the key is in use', async () => {
  await bench.control('POST', 'faults', { kind: 'delay_ms', method: 'POST', path: '/v1/payouts', ms: 150 });
  const first = fund(bench, 10, 'usd', key('k1'));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await errorOf(fund(bench, 10, 'usd', key('k1')))).toMatchObject({
    statusCode: 409,
    code: 'idempotency_key_in_use',
  });
  const made = await first;
  expect((await fund(bench, 10, 'usd', key('k1'))).id).toBe(made.id);
});

test('v2: a success is not repeated', async () => {
  await fund(bench, 10_000);
  const first = await pay(bench, 'acct_anna', 100, 'usd', key('k1'));
  const again = await pay(bench, 'acct_anna', 100, 'usd', key('k1'));
  expect(again.id).toBe(first.id);
  expect(await bench.balances()).toMatchObject({ storage: 9_900 });
});

test('v2: failed work is attempted anew with the same key', async () => {
  await errorOf(pay(bench, 'acct_anna', 100, 'usd', key('k1')));
  await fund(bench, 10_000);
  expect((await pay(bench, 'acct_anna', 100, 'usd', key('k1'))).status).toBe('processing');
});

test('v2: another request with the key of a success is an idempotency_error', async () => {
  await fund(bench, 10_000);
  await pay(bench, 'acct_anna', 100, 'usd', key('k1'));
  expect(await errorOf(pay(bench, 'acct_anna', 101, 'usd', key('k1')))).toMatchObject({
    type: 'StripeIdempotencyError',
    statusCode: 400,
  });
});

test('v2: a key lives 30 days of sandbox time', async () => {
  await fund(bench, 10_000);
  const first = await pay(bench, 'acct_anna', 100, 'usd', key('k1'));
  await bench.control('POST', 'clock', { advance_seconds: 29 * DAY });
  expect((await pay(bench, 'acct_anna', 100, 'usd', key('k1'))).id).toBe(first.id);
  await bench.control('POST', 'clock', { advance_seconds: DAY });
  expect((await pay(bench, 'acct_anna', 100, 'usd', key('k1'))).id).not.toBe(first.id);
});

test('parameters in another order are the same parameters', async () => {
  const post = (body: string) =>
    fetch(`${bench.server.url}/v1/payouts`, {
      method: 'POST',
      body,
      headers: {
        authorization: `Bearer ${KEY}`,
        'idempotency-key': 'k9',
        'content-type': 'application/x-www-form-urlencoded',
      },
    }).then((response) => response.json());
  expect(await post('amount=5&currency=usd&metadata[a]=1&metadata[b]=2')).toEqual(
    await post('metadata[b]=2&currency=usd&metadata[a]=1&amount=5'),
  );
  expect(await payouts()).toBe(1);
});
