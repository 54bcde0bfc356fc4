/** Runs that were begun and are not over: a person goes on with them, or back. Amounts in minor units. */
import type { UnfinishedRun } from '../../shared/contract/app';
import type { MigrationState } from '../../shared/contract/migration';
import { period as toPeriod } from '../../shared/period/period';
import type { RunGuard, ServiceContext } from './context';
import { isUnfinishedMigration } from './migration/run';
import { migrationView } from './migration/view';
import { isUnfinished } from './month-end/periods';
import { monthEndView } from './month-end/view';
import { readOpenPeriod } from './settings';

export async function unfinishedRuns(context: ServiceContext, guard: RunGuard): Promise<UnfinishedRun[]> {
  const runs: UnfinishedRun[] = [];
  const migration = await migrationView(context, guard);
  if (isUnfinishedMigration(migration.state) && migration.plan !== null) {
    const moved = new Map(migration.moved.map((one) => [one.currency, BigInt(one.amount)]));
    runs.push({
      kind: 'migration',
      id: migration.id ?? '',
      title: migration.running
        ? 'A migration is running'
        : `A migration is not finished: ${stateWords(migration.state)}`,
      state: migration.state,
      detail: migration.stopReason ?? '',
      moved: migration.moved,
      remaining: migration.plan.delta.map((one) => ({
        currency: one.currency,
        amount: String(BigInt(one.amount) - (moved.get(one.currency) ?? 0n)),
      })),
      period: migration.period,
      since: migration.startedAt ?? migration.approvedAt ?? migration.plan.createdAt,
      running: migration.running,
      // What is only approved is executed on its own screen, where the amount is typed.
      canResume: migration.state === 'stopped',
      canRollBack: migration.state === 'stopped',
    });
  }
  const open = await readOpenPeriod(context.store.db);
  if (open !== null && (await isUnfinished(context, open))) {
    const view = await monthEndView(context, guard, toPeriod(open));
    const current = view.steps.find((step) => step.state !== 'done');
    runs.push({
      kind: 'month-end',
      id: open,
      title: view.running ? `The month end of ${open} is running` : `The month end of ${open} is not finished`,
      state: view.state,
      detail: current === undefined ? '' : `Next: ${current.title}.`,
      moved: view.outcomes.map((one) => ({ currency: one.currency, amount: one.postedAmount })),
      remaining: view.outcomes.map((one) => ({
        currency: one.currency,
        amount: String(BigInt(one.plannedAmount) - BigInt(one.postedAmount)),
      })),
      period: open,
      since: view.steps.find((step) => step.startedAt !== null)?.startedAt ?? context.now().toISOString(),
      running: view.running,
      canResume: true,
      canRollBack: false,
    });
  }
  return runs;
}

function stateWords(state: MigrationState): string {
  return state === 'approved' ? 'approved and not executed' : state.replace('-', ' ');
}
