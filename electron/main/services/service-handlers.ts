/** Answers every channel that is about the platform: thin, one line each where it can be. Amounts become text in the services. */
import { join } from 'node:path';
import type { ScheduleSettings } from '../../../shared/contract/schedule';
import type { SettingsView } from '../../../shared/contract/settings';
import { CofferError } from '../../../shared/domain/coffer-error';
import { requireTyped } from '../../../shared/domain/confirmation';
import { currency as toCurrency } from '../../../shared/money/money';
import { period as toPeriod } from '../../../shared/period/period';
import { appendAudit } from '../../journal/audit-chain';
import { isOpen, OPEN_STATES } from '../../journal/intent';
import { listIntents, readIntent } from '../../journal/journal';
import { NEVER_RESEND, resolveUnknown } from '../../journal/movement';
import { RAILS } from '../../rails';
import {
  acknowledgeAlert,
  alertCounts,
  alertHistory,
  listAlerts,
  resolveAlert,
  snoozeAlert,
} from '../../services/alerts';
import { listAudit, verifyAudit } from '../../services/audit';
import { checkpointFile, checkpointNow } from '../../services/audit-checkpoints';
import { balanceHistory, coverageLines } from '../../services/balance-history';
import { writeBinder } from '../../services/binder';
import { LOOK_UP } from '../../services/context';
import { earningsForUser } from '../../services/earnings-for-user';
import { approveMigration, executeMigration, makePlan } from '../../services/execute-migration';
import { EXPORT_NAMES, listExports, saveExports } from '../../services/exports/make-exports';
import { writeFiles, writeWhole } from '../../services/exports/write-files';
import { obligations, totalOwed } from '../../services/fund-tracking';
import { rollBackMigration } from '../../services/migration/rollback';
import { migrationCertificate, migrationView } from '../../services/migration/view';
import { coverageAt } from '../../services/monitoring/past';
import { checkGuidedOf, guidedTasks } from '../../services/month-end/guided-tasks';
import { payoutPlanView } from '../../services/month-end/payout-plan-view';
import { listPeriods } from '../../services/month-end/periods';
import { reopen } from '../../services/month-end/reopen';
import { readRun, startRun } from '../../services/month-end/run';
import { approve, runStep } from '../../services/month-end/run-step';
import { preflightChecks } from '../../services/month-end/steps';
import { monthEndView } from '../../services/month-end/view';
import { acknowledgeWarning } from '../../services/month-end/warnings';
import { pageOfRows } from '../../services/paging';
import { listPayouts, payoutDetail } from '../../services/payout-list';
import {
  daysOfPeriod,
  exceptionDetail,
  listLines,
  noteException,
  reconciliationSummary,
  resolveException,
  takeException,
} from '../../services/reconciliation';
import { monthsCsv, revenueView } from '../../services/revenue';
import { SANDBOX_DATASETS } from '../../services/sandbox-platform';
import { liftsApprovalLimit, readOpenPeriod, readSettings, writeSettings } from '../../services/settings';
import { creatorStatement, listCreators, listSubscribers, subscriberStatement } from '../../services/statements';
import { chooseStorageAccount, storageAccountsView } from '../../services/storage-account';
import { migrationPreflight, planMigration } from '../../services/storage-balance-migration';
import { readBalances, settleRun } from '../../services/stripe-storage-balance';
import {
  cancelPayout,
  mayResendUnder,
  payRun,
  planPayouts,
  retryConfirmation,
  retryPayouts,
  setHold,
} from '../../services/stripe-transfer';
import { listSuspense, resolveSuspense } from '../../services/suspense';
import {
  approveWithdrawal,
  cancelWithdrawal,
  listWithdrawals,
  planWithdrawal,
  withdraw,
  withdrawalWaits,
} from '../../services/withdrawal';
import type { Queries } from '../../store/store';
import type { ServiceChannel, ServiceHandlers } from '../service-host';
import { approvalHandlers } from './approval-handlers';
import { backupHandlers } from './backup-handlers';
import { dataSourceHandlers } from './data-source-handlers';
import { previewView } from './import-preview';
import type { OpenBooks } from './open-books';
import { clearFaults, faultOnDemand, outsideMove, playDashboard, sandboxStatus } from './sandbox-controls';
import type { ScheduleClock } from './schedule-clock';
import { STATEMENTS, saveEarnings, saveStatement, saveStatements } from './statement-files';
import type { WatchedFolder } from './watched-folder';

