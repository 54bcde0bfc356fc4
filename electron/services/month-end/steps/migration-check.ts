/** Whether a migration stands in the way of the month end. */

import type { CheckView } from '../../../../shared/contract/channel';
import { keptInSuspense, owedToCreators } from '../../../ledger/ledger';
import type { Queries } from '../../../store/store';
import type { ServiceContext } from '../../context';
import { unfinishedMigration } from '../../migration/run';
import { readBalances } from '../../stripe-storage-balance';
import type { Blocker } from '../run';
import { spoken } from './step';

function nextAction(state: string): string {
  return state === 'rolling-back'
    ? 'Make the transfer that the Migration screen asks for, or a new dry run there, which ends the rollback.'
    : 'Finish it or roll it back on the Migration screen.';
}

/** Month end and migration both bring Storage to what is owed: one is over before the other measures what is missing. */
export async function migrationBlockers(db: Queries): Promise<Blocker[]> {
  const state = await unfinishedMigration(db);
  if (state === null) return [];
  return [
    {
      code: 'migration-unfinished',
      message: `A migration is not finished. It is ${state}.`,
      action: nextAction(state),
    },
  ];
}

export async function migrationCheck(context: ServiceContext): Promise<CheckView[]> {
  const { db } = context.store;
  const unfinished = await unfinishedMigration(db);
  if (unfinished !== null) {
    return [
      {
        code: 'migration-unfinished',
        outcome: 'blocker',
        title: 'A migration is not finished',
        detail: `It is ${unfinished}.`,
        action: nextAction(unfinished),
      },
    ];
  }
  const checks: CheckView[] = [];
  const owed = new Map<string, bigint>();
  for (const row of [...(await owedToCreators(db)), ...(await keptInSuspense(db))]) {
    owed.set(row.currency, (owed.get(row.currency) ?? 0n) + row.owed);
  }
  for (const one of await readBalances(context)) {
    const missing = (owed.get(one.currency) ?? 0n) - one.storageAvailable;
    if (missing > 0n) {
      checks.push({
        code: `earlier-obligations-${one.currency}`,
        outcome: 'warning',
        title: `${spoken(missing, one.currency)} owed from earlier months is not in Storage`,
        detail: 'The Fund step will move it, or migrate first.',
        action: '',
      });
    }
  }
  if (checks.length === 0) {
    checks.push({
      code: 'migration',
      outcome: 'pass',
      title: 'No migration is needed',
      detail: 'Storage holds what was owed before this month',
      action: '',
    });
  }
  return checks;
}
