/** `npm run bench [-- --short] [--hour] [--only NAMES]`: how fast Coffer is beside what it is held against. docs/benchmarks.md. */
import { buildApp } from './build-app.mjs';
import { runUnderNode } from './plain-node.mjs';
import { runCommand } from './problem.mjs';
import { setUpApp } from './setup/set-up.mjs';
import { tool } from './tools.mjs';

/** Measures that open the app, and an empty window beside it. */
const withApp = ['start', 'ipc', 'memory'];

await runCommand(async () => {
  const args = process.argv.slice(2);
  const only = args.indexOf('--only') + 1;
  if (only === 0 || withApp.some((name) => args[only]?.split(',').includes(name))) {
    await setUpApp({ headless: true });
    const config = ['--config', 'test/bench/empty-window/electron.vite.config.ts'];
    const built = (await buildApp()) || (await tool('electron-vite', ['build', '--logLevel', 'warn', ...config]));
    if (built !== 0) return built;
  }
  return runUnderNode('test/bench/main.ts', 'bench');
});
