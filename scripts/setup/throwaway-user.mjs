/**
 * An ordinary account for a test that root runs: Chromium's sandbox is for everyone but root. It has no password, no shell and no
 * home of its own, and is removed at the end.
 */
import { spawnSync } from 'node:child_process';
import { Problem } from '../problem.mjs';
import { run } from '../process.mjs';

let made = 0;

/** @typedef {{ name: string, uid: number, gid: number }} Account */

/** @returns {Promise<Account & { remove: () => void }>} */
export async function createThrowawayUser() {
  made += 1;
  const name = `coffer-test-${process.pid}-${made}`;
  const outcome = await run('useradd', [
    '--system',
    '--user-group',
    '--no-create-home',
    '--shell',
    '/usr/sbin/nologin',
    name,
  ]);
  if (outcome.code !== 0) throw new Problem(`No account for the test could be made: ${outcome.stderr.trim()}`);
  const remove = () => {
    process.off('exit', remove);
    spawnSync('userdel', [name], { stdio: 'ignore' });
  };
  process.once('exit', remove);
  const id = async (/** @type {string} */ which) => Number((await run('id', [which, name])).stdout.trim());
  return { name, uid: await id('-u'), gid: await id('-g'), remove };
}
