/**
 * Rule: what Stripe shows of a movement comes into books that do not know it with the entries, states and key it would have had, and
 * nothing is sent. What these books know better is left; what contradicts them is told and not written. docs/decisions/0015.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { type Adoption, adoptIntent, type Settled, settleFound } from '../../../electron/journal/adopt';
import { sha256 } from '../../../electron/journal/audit-chain';
import type { IntentState } from '../../../electron/journal/intent';
import { readIntent, writeIntents } from '../../../electron/journal/journal';
import { accounts, type Books, openBooks, order, written } from './books';
import { enter, WAYS } from './states';

const said = { code: 'account_closed', message: 'The bank account is closed.', requestId: null };

const SHOWN: Readonly<Record<Settled['state'], Settled>> = {
  processing: { state: 'processing', stripeObject: 'po_1', requestId: null },
  posted: { state: 'posted', stripeObject: 'po_1', requestId: null },
  failed: { state: 'failed', stripeObject: 'po_1', ...said },
  canceled: { state: 'canceled', stripeObject: 'po_1', ...said },
  returned: { state: 'returned', stripeObject: 'po_1', ...said },
  unknown: { state: 'unknown', ...said },
};

let books: Books;

beforeEach(async () => {
  books = await openBooks();
});

function adopt(outcome: Settled, change: Partial<Adoption> = {}): Promise<void> {
  return books.store.transaction((tx) =>
    adoptIntent(books.context, tx, {
      intentId: 'lost-1',
      intent: order('pay', 'pay:2026-10:c1:usd'),
      createdAt: new Date('2026-11-01T08:00:00.000Z'),
      request: null,
      rail: 'earmark',
      actor: 'Mara',
      outcome,
      ...change,
    }),
  );
}

const settle = (intentId: string, outcome: Settled) =>
  books.store.transaction((tx) => settleFound(books.context, tx, intentId, outcome));

/** Its states in order, each with the attempt, and the last with what Stripe said. */
async function history(intentId: string): Promise<string[]> {
  const rows = await books.store.db
    .selectFrom('intent_event')
    .selectAll()
    .where('intent_id', '=', intentId)
    .orderBy('seq')
    .execute();
  return rows.map((row) =>
    [row.state, row.attempt, row.stripe_object, row.code, row.message].filter((one) => one !== null).join(' '),
  );
}

async function audit(): Promise<{ action: string; subject: string; at: string; payload: unknown }[]> {
  const rows = await books.store.db.selectFrom('audit_event').selectAll().orderBy('seq').execute();
  return rows.map(({ action, subject, at, payload }) => ({ action, subject, at, payload: JSON.parse(payload) }));
}

