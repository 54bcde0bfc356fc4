import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { Problem } from '../problem.mjs';

const startLimit = 15_000;

/** @returns {Promise<boolean>} whether a window would be seen by someone */
export async function hasDisplay() {
  if (process.platform !== 'linux') return true;
  if (process.env.WAYLAND_DISPLAY) return true;
  const display = process.env.DISPLAY;
  if (!display) return false;
  const local = /^(?:unix)?:(\d+)/.exec(display);
  // A display on another machine is taken at its word; a local one has a socket that answers.
  return local ? answers(`/tmp/.X11-unix/X${local[1]}`) : true;
}

/** @param {string} socketPath */
function answers(socketPath) {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.setTimeout(1_000);
    const settle = (/** @type {boolean} */ result) => {
      socket.destroy();
      resolve(result);
    };
    socket.on('connect', () => settle(true));
    socket.on('error', () => settle(false));
    socket.on('timeout', () => settle(false));
  });
}

/**
 * Starts an X server without a screen, which only holders of its key can use.
 * @param {string} folder a private folder for the key
 * @param {{ uid?: number, gid?: number }} [owner] another account, when root starts it for someone else
 * @returns {Promise<{ env: Record<string, string>, process: import('node:child_process').ChildProcess }>}
 */
export async function startVirtualDisplay(folder, owner = {}) {
  const authority = path.join(folder, 'xauthority');
  writeFileSync(authority, authorityEntry(), { mode: 0o600 });
  if (owner.uid !== undefined && owner.gid !== undefined) chownSync(authority, owner.uid, owner.gid);
  const child = spawn(
    'Xvfb',
    ['-displayfd', '3', '-screen', '0', '1920x1200x24', '-nolisten', 'tcp', '-auth', authority, '-noreset'],
    { ...owner, stdio: ['ignore', 'ignore', 'ignore', 'pipe'] },
  );
  const number = await firstLine(child);
  return { env: { DISPLAY: `:${number}`, XAUTHORITY: authority }, process: child };
}

/**
 * One entry of an X authority file that fits every address and display number, since the server picks its number.
 * Fields are two-byte lengths, then bytes: family (0xffff, any), address, number, protocol, key.
 */
function authorityEntry() {
  const field = (/** @type {Buffer} */ content) => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(content.length);
    return Buffer.concat([length, content]);
  };
  const none = Buffer.alloc(0);
  return Buffer.concat([
    Buffer.from([0xff, 0xff]),
    field(none),
    field(none),
    field(Buffer.from('MIT-MAGIC-COOKIE-1')),
    field(randomBytes(16)),
  ]);
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<string>}
 */
function firstLine(child) {
  return new Promise((resolve, reject) => {
    const fail = () => {
      child.kill('SIGKILL');
      reject(new Problem('The virtual display (Xvfb) did not start.'));
    };
    const timer = setTimeout(fail, startLimit);
    let text = '';
    child.stdio[3]?.on('data', (/** @type {Buffer} */ chunk) => {
      text += chunk.toString('utf8');
      if (!text.includes('\n')) return;
      clearTimeout(timer);
      child.off('exit', fail);
      resolve(text.trim());
    });
    child.on('error', fail);
    child.once('exit', fail);
  });
}
