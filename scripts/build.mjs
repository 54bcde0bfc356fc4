/** `npm run build`: the app into out/. */
import { buildApp } from './build-app.mjs';
import { runCommand } from './problem.mjs';
import { setUpDependencies } from './setup/set-up.mjs';

await runCommand(async () => {
  await setUpDependencies();
  return buildApp();
});
