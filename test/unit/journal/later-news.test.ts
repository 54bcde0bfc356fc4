/** What is heard of a movement after its call, and when the next one begins. Rules: docs/moving-money.md, "Unknown", "Late news". */
import { describe, expect, test } from 'vitest';
import { changeState, listIntents, markSending, readIntent, writeIntents } from '../../../electron/journal/journal';
import { refreshIntents, refreshObjects, sendIntent, sendIntents } from '../../../electron/journal/movement';
import type { LookupOutcome, MovementOutcome } from '../../../electron/rails/segregation-rail';
import { nextTurn } from '../../../electron/store/chunks';
import { order, written } from './books';
import { openScripted, type Scripted } from './scripted-stripe';
import { enter } from './states';

const said = { requestId: 'req_1', code: 'account_closed', message: 'Account closed' };
const posted = (stripeObject: string): MovementOutcome => ({ state: 'posted', stripeObject, requestId: null });
const unknown: MovementOutcome = { state: 'unknown', ...said };
const later: MovementOutcome = { state: 'not-now', ...said, retryAfterMs: 50 };
const control = { shouldStop: () => false, onSettled: () => {}, sleep: async () => {} };

const planned = (books: Scripted, count: number) =>
  writeIntents(
    books.context,
    Array.from({ length: count }, (_, index) => order('pay', `s${index}`)),
  );

/** Payouts that were posted as `op_0`, `op_1` … */
async function arrived(count: number): Promise<{ books: Scripted; ids: string[] }> {
  const books = await openScripted();
  const ids = await planned(books, count);
  for (const [index, id] of ids.entries()) {
    await enter(books, id, 'sending');
    await enter(books, id, 'posted', { stripeObject: `op_${index}` });
  }
  return { books, ids };
}

describe('A payout that was paid', () => {
  test('and has failed since came back: it is owed again, and the money is in Storage', async () => {
    const { books, ids } = await arrived(1);
    const [id = ''] = ids;
    books.answers = { refresh: () => new Map([[id, { state: 'failed', stripeObject: 'op_0', ...said }]]) };
    expect(await refreshIntents(books.context, await listIntents(books.store.db, {}))).toBe(0);
    expect(await readIntent(books.witness.db, id)).toMatchObject({
      ...{ state: 'returned', stripe_object: 'op_0', code: 'account_closed', message: 'Account closed' },
    });
    expect(await books.accountsOnDisk()).toEqual({});
  });

  test('did not come back when an answer without its object says that something failed', async () => {
    const { books, ids } = await arrived(1);
    const before = await written(books);
    books.answers = { refresh: () => new Map([[ids[0] ?? '', { state: 'failed', stripeObject: null, ...said }]]) };
    await refreshIntents(books.context, await listIntents(books.store.db, {}));
    expect(await written(books)).toBe(before);
  });
});

test('a list that could not be read says nothing of a movement that is being sent just now', async () => {
  const books = await openScripted();
  const [id = ''] = await planned(books, 1);
  await enter(books, id, 'sending');
  const before = await written(books);
  books.answers = { refresh: () => new Map([[id, unknown]]) };
  expect(await refreshIntents(books.context, await listIntents(books.store.db, {}))).toBe(1);
  expect(await written(books)).toBe(before);
});

describe('Read one by one', () => {
  test('what Stripe shows is written; what it could not show is handed back, and what it does not have is neither', async () => {
    const { books, ids } = await arrived(5);
    const answers: readonly LookupOutcome[] = [
      { state: 'returned', stripeObject: 'op_0', ...said },
      unknown,
      later,
      { state: 'absent' },
      posted('op_4'),
    ];
    const asked: (string | null)[] = [];
    books.answers = {
      lookup: ({ order: { intentId }, stripeObject }) => {
        asked.push(stripeObject);
        return answers[ids.indexOf(intentId)] ?? unknown;
      },
    };
    const intents = await listIntents(books.store.db, {});
    expect(await refreshObjects(books.context, intents)).toEqual([intents[1], intents[2]]);
    expect(asked).toEqual(['op_0', 'op_1', 'op_2', 'op_3', 'op_4']);
    expect(await Promise.all(ids.map((id) => books.onDisk(id)))).toEqual([
      ...['returned', 'posted', 'posted', 'posted', 'posted'],
    ]);
    expect(await books.accountsOnDisk()).toEqual({ 'owed:c1': 4_000n, storage: -4_000n });
    expect(await refreshObjects(books.context, [])).toEqual([]);
  });
});

