/** Rule: what reads only the part of the movements that can matter comes to the same as looking at all that there ever were. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Intent, isOpen, KINDS, OPEN_STATES } from '../../electron/journal/intent';
import {
  countBegun,
  gatherIntents,
  type JournalContext,
  listIntents,
  movementsPostedTo,
  payoutsReturnedTo,
  standingOf,
  standingOfEach,
  writeIntents,
} from '../../electron/journal/journal';
import { aheadOfBooks } from '../../electron/services/ahead-of-books';
import { circumstancesOf, creatorCircumstances, earningResults } from '../../electron/services/earnings';
import { payoutKey, payoutsNow } from '../../electron/services/monitoring/payouts-now';
import type { Queries } from '../../electron/store/store';
import { currency } from '../../shared/money/money';
import { type Books, openBooks, order } from '../unit/journal/books';
import { enter, WAYS } from '../unit/journal/states';

const PERIODS = ['2026-09', '2026-10', '2026-11', '2026-12'] as const;
const OPEN_PERIOD = '2026-11';

const movement = fc.record({
  kind: fc.constantFrom('pay', 'pay', 'pay', 'fund', 'canary', 'withdraw'),
  creator: fc.constantFrom('c1', 'c2', 'c3'),
  currency: fc.constantFrom('usd', 'eur'),
  period: fc.constantFrom(...PERIODS),
  run: fc.constantFrom('run-1', 'run-2'),
  amount: fc.bigInt(1n, 10_000n),
  state: fc.constantFrom(...(Object.keys(WAYS) as (keyof typeof WAYS)[])),
  laterMs: fc.constantFrom(0, 1, 86_400_000),
});
type Movement = typeof movement extends fc.Arbitrary<infer T> ? T : never;

async function booksOf(movements: readonly Movement[]): Promise<Books> {
  const books = await openBooks();
  await books.store.db.insertInto('setting').values({ key: 'open-period', value: OPEN_PERIOD }).execute();
  let clock = Date.UTC(2026, 8, 1);
  const context: JournalContext = { ...books.context, now: () => new Date(clock) };
  for (const [index, one] of movements.entries()) {
    clock += one.laterMs;
    const { kind, period, run, amount } = one;
    const creatorId = kind === 'pay' ? one.creator : null;
    const intent = { ...order(kind, `s${index}`, amount), period, run, creatorId, currency: currency(one.currency) };
    const [id = ''] = await writeIntents(context, [intent]);
    for (const state of WAYS[one.state]) await enter({ ...books, context }, id, state);
  }
  return books;
}

const byId = (intents: Iterable<Intent>) =>
  new Map([...intents].sort((a, b) => (a.intent_id < b.intent_id ? -1 : 1)).map((one) => [one.intent_id, one]));

/** As it reads when every payout ever made is looked at. */
function plainPayoutsNow(all: readonly Intent[]) {
  const inTransit = new Map<string, bigint>();
  const cameBack = new Set<string>();
  for (const { kind, state, creator_id, currency: code, amount } of all) {
    if (kind !== 'pay') continue;
    const key = payoutKey(creator_id, code);
    if (['processing', 'sending', 'unknown'].includes(state)) inTransit.set(key, (inTransit.get(key) ?? 0n) + amount);
    if (state === 'failed' || state === 'returned') cameBack.add(key);
    else cameBack.delete(key);
  }
  return { inTransit, cameBack };
}

function plainAhead(all: readonly Intent[], period: string) {
  const sums = {
    paid: new Map<string, bigint>(),
    leftStorage: new Map<string, bigint>(),
    later: new Map<string, bigint>(),
  };
  const add = (to: Map<string, bigint>, key: string, amount: bigint) => to.set(key, (to.get(key) ?? 0n) + amount);
  for (const one of all) {
    const back = one.state === 'compensated';
    if (one.state !== 'posted' && one.state !== 'processing' && !back) continue;
    if (one.kind === 'pay' && !back && one.period >= period) {
      add(sums.leftStorage, one.currency, one.amount);
      if (one.state === 'posted') add(sums.paid, `${one.currency} ${one.creator_id}`, one.amount);
    }
    // Of a migration that was rolled back the release counts too: both or neither.
    if (one.kind !== 'pay' && one.kind !== 'withdraw' && one.period > period) add(sums.later, one.currency, one.amount);
  }
  return sums;
}

