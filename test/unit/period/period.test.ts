/** Rule: a period is a calendar month in UTC. */
import { expect, test } from 'vitest';
import {
  addMonths,
  monthsBetween,
  parsePeriod,
  period,
  periodEnd,
  periodOf,
  periodStart,
} from '../../../shared/period/period';

test.each(['2026-10', '0001-01', '9999-12'])('%s is a period', (text) => expect(parsePeriod(text)).toBe(text));

test.each([
  '',
  '2026-13',
  '2026-00',
  '2026-1',
  '26-10',
  '2026-10-01',
  ' 2026-10',
  '2026-10\n',
  '2026/10',
  '２０２６-10',
])('"%s" is not a period', (text) => {
  expect(parsePeriod(text)).toBeUndefined();
  expect(() => period(text)).toThrow('is not a period');
});

test.each([
  ['2026-10', 1, '2026-11'],
  ['2026-12', 1, '2027-01'],
  ['2026-01', -1, '2025-12'],
  ['2026-10', 0, '2026-10'],
  ['2026-10', 15, '2028-01'],
  ['2026-10', -22, '2024-12'],
])('%s and %i months is %s, and the difference says so', (from, months, to) => {
  expect(addMonths(period(from), months)).toBe(to);
  expect(monthsBetween(period(from), period(to))).toBe(months);
});

test('a month begins at midnight UTC of its first day and ends where the next begins', () => {
  expect(periodStart(period('2024-02')).toISOString()).toBe('2024-02-01T00:00:00.000Z');
  expect(periodEnd(period('2024-02')).toISOString()).toBe('2024-03-01T00:00:00.000Z');
  expect(periodEnd(period('2026-12'))).toEqual(periodStart(period('2027-01')));
});

test('the last millisecond belongs to the month, the next one does not', () => {
  expect(periodOf(new Date('2026-10-31T23:59:59.999Z'))).toBe('2026-10');
  expect(periodOf(new Date('2026-11-01T00:00:00.000Z'))).toBe('2026-11');
  expect(periodOf(new Date('2026-11-01T00:30:00.000+02:00'))).toBe('2026-10');
});
