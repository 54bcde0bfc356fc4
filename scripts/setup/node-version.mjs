import { Problem } from '../problem.mjs';

const minimum = [20, 19];

/** Stops with one line on a Node that is too old. */
export function assertNodeVersion(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > minimum[0] || (major === minimum[0] && minor >= minimum[1])) return;
  throw new Problem(`Node ${version} is too old: Coffer needs Node ${minimum.join('.')} or newer.`);
}
