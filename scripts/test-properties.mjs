/**
 * `npm run test:properties [-- --runs 100000]`: so many cases of every rule of money against its oracle, so many random
 * operations on the books of the embedded Stripe, and new cases of every other property. An ordinary `npm test` tries some thousands. docs/rules.md has the figures.
 */
import { parseArgs } from 'node:util';
import { Problem, runCommand } from './problem.mjs';
import { setUpDependencies } from './setup/set-up.mjs';
import { tool } from './tools.mjs';

const usage = 'Usage: npm run test:properties -- [--runs N]';

await runCommand(async () => {
  const runs = readRuns();
  await setUpDependencies();
  const files = ['test/property', 'test/sandbox/conservation.test.ts'];
  return tool('vitest', ['run', '--project', 'property', '--project', 'sandbox', ...files], {
    ...process.env,
    COFFER_SEED: process.env.COFFER_SEED ?? String(1 + (Date.now() % 1_000_000_000)),
    COFFER_PROPERTY_RUNS: runs,
    COFFER_SANDBOX_OPERATIONS: runs,
  });
});

/** @returns {string} */
function readRuns() {
  /** @type {{ runs?: string }} */
  let values;
  try {
    values = parseArgs({ options: { runs: { type: 'string' } } }).values;
  } catch {
    throw new Problem(usage);
  }
  const { runs = '100000' } = values;
  if (!/^[1-9]\d*$/.test(runs)) throw new Problem(usage);
  return runs;
}
