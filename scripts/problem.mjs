/**
 * What a person reads when a command cannot go on: one line that names what is missing and what to do about it.
 * Everything else that is thrown is a bug; COFFER_DEBUG=1 shows its stack.
 */
export class Problem extends Error {}

/**
 * Progress of set-up goes to stderr, so that stdout stays exactly the output of the command that was asked for.
 * @param {string} text
 */
export function say(text) {
  process.stderr.write(`coffer: ${text}\n`);
}

/**
 * Runs a command's main function; its result is the exit code.
 * @param {() => Promise<number | undefined>} main
 */
export async function runCommand(main) {
  let code = 1;
  try {
    code = (await main()) ?? 0;
  } catch (error) {
    say(explain(error));
    if (process.env.COFFER_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  }
  process.exitCode = code;
  // A hook that electron-builder loads (async-exit-hook) ends the process with 0 before it ends by itself.
  process.once('exit', () => {
    process.exitCode = code;
  });
}

/**
 * @param {unknown} error
 * @returns {string} one line
 */
export function explain(error) {
  if (error instanceof Problem) return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC') return 'The disk is full. Free about 2 GB and run the command again.';
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return `No permission to write here: ${error instanceof Error ? error.message : ''}`;
  }
  const text = error instanceof Error ? error.message : String(error);
  return `Unexpected problem: ${text.split('\n')[0]} (COFFER_DEBUG=1 shows more)`;
}
