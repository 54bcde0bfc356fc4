/** Rule: splitting is by largest remainder, ties by id in ascending byte order. */
import { describe, expect, test } from 'vitest';
import { byBytes, splitLargestRemainder } from '../../../shared/money/split';

const split = (total: bigint, shares: Record<string, bigint>) =>
  splitLargestRemainder(
    total,
    Object.entries(shares).map(([id, weight]) => ({ id, weight })),
  );

describe('Largest remainder', () => {
  test('floors each share and hands the left-over units to the largest fractions', () => {
    // 10 × 5/12 = 4.17, 10 × 4/12 = 3.33, 10 × 3/12 = 2.5: one unit is left, for 2.5.
    expect(split(10n, { a: 5n, b: 4n, c: 3n })).toEqual([4n, 3n, 3n]);
  });

  test('gives a unit that several have an equal claim to, to the first id by bytes', () => {
    expect(split(1n, { b: 1n, a: 1n, c: 1n })).toEqual([0n, 1n, 0n]);
    expect(split(2n, { b: 1n, a: 1n, c: 1n })).toEqual([1n, 1n, 0n]);
    // o10 comes before o2: bytes, not numbers.
    expect(split(1n, { o2: 1n, o10: 1n })).toEqual([0n, 1n]);
    expect(split(1n, { a: 1n, B: 1n })).toEqual([0n, 1n]);
  });

  test('the over-allocated subscriber of the fixture: 10.00 over 29.98', () => {
    const [odd, formula, utf, disabled] = split(1_000n, { o3: 1n, o1: 999n, o2: 999n, o10: 999n });
    expect([odd, formula, utf, disabled]).toEqual([1n, 333n, 333n, 333n]);
  });

  test('keeps the order of the shares and sums to the total', () => {
    const parts = split(100n, { z: 1n, y: 1n, x: 1n });
    expect(parts).toEqual([33n, 33n, 34n]);
    expect(parts.reduce((a, b) => a + b)).toBe(100n);
  });

  test('nothing to split, nobody to give to, or nobody with a claim: zeros', () => {
    expect(split(0n, { a: 1n, b: 2n })).toEqual([0n, 0n]);
    expect(split(5n, {})).toEqual([]);
    expect(split(5n, { a: 0n, b: 0n })).toEqual([0n, 0n]);
  });

  test('a share without a claim gets nothing, not even a left-over unit', () => {
    expect(split(1n, { a: 0n, b: 3n, c: 3n })).toEqual([0n, 1n, 0n]);
  });

  test('refuses negative totals and weights', () => {
    expect(() => split(-1n, { a: 1n })).toThrow('Cannot split a negative amount');
    expect(() => split(1n, { a: -1n, b: 2n })).toThrow('Share a has a negative weight');
  });
});

test('byte order is that of UTF-8: beyond the surrogates too', () => {
  const names = ['é', 'z', 'Z', '😀', '\uFFFD', 'a', 'ab', '', 'a\u0000'];
  const bytes = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  expect([...names].sort(byBytes)).toEqual(bytes);
});
