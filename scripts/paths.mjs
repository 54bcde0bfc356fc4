import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
export const nodeModules = path.join(projectRoot, 'node_modules');

/** What set-up remembers about this clone; goes away with node_modules. */
export const setupState = path.join(nodeModules, '.coffer');

/** Large things that several clones share and that survive `npm ci`. */
export const sharedCache = path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'coffer');
