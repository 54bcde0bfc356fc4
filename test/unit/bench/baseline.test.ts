import { afterEach, describe, expect, test, vi } from 'vitest';
import { baselineOf, type Ratios, worseThan } from '../../bench/baseline';
import { bestOfBoth } from '../../bench/harness';

describe('what is worse than the baseline', () => {
  const never = () => Promise.reject(new Error('measured again'));
  const always = (ratios: Ratios) => () => Promise.resolve(ratios);

  test('a third is allowed, and nothing is measured again for it', async () => {
    expect(await worseThan({ audit: 3, export: 0.3 }, { audit: 4, export: 0.1 }, never)).toEqual([]);
  });

  test('more than a third is worse, once it has been so three times', async () => {
    const asked: string[][] = [];
    const worse = await worseThan({ audit: 3, export: 0.3 }, { audit: 4.1, export: 0.3 }, async (names) => {
      asked.push([...names]);
      return { audit: 4.05, export: 9 };
    });
    expect(worse).toEqual([{ name: 'audit', ratio: 4.05, before: 3 }]);
    expect(asked).toEqual([['audit'], ['audit']]);
  });

  test('one good run of three is enough', async () => {
    const later = [{ audit: 5 }, { audit: 3.9 }];
    expect(await worseThan({ audit: 3 }, { audit: 6 }, async () => later.shift() ?? {})).toEqual([]);
  });

  test('a run that fails the second time does not make it good', async () => {
    expect(await worseThan({ audit: 3 }, { audit: 6 }, always({}))).toEqual([{ name: 'audit', ratio: 6, before: 3 }]);
  });

  test('a ratio that the baseline does not know, or that is no number, is a failure and not passed over', async () => {
    expect(await worseThan({}, { audit: 1 }, never)).toEqual([{ name: 'audit', ratio: 1, before: undefined }]);
    expect(await worseThan({ audit: 3 }, { audit: Number.NaN }, always({}))).toMatchObject([{ name: 'audit' }]);
  });
});

describe('a side that is slowed', () => {
  afterEach(() => vi.restoreAllMocks());

  /** Both sides take ten milliseconds of wall clock and of processor. */
  function clock(): void {
    let turns = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => Math.floor(turns++ / 2) * 1_000 + (turns % 2 === 0 ? 10 : 0));
    let asked = 0;
    vi.spyOn(process, 'cpuUsage').mockImplementation((since) => {
      if (since === undefined) return { user: 0, system: 0 };
      asked += 1;
      return { user: 9_000, system: 1_000 + 0 * asked };
    });
  }

  const both = () =>
    bestOfBoth(
      3,
      () => {},
      () => {},
    );

  test('is as fast as the other without the variable', async () => {
    clock();
    expect((await both()).steady).toBe(1);
    expect(await worseThan({ both: 1 }, { both: (await both()).steady }, async () => ({}))).toEqual([]);
  });

  test('makes the comparison fail by as much as the variable says', async () => {
    vi.stubEnv('COFFER_BENCH_SLOWED', '1.4');
    clock();
    const ratio = async () => ({ both: (await both()).steady });
    expect(await worseThan({ both: 1 }, await ratio(), ratio)).toEqual([{ name: 'both', ratio: 1.4, before: 1 }]);
    vi.stubEnv('COFFER_BENCH_SLOWED', '1.3');
    expect(await worseThan({ both: 1 }, await ratio(), ratio)).toEqual([]);
  });
});

test('the baseline is the middle of its runs; what one of them lacks is left out', () => {
  expect(baselineOf([{ a: 3, b: 1 }, { a: 1.23456, b: 1 }, { a: 2 }])).toEqual({ a: 2 });
  expect(baselineOf([{ a: 1.23456 }])).toEqual({ a: 1.23 });
});
