/** From the built app and the Electron that set-up supplied to what a person installs. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buildApp } from '../build-app.mjs';
import { projectRoot } from '../paths.mjs';
import { Problem, say } from '../problem.mjs';
import { supplyElectron } from '../setup/electron-binary.mjs';
import { setUpDependencies } from '../setup/set-up.mjs';
import { builderConfig } from './builder-config.mjs';
import { buildDeb } from './deb.mjs';
import { noticesText } from './notices.mjs';
import { legal, output, unpacked } from './places.mjs';
import { billOfMaterials } from './sbom.mjs';

/** @typedef {import('../setup/electron-binary.mjs').Runtime} Runtime */
/** @typedef {(typeof targets)[number]} Target */

/** `deb` is made here with dpkg-deb; the others are electron-builder's, and all but `dir` download their tools. */
export const targets = /** @type {const} */ (['dir', 'deb', 'AppImage', 'dmg', 'nsis']);

/**
 * @param {readonly Target[]} chosen
 * @returns {Promise<{ files: string[], runtime: Runtime }>} what was made
 */
export async function packageApp(chosen) {
  await setUpDependencies();
  const runtime = await supplyElectron();
  if ((await buildApp()) !== 0) throw new Problem('The app does not build, so there is nothing to package.');
  const manifest = JSON.parse(await readFile(path.join(projectRoot, 'package.json'), 'utf8'));
  // Nothing of an earlier build may be taken for this one's.
  await rm(output, { recursive: true, force: true });
  await writeLegal(manifest, runtime);

  say('Packaging …');
  const files = await buildWithElectronBuilder(chosen, runtime);
  if (chosen.includes('deb')) {
    const suffix = runtime.kind === 'stand-in' ? '_stand-in' : '';
    const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
    const deb = path.join(output, `coffer_${manifest.version}_${architecture}${suffix}.deb`);
    await buildDeb({ from: unpacked, deb, manifest, architecture, runtime });
    files.push(deb);
  }
  return { files, runtime };
}

/**
 * @param {readonly Target[]} chosen
 * @param {Runtime} runtime
 */
async function buildWithElectronBuilder(chosen, runtime) {
  const { build, Platform } = await import('electron-builder');
  const platforms = { AppImage: Platform.LINUX, dmg: Platform.MAC, nsis: Platform.WINDOWS };
  const config = builderConfig(runtime);
  const own = chosen.includes('dir') || chosen.includes('deb');
  if (own) await build({ config, targets: Platform.current().createTarget('dir'), publish: 'never' });
  /** @type {string[]} */
  const files = own ? [unpacked] : [];
  for (const name of /** @type {const} */ (['AppImage', 'dmg', 'nsis'])) {
    if (!chosen.includes(name)) continue;
    files.push(...(await build({ config, targets: platforms[name].createTarget(name), publish: 'never' })));
  }
  return files;
}

/**
 * What an auditor or a lawyer looks for in the installed app: the bill of materials, the notices and the licence.
 * @param {{ version: string, author: string }} manifest
 * @param {Runtime} runtime
 */
async function writeLegal(manifest, runtime) {
  const bill = await billOfMaterials(runtime);
  await mkdir(legal, { recursive: true });
  await writeFile(path.join(legal, 'sbom.cdx.json'), `${JSON.stringify(bill, null, 1)}\n`);
  await writeFile(path.join(legal, 'THIRD-PARTY-NOTICES.txt'), await noticesText(bill));
  await writeFile(path.join(legal, 'LICENSE.txt'), licenceText(manifest));
}

/** @param {{ version: string, author: string }} manifest `license` there is UNLICENSED: no rights are granted to third parties */
function licenceText({ version, author }) {
  return `Coffer ${version}
Copyright ${author}. All rights reserved: no licence is granted to anyone but the organisation that this copy was made for.

The components of others that are part of Coffer have their own licences: THIRD-PARTY-NOTICES.txt beside this file, and
LICENSE.electron.txt and LICENSES.chromium.html in the folder of the executable.
`;
}
