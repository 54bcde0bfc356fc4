import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { nodeModules, projectRoot } from './paths.mjs';
import { Problem } from './problem.mjs';
import { handOver } from './process.mjs';
import { setUpDependencies } from './setup/set-up.mjs';

/**
 * Runs a TypeScript entry under plain Node in the person's place: same folder, arguments, streams, signals, exit code.
 * @param {string} entry from the project's root
 * @param {string} command the npm script's name
 * @returns {Promise<number>} exit code
 */
export async function runUnderNode(entry, command) {
  await setUpDependencies();
  const file = path.join(projectRoot, entry);
  if (!existsSync(file)) throw new Problem(`${entry} is missing.`);
  // npm runs scripts in the project's root; files in the arguments are meant from where the person is.
  const cwd = process.env.npm_lifecycle_event === command ? process.env.INIT_CWD : undefined;
  const loader = pathToFileURL(path.join(nodeModules, 'tsx/dist/loader.mjs')).href;
  const env = { ...process.env, TSX_TSCONFIG_PATH: path.join(projectRoot, 'tsconfig.json') };
  return handOver(process.execPath, ['--import', loader, file, ...process.argv.slice(2)], { cwd, env });
}
