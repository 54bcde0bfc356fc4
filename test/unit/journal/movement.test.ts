/**
 * The protocol of docs/moving-money.md: written, marked, called, recorded, each on disk before the next. A second connection to
 * the same file tells what is on disk. Unknown is looked up, and sent again only with its own key while Stripe keeps it.
 */
import { describe, expect, test } from 'vitest';
import type { IntentState, NewIntent } from '../../../electron/journal/intent';
import { listIntents, markSending, readIntent, recordOutcome, writeIntents } from '../../../electron/journal/journal';
import {
  markInterrupted,
  NEVER_RESEND,
  refreshIntents,
  refreshRun,
  resolveAllUnknown,
  resolveUnknown,
  sendIntent,
  sendIntents,
} from '../../../electron/journal/movement';
import type { MovementOutcome } from '../../../electron/rails/segregation-rail';
import { order, written } from './books';
import { type Answers, openScripted, type Scripted } from './scripted-stripe';

const HOUR = 3_600_000;
const said = (code: string) => ({ requestId: `req_${code}`, code, message: `Stripe said ${code}` });
const posted = (object: string): MovementOutcome => ({ state: 'posted', stripeObject: object, requestId: 'req_ok' });
const unknown: MovementOutcome = { state: 'unknown', ...said('timeout') };
const later = (retryAfterMs: number): MovementOutcome => ({ state: 'not-now', ...said('rate_limit'), retryAfterMs });
const failed = (code: string): MovementOutcome => ({ state: 'failed', stripeObject: null, ...said(code) });

const noSleep = async (): Promise<void> => {
  throw new Error('Nothing to wait for');
};

async function planned(books: Scripted, count = 1, kind: NewIntent['kind'] = 'pay'): Promise<string[]> {
  return writeIntents(
    books.context,
    Array.from({ length: count }, (_, index) => order(kind, `${kind}-${index}`)),
  );
}

/** One payout whose call was not answered. */
async function unanswered(answers: Answers = {}): Promise<{ books: Scripted; id: string }> {
  const books = await openScripted({ send: () => unknown });
  const [id = ''] = await planned(books);
  await sendIntent(books.context, id, noSleep);
  books.sent.length = 0;
  books.answers = answers;
  return { books, id };
}