describe('A movement that only Stripe knows', () => {
  test('is written with its own id and key, as it was made, by whom and when', async () => {
    await adopt(SHOWN.posted);
    expect(await readIntent(books.store.db, 'lost-1')).toMatchObject({
      ...{ kind: 'pay', run: 'run', subject: 'pay:2026-10:c1:usd', period: '2026-10', creator_id: 'c1' },
      ...{ amount: 1_000n, currency: 'usd', stripe_account: 'acct_c1', idempotency_key: 'coffer-lost-1' },
      ...{ rail: 'earmark', actor: 'Mara', created_at: '2026-11-01T08:00:00.000Z' },
      ...{ state: 'posted', stripe_object: 'po_1', settled_at: '2026-11-02T09:00:00.000Z' },
    });
  });

  test('has a call that says what is known of it and that it was never made from here', async () => {
    await adopt(SHOWN.posted);
    const { request, request_hash } = await readIntent(books.store.db, 'lost-1');
    expect(JSON.parse(request)).toEqual({
      api: 'v1',
      method: 'POST',
      path: '/v1/adopted',
      params: { amount: '1000', currency: 'usd', metadata: { coffer_intent: 'lost-1' } },
    });
    expect(request_hash).toBe(sha256(request));
  });

  test('keeps the call of the books of before to the byte', async () => {
    const call = '{"api":"v2","method":"POST","params":{"amount":{"value":1000}},"path":"/v2/x"}';
    await adopt(SHOWN.posted, { request: call });
    expect(await readIntent(books.store.db, 'lost-1')).toMatchObject({ request: call, request_hash: sha256(call) });
  });

  test('is told in the audit log before its states, with whom and how much it is about', async () => {
    await adopt(SHOWN.posted);
    const events = await audit();
    expect(events.map(({ action, subject }) => `${action} ${subject}`)).toEqual([
      'intent.adopted lost-1',
      'intent.sending lost-1',
      'intent.posted lost-1',
    ]);
    const { request } = await readIntent(books.store.db, 'lost-1');
    expect(events[0]).toMatchObject({ at: '2026-11-02T09:00:00.000Z' });
    expect(events[0]?.payload).toEqual({
      kind: 'pay',
      run: 'run',
      period: '2026-10',
      amount: '1000',
      currency: 'usd',
      creator: 'c1',
      requestHash: sha256(request),
    });
  });

  test('of a closed month is booked in the open one', async () => {
    await books.store.db.insertInto('setting').values({ key: 'open-period', value: '2026-11' }).execute();
    await adopt(SHOWN.posted);
    const booked = await books.store.db.selectFrom('ledger_transaction').select(['kind', 'period']).execute();
    expect(booked).toEqual([
      { kind: 'pay.pending', period: '2026-11' },
      { kind: 'pay.posted', period: '2026-11' },
    ]);
    expect((await readIntent(books.store.db, 'lost-1')).period).toBe('2026-10');
  });

  const UNDER_WAY = { outbound: 1_000n, storage: -1_000n };
  const last = 'po_1 account_closed The bank account is closed.';
  test.each<[Settled['state'], string[], Record<string, bigint>]>([
    ['processing', ['planned 0', 'sending 1', 'processing 1 po_1'], UNDER_WAY],
    ['posted', ['planned 0', 'sending 1', 'posted 1 po_1'], { 'owed:c1': 1_000n, storage: -1_000n }],
    ['failed', ['planned 0', 'sending 1', `failed 1 ${last}`], {}],
    ['canceled', ['planned 0', 'sending 1', `canceled 1 ${last}`], {}],
    ['returned', ['planned 0', 'sending 1', 'unknown 1', `returned 1 ${last}`], {}],
    ['unknown', ['planned 0', 'sending 1', 'unknown 1 account_closed The bank account is closed.'], UNDER_WAY],
  ])('and is %s there has the states and entries of such a one', async (state, states, balances) => {
    await adopt(SHOWN[state]);
    expect(await history('lost-1')).toEqual(states);
    expect(await accounts(books)).toEqual(balances);
    expect(await readIntent(books.store.db, 'lost-1')).toMatchObject({ state, attempts: 1 });
  });
});

describe('What never became an object at Stripe was not sent', () => {
  test.each<[Settled, string]>([
    [{ state: 'canceled', stripeObject: null, ...said }, 'canceled 0 account_closed The bank account is closed.'],
    [{ state: 'failed', stripeObject: null, ...said }, 'failed 0 account_closed The bank account is closed.'],
    [{ state: 'posted', stripeObject: null, requestId: null }, 'posted 0'],
  ])('%j', async (outcome, end) => {
    await adopt(outcome);
    expect(await history('lost-1')).toEqual(['planned 0', end]);
  });

  test('a release that a person made in the dashboard is posted with its proof, and no call of ours is claimed', async () => {
    await adopt(SHOWN.posted, { intent: order('release', 'release:2026-10') });
    expect(await history('lost-1')).toEqual(['planned 0', 'posted 0 po_1']);
    expect(await accounts(books)).toEqual({ payments: 1_000n, storage: -1_000n });
  });
});

