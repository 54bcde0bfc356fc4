import { readFileSync } from 'node:fs';
import { say } from '../problem.mjs';

/**
 * Chromium's sandbox cannot be used by root; everyone else keeps it.
 * @returns {string[]} switches that Electron needs here
 */
export function sandboxSwitches() {
  return process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [];
}

/**
 * The same, for a person who opens the app: says why, and what may be in the way.
 * @returns {string[]}
 */
export function explainSandbox() {
  const switches = sandboxSwitches();
  if (switches.length > 0) {
    say(
      "You are root, who cannot use Chromium's sandbox: the app starts with --no-sandbox. Use an ordinary account for real work.",
    );
  } else if (process.platform === 'linux') {
    const remedy = obstacle();
    if (remedy)
      say(`This system may refuse Chromium's sandbox. If no window opens, run: sudo sysctl -w kernel.${remedy}`);
  }
  return switches;
}

/** @returns {string | undefined} the setting that would let an ordinary account use the sandbox */
function obstacle() {
  if (setting('apparmor_restrict_unprivileged_userns') === '1') return 'apparmor_restrict_unprivileged_userns=0';
  if (setting('unprivileged_userns_clone') === '0') return 'unprivileged_userns_clone=1';
  return undefined;
}

/** @param {string} name */
function setting(name) {
  try {
    return readFileSync(`/proc/sys/kernel/${name}`, 'utf8').trim();
  } catch {
    return undefined;
  }
}
