/**
 * `npm run test:mutation [-- --only lines,protocol]`: do the tests notice when the code is wrong? `lines`: Stryker changes ledger,
 * journal and money, and each part must score 85 %. `protocol`: named ways to break the protocol of moving money, each of which a test
 * must notice. Not part of `npm test`: takes the better part of an hour on two cores. Figures: docs/fault-tests.md.
 */
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runProtocolMutations } from '../test/mutation/protocol.mjs';
import { projectRoot } from './paths.mjs';
import { Problem, runCommand } from './problem.mjs';
import { setUpDependencies } from './setup/set-up.mjs';
import { tool } from './tools.mjs';

const parts = ['lines', 'protocol'];
const mutated = ['electron/ledger', 'electron/journal', 'shared/money'];
const LEAST_SCORE = 85;

await runCommand(async () => {
  const only = readArguments();
  await setUpDependencies();
  const results = [];
  if (only.includes('protocol')) results.push(await protocol());
  if (only.includes('lines')) results.push(await lines());
  return results.every(Boolean) ? 0 : 1;
});

function readArguments() {
  const usage = `Usage: npm run test:mutation -- [--only ${parts.join(',')}]`;
  /** @type {string} */
  let only;
  try {
    only = parseArgs({ options: { only: { type: 'string' } } }).values.only ?? parts.join(',');
  } catch {
    throw new Problem(usage);
  }
  const chosen = only.split(',');
  if (chosen.some((part) => !parts.includes(part))) throw new Problem(usage);
  return chosen;
}

async function protocol() {
  const verdicts = await runProtocolMutations(({ mutation, caughtBy, seconds }) => {
    const mark = caughtBy === null ? '✗ survived' : '✓ caught';
    process.stdout.write(
      `${mark}: ${mutation.name} (${seconds.toFixed(1)} s)\n${caughtBy === null ? '' : `    ${caughtBy}\n`}`,
    );
  });
  const caught = verdicts.filter((verdict) => verdict.caughtBy !== null).length;
  process.stdout.write(`Protocol mutations: ${caught} of ${verdicts.length} caught\n`);
  return caught === verdicts.length;
}

async function lines() {
  const report = path.join(projectRoot, 'test-results/mutation/mutation.json');
  rmSync(report, { force: true });
  // The property tests try the same cases for every mutant.
  const env = { ...process.env, COFFER_SEED: process.env.COFFER_SEED ?? '7' };
  const code = await tool('stryker', ['run', 'test/mutation/stryker.config.mjs'], env);
  if (code !== 0) return false;
  /** @type {{ files: Record<string, { mutants: { status: string }[] }> }} */
  const { files } = JSON.parse(readFileSync(report, 'utf8'));
  const all = mutated.map((folder) => {
    const inside = Object.entries(files).filter(([file]) => file.startsWith(`${folder}/`));
    return { name: folder, mutants: inside.flatMap(([, { mutants }]) => mutants) };
  });
  let good = true;
  for (const { name, mutants } of [...all, { name: 'in all', mutants: all.flatMap((one) => one.mutants) }]) {
    const count = (/** @type {string} */ status) => mutants.filter((mutant) => mutant.status === status).length;
    const [killed, timeout, survived, uncovered, ignored] = [
      'Killed',
      'Timeout',
      'Survived',
      'NoCoverage',
      'Ignored',
    ].map(count);
    const score = (100 * (killed + timeout)) / (killed + timeout + survived + uncovered);
    if (!(score >= LEAST_SCORE)) good = false;
    process.stdout.write(
      `${score >= LEAST_SCORE ? '✓' : '✗'} ${name}: ${score.toFixed(1)} % of ${mutants.length} mutants: ` +
        `${killed} killed, ${timeout} without end, ${survived} survived, ${uncovered} not covered, ${ignored} left out with a reason\n`,
    );
  }
  return good;
}
