/**
 * Labelled points for the fault tests. `COFFER_KILL_AT=label:n` ends this process with SIGKILL at the n-th time that it comes to the
 * label; `COFFER_CHECKPOINT_LOG=file` appends every label it comes to. Both are refused unless `COFFER_FAULT_TESTS=1`.
 */
import { appendFileSync } from 'node:fs';
import { UsageError } from './arguments';

export type Checkpoint = (label: string) => Promise<void>;

/** Undefined when the environment asks for nothing. Throws `UsageError`. */
export function killPoint(env: NodeJS.ProcessEnv): Checkpoint | undefined {
  const { COFFER_KILL_AT: killAt, COFFER_CHECKPOINT_LOG: log } = env;
  if (killAt === undefined && log === undefined) return undefined;
  if (env.COFFER_FAULT_TESTS !== '1') {
    throw new UsageError('COFFER_KILL_AT and COFFER_CHECKPOINT_LOG are for fault tests only: COFFER_FAULT_TESTS=1.');
  }
  const point = killAt === undefined ? null : /^([a-z][a-z.-]*):([1-9]\d*)$/.exec(killAt);
  if (killAt !== undefined && point === null) throw new UsageError(`COFFER_KILL_AT is "${killAt}", not label:n.`);
  const [, label = '', count = ''] = point ?? [];
  let left = Number(count);
  return async (reached) => {
    if (log !== undefined) appendFileSync(log, `${reached}\n`);
    if (reached !== label) return;
    left -= 1;
    if (left > 0) return;
    process.kill(process.pid, 'SIGKILL');
    // Nothing more is done here, however long the signal takes.
    await new Promise(() => {});
  };
}
