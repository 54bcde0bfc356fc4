/** `npm run simulator -- --port P --state FILE [--seed DIR]`: the embedded local Stripe, alone. */
import { runUnderNode } from './plain-node.mjs';
import { runCommand } from './problem.mjs';

await runCommand(() => runUnderNode('electron/sandbox/cli.ts', 'simulator'));
