/** What has to be written waits while another connection writes, and nothing else does. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openStore, type Store } from '../../../electron/store/store';

const opened: { store: Store; other: Store; folder: string }[] = [];

/** Two connections to one store: the main loop's, and one such as a worker has. */
async function twoConnections() {
  const folder = await mkdtemp(join(tmpdir(), 'coffer-elsewhere-'));
  const one = { store: openStore(join(folder, 'coffer.db')), other: openStore(join(folder, 'coffer.db')), folder };
  opened.push(one);
  return one;
}

afterEach(async () => {
  for (const { store, other, folder } of opened.splice(0)) {
    await other.close();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
});

const write = (store: Store, key: string) => store.db.insertInto('setting').values({ key, value: 'x' }).execute();

async function keys(store: Store): Promise<string[]> {
  const rows = await store.db.selectFrom('setting').select('key').orderBy('key').execute();
  return rows.map((row) => row.key);
}

/** Lets everything that can go on go on. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** A write transaction on `other` that stays open until it is told to end: SQLite would make a second writer wait for 15 seconds. */
function held(store: Store, other: Store) {
  let end = (_outcome: 'commit' | Error): void => {};
  const told = new Promise<'commit' | Error>((resolve) => {
    end = resolve;
  });
  const work = store.elsewhere(async () => {
    other.exec('BEGIN IMMEDIATE');
    other.exec(`INSERT INTO setting (key, value) VALUES ('elsewhere', 'x')`);
    const outcome = await told;
    other.exec(outcome === 'commit' ? 'COMMIT' : 'ROLLBACK');
    if (outcome !== 'commit') throw outcome;
    return 'done';
  });
  return { work, end };
}

test('a single write and a transaction wait, reading goes on, and the thread is free all the time', async () => {
  const { store, other } = await twoConnections();
  const { work, end } = held(store, other);
  const order: string[] = [];
  await turns();
  const single = write(store, 'single').then(() => order.push('single'));
  const whole = store.transaction((tx) => tx.insertInto('setting').values({ key: 'whole', value: 'x' }).execute());
  const both = whole.then(() => order.push('whole'));
  await turns();
  expect(order).toEqual([]);
  expect(await keys(store)).toEqual([]);
  end('commit');
  expect(await work).toBe('done');
  await Promise.all([single, both]);
  expect(await keys(store)).toEqual(['elsewhere', 'single', 'whole']);
});

test('a transaction that has begun here is finished before anything is written elsewhere', async () => {
  const { store, other } = await twoConnections();
  let goOn = (): void => {};
  const half = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const here = store.transaction(async (tx) => {
    await tx.insertInto('setting').values({ key: 'first', value: 'x' }).execute();
    await half;
    await tx.insertInto('setting').values({ key: 'second', value: 'x' }).execute();
  });
  await turns();
  const { work, end } = held(store, other);
  end('commit');
  await turns();
  goOn();
  await Promise.all([here, work]);
  expect(await keys(store)).toEqual(['elsewhere', 'first', 'second']);
});

test('works that write elsewhere come one after the other', async () => {
  const { store } = await twoConnections();
  const order: string[] = [];
  const work = (name: string) =>
    store.elsewhere(async () => {
      order.push(`${name} begins`);
      await turns();
      order.push(`${name} ends`);
    });
  await Promise.all([work('a'), work('b'), work('c')]);
  expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
});

test('a work that fails is told, leaves nothing, and holds nobody up', async () => {
  const { store, other } = await twoConnections();
  const { work, end } = held(store, other);
  await turns();
  const waiting = write(store, 'after');
  end(new Error('disk is full'));
  await expect(work).rejects.toThrow('disk is full');
  await waiting;
  expect(await keys(store)).toEqual(['after']);
});

test('the state is told between transactions, and differs after a change by either connection', async () => {
  const { store, other } = await twoConnections();
  let goOn = (): void => {};
  const half = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const before = await store.state();
  const here = store.transaction(async (tx) => {
    await tx.insertInto('setting').values({ key: 'first', value: 'x' }).execute();
    await half;
  });
  await turns();
  let told: string | null = null;
  const asked = store.state().then((state) => {
    told = state;
  });
  await turns();
  expect(told).toBeNull();
  goOn();
  await Promise.all([here, asked]);
  expect(told).not.toBe(before);
  expect(await store.state()).toBe(told);
  await write(other, 'other');
  expect(await store.state()).not.toBe(told);
});
