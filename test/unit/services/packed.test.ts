/** A table comes out of its columns as it went in, and the loop is free in between. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inSlices } from '../../../electron/services/slices';
import { buffersIn } from '../../../electron/services/worker/heavy-work';
import { type Kinds, PackedRows, pack, unpack } from '../../../electron/services/worker/packed';

interface Row {
  readonly name: string;
  readonly amount: bigint;
  readonly flag: boolean;
}

const KINDS: Kinds<Row> = { name: 'text', amount: 'amount', flag: 'flag' };
const row: fc.Arbitrary<Row> = fc.record({
  name: fc.string({ unit: 'binary' }),
  amount: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  flag: fc.boolean(),
});

test('rows cross a thread as they are, empty and strange texts and the largest amounts of the store too', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 30 }), async (rows) => {
      const table = pack(rows, KINDS);
      expect(await unpack(structuredClone(table, { transfer: buffersIn(table) }))).toEqual(rows);
    }),
    { seed: 20261125, numRuns: 200 },
  );
});

test('rows that stay packed are the same, one by one, all together and by a cell', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 30 }), (rows) => {
      const packed = new PackedRows(pack(rows, KINDS));
      expect(packed.length).toBe(rows.length);
      expect([...packed]).toEqual(rows);
      for (const [place, one] of rows.entries()) {
        expect(packed.at(place)).toEqual(one);
        expect(packed.find('amount', one.amount)).toEqual(rows.find(({ amount }) => amount === one.amount));
        expect(packed.find('name', `${one.name}, another`)).toEqual(
          rows.find(({ name }) => name === `${one.name}, another`),
        );
      }
    }),
    { seed: 20261126, numRuns: 200 },
  );
});

test('two packed tables are held to be the same by their rows', () => {
  const of = (amount: bigint) => new PackedRows(pack([{ name: 'a', amount, flag: true }], KINDS));
  expect(new Map([['usd', { rows: of(1n) }]])).toEqual(new Map([['usd', { rows: of(1n) }]]));
  expect(new Map([['usd', { rows: of(1n) }]])).not.toEqual(new Map([['usd', { rows: of(2n) }]]));
});

test('an amount that the store cannot hold is refused, not cut', () => {
  expect(() => pack([{ name: 'a', amount: 2n ** 63n, flag: false }], KINDS)).toThrow(RangeError);
});

test('others get their turn between slices', async () => {
  let turns = 0;
  let done = false;
  const count = () => {
    turns += 1;
    if (!done) setImmediate(count);
  };
  setImmediate(count);
  let seen = 0;
  // Long enough for several slices on any machine: each 200 take longer than a slice.
  await inSlices(1_000, (index) => {
    seen += 1;
    if (index % 200 === 199) for (const until = performance.now() + 11; performance.now() < until; );
  });
  done = true;
  expect(seen).toBe(1_000);
  expect(turns).toBeGreaterThanOrEqual(4);
});
