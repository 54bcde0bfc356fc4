/**
 * Drives a migration: dry run, approval of the plan's hash, canary, chunks each verified at both ends, verification, certificate;
 * stop, resume and compensating rollback. States: preflight → planned → approved → executing → verifying → completed, or
 * rolling-back → rolled-back. Amounts in minor units.
 */

import type { CheckView } from '../../shared/contract/channel';
import type {
  CertificateView,
  MigrationPlanView,
  MigrationState,
  MigrationView,
  OperationView,
} from '../../shared/contract/migration';
import { CofferError } from '../../shared/domain/coffer-error';
import { confirmationText, confirms } from '../../shared/domain/confirmation';
import { amountText, grouped } from '../../shared/money/amount-text';
import { abs, currency as toCurrency } from '../../shared/money/money';
import { type Period, period as toPeriod } from '../../shared/period/period';
import { appendAudit } from '../journal/audit-chain';
import { type Intent, isOpen } from '../journal/intent';
import { listIntents, markCompensated, recordOutcome } from '../journal/journal';
import { trialBalance } from '../ledger/ledger';
import type { StripeLine } from '../rails/segregation-rail';
import { StripeUnavailable } from '../stripe/errors';
import type { RunGuard, ServiceContext } from './context';
import { obligations, totalOwed } from './fund-tracking';
import { CONSERVED_ACCOUNTS, ingestLines } from './reconciliation';
import {
  type BalancesAt,
  balancesAfter,
  hashObligations,
  type MigrationPlan,
  migrationConfirmation,
  migrationPreflight,
  planMigration,
  plannedTotals,
} from './storage-balance-migration';
import { checkGuided, move, readBalances, readBalancesOf, settleRun } from './stripe-storage-balance';

