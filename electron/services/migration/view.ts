/** What the screens, the exports and the binder show of a migration. Reads no network. */

import type {
  CertificateView,
  MigrationPlanView,
  MigrationView,
  OperationView,
} from '../../../shared/contract/migration';
import { confirmationText } from '../../../shared/domain/confirmation';
import { amountText } from '../../../shared/money/amount-text';
import { currency as toCurrency } from '../../../shared/money/money';
import type { Period } from '../../../shared/period/period';
import type { Intent } from '../../journal/intent';
import { listIntents } from '../../journal/journal';
import { STORAGE } from '../../ledger/accounts';
import { balance } from '../../ledger/ledger';
import type { RunGuard, ServiceContext } from '../context';
import { type BalancesAt, balancesAfter, migrationConfirmation, plannedTotals } from '../storage-balance-migration';
import { monthCountsOn } from './checks';
import { currentRun, type MigrationRun, movedByRun, runName } from './run';

export async function publishMigration(context: ServiceContext, guard: RunGuard): Promise<void> {
  context.publish('migration.changed', await migrationView(context, guard));
}

export async function operationsOf(context: ServiceContext, run: MigrationRun): Promise<OperationView[]> {
  const intents = await listIntents(context.store.db, { run: runName(run.runId) });
  const compensations = await listIntents(context.store.db, { run: `rollback:${run.runId}` });
  const planned = run.plan.movements.map((movement, index): OperationView => {
    const intent = intents.filter((one) => one.subject === `${runName(run.runId)}:${index}`).at(-1);
    return operationView(index, movement.kind, movement.currency, movement.amount, intent);
  });
  return [
    ...planned,
    ...compensations.map((intent, index) =>
      operationView(planned.length + index, 'compensate', intent.currency, intent.amount, intent),
    ),
  ];
}

function operationView(
  index: number,
  kind: OperationView['kind'],
  currency: string,
  amount: bigint,
  intent: Intent | undefined,
): OperationView {
  return {
    index,
    intentId: intent?.intent_id ?? null,
    kind,
    currency,
    amount: String(amount),
    status: intent?.state ?? 'planned',
    stripeObject: intent?.stripe_object ?? null,
    startedAt: intent?.created_at ?? null,
    settledAt: intent?.settled_at ?? null,
    detail: intent?.message ?? '',
  };
}

async function planView(context: ServiceContext, run: MigrationRun): Promise<MigrationPlanView> {
  const { plan } = run;
  const operations = await operationsOf(context, run);
  const after = balancesAfter(plan);
  const notes: string[] = [];
  const canary = plan.movements.find((one) => one.kind === 'canary');
  if (canary !== undefined) {
    notes.push(
      `The first movement is small, as a test (the canary): ${amountText(canary.amount, toCurrency(canary.currency))}. It is verified at both ends before anything else moves.`,
    );
  }
  if (!context.rail.capabilities.segregatedAtStripe) {
    notes.push('On this rail nothing is separated at Stripe: the movement is an entry in our own ledger.');
  }
  return {
    planHash: plan.hash,
    createdAt: run.createdAt,
    period: plan.period,
    before: plan.before.map(pairView),
    after: after.map(pairView),
    delta: [...plannedTotals(plan)].map(([currency, amount]) => ({ currency, amount: String(amount) })),
    operations: operations.slice(0, 500),
    operationCount: operations.length,
    creators: plan.creators,
    confirmation: migrationConfirmation(plan),
    notes,
  };
}

/** Where the migration stands. Reads no network. */
export async function migrationView(context: ServiceContext, guard: RunGuard): Promise<MigrationView> {
  const run = await currentRun(context);
  if (run === null) {
    return {
      id: null,
      state: 'preflight',
      period: null,
      plan: null,
      approvedBy: null,
      approvedAt: null,
      startedAt: null,
      endedAt: null,
      operations: [],
      operationCount: 0,
      postedCount: 0,
      moved: [],
      running: false,
      stopReason: null,
      verification: [],
      hasCertificate: false,
      rollbackConfirmation: '',
      mayRollBack: false,
      notNeeded: false,
    };
  }
  const operations = await operationsOf(context, run);
  const moved = await movedByRun(context, run);
  const running = guard.running === 'migration';
  const interrupted = (run.state === 'executing' || run.state === 'verifying') && !running;
  return {
    id: run.runId,
    // A run that says executing while nothing runs was interrupted.
    state: interrupted ? 'stopped' : run.state,
    period: run.plan.period,
    plan: await planView(context, run),
    approvedBy: run.approvedBy,
    approvedAt: run.approvedAt,
    startedAt: run.startedAt,
    endedAt: run.endedAt,
    operations: operations.slice(0, 500),
    operationCount: operations.length,
    postedCount: operations.filter((one) => one.kind !== 'compensate' && one.status === 'posted').length,
    moved: [...moved].map(([currency, amount]) => ({ currency, amount: String(amount) })),
    running,
    stopReason:
      run.stopReason ??
      (interrupted ? 'Coffer ended while the migration was running. Resume to go on where it stopped.' : null),
    verification: [...run.verification],
    hasCertificate: run.certificate !== null,
    rollbackConfirmation: rollbackConfirmation(moved, run.plan.period),
    mayRollBack: await mayRollBack(context, run, moved),
    notNeeded: run.plan.movements.length === 0,
  };
}

export async function migrationCertificate(context: Pick<ServiceContext, 'store'>): Promise<CertificateView | null> {
  const row = await context.store.db
    .selectFrom('migration_run')
    .select('certificate')
    .where('certificate', 'is not', null)
    .orderBy('ended_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!row?.certificate) return null;
  const certificate: CertificateView = JSON.parse(row.certificate);
  return certificate;
}

/** By the books alone; the rollback itself asks Stripe too. */
async function mayRollBack(
  context: ServiceContext,
  run: MigrationRun,
  moved: ReadonlyMap<string, bigint>,
): Promise<boolean> {
  if (moved.size === 0) return true;
  if (await monthCountsOn(context.store.db, run.plan.period)) return false;
  for (const [currency, amount] of moved) {
    if ((await balance(context.store.db, STORAGE, currency)) < amount) return false;
  }
  return true;
}

export function rollbackConfirmation(moved: ReadonlyMap<string, bigint>, period: Period): string {
  if (moved.size === 0) return '';
  return confirmationText(
    [...moved].map(([code, amount]) => ({ currency: toCurrency(code), amount })),
    period,
  );
}

export function pairView(one: BalancesAt) {
  return {
    currency: one.currency,
    payments: String(one.payments),
    storage: String(one.storage),
    obligations: String(one.obligations),
  };
}
