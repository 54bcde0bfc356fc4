/** A change of settings: what stands in its way, and its place in the audit log. */
import type { SettingsView } from '../../shared/contract/settings';
import { CofferError } from '../../shared/domain/coffer-error';
import { appendAudit } from '../journal/audit-chain';
import { OPEN_STATES } from '../journal/intent';
import { listIntents } from '../journal/journal';
import type { Queries } from '../store/store';
import type { ServiceContext } from './context';
import { readRun } from './month-end/run';
import { liftsApprovalLimit, readOpenPeriod, readSettings, writeSettings } from './settings';
import { readBalances } from './stripe-storage-balance';
import { feeRun, fundRun } from './use-it-or-lose-it';
import { withdrawalWaits } from './withdrawal';

/** Returns the settings before and after. Throws `CofferError` when something stands in the way. */
export async function changeSettings(
  context: ServiceContext,
  changes: Partial<SettingsView>,
): Promise<{ readonly before: SettingsView; readonly after: SettingsView }> {
  const { store } = context;
  const before = await readSettings(store.db);
  const after: SettingsView = { ...before, ...withoutUndefined(changes) };
  await refuseRailChange(context, before, after);
  await refuseHigherLimit(store.db, before, after);
  await refuseOtherBasis(store.db, before, after);
  await store.transaction(async (tx) => {
    await writeSettings(tx, after);
    await appendAudit(tx, {
      at: context.now(),
      actor: context.actor(),
      action: 'settings.changed',
      subject: 'settings',
      payload: { before: JSON.stringify(before), after: JSON.stringify(after) },
    });
  });
  return { before, after };
}

function withoutUndefined(changes: Partial<SettingsView>): Partial<SettingsView> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

/** Money lies where the rail put it: the rail can change only while nothing is in Storage and nothing is under way. */
async function refuseRailChange(context: ServiceContext, before: SettingsView, after: SettingsView): Promise<void> {
  if (before.rail === after.rail) return;
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

/** What a month moved to Storage by one basis it gives back by the same one. */
async function refuseOtherBasis(db: Queries, before: SettingsView, after: SettingsView): Promise<void> {
  if (before.fundingBasis === after.fundingBasis) return;
  const open = await readOpenPeriod(db);
  const run = open === null ? null : await readRun(db, open);
  if (run === null || run.state === 'closed') return;
  const begun = await Promise.all(
    [fundRun(run.period), feeRun(run.period)].map((name) => listIntents(db, { run: name })),
  );
  if (begun.flat().length === 0) return;
  throw new CofferError(
    'basis-in-use',
    `The funding basis cannot be changed: money of ${run.period} was moved to Storage by the present one.`,
    'Close the month first; the new basis then holds for the next one.',
  );
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
