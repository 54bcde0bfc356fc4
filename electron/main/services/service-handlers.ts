/**
 * Answers every channel that is about the platform, by the handlers of its area, and says which channels have to wait: for an import
 * that is under way, or for Stripe's first answer.
 */

import { busy } from '../../services/context';
import type { ServiceChannel, ServiceHandlers } from '../service-host';
import { approvalHandlers } from './handlers/approvals';
import { backupHandlers } from './handlers/backups';
import { balancesHandlers } from './handlers/balances';
import { dataHandlers } from './handlers/data';
import { dataSourceHandlers } from './handlers/data-source';
import { migrationHandlers } from './handlers/migration';
import { monthEndHandlers } from './handlers/month-end';
import { payoutsHandlers } from './handlers/payouts';
import { peopleHandlers } from './handlers/people';
import { proofHandlers } from './handlers/proof';
import { revenueHandlers } from './handlers/revenue';
import { sandboxHandlers } from './handlers/sandbox';
import { scheduleHandlers } from './handlers/schedule';
import { settingsHandlers } from './handlers/settings';
import type { OpenBooks } from './open-books';
import type { ScheduleClock } from './schedule-clock';
import type { WatchedFolder } from './watched-folder';

/** Channels that write without starting a run of their own. While an import has the store's write lock they would wait for it. */
const WRITES: readonly Exclude<ServiceChannel, `backups.${string}`>[] = [
  'settings.update',
  'settings.chooseStorageAccount',
  'alerts.acknowledge',
  'alerts.snooze',
  'alerts.resolve',
  'migration.plan',
  'migration.approve',
  'monthEnd.acknowledge',
  'monthEnd.reopen',
  'monthEnd.checkGuided',
  'payouts.cancel',
  'payouts.hold',
  'payouts.releaseHold',
  'creators.resolveSuspense',
  'reconciliation.take',
  'reconciliation.note',
  'reconciliation.resolve',
  'revenue.planWithdrawal',
  'revenue.approveWithdrawal',
  'revenue.dropWithdrawal',
  'migration.saveCertificate',
  'exports.save',
  'exports.binder',
  'schedule.update',
  'dataSource.savePostgres',
  'dataSource.removePostgres',
  'dataSource.chooseWatched',
  'dataSource.stopWatching',
];

/** What the first screen is drawn from: it is in the books, and answers before Stripe does. */
const WITHOUT_STRIPE: ReadonlySet<string> = new Set<ServiceChannel>([
  'backups.state',
  'settings.get',
  'alerts.list',
  'balances.overview',
  'balances.history',
]);

export function serviceHandlers(books: OpenBooks, watched: WatchedFolder, schedule: ScheduleClock): ServiceHandlers {
  const handlers = {
    ...approvalHandlers(books),
    ...balancesHandlers(books),
    ...dataHandlers(books),
    ...dataSourceHandlers(books, watched),
    ...migrationHandlers(books),
    ...monthEndHandlers(books),
    ...payoutsHandlers(books),
    ...peopleHandlers(books),
    ...proofHandlers(books),
    ...revenueHandlers(books),
    ...sandboxHandlers(books),
    ...scheduleHandlers(schedule),
    ...settingsHandlers(books),
  };
  const guarded = WRITES.map((name) => {
    const answer = handlers[name] as (args: unknown) => Promise<unknown>;
    const unlessImporting = async (args: unknown): Promise<unknown> => {
      if (books.guard.running === 'import') throw busy();
      return answer(args);
    };
    return [name, unlessImporting];
  });
  return onceConnected(books, { ...handlers, ...backupHandlers(books), ...Object.fromEntries(guarded) });
}

/** All others wait for the first answer of Stripe after the books were opened, or for its absence. */
function onceConnected(books: OpenBooks, handlers: ServiceHandlers): ServiceHandlers {
  const waiting = Object.entries(handlers).map(([name, handler]) => {
    const answer = handler as (args: unknown) => Promise<unknown>;
    const afterwards = async (args: unknown): Promise<unknown> => {
      await books.firstConnection();
      return answer(args);
    };
    return [name, WITHOUT_STRIPE.has(name) ? answer : afterwards];
  });
  return Object.fromEntries(waiting) as ServiceHandlers;
}
