/** The run of a migration: its plan and state as kept on disk, and what it moved. Amounts in minor units. */

import type { CheckView } from '../../../shared/contract/channel';
import type { CertificateView, MigrationState } from '../../../shared/contract/migration';
import { CofferError } from '../../../shared/domain/coffer-error';
import { abs } from '../../../shared/money/money';
import { period as toPeriod } from '../../../shared/period/period';
import { appendAudit } from '../../journal/audit-chain';
import { listIntents } from '../../journal/journal';
import type { Queries } from '../../store/store';
import type { ServiceContext } from '../context';
import type { MigrationPlan } from '../storage-balance-migration';

export interface MigrationRun {
  readonly runId: string;
  readonly state: MigrationState;
  readonly plan: MigrationPlan;
  readonly createdAt: string;
  readonly approvedBy: string | null;
  readonly approvedAt: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly stopReason: string | null;
  readonly verification: readonly CheckView[];
  readonly certificate: CertificateView | null;
}

interface StoredPlan {
  period: string;
  rail: string;
  before: { currency: string; payments: string; storage: string; obligations: string }[];
  movements: { kind: 'canary' | 'fund'; currency: string; amount: string }[];
  obligationsHash: string;
  creators: number;
  hash: string;
}

export function planToText(plan: MigrationPlan): string {
  return JSON.stringify(plan, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}

function planFromText(text: string): MigrationPlan {
  const stored: StoredPlan = JSON.parse(text);
  return {
    ...stored,
    period: toPeriod(stored.period),
    before: stored.before.map((one) => ({
      currency: one.currency,
      payments: BigInt(one.payments),
      storage: BigInt(one.storage),
      obligations: BigInt(one.obligations),
    })),
    movements: stored.movements.map((one) => ({ ...one, amount: BigInt(one.amount) })),
  };
}

export async function currentRun(context: Pick<ServiceContext, 'store'>): Promise<MigrationRun | null> {
  const row = await context.store.db
    .selectFrom('migration_run')
    .selectAll()
    .where('current', '=', 1n)
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    runId: row.run_id,
    state: row.state as MigrationState,
    plan: planFromText(row.plan),
    createdAt: row.created_at,
    approvedBy: row.approved_by,
    approvedAt: row.approved_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    stopReason: row.stop_reason,
    verification: row.verification === null ? [] : JSON.parse(row.verification),
    certificate: row.certificate === null ? null : JSON.parse(row.certificate),
  };
}

/** What the run of a migration's movement begins with; a month end's does not. */
export const MIGRATION_RUNS = 'migration:';

export function runName(runId: string): string {
  return `${MIGRATION_RUNS}${runId}`;
}

/** The states of a migration that has begun and is not over. */
const UNFINISHED: readonly string[] = [
  'approved',
  'executing',
  'stopped',
  'verifying',
  'rolling-back',
] satisfies MigrationState[];

export function isUnfinishedMigration(state: string): boolean {
  return UNFINISHED.includes(state);
}

/** The state of a migration that has begun and is not over; null without one. */
export async function unfinishedMigration(db: Queries): Promise<string | null> {
  const current = await db.selectFrom('migration_run').select('state').where('current', '=', 1n).executeTakeFirst();
  return current !== undefined && isUnfinishedMigration(current.state) ? current.state : null;
}

export async function requireRun(context: ServiceContext): Promise<MigrationRun> {
  const run = await currentRun(context);
  if (run === null) throw new CofferError('migration-none', 'There is no plan.', 'Make the dry run first.');
  return run;
}

export async function setState(
  context: ServiceContext,
  run: MigrationRun,
  state: MigrationState,
  more: Partial<{
    approved_by: string;
    approved_at: string;
    started_at: string;
    ended_at: string;
    stop_reason: string | null;
    verification: string;
    certificate: string;
  }> = {},
): Promise<void> {
  await context.store.transaction(async (tx) => {
    await tx
      .updateTable('migration_run')
      .set({ state, ...more })
      .where('run_id', '=', run.runId)
      .execute();
    await appendAudit(tx, {
      at: context.now(),
      actor: context.actor(),
      action: `migration.${state}`,
      subject: run.runId,
      payload: { from: run.state, planHash: run.plan.hash, reason: more.stop_reason ?? null },
    });
  });
}

export async function movedByRun(context: ServiceContext, run: MigrationRun): Promise<ReadonlyMap<string, bigint>> {
  const moved = new Map<string, bigint>();
  for (const intent of await listIntents(context.store.db, { run: runName(run.runId), states: ['posted'] })) {
    moved.set(intent.currency, (moved.get(intent.currency) ?? 0n) + abs(intent.amount));
  }
  return moved;
}
