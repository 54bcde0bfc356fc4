/** `npm run demo`: drives the real app through migration and month end; leaves what it saw in demo-output/. */
import { runDemo } from './demo-tour.mjs';
import { runCommand } from './problem.mjs';

await runCommand(runDemo);