interface MigrationRun {
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

function planToText(plan: MigrationPlan): string {
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

async function currentRun(context: Pick<ServiceContext, 'store'>): Promise<MigrationRun | null> {
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

function runName(runId: string): string {
  return `migration:${runId}`;
}

/** A run that has not moved anything under way: it may be planned again, for what is left to move. */
const REPLANNABLE: readonly MigrationState[] = ['planned', 'approved', 'stopped', 'completed', 'rolled-back'];

/**
 * The dry run: plans from the present state and keeps the plan. Nothing moves. What an earlier run moved is in Storage and is not
 * planned again. Refused while a run works, or has a movement whose end is not known.
 */
export async function makePlan(context: ServiceContext): Promise<void> {
  const known = await currentRun(context);
  const open =
    known !== null &&
    (await listIntents(context.store.db, { run: runName(known.runId) })).some((intent) => isOpen(intent.state));
  if (known !== null && (open || !REPLANNABLE.includes(known.state))) {
    throw new CofferError(
      'migration-begun',
      `A migration is ${known.state}.`,
      'Finish it or roll it back before planning another.',
    );
  }
  const plan = await planMigration(context);
  const at = context.now();
  await context.store.transaction(async (tx) => {
    await tx.updateTable('migration_run').set({ current: 0n }).where('current', '=', 1n).execute();
    const runId = context.newId();
    await tx
      .insertInto('migration_run')
      .values({
        run_id: runId,
        period: plan.period,
        state: 'planned',
        current: 1n,
        plan: planToText(plan),
        plan_hash: plan.hash,
        created_at: at.toISOString(),
        approved_by: null,
        approved_at: null,
        started_at: null,
        ended_at: null,
        stop_reason: null,
        verification: null,
        certificate: null,
      })
      .execute();
    await appendAudit(tx, {
      at,
      actor: context.actor(),
      action: 'migration.planned',
      subject: runId,
      payload: { planHash: plan.hash, movements: plan.movements.length },
    });
  });
}

async function requireRun(context: ServiceContext): Promise<MigrationRun> {
  const run = await currentRun(context);
  if (run === null) throw new CofferError('migration-none', 'There is no plan.', 'Make the dry run first.');
  return run;
}

async function setState(
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

/** Approves the plan with this hash. */
export async function approveMigration(context: ServiceContext, planHash: string): Promise<void> {
  const run = await requireRun(context);
  if (run.state === 'approved' && run.plan.hash === planHash) return;
  if (run.state !== 'planned' || run.plan.hash !== planHash) {
    throw new CofferError(
      'plan-changed',
      'This is not the plan that is waiting for approval.',
      'Look at the present plan.',
    );
  }
  await setState(context, run, 'approved', { approved_by: context.actor(), approved_at: context.now().toISOString() });
  await context.checkpoint('migration.approved');
}

export interface ExecuteOptions {
  readonly planHash: string;
  readonly typed: string;
  readonly patienceMs: number;
}

/** Checks that a run may start or go on, before anything moves. Throws `CofferError`, `StripeUnavailable`. */
async function requireExecutable(context: ServiceContext, run: MigrationRun, options: ExecuteOptions): Promise<void> {
  if (run.plan.hash !== options.planHash) {
    throw new CofferError('plan-changed', 'This is not the plan that was approved.', 'Look at the present plan.');
  }
  if (run.state === 'approved') {
    await requireMonthNotFunded(context, run, 'month-end-funded');
    const expected = migrationConfirmation(run.plan);
    if (expected !== '' && !confirms(options.typed, expected)) {
      throw new CofferError('confirmation-missing', `Type ${expected} to confirm.`, 'Nothing was moved.');
    }
    const blockers = (await migrationPreflight(context)).filter((check) => check.outcome === 'blocker');
    const blocker = blockers[0];
    if (blocker !== undefined) {
      throw new CofferError('preflight-blocked', `${blocker.title}. ${blocker.detail}`, blocker.action);
    }
    const again = await planMigration(context);
    if (again.hash !== run.plan.hash) {
      throw new CofferError(
        'plan-changed',
        'The numbers moved since the plan was approved: what is owed or what Storage holds is different.',
        'Make a new dry run and approve it. Nothing was moved.',
      );
    }
    return;
  }
  if (!['executing', 'stopped', 'verifying'].includes(run.state)) {
    throw new CofferError(
      'migration-state',
      `A migration that is ${run.state} cannot be executed.`,
      'Approve the plan first.',
    );
  }
}

/**
 * Executes or resumes the current migration until it is completed, stopped, or has to stop. Running a completed one does nothing.
 * Amounts that were moved are never moved again: each movement has its own subject.
 */
export async function executeMigration(
  context: ServiceContext,
  guard: RunGuard,
  options: ExecuteOptions,
): Promise<void> {
  const run = await requireRun(context);
  if (run.state === 'completed') return;
  await requireExecutable(context, run, options);
  const result = await guard.run('migration', async () => {
    await setState(context, run, 'executing', {
      ...(run.startedAt === null ? { started_at: context.now().toISOString() } : {}),
      stop_reason: null,
    });
    await context.checkpoint('migration.executing');
    await publishMigration(context, guard);
    const stopped = await moveAll(context, guard, run, options.patienceMs);
    if (stopped !== null) {
      await setState(context, run, 'stopped', { stop_reason: stopped });
      return;
    }
    await finish(context, run);
  });
  if (result === null)
    throw new CofferError('busy', 'Another run is working right now.', 'Wait until it has finished.');
  await publishMigration(context, guard);
}

/** Moves what is not moved yet. Returns why it stopped, or null when everything is posted. */
async function moveAll(
  context: ServiceContext,
  guard: RunGuard,
  run: MigrationRun,
  patienceMs: number,
): Promise<string | null> {
  const name = runName(run.runId);
  const control = { shouldStop: guard.shouldStop, onSettled: () => {}, sleep: context.sleep };
  try {
    for (const [index, movement] of run.plan.movements.entries()) {
      const subject = `${name}:${index}`;
      const known = (await listIntents(context.store.db, { run: name })).filter((intent) => intent.subject === subject);
      if (known.some((intent) => intent.state === 'posted')) continue;
      if (guard.shouldStop()) return 'Stopped by a person before the next movement.';
      const changed = await obligationsChanged(context, run);
      if (changed !== null) return changed;

      const code = toCurrency(movement.currency);
      const watch = await BalanceWatch.begin(
        context,
        movement.currency,
        known.some((intent) => isOpen(intent.state)),
      );
      await context.checkpoint('migration.before-movement');
      await move(
        context,
        [
          {
            kind: movement.kind,
            run: name,
            batch: name,
            subject,
            period: run.plan.period,
            creatorId: null,
            currency: code,
            amount: movement.amount,
            stripeAccount: null,
            description: `Migration ${run.plan.period}, movement ${index + 1} of ${run.plan.movements.length}`,
            approvedHash: run.plan.hash,
            retryOf: null,
          },
        ],
        control,
      );
      await settleRun(context, name, patienceMs, () => false);
      const latest = (await listIntents(context.store.db, { run: name }))
        .filter((intent) => intent.subject === subject)
        .at(-1);
      const reason = unsettled(latest);
      if (reason !== null) return reason;
      await context.checkpoint('migration.movement-posted');
      const mismatch = await watch.verify(movement.amount, latest?.stripe_object ?? null);
      if (mismatch !== null) return mismatch;
      context.publish('run.progress', {
        run: 'migration',
        label: `Moved ${amountText(movement.amount, code)} to Storage`,
        done: index + 1,
        total: run.plan.movements.length,
      });
      await publishMigration(context, guard);
    }
    return null;
  } catch (error) {
    if (error instanceof StripeUnavailable) return `Stripe cannot be reached: ${error.message}`;
    throw error;
  }
}

function unsettled(intent: Intent | undefined): string | null {
  if (intent === undefined) return 'The movement was not written.';
  switch (intent.state) {
    case 'posted':
      return null;
    case 'unknown':
      return 'The outcome of a movement is unknown. Resume to look it up at Stripe; it is never sent twice.';
    case 'failed':
    case 'canceled':
    case 'returned':
      return `A movement failed: ${intent.message ?? 'Stripe gave no reason'}. Clear the cause and resume.`;
    default:
      return 'A movement is still under way at Stripe. Resume in a moment.';
  }
}

async function obligationsChanged(context: ServiceContext, run: MigrationRun): Promise<string | null> {
  const now = hashObligations(await obligations(context.store));
  return now === run.plan.obligationsHash
    ? null
    : 'What is owed to creators changed while the migration was under way. Roll back, or make a new plan for the rest.';
}

/** Watches both balances around one movement, taking account of lines that come in meanwhile. */
class BalanceWatch {
  readonly #context: ServiceContext;
  readonly #currency: string;
  readonly #since: Date;
  readonly #before: { payments: bigint; storage: bigint } | null;
  readonly #known: ReadonlySet<string>;

  private constructor(
    context: ServiceContext,
    currency: string,
    since: Date,
    before: { payments: bigint; storage: bigint } | null,
    known: ReadonlySet<string>,
  ) {
    this.#context = context;
    this.#currency = currency;
    this.#since = since;
    this.#before = before;
    this.#known = known;
  }

  /** `resumed`: the movement may have happened already, so a comparison of before and after would mean nothing. */
  static async begin(context: ServiceContext, currency: string, resumed: boolean): Promise<BalanceWatch> {
    const since = new Date(context.stripeNow().getTime() - 300_000);
    if (resumed || !context.rail.capabilities.segregatedAtStripe)
      return new BalanceWatch(context, currency, since, null, new Set());
    const known = new Set((await readLines(context, currency, since)).map(lineKey));
    return new BalanceWatch(context, currency, since, await totals(context, currency), known);
  }

  /** Null when Payments fell and Storage rose by exactly `amount`, other lines accounted for; else what does not fit. */
  async verify(amount: bigint, stripeObject: string | null): Promise<string | null> {
    const before = this.#before;
    if (before === null) return null;
    for (let tries = 0; ; tries++) {
      const fresh = (await readLines(this.#context, this.#currency, this.#since)).filter(
        (line) => !this.#known.has(lineKey(line)),
      );
      const after = await totals(this.#context, this.#currency);
      const side = (name: StripeLine['side']) => fresh.filter((line) => line.side === name);
      const sum = (lines: readonly StripeLine[]): bigint => lines.reduce((total, line) => total + line.amount, 0n);
      const ours = (lines: readonly StripeLine[]): bigint => sum(lines.filter((line) => line.source === stripeObject));
      const fits =
        ours(side('payments')) === -amount &&
        ours(side('storage')) === amount &&
        after.payments - before.payments === sum(side('payments')) &&
        after.storage - before.storage === sum(side('storage'));
      if (fits) return null;
      if (tries >= 20) {
        const code = toCurrency(this.#currency);
        return `The balances do not show the movement of ${grouped(amount, code)}: Payments changed by ${grouped(after.payments - before.payments, code)}, Storage by ${grouped(after.storage - before.storage, code)}. Nothing further was moved.`;
      }
      await this.#context.sleep(50 * (tries + 1));
    }
  }
}

function lineKey(line: StripeLine): string {
  return `${line.side}:${line.stripeId}`;
}

async function readLines(context: ServiceContext, currency: string, since: Date): Promise<StripeLine[]> {
  const lines: StripeLine[] = [];
  for await (const line of context.rail.lines(since, new Date(context.stripeNow().getTime() + 86_400_000))) {
    if (line.currency === currency) lines.push(line);
  }
  return lines;
}

async function totals(context: ServiceContext, currency: string): Promise<{ payments: bigint; storage: bigint }> {
  const one = await readBalancesOf(context, toCurrency(currency));
  return {
    payments: one.paymentsAvailable + one.paymentsPending,
    // Lines show a payout when it leaves available, so outbound is not part of what they sum to.
    storage: one.storageAvailable + one.storageInbound,
  };
}

/** Verifies the whole and issues the certificate. Stops, with the reason, when a check does not pass. */
async function finish(context: ServiceContext, run: MigrationRun): Promise<void> {
  await setState(context, run, 'verifying');
  await context.checkpoint('migration.verifying');
  const checks = await verifyMigration(context, run);
  const failed = checks.find((check) => check.outcome === 'blocker');
  if (failed !== undefined) {
    await setState(context, run, 'stopped', {
      stop_reason: `${failed.title}. ${failed.detail}`,
      verification: JSON.stringify(checks),
    });
    return;
  }
  const fresh = (await currentRun(context)) ?? run;
  const completedAt = context.now();
  const operations = (await operationsOf(context, fresh)).slice(0, 500);
  const startedAt = fresh.startedAt ?? completedAt.toISOString();
  const certificate: CertificateView = {
    id: `MC-${run.runId.slice(0, 8).toUpperCase()}`,
    issuedAt: completedAt.toISOString(),
    mode: context.mode,
    period: run.plan.period,
    planHash: run.plan.hash,
    approvedBy: run.approvedBy ?? '',
    approvedAt: run.approvedAt ?? startedAt,
    startedAt,
    completedAt: completedAt.toISOString(),
    durationMs: completedAt.getTime() - new Date(startedAt).getTime(),
    before: run.plan.before.map(pairView),
    after: (await balancesNow(context, run)).map(pairView),
    operations,
    checks: [...checks],
  };
  await setState(context, run, 'completed', {
    ended_at: completedAt.toISOString(),
    verification: JSON.stringify(checks),
    certificate: JSON.stringify(certificate),
  });
  await context.checkpoint('migration.completed');
}

function pairView(one: BalancesAt) {
  return {
    currency: one.currency,
    payments: String(one.payments),
    storage: String(one.storage),
    obligations: String(one.obligations),
  };
}

async function balancesNow(context: ServiceContext, run: Pick<MigrationRun, 'plan'>): Promise<BalancesAt[]> {
  const owed = totalOwed(await obligations(context.store));
  const balances = await readBalances(context);
  return run.plan.before.map(({ currency }) => {
    const one = balances.find((candidate) => candidate.currency === currency);
    return {
      currency,
      payments: one?.paymentsAvailable ?? 0n,
      storage: (one?.storageAvailable ?? 0n) + (one?.storageInbound ?? 0n) + (one?.storageOutbound ?? 0n),
      obligations: owed.get(currency) ?? 0n,
    };
  });
}

async function verifyMigration(context: ServiceContext, run: MigrationRun): Promise<CheckView[]> {
  const checks: CheckView[] = [];
  const check = (code: string, passed: boolean, title: string, detail: string): void => {
    checks.push({
      code,
      outcome: passed ? 'pass' : 'blocker',
      title,
      detail,
      action: passed ? '' : 'Stop and find out why before anything else moves.',
    });
  };
  const posted = await listIntents(context.store.db, { run: runName(run.runId), states: ['posted'] });
  check(
    'all-posted',
    posted.length === run.plan.movements.length,
    'Every planned movement is posted',
    `${posted.length} of ${run.plan.movements.length}`,
  );
  for (const [currency, planned] of plannedTotals(run.plan)) {
    const moved = posted.filter((one) => one.currency === currency).reduce((total, one) => total + one.amount, 0n);
    const code = toCurrency(currency);
    check(
      `sum-${currency}`,
      moved === planned,
      `The movements sum to the plan (${currency.toUpperCase()})`,
      `${grouped(moved, code)} of ${grouped(planned, code)}`,
    );
  }
  for (const one of await balancesNow(context, run)) {
    const code = toCurrency(one.currency);
    const name = one.currency.toUpperCase();
    if (one.obligations === 0n && one.storage === 0n) continue;
    check(
      `covered-${one.currency}`,
      one.storage >= one.obligations,
      `Storage covers what is owed (${name})`,
      `Storage ${grouped(one.storage, code)}, owed ${grouped(one.obligations, code)}`,
    );
  }
  const trial = [...(await trialBalance(context.store.db)).values()];
  check(
    'trial-balance',
    trial.every((total) => total === 0n),
    'Debits equal credits',
    'Over the whole ledger, in every currency',
  );
  const conserved = await conservation(context);
  check(
    'conservation',
    conserved === null,
    'No money appeared or vanished',
    conserved ?? 'Payments, Storage and movements under way agree with Stripe to the cent',
  );
  return checks;
}

/** Null when the ledger's payments + storage + under way equal Stripe's; else the difference in words. */
async function conservation(context: ServiceContext): Promise<string | null> {
  // What came in meanwhile belongs to the books too.
  await ingestLines(context);
  const rows = await context.store.db
    .selectFrom('ledger_balance')
    .select(({ fn }) => ['currency', fn.sum<bigint>('balance').as('total')])
    .where('account', 'in', [...CONSERVED_ACCOUNTS])
    .groupBy('currency')
    .execute();
  const books = new Map(rows.map((row) => [row.currency, BigInt(row.total)]));
  for (const one of await context.rail.balances()) {
    const atStripe =
      one.paymentsAvailable + one.paymentsPending + one.storageAvailable + one.storageInbound + one.storageOutbound;
    const difference = atStripe - (books.get(one.currency) ?? 0n);
    if (difference !== 0n) return `Stripe and the ledger differ by ${amountText(difference, one.currency)}`;
  }
  return null;
}

// Rollback -----------------------------------------------------------------------------------------------------------

/**
 * Takes back exactly what this run moved, by a compensating release for each currency. On a rail that cannot release by API the
 * release is guided, and the run stays rolling back until it is seen at Stripe. Can be called again to look.
 */
export async function rollBackMigration(
  context: ServiceContext,
  guard: RunGuard,
  typed: string | null,
  patienceMs: number,
): Promise<void> {
  const run = await requireRun(context);
  if (run.state === 'rolled-back') return;
  if (!['stopped', 'executing', 'completed', 'rolling-back', 'approved'].includes(run.state)) {
    throw new CofferError(
      'migration-state',
      `A migration that is ${run.state} cannot be rolled back.`,
      'Nothing was moved.',
    );
  }
  const moved = await movedByRun(context, run);
  if (run.state !== 'rolling-back') {
    if (moved.size > 0) await requireMonthNotFunded(context, run, 'rollback-refused');
    await requireStillThere(context, moved);
    const expected = rollbackConfirmation(moved, run.plan.period);
    if (expected !== '' && (typed === null || !confirms(typed, expected))) {
      throw new CofferError('confirmation-missing', `Type ${expected} to confirm.`, 'Nothing was rolled back.');
    }
  }
  const result = await guard.run('migration', async () => {
    const name = runName(run.runId);
    // Written before an interruption and never sent: it is not sent any more.
    for (const intent of await listIntents(context.store.db, { run: name, states: ['planned'] })) {
      await cancelUnsent(context, intent, 'rolled-back');
    }
    const open = await settleRun(context, name, patienceMs, () => false);
    if (open.length > 0) {
      throw new CofferError(
        'movements-open',
        'A movement of this migration has no known outcome yet.',
        'Resume first, so that it is looked up.',
      );
    }
    if (run.state !== 'rolling-back') await setState(context, run, 'rolling-back');
    await context.checkpoint('rollback.begun');
    await releaseMoved(context, run, await movedByRun(context, run), patienceMs);
  });
  if (result === null)
    throw new CofferError('busy', 'Another run is working right now.', 'Wait until it has finished.');
  await publishMigration(context, guard);
}

/** From its Fund step to its close the month end counts on what Storage holds: nothing else fills or empties it meanwhile. */
async function requireMonthNotFunded(context: ServiceContext, run: MigrationRun, code: string): Promise<void> {
  const month = await context.store.db
    .selectFrom('month_end_run')
    .select('state')
    .where('period', '=', run.plan.period)
    .where('current', '=', 1n)
    .executeTakeFirst();
  if (month === undefined || ['open', 'locked', 'calculated', 'lapsed', 'closed'].includes(month.state)) return;
  throw new CofferError(
    code,
    `The month end of ${run.plan.period} is ${month.state}: it counts on what Storage holds now.`,
    'Go on with the month end; what Storage holds beyond what is owed is returned there.',
  );
}

/** Creators may have been paid from what was moved: then it cannot be given back, and the rest is released at month end. */
async function requireStillThere(context: ServiceContext, moved: ReadonlyMap<string, bigint>): Promise<void> {
  for (const [code, amount] of moved) {
    const { storageAvailable } = await readBalancesOf(context, toCurrency(code));
    if (storageAvailable < amount) {
      throw new CofferError(
        'rollback-refused',
        `Storage has ${amountText(storageAvailable, toCurrency(code))}; this migration moved ${amountText(amount, toCurrency(code))}. The rest has left Storage since.`,
        'Go on with the month end: what Storage holds beyond what is owed is returned there.',
      );
    }
  }
}

async function cancelUnsent(context: ServiceContext, intent: Intent, code: 'rolled-back' | 'outdated'): Promise<void> {
  await recordOutcome(context, intent.intent_id, {
    state: 'canceled',
    stripeObject: null,
    requestId: null,
    code,
    message:
      code === 'outdated'
        ? 'The amount to give back changed before it was moved.'
        : 'The migration was rolled back before this movement was sent.',
  });
}

async function releaseMoved(
  context: ServiceContext,
  run: MigrationRun,
  moved: ReadonlyMap<string, bigint>,
  patienceMs: number,
): Promise<void> {
  const rollbackRun = `rollback:${run.runId}`;
  const control = { shouldStop: () => false, onSettled: () => {}, sleep: context.sleep };
  // What was made before an interruption is found before anybody makes it again.
  await checkGuided(context, rollbackRun);
  for (const intent of await listIntents(context.store.db, { run: rollbackRun, states: ['planned'] })) {
    // A movement failed at Stripe afterwards: that part is back in Payments already.
    if (moved.get(intent.currency) !== intent.amount) await cancelUnsent(context, intent, 'outdated');
  }
  await move(
    context,
    [...moved].map(([code, amount]) => ({
      kind: 'compensate' as const,
      run: rollbackRun,
      batch: rollbackRun,
      subject: `${rollbackRun}:${code}`,
      period: run.plan.period,
      creatorId: null,
      currency: toCurrency(code),
      amount,
      stripeAccount: null,
      description: `Rollback of migration ${run.runId.slice(0, 8)}`,
      approvedHash: run.plan.hash,
      retryOf: null,
    })),
    control,
  );
  if (context.playGuided !== null) {
    for (const intent of await listIntents(context.store.db, { run: rollbackRun, states: ['planned'] })) {
      await context.playGuided({ currency: intent.currency, amount: intent.amount });
    }
  }
  const open = await settleRun(context, rollbackRun, patienceMs, () => false);
  const waiting = await checkGuided(context, rollbackRun);
  if (open.length > 0 || waiting.length > 0) return;
  for (const intent of await listIntents(context.store.db, { run: runName(run.runId), states: ['posted'] })) {
    await markCompensated(context, intent.intent_id);
  }
  await setState(context, { ...run, state: 'rolling-back' }, 'rolled-back', { ended_at: context.now().toISOString() });
  await context.checkpoint('rollback.done');
}

async function movedByRun(context: ServiceContext, run: MigrationRun): Promise<ReadonlyMap<string, bigint>> {
  const moved = new Map<string, bigint>();
  for (const intent of await listIntents(context.store.db, { run: runName(run.runId), states: ['posted'] })) {
    moved.set(intent.currency, (moved.get(intent.currency) ?? 0n) + abs(intent.amount));
  }
  return moved;
}

function rollbackConfirmation(moved: ReadonlyMap<string, bigint>, period: Period): string {
  if (moved.size === 0) return '';
  return confirmationText(
    [...moved].map(([code, amount]) => ({ currency: toCurrency(code), amount })),
    period,
  );
}

// View ---------------------------------------------------------------------------------------------------------------

async function publishMigration(context: ServiceContext, guard: RunGuard): Promise<void> {
  context.publish('migration.changed', await migrationView(context, guard));
}

async function operationsOf(context: ServiceContext, run: MigrationRun): Promise<OperationView[]> {
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
      `The first movement is a canary of ${amountText(canary.amount, toCurrency(canary.currency))}: it is verified at both ends before anything else moves.`,
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
