/** Events of the embedded Stripe, read as they come: again, late, refused, after a kill, and after weeks offline. */
import { describe, expect, test } from 'vitest';
import type { EventSource, StripeEvent } from '../../../electron/rails/segregation-rail';
import { listAlerts } from '../../../electron/services/alerts';
import { BalanceMonitor } from '../../../electron/services/balance-monitoring';
import type { ServiceContext } from '../../../electron/services/context';
import { EventPolling, readCursor } from '../../../electron/services/events/polling';
import { proveBalances } from '../../../electron/services/reconciliation';
import { StripeUnavailable } from '../../../electron/stripe/problem';
import { type Bench, bench } from './platform';

const DAY_MS = 86_400_000;

const stored = (one: Bench) => one.platform.store.db.selectFrom('stripe_event').selectAll().execute();
const stateOf = async (one: Bench, object: string) =>
  (
    await one.platform.store.db
      .selectFrom('intent_state')
      .select('state')
      .where('stripe_object', '=', object)
      .executeTakeFirstOrThrow()
  ).state;

/** A month that is paid, with the events up to now read and looked after. */
async function paid(): Promise<{ one: Bench; events: EventPolling; payment: string }> {
  const one = await bench('worked', { durable: true });
  const events = new EventPolling(one.context);
  await events.poll();
  await one.through('pay');
  await one.follow();
  await events.poll();
  const [payment] = await one.stripe.outboundPayments();
  if (payment === undefined) throw new Error('nobody was paid');
  return { one, events, payment: payment.id };
}

/** The same context with lists of events as the test says. */
function listing(one: Bench, lists: (source: EventSource, from: Date) => readonly StripeEvent[]): ServiceContext {
  const rail = Object.create(one.context.rail) as ServiceContext['rail'];
  return {
    ...one.context,
    rail: new Proxy(rail, {
      get: (_target, name) => {
        if (name === 'events')
          return async function* (source: EventSource, from: Date) {
            yield* lists(source, from).filter((event) => event.createdAt >= from);
          };
        const real = Reflect.get(one.context.rail, name);
        return typeof real === 'function' ? real.bind(one.context.rail) : real;
      },
    }),
  };
}

test('a payout that came back is known from its event: its own object is read, no list of payouts', async () => {
  const { one, events, payment } = await paid();
  await one.stripe.control('POST', `outbound_payments/${payment}/return`, {});
  for (const path of ['^/v2/money_management/outbound_payments$', '^/v1/payouts$']) {
    await one.stripe.fault('error_500_not_stored', { method: 'GET', path, times: 1_000 });
  }
  expect(await events.poll()).toMatchObject({ complete: true, missingSince: null });
  expect(await stateOf(one, payment)).toBe('returned');
});

test('events tell of settings, accounts, refunds and disputes: there is something to read', async () => {
  const { one, payment } = await paid();
  await one.stripe.control('POST', `outbound_payments/${payment}/return`, {});
  const monitor = new BalanceMonitor(one.context);
  await monitor.poll();
  expect(await monitor.listen()).toBe(false);
  const charge = (await one.stripe.control('POST', 'charges', { amount: 5_000, currency: 'usd' })) as { id: string };
  const news: Readonly<Record<string, () => Promise<unknown>>> = {
    'charge.refunded': () => one.stripe.control('POST', 'refunds', { charge: charge.id, amount: 100 }),
    'charge.dispute.created': () => one.stripe.control('POST', 'disputes', { charge: charge.id }),
    'balance_settings.updated': () => one.stripe.control('POST', 'settings', { payout_interval: 'daily' }),
    'topup.succeeded': () => one.stripe.control('POST', 'topups', { amount: 100, currency: 'usd' }),
    'v2.money_management.transaction.created': () =>
      one.stripe.control('POST', 'dashboard/payout', { amount: 1, currency: 'usd' }),
  };
  for (const [type, happen] of Object.entries(news)) {
    await happen();
    expect([type, await monitor.listen()]).toEqual([type, true]);
    expect((await stored(one)).map((event) => event.type)).toContain(type);
    expect([type, await monitor.listen()]).toEqual([type, false]);
  }
});

