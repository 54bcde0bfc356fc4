/** Rule: double entry. Σ debits = Σ credits per currency after every transaction; nothing is edited. */
import { describe, expect, test } from 'vitest';
import * as accounts from '../../../electron/ledger/accounts';
import {
  assertBalanced,
  balance,
  keptInSuspense,
  lastEntry,
  move,
  owedToCreators,
  type Posting,
  post,
  sumsOverpaid,
  sumsOwed,
  trialBalance,
} from '../../../electron/ledger/ledger';
import { type Books, openBooks } from '../journal/books';

const { owedTo, suspenseOf } = accounts;

async function posted(books: Books, txId: string, postings: readonly Posting[]): Promise<void> {
  await books.store.transaction((tx) =>
    post(tx, { txId, at: new Date(0), kind: 'test', period: '2026-10', intentId: null, description: 'Test', postings }),
  );
}

describe('A transaction', () => {
  test('balances in each currency apart: dollars do not make up for yen', async () => {
    expect(() => assertBalanced(move('a', 'b', 'usd', 5n))).not.toThrow();
    expect(() => assertBalanced([...move('a', 'b', 'usd', 5n), { account: 'a', currency: 'usd', amount: 1n }])).toThrow(
      'Unbalanced',
    );
    expect(() =>
      assertBalanced([
        { account: 'a', currency: 'usd', amount: 5n },
        { account: 'b', currency: 'jpy', amount: -5n },
      ]),
    ).toThrow('Unbalanced');
  });

  test('is refused with the currency and the amount that is missing', () => {
    const postings = [...move('a', 'b', 'usd', 5n), { account: 'a', currency: 'jpy', amount: -3n }];
    expect(() => assertBalanced(postings)).toThrow('Unbalanced ledger transaction: -3 jpy');
  });

  test('debits where the money goes and credits where it comes from', () => {
    expect(move('payments', 'storage', 'usd', 5n)).toEqual([
      { account: 'storage', currency: 'usd', amount: 5n },
      { account: 'payments', currency: 'usd', amount: -5n },
    ]);
  });

  test('that does not balance writes nothing', async () => {
    const books = await openBooks();
    await expect(posted(books, 't1', [{ account: 'payments', currency: 'usd', amount: 5n }])).rejects.toThrow(
      'Unbalanced',
    );
    expect(await trialBalance(books.store.db)).toEqual(new Map());
  });

  test('of zeros leaves no trace; a zero among others is left out', async () => {
    const books = await openBooks();
    await posted(books, 't1', move('a', 'b', 'usd', 0n));
    await posted(books, 't2', [...move('a', 'b', 'usd', 5n), ...move('a', 'c', 'usd', 0n)]);
    const entries = await books.store.db.selectFrom('ledger_entry').select('tx_id').execute();
    expect(entries.map((entry) => entry.tx_id)).toEqual(['t2', 't2']);
    expect(await books.store.db.selectFrom('ledger_transaction').select('tx_id').execute()).toEqual([{ tx_id: 't2' }]);
  });

  test('of many entries is written whole', async () => {
    const books = await openBooks();
    const postings = Array.from({ length: 1_201 }, (_, index) =>
      move('undistributed', owedTo(`c${index}`), 'usd', -BigInt(index + 1)),
    ).flat();
    await posted(books, 't1', postings);
    expect(await balance(books.store.db, owedTo('c1200'), 'usd')).toBe(-1_201n);
    expect(await trialBalance(books.store.db)).toEqual(new Map([['usd', 0n]]));
  });
});

test.each([250, 500])('a transaction of %i moves, two entries each, is written whole', async (count) => {
  const books = await openBooks();
  await posted(books, 't1', Array.from({ length: count }, () => move('payments', 'storage', 'usd', 1n)).flat());
  expect(await balance(books.store.db, 'storage', 'usd')).toBe(BigInt(count));
});

test('the last entry is that of the latest posting; before the first there is none', async () => {
  const books = await openBooks();
  expect(await lastEntry(books.store.db)).toBe(0n);
  await posted(books, 't1', move('payments', 'storage', 'usd', 5n));
  await posted(books, 't2', move('payments', 'storage', 'usd', 5n));
  const entries = await books.store.db.selectFrom('ledger_entry').select('entry_id').orderBy('entry_id').execute();
  expect(entries).toHaveLength(4);
  expect(await lastEntry(books.store.db)).toBe(entries[3]?.entry_id);
});

