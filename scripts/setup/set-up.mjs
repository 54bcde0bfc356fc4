import { installDependencies } from './dependencies.mjs';
import { assertNodeVersion } from './node-version.mjs';
import { supplySystemPackages } from './system-packages.mjs';

/** @typedef {import('./electron-binary.mjs').Runtime} Runtime */

/** What every command needs. */
export async function setUpDependencies() {
  assertNodeVersion();
  await installDependencies();
}

/**
 * What a command needs that runs the app.
 * @param {{ headless: boolean }} options headless: with a display and a keyring of its own
 * @returns {Promise<Runtime>}
 */
export async function setUpApp({ headless }) {
  await setUpDependencies();
  await supplySystemPackages({ headless });
  const { supplyElectron } = await import('./electron-binary.mjs');
  return supplyElectron();
}
