import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inSlices, sortInSlices } from '../../../electron/services/slices';

test('sorting in slices comes to what sorting at once does, equal ones in their order', async () => {
  const items = fc.array(fc.record({ key: fc.integer({ min: 0, max: 50 }), place: fc.nat() }), {
    minLength: 0,
    maxLength: 5_000,
    size: 'max',
  });
  await fc.assert(
    fc.asyncProperty(items, async (all) => {
      const byKey = (a: { key: number }, b: { key: number }) => a.key - b.key;
      expect(await sortInSlices(all, byKey)).toEqual([...all].sort(byKey));
    }),
    { numRuns: 40, seed: 7 },
  );
});

test('others have their turn while much is sorted or gone through', async () => {
  let turns = 0;
  let over = false;
  const others = (): void => {
    if (over) return;
    turns += 1;
    setImmediate(others);
  };
  others();
  const numbers = Array.from({ length: 200_000 }, (_, index) => (index * 7_919) % 200_003);
  const sorted = await sortInSlices(numbers, (a, b) => a - b);
  const ofSorting = turns;
  let sum = 0;
  await inSlices(5_000_000, (index) => {
    sum += Math.sqrt(index);
  });
  over = true;
  expect(sorted.every((value, index) => index === 0 || value >= (sorted[index - 1] ?? 0))).toBe(true);
  expect(sum).toBeGreaterThan(0);
  expect(ofSorting).toBeGreaterThan(1);
  expect(turns).toBeGreaterThan(ofSorting);
});
