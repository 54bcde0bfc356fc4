/**
 * Starts the packaged app, as it is. Playwright's own way into Electron is --inspect, which a fuse has closed; the page is reached
 * through Chromium's --remote-debugging-port, which is a switch of the person who starts the app and not of the environment.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { type Browser, chromium, errors, type Page } from '@playwright/test';
import { type Lane, openKeychainSession, type Session } from '../../scripts/setup/keychain-session.mjs';
import { type Account, createThrowawayUser } from '../../scripts/setup/throwaway-user.mjs';
import { debFile, executable } from './package-under-test';

export const isRoot = process.getuid?.() === 0;
const startLimitMs = 60_000;

/** Who runs the app, in a session of their own: root makes an ordinary user for it, anyone else is one. */
export interface Desk {
  readonly session: Session;
  readonly user: Account | undefined;
  /** What is started: the installed command, or the unpacked app where nothing can be installed. */
  readonly command: string;
  close(): Promise<void>;
}

export async function openDesk(lane: Lane = 'unlocked'): Promise<Desk> {
  const account = isRoot ? await createThrowawayUser() : undefined;
  try {
    const session = await openKeychainSession(lane, account ? { user: account } : {});
    return {
      session,
      user: account,
      command: isRoot ? '/usr/bin/coffer' : executable,
      close: async () => {
        await session.close();
        account?.remove();
      },
    };
  } catch (error) {
    account?.remove();
    throw error;
  }
}

/** Installs the package of dist/ with dpkg, as root; refuses where Coffer is installed already. */
export function install(): void {
  if (existsSync('/opt/Coffer') || existsSync('/usr/bin/coffer')) {
    throw new Error('Coffer is installed on this machine already; the test does not touch it. Remove it first.');
  }
  execFileSync('dpkg', ['--install', debFile()], { stdio: 'pipe' });
}

export function uninstall(): void {
  execFileSync('dpkg', ['--purge', 'coffer'], { stdio: 'pipe' });
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `coffer …` without a display, to its end. */
export function runHeadless(desk: Desk, args: readonly string[], extra: Record<string, string> = {}): Promise<Ended> {
  const { DISPLAY: _display, XAUTHORITY: _authority, ...env } = desk.session.env;
  return new Promise((resolve, reject) => {
    const child = spawn(desk.command, args, { env: { ...env, ...extra }, cwd: desk.session.home, ...owner(desk) });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += String(chunk);
    });
    child.stderr.on('data', (chunk) => {
      stderr += String(chunk);
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), 2 * startLimitMs);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    });
  });
}

export interface PackagedApp {
  readonly window: Page;
  readonly pid: number;
  /** All that the app printed so far. */
  printed(): string;
  close(): Promise<void>;
}

export async function startPackaged(
  desk: Desk,
  { switches = [], env = {} }: { switches?: readonly string[]; env?: Record<string, string> } = {},
): Promise<PackagedApp> {
  const child = spawn(desk.command, ['--remote-debugging-port=0', ...switches], {
    env: { ...desk.session.env, ...env },
    cwd: desk.session.home,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...owner(desk),
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      printed += String(chunk);
    });
  }
  let browser: Browser | undefined;
  const close = async () => {
    await browser?.close();
    await end(child);
  };
  try {
    const address = await until(
      () => /DevTools listening on (ws:\S+)/.exec(printed)?.[1],
      child,
      () => printed,
    );
    browser = await connect(address);
    const connected = browser;
    const window = await until(
      () => connected.contexts()[0]?.pages()[0],
      child,
      () => printed,
    );
    if (child.pid === undefined) throw new Error('The app has no process');
    return { window, pid: child.pid, printed: () => printed, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const ANSWERS_WITHIN_MS = 15_000;

/** A connection to a browser that is just starting was seen to get no answer for ever; it is made once more then, and that is said. */
async function connect(address: string): Promise<Browser> {
  try {
    return await chromium.connectOverCDP(address, { timeout: ANSWERS_WITHIN_MS });
  } catch (error) {
    if (!(error instanceof errors.TimeoutError)) throw error;
    console.warn(`The packaged app did not answer within ${ANSWERS_WITHIN_MS / 1000} s and is asked once more`);
    return chromium.connectOverCDP(address);
  }
}

function owner({ user }: Desk): { uid?: number; gid?: number } {
  return user ? { uid: user.uid, gid: user.gid } : {};
}

async function until<T>(find: () => T | undefined, child: ChildProcess, printed: () => string): Promise<T> {
  const deadline = Date.now() + startLimitMs;
  for (;;) {
    const found = find();
    if (found !== undefined) return found;
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      throw new Error(`The packaged app did not start (${child.exitCode ?? child.signalCode}):\n${printed()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** SIGTERM, as a session that ends gives it: the app closes its books first. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await ended;
  clearTimeout(timer);
}

export interface ProcessFacts {
  readonly pid: number;
  readonly command: string;
  readonly uid: number;
  readonly seccomp: number;
  readonly noNewPrivileges: number;
  /** Effective capabilities, in hexadecimal. */
  readonly capabilities: string;
  /** null where the kernel does not tell another account. */
  readonly networkNamespace: string | null;
}

/** What the kernel says of a process. */
export function factsOf(pid: number): ProcessFacts {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string) => new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(status)?.[1] ?? '';
  let networkNamespace: string | null = null;
  try {
    networkNamespace = readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    // A sandboxed process can be looked into by root only.
  }
  return {
    pid,
    command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim(),
    uid: Number(field('Uid')),
    seccomp: Number(field('Seccomp')),
    noNewPrivileges: Number(field('NoNewPrivs')),
    capabilities: field('CapEff'),
    networkNamespace,
  };
}

/** A process and all that descend from it. */
export function familyOf(pid: number): ProcessFacts[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(path.join('/proc', name, 'stat'), 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It ended meanwhile.
    }
  }
  const family = new Set([pid]);
  for (let before = 0; before !== family.size; ) {
    before = family.size;
    for (const [child, parent] of parents) if (family.has(parent)) family.add(child);
  }
  return [...family].flatMap((one) => {
    try {
      return [factsOf(one)];
    } catch {
      return [];
    }
  });
}