describe('What is owed', () => {
  test('is a credit balance: positive, by creator and currency, without those that are settled', async () => {
    const books = await openBooks();
    await posted(books, 't1', [
      ...move(owedTo('b'), 'undistributed', 'usd', 500n),
      ...move(owedTo('a'), 'undistributed', 'usd', 100n),
      ...move(owedTo('a'), 'undistributed', 'jpy', 7n),
      ...move(suspenseOf('ghost'), 'undistributed', 'usd', 12n),
    ]);
    await posted(books, 't2', move('storage', owedTo('b'), 'usd', 500n));
    expect(await owedToCreators(books.store.db)).toEqual([
      { id: 'a', currency: 'jpy', owed: 7n },
      { id: 'a', currency: 'usd', owed: 100n },
    ]);
    expect(await keptInSuspense(books.store.db)).toEqual([{ id: 'ghost', currency: 'usd', owed: 12n }]);
  });

  test('sums by currency: who was paid too much does not lessen what others are owed, nor does what is kept', async () => {
    const books = await openBooks();
    await posted(books, 't1', [
      ...move(owedTo('a'), 'undistributed', 'usd', 100n),
      ...move(owedTo('b'), 'undistributed', 'usd', 20n),
      ...move(owedTo('b'), 'undistributed', 'jpy', 7n),
      ...move('undistributed', owedTo('c'), 'usd', 30n),
      ...move('undistributed', owedTo('d'), 'usd', 4n),
      ...move('undistributed', owedTo('d'), 'eur', 5n),
      ...move(owedTo('e'), 'undistributed', 'gbp', 6n),
      ...move('undistributed', owedTo('e'), 'gbp', 6n),
      ...move(suspenseOf('ghost'), 'undistributed', 'usd', 12n),
      ...move('inbound', 'outbound', 'chf', 9n),
    ]);
    const { db } = books.store;
    expect(await sumsOwed(db)).toEqual(
      new Map([
        ['jpy', 7n],
        ['usd', 120n],
      ]),
    );
    expect(await sumsOverpaid(db)).toEqual(
      new Map([
        ['eur', 5n],
        ['usd', 34n],
      ]),
    );
  });

  test('names with colons, spaces and letters beyond ASCII keep apart', async () => {
    const books = await openBooks();
    const ids = ['a:b', 'a', ';x', 'Zoë 😀', '', 'owed:a', '￿'];
    await posted(
      books,
      't1',
      ids.flatMap((id, index) => move(owedTo(id), 'undistributed', 'usd', BigInt(index + 1))),
    );
    const owed = Object.fromEntries((await owedToCreators(books.store.db)).map((row) => [row.id, row.owed]));
    expect(owed).toEqual(Object.fromEntries(ids.map((id, index) => [id, BigInt(index + 1)])));
  });
});

test('the accounts keep the names under which existing books hold their balances', () => {
  expect([
    [accounts.PAYMENTS, accounts.STORAGE, accounts.INBOUND, accounts.OUTBOUND],
    [accounts.UNDISTRIBUTED, accounts.FEE_REVENUE, accounts.LAPSED_REVENUE, accounts.STRIPE_COSTS],
    [accounts.WITHDRAWING, accounts.WITHDRAWN, accounts.REFUNDS_BORNE, accounts.REVENUE_PREFIX],
    [owedTo('c1'), suspenseOf('c1')],
  ]).toEqual([
    ['payments', 'storage', 'inbound', 'outbound'],
    ['undistributed', 'revenue:fee', 'revenue:lapsed', 'stripe-costs'],
    ['withdrawing', 'withdrawn', 'revenue:borne', 'revenue:'],
    ['owed:c1', 'suspense:c1'],
  ]);
});

test('the trial balance and each balance keep currencies apart', async () => {
  const books = await openBooks();
  await posted(books, 't1', [...move('payments', 'storage', 'usd', 5n), ...move('payments', 'storage', 'jpy', 7n)]);
  const { db } = books.store;
  expect(await trialBalance(db)).toEqual(
    new Map([
      ['usd', 0n],
      ['jpy', 0n],
    ]),
  );
  expect([await balance(db, 'storage', 'usd'), await balance(db, 'storage', 'jpy')]).toEqual([5n, 7n]);
  expect([await balance(db, 'payments', 'usd'), await balance(db, 'storage', 'eur')]).toEqual([-5n, 0n]);
});

test('the trial balance shows an entry that something else put into the books', async () => {
  const books = await openBooks();
  await posted(books, 't1', move('payments', 'storage', 'usd', 5n));
  books.store.exec("INSERT INTO ledger_entry (tx_id, account, currency, amount) VALUES ('t1', 'storage', 'usd', 1)");
  expect(await trialBalance(books.store.db)).toEqual(new Map([['usd', 1n]]));
});

test('an account nobody posted to holds nothing', async () => {
  expect(await balance((await openBooks()).store.db, 'payments', 'usd')).toBe(0n);
});