describe('The last answer', () => {
  test('is told once, before it is on disk; a "later" that is tried again is not the last', async () => {
    const books = await openScripted({ send: (_movement, nth) => (nth < 3 ? later : posted('op_1')) });
    const [id = ''] = await planned(books, 1);
    const told: (string | Promise<string>)[] = [];
    await sendIntent(books.context, id, control.sleep, (state) => told.push(state, books.onDisk(id)));
    expect(await Promise.all(told)).toEqual(['posted', 'sending']);
  });

  test('that is "later" for good says that the movement is planned', async () => {
    const books = await openScripted({ send: () => later });
    const [id = ''] = await planned(books, 1);
    const told: string[] = [];
    await sendIntent(books.context, id, control.sleep, (state) => told.push(state));
    expect(told).toEqual(['planned']);
  });
});

describe('The next movement', () => {
  /** Whether it comes to that; only what never does takes all the time. */
  async function comesTo(it: () => boolean): Promise<boolean> {
    for (const end = Date.now() + 5_000; Date.now() < end && !it(); ) await nextTurn();
    return it();
  }

  test('of one at a time begins when the outcome of the one before is on disk', async () => {
    const books = await openScripted({ send: (_movement, nth) => posted(`op_${nth}`) });
    const ids = await planned(books, 3);
    const before: string[][] = [];
    books.atCheckpoint = async (label) => {
      if (label === 'movement.before-sending') before.push(await Promise.all(ids.map((id) => books.onDisk(id))));
    };
    await sendIntents(books.context, ids, 1, control);
    expect(before).toEqual([
      ['planned', 'planned', 'planned'],
      ['posted', 'planned', 'planned'],
      ['posted', 'posted', 'planned'],
    ]);
  });

  test('of several at a time begins when Stripe has answered one, though nobody was told of its outcome yet', async () => {
    const books = await openScripted({ send: (_movement, nth) => posted(`op_${nth}`) });
    const ids = await planned(books, 3);
    const begun = () => books.sent.length === 3;
    let beforeTold = false;
    let outcomes = 0;
    books.atCheckpoint = async (label) => {
      if (label !== 'movement.outcome-written' || ++outcomes > 2) return;
      beforeTold = await comesTo(begun);
    };
    await sendIntents(books.context, ids, 2, control);
    expect(beforeTold).toBe(true);
  });

  test('does not begin in place of one that Stripe told to wait: never more at a time than were asked for', async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const books = await openScripted({
      send: async (_movement, nth) => {
        if (nth === 1) return later;
        if (nth === 2) await held;
        return posted(`op_${nth}`);
      },
    });
    const ids = await planned(books, 3);
    const sending = sendIntents(books.context, ids, 2, { ...control, sleep: () => held });
    expect(await comesTo(() => books.sent.length === 2)).toBe(true);
    // Time in which a third one would begin.
    for (let turn = 0; turn < 200; turn++) await nextTurn();
    const begun = books.sent.map(({ order: { intentId } }) => intentId);
    release();
    await sending;
    expect(begun.sort()).toEqual(ids.slice(0, 2).sort());
    expect(await listIntents(books.witness.db, { states: ['posted'] })).toHaveLength(3);
  });
});

describe('An attempt', () => {
  test('is marked with what the movement was before; each one is counted, also one after another that was cut off', async () => {
    const books = await openScripted();
    const [id = ''] = await planned(books, 1);
    const first = await markSending(books.context, id);
    expect(first).toMatchObject({ before: 'planned', intent: { intent_id: id, state: 'sending', attempts: 1 } });
    const second = await markSending(books.context, id);
    expect(second).toMatchObject({ before: 'sending', intent: { state: 'sending', attempts: 2 } });
    const events = await books.witness.db
      .selectFrom('intent_event')
      .select(['state', 'attempt'])
      .orderBy('seq')
      .execute();
    expect(events.map(({ state, attempt }) => `${state} ${attempt}`)).toEqual(['planned 0', 'sending 1', 'sending 2']);
    await enter(books, id, 'unknown');
    expect(await markSending(books.context, id)).toMatchObject({
      ...{ before: 'unknown', intent: { state: 'sending', attempts: 3, code: null, message: null } },
    });
  });

  test('a change in the transaction of another service is written with it, or not at all', async () => {
    const books = await openScripted();
    const [id = ''] = await planned(books, 1);
    const cancel = (then: () => void) =>
      books.store.transaction(async (tx) => {
        await changeState(books.context, tx, id, { state: 'canceled', attempts: 0, code: 'replaced' });
        then();
      });
    const before = await written(books);
    await expect(
      cancel(() => {
        throw new Error('The plan changed');
      }),
    ).rejects.toThrow('The plan changed');
    expect(await written(books)).toBe(before);
    await cancel(() => {});
    expect(await readIntent(books.witness.db, id)).toMatchObject({ state: 'canceled', code: 'replaced' });
    expect(await books.accountsOnDisk()).toEqual({});
  });
});
