import path from 'node:path';
import { nodeModules, projectRoot } from './paths.mjs';
import { Problem } from './problem.mjs';
import { handOver, wasInterrupted } from './process.mjs';

const entries = {
  tsc: 'typescript/bin/tsc',
  biome: '@biomejs/biome/bin/biome',
  'electron-vite': 'electron-vite/bin/electron-vite.js',
  vitest: 'vitest/vitest.mjs',
  stryker: '@stryker-mutator/core/bin/stryker.js',
  playwright: '@playwright/test/cli.js',
};

/**
 * Runs a development tool of this project under this Node, in the terminal.
 * @param {keyof typeof entries} name
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<number>} its exit code
 */
export async function tool(name, args, env = process.env) {
  const code = await handOver(process.execPath, [path.join(nodeModules, entries[name]), ...args], {
    cwd: projectRoot,
    env,
  });
  // What comes after this tool was not meant to run any more.
  if (wasInterrupted()) throw new Problem('Interrupted.');
  return code;
}