describe('Sending', () => {
  test('at each labelled point the disk holds what comes before it, and nothing of what comes after', async () => {
    const seen: string[] = [];
    const books = await openScripted({
      send: async (movement) => {
        seen.push(`the call: ${await books.onDisk(movement.order.intentId)}`);
        return posted('op_1');
      },
    });
    books.atCheckpoint = async (label) => {
      const [intent] = await listIntents(books.witness.db, {});
      seen.push(`${label}: ${intent?.state ?? 'nothing'}`);
    };
    const [id = ''] = await planned(books);
    expect(await sendIntent(books.context, id, noSleep)).toBe('posted');
    expect(seen).toEqual([
      'journal.before-intents: nothing',
      'journal.intents-written: planned',
      'movement.before-sending: planned',
      'movement.sending-written: sending',
      'the call: sending',
      'movement.answered: sending',
      'movement.outcome-written: posted',
    ]);
  });

  test('the money is on its way in the books before Stripe is called, and settled before the caller goes on', async () => {
    let during: Record<string, bigint> = {};
    const books = await openScripted({
      send: async () => {
        during = await books.accountsOnDisk();
        return posted('op_1');
      },
    });
    const [id = ''] = await planned(books);
    expect(books.sent).toEqual([]);
    await sendIntent(books.context, id, noSleep);
    expect(during).toEqual({ outbound: 1_000n, storage: -1_000n });
    expect(await books.accountsOnDisk()).toEqual({ 'owed:c1': 1_000n, storage: -1_000n });
    expect((await readIntent(books.witness.db, id)).stripe_object).toBe('op_1');
  });

  test('every attempt carries the key, the parameters and the time that were written down', async () => {
    const books = await openScripted({ send: (_movement, nth) => (nth < 3 ? later(0) : unknown) });
    const [id = ''] = await planned(books);
    const intent = await readIntent(books.store.db, id);
    books.clock = new Date(books.clock.getTime() + HOUR);
    await sendIntent(books.context, id, async () => {});
    books.answers = { lookup: () => ({ state: 'absent' }), send: () => posted('op_1') };
    expect(await resolveUnknown(books.context, id, () => true)).toBe('posted');
    expect(books.sent).toHaveLength(4);
    for (const movement of books.sent) {
      expect(movement).toEqual({
        order: {
          intentId: id,
          kind: 'pay',
          currency: 'usd',
          amount: 1_000n,
          stripeAccount: 'acct_c1',
          description: 'A pay',
          period: '2026-10',
        },
        request: JSON.parse(intent.request),
        idempotencyKey: `coffer-${id}`,
        stripeObject: null,
        createdAt: new Date('2026-11-02T09:00:00.000Z'),
      });
    }
    expect((await readIntent(books.store.db, id)).attempts).toBe(4);
  });

  test.each([
    ['canary', 'fund'],
    ['fund', 'fund'],
    ['compensate', 'release'],
    ['release', 'release'],
    ['pay', 'pay'],
    ['withdraw', 'withdraw'],
  ] as const)('a %s is a %s to Stripe', async (kind, movement) => {
    const books = await openScripted({ send: () => posted('o_1') });
    const [id = ''] = await planned(books, 1, kind);
    await sendIntent(books.context, id, noSleep);
    expect(books.sent.map(({ order }) => order.kind)).toEqual([movement]);
  });

  test.each([
    [0, 50],
    [49, 50],
    [1_000, 1_000],
    [30_000, 30_000],
    [3_600_000, 30_000],
  ])('"later, in %i ms" waits %i ms and sends again', async (asked, waited) => {
    const books = await openScripted({ send: (_movement, nth) => (nth === 1 ? later(asked) : posted('op_1')) });
    const [id = ''] = await planned(books);
    const slept: number[] = [];
    const state = await sendIntent(books.context, id, async (ms) => {
      expect(await books.onDisk(id)).toBe('planned');
      slept.push(ms);
    });
    expect([state, slept]).toEqual(['posted', [waited]]);
  });

  test('after eight times "later" it stays planned: nothing moved, and nothing is said to have failed', async () => {
    const books = await openScripted({ send: () => later(100) });
    const [id = ''] = await planned(books);
    let slept = 0;
    const state = await sendIntent(books.context, id, async () => {
      slept += 1;
    });
    expect([state, await books.onDisk(id), books.sent.length, slept]).toEqual(['planned', 'planned', 8, 7]);
  });

  test('what a person has to do is never sent as if it were done', async () => {
    const books = await openScripted({ send: () => ({ state: 'guided', clicks: ['Here'] }) });
    const [id = ''] = await planned(books);
    await expect(sendIntent(books.context, id, noSleep)).rejects.toThrow('A guided movement cannot be sent');
    expect(await books.accountsOnDisk()).toEqual({ outbound: 1_000n, storage: -1_000n });
  });
});

describe('After an attempt that nobody knows the end of', () => {
  const again: Answers = { lookup: () => ({ state: 'absent' }) };

  test.each(['key-rejected', 'permission-missing', 'rate_limit', 'lock_timeout', 'wrong-mode'])(
    'a refusal with %s says nothing about it: it stays unknown, with what Stripe said',
    async (code) => {
      const { books, id } = await unanswered({ ...again, send: () => failed(code) });
      expect(await resolveUnknown(books.context, id, () => true)).toBe('unknown');
      const events = await books.witness.db
        .selectFrom('intent_event')
        .select(['state', 'code', 'message', 'request_id'])
        .where('intent_id', '=', id)
        .orderBy('seq')
        .execute();
      expect(events.at(-1)).toEqual({
        state: 'unknown',
        code,
        message: `Stripe said ${code}`,
        request_id: `req_${code}`,
      });
    },
  );

  test('"later" says nothing about it either, and is not tried on', async () => {
    const { books, id } = await unanswered({ ...again, send: () => later(50) });
    expect(await resolveUnknown(books.context, id, () => true)).toBe('unknown');
    expect(books.sent).toHaveLength(1);
    expect(await books.onDisk(id)).toBe('unknown');
  });

  test('a refusal of the movement itself ends it, and what was on its way is back in Storage', async () => {
    const { books, id } = await unanswered({ ...again, send: () => failed('account_closed') });
    expect(await resolveUnknown(books.context, id, () => true)).toBe('failed');
    expect(await books.accountsOnDisk()).toEqual({});
  });

  test('on the first attempt the same refusal with a rejected key ends it: there is no earlier one', async () => {
    const books = await openScripted({ send: () => failed('key-rejected') });
    const [id = ''] = await planned(books);
    expect(await sendIntent(books.context, id, noSleep)).toBe('failed');
  });
});

