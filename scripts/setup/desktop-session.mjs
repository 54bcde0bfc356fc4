import { withKeychainSession } from './keychain-session.mjs';

/**
 * Runs something that opens the app: on Linux with a display and an unlocked keyring of its own, elsewhere on the desktop.
 * @template T
 * @param {(env: NodeJS.ProcessEnv) => Promise<T>} use
 * @param {{ display?: boolean }} [options]
 * @returns {Promise<T>}
 */
export async function inDesktopSession(use, options) {
  if (process.platform !== 'linux') return use(process.env);
  return withKeychainSession('unlocked', ({ env }) => use(env), options);
}
