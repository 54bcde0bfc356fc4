/**
 * What each role may do on this machine. A guard against mistakes between colleagues, not against a thief: who owns the account of
 * the operating system owns the files. Two people are proved by two machines only (services/second-approval/).
 */
import type { Args, ChannelName, Role } from '../../../shared/contract';
import { CofferError } from '../../../shared/domain/coffer-error';

const ORDER: readonly Role[] = ['viewer', 'preparer', 'approver'];

/** The least role for each channel, all of them named: a new one is decided about here, or the program does not compile. */
const NEEDS: Readonly<Record<ChannelName, Role>> = {
  'app.info': 'viewer',
  'app.setMode': 'preparer',
  'app.setOperator': 'viewer',
  'app.welcomed': 'viewer',
  'app.unfinished': 'viewer',
  'approval.keys': 'viewer',
  'approval.exportKey': 'viewer',
  'approval.readKey': 'viewer',
  'approval.pin': 'approver',
  'approval.revoke': 'approver',
  'approval.status': 'viewer',
  'approval.request': 'preparer',
  'approval.readRequest': 'viewer',
  'approval.sign': 'approver',
  'approval.accept': 'preparer',
  'lock.status': 'viewer',
  'lock.setPassphrase': 'viewer',
  'lock.unlock': 'viewer',
  'lock.now': 'viewer',
  'lock.setRole': 'viewer',
  'secrets.status': 'viewer',
  'secrets.set': 'approver',
  'secrets.clear': 'approver',
  'secrets.test': 'viewer',
  'settings.get': 'viewer',
  'settings.update': 'approver',
  'settings.storageAccounts': 'viewer',
  'settings.chooseStorageAccount': 'approver',
  'backups.state': 'viewer',
  'backups.make': 'preparer',
  'backups.check': 'preparer',
  'backups.choose': 'preparer',
  'backups.review': 'preparer',
  'backups.restore': 'approver',
  'backups.compare': 'preparer',
  'backups.showFolder': 'preparer',
  'backups.saveReadable': 'viewer',
  'balances.overview': 'viewer',
  'balances.refresh': 'viewer',
  'balances.history': 'viewer',
  'balances.at': 'viewer',
  'balances.lines': 'viewer',
  'alerts.list': 'viewer',
  'alerts.history': 'viewer',
  'alerts.acknowledge': 'preparer',
  'alerts.snooze': 'preparer',
  'alerts.resolve': 'preparer',
  'data.chooseDirectory': 'viewer',
  'data.preview': 'viewer',
  'data.import': 'preparer',
  'data.summary': 'viewer',
  'data.sandboxDatasets': 'viewer',
  'data.useSandboxDataset': 'preparer',
  'dataSource.postgres': 'viewer',
  'dataSource.savePostgres': 'approver',
  'dataSource.removePostgres': 'approver',
  'dataSource.testPostgres': 'viewer',
  'dataSource.readPostgres': 'preparer',
  'dataSource.watched': 'viewer',
  'dataSource.chooseWatched': 'preparer',
  'dataSource.stopWatching': 'preparer',
  'migration.status': 'viewer',
  'migration.preflight': 'viewer',
  'migration.obligations': 'viewer',
  'migration.plan': 'preparer',
  'migration.approve': 'approver',
  'migration.execute': 'approver',
  'migration.stop': 'preparer',
  'migration.rollback': 'approver',
  'migration.certificate': 'viewer',
  'migration.saveCertificate': 'viewer',
  'monthEnd.periods': 'viewer',
  'monthEnd.status': 'viewer',
  'monthEnd.run': 'preparer',
  'monthEnd.acknowledge': 'preparer',
  'monthEnd.preflight': 'viewer',
  'monthEnd.plan': 'viewer',
  'monthEnd.approve': 'approver',
  'monthEnd.stop': 'preparer',
  'monthEnd.checkGuided': 'preparer',
  'monthEnd.reopen': 'approver',
  'payouts.list': 'viewer',
  'payouts.get': 'viewer',
  'payouts.retry': 'approver',
  'payouts.cancel': 'approver',
  'payouts.resolve': 'preparer',
  'payouts.hold': 'preparer',
  'payouts.releaseHold': 'approver',
  'creators.list': 'viewer',
  'creators.statement': 'viewer',
  'creators.suspense': 'viewer',
  'creators.resolveSuspense': 'approver',
  'creators.saveStatement': 'viewer',
  'creators.saveStatements': 'viewer',
  'creators.stopStatements': 'viewer',
  'creators.saveEarnings': 'viewer',
  'earnings.forUser': 'viewer',
  'subscribers.list': 'viewer',
  'subscribers.statement': 'viewer',
  'reconciliation.summary': 'viewer',
  'reconciliation.history': 'viewer',
  'reconciliation.list': 'viewer',
  'reconciliation.get': 'viewer',
  'reconciliation.take': 'preparer',
  'reconciliation.note': 'preparer',
  'reconciliation.resolve': 'preparer',
  'audit.list': 'viewer',
  'audit.verify': 'viewer',
  'exports.list': 'viewer',
  'exports.save': 'viewer',
  'exports.binder': 'viewer',
  'revenue.overview': 'viewer',
  'revenue.saveMonths': 'viewer',
  'revenue.withdrawals': 'viewer',
  'revenue.planWithdrawal': 'preparer',
  'revenue.approveWithdrawal': 'approver',
  'revenue.dropWithdrawal': 'preparer',
  'revenue.withdraw': 'approver',
  'schedule.get': 'viewer',
  'schedule.update': 'approver',
  'sandbox.status': 'viewer',
  'sandbox.fault': 'preparer',
  'sandbox.clearFaults': 'preparer',
  'sandbox.performGuided': 'preparer',
  'sandbox.outsideMove': 'preparer',
};

/** The steps of a month that commit: money leaves, or figures are signed. */
const COMMITS: readonly string[] = ['pay', 'close'];

export function neededRole<C extends ChannelName>(channel: C, args: Args<C>): Role {
  const commits =
    channel === 'monthEnd.run' && typeof args === 'object' && args !== null && 'step' in args
      ? COMMITS.includes(String(args.step))
      : false;
  return commits ? 'approver' : NEEDS[channel];
}

/** True when `role` has at least the rights of `needed`. */
export function suffices(role: Role, needed: Role): boolean {
  return ORDER.indexOf(role) >= ORDER.indexOf(needed);
}

export function requireRole<C extends ChannelName>(role: Role, channel: C, args: Args<C>): void {
  const needed = neededRole(channel, args);
  if (suffices(role, needed)) return;
  throw new CofferError(
    'role',
    `This needs the role ${needed}; the operator of this machine is a ${role}.`,
    'Ask a colleague with that role, or change the role under Settings → Operator.',
  );
}

/**
 * Money leaves Payments or Storage, or the books that say what has left are replaced: in live mode the operator must have
 * authenticated within the last minute.
 */
export function needsFreshPassphrase<C extends ChannelName>(channel: C, args: Args<C>): boolean {
  if (channel === 'monthEnd.run')
    return typeof args === 'object' && args !== null && 'step' in args && args.step === 'pay';
  return (
    channel === 'revenue.withdraw' ||
    channel === 'payouts.retry' ||
    channel === 'migration.execute' ||
    channel === 'migration.rollback' ||
    channel === 'backups.restore'
  );
}