describe('Sending many', () => {
  const control = { shouldStop: () => false, onSettled: () => {}, sleep: noSleep };

  test.each([
    [1, 6, 1],
    [3, 6, 3],
    [32, 2, 2],
  ])('%i at a time, of %i: %i at once, each one once', async (concurrency, count, expected) => {
    let now = 0;
    let most = 0;
    const books = await openScripted({
      send: async (_movement, nth) => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setTimeout(resolve, 5));
        now -= 1;
        return posted(`op_${nth}`);
      },
    });
    const ids = await planned(books, count);
    await sendIntents(books.context, ids, concurrency, control);
    expect(most).toBe(expected);
    expect(books.sent.map(({ order }) => order.intentId).sort()).toEqual([...ids].sort());
    expect(await listIntents(books.witness.db, { states: ['posted'] })).toHaveLength(count);
  });

  test('nobody is told of an outcome before it is on disk', async () => {
    const answers = [posted('op_1'), failed('account_closed'), unknown];
    const books = await openScripted({ send: (_movement, nth) => answers[nth - 1] ?? unknown });
    const ids = await planned(books, 3);
    const told: [string, IntentState, Promise<string>][] = [];
    await sendIntents(books.context, ids, 1, {
      ...control,
      onSettled: (id, state) => told.push([id, state, books.onDisk(id)]),
    });
    expect(told.map(([id, state]) => [id, state])).toEqual([
      [ids[0], 'posted'],
      [ids[1], 'failed'],
      [ids[2], 'unknown'],
    ]);
    for (const [, state, onDisk] of told) expect(await onDisk).toBe(state);
  });

  test('a stop that is asked for stops before the next one, and touches nothing of it', async () => {
    const books = await openScripted({ send: (_movement, nth) => posted(`op_${nth}`) });
    const ids = await planned(books, 4);
    await sendIntents(books.context, ids, 1, { ...control, shouldStop: () => books.sent.length === 2 });
    expect(await Promise.all(ids.map((id) => books.onDisk(id)))).toEqual(['posted', 'posted', 'planned', 'planned']);
  });

  test('five unknown in a row stop it: Stripe is not answering, and more would only be unknown too', async () => {
    const books = await openScripted({ send: () => unknown });
    const ids = await planned(books, 8);
    await sendIntents(books.context, ids, 1, control);
    expect(books.sent).toHaveLength(5);
    expect(await listIntents(books.witness.db, { states: ['planned'] })).toHaveLength(3);
  });

  test('an answer in between begins the count again', async () => {
    const books = await openScripted({ send: (_movement, nth) => (nth === 4 ? posted('op_4') : unknown) });
    await sendIntents(books.context, await planned(books, 12), 1, control);
    expect(books.sent).toHaveLength(9);
  });
});

test('what was being sent when the program ended is unknown, says so to the person, and the money is still on its way', async () => {
  const books = await openScripted();
  const ids = await planned(books, 3);
  for (const id of ids.slice(1)) await markSending(books.context, id);
  expect(await markInterrupted(books.context)).toBe(2);
  expect(await Promise.all(ids.map((id) => books.onDisk(id)))).toEqual(['planned', 'unknown', 'unknown']);
  expect(await readIntent(books.witness.db, ids[1] ?? '')).toMatchObject({
    code: 'interrupted',
    message: 'Coffer ended while Stripe was being called.',
    attempts: 1,
  });
  expect(await books.accountsOnDisk()).toEqual({ outbound: 3_000n, storage: -3_000n });
});

