/** `npm run headless -- …`: the services without the app, on the command line. */
import { runUnderNode } from './plain-node.mjs';
import { runCommand } from './problem.mjs';

await runCommand(() => runUnderNode('electron/headless/cli.ts', 'headless'));
