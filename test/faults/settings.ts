/** How much is tried: a share in an ordinary run, everything in `npm run test:soak`. All of it can be set from outside. */
function number(name: string, otherwise: number): number {
  const value = Number(process.env[name]);
  return Number.isSafeInteger(value) && value > 0 ? value : otherwise;
}

export const SOAK = process.env.COFFER_SOAK === '1';

/** The first seed; the others follow it. */
export const FIRST_SEED = number('COFFER_SEED', 1);
export const SEEDS = number('COFFER_SEEDS', 25);

/** Kills in all; in a soak every point of every seed. */
export const KILLS = SOAK ? Number.POSITIVE_INFINITY : number('COFFER_KILLS', 80);
/** Faults in all. */
export const FAULTS = SOAK ? Number.POSITIVE_INFINITY : number('COFFER_FAULTS', 180);
/** Runs of the model. */
export const MODEL_RUNS = number('COFFER_MODEL_RUNS', SOAK ? 10_000 : 120);
/** Commands in one run of the model. */
export const MODEL_COMMANDS = number('COFFER_MODEL_COMMANDS', 25);

/** Only one kill or fault: what a failure prints. */
export const ONLY = process.env.COFFER_ONLY ?? null;

const WORKERS = number('COFFER_WORKERS', 2);

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