async function holds(db: Queries): Promise<void> {
  const all = await listIntents(db, {});
  expect(await payoutsNow(db)).toEqual(plainPayoutsNow(all));
  expect(await listIntents(db, { states: OPEN_STATES })).toEqual(all.filter((one) => isOpen(one.state)));
  for (const period of PERIODS) {
    const { paid, leftStorage, laterInStorage } = await aheadOfBooks(db, period);
    const flat = [...paid].flatMap(([code, of]) => [...of].map(([id, sum]) => [`${code} ${id}`, sum] as const));
    expect({ paid: new Map(flat), leftStorage, later: laterInStorage }).toEqual(plainAhead(all, period));
    const returned = (await movementsPostedTo(db, period)).filter(
      (one) => one.kind === 'pay' && one.state === 'returned',
    );
    expect(await payoutsReturnedTo(db, period)).toEqual(returned);
    expect(await listIntents(db, { period })).toEqual(all.filter((one) => one.period === period));
  }
  const since = all[Math.floor(all.length / 2)]?.created_at ?? '';
  for (const states of [['processing'], ['processing', 'posted']] as const) {
    const gathered = await gatherIntents(db, { kinds: ['pay', 'fund'], states, since });
    const plain = all.filter(
      (one) =>
        (one.kind === 'pay' || one.kind === 'fund') &&
        states.some((state) => state === one.state) &&
        one.created_at >= since,
    );
    expect(byId(gathered)).toEqual(byId(plain));
    expect(gathered).toHaveLength(plain.length);
  }
  for (const run of ['run-1', 'run-2']) {
    const ofRun = all.filter((one) => one.run === run);
    const standing = ofRun
      .map(({ intent_id: intentId, kind, subject, state, code }) => ({ intentId, kind, subject, state, code }))
      .sort((a, b) => (a.intentId < b.intentId ? -1 : 1));
    expect(await standingOf(db, run)).toEqual(standing);
    expect([
      ...(
        await standingOfEach(
          db,
          standing.map((one) => one.intentId),
        )
      ).values(),
    ]).toEqual(standing);
    expect(await countBegun(db, run)).toBe(ofRun.filter((one) => one.state !== 'planned').length);
    expect(byId(await gatherIntents(db, { run, kinds: KINDS, states: ['processing'] }))).toEqual(
      byId(ofRun.filter((one) => one.state === 'processing')),
    );
  }
}

test('whatever the movements are, and however they stand', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(movement, { maxLength: 25 }), async (movements) => {
      const books = await booksOf(movements);
      try {
        await holds(books.store.db);
      } finally {
        await books.store.close();
      }
    }),
    { numRuns: 60, seed: 20261031 },
  );
});

test('over the size of a page, none is left out or met twice', async () => {
  const books = await openBooks();
  const ids = await writeIntents(
    books.context,
    Array.from({ length: 1_001 }, (_, index) => ({
      ...order('pay', `s${index}`),
      creatorId: `c${index}`,
      run: 'run-1',
    })),
  );
  await holds(books.store.db);
  expect(
    (await gatherIntents(books.store.db, { kinds: KINDS, states: OPEN_STATES })).map((one) => one.intent_id),
  ).toEqual(ids);
  expect((await standingOf(books.store.db, 'run-1')).map((one) => one.intentId)).toEqual(ids);
  await books.store.close();
});

