/** What an auditor finds of a movement years later: the intent, every event, every entry, the audit log, each column of them. */
import { describe, expect, test, vi } from 'vitest';
import { sha256, verifyChain } from '../../../electron/journal/audit-chain';
import type { IntentState } from '../../../electron/journal/intent';
import { bookPeriod, listIntents, markCompensated, readIntent, writeIntents } from '../../../electron/journal/journal';
import { pendingPostings } from '../../../electron/journal/postings';
import { canonicalJson } from '../../../shared/domain/canonical-json';
import { accounts, type Books, openBooks, order, USD, written } from './books';
import { type Answer, enter } from './states';

const at = (minute: number) => `2026-11-02T09:${String(minute).padStart(2, '0')}:00.000Z`;

/** Books whose clock is set minute by minute. */
async function timed(): Promise<Books & { at(minute: number): void }> {
  const books = await openBooks();
  let now = new Date(at(0));
  return {
    store: books.store,
    context: { ...books.context, now: () => now },
    at: (minute) => {
      now = new Date(at(minute));
    },
  };
}

describe('The life of a payout that came back', () => {
  async function returnedPayout(): Promise<{ books: Books; id: string }> {
    const books = await timed();
    const [id = ''] = await writeIntents(books.context, [
      { ...order('pay', 'pay:2026-10:c1:usd'), approvedHash: 'ab'.repeat(32), retryOf: 'id-before' },
    ]);
    const atMinute = async (minute: number, state: IntentState, answer?: Answer) => {
      books.at(minute);
      await enter(books, id, state, answer);
    };
    await atMinute(1, 'sending');
    await atMinute(2, 'unknown', { requestId: 'req_2', code: 'timeout', message: 'No answer' });
    await atMinute(3, 'processing', { stripeObject: 'op_1', requestId: 'req_3' });
    await atMinute(4, 'posted', { stripeObject: 'op_1', requestId: null });
    await atMinute(5, 'returned', { stripeObject: 'op_1', requestId: null, code: 'closed', message: 'Account closed' });
    return { books, id };
  }

  test('the intent is what was ordered, with its request and the hash of exactly that text', async () => {
    const { books, id } = await returnedPayout();
    const row = await books.store.db.selectFrom('intent').selectAll().executeTakeFirstOrThrow();
    expect(row).toEqual({
      intent_id: id,
      kind: 'pay',
      run: 'run',
      batch: 'run-1',
      subject: 'pay:2026-10:c1:usd',
      period: '2026-10',
      creator_id: 'c1',
      currency: 'usd',
      amount: 1_000n,
      rail: 'financial-account',
      mode: 'sandbox',
      stripe_account: 'acct_c1',
      source: 'storage',
      destination: 'acct_c1',
      idempotency_key: `coffer-${id}`,
      request: row.request,
      request_hash: sha256(row.request),
      description: 'A pay',
      actor: 'Test',
      approved_hash: 'ab'.repeat(32),
      retry_of: 'id-before',
      created_at: at(0),
    });
    expect(canonicalJson(JSON.parse(row.request))).toBe(row.request);
  });

  test('each event has its time, its attempt, what Stripe called it and what Stripe said', async () => {
    const { books, id } = await returnedPayout();
    const events = await books.store.db.selectFrom('intent_event').selectAll().orderBy('seq').execute();
    const none = { stripe_object: null, request_id: null, code: null, message: null };
    expect(events).toEqual([
      { intent_id: id, seq: 1n, at: at(0), state: 'planned', attempt: 0n, ...none },
      { intent_id: id, seq: 2n, at: at(1), state: 'sending', attempt: 1n, ...none },
      {
        ...{ intent_id: id, seq: 3n, at: at(2), state: 'unknown', attempt: 1n },
        ...{ stripe_object: null, request_id: 'req_2', code: 'timeout', message: 'No answer' },
      },
      {
        ...{ intent_id: id, seq: 4n, at: at(3), state: 'processing', attempt: 1n },
        ...{ stripe_object: 'op_1', request_id: 'req_3', code: null, message: null },
      },
      {
        ...{ intent_id: id, seq: 5n, at: at(4), state: 'posted', attempt: 1n },
        ...{ stripe_object: 'op_1', request_id: null, code: null, message: null },
      },
      {
        ...{ intent_id: id, seq: 6n, at: at(5), state: 'returned', attempt: 1n },
        ...{ stripe_object: 'op_1', request_id: null, code: 'closed', message: 'Account closed' },
      },
    ]);
  });

  test('the entries are two transactions and a reversal, each with its time, period, intent and reason', async () => {
    const { books, id } = await returnedPayout();
    const transactions = await books.store.db
      .selectFrom('ledger_transaction')
      .innerJoin('ledger_entry', 'ledger_entry.tx_id', 'ledger_transaction.tx_id')
      .select(['at', 'kind', 'period', 'intent_id', 'description', 'account', 'currency', 'amount'])
      .orderBy('entry_id')
      .execute();
    const entry = (kind: string, minute: number, account: string, amount: bigint) => ({
      ...{ at: at(minute), kind, period: '2026-10', intent_id: id, description: 'A pay' },
      ...{ account, currency: 'usd', amount },
    });
    expect(transactions).toEqual([
      entry('pay.pending', 0, 'outbound', 1_000n),
      entry('pay.pending', 0, 'storage', -1_000n),
      entry('pay.posted', 4, 'owed:c1', 1_000n),
      entry('pay.posted', 4, 'outbound', -1_000n),
      entry('pay.returned', 5, 'storage', 1_000n),
      entry('pay.returned', 5, 'owed:c1', -1_000n),
    ]);
  });

  test('the audit log tells of every event, with what was ordered and what was answered', async () => {
    const { books, id } = await returnedPayout();
    const rows = await books.store.db.selectFrom('audit_event').selectAll().orderBy('seq').execute();
    const { request_hash } = await readIntent(books.store.db, id);
    const answer = (
      stripeObject: string | null,
      requestId: string | null,
      code: string | null,
      message: string | null,
    ) => ({
      ...{ attempt: 1, stripeObject, requestId, code, message },
    });
    expect(rows.map((row) => [row.at, row.actor, row.action, row.subject, JSON.parse(row.payload)])).toEqual([
      [
        at(0),
        'Test',
        'intent.planned',
        id,
        {
          ...{ kind: 'pay', run: 'run', batch: 'run-1', amount: '1000', currency: 'usd', creator: 'c1' },
          ...{ requestHash: request_hash, approvedHash: 'ab'.repeat(32) },
        },
      ],
      [at(1), 'Test', 'intent.sending', id, answer(null, null, null, null)],
      [at(2), 'Test', 'intent.unknown', id, answer(null, 'req_2', 'timeout', 'No answer')],
      [at(3), 'Test', 'intent.processing', id, answer('op_1', 'req_3', null, null)],
      [at(4), 'Test', 'intent.posted', id, answer('op_1', null, null, null)],
      [at(5), 'Test', 'intent.returned', id, answer('op_1', null, 'closed', 'Account closed')],
    ]);
    expect((await verifyChain(books.store.db)).ok).toBe(true);
  });

  test('its present state is the last event; it keeps the last request that is known, and frees its subject', async () => {
    const { books, id } = await returnedPayout();
    expect(await books.store.db.selectFrom('intent_state').selectAll().execute()).toEqual([
      {
        ...{ intent_id: id, kind: 'pay', run: 'run', period: '2026-10', subject: 'pay:2026-10:c1:usd' },
        ...{ state: 'returned', occupies: 0n, attempts: 1n, stripe_object: 'op_1', request_id: 'req_3' },
        ...{ code: 'closed', message: 'Account closed', updated_at: at(5), settled_at: at(5) },
      },
    ]);
    const [next = ''] = await writeIntents(books.context, [order('pay', 'pay:2026-10:c1:usd')]);
    expect(next).not.toBe(id);
  });
});

