import { describe, expect, it } from 'vitest';
import {
  type CallSignal,
  createLimiter,
  endpointOf,
  LIMITS,
  LimiterCore,
  type Limits,
} from '../../../electron/stripe/limiter';

const OK: CallSignal = { status: 200, lockTimeout: false, retryAfterMs: null, reason: null };
const TOO_MANY: CallSignal = { status: 429, lockTimeout: false, retryAfterMs: null, reason: null };

interface Call {
  readonly endpoint: string;
  readonly sentAt: number;
}

/**
 * Runs the core against a server on one fake clock. The server counts requests of each sliding second, after a latency
 * that differs from call to call.
 */
function simulate(options: {
  limits: Limits;
  server: { perSecond: number; perEndpoint: number };
  endpoints: readonly string[];
  seconds: number;
  latencyMs?: number;
}) {
  const core = new LimiterCore<string>(options.limits, 0);
  const arrived: { at: number; endpoint: string }[] = [];
  const underWay: { doneAt: number; endpoint: string; signal: CallSignal }[] = [];
  const sent: Call[] = [];
  const refusedAt: number[] = [];
  for (const endpoint of options.endpoints) {
    for (let n = 0; n < Math.min(options.limits.perSecond, 200) * options.seconds * 2; n += 1)
      core.enqueue(endpoint, endpoint);
  }
  let seed = 42;
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 2_147_483_648;
  };
  // A timer that fires every 1 to 6 ms, as on a busy computer.
  for (let now = 0; now < options.seconds * 1_000; now += 1 + Math.floor(random() * 6)) {
    for (const call of underWay.filter((candidate) => candidate.doneAt <= now)) {
      underWay.splice(underWay.indexOf(call), 1);
      core.finished(call.endpoint, call.signal, now);
    }
    for (const endpoint of core.admit(now).go) {
      const at = now + (options.latencyMs ?? 40) / 2;
      const recent = arrived.filter((call) => call.at > at - 1_000);
      const full =
        recent.length >= options.server.perSecond ||
        recent.filter((call) => call.endpoint === endpoint).length >= options.server.perEndpoint;
      if (full) refusedAt.push(now);
      else arrived.push({ at, endpoint });
      sent.push({ endpoint, sentAt: now });
      underWay.push({
        doneAt: now + (options.latencyMs ?? 40) * (0.8 + random() * 0.4),
        endpoint,
        signal: full ? TOO_MANY : OK,
      });
    }
  }
  const sentAfter = (second: number) => ({
    sent: sent.filter((call) => call.sentAt >= second * 1_000).length,
    refused: refusedAt.filter((at) => at >= second * 1_000).length,
  });
  return { sent, accepted: arrived.length, refused: refusedAt.length, core, sentAfter };
}

describe('the limiter against a server with the same limits', () => {
  it('keeps at least 95 % of a sandbox’s 25 per second with less than 1 % refused', () => {
    const { accepted, refused, sent } = simulate({
      limits: LIMITS.test,
      server: { perSecond: 25, perEndpoint: 25 },
      endpoints: ['POST /v2/money_management/outbound_payments'],
      seconds: 60,
    });
    expect(accepted / (25 * 60)).toBeGreaterThanOrEqual(0.95);
    expect(refused / sent.length).toBeLessThan(0.01);
  });

  it('keeps at least 95 % of a live account’s 100 per second over several endpoints', () => {
    const { accepted, refused, sent } = simulate({
      limits: LIMITS.live,
      server: { perSecond: 100, perEndpoint: 25 },
      endpoints: ['a', 'b', 'c', 'd', 'e'],
      seconds: 20,
    });
    expect(accepted / (100 * 20)).toBeGreaterThanOrEqual(0.95);
    expect(refused / sent.length).toBeLessThan(0.01);
  });

  it('never sends more than 25 per second to one endpoint of a live account', () => {
    const { sent } = simulate({
      limits: LIMITS.live,
      server: { perSecond: 100, perEndpoint: 25 },
      endpoints: ['a'],
      seconds: 5,
    });
    for (const { sentAt } of sent) {
      expect(sent.filter((call) => call.sentAt >= sentAt && call.sentAt < sentAt + 1_000).length).toBeLessThanOrEqual(
        25,
      );
    }
  });

  it('lets endpoints take turns, so that a long batch does not hold up a balance', () => {
    const core = new LimiterCore<string>(LIMITS.test, 0);
    for (let n = 0; n < 1_000; n += 1) core.enqueue('batch', 'batch');
    core.enqueue('balance', 'balance');
    expect(core.admit(0).go).toContain('balance');
  });

  it('does not go beyond the number of calls at the same time', () => {
    const core = new LimiterCore<number>({ perSecond: 1_000, perEndpoint: 1_000, concurrency: 3 }, 0);
    for (let n = 0; n < 10; n += 1) core.enqueue('a', n);
    expect(core.admit(0).go).toEqual([0, 1, 2]);
    expect(core.admit(10).go).toEqual([]);
    core.finished('a', OK, 20);
    expect(core.admit(20).go).toEqual([3]);
  });
});

