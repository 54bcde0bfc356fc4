import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RateLimiter } from '../../electron/sandbox/http/rate-limit';
import { type Bench, clientOf, errorOf, fund, KEY, pay, startBench } from './harness';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());

const raw = (path: string, init: RequestInit = {}) =>
  fetch(`${bench.server.url}${path}`, { ...init, headers: { authorization: `Bearer ${KEY}`, ...init.headers } });

async function errorBody(response: Response): Promise<Record<string, unknown>> {
  const json: { error: Record<string, unknown> } = await response.json();
  return json.error;
}

test('an unknown route gets the 404 of Stripe itself', async () => {
  const response = await raw('/v1/foo');
  expect(response.status).toBe(404);
  expect((await errorBody(response)).message).toContain('Unrecognized request URL (GET: /v1/foo).');
  expect((await raw('/v2/money_management/nothing')).status).toBe(404);
  expect((await raw('/v1/payouts', { method: 'DELETE' })).status).toBe(404);
});

test('an unknown object is a 404 that names it', async () => {
  expect(await errorOf(bench.stripe.payouts.retrieve('po_no'))).toMatchObject({
    statusCode: 404,
    code: 'resource_missing',
  });
  expect(await errorOf(bench.stripe.v2.moneyManagement.outboundPayments.retrieve('obp_no'))).toMatchObject({
    statusCode: 404,
    code: 'resource_missing',
  });
});

test.each([
  ['amount=100&currency=usd&colour=red', 'parameter_unknown', 'colour'],
  ['currency=usd', 'parameter_missing', 'amount'],
  ['amount=1.5&currency=usd', 'parameter_invalid_integer', 'amount'],
  ['amount=-5&currency=usd', 'parameter_invalid_integer', 'amount'],
  ['amount=0&currency=usd', 'parameter_invalid_integer', 'amount'],
  ['amount=9007199254740993&currency=usd', 'parameter_invalid_integer', 'amount'],
  ['amount=100&currency=', 'parameter_invalid_empty', 'currency'],
])('POST /v1/payouts with %s is a 400 %s', async (body, code, param) => {
  const response = await raw('/v1/payouts', {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  expect(response.status).toBe(400);
  expect(await errorBody(response)).toMatchObject({ type: 'invalid_request_error', code, param });
});

test('an unknown currency is refused and a known one may be in capitals', async () => {
  expect((await errorOf(bench.stripe.payouts.create({ amount: 1, currency: 'xyz' }))).message).toBe(
    'Invalid currency: xyz.',
  );
  expect((await bench.stripe.payouts.create({ amount: 1, currency: 'USD' })).currency).toBe('usd');
});

test.each([
  [{ amount: { value: '100', currency: 'usd' } }, 'parameter_invalid_integer', 'amount.value'],
  [{ amount: { value: 1.5, currency: 'usd' } }, 'parameter_invalid_integer', 'amount.value'],
  [{ amount: { value: 1, currency: 'usd', colour: 'red' } }, 'parameter_unknown', 'amount.colour'],
  [{}, 'parameter_missing', 'amount'],
])('an outbound payment with %j is a 400 %s', async (change, code, param) => {
  const body = JSON.stringify({
    from: { financial_account: bench.storage, currency: 'usd' },
    to: { recipient: 'acct_anna' },
    ...change,
  });
  const response = await raw('/v2/money_management/outbound_payments', { method: 'POST', body });
  expect(response.status).toBe(400);
  expect(await errorBody(response)).toMatchObject({ code, param });
});

test('unknown query parameters are refused too', async () => {
  const response = await raw('/v1/balance_transactions?limit=1&color=red');
  expect(await errorBody(response)).toMatchObject({ code: 'parameter_unknown' });
});

test('test keys of either kind are accepted, anything else is not', async () => {
  await clientOf(bench.server.port, 'rk_test_restricted12').balance.retrieve();
  const malformed = await errorOf(clientOf(bench.server.port, 'sk_test_short').balance.retrieve());
  expect(malformed).toMatchObject({ statusCode: 401, type: 'StripeAuthenticationError' });
  expect(malformed.message).toBe('Invalid API Key provided: sk_test_****hort');
  const live = await errorOf(clientOf(bench.server.port, 'sk_live_0123456789abcdef').balance.retrieve());
  expect(live).toMatchObject({ statusCode: 401 });
  expect(live.message).not.toContain('0123456789');
  expect((await fetch(`${bench.server.url}/v1/balance`)).status).toBe(401);
});

test('a restricted key that lacks a permission gets a 403 that names it', async () => {
  const key = 'rk_test_nopayouts1';
  await bench.control('POST', 'permissions', { key, denied: ['payout_write'] });
  const restricted = clientOf(bench.server.port, key);
  await restricted.balance.retrieve();
  const error = await errorOf(restricted.payouts.create({ amount: 1, currency: 'usd' }));
  expect(error).toMatchObject({ statusCode: 403, type: 'StripePermissionError' });
  expect(error.message).toContain("Having the 'rak_payout_write' permission would allow this request to continue.");
  await bench.control('POST', 'permissions', { key, denied: [] });
  await restricted.payouts.create({ amount: 1, currency: 'usd' });
});

test('only local host names are answered, so that no web page can reach it', async () => {
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port: bench.server.port,
        path: '/v1/balance',
        headers: { host: 'evil.example', authorization: `Bearer ${KEY}` },
      },
      (response) => {
        response.resume();
        resolve(response.statusCode);
      },
    );
    outgoing.on('error', reject);
    outgoing.end();
  });
  expect(status).toBe(403);
});

