/** Rule: restored books move nothing until they were compared with Stripe, and say why. docs/decisions/0015. */
import { beforeEach, describe, expect, test } from 'vitest';
import { markSending, writeIntents } from '../../../electron/journal/journal';
import {
  COMPARE_FIRST,
  mustCompare,
  type Restored,
  readRestored,
  requireCompared,
  restoredMessage,
  writeRestored,
} from '../../../electron/journal/restored';
import { type Books, openBooks, order, written } from './books';

const MARK: Restored = {
  at: '2026-11-02T09:00:00.000Z',
  by: 'Mara',
  cause: 'restore',
  file: 'coffer-2026-10-31.db',
  knownUntil: '2026-10-31T22:05:41.250Z',
  superseded: '/books/replaced/1/coffer.db',
  comparedAt: null,
  open: [],
};

let books: Books;

beforeEach(async () => {
  books = await openBooks();
});

const mark = (change: Partial<Restored> = {}) =>
  books.store.transaction((tx) => writeRestored(tx, { ...MARK, ...change }));

test('books that were never restored have no mark, and may move money', async () => {
  const { db } = books.store;
  expect(await readRestored(db)).toBeNull();
  expect(await mustCompare(db)).toBeNull();
  await requireCompared(db);
  expect(await writeIntents(books.context, [order('fund', 'f')])).toHaveLength(1);
});

test.each(['restore', 'found-older'] as const)('a mark (%s) is read as it was written', async (cause) => {
  await mark({ cause, open: ['One.', 'Two.'] });
  expect(await readRestored(books.store.db)).toEqual({ ...MARK, cause, open: ['One.', 'Two.'] });
});

test('there is one mark: a later one takes the place of the one before', async () => {
  await mark();
  await mark({ comparedAt: '2026-11-02T09:30:00.000Z', open: ['One.'] });
  expect(await readRestored(books.store.db)).toEqual({
    ...MARK,
    comparedAt: '2026-11-02T09:30:00.000Z',
    open: ['One.'],
  });
});

test('the mark is the setting `restored`, also in a file of another Coffer', async () => {
  await books.store.db
    .insertInto('setting')
    .values({ key: 'restored', value: JSON.stringify(MARK) })
    .execute();
  expect(await mustCompare(books.store.db)).toEqual(MARK);
});

test('a mark that cannot be understood does not pass for none', async () => {
  await books.store.db.insertInto('setting').values({ key: 'restored', value: '{"cause":"other"}' }).execute();
  await expect(writeIntents(books.context, [order('fund', 'f')])).rejects.toThrow();
});

describe('Books that were not compared', () => {
  test('write no movement and send none, and say what to do', async () => {
    const [id = ''] = await writeIntents(books.context, [order('fund', 'f')]);
    await mark();
    expect(await mustCompare(books.store.db)).toEqual(MARK);
    const before = await written(books);
    const refusal = { code: 'restored-not-compared', message: restoredMessage(MARK), hint: COMPARE_FIRST };
    await expect(requireCompared(books.store.db)).rejects.toMatchObject(refusal);
    await expect(writeIntents(books.context, [order('fund', 'g')])).rejects.toMatchObject(refusal);
    await expect(markSending(books.context, id)).rejects.toMatchObject(refusal);
    expect(await written(books)).toBe(before);
    expect(COMPARE_FIRST).toMatch(/Compare them with Stripe under Settings, Backups\./);
  });

  test('move money again once they were', async () => {
    await mark({ comparedAt: '2026-11-02T09:30:00.000Z' });
    expect(await mustCompare(books.store.db)).toBeNull();
    const [id = ''] = await writeIntents(books.context, [order('fund', 'f')]);
    expect((await markSending(books.context, id)).before).toBe('planned');
  });
});

describe('The message', () => {
  test.each<[Partial<Restored>, string]>([
    [
      {},
      'These books were restored from a backup and are not compared with Stripe yet. They end at 2026-10-31 22:05 UTC.',
    ],
    [{ knownUntil: null }, 'These books were restored from a backup and are not compared with Stripe yet.'],
    [
      { knownUntil: null, open: ['One.', 'Two.'] },
      'These books were restored from a backup and are not compared with Stripe yet. Open: One. Two.',
    ],
    [
      { cause: 'found-older', open: ['One.'] },
      'These books are older than they were when Coffer last had them open. They end at 2026-10-31 22:05 UTC. Open: One.',
    ],
  ])('with %j says why, until when they know, and what is open', (change, text) => {
    expect(restoredMessage({ ...MARK, ...change })).toBe(text);
  });
});