test('a movement is settled when it has ended or arrived, and not while it is sent, unknown or under way', async () => {
  const books = await timed();
  const [id = ''] = await writeIntents(books.context, [order('fund', 's')]);
  const settled: (string | null)[] = [(await readIntent(books.store.db, id)).settled_at];
  for (const [index, state] of (
    ['sending', 'planned', 'sending', 'unknown', 'processing', 'posted'] as const
  ).entries()) {
    books.at(index + 1);
    await enter(books, id, state);
    settled.push((await readIntent(books.store.db, id)).settled_at);
  }
  expect(settled).toEqual([null, null, null, null, null, null, at(6)]);
  for (const state of ['failed', 'canceled'] as const) {
    const [ended = ''] = await writeIntents(books.context, [order('fund', state)]);
    books.at(10);
    await enter(books, ended, state);
    expect((await readIntent(books.store.db, ended)).settled_at).toBe(at(10));
  }
  books.at(12);
  await markCompensated(books.context, id);
  expect(await readIntent(books.store.db, id)).toMatchObject({ state: 'compensated', attempts: 2, settled_at: at(12) });
});

test.each([
  ['fund', 'payments', 'storage'],
  ['canary', 'payments', 'storage'],
  ['release', 'storage', 'payments'],
  ['compensate', 'storage', 'payments'],
  ['pay', 'storage', 'acct_c1'],
  ['withdraw', 'payments', 'bank account'],
] as const)('the exports say where a %s comes from and goes to', async (kind, source, destination) => {
  const books = await openBooks();
  const [id = ''] = await writeIntents(books.context, [order(kind, 's')]);
  expect(await readIntent(books.store.db, id)).toMatchObject({ source, destination });
});

