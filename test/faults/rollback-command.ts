/** Rolls the current migration back from the command line, as the Migration screen does. Run by the fault tests only. */
import { parseArguments } from '../../electron/headless/arguments';
import { openSession } from '../../electron/headless/session';
import { RunGuard } from '../../electron/services/context';
import { rollBackMigration } from '../../electron/services/migration/rollback';
import { migrationView } from '../../electron/services/migration/view';
import { CofferError } from '../../shared/domain/coffer-error';

const args = parseArguments(['migrate', ...process.argv.slice(3)]);
if (args.command !== 'migrate') throw new Error('Not a run');
const session = await openSession(args, (line) => process.stderr.write(`${line}\n`));
const guard = new RunGuard();
const { context } = session.platform;
let exit = 0;
let message = '';
try {
  const { rollbackConfirmation } = await migrationView(context, guard);
  await rollBackMigration(context, guard, rollbackConfirmation === '' ? null : rollbackConfirmation, 5_000);
} catch (error) {
  if (!(error instanceof CofferError)) throw error;
  message = `${error.code}: ${error.message}`;
  exit = 3;
}
const { state } = await migrationView(context, guard);
await session.close();
process.stdout.write(`${JSON.stringify({ command: 'rollback', state, message })}\n`, () => {
  process.exitCode = exit !== 0 ? exit : state === 'rolled-back' ? 0 : 3;
});