describe('the limiter learns', () => {
  it('goes well below the pace that was too much, and comes back to it slowly', () => {
    const core = new LimiterCore<number>(LIMITS.test, 0);
    const before = core.pace;
    core.enqueue('a', 1);
    core.admit(0);
    core.finished('a', TOO_MANY, 10);
    // Nothing is known of what is accepted yet: half the pace was too much, and four fifths of that are left.
    expect(core.pace).toBeCloseTo((before / 2) * 0.8, 1);
    core.enqueue('a', 2);
    core.admit(10_010);
    expect(core.pace).toBeGreaterThan((before / 2) * 0.9);
    expect(core.pace).toBeLessThan(before / 2);
    core.enqueue('a', 3);
    core.admit(70_000);
    expect(core.pace).toBeCloseTo(before, 0);
  });

  it('counts refusals of one burst once', () => {
    const core = new LimiterCore<number>(LIMITS.test, 0);
    const before = core.pace;
    for (const n of [1, 2]) core.enqueue('a', n);
    expect(core.admit(0).go).toHaveLength(2);
    core.finished('a', TOO_MANY, 10);
    core.finished('a', TOO_MANY, 12);
    expect(core.pace).toBeCloseTo((before / 2) * 0.8, 1);
  });

  it('waits as long as Stripe asks with Retry-After', () => {
    const core = new LimiterCore<number>(LIMITS.test, 0);
    core.enqueue('a', 1);
    core.admit(0);
    core.finished('a', { ...TOO_MANY, retryAfterMs: 5_000 }, 10);
    core.enqueue('a', 2);
    expect(core.admit(4_000)).toEqual({ go: [], wakeAt: 5_010 });
    expect(core.admit(5_010).go).toEqual([2]);
  });

  it('does not slow down for a lock time-out, which is no rate limit', () => {
    const core = new LimiterCore<number>(LIMITS.test, 0);
    const before = core.pace;
    core.enqueue('a', 1);
    core.admit(0);
    core.finished('a', { ...TOO_MANY, lockTimeout: true }, 10);
    expect(core.pace).toBeCloseTo(before, 5);
  });

  it('slows only the endpoint when Stripe says the endpoint’s limit was hit', () => {
    const core = new LimiterCore<number>(LIMITS.live, 0);
    const before = core.pace;
    core.enqueue('a', 1);
    core.admit(0);
    core.finished('a', { ...TOO_MANY, reason: 'endpoint-rate' }, 10);
    expect(core.pace).toBeCloseTo(before, 5);
  });

  it.each([
    ['a sandbox of 10 per second', LIMITS.test, { perSecond: 10, perEndpoint: 10 }, ['a']],
    ['a live account of 40 per second and 7 per endpoint', LIMITS.live, { perSecond: 40, perEndpoint: 7 }, ['a', 'b']],
    ['a live account of 18 per second', LIMITS.live, { perSecond: 18, perEndpoint: 18 }, ['a', 'b', 'c']],
    [
      'a local server of 25 per second, when it was told 2,000',
      { perSecond: 2_000, perEndpoint: 2_000, concurrency: 32 },
      { perSecond: 25, perEndpoint: 25 },
      ['a', 'b'],
    ],
  ])('the limit of %s: then less than one in a hundred is refused', (_name, limits, server, endpoints) => {
    const { sentAfter } = simulate({ limits, server, endpoints, seconds: 180 });
    const learned = sentAfter(30);
    const possible = Math.min(server.perSecond, server.perEndpoint * endpoints.length) * 150;
    expect(learned.refused / learned.sent).toBeLessThan(0.01);
    expect((learned.sent - learned.refused) / possible).toBeGreaterThan(0.85);
  });
});

describe('createLimiter', () => {
  it('hands out turns on an injected clock', async () => {
    let now = 0;
    const sleeping: { until: number; wake: () => void }[] = [];
    const limiter = createLimiter({
      limits: { perSecond: 2, perEndpoint: 2, concurrency: 10 },
      now: () => now,
      sleep: (ms) => new Promise((wake) => sleeping.push({ until: now + ms, wake })),
    });
    const order: number[] = [];
    const calls = [1, 2, 3].map(async (n) => {
      const release = await limiter.acquire('a');
      order.push(n);
      release(OK);
    });
    await Promise.resolve();
    await Promise.resolve();
    expect(order).toEqual([1, 2]);
    expect(limiter.waiting).toBe(1);
    while (sleeping.length > 0) {
      const next = sleeping.shift();
      now = Math.max(now, next?.until ?? now);
      next?.wake();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(calls);
    expect(order).toEqual([1, 2, 3]);
    expect(now).toBeGreaterThanOrEqual(500);
  });
});

describe('endpointOf', () => {
  it.each([
    ['GET', '/v1/payouts/po_1?expand[0]=a', 'GET /v1/payouts/:id'],
    ['POST', '/v1/payouts', 'POST /v1/payouts'],
    ['POST', '/v1/payouts/po_1/cancel', 'POST /v1/payouts/:id/cancel'],
    ['GET', '/v1/balance_transactions?limit=1', 'GET /v1/balance_transactions'],
    ['POST', '/v2/money_management/outbound_payments', 'POST /v2/money_management/outbound_payments'],
    ['GET', '/v2/core/accounts/acct_1?include[0]=x', 'GET /v2/core/accounts/:id'],
  ])('%s %s is limited as %s', (method, path, endpoint) => {
    expect(endpointOf(method, path)).toBe(endpoint);
  });
});
