/** `npm run bench [-- --short] [--only NAMES]`: how fast Coffer is beside what it is held against. docs/benchmarks.md. */
import { runUnderNode } from './plain-node.mjs';
import { runCommand } from './problem.mjs';

await runCommand(() => runUnderNode('test/bench/main.ts', 'bench'));
