/** From the readings of both balances to what the charts draw: gaps, seeded parts, one scale, one sentence. */
import type { BalancePoint } from '../../../shared/contract';
import { dateText, spoken } from '../../components';
import { forGeometry } from '../../format/amount';

export interface ChartPoint {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly payments: number | null;
  readonly storage: number | null;
  readonly owed: number | null;
  readonly paymentsRead: number | null;
  readonly paymentsSeeded: number | null;
  readonly storageRead: number | null;
  readonly storageSeeded: number | null;
  /** The reading itself; absent where a gap interrupts the line. */
  readonly exact?: BalancePoint;
}

export interface Scale {
  readonly start: number;
  readonly end: number;
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
  readonly timeTicks: readonly number[];
  readonly amountLabel: (value: number) => string;
  readonly timeLabel: (time: number) => string;
  readonly labelWidth: number;
}

const day = 86_400_000;
const none = {
  payments: null,
  storage: null,
  owed: null,
  paymentsRead: null,
  paymentsSeeded: null,
  storageRead: null,
  storageSeeded: null,
};

/** A silence of more than three usual intervals (and more than two days) is a gap, not a straight line. */
export function gapLength(times: readonly number[]): number {
  const intervals = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const usual = [...intervals].sort((a, b) => a - b)[Math.floor(intervals.length / 2)] ?? day;
  return Math.max(3 * usual, 2 * day);
}

export function chartPoints(points: readonly BalancePoint[], currency: string): readonly ChartPoint[] {
  const times = points.map((point) => Date.parse(point.at));
  const gap = gapLength(times);
  return points.flatMap((point, index): ChartPoint[] => {
    const time = times[index] ?? 0;
    const before = times[index - 1];
    const after = points[index + 1];
    const payments = forGeometry(point.payments, currency);
    const storage = forGeometry(point.storage, currency);
    // The last seeded point belongs to both lines, so that they meet.
    const joins = point.seeded && after !== undefined && !after.seeded;
    const drawn: ChartPoint = {
      time,
      payments,
      storage,
      owed: forGeometry(point.owed, currency),
      paymentsRead: point.seeded ? null : payments,
      paymentsSeeded: point.seeded ? payments : null,
      storageRead: point.seeded ? null : storage,
      storageSeeded: point.seeded ? storage : null,
      exact: point,
      ...(joins ? { paymentsRead: payments, storageRead: storage } : {}),
    };
    return before !== undefined && time - before > gap ? [{ ...none, time: before + gap / 2 }, drawn] : [drawn];
  });
}

/** A chart is some 360 pixels wide: of a longer history every turn and extreme is drawn, and not every reading. */
const drawnWhole = 400;
const buckets = 130;

/** The points that make the picture: gaps, and the first, last, highest and lowest of each short stretch. */
export function drawnPoints(points: readonly ChartPoint[]): readonly ChartPoint[] {
  if (points.length <= drawnWhole) return points;
  const size = Math.ceil(points.length / buckets);
  const kept = new Set<ChartPoint>();
  for (let start = 0; start < points.length; start += size) {
    const some = points.slice(start, start + size);
    for (const name of ['payments', 'storage', 'owed'] as const) {
      const read = some.filter((point) => point[name] !== null);
      const byAmount = (sign: 1 | -1) =>
        read.reduce((best, point) => (sign * ((point[name] ?? 0) - (best[name] ?? 0)) > 0 ? point : best));
      if (read.length > 0) kept.add(byAmount(1)).add(byAmount(-1));
    }
    for (const point of some) if (point.exact === undefined || isTurn(point)) kept.add(point);
    for (const point of [some[0], some.at(-1)]) if (point !== undefined) kept.add(point);
  }
  return points.filter((point) => kept.has(point));
}

/** Where the seeded line meets the line that was read. */
function isTurn({ paymentsRead, paymentsSeeded }: ChartPoint): boolean {
  return paymentsRead !== null && paymentsSeeded !== null;
}

export function commonScale(points: readonly ChartPoint[]): Scale {
  const values = points.flatMap(({ payments, storage, owed }) => [payments ?? 0, storage ?? 0, owed ?? 0]);
  const step = niceStep((Math.max(1, ...values) - Math.min(0, ...values)) / 4);
  const low = Math.floor(Math.min(0, ...values) / step) * step;
  const high = Math.ceil(Math.max(1, ...values) / step) * step;
  const ticks = Array.from({ length: Math.round((high - low) / step) + 1 }, (_, index) => low + index * step);
  const start = points.at(0)?.time ?? 0;
  const end = Math.max(points.at(-1)?.time ?? 0, start + day);
  const amountLabel = (value: number) =>
    value < 0 ? `(${Math.abs(value).toLocaleString('en')})` : value.toLocaleString('en');
  const longest = Math.max(...ticks.map((tick) => amountLabel(tick).length));
  const months = end - start > 120 * day;
  return {
    start,
    end,
    low,
    high,
    ticks,
    timeTicks: months ? monthStarts(start, end) : evenDays(start, end, 5),
    amountLabel,
    timeLabel: (time) =>
      months ? dateText(new Date(time).toISOString()).slice(0, 7) : dateText(new Date(time).toISOString()).slice(5),
    labelWidth: 12 + longest * 7,
  };
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 2.5, 5, 10].find((nice) => nice * power >= rough) ?? 10;
  return factor * power;
}

function monthStarts(start: number, end: number): readonly number[] {
  const first = new Date(start);
  const starts: number[] = [];
  for (let month = 1; month <= 60; month += 1) {
    const time = new Date(first.getFullYear(), first.getMonth() + month, 1).getTime();
    if (time > end) break;
    starts.push(time);
  }
  const every = Math.max(1, Math.ceil(starts.length / 5));
  return starts.filter((_, index) => index % every === 0);
}

function evenDays(start: number, end: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => start + ((end - start) * index) / (count - 1));
}

/** The chart in one sentence, with its numbers. */
export function historySentence(points: readonly BalancePoint[], currency: string): string {
  const first = points.at(0);
  const last = points.at(-1);
  if (first === undefined || last === undefined) return 'No readings in this range.';
  return (
    `From ${dateText(first.at)} to ${dateText(last.at)}, Payments went from ${spoken(first.payments, currency)} to ` +
    `${spoken(last.payments, currency)} and Storage from ${spoken(first.storage, currency)} to ${spoken(last.storage, currency)}; ` +
    `${spoken(last.owed, currency)} is owed.`
  );
}
