/**
 * `npm run test:soak [-- --seeds 100] [--first 1] [--runs 20000] [--every] [--only kills,faults,model]`: the fault tests at length.
 * `--every` kills at every single time that a label or a request comes up. docs/fault-tests.md says how long each takes. What fails
 * says how to play it again.
 */
import { parseArgs } from 'node:util';
import { Problem, runCommand } from './problem.mjs';
import { setUpDependencies } from './setup/set-up.mjs';
import { tool } from './tools.mjs';

const parts = ['kills', 'faults', 'model'];
const usage = `Usage: npm run test:soak -- [--seeds N] [--first N] [--runs N] [--every] [--only ${parts.join(',')}]`;

await runCommand(async () => {
  const { seeds, first, runs, every, only } = readArguments();
  await setUpDependencies();
  // A filter of vitest: part of a file's path.
  const files = only.map((part) => `test/faults/${part}`);
  return tool('vitest', ['run', '--project', 'faults', ...files], {
    ...process.env,
    COFFER_EXTENT: every ? 'every' : 'soak',
    ...(seeds === undefined ? {} : { COFFER_SEEDS: seeds }),
    ...(first === undefined ? {} : { COFFER_SEED: first }),
    ...(runs === undefined ? {} : { COFFER_MODEL_RUNS: runs }),
  });
});

/** @returns {{ seeds?: string, first?: string, runs?: string, every: boolean, only: string[] }} */
function readArguments() {
  /** @type {{ seeds?: string, first?: string, runs?: string, every?: boolean, only?: string }} */
  let values;
  try {
    const text = /** @type {const} */ ({ type: 'string' });
    const options = {
      seeds: text,
      first: text,
      runs: text,
      every: /** @type {const} */ ({ type: 'boolean' }),
      only: text,
    };
    values = parseArgs({ options }).values;
  } catch {
    throw new Problem(usage);
  }
  const { every = false, only = parts.join(','), ...numbers } = values;
  const chosen = only.split(',');
  const sound = Object.values(numbers).every((text) => /^[1-9]\d*$/.test(text));
  if (!sound || chosen.some((part) => !parts.includes(part))) throw new Problem(usage);
  return { ...numbers, every, only: chosen };
}
