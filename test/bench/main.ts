/**
 * `npm run bench [-- --short] [--hour] [--only NAMES] [--scale N]`: every measure in a process of its own, a table, `bench-results.json`.
 * `--short`: small sizes, of the measures that have steady ratios; fails when one is a third worse than in baseline.json beside this file.
 */
import { fork } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { baselineOf, type Ratios, worseThan } from './baseline';
import type { Aim, Result, Sizes } from './harness';
import { MEASURES } from './measures';

const BASELINE = fileURLToPath(new URL('./baseline.json', import.meta.url));
const RESULTS = fileURLToPath(new URL('../../bench-results.json', import.meta.url));
const SHORT_SCALE = 0.1;
/** The baseline is the middle of so many runs. */
const BASELINE_RUNS = 3;

/** Which measure a result came from. */
const MEASURE_OF = new Map<string, string>();

type Outcome = { readonly results: Result[] } | { readonly failed: string };

const options = {
  only: { type: 'string' },
  scale: { type: 'string' },
  short: { type: 'boolean' },
  hour: { type: 'boolean' },
  'write-baseline': { type: 'boolean' },
  measure: { type: 'string' },
} as const;

process.exitCode = await main();

async function main(): Promise<number> {
  const names = MEASURES.map((measure) => measure.name);
  const values = readArguments();
  const short = values.short === true;
  const sizes = { scale: Number(values.scale ?? (short ? SHORT_SCALE : 1)), short, hour: values.hour === true };
  const chosen =
    values.only?.split(',') ?? MEASURES.filter((measure) => !short || measure.held).map((measure) => measure.name);
  if (values.usage === true || !(sizes.scale > 0) || chosen.some((name) => !names.includes(name))) {
    console.error(`Usage: npm run bench -- [--short] [--hour] [--scale N] [--only ${names.join(',')}]`);
    return 1;
  }
  if (values.measure !== undefined) return runHere(values.measure, sizes);
  const results: Result[] = [];
  let problems = 0;
  for (const name of chosen) {
    const outcome = await runApart(name, sizes);
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
  if (values['write-baseline'] === true) await writeBaseline(results, sizes);
  else if (short) problems += await worseThanBaseline(results, sizes);
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
function runApart(name: string, { scale, short, hour }: Sizes): Promise<Outcome> {
  const args = [
    '--measure',
    name,
    '--scale',
    String(scale),
    ...(short ? ['--short'] : []),
    ...(hour ? ['--hour'] : []),
  ];
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
  const held = result.steady_ratio === null ? '' : `held: ${shown(result.steady_ratio)} ×`;
  return `${mark(result, aim)} ${result.name.padEnd(52)} ${figures.padStart(14)}  ${ratio.padEnd(44)} ${held.padEnd(14)} ${aimText(aim)}`.trimEnd();
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

function steadyRatios(results: readonly Result[]): Ratios {
  return Object.fromEntries(
    results.flatMap((one) => (one.steady_ratio === null ? [] : [[one.name, one.steady_ratio]])),
  );
}

/** The measures that these ratios came from, once more. A measure that fails has none. */
async function measureAgain(names: readonly string[], sizes: Sizes): Promise<Ratios> {
  const ratios: Record<string, number> = {};
  for (const measure of new Set(names.map((name) => MEASURE_OF.get(name) ?? ''))) {
    const outcome = await runApart(measure, sizes);
    if ('results' in outcome) Object.assign(ratios, steadyRatios(outcome.results));
  }
  return ratios;
}

/** Of the measures that were chosen; the others stay. */
async function writeBaseline(results: readonly Result[], sizes: Sizes): Promise<void> {
  const runs = [steadyRatios(results)];
  while (runs.length < BASELINE_RUNS) runs.push(await measureAgain(Object.keys(runs[0] ?? {}), sizes));
  const measured = new Set(results.map((one) => MEASURE_OF.get(one.name)));
  const whole = MEASURES.every((measure) => !measure.held || measured.has(measure.name));
  const kept = whole ? {} : readBaseline();
  writeFileSync(BASELINE, `${JSON.stringify({ ...kept, ...baselineOf(runs) }, null, 2)}\n`);
}

function readBaseline(): Ratios {
  return JSON.parse(readFileSync(BASELINE, 'utf8'));
}

async function worseThanBaseline(results: readonly Result[], sizes: Sizes): Promise<number> {
  const worse = await worseThan(readBaseline(), steadyRatios(results), (names) => measureAgain(names, sizes));
  for (const { name, ratio, before } of worse) {
    console.log(
      before === undefined
        ? `✗ ${name}: baseline.json does not know it; write it with --write-baseline`
        : `✗ ${name}: ${shown(ratio)} ×, more than a third worse than the ${shown(before)} × of baseline.json`,
    );
  }
  return worse.length;
}
