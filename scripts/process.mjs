import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** @typedef {{ code: number, signal: NodeJS.Signals | null, stdout: string, stderr: string, timedOut: boolean }} Outcome */

/**
 * The exit code of a process that a signal ended, as shells give it.
 * @param {NodeJS.Signals} signal
 */
export function signalExitCode(signal) {
  return 128 + (constants.signals[signal] ?? 0);
}

/**
 * Runs a command to its end and collects what it prints. Never throws: a command that cannot be started has code 127.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions & { timeout?: number, input?: string }} [options]
 * @returns {Promise<Outcome>}
 */
export function run(command, args, options = {}) {
  const { timeout, input, ...spawnOptions } = options;
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      ...spawnOptions,
    });
    let stdout = '';
    let stderr = '';
    let timedOut = false;
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    if (input !== undefined) child.stdin?.end(input);
    const timer = timeout
      ? setTimeout(() => {
          timedOut = true;
          child.kill('SIGKILL');
        }, timeout)
      : undefined;
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve({ code: 127, signal: null, stdout, stderr: stderr + error.message, timedOut });
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code: exitCode(code, signal), signal, stdout, stderr, timedOut });
    });
  });
}

let interrupted = false;

/** @returns {boolean} whether someone asked this process to end while it had handed over */
export function wasInterrupted() {
  return interrupted;
}

/**
 * Runs a command in the person's place: same terminal, same signals, same exit code.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<number>} the exit code
 */
export function handOver(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    /** @type {NodeJS.Signals[]} */
    const signals = process.platform === 'win32' ? ['SIGINT', 'SIGTERM'] : ['SIGINT', 'SIGTERM', 'SIGHUP'];
    const forward = (/** @type {NodeJS.Signals} */ signal) => {
      interrupted = true;
      // Ctrl-C in a terminal reaches the child by itself, and a second one would mean "at once" to it.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    };
    for (const signal of signals) process.on(signal, forward);
    // npm passes a signal to the shell between it and this process, and the shell keeps it: losing the parent is the sign.
    const parent = process.ppid;
    const watch =
      process.env.npm_lifecycle_event && setInterval(() => process.ppid !== parent && forward('SIGTERM'), 200);
    const finish = () => {
      clearInterval(watch || undefined);
      for (const signal of signals) process.off(signal, forward);
    };
    child.on('error', (error) => {
      finish();
      reject(error);
    });
    child.on('close', (code, signal) => {
      finish();
      resolve(exitCode(code, signal));
    });
  });
}

/**
 * npm, started the way the person started it where that is known.
 * @param {readonly string[]} args
 * @returns {{ command: string, args: string[], shell: boolean }}
 */
export function npm(args) {
  const entry = process.env.npm_execpath;
  if (entry && /npm-cli\.[cm]?js$/.test(entry)) {
    return { command: process.execPath, args: [entry, ...args], shell: false };
  }
  const windows = process.platform === 'win32';
  return { command: windows ? 'npm.cmd' : 'npm', args: [...args], shell: windows };
}

/**
 * The line of npm's errors that says what is wrong.
 * @param {string} stderr
 */
export function npmReason(stderr) {
  const lines = stderr.split('\n').map((line) => line.replace(/^npm (error|ERR!)\s*/i, '').trim());
  return (
    lines.find(
      (line) => line !== '' && !/^(code|npm warn|syscall|errno)\b/.test(line) && !/complete log|debug-\d/.test(line),
    ) ?? ''
  );
}

/**
 * @param {number | null} code
 * @param {NodeJS.Signals | null} signal
 */
function exitCode(code, signal) {
  if (code !== null) return code;
  return signal ? signalExitCode(signal) : 1;
}
