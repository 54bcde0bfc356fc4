/** Rows that are inserted many at a time are read back as they were given, and belong to their transaction. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { insertRows } from '../../electron/services/bulk-rows';
import type { Kinds } from '../../electron/services/worker/packed';
import type { Schema } from '../../electron/store/schema';
import { openStore } from '../../electron/store/store';
import { always } from './seed';

type Row = Omit<Schema['earning'], 'closed_paid' | 'closed_disposition' | 'closed_reason'>;

/** In another order than the table's. */
const KINDS: Kinds<Row> = {
  payable: 'amount',
  creator_id: 'text',
  period: 'text',
  currency: 'text',
  gross: 'amount',
  fee: 'amount',
  net: 'amount',
  reason: 'text',
  opening: 'amount',
  disposition: 'text',
  fee_rule: 'text',
};

const MOST = 2n ** 63n - 1n;
const LEAST = -(2n ** 63n);

const amount = fc.oneof(
  fc.bigInt({ min: 0n, max: 99_999n }),
  fc.bigInt({ min: -999n, max: 999n }),
  fc.bigInt({ min: LEAST, max: MOST }),
  fc.constantFrom(MOST, LEAST, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 0n),
);
/** What can be cut apart by position, and what cannot. Not NUL: the driver reads a text up to it, however it was written. */
const plain = fc.constantFrom('', 'a', 'ab', 'é', 'ü€', ' ', ' a ', '"', '\\', '\n', "'", '?', '\\u0000', '-1', '7');
const odd = fc.oneof(
  fc.constantFrom('\u007f', 'a\u007f', '\u007fa', '😀', '\ufeff', '\uffff', 'x'.repeat(600)),
  fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\u0000')),
);
const rowsOf = (text: fc.Arbitrary<string>) =>
  fc.uniqueArray(
    fc.record({
      period: fc.constantFrom('2026-09', '2026-10'),
      currency: fc.constantFrom('usd', 'eur'),
      creator_id: text,
      gross: amount,
      fee: amount,
      net: amount,
      opening: amount,
      payable: amount,
      disposition: fc.constantFrom('none', 'held', 'carried', 'paid'),
      reason: text,
      fee_rule: text,
    }),
    { maxLength: 12, selector: (row) => JSON.stringify([row.period, row.creator_id, row.currency]) },
  );

const byKey = (a: Row, b: Row): number => {
  const [one, other] = [a, b].map((row) => JSON.stringify([row.period, row.creator_id, row.currency]));
  return (one as string) < (other as string) ? -1 : 1;
};

test('any texts and amounts are read back as they were given; what is not named is null', () =>
  always(
    fc.asyncProperty(fc.oneof(rowsOf(plain), rowsOf(fc.oneof(plain, odd))), async (rows) => {
      const store = openStore(':memory:');
      await store.transaction((tx) => insertRows(tx, 'earning', KINDS, rows, (row) => row));
      const read = await store.db.selectFrom('earning').selectAll().execute();
      const expected = rows.map((row) => ({
        ...row,
        closed_paid: null,
        closed_disposition: null,
        closed_reason: null,
      }));
      expect(read.sort(byKey)).toEqual(expected.sort(byKey));
      await store.close();
    }),
    400,
  ));

const plainRow = (index: number): Row => ({
  period: '2026-10',
  currency: 'usd',
  creator_id: `creator_${index}`,
  gross: BigInt(index),
  fee: 0n,
  net: BigInt(index),
  opening: 0n,
  payable: BigInt(index),
  disposition: 'paid',
  reason: '',
  fee_rule: 'fee-700bps-half-up',
});
const many = Array.from({ length: 2_501 }, (_, index) => plainRow(index));

test('more rows than go over at a time', async () => {
  const store = openStore(':memory:');
  await store.transaction((tx) => insertRows(tx, 'earning', KINDS, many, (row) => row));
  const read = await store.db.selectFrom('earning').selectAll().orderBy('gross').execute();
  expect(read.map(({ creator_id, payable }) => [creator_id, payable])).toEqual(
    many.map(({ creator_id, payable }) => [creator_id, payable]),
  );
  await store.close();
});

test.each([
  ['an amount beyond 64 bits', { payable: MOST + 1n }, /do not fit into 64 bits/],
  ['an amount below 64 bits', { opening: LEAST - 1n }, /do not fit into 64 bits/],
  ['a row that is there already', { creator_id: 'creator_0' }, /UNIQUE/],
])('%s is refused, and nothing of its transaction stays', async (_, wrong, message) => {
  const store = openStore(':memory:');
  const rows = [...many, { ...plainRow(9_999), ...wrong }];
  await expect(store.transaction((tx) => insertRows(tx, 'earning', KINDS, rows, (row) => row))).rejects.toThrow(
    message,
  );
  expect(await store.db.selectFrom('earning').selectAll().execute()).toEqual([]);
  await store.close();
});
