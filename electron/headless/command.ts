/** The services without a window, for automation, tests and benchmarks. Progress on stderr, one JSON line on stdout. */
import { CofferError } from '../../shared/domain/coffer-error';
import { SeedError, StateFileError } from '../sandbox';
import { describeProblem } from '../services/dataset/problems';
import { diskFailure } from '../store/disk-failure';
import { StoreDamaged } from '../store/store';
import { StripeUnavailable } from '../stripe/problem';
import { parseArguments, UsageError, usage } from './arguments';
import { compareFirst, runBackup, runRestore } from './backups';
import { runClose } from './close';
import { BAD_INPUT, BUG, DAMAGED, type Ending, STOPPED } from './ending';
import { runMigrate } from './migrate';
import { InputError, openSession } from './session';
import { runVerify } from './verify';

function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** What differs between the checkout and the installed app. */
export interface Installation {
  /** How a person starts this command line, for its usage text. */
  readonly program: string;
  /** The stand-alone verifier that goes into every binder: a file that plain Node can run. */
  readonly verifier: string;
}

/** @returns the exit code, after everything is printed */
export async function runHeadless(args: readonly string[], installation: Installation): Promise<number> {
  const ending = await run(args, installation).catch((error: unknown) => failed(error, installation.program));
  await new Promise<void>((resolve) => {
    process.stdout.write(`${JSON.stringify(ending.summary)}\n`, () => resolve());
  });
  return ending.exit;
}

async function run(given: readonly string[], { verifier }: Installation): Promise<Ending> {
  const args = parseArguments(given);
  switch (args.command) {
    case 'verify':
      return runVerify(args.binder, progress, verifier);
    case 'backup':
      return runBackup(args, progress);
    case 'restore':
      return runRestore(args, progress);
    default:
  }
  const session = await openSession(args, progress, verifier);
  try {
    for (const note of session.notes) progress(`note: ${note}`);
    const notCompared = await compareFirst(args.command, session, progress);
    if (notCompared !== null) return notCompared;
    return args.command === 'close'
      ? await runClose(args, session, progress)
      : await runMigrate(args, session, progress);
  } finally {
    await session.close();
  }
}

/** What a failure means to the caller, in words and as an exit code. */
function failed(error: unknown, program: string): Ending {
  if (error instanceof UsageError) {
    progress(`${error.message}\n${usage(program)}`);
    return { exit: BAD_INPUT, summary: { error: 'usage', message: error.message } };
  }
  if (error instanceof InputError) {
    for (const problem of error.problems) progress(describeProblem(problem));
    progress(`${error.problems.length} problems; nothing was imported.`);
    return { exit: BAD_INPUT, summary: { error: 'input', problems: error.problems.map(describeProblem) } };
  }
  if (error instanceof SeedError || error instanceof StateFileError) {
    progress(error.message);
    return { exit: BAD_INPUT, summary: { error: 'input', problems: [error.message] } };
  }
  if (error instanceof StripeUnavailable) {
    progress(`${error.message} ${error.problem.hint}`);
    return {
      exit: STOPPED,
      summary: { error: error.problem.code, message: error.message, action: error.problem.hint },
    };
  }
  if (error instanceof StoreDamaged) {
    progress(`${error.message} ${error.hint}`);
    const findings = error.findings.map((one) => one.message);
    return { exit: DAMAGED, summary: { error: error.code, message: error.message, findings, action: error.hint } };
  }
  const known = error instanceof CofferError ? error : diskFailure(error);
  if (known !== null) {
    progress(`${known.message} ${known.hint}`);
    return { exit: STOPPED, summary: { error: known.code, message: known.message, action: known.hint } };
  }
  progress(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return { exit: BUG, summary: { error: 'bug', message: error instanceof Error ? error.message : String(error) } };
}