test('the control interface needs its header and checks its bodies', async () => {
  expect((await fetch(`${bench.server.url}/_sandbox/state`)).status).toBe(403);
  await expect(bench.control('POST', 'charges', { amount: '1.5', currency: 'usd' })).rejects.toThrow('amount');
  await expect(bench.control('POST', 'charges', { amount: 1, currency: 'usd', color: 1 })).rejects.toThrow('color');
  await expect(bench.control('GET', 'nothing')).rejects.toThrow('Known:');
});

test('every answer names its request, the sandbox time and the version', async () => {
  await bench.control('POST', 'clock', { advance_seconds: 86_400 * 10 });
  const response = await raw('/v1/balance', { headers: { 'stripe-version': '2026-10-28.endive' } });
  expect(response.headers.get('request-id')).toMatch(/^req_/);
  expect(response.headers.get('stripe-version')).toBe('2026-10-28.endive');
  const ahead = Date.parse(response.headers.get('date') ?? '') - Date.now();
  expect(ahead).toBeGreaterThan(9 * 86_400_000);
});

test('balance settings are read and changed as in preflight', async () => {
  expect((await bench.stripe.balanceSettings.retrieve()).payments.payouts?.schedule?.interval).toBe('manual');
  await bench.stripe.balanceSettings.update({
    payments: {
      payouts: {
        schedule: { interval: 'daily' },
        automatic_transfer_rules_by_currency: {
          usd: [{ payout_method: bench.storage, type: 'transfer_up_to_amount', transfer_up_to_amount: 500 }],
        },
        minimum_balance_by_currency: { usd: 1_000, eur: 5 },
      },
    },
  });
  await bench.stripe.balanceSettings.update({ payments: { payouts: { minimum_balance_by_currency: { eur: '' } } } });
  expect((await bench.stripe.balanceSettings.retrieve()).payments.payouts).toMatchObject({
    schedule: { interval: 'daily' },
    automatic_transfer_rules_by_currency: { usd: [{ type: 'transfer_up_to_amount', transfer_up_to_amount: 500 }] },
    minimum_balance_by_currency: { usd: 1_000 },
  });
  await bench.control('POST', 'settings', { payout_interval: 'manual' });
  expect((await bench.stripe.balanceSettings.retrieve()).payments.payouts?.schedule?.interval).toBe('manual');
});

test('the platform and its connected accounts are shown, unknown ones are refused', async () => {
  expect((await bench.stripe.accounts.retrieveCurrent()).charges_enabled).toBe(true);
  expect((await bench.stripe.accounts.list()).data.map((account) => account.id).sort()).toEqual([
    'acct_anna',
    'acct_ben',
    'acct_blocked',
  ]);
  expect(await errorOf(bench.stripe.accounts.retrieve('acct_none'))).toMatchObject({
    statusCode: 403,
    code: 'account_invalid',
  });
  expect((await bench.stripe.accounts.retrieve('acct_blocked')).payouts_enabled).toBe(false);
});

test('a rate limit, where it is set, answers 429 with Retry-After', async () => {
  const limited = await startBench({ rateLimit: { perSecond: 25, perEndpoint: 1 } });
  const answers = await Promise.allSettled(Array.from({ length: 8 }, () => limited.stripe.balance.retrieve()));
  const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
  expect(refused[0]).toMatchObject({ statusCode: 429, code: 'rate_limit', headers: { 'retry-after': '1' } });
  await limited.close();
});

test('a token bucket holds one second of requests, in all and per endpoint', () => {
  let now = 0;
  const limiter = new RateLimiter({ perSecond: 25, perEndpoint: 10 }, () => now);
  const taken = (endpoint: string, times: number) =>
    Array.from({ length: times }, () => limiter.take(endpoint)).filter((wait) => wait === undefined).length;
  expect(taken('a', 12)).toBe(10);
  expect(taken('b', 12)).toBe(10);
  expect(taken('c', 12)).toBe(5);
  now += 200;
  expect(taken('c', 12)).toBe(5);
  expect(new RateLimiter(null).take('a')).toBeUndefined();
});

test('metadata survives the round trip, v1 and v2, brackets and umlauts included', async () => {
  const metadata = { 'a b': 'x&y=z', name: 'Jörg + Söhne', number: '12' };
  const payout = await bench.stripe.payouts.create({
    amount: 5_000,
    currency: 'usd',
    payout_method: bench.storage,
    metadata,
  });
  expect((await bench.stripe.payouts.retrieve(payout.id)).metadata).toEqual(metadata);
  const payment = await pay(bench, 'acct_anna', 5);
  expect(payment.metadata).toEqual({ coffer_intent: 'intent-1' });
  await fund(bench, 1);
});
