/** What the journal tells of its movements: every filter, every list, each in its order and whole, however many there are. */
import { describe, expect, test } from 'vitest';
import type { NewIntent } from '../../../electron/journal/intent';
import {
  countBegun,
  findIntent,
  gatherIntents,
  listIntents,
  movementsPostedTo,
  payoutsReturnedTo,
  readIntent,
  standingOf,
  standingOfEach,
  writeIntents,
} from '../../../electron/journal/journal';
import { post } from '../../../electron/ledger/ledger';
import { type Books, openBooks, order } from './books';
import { enter, WAYS } from './states';

const at = (day: number) => `2026-11-${String(day).padStart(2, '0')}T09:00:00.000Z`;

async function writtenOn(books: Books, day: number, intent: NewIntent): Promise<string> {
  const [id = ''] = await writeIntents({ ...books.context, now: () => new Date(at(day)) }, [intent]);
  return id;
}

const subjects = (intents: readonly { readonly subject: string }[]) => intents.map(({ subject }) => subject);

describe('A list of movements', () => {
  async function five(): Promise<Books & { readonly ids: readonly string[] }> {
    const books = await openBooks();
    const ids = [
      await writtenOn(books, 1, { ...order('pay', 'pay-08'), period: '2026-08' }),
      await writtenOn(books, 2, { ...order('pay', 'pay-09'), period: '2026-09' }),
      await writtenOn(books, 3, { ...order('fund', 'fund-09'), period: '2026-09', run: 'other' }),
      await writtenOn(books, 4, { ...order('pay', 'pay-10'), run: 'other' }),
      await writtenOn(books, 5, order('canary', 'canary-10')),
    ];
    await enter(books, ids[1] ?? '', 'sending');
    await enter(books, ids[1] ?? '', 'posted', { stripeObject: 'op_09' });
    await enter(books, ids[3] ?? '', 'sending');
    await enter(books, ids[3] ?? '', 'processing', { stripeObject: 'op_10' });
    return { ...books, ids };
  }

  test('from a period has that period and the later ones, and of these the states that were asked for', async () => {
    const { store } = await five();
    const list = async (filter: Parameters<typeof listIntents>[1]) => subjects(await listIntents(store.db, filter));
    expect(await list({ fromPeriod: '2026-09' })).toEqual(['pay-09', 'fund-09', 'pay-10', 'canary-10']);
    expect(await list({ fromPeriod: '2026-10' })).toEqual(['pay-10', 'canary-10']);
    expect(await list({ fromPeriod: '2026-09', states: ['posted', 'processing'] })).toEqual(['pay-09', 'pay-10']);
    expect(await list({ fromPeriod: '2026-10', kinds: ['pay', 'fund'] })).toEqual(['pay-10']);
  });

  test('since an instant has what was written then or later', async () => {
    const { store } = await five();
    expect(subjects(await listIntents(store.db, { since: at(4) }))).toEqual(['pay-10', 'canary-10']);
  });

  test('of ids, or of objects of Stripe, has those and no others; of none it is empty', async () => {
    const { store, ids } = await five();
    const [first = '', , third = ''] = ids;
    expect(subjects(await listIntents(store.db, { ids: [third, first, 'nobody'] }))).toEqual(['pay-08', 'fund-09']);
    expect(subjects(await listIntents(store.db, { objects: ['op_10', 'op_none'] }))).toEqual(['pay-10']);
    expect(await listIntents(store.db, { ids: [] })).toEqual([]);
    expect(await listIntents(store.db, { objects: [] })).toEqual([]);
  });

  test('gathered by state and kind has each once, of the run and since the instant asked for', async () => {
    const { store } = await five();
    const gather = async (filter: Parameters<typeof gatherIntents>[1]) =>
      subjects(await gatherIntents(store.db, filter));
    const of = { states: ['processing', 'planned'], kinds: ['fund', 'pay'] } as const;
    expect(await gather(of)).toEqual(['pay-10', 'fund-09', 'pay-08']);
    expect(await gather({ ...of, run: 'other' })).toEqual(['pay-10', 'fund-09']);
    expect(await gather({ ...of, since: at(3) })).toEqual(['pay-10', 'fund-09']);
    expect(await gather({ ...of, since: at(4), run: 'run' })).toEqual([]);
    expect(await gather({ states: ['posted'], kinds: ['pay'] })).toEqual(['pay-09']);
  });

  test('a movement is its order, its present state, and nothing else', async () => {
    const { store, ids } = await five();
    const row = await store.db
      .selectFrom('intent')
      .selectAll()
      .where('subject', '=', 'pay-10')
      .executeTakeFirstOrThrow();
    expect(await findIntent(store.db, ids[3] ?? '')).toEqual({
      ...row,
      ...{ state: 'processing', attempts: 1, stripe_object: 'op_10', code: null, message: null, settled_at: null },
    });
    expect(await findIntent(store.db, 'nobody')).toBeUndefined();
  });
});

