/** `npm run setup`: everything that tests and the app need, and nothing else. */
import { runCommand, say } from './problem.mjs';
import { setUpApp } from './setup/set-up.mjs';

await runCommand(async () => {
  const runtime = await setUpApp({ headless: true });
  say(`Ready: Electron ${runtime.electron} (${runtime.kind}) at ${runtime.path}`);
  return 0;
});