describe('An unknown movement', () => {
  test.each([
    [
      { state: 'processing', stripeObject: 'op_1', requestId: null },
      { outbound: 1_000n, storage: -1_000n },
    ],
    [posted('op_1'), { 'owed:c1': 1_000n, storage: -1_000n }],
    [failed('account_closed'), {}],
    [{ state: 'canceled', stripeObject: 'op_1', ...said('canceled') }, {}],
    [{ state: 'returned', stripeObject: 'op_1', ...said('returned') }, {}],
  ] as const)('that is found at Stripe becomes what it is there, and is not sent: %o', async (found, balances) => {
    const { books, id } = await unanswered({ lookup: () => found });
    expect(await resolveUnknown(books.context, id, () => true)).toBe(found.state);
    expect(books.sent).toEqual([]);
    expect(await books.onDisk(id)).toBe(found.state);
    expect(await books.accountsOnDisk()).toEqual(balances);
  });

  test.each([unknown, later(50), { state: 'guided', clicks: [] } as const])(
    'stays so when the look-up is not answered, and nothing is written or sent: %o',
    async (answer) => {
      const { books, id } = await unanswered({ lookup: () => answer });
      const before = await written(books);
      books.clock = new Date(books.clock.getTime() + 100 * HOUR);
      expect(await resolveUnknown(books.context, id, () => true)).toBe('unknown');
      expect(books.sent).toEqual([]);
      expect(await written(books)).toBe(before);
    },
  );

  test('is looked up before anything else happens to it', async () => {
    const seen: string[] = [];
    const { books, id } = await unanswered({
      lookup: async (movement) => {
        seen.push(`look-up: ${await books.onDisk(movement.order.intentId)} ${movement.idempotencyKey}`);
        return { state: 'absent' };
      },
      send: () => {
        seen.push('call');
        return posted('op_1');
      },
    });
    books.atCheckpoint = async (label) => {
      if (label === 'movement.looked-up') seen.push(`${label}: ${await books.onDisk(id)}`);
    };
    await resolveUnknown(books.context, id, () => true);
    expect(seen).toEqual([`look-up: unknown coffer-${id}`, 'movement.looked-up: unknown', 'call']);
  });

  test('without a trace is sent again, same key, until 23 hours after it was written; then it is settled as not executed', async () => {
    const absent: Answers = { lookup: () => ({ state: 'absent' }), send: () => unknown };
    for (const [age, calls, state] of [
      [0, 1, 'unknown'],
      [23 * HOUR - 1, 1, 'unknown'],
      [23 * HOUR, 0, 'failed'],
      [90 * 24 * HOUR, 0, 'failed'],
    ] as const) {
      const { books, id } = await unanswered(absent);
      books.clock = new Date(books.clock.getTime() + age);
      expect([await resolveUnknown(books.context, id, () => true), books.sent.length]).toEqual([state, calls]);
      expect(await books.onDisk(id)).toBe(state);
    }
  });

  test('that was not executed is owed again and in Storage, and the person reads of which day it was', async () => {
    const { books, id } = await unanswered({ lookup: () => ({ state: 'absent' }) });
    books.clock = new Date(books.clock.getTime() + 23 * HOUR);
    await resolveUnknown(books.context, id, NEVER_RESEND);
    expect(await readIntent(books.witness.db, id)).toMatchObject({
      state: 'failed',
      code: 'not-executed',
      message: 'Stripe has no trace of this movement of 2026-11-02: it was not executed.',
      stripe_object: null,
    });
    expect(await books.accountsOnDisk()).toEqual({});
  });

  test('is not sent again by who may not: it stays unknown, and nothing is written', async () => {
    const { books, id } = await unanswered({ lookup: () => ({ state: 'absent' }) });
    const before = await written(books);
    expect(await resolveUnknown(books.context, id, NEVER_RESEND)).toBe('unknown');
    const asked: string[] = [];
    await resolveUnknown(books.context, id, (intent) => {
      asked.push(`${intent.intent_id} ${intent.amount} ${intent.stripe_account}`);
      return false;
    });
    expect(asked).toEqual([`${id} 1000 acct_c1`]);
    expect(await written(books)).toBe(before);
  });

  test.each(['planned', 'posted'] as const)('that is %s by now is neither looked up nor sent', async (state) => {
    const books = await openScripted({ send: () => posted('op_1') });
    const [id = ''] = await planned(books);
    if (state === 'posted') await sendIntent(books.context, id, noSleep);
    books.answers = {};
    expect(await resolveUnknown(books.context, id, () => true)).toBe(state);
  });
});

