/**
 * `npm run test:soak [-- --seeds 100] [--first 1] [--runs 10000] [--only kills,faults,model]`: the fault tests without a limit, every
 * point of every seed. Takes hours; docs/fault-tests.md says how many. What fails says how to play it again.
 */
import { parseArgs } from 'node:util';
import { Problem, runCommand } from './problem.mjs';
import { setUpDependencies } from './setup/set-up.mjs';
import { tool } from './tools.mjs';

const parts = ['kills', 'faults', 'model'];
const usage = `Usage: npm run test:soak -- [--seeds N] [--first N] [--runs N] [--only ${parts.join(',')}]`;

await runCommand(async () => {
  const { seeds, first, runs, only } = readArguments();
  await setUpDependencies();
  const files = only.map((part) => `test/faults/${part}.test.ts`);
  return tool('vitest', ['run', '--project', 'faults', ...files], {
    ...process.env,
    COFFER_SOAK: '1',
    COFFER_SEEDS: seeds,
    COFFER_MODEL_RUNS: runs,
    ...(first === undefined ? {} : { COFFER_SEED: first }),
  });
});

/** @returns {{ seeds: string, first: string | undefined, runs: string, only: string[] }} */
function readArguments() {
  /** @type {{ seeds?: string, first?: string, runs?: string, only?: string }} */
  let values;
  try {
    const text = /** @type {const} */ ({ type: 'string' });
    values = parseArgs({ options: { seeds: text, first: text, runs: text, only: text } }).values;
  } catch {
    throw new Problem(usage);
  }
  const { seeds = '25', first, runs = '10000', only = parts.join(',') } = values;
  const chosen = only.split(',');
  const numbers = [seeds, runs, ...(first === undefined ? [] : [first])].every((text) => /^[1-9]\d*$/.test(text));
  if (!numbers || chosen.some((part) => !parts.includes(part))) throw new Problem(usage);
  return { seeds, first, runs, only: chosen };
}
