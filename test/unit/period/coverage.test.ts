/** Rule: coverage = what Storage holds, on its way in and out included, over what is owed. */
import { describe, expect, test } from 'vitest';
import { coverageBps, coverageDifference, splitBand } from '../../../shared/period/coverage';

const terms = (storageAvailable: bigint, owed: bigint, inboundPending = 0n, outboundPending = 0n) => ({
  storageAvailable,
  inboundPending,
  outboundPending,
  owed,
});

describe('Coverage', () => {
  test('has no percentage when nothing is owed: it is not applicable, and neither 0 % nor 100 %', () => {
    expect(coverageBps(terms(0n, 0n))).toBeNull();
    expect(coverageBps(terms(1_000n, 0n))).toBeNull();
  });

  test.each([
    [700_000n, 700_000n, 10_000],
    [699_999n, 700_000n, 9_999],
    [700_001n, 700_000n, 10_000],
    [0n, 1n, 0],
    [770_000n, 700_000n, 11_000],
    [1n, 3n, 3_333],
  ])('%s of %s owed is %i basis points: rounded down, so that a cent short is never 100 %%', (storage, owed, bps) => {
    expect(coverageBps(terms(storage, owed))).toBe(bps);
  });

  test('money on its way counts on both sides until it has arrived', () => {
    expect(coverageBps(terms(100n, 700n, 500n, 100n))).toBe(10_000);
    expect(coverageDifference(terms(100n, 700n, 500n, 100n))).toBe(0n);
    expect(coverageDifference(terms(99n, 700n, 500n, 100n))).toBe(-1n);
    expect(coverageDifference(terms(101n, 700n, 500n, 100n))).toBe(1n);
  });
});

describe('Payments : Storage, for information only', () => {
  test.each([
    [3_000n, 7_000n, 3_000, 'normal'],
    [1_001n, 8_999n, 1_001, 'normal'],
    [1_000n, 9_000n, 1_000, 'watch'],
    [501n, 9_499n, 501, 'watch'],
    [500n, 9_500n, 500, 'alert'],
    [0n, 1n, 0, 'alert'],
    [1n, 0n, 10_000, 'normal'],
  ] as const)('%s : %s', (payments, storage, shareBps, band) => {
    expect(splitBand(payments, storage)).toEqual({ shareBps, band });
  });

  test('without any money, or with Payments below zero, there is no share', () => {
    expect(splitBand(0n, 0n)).toEqual({ shareBps: null, band: 'none' });
    expect(splitBand(-1n, 100n)).toEqual({ shareBps: null, band: 'none' });
  });
});
