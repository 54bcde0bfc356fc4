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
}

export interface Measure {
  readonly name: string;
  /** By the name of the result. A result that is not named here is shown and not judged. */
  readonly aims: Readonly<Record<string, Aim>>;
  run(sizes: Sizes): Promise<Result[]>;
}

/** A figure that stands for itself. */
export function figure(name: string, value: number, unit: string): Result {
  return { name, value, unit, ratio_to: null, ratio: null };
}

/** A figure held against another one of the same run and unit. */
export function compared(name: string, value: number, unit: string, ratioTo: string, reference: number): Result {
  return { name, value, unit, ratio_to: ratioTo, ratio: value / reference };
}

/** Runs and times; milliseconds. */
export async function timed(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** The best times of both in milliseconds, taken in turn so that a busy machine is busy for both. */
export async function bestOfBoth(
  rounds: number,
  ours: () => unknown,
  reference: () => unknown,
): Promise<{ readonly ours: number; readonly reference: number }> {
  const best = { ours: Number.POSITIVE_INFINITY, reference: Number.POSITIVE_INFINITY };
  for (let round = 0; round < rounds; round += 1) {
    best.reference = Math.min(best.reference, await timed(reference));
    best.ours = Math.min(best.ours, await timed(ours));
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
