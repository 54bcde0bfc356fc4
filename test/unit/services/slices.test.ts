import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inSlices, orderInSlices } from '../../../electron/services/slices';

test('sorting in slices comes to what sorting at once does, equal ones in their order', async () => {
  const keys = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 0, maxLength: 5_000, size: 'max' });
  await fc.assert(
    fc.asyncProperty(keys, async (all) => {
      const byKey = (a: number, b: number) => (all[a] ?? 0) - (all[b] ?? 0);
      expect([...(await orderInSlices(all.length, byKey))]).toEqual([...all.keys()].sort(byKey));
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
  const order = await orderInSlices(numbers.length, (a, b) => (numbers[a] ?? 0) - (numbers[b] ?? 0));
  const ofSorting = turns;
  let sum = 0;
  await inSlices(5_000_000, (index) => {
    sum += Math.sqrt(index);
  });
  over = true;
  const sorted = [...order].map((place) => numbers[place] ?? 0);
  expect(sorted.every((value, index) => index === 0 || value >= (sorted[index - 1] ?? 0))).toBe(true);
  expect(sum).toBeGreaterThan(0);
  expect(ofSorting).toBeGreaterThan(1);
  expect(turns).toBeGreaterThan(ofSorting);
});