test('a release by hand that came back before it was seen has moved nothing, and leaves no entry', async () => {
  const books = await openBooks('financial-account');
  for (const end of ['returned', 'failed', 'canceled'] as const) {
    const [id = ''] = await writeIntents(books.context, [order('release', end)]);
    for (const state of ['sending', 'unknown', end] as const) await enter(books, id, state);
    expect(await accounts(books), end).toEqual({});
  }
});

test('a payout names the creator whose debt it settles: without one there are no entries', async () => {
  expect(() => pendingPostings({ kind: 'pay', creatorId: null, currency: 'usd', amount: 1n })).toThrow(
    'A payout without a creator',
  );
  const books = await openBooks();
  const before = await written(books);
  await expect(writeIntents(books.context, [{ ...order('pay', 's'), creatorId: null }])).rejects.toThrow();
  expect(await written(books)).toBe(before);
});

describe('Writing many intents', () => {
  test('is done 200 at a time: what was written before a refusal stays, and nothing of its own transaction', async () => {
    vi.spyOn(performance, 'now').mockReturnValue(0);
    const books = await openBooks();
    const labels: string[] = [];
    const context = { ...books.context, checkpoint: async (label: string) => void labels.push(label) };
    const orders = Array.from({ length: 401 }, (_, index) => order('fund', `s${index}`, index === 250 ? 0n : 1n));
    await expect(writeIntents(context, orders)).rejects.toThrow('positive');
    expect(await listIntents(books.store.db, {})).toHaveLength(200);
    expect(labels).toEqual(['journal.before-intents', 'journal.intents-written', 'journal.before-intents']);

    const ids = await writeIntents(
      context,
      orders.map((one) => ({ ...one, amount: 1n })),
    );
    expect(new Set(ids).size).toBe(401);
    const subjects = await Promise.all(ids.map(async (id) => (await readIntent(books.store.db, id)).subject));
    expect(subjects).toEqual(orders.map((one) => one.subject));
    expect(await accounts(books)).toEqual({ inbound: 401n, payments: -401n });
  });

  test('that takes long is done in transactions of 20 ms, but of 25 intents each in any case', async () => {
    const books = await openBooks();
    let now = 0;
    let perIntent = 0.5;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const written: number[] = [];
    const context = {
      ...books.context,
      now: () => {
        now += perIntent;
        return books.context.now();
      },
      checkpoint: async (label: string) => {
        if (label === 'journal.intents-written') written.push((await listIntents(books.store.db, {})).length);
      },
    };
    const orders = Array.from({ length: 130 }, (_, index) => order('fund', `s${index}`));
    await writeIntents(context, orders.slice(0, 100));
    expect(written).toEqual([40, 80, 100]);
    perIntent = 1_000;
    await writeIntents(context, orders.slice(100));
    expect(written.slice(3)).toEqual([125, 130]);
  });

  test('of none writes nothing', async () => {
    const books = await openBooks();
    const before = await written(books);
    expect(await writeIntents(books.context, [])).toEqual([]);
    expect(await written(books)).toBe(before);
  });
});

