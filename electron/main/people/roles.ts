/**
 * What each role may do on this machine. A guard against mistakes between colleagues, not against a thief: who owns the account of
 * the operating system owns the files. Two people are proved by two machines only (services/second-approval.ts).
 */
import type { Args, ChannelName, Role } from '../../../shared/contract';
import { CofferError } from '../../../shared/domain/coffer-error';

const ORDER: readonly Role[] = ['viewer', 'preparer', 'approver'];

/** The least role for what changes something. A channel that is not named reads, and everybody may. */
const NEEDS: Partial<Record<ChannelName, Role>> = {
  'app.setMode': 'preparer',
  'secrets.set': 'approver',
  'secrets.clear': 'approver',
  'settings.update': 'approver',
  'alerts.acknowledge': 'preparer',
  'alerts.snooze': 'preparer',
  'alerts.resolve': 'preparer',
  'backups.make': 'preparer',
  'backups.check': 'preparer',
  'backups.choose': 'preparer',
  'backups.review': 'preparer',
  'backups.compare': 'preparer',
  'backups.showFolder': 'preparer',
  'backups.restore': 'approver',
  'data.import': 'preparer',
  'data.useSandboxDataset': 'preparer',
  'dataSource.chooseWatched': 'preparer',
  'dataSource.stopWatching': 'preparer',
  'dataSource.readPostgres': 'preparer',
  'dataSource.savePostgres': 'approver',
  'dataSource.removePostgres': 'approver',
  'settings.chooseStorageAccount': 'approver',
  'migration.plan': 'preparer',
  'migration.approve': 'approver',
  'migration.execute': 'approver',
  'migration.stop': 'preparer',
  'migration.rollback': 'approver',
  'monthEnd.run': 'preparer',
  'monthEnd.acknowledge': 'preparer',
  'monthEnd.approve': 'approver',
  'monthEnd.stop': 'preparer',
  'monthEnd.checkGuided': 'preparer',
  'monthEnd.reopen': 'approver',
  'payouts.retry': 'approver',
  'payouts.cancel': 'approver',
  'payouts.resolve': 'preparer',
  'payouts.hold': 'preparer',
  'payouts.releaseHold': 'approver',
  'creators.resolveSuspense': 'approver',
  'reconciliation.take': 'preparer',
  'reconciliation.note': 'preparer',
  'reconciliation.resolve': 'preparer',
  'revenue.planWithdrawal': 'preparer',
  'revenue.dropWithdrawal': 'preparer',
  'revenue.approveWithdrawal': 'approver',
  'revenue.withdraw': 'approver',
  'approval.pin': 'approver',
  'approval.revoke': 'approver',
  'approval.request': 'preparer',
  'approval.sign': 'approver',
  'approval.accept': 'preparer',
  'schedule.update': 'approver',
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
  return commits ? 'approver' : (NEEDS[channel] ?? 'viewer');
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

/** Money leaves Payments or Storage: in live mode the operator must have authenticated within the last minute. */
export function movesMoney<C extends ChannelName>(channel: C, args: Args<C>): boolean {
  if (channel === 'monthEnd.run')
    return typeof args === 'object' && args !== null && 'step' in args && args.step === 'pay';
  return (
    channel === 'revenue.withdraw' ||
    channel === 'payouts.retry' ||
    channel === 'migration.execute' ||
    channel === 'migration.rollback'
  );
}
