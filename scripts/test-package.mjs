/** `npm run test:package`: builds the package, looks into it, installs it, and closes a month in it as an ordinary user. */
import { packageApp } from './package/package-app.mjs';
import { runCommand, say } from './problem.mjs';
import { setUpApp } from './setup/set-up.mjs';
import { tool } from './tools.mjs';

await runCommand(async () => {
  await setUpApp({ headless: true });
  const started = Date.now();
  await packageApp(['dir', 'deb']);
  const built = Date.now();
  const code = await tool('playwright', ['test', '--project', 'package', ...process.argv.slice(2)]);
  const seconds = (/** @type {number} */ ms) => (ms / 1000).toFixed(1);
  say(`Packaged in ${seconds(built - started)} s, tested in ${seconds(Date.now() - built)} s.`);
  return code;
});
