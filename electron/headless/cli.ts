/** `npm run headless`: the command line under plain Node. */
import { runHeadless } from './command';
import { VERIFIER } from './verify';

process.exitCode = await runHeadless(process.argv.slice(2), { program: 'npm run headless --', verifier: VERIFIER });
