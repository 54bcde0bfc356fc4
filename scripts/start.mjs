/** `npm start`: installs what is missing, builds, opens the app on the sandbox; without a display, the demo's tour. */
import { buildApp } from './build-app.mjs';
import { runDemo } from './demo-tour.mjs';
import { projectRoot } from './paths.mjs';
import { runCommand, say } from './problem.mjs';
import { handOver } from './process.mjs';
import { explainSandbox } from './setup/chromium-sandbox.mjs';
import { hasDisplay } from './setup/display.mjs';
import { setUpApp } from './setup/set-up.mjs';

await runCommand(async () => {
  if (!(await hasDisplay())) {
    say('There is no display here: running the tour of `npm run demo` instead.');
    return runDemo();
  }
  const runtime = await setUpApp({ headless: false });
  const built = await buildApp();
  if (built !== 0) return built;
  if (runtime.kind === 'stand-in')
    say(`Running on an Electron ${runtime.electron} stand-in: for the sandbox only, it refuses live keys.`);
  const env = { ...process.env };
  delete env.ELECTRON_RUN_AS_NODE;
  const args = [...explainSandbox(), projectRoot, ...process.argv.slice(2)];
  return handOver(runtime.path, args, { cwd: projectRoot, env });
});
