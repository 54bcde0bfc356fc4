import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NumberedTexts } from '../../../shared/domain/numbered-texts';

const someText = fc.oneof(
  fc.constantFrom('', 'a', 'ch_1', 'é', '田中', '😀', 'a\0', 'a\0b'),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.nat({ max: 200 }).map((index) => `creator_${String(index).padStart(8, '0')}`),
);

test('numbers texts in the order in which they come, and finds no other, however many come beyond what was expected', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 40 }),
      fc.array(someText, { maxLength: 300 }),
      fc.array(someText),
      (expected, put, asked) => {
        const numbers = new Map<string, number>();
        const numbered = new NumberedTexts(expected);
        for (const text of put) {
          expect(numbered.find(text)).toBe(numbers.get(text) ?? -1);
          if (!numbers.has(text)) numbers.set(text, numbers.size);
          expect(numbered.of(text)).toBe(numbers.get(text));
        }
        for (const text of [...asked, ...put]) expect(numbered.find(text)).toBe(numbers.get(text) ?? -1);
        expect(numbered.texts).toEqual([...numbers.keys()]);
      },
    ),
    { seed: 20261126, numRuns: 300 },
  );
});
