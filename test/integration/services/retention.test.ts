/** Five years of readings stay small and fast, and no export of a closed month changes by a byte. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { balanceHistory } from '../../../electron/services/balance-history';
import type { ServiceContext } from '../../../electron/services/context';
import { makeExports } from '../../../electron/services/exports/make-exports';
import { dropOldReadings } from '../../../electron/services/monitoring/retention';
import { openStore, type Store } from '../../../electron/store/store';
import { temporaryFolder } from './platform';

const DAY_MS = 86_400_000;
const FIVE_MINUTES = 300_000;

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Only what the services of this test ask for. */
function contextOf(store: Store, now: Date): ServiceContext {
  return { store, now: () => now } as unknown as ServiceContext;
}

/** A busy platform: Payments changes with every reading, Storage and what is owed some hundred times a month. */
function write(store: Store, from: Date, to: Date, seed: number, everyMs = FIVE_MINUTES): number {
  const next = random(seed);
  const insert = store.prepare('INSERT INTO balance_snapshot VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, 0, ?, ?, ?, ?, ?)');
  let storage = 5_000_000n;
  let outbound = 0n;
  let owed = 5_000_000n;
  let unexplained = 0n;
  let written = 0;
  store.exec('BEGIN');
  for (let time = from.getTime(); time < to.getTime(); time += everyMs) {
    if (next() < 0.01) storage += BigInt(Math.floor(next() * 1_000));
    if (next() < 0.01) outbound = outbound === 0n ? BigInt(Math.floor(next() * 1_000)) : 0n;
    if (next() < 0.005) owed = storage - BigInt(Math.floor(next() * 100));
    // Found, and explained some readings later.
    if (next() < 0.001) unexplained = unexplained === 0n ? -1_000n : 0n;
    // Now and then Coffer was closed.
    if (next() < 0.0005) time += Math.floor(next() * 3 * DAY_MS);
    const at = new Date(time + Math.floor(next() * 1_000)).toISOString();
    const pending = BigInt(Math.floor(next() * 90_000));
    insert.run(
      at,
      'usd',
      2_000_000n + pending,
      pending,
      storage,
      outbound,
      owed,
      owed === 0n ? null : (storage * 10_000n) / owed,
      storage + outbound - unexplained,
      owed / 2n,
      at.slice(0, 7),
      unexplained,
      BigInt(written),
    );
    written += 1;
  }
  store.exec('COMMIT');
  return written;
}

function close(store: Store, period: string, closedAt: string): void {
  store
    .prepare(
      "INSERT INTO month_end_run VALUES (?, 1, 'closed', 1, '2026-01-01T00:00:00.000Z', NULL, NULL, NULL, 'Test', ?, NULL)",
    )
    .run(period, closedAt);
}

const csv = async (store: Store, period: string): Promise<string> =>
  (await makeExports(store.db, period, ['balances.csv']))[0]?.content ?? '';

test.each([1, 2, 3, 4, 5, 6])(
  'what is dropped is in no export: the same bytes before and after (seed %i)',
  async (seed) => {
    const store = openStore(':memory:');
    write(
      store,
      new Date('2026-01-01T00:00:00Z'),
      new Date('2026-05-20T00:00:00Z'),
      seed,
      FIVE_MINUTES * (seed % 3 === 0 ? 7 : 1),
    );
    // Closed within the next month, in the middle of an hour: a reading that nothing else would keep is the last of the export.
    const months = ['2026-01', '2026-02', '2026-03', '2026-04'];
    for (const [index, month] of months.entries()) close(store, month, `2026-0${index + 2}-03T14:2${index}:30.000Z`);
    const before = await Promise.all(months.map((month) => csv(store, month)));
    for (const content of before) expect(content.split('\r\n').length).toBeGreaterThan(500);
    let dropped = 0;
    for (let day = 20; day <= 60; day += 1) {
      dropped += await dropOldReadings(contextOf(store, new Date(Date.UTC(2026, 4, day))));
    }
    if (seed % 3 !== 0) expect(dropped).toBeGreaterThan(20_000);
    expect(await Promise.all(months.map((month) => csv(store, month)))).toEqual(before);
    // Once more finds nothing more to drop.
    store.exec("DELETE FROM setting WHERE key = 'readings-kept-until'");
    for (let again = 0; again < 6; again++) {
      expect(await dropOldReadings(contextOf(store, new Date(Date.UTC(2026, 4, 60))))).toBe(0);
    }
    await store.close();
  },
);

test('every change of Storage, of what is owed and of what is unexplained is kept, with the readings around it', async () => {
  const store = openStore(':memory:');
  write(store, new Date('2026-01-01T00:00:00Z'), new Date('2026-02-20T00:00:00Z'), 9);
  const steps = async (): Promise<string[]> => {
    const rows = await store.db.selectFrom('balance_snapshot').selectAll().orderBy('at').execute();
    return rows.flatMap((row, index) => {
      const before = rows[index - 1];
      const apart = (one: typeof row): string =>
        [one.storage_available, one.storage_outbound, one.owed, one.unexplained].join();
      return before === undefined || apart(before) === apart(row) ? [] : [`${before.at} ${row.at} ${apart(row)}`];
    });
  };
  const before = await steps();
  expect(before.filter((step) => step.endsWith(',-1000')).length).toBeGreaterThan(10);
  expect(await dropOldReadings(contextOf(store, new Date('2026-04-01T00:00:00Z')))).toBeGreaterThan(5_000);
  expect(await steps()).toEqual(before);
  await store.close();
});

test('readings of the last 35 days are all there', async () => {
  const store = openStore(':memory:');
  const written = write(store, new Date('2026-01-01T00:00:00Z'), new Date('2026-02-04T00:00:00Z'), 3);
  expect(await dropOldReadings(contextOf(store, new Date('2026-02-05T00:00:00Z')))).toBe(0);
  const { count } = await store.db
    .selectFrom('balance_snapshot')
    .select(({ fn }) => fn.countAll<bigint>().as('count'))
    .executeTakeFirstOrThrow();
  expect(Number(count)).toBe(written);
  await store.close();
});

test('five years of a reading every five minutes: size and time of the chart', { timeout: 180_000 }, async () => {
  const path = join(await temporaryFolder(), 'books.db');
  const store = openStore(path);
  const now = new Date('2031-01-01T00:00:00Z');
  const written = write(store, new Date('2026-01-01T00:00:00Z'), now, 5);
  store.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const whole = statSync(path).size;
  const started = performance.now();
  let dropped = 0;
  for (let round = 0; round < 62; round++) dropped += await dropOldReadings(contextOf(store, now));
  const took = performance.now() - started;
  store.exec('VACUUM');
  store.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const left = statSync(path).size;
  const times: string[] = [];
  for (const range of ['30d', '12m', 'all'] as const) {
    const begun = performance.now();
    const { points } = await balanceHistory(contextOf(store, now), 'usd', range);
    times.push(`${range} ${points.length} points in ${Math.round(performance.now() - begun)} ms`);
    expect(points.length).toBeGreaterThan(500);
    expect(points.length).toBeLessThanOrEqual(1_500);
  }
  console.info(
    `${written} readings, ${(whole / 2 ** 20).toFixed(1)} MiB; kept ${written - dropped}, ${(left / 2 ** 20).toFixed(1)} MiB; ` +
      `dropped in ${Math.round(took)} ms for ${Math.round(5 * 365.25 - 35)} days; chart: ${times.join(', ')}`,
  );
  expect(written).toBeGreaterThan(400_000);
  expect(written - dropped).toBeLessThan(written / 6);
  await store.close();
});
