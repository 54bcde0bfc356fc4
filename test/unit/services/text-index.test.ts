import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TextIndex } from '../../../electron/services/text-index';

/** Few texts, so that many come again; some of them no ASCII, one empty. */
const someText = fc.oneof(
  fc.constantFrom('', 'ch_1', 'ch_2', 'obp_test_0000000000000001', 'é', '田中', '😀'),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.nat({ max: 200 }).map((index) => `obp_test_${String(index).padStart(16, '0')}`),
);

test('knows what a Map knows: each text with its latest number, and no other', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(someText, fc.nat())), fc.array(someText), (put, asked) => {
      const map = new Map(put);
      const index = new TextIndex(map.size);
      for (const [text, value] of put) index.set(text, value);
      for (const text of [...asked, ...map.keys()]) expect(index.get(text)).toBe(map.get(text));
    }),
    { seed: 20261125, numRuns: 300 },
  );
});

test('takes a text in the first time only, and tells its number from then on', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(someText, fc.nat())), (put) => {
      const map = new Map<string, number>();
      const index = new TextIndex(new Set(put.map(([text]) => text)).size);
      for (const [text, value] of put) {
        expect(index.getOrSet(text, value)).toBe(map.get(text));
        map.set(text, map.get(text) ?? value);
        expect(index.get(text)).toBe(map.get(text));
      }
    }),
    { seed: 20261126, numRuns: 300 },
  );
});

test('holds a hundred thousand ids that differ in their last digits', () => {
  const id = (index: number) => `txn_${String(index).padStart(20, '0')}`;
  const index = new TextIndex(100_000);
  for (let at = 0; at < 100_000; at += 1) index.set(id(at), at);
  for (let at = 0; at < 100_000; at += 977) expect(index.get(id(at))).toBe(at);
  expect(index.get(id(100_000))).toBeUndefined();
});

test('more texts than it was made for are an error', () => {
  const index = new TextIndex(1);
  index.set('a', 1);
  index.set('a', 2);
  expect(index.get('a')).toBe(2);
  expect(() => index.set('b', 1)).toThrow('More than 1 texts');
});

test('one for nothing knows nothing', () => {
  expect(new TextIndex(0).get('a')).toBeUndefined();
});
