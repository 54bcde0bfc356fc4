import { describe, expect, test, vi } from 'vitest';
import { type PageRules, PreparedList, preparedList } from '../../../electron/services/lists/paging';
import { openStore } from '../../../electron/store/store';

interface Row {
  readonly id: string;
  readonly name: string;
  readonly owed: string;
}

const rules: PageRules<Row> = {
  searched: (row) => [row.name, row.id],
  sorted: { name: (row) => row.name, owed: (row) => BigInt(row.owed) },
};
const rows: readonly Row[] = [
  { id: 'c2', name: 'Bo', owed: '900' },
  { id: 'c1', name: 'ada', owed: '10000' },
  { id: 'c3', name: 'Ada', owed: '-5' },
];
const ids = (page: { readonly rows: readonly Row[] }) => page.rows.map((row) => row.id);
const all = { offset: 0, limit: 10 };

describe('a page', () => {
  test('is sorted by amount as amounts, by name as people do, and keeps the order of rows that compare alike', async () => {
    const list = new PreparedList(rows, rules);
    expect(ids(await list.page({ ...all, sort: 'owed' }))).toEqual(['c3', 'c2', 'c1']);
    expect(ids(await list.page({ ...all, sort: 'name' }))).toEqual(['c1', 'c3', 'c2']);
    expect(ids(await list.page({ ...all, sort: 'name', descending: true }))).toEqual(['c2', 'c1', 'c3']);
  });

  test('of a search has the same rows whether the order was known before or not', async () => {
    const list = new PreparedList(rows, rules);
    const search = { ...all, search: ' ADA ', sort: 'owed', descending: true } as const;
    const before = await list.page(search);
    await list.page({ ...all, sort: 'owed', descending: true });
    expect(await list.page({ ...search, search: 'ad' })).toEqual(before);
    expect(before).toEqual({ total: 2, rows: [rows[1], rows[2]] });
    expect((await new PreparedList(rows, rules).page({ ...all, search: 'o\nc2' })).total).toBe(1);
  });
});

describe('a prepared list', () => {
  test('is read once for each state of the store, and again after any change', async () => {
    const store = openStore(':memory:');
    const read = vi.fn(async () => ({ rows, more: 'beside' }));
    const ask = async () => (await (await preparedList(store, 'some', read, rules)).list.page(all)).total;
    await Promise.all([ask(), ask()]);
    expect(await ask()).toBe(3);
    expect(read).toHaveBeenCalledTimes(1);
    await store.db.insertInto('setting').values({ key: 'k', value: 'v' }).execute();
    await ask();
    expect(read).toHaveBeenCalledTimes(2);
    await store.close();
  });

  test('that was read while something was written is not kept', async () => {
    const store = openStore(':memory:');
    const read = vi.fn(async () => {
      await store.db
        .insertInto('setting')
        .values({ key: String(read.mock.calls.length), value: 'v' })
        .execute();
      return { rows, more: null };
    });
    await preparedList(store, 'some', read, rules);
    await preparedList(store, 'some', read, rules);
    expect(read).toHaveBeenCalledTimes(2);
    await store.close();
  });

  test('is asked for again after a transaction that was under way when somebody asked', async () => {
    const store = openStore(':memory:');
    const elsewhere = { committed: 0 };
    // What another connection sees.
    const read = vi.fn(async () => ({ rows: rows.slice(0, elsewhere.committed), more: null }));
    const total = async () => (await (await preparedList(store, 'some', read, rules)).list.page(all)).total;
    let early: Promise<number> | undefined;
    await store.transaction(async (tx) => {
      await tx.insertInto('setting').values({ key: 'k', value: 'v' }).execute();
      early = total();
      await new Promise((resolve) => setImmediate(resolve));
      expect(read).not.toHaveBeenCalled();
      elsewhere.committed = 3;
    });
    expect(await early).toBe(3);
    expect(await total()).toBe(3);
    await store.close();
  });

  test('that could not be read is asked for again', async () => {
    const store = openStore(':memory:');
    const read = vi.fn().mockRejectedValueOnce(new Error('busy')).mockResolvedValue({ rows, more: null });
    await expect(preparedList(store, 'some', read, rules)).rejects.toThrow('busy');
    expect((await (await preparedList(store, 'some', read, rules)).list.page(all)).total).toBe(3);
    await store.close();
  });
});
