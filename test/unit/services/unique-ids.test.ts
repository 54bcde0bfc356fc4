import { describe, expect, test } from 'vitest';
import { UniqueIds } from '../../../electron/services/dataset/unique-ids';

/** Six digits: in order, and more than one text of them. */
const ids = Array.from({ length: 2_500 }, (_, index) => `id-${String(index).padStart(6, '0')}`);

describe('An id is new once', () => {
  test.each([
    ['in order', ids],
    ['in reverse', [...ids].reverse()],
    ['in order but for one in the middle', [...ids.slice(0, 1_700), 'id-0', ...ids.slice(1_700)]],
    ['characters of every kind', ['', '"', '\\', '\u0000', '\ud83d', '😀', 'é', '\uffff', 'a\nb', ' a', 'A', 'a']],
  ])('%s', (_, list) => {
    const known = new UniqueIds();
    for (const id of list) expect(known.add(id)).toBe(true);
    for (const id of list) expect(known.add(id)).toBe(false);
    for (const id of list) expect(known.has(id)).toBe(true);
    expect(known.has('nobody')).toBe(false);
  });

  test.each([0, 1, 999, 1_000, 1_001, 1_999, 2_499])(
    'the one at %i is found when it comes again right away or at the end',
    (at) => {
      const id = ids[at] ?? '';
      const again = new UniqueIds();
      for (const one of ids) {
        expect(again.add(one)).toBe(true);
        if (one === id) expect(again.add(one)).toBe(false);
      }
      expect(again.add(id)).toBe(false);
    },
  );

  test('also after somebody asked for one in between', () => {
    const known = new UniqueIds();
    for (const id of ids.slice(0, 1_200)) known.add(id);
    expect(known.has('id-000500')).toBe(true);
    for (const id of ids.slice(1_200)) expect(known.add(id)).toBe(true);
    expect(known.add('id-000500')).toBe(false);
    expect(known.add('id-002000')).toBe(false);
  });
});
