/** What every measure is made of: timing, a reference timed in turn with it, results as `bench-results.json` has them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface Result {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it is compared with in the same run; null: the figure stands for itself. */
  readonly ratio_to: string | null;
  readonly ratio: number | null;
  /**
   * What the short run holds against the baseline: the same ratio in processor time, best of several in turn, which a busy machine changes
   * little. Null: not held.
   */
  readonly steady_ratio: number | null;
}

/** How good a figure has to be; `ratio` or `value` must lie at or below (or, with `least`, at or above) it. */
export interface Aim {
  readonly of: 'ratio' | 'value';
  readonly most?: number;
  readonly least?: number;
}

export interface Sizes {
  /** 1: the sizes of the table in docs/benchmarks.md. */
  readonly scale: number;
  readonly short: boolean;
  /** Takes an hour for what is compressed into minutes otherwise. */
  readonly hour: boolean;
}

export interface Measure {
  readonly name: string;
  /** By the name of the result. A result that is not named here is shown and not judged. */
  readonly aims: Readonly<Record<string, Aim>>;
  /** Has ratios that are steady enough to be held against the baseline: part of the short run. */
  readonly held: boolean;
  run(sizes: Sizes): Promise<Result[]>;
}

/** A figure that stands for itself. */
export function figure(name: string, value: number, unit: string): Result {
  return { name, value, unit, ratio_to: null, ratio: null, steady_ratio: null };
}

/** A figure held against another one of the same run and unit. */
export function compared(
  name: string,
  value: number,
  unit: string,
  ratioTo: string,
  reference: number,
  steady: number | null = null,
): Result {
  return { name, value, unit, ratio_to: ratioTo, ratio: value / reference, steady_ratio: steady };
}

/** Runs and times; milliseconds. */
export async function timed(work: () => unknown): Promise<number> {
  return (await clocked(work)).wall;
}

/** Milliseconds by the clock on the wall, and of processor time in this process. */
export interface Taken {
  readonly wall: number;
  readonly processor: number;
}

export async function clocked(work: () => unknown): Promise<Taken> {
  const before = process.cpuUsage();
  const started = performance.now();
  await work();
  const wall = performance.now() - started;
  const { user, system } = process.cpuUsage(before);
  return { wall, processor: (user + system) / 1_000 };
}

/** Our side multiplied, to see that the comparison with the baseline notices it. */
const slowed = (): number => Number(process.env.COFFER_BENCH_SLOWED ?? 1);

/** The best of several rounds of both sides. */
export class Best {
  #ours: Taken = NEVER;
  #reference: Taken = NEVER;

  take(ours: Taken, reference: Taken): void {
    const factor = slowed();
    this.#ours = lower(this.#ours, { wall: ours.wall * factor, processor: ours.processor * factor });
    this.#reference = lower(this.#reference, reference);
  }

  /** Milliseconds. */
  get ours(): number {
    return this.#ours.wall;
  }

  /** Milliseconds. */
  get reference(): number {
    return this.#reference.wall;
  }

  get steady(): number {
    return this.#ours.processor / this.#reference.processor;
  }
}

const NEVER: Taken = { wall: Number.POSITIVE_INFINITY, processor: Number.POSITIVE_INFINITY };

function lower(one: Taken, other: Taken): Taken {
  return { wall: Math.min(one.wall, other.wall), processor: Math.min(one.processor, other.processor) };
}

/** Both taken in turn, so that a busy machine is busy for both. */
export async function bestOfBoth(rounds: number, ours: () => unknown, reference: () => unknown): Promise<Best> {
  const best = new Best();
  for (let round = 0; round < rounds; round += 1) {
    const other = await clocked(reference);
    best.take(await clocked(ours), other);
  }
  return best;
}

/** The value below which the given share of all values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** Largest memory this process has had, in megabytes. */
export function peakMegabytes(): number {
  return process.resourceUsage().maxRSS / 1_024;
}

/** A folder that is gone when the work is done. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'coffer-bench-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