describe('How movements stand', () => {
  test('is told of every movement of a run, by id, with the reason that Stripe gave', async () => {
    const books = await openBooks();
    const ids = await writeIntents(books.context, [order('pay', 'a'), order('fund', 'b'), order('pay', 'c')]);
    const [other = ''] = await writeIntents(books.context, [{ ...order('pay', 'd'), run: 'other' }]);
    await enter(books, ids[2] ?? '', 'sending');
    await enter(books, ids[2] ?? '', 'failed', { code: 'account_closed' });
    const [a, b, c] = [
      { intentId: ids[0], kind: 'pay', subject: 'a', state: 'planned', code: null },
      { intentId: ids[1], kind: 'fund', subject: 'b', state: 'planned', code: null },
      { intentId: ids[2], kind: 'pay', subject: 'c', state: 'failed', code: 'account_closed' },
    ];
    expect(await standingOf(books.store.db, 'run')).toEqual([a, b, c]);
    expect(await standingOf(books.store.db, 'nothing')).toEqual([]);
    const each = await standingOfEach(books.store.db, [ids[2] ?? '', 'nobody', other]);
    expect(each).toEqual(
      new Map<unknown, unknown>([
        [other, { intentId: other, kind: 'pay', subject: 'd', state: 'planned', code: null }],
        [ids[2], c],
      ]),
    );
    expect(await standingOfEach(books.store.db, [])).toEqual(new Map());
  });

  test('more movements than are read at once are all there, each once, in the order of their ids', async () => {
    const books = await openBooks();
    const ids = await writeIntents(
      books.context,
      Array.from({ length: 501 }, (_, index) => order('pay', `s${index}`)),
    );
    const { db } = books.store;
    const inOrder = [...ids].sort();
    expect((await standingOf(db, 'run')).map(({ intentId }) => intentId)).toEqual(inOrder);
    expect([...(await standingOfEach(db, ids)).keys()].sort()).toEqual(inOrder);
    const gathered = await gatherIntents(db, { states: ['planned'], kinds: ['pay'] });
    expect(gathered.map(({ intent_id }) => intent_id)).toEqual(inOrder);
  });

  test('a movement of a run has begun once it is more than planned, whatever became of it', async () => {
    const books = await openBooks();
    expect(await countBegun(books.store.db, 'run')).toBe(0);
    for (const [state, way] of Object.entries(WAYS)) {
      const [id = ''] = await writeIntents(books.context, [order('fund', state)]);
      for (const step of way) await enter(books, id, step);
    }
    const [other = ''] = await writeIntents(books.context, [{ ...order('fund', 'x'), run: 'other' }]);
    await enter(books, other, 'sending');
    expect(await countBegun(books.store.db, 'run')).toBe(Object.keys(WAYS).length - 1);
    expect(await countBegun(books.store.db, 'other')).toBe(1);
  });
});

describe('News of one month in the books of another', () => {
  /** Posts to the period as late news of the movement does. */
  async function postLate(books: Books, intentId: string | null, period: string): Promise<void> {
    await books.store.transaction((tx) =>
      post(tx, {
        ...{ txId: books.context.newId(), at: new Date(0), kind: 'test', period, intentId, description: 'Late' },
        postings: [
          { account: 'storage', currency: 'usd', amount: 1n },
          { account: 'payments', currency: 'usd', amount: -1n },
        ],
      }),
    );
  }

  async function lateNews(): Promise<Books> {
    const books = await openBooks();
    const write = (day: number, intent: NewIntent) => writtenOn(books, day, intent);
    const of09 = { period: '2026-09' };
    // Written in another order than their ids have.
    const later = await write(4, { ...order('pay', 'came back, later'), ...of09 });
    const earlier = await write(2, { ...order('pay', 'came back'), ...of09 });
    const twin = await write(4, { ...order('pay', 'came back, same instant'), ...of09 });
    const posted = await write(3, { ...order('pay', 'arrived late'), ...of09 });
    const funding = await write(5, { ...order('fund', 'funding back'), ...of09 });
    const elsewhere = await write(1, { ...order('pay', 'came back in September'), ...of09 });
    const own = await write(1, order('pay', 'own month'));
    for (const id of [later, earlier, twin, posted, funding, elsewhere, own]) {
      for (const state of ['sending', 'posted'] as const) await enter(books, id, state);
      if (id !== posted) await enter(books, id, 'returned');
      if (id !== elsewhere) await postLate(books, id, '2026-10');
    }
    await postLate(books, null, '2026-10');
    return books;
  }

  test('a month names the movements of other months that were posted to it, in the order they were written', async () => {
    const { store } = await lateNews();
    expect(subjects(await movementsPostedTo(store.db, '2026-10'))).toEqual([
      'came back',
      'arrived late',
      'came back, later',
      'came back, same instant',
      'funding back',
    ]);
    expect(await movementsPostedTo(store.db, '2026-11')).toEqual([]);
  });

  test('a month bears the payouts of other months that came back in it: no funding, none that arrived, none of its own', async () => {
    const { store } = await lateNews();
    expect(subjects(await payoutsReturnedTo(store.db, '2026-10'))).toEqual([
      'came back',
      'came back, later',
      'came back, same instant',
    ]);
    expect(await payoutsReturnedTo(store.db, '2026-11')).toEqual([]);
    const [first] = await payoutsReturnedTo(store.db, '2026-10');
    expect(first).toEqual(await readIntent(store.db, first?.intent_id ?? ''));
  });
});