describe('All unknown movements', () => {
  test('of every run, or of one, are found out; those still unknown are counted', async () => {
    const books = await openScripted({ send: () => unknown });
    const runs = ['a', 'a', 'a', 'b'];
    const ids = await writeIntents(
      books.context,
      runs.map((run, index) => ({ ...order('pay', `s${index}`), run })),
    );
    for (const id of ids) await sendIntent(books.context, id, noSleep);
    const [untouched = ''] = await writeIntents(books.context, [{ ...order('pay', 's9'), run: 'a' }]);

    books.answers = {
      lookup: ({ order }) => (order.intentId === ids[0] ? posted('op_1') : unknown),
    };
    expect(await resolveAllUnknown(books.context, NEVER_RESEND, 'a')).toBe(2);
    expect(await resolveAllUnknown(books.context, NEVER_RESEND)).toBe(3);
    books.answers = { lookup: ({ order }) => posted(`op_${order.intentId}`) };
    expect(await resolveAllUnknown(books.context, NEVER_RESEND, 'b')).toBe(0);
    expect(await Promise.all(ids.map((id) => books.onDisk(id)))).toEqual(['posted', 'unknown', 'unknown', 'posted']);
    expect(await books.onDisk(untouched)).toBe('planned');
  });
});

describe('News of what Stripe still processes', () => {
  async function processing(count: number): Promise<{ books: Scripted; ids: string[] }> {
    const books = await openScripted({
      send: (_movement, nth) => ({ state: 'processing', stripeObject: `op_${nth}`, requestId: null }),
    });
    const ids = await planned(books, count);
    for (const id of ids) await sendIntent(books.context, id, noSleep);
    return { books, ids };
  }

  test('is read in one go with the objects that are known, and written; what is open is counted', async () => {
    const { books, ids } = await processing(4);
    const asked: (string | null)[] = [];
    books.answers = {
      refresh: (movements) => {
        asked.push(...movements.map((movement) => movement.stripeObject));
        return new Map<string, MovementOutcome>([
          [ids[0] ?? '', posted('op_1')],
          [ids[1] ?? '', { state: 'processing', stripeObject: 'op_2', requestId: null }],
          [ids[2] ?? '', { state: 'failed', stripeObject: 'op_3', ...said('account_closed') }],
        ]);
      },
    };
    expect(await refreshRun(books.context, 'run')).toBe(2);
    expect(asked).toEqual(['op_1', 'op_2', 'op_3', 'op_4']);
    expect(await Promise.all(ids.map((id) => books.onDisk(id)))).toEqual([
      'posted',
      'processing',
      'failed',
      'processing',
    ]);
    expect(await books.accountsOnDisk()).toEqual({ outbound: 2_000n, 'owed:c1': 1_000n, storage: -3_000n });
  });

  test('a list that was not readable changes nothing: not known is not failed', async () => {
    const { books, ids } = await processing(3);
    const before = await written(books);
    books.answers = {
      refresh: () =>
        new Map<string, MovementOutcome>([
          [ids[0] ?? '', unknown],
          [ids[1] ?? '', later(50)],
          [ids[2] ?? '', { state: 'guided', clicks: [] }],
        ]),
    };
    expect(await refreshRun(books.context, 'run')).toBe(3);
    expect(await written(books)).toBe(before);
  });

  test('a list that was read before a later change does not take it back', async () => {
    const { books, ids } = await processing(2);
    const intents = await listIntents(books.store.db, { states: ['processing'] });
    books.answers = {
      refresh: () =>
        new Map<string, MovementOutcome>(
          ids.map((id) => [id, { state: 'processing', stripeObject: `op_${id}`, requestId: null }]),
        ),
    };
    await recordOutcome(books.context, ids[0] ?? '', { state: 'posted', stripeObject: 'op_1', requestId: null });
    expect(await refreshIntents(books.context, intents)).toBe(1);
    expect(await Promise.all(ids.map((id) => books.onDisk(id)))).toEqual(['posted', 'processing']);
    expect(await books.accountsOnDisk()).toEqual({ outbound: 1_000n, 'owed:c1': 1_000n, storage: -2_000n });
  });

  test('only of the run asked for, and only of what is under way; of nothing, Stripe is not asked', async () => {
    const { books } = await processing(1);
    await writeIntents(books.context, [{ ...order('pay', 'other'), run: 'other' }, order('pay', 'not sent yet')]);
    const asked: number[] = [];
    books.answers = {
      refresh: (movements) => {
        asked.push(movements.length);
        return new Map();
      },
    };
    expect(await refreshRun(books.context, 'run')).toBe(1);
    books.answers = {};
    expect(await refreshRun(books.context, 'other')).toBe(0);
    expect(asked).toEqual([1]);
  });
});
