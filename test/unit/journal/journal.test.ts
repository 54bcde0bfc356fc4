/** Rules: docs/moving-money.md. An intent is on disk before any socket opens; its state is appended; entries balance at every moment. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { verifyChain } from '../../../electron/journal/audit-chain';
import { canFollow, type IntentState, isOpen, occupiesSubject } from '../../../electron/journal/intent';
import { listIntents, readIntent, recordOutcome, writeIntents } from '../../../electron/journal/journal';
import { markInterrupted } from '../../../electron/journal/movement';
import { accounts, type Books, openBooks, order, written } from './books';
import { enter, STATES, WAYS } from './states';

let subjects = 0;

async function intentIn(
  books: Books,
  state: IntentState,
  kind: 'fund' | 'pay' | 'release' | 'withdraw' = 'fund',
): Promise<string> {
  const [id = ''] = await writeIntents(books.context, [order(kind, `subject-${++subjects}`)]);
  for (const step of WAYS[state]) await enter(books, id, step);
  return id;
}

describe('Writing an intent down', () => {
  test('puts the intent, its entries and its audit event on disk together, with the exact request and its key', async () => {
    const books = await openBooks();
    const [id = ''] = await writeIntents(books.context, [order('fund', 's')]);
    const intent = await readIntent(books.store.db, id);
    expect(intent).toMatchObject({
      state: 'planned',
      attempts: 0,
      idempotency_key: `coffer-${id}`,
      source: 'payments',
      destination: 'storage',
    });
    const request = JSON.parse(intent.request);
    expect(request).toMatchObject({
      api: 'v1',
      path: '/v1/payouts',
      params: { amount: 1_000, currency: 'usd', metadata: { coffer_intent: id } },
    });
    expect(await accounts(books)).toEqual({ inbound: 1_000n, payments: -1_000n });
    const events = await books.store.db.selectFrom('audit_event').select(['action', 'subject', 'actor']).execute();
    expect(events).toEqual([{ action: 'intent.planned', subject: id, actor: 'Test' }]);
  });

  test('twice for the same subject writes it once, and says which one it is', async () => {
    const books = await openBooks();
    const first = await writeIntents(books.context, [order('pay', 's')]);
    const before = await written(books);
    expect(await writeIntents(books.context, [order('pay', 's'), order('pay', 's')])).toEqual([...first, ...first]);
    expect(await written(books)).toBe(before);
  });

  test('a payout leaves Storage at once and is owed until it is posted', async () => {
    const books = await openBooks();
    const [id = ''] = await writeIntents(books.context, [order('pay', 's')]);
    expect(await accounts(books)).toEqual({ outbound: 1_000n, storage: -1_000n });
    await enter(books, id, 'sending');
    await enter(books, id, 'processing');
    expect(await accounts(books)).toEqual({ outbound: 1_000n, storage: -1_000n });
    await enter(books, id, 'posted');
    expect(await accounts(books)).toEqual({ 'owed:c1': 1_000n, storage: -1_000n });
  });

  test('a release that a person makes has no entries until it was made; by API it has', async () => {
    const guided = await openBooks('financial-account');
    const [id = ''] = await writeIntents(guided.context, [order('release', 's')]);
    expect(await accounts(guided)).toEqual({});
    await enter(guided, id, 'posted');
    expect(await accounts(guided)).toEqual({ payments: 1_000n, storage: -1_000n });

    const byLedger = await openBooks('earmark');
    await writeIntents(byLedger.context, [order('release', 's')]);
    expect(await accounts(byLedger)).toEqual({ inbound: 1_000n, storage: -1_000n });
  });

  test('a refusal in the middle of many leaves nothing of that transaction', async () => {
    const books = await openBooks();
    const before = await written(books);
    await expect(writeIntents(books.context, [order('fund', 's1'), order('fund', 's2', 0n)])).rejects.toThrow();
    expect(await written(books)).toBe(before);
  });
});

describe('What each end means in the ledger', () => {
  test.each([
    ['fund', 'posted', { payments: -1_000n, storage: 1_000n }],
    ['fund', 'failed', {}],
    ['fund', 'canceled', {}],
    ['fund', 'returned', {}],
    ['pay', 'posted', { 'owed:c1': 1_000n, storage: -1_000n }],
    ['pay', 'failed', {}],
    ['pay', 'canceled', {}],
    ['pay', 'returned', {}],
    ['release', 'posted', { payments: 1_000n, storage: -1_000n }],
    ['fund', 'unknown', { inbound: 1_000n, payments: -1_000n }],
    ['pay', 'unknown', { outbound: 1_000n, storage: -1_000n }],
    ['withdraw', 'planned', { payments: -1_000n, withdrawing: 1_000n }],
    ['withdraw', 'unknown', { payments: -1_000n, withdrawing: 1_000n }],
    ['withdraw', 'posted', { payments: -1_000n, withdrawn: 1_000n }],
    ['withdraw', 'failed', {}],
    ['withdraw', 'canceled', {}],
    ['withdraw', 'returned', {}],
  ] as const)('%s %s', async (kind, state, balances) => {
    const books = await openBooks();
    await intentIn(books, state, kind);
    expect(await accounts(books)).toEqual(balances);
  });

  test('a payout returned from processing was never posted: one void entry, nothing twice', async () => {
    const books = await openBooks();
    const [id = ''] = await writeIntents(books.context, [order('pay', 's')]);
    for (const step of ['sending', 'processing', 'returned'] as const) await enter(books, id, step);
    expect(await accounts(books)).toEqual({});
  });

  test('told the same twice, the journal writes it once', async () => {
    const books = await openBooks();
    const id = await intentIn(books, 'posted', 'pay');
    const intent = await readIntent(books.store.db, id);
    const before = await written(books);
    await recordOutcome(books.context, id, { state: 'posted', requestId: null, stripeObject: intent.stripe_object });
    expect(await written(books)).toBe(before);
  });
});

test.each(['ledger_entry', 'audit_event', 'intent_state'])(
  'an outcome whose %s cannot be written is not written at all, and is asked for again',
  async (table) => {
    const books = await openBooks();
    const id = await intentIn(books, 'sending', 'pay');
    const before = await written(books);
    const change = table === 'intent_state' ? 'UPDATE' : 'INSERT';
    books.store.exec(`CREATE TRIGGER broken BEFORE ${change} ON ${table} BEGIN SELECT RAISE(ABORT, 'No room'); END`);
    await expect(enter(books, id, 'posted')).rejects.toThrow('No room');
    expect(await written(books)).toBe(before);
    books.store.exec('DROP TRIGGER broken');
    await enter(books, id, 'posted');
    expect(await accounts(books)).toEqual({ 'owed:c1': 1_000n, storage: -1_000n });
  },
);

describe('States follow one another as written, and in no other way', () => {
  test('as written: in the table of docs/moving-money.md', () => {
    const page = readFileSync(path.resolve(import.meta.dirname, '../../../docs/moving-money.md'), 'utf8');
    const rows = page.split('| May become')[1]?.split('\n\n')[0]?.split('\n').slice(2) ?? [];
    const quoted = (cell = '') => [...cell.replace(/\(.*?\)/g, '').matchAll(/`(\w+)`/g)].map(([, state]) => state);
    const table = rows.flatMap((row) => {
      const [, from, to] = row.split('|');
      return quoted(from).map((state) => [state, quoted(to).sort()]);
    });
    const code = STATES.map((from) => [from, STATES.filter((to) => canFollow(from, to)).sort()]);
    expect(new Map(table as [string, string[]][])).toEqual(new Map(code as [string, string[]][]));
  });

  for (const from of STATES) {
    test(`from ${from}`, async () => {
      for (const to of STATES) {
        const books = await openBooks();
        const id = await intentIn(books, from);
        const before = await written(books);
        const staysThere = from === to && to !== 'sending';
        if (canFollow(from, to) || staysThere) {
          await enter(books, id, to);
          expect((await readIntent(books.store.db, id)).state).toBe(to);
        } else {
          await expect(enter(books, id, to), `${from} → ${to}`).rejects.toThrow(/cannot go from/);
          expect(await written(books), `${from} → ${to}`).toBe(before);
        }
        await books.store.close();
      }
    });
  }

  test('what has failed, come back, been canceled or taken back is final; what arrived can still come back', () => {
    for (const state of ['failed', 'returned', 'canceled', 'compensated'] as const) {
      expect(
        STATES.filter((to) => canFollow(state, to)),
        state,
      ).toEqual([]);
      expect(occupiesSubject(state), state).toBe(false);
    }
    expect(STATES.filter((to) => canFollow('posted', to))).toEqual(['returned', 'compensated']);
  });

  test('unknown is never taken for failed: the subject stays occupied', () => {
    expect(STATES.filter(occupiesSubject)).toEqual(['planned', 'sending', 'unknown', 'processing', 'posted']);
    expect(STATES.filter(isOpen)).toEqual(['planned', 'sending', 'unknown', 'processing']);
  });

  test('every attempt is counted and every state kept, in order', async () => {
    const books = await openBooks();
    const [id = ''] = await writeIntents(books.context, [order('fund', 's')]);
    for (const step of [
      'sending',
      'planned',
      'sending',
      'unknown',
      'sending',
      'processing',
      'posted',
      'returned',
    ] as const)
      await enter(books, id, step);
    const events = await books.store.db
      .selectFrom('intent_event')
      .select(['seq', 'state', 'attempt'])
      .where('intent_id', '=', id)
      .orderBy('seq')
      .execute();
    expect(events.map((event) => `${event.seq} ${event.state} ${event.attempt}`)).toEqual([
      '1 planned 0',
      '2 sending 1',
      '3 planned 1',
      '4 sending 2',
      '5 unknown 2',
      '6 sending 3',
      '7 processing 3',
      '8 posted 3',
      '9 returned 3',
    ]);
    expect((await verifyChain(books.store.db)).events).toBe(9);
  });
});

test('at start, what was being sent is unknown, and nothing else is touched', async () => {
  const books = await openBooks();
  for (const state of STATES) await intentIn(books, state);
  await intentIn(books, 'sending', 'pay');
  expect(await markInterrupted(books.context)).toBe(2);
  const unknown = await listIntents(books.store.db, { states: ['unknown'] });
  expect(unknown.map((intent) => intent.code)).toEqual(expect.arrayContaining(['interrupted', 'interrupted', 'x']));
  expect(await listIntents(books.store.db, { states: ['sending'] })).toEqual([]);
  expect(await markInterrupted(books.context)).toBe(0);
});
