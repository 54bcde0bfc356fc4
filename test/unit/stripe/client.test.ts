import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createStripeClient, type StripeClient } from '../../../electron/stripe/client';
import { createLimiter } from '../../../electron/stripe/limiter';
import { StripeUnavailable } from '../../../electron/stripe/problem';

const KEY = 'rk_test_unit0000';
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const limits = { perSecond: 10_000, perEndpoint: 10_000, concurrency: 50 };

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

const open: { close(): void }[] = [];
afterEach(() => {
  for (const thing of open.splice(0)) thing.close();
});

/** A server whose every answer the test writes itself. */
async function server(answer: (request: Seen, response: http.ServerResponse, index: number) => void) {
  const seen: Seen[] = [];
  const listening = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const entry = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
      seen.push(entry);
      answer(entry, response, seen.length - 1);
    });
  });
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const address = listening.address() as AddressInfo;
  open.push({
    close: () => {
      listening.closeAllConnections();
      listening.close();
    },
  });
  return { url: `http://127.0.0.1:${address.port}`, seen };
}

function client(baseUrl: string, more: { key?: string; timeoutMs?: number; now?: () => number } = {}): StripeClient {
  const now = more.now ?? Date.now;
  const made = createStripeClient({
    key: more.key ?? KEY,
    baseUrl,
    limiter: createLimiter({ limits, now: Date.now, sleep }),
    now,
    sleep: async () => {},
    timeoutMs: more.timeoutMs ?? 2_000,
  });
  open.push(made);
  return made;
}

function json(response: http.ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Request-Id': 'req_1', ...headers });
  response.end(JSON.stringify(body));
}

async function problemOfPost(answer: Parameters<typeof server>[0], timeoutMs?: number) {
  const { url, seen } = await server(answer);
  const reply = await client(url, timeoutMs === undefined ? {} : { timeoutMs }).post(
    '/v1/payouts',
    { amount: 1 },
    'key-1',
  );
  if (reply.ok) throw new Error('Expected a problem');
  return { problem: reply.problem, seen };
}

const error = (type: string, code: string | undefined, message = 'Said so.') => ({
  error: { type, message, ...(code === undefined ? {} : { code }) },
});

