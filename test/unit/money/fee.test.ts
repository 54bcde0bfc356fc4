/** Rule: the fee is half up on the magnitude, `(gross × bps + 5000) / 10000`, per creator, currency and period. */
import { describe, expect, test } from 'vitest';
import { FEE_RULE_VERSION, feeRuleBps, feeRuleName, platformFee } from '../../../shared/money/fee';

describe('The platform fee of 7 %', () => {
  test.each([
    [0n, 0n],
    [1n, 0n],
    // 0.49: down. 0.56: up. The first cent of fee is taken at 8.
    [7n, 0n],
    [8n, 1n],
    // 3.5 exactly: half goes up.
    [50n, 4n],
    [49n, 3n],
    [51n, 4n],
    [150n, 11n],
    [2_687n, 188n],
    [2_688n, 188n],
    [10_500n, 735n],
    [9_800n, 686n],
    [70_000n, 4_900n],
  ])('of %s is %s', (gross, fee) => {
    expect(platformFee(gross, 700)).toBe(fee);
  });

  test('of a negative gross is the same amount the other way: half up on the magnitude', () => {
    for (const gross of [1n, 7n, 8n, 49n, 50n, 51n, 2_687n])
      expect(platformFee(-gross, 700)).toBe(-platformFee(gross, 700));
  });

  test('is taken of each creator: seven fees of 100 differ from one of 700 where rounding says so', () => {
    expect(7n * platformFee(93n, 700)).toBe(49n);
    expect(platformFee(651n, 700)).toBe(46n);
  });

  test('at the ends of its range is nothing and everything, and never more than the gross', () => {
    expect(platformFee(12_345n, 0)).toBe(0n);
    expect(platformFee(12_345n, 10_000)).toBe(12_345n);
    expect(platformFee(1n, 5_000)).toBe(1n);
    expect(platformFee(1n, 4_999)).toBe(0n);
  });

  test.each([-1, 10_001, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %s basis points', (bps) => {
    expect(() => platformFee(100n, bps)).toThrow('not possible');
  });

  test('holds for amounts far beyond what a number carries', () => {
    expect(platformFee(10n ** 30n + 50n, 700)).toBe(7n * 10n ** 28n + 4n);
  });
});

describe('The name of the rule that an earning was charged by', () => {
  test('keeps the rule and the rate for the auditor, and gives the rate back', () => {
    expect(FEE_RULE_VERSION).toBe('half-up-v1');
    expect(feeRuleName(700)).toBe('half-up-v1@700');
    for (const bps of [0, 7, 700, 10_000]) expect(feeRuleBps(feeRuleName(bps))).toBe(bps);
  });

  test.each([
    '',
    '700',
    'half-up-v1',
    'half-up-v1@',
    'half-up-v2@700',
    'half-up-v1@7.5',
    'half-up-v1@-7',
    'half-up-v1@123456',
    ' half-up-v1@700',
    'half-up-v1@700 ',
  ])('"%s" is not one', (name) => {
    expect(() => feeRuleBps(name)).toThrow(`"${name}" is not a fee rule`);
  });
});