/** How long one step waits for Stripe before it says "still under way" and leaves the rest to polling. */
const PATIENCE_MS = 20_000;

type BackupChannel = Extract<keyof ServiceHandlers, `backups.${string}`>;

/** Channels that write without starting a run of their own. While an import has the store's write lock they would wait for it. */
const WRITES: readonly Exclude<keyof ServiceHandlers, BackupChannel>[] = [
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
    ...answersOf(books),
    ...dataSourceHandlers(books, watched),
    'schedule.get': () => schedule.view(),
    'schedule.update': (settings: ScheduleSettings) => schedule.update(settings),
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

function answersOf(
  books: OpenBooks,
): Omit<ServiceHandlers, BackupChannel | `dataSource.${string}` | `schedule.${string}`> {
  const context = () => books.platform().context;
  const store = () => books.platform().store;
  const { guard } = books;
  const monthEnd = async (period: string) => {
    const view = await monthEndView(context(), guard, toPeriod(period));
    books.publish('monthEnd.changed', view);
    return view;
  };
  /** After anything that moved or may have moved money: read the balances, and let the screens load again. */
  const afterMoving = (reason: string): void => {
    books.publish('data.changed', { reason });
    books.pollSoon();
  };

  return {
    ...approvalHandlers(books),
    'settings.get': async () => ({ settings: await readSettings(store().db), rails: railViews() }),
    'settings.update': async (changes) => {
      const before = await readSettings(store().db);
      const after: SettingsView = { ...before, ...withoutUndefined(changes) };
      await refuseRailChange(books, before, after);
      await refuseHigherLimit(store().db, before, after);
      await store().transaction(async (tx) => {
        await writeSettings(tx, after);
        await appendAudit(tx, {
          at: context().now(),
          actor: context().actor(),
          action: 'settings.changed',
          subject: 'settings',
          payload: { before: JSON.stringify(before), after: JSON.stringify(after) },
        });
      });
      books.surroundings.setTheme(after.theme);
      if (after.rail !== before.rail) await books.platform().connect();
      books.schedulePolling();
      books.publish('data.changed', { reason: 'settings' });
      return after;
    },

    'settings.storageAccounts': async () => {
      await books.ensureConnected();
      return storageAccountsView(context());
    },
    'settings.chooseStorageAccount': async ({ id }) => {
      books.requireIdle();
      await books.ensureConnected();
      await chooseStorageAccount(context(), id);
      await books.platform().connect();
      afterMoving('settings');
      return storageAccountsView(context());
    },

    'balances.overview': () => books.monitor().overview(),
    'balances.refresh': async () => {
      await books.ensureConnected();
      return books.monitor().poll();
    },
    'balances.history': ({ currency, range }) => balanceHistory(context(), currency, range),
    'balances.at': (request) => coverageAt(context(), request),
    'balances.lines': (request) => coverageLines(context(), request),
    'alerts.list': ({ includeResolved }) => listAlerts(store().db, includeResolved),
    'alerts.history': ({ id }) => alertHistory(store().db, id),
    'alerts.acknowledge': async ({ id }) => {
      await acknowledgeAlert(context(), id);
      return null;
    },
    'alerts.snooze': async ({ id, until }) => {
      await snoozeAlert(context(), id, until);
      books.publish('alerts.changed', await alertCounts(context()));
      return null;
    },
    'alerts.resolve': async ({ id, note }) => {
      await resolveAlert(context(), id, note);
      books.publish('alerts.changed', await alertCounts(context()));
      books.publish('data.changed', { reason: 'alert' });
      return null;
    },

    'data.chooseDirectory': async () => {
      const directory = await books.surroundings.dialogs.chooseFolder({
        title: 'Choose the folder of a dataset',
        button: 'Choose',
      });
      return directory === null ? null : { directory };
    },
    'data.preview': async ({ directory }) => previewView(directory, await books.previewDataset(directory, false)),
    'data.import': async ({ directory, freshSandbox }) => {
      books.requireIdle();
      if (freshSandbox) {
        const report = await books.previewDataset(directory, true);
        if (report.problemCount > 0) return previewView(directory, report);
        await books.startSandboxFrom(directory);
        return previewView(directory, report);
      }
      const result = await guard.run('import', () => books.importDataset(directory, false));
      if (result === null) throw busy();
      if (result.imported) {
        await books.platform().connect();
        afterMoving('import');
      }
      return previewView(directory, result.report);
    },
    'data.summary': () => dataSummary(books),
    'data.sandboxDatasets': async () => [...SANDBOX_DATASETS],
    'data.useSandboxDataset': async ({ id }) => {
      books.requireIdle();
      await books.startSandboxFromResource(id);
      return null;
    },

    'migration.status': () => migrationView(context(), guard),
    'migration.preflight': () => migrationPreflight(context()),
    'migration.obligations': async (request) => {
      const rows = await obligations(store());
      const names = new Map(
        (await store().db.selectFrom('creator').select(['creator_id', 'display_name']).execute()).map((row) => [
          row.creator_id,
          row.display_name,
        ]),
      );
      const { before } = await planMigration(context());
      const totals = totalOwed(rows);
      return {
        totals: before.map((one) => ({
          currency: one.currency,
          owed: String(totals.get(one.currency) ?? 0n),
          storage: String(one.storage),
          delta: String((totals.get(one.currency) ?? 0n) - one.storage),
        })),
        page: pageOfRows(
          rows.map((row) => ({
            creatorId: row.creatorId,
            displayName: row.suspense ? `Suspense: ${row.creatorId}` : (names.get(row.creatorId) ?? row.creatorId),
            currency: row.currency,
            opening: String(row.opening),
            openPeriod: String(row.openPeriod),
            owed: String(row.opening + row.openPeriod),
          })),
          request,
          {
            searched: (row) => [row.displayName, row.creatorId],
            sorted: {
              creatorId: (row) => row.creatorId,
              displayName: (row) => row.displayName,
              currency: (row) => row.currency,
              opening: (row) => BigInt(row.opening),
              openPeriod: (row) => BigInt(row.openPeriod),
              owed: (row) => BigInt(row.owed),
            },
          },
        ),
      };
    },
    'migration.plan': async () => {
      await makePlan(context());
      return migrationView(context(), guard);
    },
    'migration.approve': async ({ planHash }) => {
      await approveMigration(context(), planHash);
      return migrationView(context(), guard);
    },
    'migration.execute': async ({ planHash, typed }) => {
      if ((await migrationView(context(), guard)).state === 'approved') await books.backUp('before-migration');
      books.inBackground('The migration', async () => {
        try {
          await executeMigration(context(), guard, { planHash, typed, patienceMs: PATIENCE_MS });
          await books.tellMigration();
        } finally {
          afterMoving('migration');
        }
      });
      // What is refused at once (a wrong confirmation, a changed plan) is answered here; the rest comes by event.
      await books.firstAnswer('migration');
      return migrationView(context(), guard);
    },
    'migration.stop': async () => {
      guard.stop();
      return migrationView(context(), guard);
    },
    'migration.rollback': async ({ typed }) => {
      await rollBackMigration(context(), guard, typed, PATIENCE_MS);
      await books.tellMigration();
      afterMoving('migration');
      return migrationView(context(), guard);
    },
    'migration.certificate': () => migrationCertificate(context()),
    'migration.saveCertificate': async () => {
      const certificate = await migrationCertificate(context());
      if (certificate === null)
        throw new CofferError(
          'no-certificate',
          'There is no certificate yet.',
          'It is issued when the migration ends.',
        );
      const directory = await books.surroundings.dialogs.chooseFolder({
        title: 'Choose a folder for the certificate',
        button: 'Save here',
      });
      if (directory === null) return null;
      const { certificateFiles } = await import('../../services/certificate-pdf');
      const written = await writeFiles(directory, await certificateFiles(certificate));
      await books.audited('certificate.saved', certificate.id, {
        files: written.map((file) => `${file.name} ${file.sha256}`),
      });
      return { directory };
    },

    'monthEnd.periods': () => listPeriods(context()),
    'monthEnd.status': ({ period }) => monthEndView(context(), guard, toPeriod(period)),
    'monthEnd.run': async ({ period, step, typed }) => {
      let finished = false;
      try {
        const outcome = await runStep(context(), guard, {
          period: toPeriod(period),
          step,
          typed: typed ?? null,
          patienceMs: PATIENCE_MS,
        });
        finished = outcome.blockers.length === 0;
      } finally {
        if (step !== 'preflight') afterMoving('month-end');
      }
      const view = await monthEnd(period);
      books.tellStep(step, view, finished);
      return view;
    },
    'monthEnd.acknowledge': async ({ period, step, code }) => {
      await acknowledgeWarning(context(), toPeriod(period), step, code);
      return monthEnd(period);
    },
    'monthEnd.preflight': async ({ period }) => preflightChecks(context(), await startRun(context(), toPeriod(period))),
    'monthEnd.plan': ({ period }) => payoutPlanView(context(), toPeriod(period)),
    'monthEnd.approve': async ({ period, planHash }) => {
      await approve(context(), guard, toPeriod(period), planHash);
      return monthEnd(period);
    },
    'monthEnd.stop': async ({ period }) => {
      guard.stop();
      return monthEndView(context(), guard, toPeriod(period));
    },
    'monthEnd.checkGuided': async ({ period }) => {
      const waiting = await checkGuidedOf(context(), toPeriod(period));
      afterMoving('guided');
      return { ...(await monthEnd(period)), guided: await guidedTasks(context(), toPeriod(period), waiting) };
    },
    'monthEnd.reopen': async ({ period, reason }) => {
      await reopen(context(), toPeriod(period), reason);
      afterMoving('month-end');
      return monthEnd(period);
    },

    'payouts.list': (request) => listPayouts(store(), request),
    'payouts.get': ({ intentId }) => payoutDetail(store().db, intentId),
    'payouts.retry': async ({ period, intentIds, typed }) => {
      requireTyped(typed, await retryConfirmation(store().db, period, intentIds));
      const run = await readRun(store().db, toPeriod(period));
      if (run === null) throw new CofferError('step-order', `${period} has no payouts.`, 'Run its month end first.');
      const result = await guard.run(`payouts:${period}`, async () => {
        const plan = await planPayouts(context(), toPeriod(period), run.version);
        await retryPayouts(context(), plan, intentIds, {
          shouldStop: guard.shouldStop,
          onSettled: () => {},
          sleep: context().sleep,
        });
        await settleRun(context(), payRun(period), PATIENCE_MS, guard.shouldStop, mayResendUnder(plan));
        return true;
      });
      if (result === null)
        throw new CofferError('busy', 'Another run is working right now.', 'Wait until it has finished.');
      afterMoving('payouts');
      return null;
    },
    'payouts.cancel': async ({ intentId }) => {
      await cancelPayout(context(), intentId);
      afterMoving('payouts');
      return null;
    },
    'payouts.resolve': async ({ intentId }) => {
      const { state } = await readIntent(store().db, intentId);
      if (isOpen(state) && (await guard.run(LOOK_UP, () => resolveUnknown(context(), intentId, NEVER_RESEND))) === null)
        throw busy();
      afterMoving('payouts');
      return payoutDetail(store().db, intentId);
    },
    'payouts.hold': async ({ creatorId, reason }) => {
      await setHold(context(), creatorId, reason, reason);
      books.publish('data.changed', { reason: 'hold' });
      return null;
    },
    'payouts.releaseHold': async ({ creatorId, reason }) => {
      await setHold(context(), creatorId, null, reason);
      books.publish('data.changed', { reason: 'hold' });
      return null;
    },

    'creators.list': (request) => listCreators(store(), request),
    'creators.statement': ({ creatorId }) => creatorStatement(store(), creatorId),
    'creators.suspense': () => listSuspense(store().db),
    'creators.resolveSuspense': async (resolution) => {
      await resolveSuspense(context(), resolution);
      afterMoving('suspense');
      return null;
    },
    'creators.saveStatement': ({ creatorId, format }) => saveStatement(books, creatorId, format),
    'creators.saveStatements': ({ period }) => saveStatements(books, period),
    'creators.stopStatements': async () => {
      if (guard.running === STATEMENTS) guard.stop();
      return null;
    },
    'creators.saveEarnings': ({ creators }) => saveEarnings(books, creators),
    'earnings.forUser': (which) => earningsForUser(store(), which),
    'subscribers.list': (request) => listSubscribers(store(), request),
    'subscribers.statement': ({ subscriberId }) => subscriberStatement(store().db, subscriberId),

    'reconciliation.summary': ({ period }) => reconciliationSummary(context(), period),
    'reconciliation.history': ({ period }) => daysOfPeriod(store().db, toPeriod(period)),
    'reconciliation.list': (request) => listLines(store(), request, context().actor()),
    'reconciliation.get': ({ lineId }) => exceptionDetail(store().db, lineId),
    'reconciliation.take': async ({ lineId, take }) => {
      await takeException(context(), lineId, take);
      return exceptionDetail(store().db, lineId);
    },
    'reconciliation.note': async ({ lineId, note }) => {
      await noteException(context(), lineId, note);
      return exceptionDetail(store().db, lineId);
    },
    'reconciliation.resolve': async ({ period, lineId, explanation, account }) => {
      await resolveException(context(), lineId, explanation, account);
      afterMoving('reconciliation');
      return reconciliationSummary(context(), period);
    },
    'audit.list': (request) => listAudit(store().db, request),
    'audit.verify': () => verifyAudit(context()),
    'exports.list': ({ period }) => listExports(store(), period),
    'exports.save': async ({ period, names }) => {
      const directory = await books.surroundings.dialogs.chooseFolder({
        title: 'Choose a folder for the exports',
        button: 'Save here',
      });
      if (directory === null) return null;
      const signed = checkpointFile(await checkpointNow(context()));
      const wanted = names.length === 0 ? EXPORT_NAMES : names;
      const written = [
        ...(await saveExports(store(), period, wanted, directory)),
        ...(await writeFiles(directory, [signed])),
      ];
      await books.audited('exports.saved', period, { files: written.map((file) => `${file.name} ${file.sha256}`) });
      return { directory, files: written };
    },
    'exports.binder': async ({ period }) => {
      const path = await books.surroundings.dialogs.chooseSaveFile({
        title: 'Save the close binder',
        name: `coffer-${period}-binder.zip`,
        kinds: [{ name: 'Zip', extensions: ['zip'] }],
      });
      if (path === null) return null;
      const sha256 = await writeBinder(
        context(),
        period,
        path,
        join(books.surroundings.resources, 'verify-binder.mjs'),
      );
      await books.audited('binder.saved', period, { sha256 });
      return { path, sha256 };
    },
    'revenue.overview': ({ currency }) => revenueView(context(), books.monitor().latest, currency),
    'revenue.saveMonths': async ({ currency }) => {
      const path = await books.surroundings.dialogs.chooseSaveFile({
        title: 'Save the months',
        name: `revenue-${currency}.csv`,
        kinds: [{ name: 'CSV', extensions: ['csv'] }],
      });
      if (path === null) return null;
      await writeWhole(path, await monthsCsv(context(), currency));
      return { path };
    },
    'revenue.withdrawals': ({ currency }) => listWithdrawals(context(), currency),
    'revenue.planWithdrawal': async ({ currency, amount }) => {
      await books.ensureConnected();
      return planWithdrawal(context(), currency, BigInt(amount));
    },
    'revenue.approveWithdrawal': ({ id, planHash }) => approveWithdrawal(context(), id, planHash),
    'revenue.dropWithdrawal': async ({ id }) => {
      await cancelWithdrawal(context(), id);
      return null;
    },
    'revenue.withdraw': async ({ id, typed }) => {
      await books.ensureConnected();
      const done = await withdraw(context(), guard, { id, typed, patienceMs: PATIENCE_MS });
      afterMoving('withdrawal');
      return done;
    },

    'sandbox.status': () => sandboxStatus(books),
    'sandbox.fault': async ({ fault, times }) => {
      await faultOnDemand(books, fault, times);
      return sandboxStatus(books);
    },
    'sandbox.clearFaults': async () => {
      await clearFaults(books);
      return sandboxStatus(books);
    },
    'sandbox.performGuided': async ({ intentId }) => {
      const intent = await readIntent(store().db, intentId);
      if (intent.state !== 'planned') return null;
      await playDashboard(books, { currency: intent.currency, amount: intent.amount });
      return null;
    },
    'sandbox.outsideMove': async ({ currency, amount }) => {
      await outsideMove(books, toCurrency(currency), BigInt(amount));
      books.pollSoon();
      return null;
    },
  };
}

function busy(): CofferError {
  return new CofferError('busy', 'Another run is working right now.', 'Wait until it has finished.');
}

function withoutUndefined(changes: Partial<SettingsView>): Partial<SettingsView> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

/** Money lies where the rail put it: the rail can change only while nothing is in Storage and nothing is under way. */
async function refuseRailChange(books: OpenBooks, before: SettingsView, after: SettingsView): Promise<void> {
  if (before.rail === after.rail) return;
  const { context } = books.platform();
  const open = (await listIntents(context.store.db, { states: OPEN_STATES })).length > 0;
  const held = (await readBalances(context)).some(
    (one) => one.storageAvailable + one.storageInbound + one.storageOutbound !== 0n,
  );
  if (open || held) {
    throw new CofferError(
      'rail-in-use',
      'The rail cannot be changed while money is in Storage or a movement is under way.',
      'Close the month and empty Storage first.',
    );
  }
}

/** A limit that holds is not lifted in the middle of a month or a migration: that would be the way around the second person. */
async function refuseHigherLimit(db: Queries, before: SettingsView, after: SettingsView): Promise<void> {
  if (!liftsApprovalLimit(before, after)) return;
  const migration = await db
    .selectFrom('migration_run')
    .select('state')
    .where('current', '=', 1n)
    .where('state', 'in', ['approved', 'executing', 'stopped', 'verifying'])
    .executeTakeFirst();
  if (migration !== undefined) {
    throw new CofferError(
      'limit-in-use',
      `The limit for a second person cannot be lifted while a migration is ${migration.state}.`,
      'Finish the migration or roll it back first.',
    );
  }
  if (await withdrawalWaits(db)) {
    throw new CofferError(
      'limit-in-use',
      'The limit for a second person cannot be lifted while a withdrawal is approved and not sent.',
      'Carry it out or drop it first.',
    );
  }
  const open = await readOpenPeriod(db);
  const run = open === null ? null : await readRun(db, open);
  if (run === null || run.state === 'open' || run.state === 'closed') return;
  throw new CofferError(
    'limit-in-use',
    `The limit for a second person cannot be lifted while ${open} is ${run.state}.`,
    'Close the month first; the new limit then holds for the next one.',
  );
}

function railViews() {
  return Object.values(RAILS).map((rail) => ({
    name: rail.name,
    title: rail.title,
    description: rail.description,
    segregatedAtStripe: rail.segregatedAtStripe,
    hasStorageAccount: rail.hasStorageAccount,
    releaseByApi: rail.releaseByApi,
  }));
}

async function dataSummary(books: OpenBooks) {
  const { db } = books.platform().store;
  const count = async (table: 'creator' | 'subscriber' | 'payment' | 'allocation'): Promise<number> => {
    const row = await db
      .selectFrom(table)
      .select(({ fn }) => fn.countAll<bigint>().as('count'))
      .executeTakeFirstOrThrow();
    return Number(row.count);
  };
  const openings = await db
    .selectFrom('ledger_entry')
    .innerJoin('ledger_transaction', 'ledger_transaction.tx_id', 'ledger_entry.tx_id')
    .select(({ fn }) => fn.countAll<bigint>().as('count'))
    .where('kind', '=', 'opening.obligations')
    .where('account', '>=', 'owed:')
    .where('account', '<', 'owed;')
    .executeTakeFirstOrThrow();
  const periods = await db.selectFrom('payment').select('period').distinct().orderBy('period', 'desc').execute();
  const last = await db.selectFrom('data_import').selectAll().orderBy('at', 'desc').limit(1).executeTakeFirst();
  return {
    counts: {
      creators: await count('creator'),
      subscribers: await count('subscriber'),
      payments: await count('payment'),
      allocations: await count('allocation'),
      openings: Number(openings.count),
    },
    periods: periods.map((row) => row.period),
    lastImport: last === undefined ? null : { at: last.at, source: last.source, by: last.actor },
  };
}