describe('a client', () => {
  it('refuses a live key with any local server, before a socket opens', () => {
    expect(() => client('http://127.0.0.1:1', { key: 'sk_live_abcdefgh' })).toThrow(/never to another server/);
  });

  it.each(['https://127.0.0.1:1', 'http://example.com:80', 'http://10.0.0.1:4000', 'http://127.0.0.1.example.com:1'])(
    'refuses %s as a local server',
    (baseUrl) => {
      expect(() => client(baseUrl)).toThrow(/on this computer|name its port/);
    },
  );

  it('refuses what is not a secret or restricted key', () => {
    expect(() => client('http://127.0.0.1:1', { key: 'pk_test_abcdefgh' })).toThrow(/Not a Stripe/);
  });

  it('sends the given key and parameters, a fixed API version and no telemetry', async () => {
    const { url, seen } = await server((_request, response) => json(response, 200, { id: 'po_1', livemode: false }));
    const stripe = client(url);
    await stripe.post('/v1/payouts', { amount: 5, metadata: { coffer_intent: 'i' } }, 'key-1');
    await stripe.post('/v2/money_management/outbound_payments', { amount: { value: 5, currency: 'usd' } }, 'key-2');
    expect(seen.map((request) => request.headers['idempotency-key'])).toEqual(['key-1', 'key-2']);
    expect(seen.map((request) => request.headers['stripe-version'])).toEqual([
      '2026-10-28.endive',
      '2026-10-28.endive',
    ]);
    expect(seen[1]?.headers['x-stripe-client-telemetry']).toBeUndefined();
    expect(seen[0]?.headers['x-coffer-call']).toBeUndefined();
    expect(seen[0]?.body).toBe('amount=5&metadata[coffer_intent]=i');
    expect(JSON.parse(seen[1]?.body ?? '')).toEqual({ amount: { value: 5, currency: 'usd' } });
  });

  it('measures Stripe’s clock against ours', async () => {
    const { url } = await server((_request, response) =>
      json(response, 200, {}, { Date: new Date('2026-11-01T00:02:00Z').toUTCString() }),
    );
    const stripe = client(url, { now: () => Date.parse('2026-11-01T00:00:00Z') });
    expect(stripe.clockSkewMs()).toBeNull();
    await stripe.read('/v1/balance', {}, z.looseObject({}));
    expect(stripe.clockSkewMs()).toBe(120_000);
  });

  it('finds the other mode deep in a list, and trusts it neither for a read nor for a POST', async () => {
    const { url } = await server((_request, response) => json(response, 200, { data: [{ id: 'a', livemode: true }] }));
    const reply = await client(url).post('/v1/payouts', {}, 'key-1');
    expect(reply).toMatchObject({ ok: false, problem: { kind: 'wrong-mode', code: 'wrong-mode' } });
    await expect(client(url).read('/v1/payouts', {}, z.looseObject({}))).rejects.toMatchObject({
      problem: { kind: 'wrong-mode' },
    });
  });

  it('finds one object of the other mode wherever it is: in any row of a list, expanded, or nested deeply', async () => {
    const other = { id: 'x', livemode: true };
    const nested = Array.from({ length: 30 }).reduce<object>((inner) => ({ inner: [inner] }), other);
    const rows = (last: object) => [...Array.from({ length: 99 }, (_, i) => ({ id: `r${i}`, livemode: false })), last];
    for (const body of [
      other,
      { data: rows(other) },
      { data: rows({ id: 'y', livemode: false, source: other }) },
      nested,
    ]) {
      const { url } = await server((_request, response) => json(response, 200, body));
      await expect(client(url).read('/v1/payouts', {}, z.looseObject({}))).rejects.toMatchObject({
        problem: { kind: 'wrong-mode' },
      });
    }
    const { url } = await server((_request, response) => json(response, 200, { data: rows({ id: 'z' }) }));
    await client(url).read('/v1/payouts', {}, z.looseObject({}));
  });

  it('pages v1 lists by the last id and v2 lists by the next page’s address, on its own host only', async () => {
    const { url, seen } = await server((request, response) => {
      if (request.url.startsWith('/v1/')) {
        const first = !request.url.includes('starting_after');
        json(response, 200, { data: [{ id: first ? 'a' : 'b' }], has_more: first });
      } else {
        const first = !request.url.includes('page=');
        const next = 'https://elsewhere.example/v2/core/accounts?page=n2&limit=100';
        json(response, 200, { data: [{ id: first ? 'c' : 'd' }], next_page_url: first ? next : null });
      }
    });
    const ids: string[] = [];
    const stripe = client(url);
    for (const path of ['/v1/payouts', '/v2/core/accounts']) {
      for await (const row of stripe.list(path, {}, z.object({ id: z.string() }))) ids.push(row.id);
    }
    expect(ids).toEqual(['a', 'b', 'c', 'd']);
    expect(seen.map((request) => request.url)).toEqual([
      '/v1/payouts?limit=100',
      '/v1/payouts?limit=100&starting_after=a',
      '/v2/core/accounts?limit=100',
      '/v2/core/accounts?page=n2&limit=100',
    ]);
  });
});

describe('a read', () => {
  it('is tried again after a 500, a 429 and a broken connection', async () => {
    const { url, seen } = await server((_request, response, index) => {
      if (index === 0) json(response, 500, error('api_error', undefined));
      else if (index === 1) json(response, 429, error('rate_limit_error', 'rate_limit'), { 'Retry-After': '0' });
      else if (index === 2) response.destroy();
      else json(response, 200, { fine: true });
    });
    await expect(client(url).read('/v1/balance', {}, z.object({ fine: z.boolean() }))).resolves.toEqual({ fine: true });
    expect(seen).toHaveLength(4);
  });

  it('gives up after a bounded number of attempts', async () => {
    const { url, seen } = await server((_request, response) => json(response, 503, error('api_error', undefined)));
    await expect(client(url).read('/v1/balance', {}, z.looseObject({}))).rejects.toBeInstanceOf(StripeUnavailable);
    expect(seen).toHaveLength(5);
  });

  it('is not tried again when Stripe refuses it', async () => {
    const { url, seen } = await server((_request, response) =>
      json(response, 403, error('invalid_request_error', undefined)),
    );
    await expect(client(url).read('/v1/balance', {}, z.looseObject({}))).rejects.toMatchObject({
      problem: { kind: 'permission' },
    });
    expect(seen).toHaveLength(1);
  });
});

