/** Rule: money is whole minor units with a lower-case ISO currency; text and back loses nothing. Source: docs/rules.md, "Money". */
import { describe, expect, test } from 'vitest';
import {
  abs,
  currency,
  fromDecimal,
  fromStripeAmount,
  isCurrency,
  max,
  min,
  minorUnitDigits,
  parseCurrency,
  sum,
  toDecimal,
  toStripeAmount,
} from '../../../shared/money/money';

const USD = currency('usd');
const JPY = currency('jpy');
const KWD = currency('kwd');

describe('A currency', () => {
  test('is known by its ISO code in any case, and kept in lower case', () => {
    for (const text of ['usd', 'USD', 'Usd']) expect(parseCurrency(text)).toBe('usd');
  });

  test.each(['', 'us', 'usdd', 'xxx', 'btc', 'usd ', '€', 'constructor', '__proto__'])('"%s" is not one', (text) => {
    expect(parseCurrency(text)).toBeUndefined();
    expect(isCurrency(text)).toBe(false);
    expect(() => currency(text)).toThrow('Unknown currency');
  });

  test('has the minor unit of Stripe: sixteen without decimals, five with three, all others two', () => {
    const zero = 'bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf'.split(' ');
    expect(zero.map((code) => minorUnitDigits(currency(code)))).toEqual(zero.map(() => 0));
    expect(['bhd', 'jod', 'kwd', 'omr', 'tnd'].map((code) => minorUnitDigits(currency(code)))).toEqual([3, 3, 3, 3, 3]);
    const two = 'aed brl chf eur gbp huf isk mxn nok nzd pln twd usd zar'.split(' ');
    expect(two.map((code) => minorUnitDigits(currency(code)))).toEqual(two.map(() => 2));
  });

  test('that nobody knows has no minor unit, and says so', () => {
    expect(() => minorUnitDigits('xxx' as typeof USD)).toThrow('Unknown currency "xxx"');
    expect(() => currency('xxx')).toThrow('Unknown currency "xxx"');
  });
});

describe('An amount as decimal text', () => {
  test.each([
    [0n, 'usd', '0.00'],
    [1n, 'usd', '0.01'],
    [-1n, 'usd', '-0.01'],
    [99n, 'usd', '0.99'],
    [100n, 'usd', '1.00'],
    [-1234n, 'usd', '-12.34'],
    [700_000n, 'usd', '7000.00'],
    [4220n, 'jpy', '4220'],
    [-5n, 'jpy', '-5'],
    [0n, 'jpy', '0'],
    [5n, 'kwd', '0.005'],
    [12_345n, 'kwd', '12.345'],
    [9_007_199_254_740_993n, 'usd', '90071992547409.93'],
  ])('%s minor units of %s are %s, and back', (amount, code, text) => {
    expect(toDecimal(amount, currency(code))).toBe(text);
    expect(fromDecimal(text, currency(code))).toBe(amount);
  });

  test('is read with thousands separators in their places and spaces around it', () => {
    expect(fromDecimal('7,000.00', USD)).toBe(700_000n);
    expect(fromDecimal(' 1,234,567.89 ', USD)).toBe(123_456_789n);
    expect(fromDecimal('-1,000', USD)).toBe(-100_000n);
    expect(fromDecimal('7', USD)).toBe(700n);
  });

  test.each([
    '',
    '.',
    '1.',
    '.5',
    '1.5',
    '1.234',
    '70,00.00',
    '1,0',
    ',100',
    '1e3',
    '0x10',
    '１',
    '--1',
    '+1',
    '1 000',
    'NaN',
    '1.00.00',
    '12,34',
    '1234,567.00',
    '1,2345.00',
    '1,000,00.00',
    'a1.00',
    '1.00a',
    '1.00-',
    '-',
    'USD 1.00',
  ])('"%s" is not an amount of dollars', (text) => {
    expect(fromDecimal(text, USD)).toBeUndefined();
  });

  test('has as many decimals as its currency, no more and no fewer', () => {
    expect(fromDecimal('5.00', JPY)).toBeUndefined();
    expect(fromDecimal('5.0', JPY)).toBeUndefined();
    expect(fromDecimal('1.23', KWD)).toBeUndefined();
    expect(fromDecimal('1.234', KWD)).toBe(1_234n);
  });
});

describe('The Stripe boundary', () => {
  test('lets safe integers through, exactly', () => {
    for (const value of [0, 1, -1, 65_100, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]) {
      expect(toStripeAmount(fromStripeAmount(value))).toBe(value);
    }
  });

  test('refuses an amount that a JavaScript number cannot hold', () => {
    expect(() => toStripeAmount(9_007_199_254_740_992n)).toThrow('outside the range');
    expect(() => toStripeAmount(-9_007_199_254_740_992n)).toThrow('outside the range');
  });

  test.each([0.5, 1e21, Number.NaN, Number.POSITIVE_INFINITY])('refuses %s from Stripe', (value) => {
    expect(() => fromStripeAmount(value)).toThrow('not a whole minor-unit amount');
  });
});

test('sum, min and max work on whole amounts, also on none', () => {
  expect(sum([])).toBe(0n);
  expect(sum([1n, -2n, 3n])).toBe(2n);
  expect([min(1n, -1n), max(1n, -1n), min(2n, 2n), max(2n, 2n)]).toEqual([-1n, 1n, 2n, 2n]);
});

test('the magnitude of an amount is never negative', () => {
  expect([abs(5n), abs(-5n), abs(0n)]).toEqual([5n, 5n, 0n]);
});
