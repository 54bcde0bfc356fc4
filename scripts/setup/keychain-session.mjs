/**
 * A desktop session of its own for tests and demos: private HOME and runtime folder, a D-Bus, a real gnome-keyring and a
 * virtual display. Nothing of it touches the person's own session, and all of it ends with `close()` or with the process.
 *
 * Lanes: `unlocked` — a keyring that is open; `locked` — a keyring exists and nobody unlocks it; `none` — no secret service.
 *
 *   node scripts/setup/keychain-session.mjs [--lane unlocked|locked|none] [--no-display] -- command …
 */
import { spawn } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Problem, runCommand } from '../problem.mjs';
import { handOver, run, signalExitCode } from '../process.mjs';
import { startVirtualDisplay } from './display.mjs';

/** @typedef {'unlocked' | 'locked' | 'none'} Lane */
/** @typedef {{ env: NodeJS.ProcessEnv, uid?: number, gid?: number }} RunAs */
/** @typedef {{ lane: Lane, home: string, env: NodeJS.ProcessEnv, close: () => Promise<void> }} Session */

export const lanes = /** @type {const} */ (['unlocked', 'locked', 'none']);

const startLimit = 15_000;
const stopLimit = 3_000;
/** Protects nothing: the keyring lives as long as the session. */
const keyringPassword = 'coffer-test-session\n';

/** Of the person's own session; a private one must not fall back on them. */
const foreign = [
  ...['DBUS_SESSION_BUS_ADDRESS', 'DBUS_SESSION_BUS_PID', 'DBUS_STARTER_ADDRESS', 'GNOME_KEYRING_CONTROL'],
  ...[
    'XDG_CONFIG_HOME',
    'XDG_DATA_HOME',
    'XDG_STATE_HOME',
    'XDG_CACHE_HOME',
    'XDG_CURRENT_DESKTOP',
    'XDG_SESSION_TYPE',
  ],
  ...['WAYLAND_DISPLAY', 'SSH_AUTH_SOCK', 'ELECTRON_RUN_AS_NODE'],
];

/**
 * @param {Lane} lane
 * @param {{ display?: boolean, user?: import('./throwaway-user.mjs').Account }} [options] display: start a virtual one (default), or
 *   keep the present one; user: whose session it is, when root opens it for someone else
 * @returns {Promise<Session>}
 */
