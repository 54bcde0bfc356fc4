/**
 * How much is tried. A share in an ordinary run; with `COFFER_EXTENT=thorough` (`npm test -- --thorough`) each label of
 * each seed, each fault at each call and the model's full number; with `soak` (`npm run test:soak`) more seeds; with `every`
 * every single time that a label or a request comes up. Each number can be set from outside.
 */
const EXTENTS = ['share', 'thorough', 'soak', 'every'] as const;
export type Extent = (typeof EXTENTS)[number];

export const EXTENT: Extent = EXTENTS.find((name) => name === process.env.COFFER_EXTENT) ?? 'share';

function number(name: string, otherwise: Readonly<Record<Extent, number>>): number {
  const value = Number(process.env[name]);
  return Number.isSafeInteger(value) && value > 0 ? value : otherwise[EXTENT];
}

const same = (value: number): Readonly<Record<Extent, number>> => ({
  share: value,
  thorough: value,
  soak: value,
  every: value,
});

/** The first seed; the others follow it. */
export const FIRST_SEED = number('COFFER_SEED', same(1));
export const SEEDS = number('COFFER_SEEDS', { share: 25, thorough: 25, soak: 100, every: 25 });

/** Kills in all, when it is a share. */
export const KILLS = number('COFFER_KILLS', same(80));
/** Kills at requests, next to those at labels. */
export const REQUEST_KILLS = number('COFFER_REQUEST_KILLS', same(100));
/** Faults in all. */
export const FAULTS = number('COFFER_FAULTS', { ...same(Number.POSITIVE_INFINITY), share: 180 });
/** Pairs of faults. */
export const FAULT_PAIRS = number('COFFER_FAULT_PAIRS', { share: 24, thorough: 100, soak: 400, every: 400 });
/** Seeds whose calls are broken: three have both rails and both funding bases. */
export const FAULT_SEEDS = number('COFFER_FAULT_SEEDS', { share: 3, thorough: 3, soak: 8, every: 8 });
/** Runs of the model. */
export const MODEL_RUNS = number('COFFER_MODEL_RUNS', { share: 120, thorough: 10_000, soak: 20_000, every: 20_000 });
/** Commands in one run of the model. */
export const MODEL_COMMANDS = number('COFFER_MODEL_COMMANDS', same(25));
/** How long a test may take, in ms. */
export const LIMIT_MS = EXTENT === 'share' || EXTENT === 'thorough' ? 4_800_000 : 24 * 3_600_000;

/** Only one kill or fault: what a failure prints. */
export const ONLY = process.env.COFFER_ONLY ?? null;

const WORKERS = number('COFFER_WORKERS', same(2));

/** Runs `work` over the items, a few at a time. */
export async function inTurn<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(WORKERS, queue.length) }, worker));
}

export function seeds(): number[] {
  return Array.from({ length: SEEDS }, (_, index) => FIRST_SEED + index);
}

/** The failure says what is wrong: of a long run often only its end is kept. */
export function assertNone(problems: readonly string[], when: string): void {
  if (problems.length > 0) throw new Error(`${when}: ${problems.join('\n')}`);
}

/** Columns of equal width, numbers to the right. */
export function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const all = [header, ...rows].map((row) => row.map(String));
  const widths = header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ');
  return all.map(line).join('\n');
}
