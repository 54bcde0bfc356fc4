import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';
import { Problem, say } from '../problem.mjs';
import { run } from '../process.mjs';

/** dpkg-query's own placeholders. */
const statusFormat = `\${db:Status-Status} \${Package}\\n`;

/** What Electron needs of the system, in tests, demos and the Debian package. Each need with its names, the newer Debian's first. */
export const libraries = [
  ['libgtk-3-0t64', 'libgtk-3-0'],
  ['libnss3'],
  ['libasound2t64', 'libasound2'],
  ['libgbm1'],
  ['libxss1'],
  ['libsecret-1-0'],
];
const headlessDesktop = [
  ['xvfb'],
  ['xauth'],
  ['gnome-keyring'],
  ['dbus-x11'],
  ['fonts-dejavu-core'],
  ['postgresql'],
  ['openssl'],
];
const headlessPrograms = ['Xvfb', 'gnome-keyring-daemon', 'dbus-daemon'];

/**
 * What Electron needs of the system, and for tests and demos also a display and a keyring of their own. On Debian and
 * its kin, root gets the missing packages installed; anyone else gets the line to run.
 * @param {{ headless: boolean }} need
 */
export async function supplySystemPackages({ headless }) {
  if (process.platform !== 'linux') return;
  if (!existsSync('/usr/bin/dpkg-query')) {
    if (headless) assertPrograms();
    return;
  }
  const missing = await missingPackages(headless ? [...libraries, ...headlessDesktop] : libraries);
  if (missing.length === 0) return;
  const names = await chooseNames(missing);
  if (process.getuid?.() !== 0) {
    throw new Problem(
      `Missing system packages. Run: sudo apt-get install -y --no-install-recommends ${names.join(' ')}`,
    );
  }
  await install(missing, names);
}

/**
 * @param {string[][]} needs
 * @returns {Promise<string[][]>}
 */
export async function missingPackages(needs) {
  // dpkg-query exits with 1 when it does not know a name; what it prints for the others still counts.
  const { stdout } = await run('dpkg-query', ['-W', '-f', statusFormat, ...needs.flat()]);
  const installed = new Set(
    stdout
      .split('\n')
      .filter((line) => line.startsWith('installed '))
      .map((line) => line.slice('installed '.length)),
  );
  return needs.filter((names) => !names.some((name) => installed.has(name)));
}

/**
 * @param {string[][]} missing
 * @param {string[]} names
 */
async function install(missing, names) {
  say(`Installing system packages: ${names.join(' ')} …`);
  if ((await aptInstall(names)).code === 0) return;
  const update = await apt(['update']);
  if (update.code !== 0) throw new Problem(`apt-get update failed: ${aptReason(update)}`);
  const known = await chooseNames(missing);
  const outcome = await aptInstall(known);
  if (outcome.code !== 0) throw new Problem(`apt-get could not install ${known.join(' ')}: ${aptReason(outcome)}`);
}

/**
 * The name under which this Debian knows each package.
 * @param {string[][]} needs
 */
async function chooseNames(needs) {
  const chosen = [];
  for (const names of needs) {
    const last = names[names.length - 1];
    const known = names.length > 1 && (await run('apt-cache', ['show', names[0]])).code === 0;
    chosen.push(known ? names[0] : last);
  }
  return chosen;
}

/** @param {string[]} names */
function aptInstall(names) {
  return apt(['install', '-y', '--no-install-recommends', ...names]);
}

/** @param {string[]} args */
function apt(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  return run('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=120', ...args], { env, timeout: 15 * 60_000 });
}

/** @param {import('../process.mjs').Outcome} outcome */
function aptReason(outcome) {
  if (outcome.timedOut) return 'it took longer than 15 minutes';
  const lines = outcome.stderr.split('\n');
  if (lines.some((line) => /No space left/.test(line))) return 'the disk is full';
  return lines.find((line) => line.startsWith('E: '))?.slice(3) ?? `exit code ${outcome.code}`;
}

function assertPrograms() {
  const missing = headlessPrograms.filter((name) => !onPath(name));
  if (missing.length > 0) {
    throw new Problem(`Missing programs: ${missing.join(', ')}. Install them with this system's package manager.`);
  }
}

/** @param {string} program */
function onPath(program) {
  return (process.env.PATH ?? '').split(path.delimiter).some((folder) => {
    try {
      accessSync(path.join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