export async function openKeychainSession(lane, { display = true, user } = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'coffer-session-'));
  const home = path.join(folder, 'home');
  const runtime = path.join(folder, 'run');
  for (const place of [home, runtime]) mkdirSync(place, { mode: 0o700 });
  if (user) for (const place of [folder, home, runtime]) chownSync(place, user.uid, user.gid);
  const owner = user ? { uid: user.uid, gid: user.gid } : {};
  /** @type {import('node:child_process').ChildProcess[]} */
  const children = [];
  const endNow = () => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  process.once('exit', endNow);
  /** @type {NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const onSignal = (/** @type {NodeJS.Signals} */ signal) => {
    // Whoever else listens has something to finish first and closes the session afterwards.
    if (process.listenerCount(signal) === 1) process.exit(signalExitCode(signal));
  };
  for (const signal of signals) process.on(signal, onSignal);
  const close = async () => {
    process.off('exit', endNow);
    for (const signal of signals) process.off(signal, onSignal);
    // Last started, first stopped: the keyring lets go of the bus before the bus goes.
    for (const child of [...children].reverse()) await stop(child);
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    const env = privateEnvironment(home, runtime);
    if (user) Object.assign(env, { USER: user.name, LOGNAME: user.name });
    Object.assign(env, { DBUS_SESSION_BUS_ADDRESS: await startBus(runtime, { env, ...owner }, children) });
    if (lane !== 'none') await startKeyring(lane, runtime, { env, ...owner }, children);
    if (display) {
      const virtual = await startVirtualDisplay(runtime, owner);
      children.push(virtual.process);
      Object.assign(env, virtual.env);
    }
    return { lane, home, env, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Runs a function inside a session; the session ends however the function ends.
 * @template T
 * @param {Lane} lane
 * @param {(session: Session) => Promise<T>} use
 * @param {{ display?: boolean }} [options]
 * @returns {Promise<T>}
 */
export async function withKeychainSession(lane, use, options) {
  const session = await openKeychainSession(lane, options);
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}

/**
 * @param {string} home
 * @param {string} runtime
 */
function privateEnvironment(home, runtime) {
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, HOME: home, XDG_RUNTIME_DIR: runtime };
  for (const name of foreign) delete env[name];
  return env;
}

/**
 * A bus that starts no services by itself: a keyring is there exactly if the lane has one.
 * @param {string} runtime
 * @param {RunAs} as
 * @param {import('node:child_process').ChildProcess[]} children
 * @returns {Promise<string>} its address
 */
async function startBus(runtime, as, children) {
  const socket = path.join(runtime, 'bus');
  const config = path.join(runtime, 'bus.conf');
  writeFileSync(
    config,
    `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=${socket}</listen>
  <policy context="default">
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    <allow own="*"/>
  </policy>
</busconfig>
`,
  );
  const child = spawn('dbus-daemon', [`--config-file=${config}`, '--nofork', '--nopidfile'], {
    ...as,
    stdio: 'ignore',
  });
  children.push(child);
  await until(child, () => existsSync(socket), 'The session bus (dbus-daemon) did not start.');
  return `unix:path=${socket}`;
}

/**
 * @param {'unlocked' | 'locked'} lane
 * @param {string} runtime
 * @param {RunAs} as
 * @param {import('node:child_process').ChildProcess[]} children
 */
async function startKeyring(lane, runtime, as, children) {
  const program = await runnableKeyring(runtime, as);
  const control = path.join(runtime, 'keyring', 'control');
  const failure = 'The keyring (gnome-keyring-daemon) did not start.';
  const unlocked = spawn(program, ['--foreground', '--unlock', '--components=secrets'], {
    ...as,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  children.push(unlocked);
  unlocked.stdin?.on('error', () => {});
  unlocked.stdin?.end(keyringPassword);
  await until(unlocked, () => hasSecretService(as), failure);
  if (lane === 'unlocked') return;
  // The first daemon made the keyring; the second finds it and nobody gives it the password.
  await stop(unlocked);
  rmSync(control, { force: true });
  const locked = spawn(program, ['--foreground', '--components=secrets'], { ...as, stdio: 'ignore' });
  children.push(locked);
  await until(locked, () => hasSecretService(as), failure);
}

/**
 * The packaged program carries a file capability that some containers refuse to start; a plain copy starts everywhere.
 * @param {string} runtime
 * @param {RunAs} as
 */
async function runnableKeyring(runtime, as) {
  const program = 'gnome-keyring-daemon';
  if ((await run(program, ['--version'], as)).code === 0) return program;
  const installed = `/usr/bin/${program}`;
  if (!existsSync(installed)) throw new Problem('gnome-keyring-daemon is missing (Debian package gnome-keyring).');
  const copy = path.join(runtime, program);
  copyFileSync(installed, copy);
  chmodSync(copy, 0o755);
  return copy;
}

/** @param {RunAs} as */
async function hasSecretService(as) {
  const call = ['--session', '--print-reply', '--dest=org.freedesktop.DBus', '/', 'org.freedesktop.DBus.NameHasOwner'];
  const { stdout } = await run('dbus-send', [...call, 'string:org.freedesktop.secrets'], { ...as, timeout: 5_000 });
  return /boolean true/.test(stdout);
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {() => boolean | Promise<boolean>} ready
 * @param {string} failure
 */
async function until(child, ready, failure) {
  let failed = false;
  child.once('error', () => {
    failed = true;
  });
  const deadline = Date.now() + startLimit;
  while (!(await ready())) {
    if (failed || child.exitCode !== null || child.signalCode !== null || Date.now() > deadline)
      throw new Problem(failure);
    await delay(50);
  }
}

/** @param {import('node:child_process').ChildProcess} child */
async function stop(child) {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopLimit);
  await ended;
  clearTimeout(timer);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await runCommand(async () => {
    const args = process.argv.slice(2);
    const split = args.indexOf('--');
    const [options, command] = split < 0 ? [[], args] : [args.slice(0, split), args.slice(split + 1)];
    const named = options.includes('--lane') ? options[options.indexOf('--lane') + 1] : 'unlocked';
    const lane = lanes.find((candidate) => candidate === named);
    if (!lane || command.length === 0) {
      throw new Problem('Usage: keychain-session.mjs [--lane unlocked|locked|none] [--no-display] -- command …');
    }
    const display = !options.includes('--no-display');
    return withKeychainSession(lane, ({ env }) => handOver(command[0], command.slice(1), { env }), { display });
  });
}
