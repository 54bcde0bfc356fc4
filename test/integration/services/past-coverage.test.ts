/** The equation as it stood, from stored readings and the ledger, is what the overview said at that time: to the cent, also much later. */
import { expect, test, vi } from 'vitest';
import { move, post } from '../../../electron/ledger/ledger';
import { balanceHistory } from '../../../electron/services/balance-history';
import { BalanceMonitor } from '../../../electron/services/balance-monitoring';
import { approveMigration, executeMigration, makePlan } from '../../../electron/services/execute-migration';
import { obligations, totalOwed } from '../../../electron/services/fund-tracking';
import { migrationView } from '../../../electron/services/migration/view';
import { coverageAt } from '../../../electron/services/monitoring/past';
import { dropOldReadings } from '../../../electron/services/monitoring/retention';
import { listLines, resolveException } from '../../../electron/services/reconciliation';
import { contract } from '../../../shared/contract';
import type { CoverageView } from '../../../shared/contract/balances';
import { type Bench, bench, datasetLike } from './platform';

vi.setConfig({ testTimeout: 120_000 });

const MINUTE = 60_000;
const DAY_MS = 86_400_000;

/** What the overview said at each reading, and what was owed at times between. */
class Record {
  readonly readings: { at: string; view: CoverageView }[] = [];
  readonly between: { at: string; owed: bigint }[] = [];
  readonly #one: Bench;
  readonly #monitor: BalanceMonitor;

  constructor(one: Bench) {
    this.#one = one;
    this.#monitor = new BalanceMonitor(one.context);
  }

  async read(): Promise<CoverageView> {
    this.#one.clock.advance(2 * MINUTE);
    const overview = await this.#monitor.poll();
    const view = overview.currencies.find((candidate) => candidate.currency === 'usd');
    if (view === undefined || overview.asOf === null) throw new Error('No reading');
    this.readings.push({ at: overview.asOf, view });
    this.#one.clock.advance(2 * MINUTE);
    return view;
  }

