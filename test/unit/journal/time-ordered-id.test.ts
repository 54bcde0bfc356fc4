/** Rule: an id is unlike every other one, and comes after those made before it, whatever the clock does. */
import { expect, test } from 'vitest';
import { timeOrderedId } from '../../../electron/journal/time-ordered-id';

const VERSION_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test('ten thousand ids of one millisecond are UUIDs of version 7, all different, in the order in which they were made', () => {
  const at = Date.now() + 1_000;
  const ids = Array.from({ length: 10_000 }, () => timeOrderedId(at));
  expect(ids.every((id) => VERSION_7.test(id))).toBe(true);
  expect(new Set(ids).size).toBe(10_000);
  expect([...ids].sort()).toEqual(ids);
});

test('a millisecond has 4096 ids; only those beyond it are of the next one', () => {
  const at = Date.UTC(2039, 0, 1);
  const times = Array.from({ length: 4_097 }, () =>
    Number.parseInt(timeOrderedId(at).replace('-', '').slice(0, 12), 16),
  );
  expect(new Set(times.slice(0, 4_096))).toEqual(new Set([at]));
  expect(times[4_096]).toBe(at + 1);
});

test('a clock that is set back changes nothing of the order', () => {
  const at = Date.now() + 10_000;
  const ids = [at, at - 5_000, at + 1, at - 86_400_000, at + 2].map((now) => timeOrderedId(now));
  expect([...ids].sort()).toEqual(ids);
});

test('the first 48 bits are the time, as RFC 9562 has it', () => {
  const at = Date.UTC(2040, 0, 1);
  expect(Number.parseInt(timeOrderedId(at).replace('-', '').slice(0, 12), 16)).toBe(at);
});
