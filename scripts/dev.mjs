/** `npm run dev`: the app with live reload. */
import { Problem, runCommand } from './problem.mjs';
import { explainSandbox } from './setup/chromium-sandbox.mjs';
import { hasDisplay } from './setup/display.mjs';
import { setUpApp } from './setup/set-up.mjs';
import { tool } from './tools.mjs';

await runCommand(async () => {
  if (!(await hasDisplay())) throw new Problem('There is no display here; `npm run dev` needs one.');
  const runtime = await setUpApp({ headless: false });
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, ELECTRON_EXEC_PATH: runtime.path };
  delete env.ELECTRON_RUN_AS_NODE;
  if (explainSandbox().includes('--no-sandbox')) env.NO_SANDBOX = '1';
  return tool('electron-vite', ['dev'], env);
});