describe('Repeats, order and gaps', () => {
  const at = (one: Bench, ms: number): Date => new Date(one.clock.now().getTime() + ms);
  const event = (id: string, createdAt: Date): StripeEvent => ({
    id,
    source: 'v1',
    type: 'balance.available',
    object: '',
    createdAt,
  });

  test('an event that is listed again, in the same list or later, counts once', async () => {
    const one = await bench('worked');
    await new EventPolling(one.context).poll();
    const twice = event('evt_1', at(one, 1_000));
    const polling = new EventPolling(listing(one, (source) => (source === 'v1' ? [twice, twice] : [])));
    expect((await polling.poll()).fresh).toBe(1);
    for (let again = 0; again < 5; again++) expect((await polling.poll()).fresh).toBe(0);
    expect(await stored(one)).toHaveLength(1);
  });

  test('events of one second in any order, and one that is listed minutes late, are all found', async () => {
    const one = await bench('worked');
    await new EventPolling(one.context).poll();
    const created = at(one, 1_000);
    const listed = [event('evt_b', created)];
    const polling = new EventPolling(listing(one, (source) => (source === 'v1' ? listed : [])));
    expect((await polling.poll()).fresh).toBe(1);
    listed.push(event('evt_a', created));
    expect((await polling.poll()).fresh).toBe(1);
    one.clock.advance(9 * 60_000);
    expect((await polling.poll()).fresh).toBe(0);
    listed.push(event('evt_late', at(one, -8 * 60_000)));
    expect((await polling.poll()).fresh).toBe(1);
    expect((await stored(one)).map((row) => row.event_id).sort()).toEqual(['evt_a', 'evt_b', 'evt_late']);
  });

  test('random listings of 300 events, each late by up to eight minutes: every one is read exactly once', async () => {
    const one = await bench('worked');
    await new EventPolling(one.context).poll();
    let seed = 20_261_125;
    const random = (): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
      return seed / 0x7fffffff;
    };
    const start = one.clock.now().getTime();
    const all = Array.from({ length: 300 }, (_, index) => {
      const created = start + Math.floor(random() * 3_600_000);
      return { listedAt: created + random() * 480_000, event: event(`evt_${index}`, new Date(created)) };
    });
    const polling = new EventPolling(
      listing(one, (source) =>
        source === 'v2'
          ? []
          : all.filter(({ listedAt }) => listedAt <= one.clock.now().getTime()).map((each) => each.event),
      ),
    );
    let fresh = 0;
    for (let minutes = 0; minutes < 75; minutes += 5) {
      one.clock.advance(5 * 60_000);
      fresh += (await polling.poll()).fresh;
    }
    expect(fresh).toBe(300);
    expect(await stored(one)).toHaveLength(300);
  });

  test('what Stripe no longer lists is forgotten, so that the books do not grow', async () => {
    const one = await bench('worked');
    await new EventPolling(one.context).poll();
    const old = event('evt_old', at(one, 1_000));
    const polling = new EventPolling(listing(one, (source) => (source === 'v1' ? [old] : [])));
    await polling.poll();
    for (let day = 0; day < 32; day++) {
      one.clock.advance(DAY_MS);
      await polling.poll();
    }
    expect(await stored(one)).toHaveLength(0);
    expect(
      (await listAlerts(one.platform.store.db, false)).filter(({ condition }) => condition.startsWith('events:')),
    ).toEqual([]);
  });
});

test('refused for too many requests, it waits longer each time, the balances are read all the same, and nothing is lost', async () => {
  const { one, payment } = await paid();
  const monitor = new BalanceMonitor(one.context);
  await monitor.poll();
  await one.stripe.control('POST', `outbound_payments/${payment}/return`, {});
  await one.stripe.fault('rate_limit_429', { method: 'GET', path: '/v1/events', times: 1_000, retry_after: 0 });
  const before = await readCursor(one.platform.store.db, 'v1');
  expect((await monitor.poll()).connection).toBe('online');
  expect(await readCursor(one.platform.store.db, 'v1')).toEqual(before);

  const events = new EventPolling(one.context);
  const asked = async (): Promise<number> => {
    const faults = (await one.stripe.control('GET', 'faults')) as { data: { fired: number }[] };
    return faults.data[0]?.fired ?? 0;
  };
  const pauses: number[] = [];
  let since = one.clock.now().getTime();
  let seen = await asked();
  for (let refusals = 0; refusals < 7; ) {
    await events.poll();
    const now = await asked();
    if (now > seen) {
      pauses.push((one.clock.now().getTime() - since) / 60_000);
      since = one.clock.now().getTime();
      refusals += 1;
    }
    seen = now;
    one.clock.advance(30_000);
  }
  // In steps of half a minute, and the retries of the call itself take a while.
  const [, ...between] = pauses.map((minutes) => Math.floor(minutes));
  expect(between).toEqual([1, 2, 4, 8, 15, 15]);

  await one.stripe.clearFaults();
  one.clock.advance(16 * 60_000);
  expect((await events.poll()).complete).toBe(true);
  expect(await stateOf(one, payment)).toBe('returned');
});

test('a key that may not read events: the lists are read as often as before, and nothing is refused', async () => {
  const { one, payment } = await paid();
  const monitor = new BalanceMonitor(
    listing(one, () => {
      throw new StripeUnavailable({
        kind: 'permission',
        code: 'more_permissions_required',
        message: 'The key may not read events.',
        hint: '',
        requestId: null,
        retryAfterMs: null,
      });
    }),
  );
  expect((await monitor.poll()).connection).toBe('online');
  await one.stripe.control('POST', `outbound_payments/${payment}/return`, {});
  one.clock.advance(31 * 60_000);
  await monitor.poll();
  expect(await stateOf(one, payment)).toBe('returned');
});

