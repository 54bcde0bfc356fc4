/**
 * The one object that the pages see. It knows the contract's names and nothing else: a name that is not below does not
 * reach `ipcRenderer`, and neither `ipcRenderer` nor an event object reaches the page. Schemas stay out of here; both
 * ends parse.
 * https://www.electronjs.org/docs/latest/tutorial/security#20-do-not-expose-electron-apis-to-untrusted-web-content
 */
import { contextBridge, ipcRenderer } from 'electron';
import type { ChannelName, CofferApi, EventName } from '../../shared/contract';

/** Exactly the contract's channels: one too many or one missing does not compile. */
const channels = {
  'app.info': true,
  'app.setMode': true,
  'app.setOperator': true,
  'app.welcomed': true,
  'app.unfinished': true,
  'approval.keys': true,
  'approval.exportKey': true,
  'approval.readKey': true,
  'approval.pin': true,
  'approval.revoke': true,
  'approval.status': true,
  'approval.request': true,
  'approval.readRequest': true,
  'approval.sign': true,
  'approval.accept': true,
  'lock.status': true,
  'lock.setPassphrase': true,
  'lock.unlock': true,
  'lock.now': true,
  'lock.setRole': true,
  'secrets.status': true,
  'secrets.set': true,
  'secrets.clear': true,
  'secrets.test': true,
  'settings.get': true,
  'settings.update': true,
  'settings.storageAccounts': true,
  'settings.chooseStorageAccount': true,
  'backups.state': true,
  'backups.make': true,
  'backups.check': true,
  'backups.choose': true,
  'backups.review': true,
  'backups.restore': true,
  'backups.compare': true,
  'backups.showFolder': true,
  'backups.saveReadable': true,
  'balances.overview': true,
  'balances.refresh': true,
  'balances.history': true,
  'balances.at': true,
  'balances.lines': true,
  'alerts.list': true,
  'alerts.history': true,
  'alerts.acknowledge': true,
  'alerts.snooze': true,
  'alerts.resolve': true,
  'data.chooseDirectory': true,
  'data.preview': true,
  'data.import': true,
  'data.summary': true,
  'data.sandboxDatasets': true,
  'data.useSandboxDataset': true,
  'dataSource.postgres': true,
  'dataSource.savePostgres': true,
  'dataSource.removePostgres': true,
  'dataSource.testPostgres': true,
  'dataSource.readPostgres': true,
  'dataSource.watched': true,
  'dataSource.chooseWatched': true,
  'dataSource.stopWatching': true,
  'migration.status': true,
  'migration.preflight': true,
  'migration.obligations': true,
  'migration.plan': true,
  'migration.approve': true,
  'migration.execute': true,
  'migration.stop': true,
  'migration.rollback': true,
  'migration.certificate': true,
  'migration.saveCertificate': true,
  'monthEnd.periods': true,
  'monthEnd.status': true,
  'monthEnd.run': true,
  'monthEnd.acknowledge': true,
  'monthEnd.preflight': true,
  'monthEnd.plan': true,
  'monthEnd.approve': true,
  'monthEnd.stop': true,
  'monthEnd.checkGuided': true,
  'monthEnd.reopen': true,
  'payouts.list': true,
  'payouts.get': true,
  'payouts.retry': true,
  'payouts.cancel': true,
  'payouts.resolve': true,
  'payouts.hold': true,
  'payouts.releaseHold': true,
  'creators.list': true,
  'creators.statement': true,
  'creators.suspense': true,
  'creators.resolveSuspense': true,
  'creators.saveStatement': true,
  'creators.saveStatements': true,
  'creators.stopStatements': true,
  'creators.saveEarnings': true,
  'earnings.forUser': true,
  'subscribers.list': true,
  'subscribers.statement': true,
  'reconciliation.summary': true,
  'reconciliation.history': true,
  'reconciliation.list': true,
  'reconciliation.get': true,
  'reconciliation.take': true,
  'reconciliation.note': true,
  'reconciliation.resolve': true,
  'audit.list': true,
  'audit.verify': true,
  'exports.list': true,
  'exports.save': true,
  'exports.binder': true,
  'revenue.overview': true,
  'revenue.saveMonths': true,
  'revenue.withdrawals': true,
  'revenue.planWithdrawal': true,
  'revenue.approveWithdrawal': true,
  'revenue.dropWithdrawal': true,
  'revenue.withdraw': true,
  'schedule.get': true,
  'schedule.update': true,
  'sandbox.status': true,
  'sandbox.fault': true,
  'sandbox.clearFaults': true,
  'sandbox.performGuided': true,
  'sandbox.outsideMove': true,
} satisfies Record<ChannelName, true>;

const events = {
  'balances.changed': true,
  'alerts.changed': true,
  'migration.changed': true,
  'monthEnd.changed': true,
  'run.progress': true,
  'data.changed': true,
  'lock.changed': true,
  'app.navigate': true,
} satisfies Record<EventName, true>;

const api = {
  call: (channel, args) => {
    if (!Object.hasOwn(channels, channel)) {
      const error = { code: 'unknown-channel', message: 'Coffer does not know this call.', hint: 'Restart Coffer.' };
      return Promise.resolve({ ok: false, error });
    }
    return ipcRenderer.invoke(channel, args);
  },
  on: (event, listener) => {
    if (!Object.hasOwn(events, event) || typeof listener !== 'function') return () => undefined;
    const deliver = (_event: unknown, payload: Parameters<typeof listener>[0]) => listener(payload);
    ipcRenderer.on(event, deliver);
    return () => {
      ipcRenderer.removeListener(event, deliver);
    };
  },
} satisfies CofferApi;

contextBridge.exposeInMainWorld('coffer', Object.freeze(api));