describe('Looking movements up', () => {
  test('one that does not exist is an answer for a person', async () => {
    const books = await openBooks();
    await expect(readIntent(books.store.db, 'nobody')).rejects.toMatchObject({
      code: 'intent-unknown',
      message: 'There is no movement nobody.',
      hint: 'Refresh the list and try again.',
    });
  });

  test('each filter takes its own, together they take what fits all, oldest first', async () => {
    const books = await timed();
    books.at(5);
    await writeIntents(books.context, [{ ...order('pay', 'newest'), run: 'a', currency: USD }]);
    books.at(1);
    await writeIntents(books.context, [
      { ...order('pay', 's1'), run: 'a' },
      { ...order('fund', 's2'), run: 'b' },
      { ...order('pay', 's3'), run: 'b', period: '2026-09', creatorId: 'c2' },
    ]);
    const [second] = await listIntents(books.store.db, { run: 'b', kinds: ['fund'] });
    await enter(books, second?.intent_id ?? '', 'sending');
    const subjects = async (filter: Parameters<typeof listIntents>[1]) =>
      (await listIntents(books.store.db, filter)).map((intent) => intent.subject);
    expect(await subjects({})).toEqual(['s1', 's2', 's3', 'newest']);
    expect(await subjects({ run: 'a' })).toEqual(['s1', 'newest']);
    expect(await subjects({ period: '2026-09' })).toEqual(['s3']);
    expect(await subjects({ creatorId: 'c1' })).toEqual(['s1', 'newest']);
    expect(await subjects({ kinds: ['fund', 'release'] })).toEqual(['s2']);
    expect(await subjects({ states: ['sending'] })).toEqual(['s2']);
    expect(await subjects({ states: ['planned'], run: 'b' })).toEqual(['s3']);
    expect(await subjects({ states: [] })).toEqual([]);
  });
});

describe('Late news is posted to the month that is open', () => {
  test.each([
    ['no month was begun, none is open', null, null, '2026-10'],
    ['its month is being paid', 'paying', '2026-10', '2026-10'],
    ['its month is being paid and the next one is open', 'paying', '2026-11', '2026-10'],
    ['its month is closed and the next one is open', 'closed', '2026-11', '2026-11'],
    ['its month is closed and none after it is open yet', 'closed', '2026-10', '2026-10'],
    ['its month was never run here and a later one is open', null, '2026-12', '2026-12'],
    ['its month is still to come', null, '2026-09', '2026-10'],
    ['its month is closed and nobody says which is open', 'closed', null, '2026-10'],
  ] as const)('%s', async (_name, state, open, expected) => {
    const { store } = await openBooks();
    if (state !== null) {
      const run = { period: '2026-10', started_at: at(0), state };
      await store.db
        .insertInto('month_end_run')
        .values([
          { ...run, ...NO_MONTH, version: 1n, current: 0n, state: state === 'closed' ? 'paying' : 'closed' },
          { ...run, ...NO_MONTH, version: 2n, current: 1n },
        ])
        .execute();
    }
    await store.db
      .insertInto('month_end_run')
      .values({ ...NO_MONTH, period: '2026-08', started_at: at(0), version: 1n, current: 1n, state: 'closed' })
      .execute();
    if (open !== null) await store.db.insertInto('setting').values({ key: 'open-period', value: open }).execute();
    await store.db.insertInto('setting').values({ key: 'other', value: '2099-12' }).execute();
    expect(await bookPeriod(store.db, '2026-10')).toBe(expected);
  });

  test('a payout of a closed month that comes back is owed in the open one, and says which month it was of', async () => {
    const books = await openBooks();
    const [id = ''] = await writeIntents(books.context, [order('pay', 's')]);
    for (const state of ['sending', 'posted'] as const) await enter(books, id, state);
    const { db } = books.store;
    await db
      .insertInto('month_end_run')
      .values({ ...NO_MONTH, period: '2026-10', started_at: at(0), version: 1n, current: 1n, state: 'closed' })
      .execute();
    await db.insertInto('setting').values({ key: 'open-period', value: '2026-11' }).execute();
    await enter(books, id, 'returned');
    const rows = await db.selectFrom('ledger_transaction').select(['kind', 'period', 'intent_id']).execute();
    expect(rows).toEqual([
      { kind: 'pay.pending', period: '2026-10', intent_id: id },
      { kind: 'pay.posted', period: '2026-10', intent_id: id },
      { kind: 'pay.returned', period: '2026-11', intent_id: id },
    ]);
  });
});

const NO_MONTH = {
  ...{ plan_hash: null, approved_by: null, approved_at: null, closed_by: null, closed_at: null, reopen_reason: null },
};