test('an object that cannot be read stays to be looked after', async () => {
  const { one, events, payment } = await paid();
  await one.stripe.control('POST', `outbound_payments/${payment}/return`, {});
  await one.stripe.fault('error_500_not_stored', {
    method: 'GET',
    path: `/v2/money_management/outbound_payments/${payment}`,
    times: 5,
  });
  await events.poll();
  expect(await stateOf(one, payment)).toBe('posted');
  await events.poll();
  expect(await stateOf(one, payment)).toBe('returned');
});

test.each(['events.read', 'events.stored', 'events.followed'])(
  'killed at %s: nothing is lost and nothing is done twice',
  async (label) => {
    const { one, payment } = await paid();
    await one.stripe.control('POST', `outbound_payments/${payment}/return`, {});
    for (const nth of [1, 2]) {
      if (label === 'events.followed' && nth === 2) break;
      one.killAt(label, nth);
      await expect(new EventPolling(one.context).poll()).rejects.toThrow();
      await one.open();
    }
    await new EventPolling(one.context).poll();
    expect(await stateOf(one, payment)).toBe('returned');
    const rows = await stored(one);
    expect(rows.every((row) => row.handled === 1n)).toBe(true);
    expect(rows.filter((row) => row.type === 'v2.money_management.outbound_payment.returned')).toHaveLength(1);
    const changes = await one.platform.store.db
      .selectFrom('intent_event')
      .select('state')
      .where('stripe_object', '=', payment)
      .execute();
    expect(changes.filter((change) => change.state === 'returned')).toHaveLength(1);
  },
);

test('offline for 40 simulated days: everything is caught up with, and what could not be seen is said', async () => {
  const { one, payment } = await paid();
  const monitor = new BalanceMonitor(one.context);
  await monitor.poll();
  const before = await readCursor(one.platform.store.db, 'v1');
  const known = await one.platform.store.db.selectFrom('stripe_line').select('stripe_id').execute();
  await one.close();

  // In the first ten days, whose events Stripe will have dropped, and on each day after.
  await one.stripe.control('POST', `outbound_payments/${payment}/return`, {});
  await one.stripe.control('POST', 'settings', { payout_interval: 'daily' });
  one.clock.advance(DAY_MS);
  await one.stripe.control('POST', 'settings', { payout_interval: 'manual' });
  let happened = 1;
  for (let day = 1; day < 40; day++) {
    const charge = (await one.stripe.control('POST', 'charges', { amount: 1_000 + day, currency: 'usd', fee: 30 })) as {
      id: string;
    };
    happened += 1;
    if (day % 4 === 0) {
      await one.stripe.control('POST', 'refunds', { charge: charge.id, amount: 300 });
      happened += 1;
    }
    if (day % 13 === 0) {
      await one.stripe.control('POST', 'disputes', { charge: charge.id });
      happened += 1;
    }
    one.clock.advance(DAY_MS);
  }
  // On the last day: money that left Storage in the dashboard.
  const outside = (await one.stripe.control('POST', 'dashboard/transfer', {
    from: 'storage',
    to: 'payments',
    amount: 1,
    currency: 'usd',
  })) as unknown;
  expect(outside).toBeDefined();
  happened += 2;

  await one.open();
  const again = new BalanceMonitor(one.context);
  const overview = await again.poll();
  expect(overview.connection).toBe('online');
  expect(await stateOf(one, payment)).toBe('returned');
  const lines = await one.platform.store.db.selectFrom('stripe_line').select('stripe_id').execute();
  expect(lines.length - known.length).toBe(happened);
  for (const proof of await proveBalances(one.context))
    expect([proof.side, proof.difference]).toEqual([proof.side, 0n]);

  const alerts = await listAlerts(one.platform.store.db, false);
  const from = before?.toISOString().slice(0, 10) ?? '';
  const [said, ...more] = alerts.filter(({ condition }) => condition.startsWith('events:'));
  expect(more).toEqual([]);
  expect(said).toMatchObject({
    condition: `events:${from}`,
    title: `Some changes at Stripe from ${from} to ${new Date(one.clock.now().getTime() - 30 * DAY_MS).toISOString().slice(0, 10)} could not be seen`,
  });
  expect(said?.meaning).toContain('changed and changed back');
  expect(alerts.some(({ condition }) => condition.startsWith('outside:'))).toBe(true);
  const audited = await one.platform.store.db
    .selectFrom('audit_event')
    .selectAll()
    .where('action', '=', 'events.not-seen')
    .execute();
  expect(audited.map((row) => [row.subject, JSON.parse(row.payload).from.slice(0, 10)])).toEqual([
    ['v1', from],
    ['v2', from],
  ]);

  const count = (await stored(one)).length;
  console.info(`40 days offline: ${happened} lines and ${count} events caught up with`);
  await again.poll();
  expect(await stored(one)).toHaveLength(count);
  expect(
    (await listAlerts(one.platform.store.db, false)).filter(({ condition }) => condition.startsWith('events:')),
  ).toHaveLength(1);
});
