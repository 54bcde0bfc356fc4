/** Holds ratios of a short run against `baseline.json`. Ratios are "times slower than", so more is worse. */
export type Ratios = Readonly<Record<string, number>>;

/** A ratio may get worse by a third. */
const TOLERANCE = 4 / 3;
/** What looks worse is measured again so many times: a busy machine must not look like a slow program. */
const AGAIN = 2;

export interface Worse {
  readonly name: string;
  readonly ratio: number;
  /** Undefined: the baseline does not know it. */
  readonly before: number | undefined;
}

/** What is more than a third worse than the baseline, also when it is measured again. */
export async function worseThan(
  baseline: Ratios,
  first: Ratios,
  measureAgain: (names: readonly string[]) => Promise<Ratios>,
): Promise<Worse[]> {
  const best: Record<string, number> = { ...first };
  const worse = (): Worse[] =>
    Object.entries(best)
      .map(([name, ratio]) => ({ name, ratio, before: baseline[name] }))
      .filter(({ ratio, before }) => !(ratio <= (before ?? 0) * TOLERANCE));
  for (let again = 0; again < AGAIN; again += 1) {
    const suspects = worse().filter(({ before }) => before !== undefined);
    if (suspects.length === 0) break;
    const names = suspects.map(({ name }) => name);
    const ratios = await measureAgain(names);
    for (const name of names) best[name] = Math.min(best[name] ?? Number.NaN, ratios[name] ?? Number.POSITIVE_INFINITY);
  }
  return worse();
}

/** The middle of several runs. A ratio that one of them does not have is left out. */
export function baselineOf(runs: readonly Ratios[]): Ratios {
  const names = Object.keys(runs[0] ?? {}).filter((name) => runs.every((run) => run[name] !== undefined));
  return Object.fromEntries(
    names.map((name) => {
      const sorted = runs.map((run) => run[name] ?? Number.NaN).sort((a, b) => a - b);
      return [name, Number((sorted[sorted.length >> 1] ?? Number.NaN).toPrecision(3))];
    }),
  );
}
