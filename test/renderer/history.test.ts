import { expect, test } from 'vitest';
import { chartPoints, commonScale, drawnPoints } from '../../renderer/screens/balances/history';
import type { BalancePoint } from '../../shared/contract';
import { readings } from './fake-coffer';

const reading = (date: string, payments: string, storage: string, seeded = false): BalancePoint => ({
  at: `${date}T08:00:00.000Z`,
  payments,
  storage,
  owed: storage,
  explained: '0',
  unexplained: '0',
  seeded,
});

test('days without a reading interrupt the line', () => {
  const points = chartPoints(
    [reading('2026-10-01', '100', '200'), reading('2026-10-02', '100', '200'), reading('2026-10-12', '100', '200')],
    'usd',
  );
  // The usual interval of so few points is the longer one, so nothing is called a gap yet.
  expect(points).toHaveLength(3);
  const longer = chartPoints(readings(90), 'usd');
  expect(longer.filter((point) => point.exact === undefined)).toHaveLength(1);
  expect(longer.find((point) => point.exact === undefined)?.storage).toBeNull();
});

test('seeded points are drawn apart and meet the first reading', () => {
  const [seeded, last, read] = chartPoints(
    [
      reading('2026-10-01', '100', '200', true),
      reading('2026-10-02', '100', '300', true),
      reading('2026-10-03', '100', '400'),
    ],
    'usd',
  );
  expect(seeded).toMatchObject({ storageSeeded: 2, storageRead: null, owed: 2 });
  expect(last).toMatchObject({ storageSeeded: 3, storageRead: 3 });
  expect(read).toMatchObject({ storageSeeded: null, storageRead: 4 });
});

test('both charts have one scale, from zero to above the larger of the two', () => {
  const scale = commonScale(
    chartPoints([reading('2026-10-01', '1000000', '300'), reading('2026-10-02', '900000', '4300000')], 'usd'),
  );
  expect(scale.low).toBe(0);
  expect(scale.high).toBeGreaterThanOrEqual(43_000);
  expect(scale.ticks.at(-1)).toBe(scale.high);
});

test('of a long history every gap and extreme is drawn, in its order, and not every reading', () => {
  const points = chartPoints(readings(1_096), 'usd');
  const drawn = drawnPoints(points);
  expect(drawn.length).toBeLessThan(points.length * 0.75);
  expect(drawn[0]).toBe(points[0]);
  expect(drawn.at(-1)).toBe(points.at(-1));
  expect(drawn.filter((point) => point.exact === undefined)).toEqual(
    points.filter((point) => point.exact === undefined),
  );
  expect(commonScale(drawn)).toEqual({
    ...commonScale(points),
    amountLabel: expect.any(Function),
    timeLabel: expect.any(Function),
  });
  expect([...drawn].sort((a, b) => a.time - b.time)).toEqual(drawn);
  const short = chartPoints(readings(90), 'usd');
  expect(drawnPoints(short)).toBe(short);
});