describe('A movement that the books know', () => {
  async function known(state: IntentState, kind: 'pay' | 'release' = 'pay'): Promise<string> {
    const [id = ''] = await writeIntents(books.context, [order(kind, 'subject')]);
    for (const step of WAYS[state]) await enter(books, id, step, { stripeObject: 'po_1' });
    return id;
  }

  test.each<[IntentState, Settled['state'], string[]]>([
    ['planned', 'posted', ['sending 1', 'posted 1 po_1']],
    ['planned', 'unknown', ['sending 1', 'unknown 1 account_closed The bank account is closed.']],
    ['sending', 'posted', ['posted 1 po_1']],
    ['sending', 'unknown', ['unknown 1 account_closed The bank account is closed.']],
    ['sending', 'returned', ['unknown 1', 'returned 1 po_1 account_closed The bank account is closed.']],
    ['unknown', 'posted', ['posted 1 po_1']],
    ['unknown', 'returned', ['returned 1 po_1 account_closed The bank account is closed.']],
    ['processing', 'posted', ['posted 1 po_1']],
    ['processing', 'returned', ['returned 1 po_1 account_closed The bank account is closed.']],
    ['posted', 'returned', ['returned 1 po_1 account_closed The bank account is closed.']],
  ])('as %s and Stripe as %s is brought there, by no other way than needed', async (state, shown, added) => {
    const id = await known(state);
    const before = await history(id);
    expect(await settle(id, SHOWN[shown])).toBe('settled');
    expect(await history(id)).toEqual([...before, ...added]);
  });

  test('as posted and that Stripe calls failed has come back: the creator is owed again', async () => {
    const id = await known('posted');
    expect(await accounts(books)).toEqual({ 'owed:c1': 1_000n, storage: -1_000n });
    expect(await settle(id, SHOWN.failed)).toBe('settled');
    expect(await readIntent(books.store.db, id)).toMatchObject({ state: 'returned', code: 'account_closed' });
    expect(await accounts(books)).toEqual({});
  });

  test.each<[IntentState, Settled['state']]>([
    ['unknown', 'unknown'],
    ['processing', 'processing'],
    ['posted', 'posted'],
    ['failed', 'failed'],
    ['returned', 'returned'],
    ['canceled', 'canceled'],
    // A payout that came back is `failed` at Stripe for good.
    ['returned', 'failed'],
    // The books heard of it earlier; a list that is a little older takes nothing back.
    ['posted', 'processing'],
    // Taken back by a movement of its own; it stays what it was at Stripe.
    ['compensated', 'posted'],
    ['compensated', 'processing'],
  ])('as %s and Stripe as %s is left as it is', async (state, shown) => {
    const id = await known(state);
    const before = await written(books);
    expect(await settle(id, SHOWN[shown])).toBe('same');
    expect(await written(books)).toBe(before);
  });

  test.each<[IntentState, Settled['state']]>([
    ['failed', 'posted'],
    ['failed', 'processing'],
    ['canceled', 'posted'],
    ['returned', 'posted'],
    ['posted', 'canceled'],
    ['posted', 'unknown'],
    ['compensated', 'returned'],
    ['processing', 'unknown'],
  ])('as %s and Stripe as %s is a contradiction, and nothing is written', async (state, shown) => {
    const id = await known(state);
    const before = await written(books);
    expect(await settle(id, SHOWN[shown])).toBe('contradicts');
    expect(await written(books)).toBe(before);
  });

  test('as posted, and failed without an object of its own, is a contradiction: nothing shows that it came back', async () => {
    const id = await known('posted');
    expect(await settle(id, { ...said, state: 'failed', stripeObject: null })).toBe('contradicts');
  });

  test.each(['processing', 'unknown'] as const)(
    'as a planned release of the dashboard cannot be %s: Coffer makes no such call',
    async (shown) => {
      const id = await known('planned', 'release');
      const before = await written(books);
      expect(await settle(id, SHOWN[shown])).toBe('contradicts');
      expect(await written(books)).toBe(before);
    },
  );
});
