/** The rows of a list come out of their bytes as they went in, and a search in bytes finds what one in texts does. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ListRows, packList } from '../../../electron/services/lists/packed-list';
import { buffersIn } from '../../../electron/services/worker/heavy-work';

interface Row {
  readonly name: string;
  readonly id: string;
  readonly note: string | null;
  readonly attempts: number;
}

const searched = (row: Row) => [row.name, row.id];

async function listOf(rows: readonly Row[]): Promise<ListRows<Row>> {
  const packed = await packList(rows, searched);
  return new ListRows<Row>(structuredClone(packed, { transfer: buffersIn(packed) }));
}

/** Few letters, of one to four bytes, so that much is found; some get longer in small letters. */
const text = fc.string({ unit: fc.constantFrom('a', 'B', 'Σ', 'İ', 'é', '€', '😀', '\n', ' '), maxLength: 6 });
const row: fc.Arbitrary<Row> = fc.record({
  name: text,
  id: text,
  note: fc.option(fc.string({ unit: 'binary' })),
  attempts: fc.nat(),
});

test('rows and what is found in them are the same as of texts', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 30 }), text, async (rows, wanted) => {
      const list = await listOf(rows);
      expect(list.length).toBe(rows.length);
      expect(rows.map((_, place) => list.row(place))).toEqual(rows);
      const small = wanted.toLowerCase();
      fc.pre(small !== '');
      const places = rows.flatMap((one, place) =>
        searched(one).join('\n').toLowerCase().includes(small) ? [place] : [],
      );
      expect([...(await list.search(small))]).toEqual(places);
    }),
    { seed: 20261126, numRuns: 500 },
  );
});

test('a list of more than is searched at once is searched to its end', async () => {
  const rows = Array.from({ length: 3_000 }, (_, place) => ({
    name: `${place} `.padEnd(1_000, 'x'),
    id: place % 7 === 0 ? 'seventh' : '',
    note: null,
    attempts: place,
  }));
  const list = await listOf(rows);
  expect([...(await list.search('seventh'))]).toEqual(rows.flatMap((_, place) => (place % 7 === 0 ? [place] : [])));
  expect([...(await list.search('2999 x'))]).toEqual([2_999]);
  expect((await list.search('x')).length).toBe(3_000);
});

test('a row that alone is longer than what is searched at once is searched too', async () => {
  const rows = ['a', 'b'].map((id) => ({ name: 'x'.repeat(1_500_000), id, note: null, attempts: 0 }));
  expect([...(await (await listOf(rows)).search('b'))]).toEqual([1]);
});
