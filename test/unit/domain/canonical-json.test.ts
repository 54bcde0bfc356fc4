/** Rule: what is hashed has one form only. */
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../../shared/domain/canonical-json';

describe('Canonical JSON', () => {
  test('orders keys by bytes, at every depth, whatever the order they were written in', () => {
    expect(canonicalJson({ b: 1, a: { d: 1, c: 2 }, B: 3 })).toBe('{"B":3,"a":{"c":2,"d":1},"b":1}');
    expect(canonicalJson({ a: 1, b: 2 })).toBe(
      canonicalJson(
        Object.fromEntries([
          ['b', 2],
          ['a', 1],
        ]),
      ),
    );
    expect(canonicalJson({ '😀': 1, '\uFFFD': 2 })).toBe('{"\uFFFD":2,"😀":1}');
  });

  test('keeps the order of lists', () => {
    expect(canonicalJson([3, 1, 2])).toBe('[3,1,2]');
  });

  test('writes an amount as a decimal string, so that none loses a digit', () => {
    expect(canonicalJson({ amount: 9_007_199_254_740_993n, back: -1n })).toBe(
      '{"amount":"9007199254740993","back":"-1"}',
    );
  });

  test('leaves out what is undefined and keeps what is null', () => {
    expect(canonicalJson({ a: undefined, b: null })).toBe('{"b":null}');
  });

  test('escapes text as JSON does', () => {
    expect(canonicalJson('a"\\\n\u2028é')).toBe(JSON.stringify('a"\\\n\u2028é'));
    expect(canonicalJson({ ok: true, no: false, empty: '' })).toBe('{"empty":"","no":false,"ok":true}');
  });

  test.each([[0.1], [Number.NaN], [Number.POSITIVE_INFINITY], [2 ** 53]])('has no form for %s', (value) => {
    expect(() => canonicalJson({ value })).toThrow('no canonical form');
  });

  test('has no form for functions, symbols and a bare undefined', () => {
    for (const value of [() => 1, Symbol('x'), undefined])
      expect(() => canonicalJson(value)).toThrow('no canonical form');
    expect(() => canonicalJson([undefined])).toThrow('no canonical form');
  });
});