test('earnings and creators are the same in pages, and the last payout of a creator is the one that counts', async () => {
  const books = await openBooks();
  const { db } = books.store;
  const creators = Array.from({ length: 1_203 }, (_, index) => `c${index}`);
  const owed = creators.flatMap((id, index): [string, string][] =>
    index % 5 === 0
      ? [
          [id, 'usd'],
          [id, 'eur'],
        ]
      : [[id, 'usd']],
  );
  await books.store.transaction(async (tx) => {
    for (const [index, id] of creators.entries()) {
      const named = { display_name: `Creator ${index}`, email: '', stripe_account: `acct_${id}` };
      await tx
        .insertInto('creator')
        .values({ creator_id: id, ...named, hold_reason: index % 7 === 0 ? 'Disputed' : '' })
        .execute();
      if (index % 11 > 0) continue;
      await tx.insertInto('creator_hold').values({ creator_id: id, reason: 'Asked', at: 'x', actor: 'Test' }).execute();
    }
    for (const [id, code] of owed) {
      const amounts = { gross: 1_000n, fee: 0n, net: 1_000n, opening: 0n, payable: 1_000n };
      const closed = { closed_paid: null, closed_disposition: null, closed_reason: null };
      const row = { period: '2026-10', creator_id: id, currency: code, disposition: 'paid', reason: '', fee_rule: 'r' };
      await tx
        .insertInto('earning')
        .values({ ...row, ...amounts, ...closed })
        .execute();
    }
  });
  let clock = Date.UTC(2026, 10, 2);
  // Ids that go down while the time goes up: it is the time that says which payout is the last.
  let next = 999_999;
  const context = {
    ...books.context,
    now: () => {
      clock += 1;
      return new Date(clock);
    },
    newId: () => {
      next -= 1;
      return `id-${next}`;
    },
  };
  const expected = new Map(owed.map(([id, code]) => [`${id} ${code}`, { paid: 0n, disposition: 'planned' }]));
  const begun = new Set<string>();
  for (const [attempt, every] of [60, 120].entries()) {
    for (const [index, [creatorId, code]] of owed.entries()) {
      if (index % every > 0) continue;
      const state = (['posted', 'failed', 'returned', 'planned'] as const)[(index / every + attempt) % 4] ?? 'planned';
      const before = expected.get(`${creatorId} ${code}`)?.disposition;
      if (before === 'paid' || begun.has(`${creatorId} ${code}`)) continue;
      if (state === 'planned') begun.add(`${creatorId} ${code}`);
      const intent = { ...order('pay', `${creatorId} ${code}`), creatorId, currency: currency(code) };
      const [id = ''] = await writeIntents(context, [intent]);
      for (const step of WAYS[state]) await enter({ ...books, context }, id, step);
      const disposition = state === 'posted' ? 'paid' : state;
      expected.set(`${creatorId} ${code}`, { paid: state === 'posted' ? 1_000n : 0n, disposition });
    }
  }
  const results = await earningResults(db, '2026-10');
  const keys = results.map((one) => `${one.creatorId} ${one.currency}`);
  expect(keys).toEqual([...expected.keys()].sort());
  for (const { creatorId, currency: code, paid, disposition } of results) {
    expect({ paid, disposition }, `${creatorId} ${code}`).toEqual(expected.get(`${creatorId} ${code}`));
  }
  expect(new Set(results.map((one) => one.disposition))).toEqual(new Set(['planned', 'paid', 'failed', 'returned']));
  expect(await earningResults(db, '2026-10', 'c600')).toEqual(results.filter((one) => one.creatorId === 'c600'));

  const circumstances = await creatorCircumstances(db);
  expect([...circumstances.keys()]).toEqual([...creators].sort());
  for (const id of ['c0', 'c77', 'c7', 'c11', 'c500', 'c1202']) {
    expect(circumstances.get(id)).toEqual(await circumstancesOf(db, id));
  }
  expect(circumstances.get('c77')?.holdReason).toBe('Disputed; Asked');
  expect(await circumstancesOf(db, 'nobody')).toBeUndefined();
  await books.store.close();
});
