/** Rows read as columns are the rows: every character of an id, every size of a page, every amount that a number can hold. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { columnPages } from '../../../electron/store/column-pages';
import { openStore, type Store } from '../../../electron/store/store';

const MOST = BigInt(Number.MAX_SAFE_INTEGER);
/** What could go wrong in a text of JSON, and ids whose byte order is not that of UTF-16. */
const IDS = [
  '"',
  '\\',
  "'",
  '\u0001',
  '\n',
  '\u007f',
  'é',
  '\u2028',
  '\uffff',
  '😀',
  'a',
  'a ',
  'A',
  '1',
  'null',
  '{}',
];

let store: Store;

beforeEach(() => {
  store = openStore(':memory:');
  const subscriber = store.prepare('INSERT INTO subscriber VALUES (?, ?)');
  const payment = store.prepare(`INSERT INTO payment VALUES (?, ?, '2026-10', 'usd', ?, 0, 'succeeded', '')`);
  for (const id of IDS) subscriber.run(id, id);
  IDS.forEach((id, index) => {
    payment.run(`1${id}`, id, BigInt(index));
    payment.run(`0${id}`, id, MOST - BigInt(index));
  });
});

afterEach(() => store.close());

type Columns = { subscriber_id: string; payment_id: string; amount: number };

function read(rowsOfAPage: number): { rows: unknown[]; pages: number } {
  const rows: unknown[] = [];
  let pages = 0;
  const query = {
    columns: { subscriber_id: 'subscriber_id', payment_id: 'payment_id', amount: 'amount' },
    from: 'payment WHERE period = ?',
    parameters: ['2026-10'],
    key: ['subscriber_id', 'payment_id'] as const,
  };
  for (const page of columnPages<Columns>(store, query, rowsOfAPage)) {
    pages += 1;
    page.amount.forEach((amount, row) => {
      rows.push({ subscriber_id: page.subscriber_id[row], payment_id: page.payment_id[row], amount: BigInt(amount) });
    });
  }
  return { rows, pages };
}

test.each([1, 2, 3, 31, 32, 33, 1_000])('pages of %i rows hold each row once, in byte order', (rowsOfAPage) => {
  const expected = [
    ...store.iterate('SELECT subscriber_id, payment_id, amount FROM payment ORDER BY subscriber_id, payment_id'),
  ];
  expect(expected).toHaveLength(2 * IDS.length);
  const { rows, pages } = read(rowsOfAPage);
  expect(rows).toEqual(expected);
  expect(pages).toBe(Math.floor(expected.length / rowsOfAPage) + 1);
});

test('pages are read along the index of the key, not sorted', () => {
  const plan = [
    ...store.iterate<{ detail: string }>(
      `EXPLAIN QUERY PLAN SELECT amount FROM payment WHERE period = ? AND (subscriber_id, payment_id) > (?, ?)
       ORDER BY subscriber_id, payment_id LIMIT 10`,
      '2026-10',
      '',
      '',
    ),
  ].map((row) => row.detail);
  expect(plan.join()).toContain('payment_by_month');
  expect(plan.join()).not.toContain('TEMP B-TREE');
});

test('an amount beyond 2^53 − 1 never reads as one that is not', () => {
  store.exec(`UPDATE payment SET amount = ${MOST + 2n} WHERE payment_id = '1a'`);
  const amounts = read(5).rows.map((row) => (row as { amount: bigint }).amount);
  expect(amounts.filter((amount) => amount > MOST)).toHaveLength(1);
});
