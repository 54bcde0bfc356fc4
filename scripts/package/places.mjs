import path from 'node:path';
import { projectRoot } from '../paths.mjs';

/** Everything that `npm run package` makes. */
export const output = path.join(projectRoot, 'dist');

/** The app as a folder, on this platform; what the installers pack. */
export const unpacked = path.join(output, unpackedName());

/** Files made for the package on the way. */
export const legal = path.join(output, '.legal');

function unpackedName() {
  const architecture = process.arch === 'x64' ? '' : `-${process.arch}`;
  if (process.platform === 'darwin') return `mac${architecture}`;
  return `${process.platform === 'win32' ? 'win' : 'linux'}${architecture}-unpacked`;
}
