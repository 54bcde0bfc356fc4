/** The run of a period: its state, its steps and their order. One current run for each period, enforced by the store. */
import type { Fact, MonthEndStep, PeriodState } from '../../../shared/contract/month-end';
import type { Period } from '../../../shared/period/period';
import { appendAudit } from '../../journal/audit-chain';
import type { Queries } from '../../store/store';
import type { ServiceContext } from '../context';

export interface MonthEndRun {
  readonly period: Period;
  readonly version: number;
  readonly state: PeriodState;
  readonly planHash: string | null;
  readonly approvedBy: string | null;
  readonly approvedAt: string | null;
  readonly closedBy: string | null;
  readonly closedAt: string | null;
}

export interface Blocker {
  readonly code: string;
  readonly message: string;
  readonly action: string;
}

export interface Warning {
  readonly code: string;
  readonly message: string;
}

/** What a step did or found. With blockers it is not done; warnings have to be acknowledged before the next step. */
export interface StepOutcome {
  readonly facts: readonly Fact[];
  readonly blockers: readonly Blocker[];
  readonly warnings: readonly Warning[];
}

export const STATES: readonly PeriodState[] = [
  'open',
  'locked',
  'calculated',
  'lapsed',
  'funded',
  'approved',
  'paying',
  'paid',
  'reconciled',
  'closed',
];

export const STEPS: readonly MonthEndStep[] = [
  'preflight',
  'lock',
  'earnings',
  'lapse',
  'fund',
  'approve',
  'pay',
  'reconcile',
  'close',
];

/** The steps that the schedule may run by itself: they move no money. */
export const PREPARED: readonly MonthEndStep[] = ['preflight', 'lock', 'earnings', 'lapse'];

/** The state a step needs, and the one it leads to. Pay may be taken up again while paying. */
export const STEP_STATES: Readonly<
  Record<MonthEndStep, { readonly needs: readonly PeriodState[]; readonly leads: PeriodState }>
> = {
  preflight: { needs: ['open'], leads: 'open' },
  lock: { needs: ['open'], leads: 'locked' },
  earnings: { needs: ['locked'], leads: 'calculated' },
  lapse: { needs: ['calculated'], leads: 'lapsed' },
  fund: { needs: ['lapsed'], leads: 'funded' },
  approve: { needs: ['funded'], leads: 'approved' },
  pay: { needs: ['approved', 'paying'], leads: 'paid' },
  reconcile: { needs: ['paid'], leads: 'reconciled' },
  close: { needs: ['reconciled'], leads: 'closed' },
};

/** True when the run is at or past the state. */
export function reached(run: Pick<MonthEndRun, 'state'>, state: PeriodState): boolean {
  return STATES.indexOf(run.state) >= STATES.indexOf(state);
}

/** `preflightPassed`: of the step Preflight alone, which changes no state. */
export function stepIsDone(run: MonthEndRun, step: MonthEndStep, preflightPassed: boolean): boolean {
  if (step === 'preflight') return preflightPassed || reached(run, 'locked');
  return reached(run, STEP_STATES[step].leads);
}

export async function readRun(db: Queries, period: Period): Promise<MonthEndRun | null> {
  const row = await db
    .selectFrom('month_end_run')
    .selectAll()
    .where('period', '=', period)
    .where('current', '=', 1n)
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    period,
    version: Number(row.version),
    state: row.state as PeriodState,
    planHash: row.plan_hash,
    approvedBy: row.approved_by,
    approvedAt: row.approved_at,
    closedBy: row.closed_by,
    closedAt: row.closed_at,
  };
}

export async function startRun(context: ServiceContext, period: Period): Promise<MonthEndRun> {
  const { store } = context;
  const known = await readRun(store.db, period);
  if (known !== null) return known;
  const at = context.now();
  await store.transaction(async (tx) => {
    await tx
      .insertInto('month_end_run')
      .values({
        period,
        version: 1n,
        state: 'open',
        current: 1n,
        started_at: at.toISOString(),
        plan_hash: null,
        approved_by: null,
        approved_at: null,
        closed_by: null,
        closed_at: null,
        reopen_reason: null,
      })
      .execute();
    await appendAudit(tx, {
      at,
      actor: context.actor(),
      action: 'month-end.started',
      subject: period,
      payload: { version: 1 },
    });
  });
  const run = await readRun(store.db, period);
  if (run === null) throw new Error('The run that was just written is not there');
  return run;
}

/** Whose writing it is, and when. */
export type Writer = Pick<ServiceContext, 'now' | 'actor'>;

/** Writes down how far a step has come and what it did. */
export async function saveStep(
  db: Queries,
  run: Pick<MonthEndRun, 'period' | 'version'>,
  step: MonthEndStep,
  now: {
    readonly state: 'running' | 'attention' | 'done';
    readonly startedAt: Date;
    readonly endedAt: Date | null;
    readonly actor: string;
    readonly outcome: StepOutcome;
  },
): Promise<void> {
  const values = {
    state: now.state,
    started_at: now.startedAt.toISOString(),
    ended_at: now.endedAt?.toISOString() ?? null,
    actor: now.actor,
    result: JSON.stringify(now.outcome),
  };
  await db
    .insertInto('month_end_step')
    .values({ period: run.period, version: BigInt(run.version), step, ...values })
    .onConflict((conflict) => conflict.columns(['period', 'version', 'step']).doUpdateSet(values))
    .execute();
}

/** Moves the run to a state inside the caller's transaction. */
export async function setState(
  context: Writer,
  tx: Queries,
  run: MonthEndRun,
  state: PeriodState,
  more: Partial<{
    plan_hash: string | null;
    approved_by: string | null;
    approved_at: string | null;
    closed_by: string;
    closed_at: string;
  }> = {},
  payload: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await tx
    .updateTable('month_end_run')
    .set({ state, ...more })
    .where('period', '=', run.period)
    .where('version', '=', BigInt(run.version))
    .execute();
  await appendAudit(tx, {
    at: context.now(),
    actor: context.actor(),
    action: `month-end.${state}`,
    subject: run.period,
    payload: { version: run.version, from: run.state, ...payload },
  });
}

export function amountFact(label: string, currency: string, amount: bigint): Fact {
  return { label, amount: { currency, amount: String(amount) }, text: null };
}

export function textFact(label: string, text: string): Fact {
  return { label, amount: null, text };
}
