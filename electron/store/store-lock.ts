/**
 * One process per store. The lock is a local socket: the system lets go of it when the process ends, however it ends, so a lock is
 * never left behind.
 */
import { createHash } from 'node:crypto';
import { existsSync, realpathSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { CofferError } from '../../shared/domain/coffer-error';

export interface StoreLock {
  release(): Promise<void>;
}

function address(storePath: string): string {
  const folder = dirname(storePath);
  const real = existsSync(folder) ? realpathSync(folder) : folder;
  const name = createHash('sha256')
    .update(join(real, basename(storePath)))
    .digest('hex')
    .slice(0, 24);
  return process.platform === 'win32' ? `\\\\.\\pipe\\coffer-${name}` : join(tmpdir(), `coffer-${name}.sock`);
}

function listen(path: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(null) : reject(error),
    );
    server.listen(path, () => {
      // The lock must not keep a process alive that has nothing else to do.
      server.unref();
      resolve(server);
    });
  });
}

function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Throws `CofferError` when another process has the store. */
export async function lockStore(storePath: string): Promise<StoreLock> {
  const path = address(storePath);
  for (let tries = 0; tries < 3; tries++) {
    const server = await listen(path);
    if (server !== null) {
      return { release: () => new Promise((resolve) => server.close(() => resolve())) };
    }
    if (await isAlive(path)) break;
    try {
      unlinkSync(path);
    } catch {
      // Somebody else removed it first.
    }
  }
  throw new CofferError(
    'store-in-use',
    'These books are open in another Coffer.',
    'Close it there first; nothing was changed.',
  );
}
