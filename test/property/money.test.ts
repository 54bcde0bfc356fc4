/** Money for any amounts: nothing is lost, nothing is invented. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { platformFee } from '../../shared/money/fee';
import { currency, fromDecimal, toDecimal } from '../../shared/money/money';
import { byBytes, splitLargestRemainder } from '../../shared/money/split';
import { always } from './seed';

const amount = fc.bigInt({ min: 0n, max: 10n ** 15n });
const bps = fc.integer({ min: 0, max: 10_000 });
const shares = fc.uniqueArray(
  fc.record({
    id: fc.string({ minLength: 1, maxLength: 6, unit: 'grapheme' }),
    weight: fc.bigInt({ min: 0n, max: 10n ** 12n }),
  }),
  {
    selector: (share) => share.id,
    maxLength: 30,
  },
);

describe('Largest remainder', () => {
  test('sums exactly to the total, and each share is within one unit of its exact part', () =>
    always(
      fc.property(amount, shares, (total, list) => {
        const parts = splitLargestRemainder(total, list);
        const weights = list.reduce((sum, share) => sum + share.weight, 0n);
        const given = parts.reduce((sum, part) => sum + part, 0n);
        expect(given).toBe(weights === 0n ? 0n : total);
        list.forEach((share, index) => {
          // |part − total × weight / weights| < 1, in whole numbers.
          const difference = (parts[index] ?? 0n) * weights - total * share.weight;
          expect(difference > -weights || weights === 0n).toBe(true);
          expect(difference < weights || weights === 0n).toBe(true);
          if (share.weight === 0n) expect(parts[index]).toBe(0n);
        });
      }),
      500,
    ));

  test('does not depend on the order of the shares', () =>
    always(
      fc.property(
        amount,
        shares.chain((list) =>
          fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length })),
        ),
        (total, [list, shuffled]) => {
          const byId = (rows: readonly { id: string }[], parts: readonly bigint[]) =>
            new Map(rows.map((row, index) => [row.id, parts[index]]));
          expect(byId(shuffled, splitLargestRemainder(total, shuffled))).toEqual(
            new Map(byId(list, splitLargestRemainder(total, list))),
          );
        },
      ),
      300,
    ));

  test('a larger claim never gets less', () =>
    always(
      fc.property(amount, shares, (total, list) => {
        const parts = splitLargestRemainder(total, list);
        const ordered = list
          .map((share, index) => ({ ...share, part: parts[index] ?? 0n }))
          .sort((a, b) => (a.weight < b.weight ? -1 : 1));
        for (let i = 1; i < ordered.length; i++) {
          const smaller = ordered[i - 1];
          const larger = ordered[i];
          if (smaller && larger && smaller.weight < larger.weight) expect(larger.part + 1n > smaller.part).toBe(true);
        }
      }),
      300,
    ));

  test('ids are ordered as their UTF-8 bytes are', () =>
    always(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        expect(Math.sign(byBytes(a, b))).toBe(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))));
      }),
      1_000,
    ));
});

describe('The fee', () => {
  test('is the exact rational rounded half up, and never more than the gross', () =>
    always(
      fc.property(amount, bps, (gross, rate) => {
        const fee = platformFee(gross, rate);
        // fee − 1/2 ≤ gross × rate / 10000 < fee + 1/2, times 20000.
        const exact = 2n * gross * BigInt(rate);
        expect(20_000n * fee - 10_000n <= exact && exact < 20_000n * fee + 10_000n).toBe(true);
        expect(fee >= 0n && fee <= gross).toBe(true);
        expect(platformFee(-gross, rate)).toBe(-fee);
      }),
      1_000,
    ));

  test('does not fall when the gross or the rate rises', () =>
    always(
      fc.property(
        amount,
        fc.bigInt({ min: 0n, max: 10n ** 6n }),
        bps,
        fc.integer({ min: 0, max: 100 }),
        (gross, more, rate, up) => {
          expect(platformFee(gross + more, rate) >= platformFee(gross, rate)).toBe(true);
          expect(platformFee(gross, Math.min(10_000, rate + up)) >= platformFee(gross, rate)).toBe(true);
        },
      ),
      500,
    ));
});

test('an amount written as decimal text reads back as the same amount, in every kind of currency', () =>
  always(
    fc.property(
      fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
      fc.constantFrom('usd', 'jpy', 'kwd'),
      (value, code) => {
        const text = toDecimal(value, currency(code));
        expect(fromDecimal(text, currency(code))).toBe(value);
        expect(text).toMatch(code === 'jpy' ? /^-?\d+$/ : code === 'kwd' ? /^-?\d+\.\d{3}$/ : /^-?\d+\.\d{2}$/);
      },
    ),
    500,
  ));
