/**
 * `npm run bench [-- --short] [--only NAMES] [--scale N]`: every measure in a process of its own, a table, `bench-results.json`.
 * `--short`: small sizes; fails when a ratio is a third worse than in baseline.json beside this file.
 */
import { fork } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Aim, Result, Sizes } from './harness';
import { MEASURES } from './measures';

const BASELINE = fileURLToPath(new URL('./baseline.json', import.meta.url));
const RESULTS = fileURLToPath(new URL('../../bench-results.json', import.meta.url));
const SHORT_SCALE = 0.1;
/** A ratio may get worse by a third. */
const TOLERANCE = 4 / 3;

/** Which measure a result came from. */
const MEASURE_OF = new Map<string, string>();

type Outcome = { readonly results: Result[] } | { readonly failed: string };

const options = {
  only: { type: 'string' },
  scale: { type: 'string' },
  short: { type: 'boolean' },
  'write-baseline': { type: 'boolean' },
  measure: { type: 'string' },
} as const;

process.exitCode = await main();

async function main(): Promise<number> {
  const names = MEASURES.map((measure) => measure.name);
  const values = readArguments();
  const short = values.short === true;
  const scale = Number(values.scale ?? (short ? SHORT_SCALE : 1));
  const chosen = values.only?.split(',') ?? names;
  if (values.usage === true || !(scale > 0) || chosen.some((name) => !names.includes(name))) {
    console.error(`Usage: npm run bench -- [--short] [--scale N] [--only ${names.join(',')}]`);
    return 1;
  }
  if (values.measure !== undefined) return runHere(values.measure, { scale, short });
  const results: Result[] = [];
  let problems = 0;
  for (const name of chosen) {
    const outcome = await runApart(name, { scale, short });
    if ('failed' in outcome) {
      problems += 1;
      console.log(`✗ ${name}: ${outcome.failed}`);
      continue;
    }
    results.push(...outcome.results);
    for (const result of outcome.results) MEASURE_OF.set(result.name, name);
    for (const result of outcome.results) console.log(row(result, aimOf(name, result)));
  }
  writeFileSync(RESULTS, results.map((result) => `${JSON.stringify(result)}\n`).join(''));
  if (values['write-baseline'] === true) writeBaseline(results);
  else if (short) problems += await worseThanBaseline(results, chosen, { scale, short });
  return problems === 0 ? 0 : 1;
}

function readArguments() {
  try {
    return { usage: false, ...parseArgs({ options }).values };
  } catch {
    return { usage: true };
  }
}

async function runHere(name: string, sizes: Sizes): Promise<number> {
  const measure = MEASURES.find((one) => one.name === name);
  const results = await measure?.run(sizes);
  process.send?.({ results } satisfies Partial<{ results: Result[] | undefined }>);
  process.disconnect?.();
  return 0;
}

/** In a process of its own: nothing of one measure is in the memory or the compiled code of another. */
function runApart(name: string, { scale, short }: Sizes): Promise<Outcome> {
  const args = ['--measure', name, '--scale', String(scale), ...(short ? ['--short'] : [])];
  return new Promise((resolve) => {
    const child = fork(fileURLToPath(import.meta.url), args, { execArgv: [...process.execArgv, '--expose-gc'] });
    let answer: Outcome = { failed: 'ended without an answer' };
    child.on('message', (message) => {
      answer = message as Outcome;
    });
    child.on('error', (error) => resolve({ failed: error.message }));
    child.on('exit', (code) => resolve(code === 0 ? answer : { failed: `ended with code ${code}` }));
  });
}

function aimOf(measure: string, result: Result): Aim | undefined {
  return MEASURES.find((one) => one.name === measure)?.aims[result.name];
}

function row(result: Result, aim: Aim | undefined): string {
  const figures = `${shown(result.value)} ${result.unit}`;
  const ratio = result.ratio === null ? '' : `${shown(result.ratio)} × ${result.ratio_to}`;
  return `${mark(result, aim)} ${result.name.padEnd(52)} ${figures.padStart(14)}  ${ratio.padEnd(44)} ${aimText(aim)}`.trimEnd();
}

function mark(result: Result, aim: Aim | undefined): string {
  if (aim === undefined) return '·';
  const value = result[aim.of] ?? Number.NaN;
  return value <= (aim.most ?? Number.POSITIVE_INFINITY) && value >= (aim.least ?? Number.NEGATIVE_INFINITY)
    ? '✓'
    : '✗';
}

function aimText(aim: Aim | undefined): string {
  if (aim === undefined) return '';
  return aim.most === undefined ? `aim ≥ ${aim.least}` : `aim ≤ ${aim.most}`;
}

function shown(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function ratiosOf(results: readonly Result[]): Record<string, number> {
  return Object.fromEntries(results.flatMap((one) => (one.ratio === null ? [] : [[one.name, one.ratio]])));
}

function writeBaseline(results: readonly Result[]): void {
  const rounded = Object.entries(ratiosOf(results)).map(([name, ratio]) => [name, Number(ratio.toPrecision(3))]);
  writeFileSync(BASELINE, `${JSON.stringify(Object.fromEntries(rounded), null, 2)}\n`);
}

/** What is worse is measured again, twice at most: a busy machine must not look like a slow program. */
async function worseThanBaseline(results: readonly Result[], chosen: readonly string[], sizes: Sizes): Promise<number> {
  const baseline: Record<string, number> = JSON.parse(readFileSync(BASELINE, 'utf8'));
  const best = ratiosOf(results);
  const worse = (): string[] =>
    Object.keys(best).filter((name) => (best[name] ?? 0) > (baseline[name] ?? Number.POSITIVE_INFINITY) * TOLERANCE);
  for (let again = 0; again < 2; again += 1) {
    const suspects = worse();
    for (const measure of chosen.filter((name) => suspects.some((one) => MEASURE_OF.get(one) === name))) {
      const outcome = await runApart(measure, sizes);
      if ('failed' in outcome) continue;
      for (const [name, ratio] of Object.entries(ratiosOf(outcome.results)))
        best[name] = Math.min(best[name] ?? ratio, ratio);
    }
  }
  for (const name of worse()) {
    const [now, before] = [best[name] ?? 0, baseline[name] ?? 0];
    console.log(`✗ ${name}: ${shown(now)} ×, more than a third worse than the ${shown(before)} × of baseline.json`);
  }
  return worse().length;
}
