/**
 * `npm test [-- --thorough] [-- --only unit,e2e]`: installs what is missing, then every check and test there is. A stage that fails
 * stops no other. The last line is the sum: `N passed, N failed`. Of the fault tests it takes a share; `--thorough` tries
 * every label of every seed, every fault at every call and 10,000 sequences of the model, and builds and tries the installable
 * package. `--only bench` holds the short bench against its baseline.
 */
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildApp } from './build-app.mjs';
import { projectRoot, setupState } from './paths.mjs';
import { explain, Problem, runCommand, say } from './problem.mjs';
import { handOver } from './process.mjs';
import { inDesktopSession } from './setup/desktop-session.mjs';
import { setUpApp, setUpDependencies } from './setup/set-up.mjs';
import { lineOf, none, sum, tallyOf, tallyPlaywright, tallyVitest } from './tally.mjs';
import { tool } from './tools.mjs';

/** @typedef {import('./tally.mjs').Tally} Tally */

const checks = ['types', 'lint', 'imports'];
const vitestProjects = ['unit', 'property', 'integration', 'sandbox', 'renderer'];
/** Kills and faults take the processor for themselves: after the others, not among them. */
const stages = [...checks, ...vitestProjects, 'faults', 'e2e'];
/** Minutes long: of `--thorough`, and of whoever asks for it. */
const thoroughStages = ['package'];
/** Minutes long, and beside other tests its figures would say little: of whoever asks for it, as .ci/run does. */
const askedForStages = ['bench'];
/** These talk to a keyring, so they get one of their own. */
const withKeyring = ['integration', 'e2e'];

await runCommand(async () => {
  const { chosen, thorough } = readArguments(process.argv.slice(2));
  if (thorough) process.env.COFFER_EXTENT = 'thorough';
  const needsDesktop = withKeyring.some((stage) => chosen.includes(stage));
  await (needsDesktop || chosen.includes('package') ? setUpApp({ headless: true }) : setUpDependencies());
  mkdirSync(setupState, { recursive: true });

  /** @type {{ name: string, tally: Tally, seconds: number }[]} */
  const results = [];
  const stage = async (/** @type {string} */ name, /** @type {() => Promise<Tally>} */ act) => {
    process.stdout.write(`\n── ${name}\n`);
    const started = Date.now();
    const tally = await act();
    results.push({ name, tally, seconds: (Date.now() - started) / 1000 });
    return tally;
  };

  await runChecks(chosen, stage);
  const projects = vitestProjects.filter((name) => chosen.includes(name));
  const testStages = async (/** @type {NodeJS.ProcessEnv} */ env) => {
    if (projects.length > 0) await stage(projects.join(', '), () => vitest(projects, env));
    if (chosen.includes('faults')) await stage('faults', () => vitest(['faults'], env));
    if (chosen.includes('e2e')) await endToEnd(env, stage);
  };
  if (needsDesktop) await inDesktopSession(testStages);
  else await testStages(process.env);
  if (chosen.includes('bench')) {
    const bench = path.join(projectRoot, 'scripts/bench.mjs');
    await stage('bench', async () => tallyOf(await handOver(process.execPath, [bench, '--short'])));
  }
  if (chosen.includes('package')) await packaged(stage);

  process.stdout.write('\n');
  for (const { name, tally, seconds } of results) {
    const counts = tally === none ? '' : `: ${lineOf(tally)}`;
    process.stdout.write(`${tally.failed === 0 ? '✓' : '✗'} ${name}${counts} (${seconds.toFixed(1)} s)\n`);
  }
  const total = sum(results.map(({ tally }) => tally));
  // Named again here: whoever reads only the end of a long output must find what failed.
  for (const failed of total.failures) process.stdout.write(`\n✗ ${failed}\n`);
  process.stdout.write(`${lineOf(total)}\n`);
  return total.failed > 0 ? 1 : 0;
});

/** @typedef {(name: string, act: () => Promise<Tally>) => Promise<Tally>} Stage */

/**
 * @param {string[]} args
 * @returns {{ chosen: readonly string[], thorough: boolean }}
 */
function readArguments(args) {
  const all = [...stages, ...thoroughStages];
  const known = [...all, ...askedForStages];
  const usage = new Problem(`Usage: npm test -- [--thorough] [--only ${known.join(',')}] (any of them)`);
  /** @type {{ thorough?: boolean, only?: string }} */
  let values;
  try {
    values = parseArgs({ args, options: { thorough: { type: 'boolean' }, only: { type: 'string' } } }).values;
  } catch {
    throw usage;
  }
  const { thorough = false, only } = values;
  const chosen = only?.split(',').filter(Boolean) ?? (thorough ? all : stages);
  if (chosen.length === 0 || chosen.some((name) => !known.includes(name))) throw usage;
  return { chosen, thorough };
}

/**
 * @param {readonly string[]} chosen
 * @param {Stage} stage
 */
async function runChecks(chosen, stage) {
  if (chosen.includes('types')) await stage('types', async () => tallyOf(await tool('tsc', ['--noEmit'])));
  if (chosen.includes('lint')) await stage('lint', async () => tallyOf(await tool('biome', ['check', '.'])));
  if (chosen.includes('imports')) {
    await stage('imports', async () => {
      return tallyOf(await handOver(process.execPath, [path.join(projectRoot, 'scripts/check-imports.mjs')]));
    });
  }
}

/**
 * @param {readonly string[]} projects
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Tally>}
 */
async function vitest(projects, env) {
  const report = freshReport('vitest');
  const selection = projects.flatMap((name) => ['--project', name]);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  return tallyVitest(report, await tool('vitest', ['run', '--passWithNoTests', ...selection, ...reporters], env));
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {Stage} stage
 */
async function endToEnd(env, stage) {
  let built = false;
  await stage('build', async () => {
    built = (await buildApp()) === 0;
    return built ? none : tallyOf(1);
  });
  if (!built) {
    process.stdout.write('The app does not build, so its end-to-end tests cannot run.\n');
    return;
  }
  await stage('e2e', () => playwright('e2e', env));
}

/** What a person installs: built, looked into, installed and used. @param {Stage} stage */
async function packaged(stage) {
  const { packageApp } = await import('./package/package-app.mjs');
  const built = await stage('package, building it', async () => {
    try {
      await packageApp(['dir', 'deb']);
      return none;
    } catch (error) {
      say(explain(error));
      return tallyOf(1);
    }
  });
  if (built.failed === 0) await stage('package', () => playwright('package', process.env));
}

/**
 * @param {string} project
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Tally>}
 */
async function playwright(project, env) {
  const report = freshReport('playwright');
  const args = ['test', '--project', project, '--pass-with-no-tests', '--reporter', 'list,json'];
  return tallyPlaywright(report, await tool('playwright', args, { ...env, PLAYWRIGHT_JSON_OUTPUT_FILE: report }));
}

/** @param {string} name */
function freshReport(name) {
  const file = path.join(setupState, `${name}-report.json`);
  rmSync(file, { force: true });
  return file;
}
