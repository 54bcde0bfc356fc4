/**
 * `npm run package [-- --target dir,deb,AppImage,dmg,nsis]`: an installable build in dist/. Without --target what this machine can
 * build with nothing but the registry: on Linux the folder and the Debian package, elsewhere the folder.
 */
import { parseArgs } from 'node:util';
import { packageApp, targets } from './package/package-app.mjs';
import { Problem, runCommand, say } from './problem.mjs';

await runCommand(async () => {
  const chosen = readTargets(process.argv.slice(2));
  const built = await packageApp(chosen);
  for (const file of built.files) process.stdout.write(`${file}\n`);
  if (built.runtime.kind === 'stand-in') {
    say(
      `Built on the Electron ${built.runtime.electron} stand-in: for the sandbox and test mode only, it refuses live keys.`,
    );
  }
  return 0;
});

/** @param {string[]} args */
function readTargets(args) {
  const usage = new Problem(`Usage: npm run package -- [--target ${targets.join(',')}] (any of them)`);
  /** @type {{ target?: string }} */
  let values;
  try {
    values = parseArgs({ args, options: { target: { type: 'string' } } }).values;
  } catch {
    throw usage;
  }
  const names = values.target?.split(',') ?? (process.platform === 'linux' ? ['dir', 'deb'] : ['dir']);
  const chosen = targets.filter((name) => names.includes(name));
  if (chosen.length !== names.length) throw usage;
  return chosen;
}
