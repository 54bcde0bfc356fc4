/** `npm run verify:clone`: does HEAD work for someone who just cloned it? A fresh home and cache, and `npm test` there. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { projectRoot } from './paths.mjs';
import { Problem, runCommand, say } from './problem.mjs';
import { handOver, npm, run } from './process.mjs';

await runCommand(async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coffer-clone-'));
  const clone = path.join(folder, 'coffer');
  const home = path.join(folder, 'home');
  mkdirSync(home);
  const { stdout } = await run('git', ['status', '--porcelain'], { cwd: projectRoot });
  if (stdout !== '') say('Uncommitted changes are not part of the clone.');
  const cloned = await run('git', ['clone', '--quiet', '--no-hardlinks', projectRoot, clone]);
  if (cloned.code !== 0) throw new Problem(`git clone failed: ${cloned.stderr.split('\n')[0]}`);
  const { command, args, shell } = npm(['test', '--', ...process.argv.slice(2)]);
  const code = await handOver(command, args, { cwd: clone, shell, env: freshEnvironment(home, folder) });
  if (code === 0) rmSync(folder, { recursive: true, force: true });
  else say(`The clone is kept in ${folder}`);
  return code;
});

/**
 * @param {string} home
 * @param {string} folder
 */
function freshEnvironment(home, folder) {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|XDG_|ELECTRON_|COFFER_|INIT_CWD$)/i.test(name),
  );
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...Object.fromEntries(inherited), HOME: home, npm_config_cache: path.join(folder, 'npm-cache') };
  if (process.env.npm_execpath) env.npm_execpath = process.env.npm_execpath;
  return env;
}