  /** Notes what is owed now, between two readings. */
  async note(): Promise<void> {
    this.#one.clock.advance(MINUTE);
    const owed = totalOwed(await obligations(this.#one.platform.store)).get('usd') ?? 0n;
    this.between.push({ at: this.#one.clock.now().toISOString(), owed });
    this.#one.clock.advance(MINUTE);
  }

  /** Every figure that was noted comes out of the books again. */
  async expectAgain(): Promise<void> {
    const reply = contract['balances.history'].reply;
    reply.parse(await balanceHistory(this.#one.context, 'usd', 'all'));
    for (const { at, view } of this.readings) {
      const then = contract['balances.at'].reply.parse(await coverageAt(this.#one.context, { currency: 'usd', at }));
      expect(then, at).toMatchObject({
        owed: view.owed,
        storage: {
          available: view.storageAvailable,
          inboundPending: view.inboundPending,
          outboundPending: view.outboundPending,
          difference: view.difference,
          unexplained: view.unexplained,
          coverageBps: view.coverageBps,
        },
      });
      expect(
        then.storage?.explained.map(({ items, ...part }) => part),
        at,
      ).toEqual(view.explained);
      const named = (parts: CoverageView['owedParts'], name: RegExp) => parts.filter((part) => name.test(part.name));
      expect(named(then.owedParts, /not calculated yet/).map(({ name, amount }) => [name, amount])).toEqual(
        named(view.owedParts, /not calculated yet/).map(({ name, amount }) => [name, amount]),
      );
    }
    for (const { at, owed } of this.between) {
      const then = contract['balances.at'].reply.parse(await coverageAt(this.#one.context, { currency: 'usd', at }));
      expect(BigInt(then.owed), at).toBe(owed);
      const { storage } = then;
      if (storage === null) throw new Error(`No reading for ${at}`);
      const explained = storage.explained.reduce((total, part) => total + BigInt(part.amount), 0n);
      expect(explained + BigInt(storage.unexplained), at).toBe(BigInt(storage.difference));
      expect(then.owedParts.reduce((total, part) => total + BigInt(part.amount), 0n)).toBe(owed);
    }
  }
}

/** In several goes: each movement takes its time to arrive, and the balances are read meanwhile. */
async function migrate(one: Bench, record: Record): Promise<void> {
  await makePlan(one.context);
  const { plan } = await migrationView(one.context, one.guard);
  if (plan === null) throw new Error('No plan');
  await approveMigration(one.context, plan.planHash);
  for (let go = 0; go < 10; go++) {
    await executeMigration(one.context, one.guard, {
      planHash: plan.planHash,
      typed: '7000.00 2026-10',
      patienceMs: 1_500,
    });
    if ((await migrationView(one.context, one.guard)).state === 'completed') return;
    await record.note();
    await record.read();
  }
  throw new Error('The migration does not come to an end');
}

/** Reads in the middle of a step, where movements are on their way. */
function readDuring(one: Bench, record: Record, label: string, nth: number): void {
  let seen = 0;
  one.atCheckpoint = async (reached) => {
    if (reached !== label) return;
    seen += 1;
    if (seen === nth) await record.read();
  };
}

test('after a migration, payouts and an outside movement; after old readings were dropped; after a backup was restored', async () => {
  const one = await bench('migration', { settlementDelayMs: 40_000 });
  const record = new Record(one);
  const start = one.clock.now().toISOString();
  expect(await record.read()).toMatchObject({ difference: '-700000', unexplained: '0' });
  await migrate(one, record);
  await record.note();
  expect(await record.read()).toMatchObject({ difference: '0', unexplained: '0' });
  await one.through('lock');
  await record.note();
  await one.through('earnings');
  await record.note();
  await record.read();
  await one.through('approve');
  await one.step('pay');
  await record.read();
  await record.note();
  await one.follow();
  await record.note();
  await record.read();
  await one.stripe.control('POST', 'dashboard/transfer', {
    from: 'payments',
    to: 'storage',
    amount: 1_000,
    currency: 'usd',
  });
  expect(await record.read()).toMatchObject({ unexplained: '1000' });
  const outside = record.readings.at(-1)?.at ?? '';
  await record.read();
  const { rows } = await listLines(one.platform.store, {
    period: one.period,
    offset: 0,
    limit: 50,
    outcome: 'exception',
  });
  for (const line of rows) await resolveException(one.context, line.stripeId, 'Moved by the treasurer, ticket 118');
  await record.note();
  expect(await record.read()).toMatchObject({ unexplained: '0' });
  const explained = record.readings.at(-1)?.at ?? '';
  await record.expectAgain();

  // Before the first reading nothing is said of Storage.
  expect(await coverageAt(one.context, { currency: 'usd', at: start })).toMatchObject({ readAt: null, storage: null });

  const { changes, points } = await balanceHistory(one.context, 'usd', '30d');
  expect(changes.map(({ at, before, unexplained }) => [at, before, unexplained])).toEqual([
    [explained, '1000', '0'],
    [outside, '0', '1000'],
  ]);
  const inStorage = rows.find((line) => line.side === 'storage');
  for (const change of changes) {
    expect(change.items).toEqual([
      expect.objectContaining({
        kind: 'line',
        reference: inStorage?.lineId,
        amount: '1000',
        resolvedBy: 'Test',
        screen: expect.stringContaining(`line=${inStorage?.lineId}`),
      }),
    ]);
  }
  expect(points.find((point) => point.at === outside)).toMatchObject({ unexplained: '1000' });
  const then = await coverageAt(one.context, { currency: 'usd', at: outside });
  expect(then.storage?.unexplainedItems.map((item) => item.reference)).toEqual([inStorage?.lineId]);

  const backup = one.backUp();
  for (let more = 0; more < 20; more++) await record.read();
  one.clock.advance(40 * DAY_MS);
  let dropped = 0;
  for (let round = 0; round < 3; round++) dropped += await dropOldReadings(one.context);
  expect(dropped).toBeGreaterThan(10);
  await record.expectAgain();
  expect((await balanceHistory(one.context, 'usd', '90d')).changes).toEqual(changes);

  // Longer than a day after the last reading: a gap.
  const gap = new Date(one.clock.now().getTime() - 5 * DAY_MS).toISOString();
  expect(await coverageAt(one.context, { currency: 'usd', at: gap })).toMatchObject({
    readAt: record.readings.at(-1)?.at,
    storage: null,
    notes: expect.arrayContaining([expect.stringContaining('No reading was taken in the day before')]),
  });

  await one.restore(backup);
  const restored = new Record(one);
  restored.readings.push(...record.readings.filter(({ at }) => at <= explained));
  restored.between.push(...record.between);
  await restored.expectAgain();
});

test.each(['financial-account', 'earmark'])(
  'before, during and after a funding and the payouts of a month, on %s',
  async (rail) => {
    const one = await bench(await datasetLike('worked', { 'policy.json': { rail } }), { settlementDelayMs: 40_000 });
    const record = new Record(one);
    await record.read();
    await one.through('lapse');
    await record.note();
    await record.read();
    readDuring(one, record, 'movement.before-sending', 1);
    await one.step('fund');
    one.atCheckpoint = () => {};
    await record.note();
    await record.read();
    await one.through('approve');
    await record.note();
    readDuring(one, record, 'movement.before-sending', 3);
    await one.step('pay');
    one.atCheckpoint = () => {};
    await record.note();
    await record.read();
    await one.follow();
    await record.note();
    await record.read();
    await one.through('close');
    await record.note();
    await record.read();
    await record.expectAgain();
    const during = await Promise.all(record.readings.map(({ at }) => coverageAt(one.context, { currency: 'usd', at })));
    const underWay = during.flatMap(({ storage }) => storage?.explained ?? []).filter((part) => part.items.length > 0);
    if (rail === 'financial-account') expect(underWay.length).toBeGreaterThan(0);
    for (const part of underWay) expect(part.items[0]).toMatchObject({ kind: 'movement' });
  },
);

test('readings in the middle of a run of payouts: the parts sum to the difference, and afterwards everything is exact', async () => {
  const one = await bench('worked');
  await one.through('approve');
  const monitor = new BalanceMonitor(one.context);
  const readings: string[] = [];
  let paying = true;
  const read = async () => {
    while (paying) {
      readings.push((await monitor.poll()).asOf ?? '');
      one.clock.advance(1_000);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  const pay = one.step('pay').finally(() => {
    paying = false;
  });
  await Promise.all([pay, read()]);
  await one.follow();
  const record = new Record(one);
  expect(await record.read()).toMatchObject({ unexplained: '0' });
  expect(readings.length).toBeGreaterThan(0);
  for (const at of readings) {
    const { storage, owed, owedParts } = await coverageAt(one.context, { currency: 'usd', at });
    const sum = (parts: readonly { amount: string }[]) =>
      parts.reduce((total, part) => total + BigInt(part.amount), 0n);
    expect(sum(owedParts)).toBe(BigInt(owed));
    expect(sum(storage?.explained ?? [])).toBe(BigInt(storage?.difference ?? '') - BigInt(storage?.unexplained ?? ''));
  }
  await record.expectAgain();
});

test('a difference that no line shows is explained by the entry that put it right', async () => {
  const one = await bench('worked');
  const record = new Record(one);
  await one.through('fund');
  await record.read();

  const falsify = (amount: bigint, description: string) =>
    one.platform.store.transaction((tx) =>
      post(tx, {
        txId: one.context.newId(),
        at: one.clock.now(),
        kind: 'test',
        period: one.period,
        intentId: null,
        description,
        postings: move('undistributed', 'storage', 'usd', amount),
      }),
    );
  await falsify(500n, 'Nothing at Stripe');
  expect(await record.read()).toMatchObject({ unexplained: '-500' });
  await falsify(-500n, 'Put right');
  expect(await record.read()).toMatchObject({ unexplained: '0' });
  await record.expectAgain();
  const { changes } = await balanceHistory(one.context, 'usd', '30d');
  expect(changes.map(({ unexplained, items }) => [unexplained, items.map((item) => item.description)])).toEqual([
    ['0', ['Put right']],
    ['-500', ['Put right']],
  ]);
});

test('a time that is none or has not come is refused', async () => {
  const one = await bench('worked');
  const ahead = new Date(one.clock.now().getTime() + MINUTE).toISOString();
  await expect(coverageAt(one.context, { currency: 'usd', at: ahead })).rejects.toMatchObject({
    code: 'instant-ahead',
  });
  await expect(coverageAt(one.context, { currency: 'usd', at: 'the day before last' })).rejects.toMatchObject({
    code: 'instant-unknown',
  });
});
