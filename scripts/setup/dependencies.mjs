import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { nodeModules, projectRoot, setupState } from '../paths.mjs';
import { Problem, say } from '../problem.mjs';
import { npm, npmReason, run } from '../process.mjs';

const lockFile = path.join(projectRoot, 'package-lock.json');
const stamp = path.join(setupState, 'lock.sha256');
const installLimit = 20 * 60_000;

/** Installs node_modules unless it is there and is what package-lock.json says. */
export async function installDependencies() {
  const lock = await readFile(lockFile, 'utf8');
  const wanted = createHash('sha256').update(lock).update(`${process.platform}-${process.arch}`).digest('hex');
  if (existsSync(nodeModules) && (await readFile(stamp, 'utf8').catch(() => '')) === wanted) return;
  if (!(await installedMatches(lock))) await install();
  await mkdir(setupState, { recursive: true });
  await writeFile(stamp, wanted);
}

async function install() {
  say('Installing dependencies (npm ci) …');
  // No install scripts: the packages bring their binaries, and a bare machine has no compiler for the rest.
  const { command, args, shell } = npm([
    'ci',
    '--include=dev',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]);
  const outcome = await run(command, args, { cwd: projectRoot, shell, timeout: installLimit });
  if (outcome.code === 0) return;
  if (/ENOSPC/.test(outcome.stderr)) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
  const offline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|network/.test(outcome.stderr);
  if (outcome.timedOut || offline) {
    throw new Problem('npm ci could not reach the package registry. Go online and run the command again.');
  }
  if (/EUSAGE/.test(outcome.stderr)) {
    throw new Problem(
      'npm ci failed: package-lock.json does not fit package.json on this registry (npm install would update it).',
    );
  }
  throw new Problem(`npm ci failed: ${npmReason(outcome.stderr) || `exit code ${outcome.code}`}`);
}

/**
 * A developer who ran `npm install` has the right node_modules without our stamp: npm notes what it installed.
 * @param {string} lock
 */
async function installedMatches(lock) {
  try {
    const installed = JSON.parse(await readFile(path.join(nodeModules, '.package-lock.json'), 'utf8')).packages;
    const wanted = Object.entries(JSON.parse(lock).packages).filter(([place]) => place !== '');
    return wanted.every(([place, entry]) => {
      const found = installed[place];
      if (!found) return entry.optional === true || entry.devOptional === true || entry.peer === true;
      return found.version === entry.version && found.integrity === entry.integrity;
    });
  } catch {
    return false;
  }
}