describe('a POST whose effect nobody knows is unknown, never failed', () => {
  it('when the connection breaks, and is sent once only', async () => {
    const { problem, seen } = await problemOfPost((_request, response) => response.destroy());
    expect(problem).toMatchObject({ kind: 'unknown', code: 'connection' });
    expect(seen).toHaveLength(1);
  });

  it('when no connection can be made', async () => {
    const reply = await client('http://127.0.0.1:9').post('/v1/payouts', {}, 'key-1');
    expect(reply).toMatchObject({ ok: false, problem: { kind: 'unknown', code: 'connection', requestId: null } });
  });

  it('when Stripe does not answer in time', async () => {
    const { problem } = await problemOfPost(() => {}, 100);
    expect(problem).toMatchObject({ kind: 'unknown', code: 'timeout' });
  });

  it('when the reply is cut off', async () => {
    const { problem } = await problemOfPost((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '100', 'Request-Id': 'req_1' });
      response.write('{"id": "po_');
      setTimeout(() => response.destroy(), 20);
    });
    expect(problem).toMatchObject({ kind: 'unknown', code: 'incomplete-reply', requestId: 'req_1' });
  });

  it.each([200, 502])('when a reply with status %i is no JSON', async (status) => {
    const { problem } = await problemOfPost((_request, response) => {
      response.writeHead(status, { 'Request-Id': 'req_1' });
      response.end('<html>Bad gateway</html>');
    });
    expect(problem).toMatchObject({ kind: 'unknown', requestId: 'req_1' });
  });

  it('when the status is an error but the body names none', async () => {
    const { problem } = await problemOfPost((_request, response) => json(response, 502, { message: 'proxy' }));
    expect(problem).toMatchObject({ kind: 'unknown', code: 'server-error' });
  });

  it('when Stripe has an error of its own, stored or not', async () => {
    const fresh = await problemOfPost((_request, response) => json(response, 500, error('api_error', undefined)));
    expect(fresh.problem).toMatchObject({ kind: 'unknown', code: 'server-error', requestId: 'req_1' });
    const stored = await problemOfPost((_request, response) =>
      json(response, 500, error('api_error', undefined), { 'Idempotent-Replayed': 'true' }),
    );
    expect(stored.problem).toMatchObject({ kind: 'unknown', code: 'server-error-stored' });
  });

  it('when an earlier request with the key is still being worked on', async () => {
    const { problem } = await problemOfPost((_request, response) =>
      json(response, 409, error('idempotency_error', 'idempotency_key_in_use')),
    );
    expect(problem).toMatchObject({ kind: 'unknown', code: 'idempotency_key_in_use' });
  });
});

describe('a POST leaves this computer once per attempt', () => {
  it.each([400, 401, 402, 403, 404, 409, 424, 429, 500, 502, 503, 504])('also after a %i', async (status) => {
    const headers = { 'Retry-After': '0', 'Stripe-Should-Retry': 'true' };
    const { seen } = await problemOfPost((_request, response) =>
      json(response, status, error('api_error', undefined), headers),
    );
    expect(seen.map(({ method, headers: sent }) => [method, sent['idempotency-key']])).toEqual([['POST', 'key-1']]);
  });
});

describe('what Stripe says for certain', () => {
  it.each([
    [400, 'invalid_request_error', 'balance_insufficient', 'refused', 'balance_insufficient'],
    [
      400,
      'invalid_request_error',
      'insufficient_capabilities_for_transfer',
      'refused',
      'insufficient_capabilities_for_transfer',
    ],
    [400, 'idempotency_error', undefined, 'refused', 'idempotency_error'],
    [401, 'invalid_request_error', undefined, 'auth', 'key-rejected'],
    [403, 'invalid_request_error', undefined, 'permission', 'permission-missing'],
    [403, 'invalid_request_error', 'account_invalid', 'not-found', 'account_invalid'],
    [404, 'invalid_request_error', 'resource_missing', 'not-found', 'resource_missing'],
    [429, 'rate_limit_error', 'rate_limit', 'not-now', 'rate_limit'],
    [429, 'invalid_request_error', 'lock_timeout', 'not-now', 'lock_timeout'],
  ])('v1 %i %s %s is %s %s', async (status, type, code, kind, expected) => {
    const { problem } = await problemOfPost((_request, response) => json(response, status, error(type, code)));
    expect(problem).toMatchObject({ kind, code: expected, requestId: 'req_1' });
    expect(problem.message).not.toMatch(/undefined|null|object/);
    expect(problem.hint).not.toBe('');
  });

  it.each([
    'insufficient_funds',
    'feature_not_enabled',
    'quota_exceeded',
    'blocked_by_stripe',
    'recipient_not_notifiable',
    'capability_not_enabled',
  ])('v2 %s is a refusal in plain words', async (type) => {
    const { url } = await server((_request, response) => json(response, 400, error(type, type, 'Stripe text')));
    const reply = await client(url).post('/v2/money_management/outbound_payments', {}, 'key-1');
    expect(reply).toMatchObject({ ok: false, problem: { kind: 'refused', code: type } });
    if (!reply.ok) expect(reply.problem.message).not.toContain('Stripe text');
  });

  it('honours Retry-After', async () => {
    const { problem } = await problemOfPost((_request, response) =>
      json(response, 429, error('rate_limit_error', 'rate_limit'), { 'Retry-After': '7' }),
    );
    expect(problem.retryAfterMs).toBe(7_000);
  });
});
