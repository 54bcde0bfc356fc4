/**
 * Breaks the protocol of docs/moving-money.md on purpose, one way at a time, in copies of the sources, and runs the ordinary tests
 * there until one notices: unit and property tests first, then integration, then faults. Part of `npm run test:mutation`.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { nodeModules, projectRoot } from '../../scripts/paths.mjs';
import { Problem } from '../../scripts/problem.mjs';
import { run } from '../../scripts/process.mjs';
import { protocolMutations } from './protocol-mutations.mjs';

/** @typedef {import('./protocol-mutations.mjs').ProtocolMutation} ProtocolMutation */
/** @typedef {{ mutation: ProtocolMutation, caughtBy: string | null, seconds: number }} Verdict */

const copied = [
  'electron',
  'shared',
  'scripts',
  'test',
  'docs',
  'resources',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
];

/** The quickest first. All of them are part of `npm test`. */
const stages = [
  ['--project', 'unit', '--project', 'property', 'test/unit/journal', 'test/property/journal.test.ts'],
  ['--project', 'integration', 'test/integration/services/outcomes.test.ts', 'test/integration/services/kills.test.ts'],
  ['--project', 'faults', 'test/faults/found.test.ts', 'test/faults/kills.test.ts'],
];

/** Said by the compiler of a name that the mutation leaves without a use: nothing that changes what the code does. */
const unused = /error TS6(133|192|196|198):/;

/**
 * @param {(verdict: Verdict) => void} onVerdict
 * @returns {Promise<Verdict[]>} in the order of the list. Throws `Problem` when a mutation cannot be made or the tests fail without one.
 */
export async function runProtocolMutations(onVerdict) {
  const mutated = protocolMutations.map((mutation) => ({ mutation, text: mutate(mutation) }));
  const folder = mkdtempSync(path.join(tmpdir(), 'coffer-protocol-'));
  try {
    const copies = Array.from({ length: Math.min(2, availableParallelism()) }, (_, index) => copy(folder, index));
    const [first] = copies;
    if (first === undefined) throw new Error('No copy');
    await compile(first, mutated);
    const broken = await noticed(first, stages.slice(0, 1));
    if (broken !== null) throw new Problem(`The tests fail without any mutation: ${broken}`);

    /** @type {Verdict[]} */
    const verdicts = [];
    const queue = [...mutated.entries()];
    const worker = async (/** @type {string} */ root) => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const [index, { mutation, text }] = next;
        const file = path.join(root, mutation.file);
        const original = readFileSync(file, 'utf8');
        const started = Date.now();
        writeFileSync(file, text);
        const caughtBy = await noticed(root, stages);
        writeFileSync(file, original);
        const verdict = { mutation, caughtBy, seconds: (Date.now() - started) / 1_000 };
        verdicts[index] = verdict;
        onVerdict(verdict);
      }
    };
    await Promise.all(copies.map(worker));
    return verdicts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {ProtocolMutation} mutation */
function mutate({ name, file, edits }) {
  return edits.reduce(
    (text, [from, to]) => {
      const parts = text.split(from);
      if (parts.length !== 2) {
        throw new Problem(
          `"${name}": its text is in ${file} ${parts.length - 1} times, not once. Bring the mutation up to date:\n${from}`,
        );
      }
      return parts.join(to);
    },
    readFileSync(path.join(projectRoot, file), 'utf8'),
  );
}

/**
 * @param {string} folder
 * @param {number} index
 */
function copy(folder, index) {
  const root = path.join(folder, String(index));
  for (const name of copied) cpSync(path.join(projectRoot, name), path.join(root, name), { recursive: true });
  symlinkSync(nodeModules, path.join(root, 'node_modules'), 'junction');
  return root;
}

/**
 * A mutation that does not compile would be caught by anything, and shows nothing. All at once, each beside the file it changes.
 * @param {string} root
 * @param {readonly { mutation: ProtocolMutation, text: string }[]} mutated
 */
async function compile(root, mutated) {
  const files = mutated.map(({ mutation, text }, index) => {
    const file = mutation.file.replace(/\.ts$/, `.mutant-${index}.ts`);
    writeFileSync(path.join(root, file), text);
    return file;
  });
  const config = JSON.parse(readFileSync(path.join(root, 'tsconfig.json'), 'utf8'));
  writeFileSync(path.join(root, 'tsconfig.mutants.json'), JSON.stringify({ ...config, include: undefined, files }));
  const { stdout } = await run(
    process.execPath,
    [path.join(nodeModules, 'typescript/bin/tsc'), '--noEmit', '--pretty', 'false', '-p', 'tsconfig.mutants.json'],
    { cwd: root },
  );
  for (const file of files) rmSync(path.join(root, file));
  const errors = stdout.split('\n').filter((line) => /error TS\d+:/.test(line) && !unused.test(line));
  if (errors.length > 0) {
    const named = errors.map((line) => {
      const index = /\.mutant-(\d+)\.ts/.exec(line)?.[1];
      return index === undefined ? line : `"${mutated[Number(index)]?.mutation.name}": ${line}`;
    });
    throw new Problem(`Mutations that do not compile show nothing:\n${named.join('\n')}`);
  }
}

/**
 * @param {string} root
 * @param {readonly (readonly string[])[]} stagesToRun
 * @returns {Promise<string | null>} the test that failed first, with its file; null when none did
 */
async function noticed(root, stagesToRun) {
  const report = path.join(root, 'report.json');
  for (const selection of stagesToRun) {
    rmSync(report, { force: true });
    const { code, stdout, stderr, timedOut } = await run(
      process.execPath,
      [
        path.join(nodeModules, 'vitest/vitest.mjs'),
        'run',
        '--bail',
        '1',
        '--maxWorkers',
        '1',
        ...selection,
        '--reporter=json',
        `--outputFile.json=${report}`,
      ],
      { cwd: root, env: { ...process.env, CI: '1' }, timeout: 600_000 },
    );
    if (timedOut) return 'no end within 10 minutes';
    if (code !== 0)
      return failureOf(root, report) ?? (`${stdout}${stderr}`.trim().split('\n').at(-1) || `exit code ${code}`);
  }
  return null;
}

/**
 * @param {string} root
 * @param {string} report
 * @returns {string | null}
 */
function failureOf(root, report) {
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
  for (const suite of testResults) {
    const file = path.relative(root, suite.name);
    for (const test of suite.assertionResults) if (test.status === 'failed') return `${file}: ${test.fullName.trim()}`;
    if (suite.status === 'failed') return `${file}: ${suite.message.split('\n')[0]}`;
  }
  return null;
}
