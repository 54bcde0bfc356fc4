/**
 * The nine steps of a month end. Each can be run again: what is done is not done twice. A step says what it found (`facts`), what
 * stops it (`blockers`) and what a person has to know (`warnings`). Source of the rules: docs/rules.md, "Month end".
 */

import type { CheckView } from '../../../shared/contract/channel';
import type { MonthEndStep } from '../../../shared/contract/month-end';
import { canonicalJson } from '../../../shared/domain/canonical-json';
import { CofferError } from '../../../shared/domain/coffer-error';
import { type ConfirmedAmount, confirmationText, confirms } from '../../../shared/domain/confirmation';
import { countOf } from '../../../shared/domain/count-of';
import { amountText } from '../../../shared/money/amount-text';
import { type Currency, currency as toCurrency } from '../../../shared/money/money';
import { addMonths, periodEnd } from '../../../shared/period/period';
import { appendAudit, sha256 } from '../../journal/audit-chain';
import { type Intent, isOpen } from '../../journal/intent';
import { listIntents, readIntent, recordOutcome } from '../../journal/journal';
import type { SendControl } from '../../journal/movement';
import { INBOUND, STORAGE } from '../../ledger/accounts';
import { balance, keptInSuspense, owedToCreators, trialBalance } from '../../ledger/ledger';
import { openStore, type Queries } from '../../store/store';
import { adoptBalances } from '../balance-adoption';
import type { ServiceContext } from '../context';
import { snapshotHash } from '../data-import';
import { type CalculationOutcome, earningResults, postEarnings, signEarnings } from '../earnings';
import { calculatePeriod, obligations, totalOwed } from '../fund-tracking';
import { readFigures, recordFigures } from '../period-figures';
import { movementsWithoutLine, reconcile } from '../reconciliation';
import { readOpenPeriod, readSettings, writeOpenPeriod } from '../settings';
import { checkGuided, move, readBalances, readBalancesOf, sendPlanned, settleRun } from '../stripe-storage-balance';
import { followMovements, mayResendUnder, payPlan, payRun, planPayouts } from '../stripe-transfer';
import { feeRun, lapseSummary, postLapses, type StorageNeed, storageNeeds } from '../use-it-or-lose-it';
import { amountFact, type Blocker, type MonthEndRun, type StepOutcome, setState, textFact, type Warning } from './run';

export interface StepControl extends SendControl {
  /** Longest time to wait for Stripe to settle a step's movements. */
  readonly patienceMs: number;
  readonly onProgress: (label: string, done: number, total: number) => void;
  /** Writes the step's result in the transaction that makes it done, so that its warnings are never lost. */
  readonly save: (tx: Queries, outcome: StepOutcome) => Promise<void>;
}

export type StepWork = (
  context: ServiceContext,
  run: MonthEndRun,
  control: StepControl,
  typed: string | null,
) => Promise<StepOutcome>;

const NOTHING: StepOutcome = { facts: [], blockers: [], warnings: [] };

function spoken(amount: bigint, code: string): string {
  return `${amountText(amount, toCurrency(code))}`;
}

// 1. Preflight -------------------------------------------------------------------------------------------------------

const preflight: StepWork = async (context, run) => {
  const checks = await preflightChecks(context, run);
  return {
    facts: checks.filter((check) => check.outcome === 'pass').map((check) => textFact(check.title, check.detail)),
    blockers: checks
      .filter((check) => check.outcome === 'blocker')
      .map((check) => ({ code: check.code, message: `${check.title}. ${check.detail}`, action: check.action })),
    warnings: checks
      .filter((check) => check.outcome === 'warning')
      .map((check) => ({ code: check.code, message: `${check.title}. ${check.detail}` })),
  };
};

/** A month before `period` that is not closed, begun or not; months close in order. */
async function earlierOpenPeriod(db: Queries, period: string): Promise<{ period: string; state: string } | undefined> {
  const begun = await db
    .selectFrom('month_end_run')
    .select(['period', 'state'])
    .where('current', '=', 1n)
    .where('period', '<', period)
    .where('state', '<>', 'closed')
    .orderBy('period')
    .limit(1)
    .executeTakeFirst();
  if (begun !== undefined) return begun;
  const open = await readOpenPeriod(db);
  return open !== null && open < period ? { period: open, state: 'open' } : undefined;
}

/** Every check before a period is locked. Throws `StripeUnavailable` when Stripe cannot be reached. */
export async function preflightChecks(context: ServiceContext, run: Pick<MonthEndRun, 'period'>): Promise<CheckView[]> {
  const { db } = context.store;
  const { period } = run;
  const checks: CheckView[] = [];
  const add = (code: string, outcome: CheckView['outcome'], title: string, detail: string, action = ''): void => {
    checks.push({ code, outcome, title, detail, action });
  };
  await adoptBalances(context);
  // A payout of a closed month that came back is owed now.
  await followMovements(context, true);

  const payments = await countRows(db, 'payment', period);
  const allocations = await countRows(db, 'allocation', period);
  if (payments === 0)
    add('no-payments', 'warning', `No payments in ${period}`, 'Nothing was collected, or the data is missing.');
  else add('data', 'pass', 'Data is present', `${payments} payments and ${allocations} allocations in ${period}`);

  const ended = periodEnd(period);
  const last = await db.selectFrom('data_import').select('at').orderBy('at', 'desc').limit(1).executeTakeFirst();
  if (context.now() < ended) {
    add('not-ended', 'warning', `${period} has not ended`, 'Payments and allocations may still come in.');
  } else if (last !== undefined && new Date(last.at) < ended) {
    add('stale-data', 'warning', 'The data is older than the end of the month', `Last import ${last.at.slice(0, 10)}.`);
  } else add('fresh', 'pass', 'The data is from after the month ended', `Last import ${last?.at.slice(0, 10) ?? '—'}`);

  const earlier = await earlierOpenPeriod(db, period);
  if (earlier === undefined) add('previous', 'pass', 'The month before is closed', 'No earlier month is open');
  else {
    add(
      'previous-open',
      'blocker',
      `${earlier.period} is not closed`,
      `It is ${earlier.state}.`,
      `Close ${earlier.period} first.`,
    );
  }

  const unknown = await listIntents(db, { states: ['unknown'] });
  if (unknown.length === 0) add('known', 'pass', 'Every movement has a known outcome', 'Nothing is unknown at Stripe');
  else {
    add(
      'unknown-operations',
      'blocker',
      `${countOf(unknown.length, 'movement')} with an unknown outcome`,
      'They may or may not have moved money.',
      'Look them up at Stripe on the Payouts screen.',
    );
  }
  checks.push(...(await migrationCheck(context)));
  const currencies = [...(await calculatePeriod(context.store, period)).keys()].map(toCurrency);
  for (const finding of await context.rail.findings(currencies)) checks.push({ ...finding });
  return checks;
}

/** The state of a migration that has begun and is not over; null without one. */
async function unfinishedMigration(db: Queries): Promise<string | null> {
  const current = await db.selectFrom('migration_run').select('state').where('current', '=', 1n).executeTakeFirst();
  const unfinished = ['approved', 'executing', 'stopped', 'verifying', 'rolling-back'];
  return current !== undefined && unfinished.includes(current.state) ? current.state : null;
}

/** Month end and migration both bring Storage to what is owed: one is over before the other measures what is missing. */
async function migrationBlockers(db: Queries): Promise<Blocker[]> {
  const state = await unfinishedMigration(db);
  if (state === null) return [];
  return [
    {
      code: 'migration-unfinished',
      message: `A migration is not finished. It is ${state}.`,
      action: 'Finish it or roll it back on the Migration screen.',
    },
  ];
}

async function migrationCheck(context: ServiceContext): Promise<CheckView[]> {
  const { db } = context.store;
  const unfinished = await unfinishedMigration(db);
  if (unfinished !== null) {
    return [
      {
        code: 'migration-unfinished',
        outcome: 'blocker',
        title: 'A migration is not finished',
        detail: `It is ${unfinished}.`,
        action: 'Finish it or roll it back on the Migration screen.',
      },
    ];
  }
  const checks: CheckView[] = [];
  const owed = new Map<string, bigint>();
  for (const row of [...(await owedToCreators(db)), ...(await keptInSuspense(db))]) {
    owed.set(row.currency, (owed.get(row.currency) ?? 0n) + row.owed);
  }
  for (const one of await readBalances(context)) {
    const missing = (owed.get(one.currency) ?? 0n) - one.storageAvailable;
    if (missing > 0n) {
      checks.push({
        code: `earlier-obligations-${one.currency}`,
        outcome: 'warning',
        title: `${spoken(missing, one.currency)} owed from earlier months is not in Storage`,
        detail: 'The Fund step will move it, or migrate first.',
        action: '',
      });
    }
  }
  if (checks.length === 0) {
    checks.push({
      code: 'migration',
      outcome: 'pass',
      title: 'No migration is needed',
      detail: 'Storage holds what was owed before this month',
      action: '',
    });
  }
  return checks;
}

async function countRows(db: Queries, table: 'payment' | 'allocation', period: string): Promise<number> {
  const row = await db
    .selectFrom(table)
    .select(({ fn }) => fn.countAll<bigint>().as('count'))
    .where('period', '=', period)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

// 2. Lock ------------------------------------------------------------------------------------------------------------

const lock: StepWork = async (context, run, control) => {
  const { store } = context;
  const earlier = await earlierOpenPeriod(store.db, run.period);
  if (earlier !== undefined) {
    throw new CofferError(
      'previous-open',
      `${earlier.period} is ${earlier.state}, not closed.`,
      `Close ${earlier.period} first.`,
    );
  }
  // A snapshot of its own connection: rows are hashed while the screens go on reading.
  const reader = openStore(store.path, { check: false });
  let snapshot: { hash: string; payments: number; allocations: number };
  try {
    snapshot = snapshotHash(reader, run.period);
  } finally {
    await reader.close();
  }
  await context.checkpoint('lock.hashed');
  const before = await readBalances(context);
  const outcome: StepOutcome = {
    ...NOTHING,
    facts: [
      textFact('Payments locked', String(snapshot.payments)),
      textFact('Allocations locked', String(snapshot.allocations)),
      textFact('Snapshot', snapshot.hash.slice(0, 16)),
    ],
  };
  await store.transaction(async (tx) => {
    await tx
      .insertInto('period_lock')
      .values({
        period: run.period,
        snapshot_hash: snapshot.hash,
        payments: BigInt(snapshot.payments),
        allocations: BigInt(snapshot.allocations),
        locked_at: context.now().toISOString(),
        actor: context.actor(),
      })
      .execute();
    for (const one of before) {
      await recordFigures(tx, run.period, one.currency, {
        payments_before: one.paymentsAvailable,
        storage_before: one.storageAvailable,
      });
    }
    await setState(context, tx, run, 'locked', {}, { snapshotHash: snapshot.hash });
    await control.save(tx, outcome);
  });
  await context.checkpoint('lock.written');
  return outcome;
};

// 3. Earnings --------------------------------------------------------------------------------------------------------

const earnings: StepWork = async (context, run, control) => {
  control.onProgress('Calculating earnings', 0, 0);
  let outcome = NOTHING;
  await postEarnings(context, run.period, async (tx, calculated) => {
    outcome = earningsOutcome(calculated);
    await setState(context, tx, run, 'calculated');
    await control.save(tx, outcome);
  });
  return outcome;
};

function earningsOutcome({ results, creators }: CalculationOutcome): StepOutcome {
  const facts = [...results].flatMap(([code, { totals }]) => [
    amountFact('Collected', code, totals.collected),
    amountFact('Allocated and funded', code, totals.funded),
    amountFact('Platform fee', code, totals.fee),
    ...(totals.suspense > 0n ? [amountFact('Suspense, kept without fee', code, totals.suspense)] : []),
    amountFact('Net to creators', code, totals.net),
    amountFact('Owed from before', code, totals.opening),
    amountFact('Payable', code, totals.payable),
  ]);
  const warnings: Warning[] = [...results]
    .filter(([, { totals }]) => totals.suspense > 0n)
    .map(([code, { totals, suspense }]) => ({
      code: `suspense-${code}`,
      message: `${spoken(totals.suspense, code)} is allocated to ${countOf(suspense.size, 'creator')} nobody knows; it is kept in Storage until it is resolved.`,
    }));
  return { facts: [textFact('Creators', String(creators)), ...facts], blockers: [], warnings };
}

// 4. Use it or lose it -----------------------------------------------------------------------------------------------

const lapse: StepWork = async (context, run, control) => {
  const { store } = context;
  const surplusRun = `surplus:${run.period}`;
  const migrating = await migrationBlockers(store.db);
  if (migrating.length > 0) return { ...NOTHING, blockers: migrating };
  await finishInterrupted(context, control, surplusRun);
  const needs = await storageNeeds(context, run.period);
  const releases = needs.filter((need) => need.surplus > 0n);
  const waiting = await release(
    context,
    run,
    control,
    surplusRun,
    releases.map(({ currency, surplus }) => ({ currency, amount: surplus })),
    'Surplus of Storage',
  );
  if (waiting.length > 0) return { ...NOTHING, blockers: waiting };
  await context.checkpoint('lapse.before-posting');
  const released = await postedBy(context, surplusRun);
  const lapses = await lapseSummary(store.db, run.period);
  const outcome: StepOutcome = {
    ...NOTHING,
    facts: [
      ...lapses.flatMap((one) => [
        amountFact('Lapsed to revenue', one.currency, one.unallocated),
        textFact(`Subscribers with unallocated funds (${one.currency.toUpperCase()})`, String(one.subscribers)),
        textFact(`Half or more unused (${one.currency.toUpperCase()})`, String(one.halfUnused)),
      ]),
      ...[...released].map(([code, amount]) => amountFact('Surplus returned to Payments', code, amount)),
    ],
  };
  await store.transaction(async (tx) => {
    await postLapses(context, tx, run.period);
    for (const currency of (await readFigures(tx, run.period)).keys()) {
      await recordFigures(tx, run.period, currency, { surplus_release: released.get(currency) ?? 0n });
    }
    await setState(context, tx, run, 'lapsed');
    await control.save(tx, outcome);
  });
  await context.checkpoint('lapse.posted');
  return outcome;
};

/**
 * Releases amounts from Storage to Payments. By API where the rail can, else guided: the intent is written and a person makes the
 * movement. Returns what is still waited for. Never releases below what is owed.
 */
async function release(
  context: ServiceContext,
  run: MonthEndRun,
  control: StepControl,
  releaseRun: string,
  amounts: readonly { readonly currency: string; readonly amount: bigint }[],
  description: string,
): Promise<Blocker[]> {
  await checkGuided(context, releaseRun);
  const existing = await listIntents(context.store.db, { run: releaseRun });
  const done = new Set(existing.filter((one) => one.state === 'posted').map((one) => one.currency));
  const wanted = amounts.filter((one) => !done.has(one.currency));
  for (const intent of existing) {
    const still = wanted.find((one) => one.currency === intent.currency);
    if (intent.state === 'planned' && still?.amount !== intent.amount) await cancelOutdated(context, intent);
  }
  await move(
    context,
    wanted.map((one) => ({
      kind: 'release' as const,
      run: releaseRun,
      batch: releaseRun,
      subject: `${releaseRun}:${one.currency}`,
      period: run.period,
      creatorId: null,
      currency: toCurrency(one.currency),
      amount: one.amount,
      stripeAccount: null,
      description: `${description} ${run.period}`,
      approvedHash: null,
      retryOf: null,
    })),
    control,
  );
  const playGuided = context.playGuided;
  if (playGuided !== null) {
    for (const intent of await listIntents(context.store.db, { run: releaseRun, states: ['planned'] })) {
      await playGuided({ currency: intent.currency, amount: intent.amount });
    }
  }
  const open = await settleRun(context, releaseRun, control.patienceMs, control.shouldStop);
  const waiting = await checkGuided(context, releaseRun);
  return [
    ...waiting.map((intent) => ({
      code: `guided-${intent.currency}`,
      message: `Move ${spoken(intent.amount, intent.currency)} from Storage to Payments in the Stripe dashboard.`,
      action: 'Follow the clicks shown; Coffer finds the movement and goes on.',
    })),
    ...open.map(stillOpen),
  ];
}

async function cancelOutdated(context: ServiceContext, intent: Intent): Promise<void> {
  await recordOutcome(context, intent.intent_id, {
    state: 'canceled',
    stripeObject: null,
    requestId: null,
    code: 'outdated',
    message: 'The amount to release changed before it was moved.',
  });
}

function stillOpen(intent: Pick<Intent, 'intent_id' | 'state' | 'amount' | 'currency' | 'message'>): Blocker {
  return intent.state === 'unknown'
    ? {
        code: `unknown-${intent.intent_id}`,
        message:
          `The outcome of moving ${spoken(intent.amount, intent.currency)} is unknown. ${intent.message ?? ''}`.trim(),
        action: 'Run the step again: it is looked up at Stripe, and never sent twice.',
      }
    : {
        code: `open-${intent.intent_id}`,
        message: `Moving ${spoken(intent.amount, intent.currency)} is not settled yet (${intent.state}).`,
        action: 'Wait a moment and run the step again.',
      };
}

async function postedBy(context: ServiceContext, run: string): Promise<ReadonlyMap<string, bigint>> {
  const sums = new Map<string, bigint>();
  for (const intent of await listIntents(context.store.db, { run, states: ['posted'] })) {
    sums.set(intent.currency, (sums.get(intent.currency) ?? 0n) + intent.amount);
  }
  return sums;
}

// 5. Fund ------------------------------------------------------------------------------------------------------------

const fund: StepWork = async (context, run, control) => {
  const fundRun = `fund:${run.period}`;
  const migrating = await migrationBlockers(context.store.db);
  if (migrating.length > 0) return { ...NOTHING, blockers: migrating };
  await checkGuided(context, feeRun(run.period));
  await finishInterrupted(context, control, fundRun);
  await finishInterrupted(context, control, feeRun(run.period));
  const refused = await fundCurrencies(context, run, control, fundRun);
  if (refused.length > 0) return { ...NOTHING, blockers: refused };
  const open = await settleRun(context, fundRun, control.patienceMs, control.shouldStop);
  if (open.length > 0) return { ...NOTHING, blockers: open.map(stillOpen) };
  const missing = (await storageNeeds(context, run.period)).filter((need) => need.fund > 0n);
  const failed = await lastFailures(context, fundRun, new Set(missing.map((need) => need.currency)));
  if (failed.length > 0) return { ...NOTHING, blockers: failed };
  const short = await awaitTarget(context, run, control);
  if (short.length > 0) return { ...NOTHING, blockers: short };

  const feesWaiting = await returnFee(context, run, control);
  if (feesWaiting.length > 0) return { ...NOTHING, blockers: feesWaiting };

  const funded = await postedBy(context, fundRun);
  const fees = await postedBy(context, feeRun(run.period));
  const outcome: StepOutcome = {
    ...NOTHING,
    facts: [
      ...[...funded].map(([code, amount]) => amountFact('Moved to Storage', code, amount)),
      ...[...fees].map(([code, amount]) => amountFact('Fee returned to Payments', code, amount)),
      ...(await readBalances(context))
        .filter((one) => one.storageAvailable > 0n || funded.has(one.currency))
        .map((one) => amountFact('Storage available', one.currency, one.storageAvailable)),
    ],
  };
  await context.store.transaction(async (tx) => {
    for (const currency of (await readFigures(tx, run.period)).keys()) {
      await recordFigures(tx, run.period, currency, { fund: funded.get(currency) ?? 0n });
    }
    await setState(context, tx, run, 'funded');
    await control.save(tx, outcome);
  });
  await context.checkpoint('fund.done');
  return outcome;
};

/**
 * Makes what was written before an interruption and never sent, and finds out about the rest: the books count it as on its way, so
 * that what is missing or too much can only be told afterwards.
 */
async function finishInterrupted(context: ServiceContext, control: StepControl, run: string): Promise<void> {
  const unsent = await listIntents(context.store.db, { run, states: ['planned'] });
  await sendPlanned(
    context,
    unsent.map((intent) => intent.intent_id),
    control,
    1,
  );
  await settleRun(context, run, control.patienceMs, control.shouldStop);
}

/** Sends what is missing. What our ledger already moved is never sent again, even if Stripe does not show it yet. */
async function fundCurrencies(
  context: ServiceContext,
  run: MonthEndRun,
  control: StepControl,
  fundRun: string,
): Promise<Blocker[]> {
  const { db } = context.store;
  const blockers: Blocker[] = [];
  for (const need of await storageNeeds(context, run.period)) {
    const booked = (await balance(db, STORAGE, need.currency)) + (await balance(db, INBOUND, need.currency));
    const byBooks = need.target - booked;
    const amount = byBooks < need.fund ? byBooks : need.fund;
    if (amount <= 0n) continue;
    const balances = await readBalancesOf(context, toCurrency(need.currency));
    if (balances.paymentsAvailable < amount) {
      blockers.push({
        code: `payments-low-${need.currency}`,
        message: `Payments has ${spoken(balances.paymentsAvailable, need.currency)} available; ${spoken(amount, need.currency)} is needed for Storage. ${spoken(balances.paymentsPending, need.currency)} is pending.`,
        action: 'Wait until pending money is available or top up Payments, then run the step again.',
      });
      continue;
    }
    const earlier = await listIntents(db, { run: fundRun });
    const number = earlier.filter((intent) => intent.currency === need.currency).length + 1;
    await context.checkpoint('fund.before-intent');
    await move(
      context,
      [
        {
          kind: 'fund',
          run: fundRun,
          batch: fundRun,
          subject: `${fundRun}:${need.currency}:${number}`,
          period: run.period,
          creatorId: null,
          currency: toCurrency(need.currency),
          amount,
          stripeAccount: null,
          description: `Funding of Storage ${run.period}`,
          approvedHash: null,
          retryOf: null,
        },
      ],
      control,
    );
    control.onProgress(`Moved ${spoken(amount, need.currency)} to Storage`, 1, 1);
  }
  return blockers;
}

/** Why Storage is still short: the last movement failed. One that failed but is not needed any more stops nobody. */
async function lastFailures(context: ServiceContext, run: string, missing: ReadonlySet<string>): Promise<Blocker[]> {
  const latest = new Map<string, Intent>();
  for (const intent of await listIntents(context.store.db, { run })) latest.set(intent.currency, intent);
  return [...latest.values()]
    .filter((intent) => missing.has(intent.currency))
    .filter((intent) => intent.state === 'failed' || intent.state === 'canceled' || intent.state === 'returned')
    .map((intent) => ({
      code: `failed-${intent.currency}`,
      message: `Moving ${spoken(intent.amount, intent.currency)} to Storage failed: ${intent.message ?? 'Stripe gave no reason'}.`,
      action: 'Clear the cause, then run the step again; a new movement is planned.',
    }));
}

/** Waits until Storage has its target available, not merely on its way. */
async function awaitTarget(context: ServiceContext, run: MonthEndRun, control: StepControl): Promise<Blocker[]> {
  const until = context.now().getTime() + control.patienceMs;
  for (;;) {
    const short = (await storageNeeds(context, run.period)).filter((need) => need.fund > 0n);
    if (short.length === 0) return [];
    if (control.shouldStop() || context.now().getTime() >= until) return short.map(notThere);
    await context.sleep(100);
  }
}

function notThere(need: StorageNeed): Blocker {
  return {
    code: `not-available-${need.currency}`,
    message: `Storage has ${spoken(need.available, need.currency)} available; ${spoken(need.target, need.currency)} is needed.`,
    action: 'The money is on its way or was moved by someone else. Run the step again in a moment.',
  };
}

/** Funding basis gross: the platform fee went to Storage with the rest and comes back now. */
async function returnFee(context: ServiceContext, run: MonthEndRun, control: StepControl): Promise<Blocker[]> {
  const settings = await readSettings(context.store.db);
  if (settings.fundingBasis !== 'gross') return [];
  const amounts = [...(await readFigures(context.store.db, run.period))]
    .map(([currency, figures]) => ({ currency, amount: figures.fee ?? 0n }))
    .filter((one) => one.amount > 0n);
  return release(context, run, control, feeRun(run.period), amounts, 'Platform fee');
}

// 6. Approve ---------------------------------------------------------------------------------------------------------

/** Approves the plan with this hash. Throws when the plan of now has another one. */
export async function approvePlan(
  context: ServiceContext,
  run: MonthEndRun,
  planHash: string,
  save: StepControl['save'],
): Promise<StepOutcome> {
  const plan = await planPayouts(context, run.period, run.version);
  if (plan.hash !== planHash) {
    throw new CofferError(
      'plan-changed',
      'The plan changed since it was shown.',
      'Look at the new plan; nothing was approved.',
    );
  }
  const at = context.now().toISOString();
  const sums = new Map<string, Record<'paid' | 'held' | 'carried', bigint>>();
  for (const line of plan.lines) {
    const sum = sums.get(line.currency) ?? { paid: 0n, held: 0n, carried: 0n };
    if (line.disposition !== 'none') sum[line.disposition] += line.payable;
    sums.set(line.currency, sum);
  }
  const outcome: StepOutcome = {
    ...NOTHING,
    facts: [
      ...[...sums].flatMap(([code, sum]) => [
        amountFact('To pay', code, sum.paid),
        amountFact('Held', code, sum.held),
        amountFact('Carried forward', code, sum.carried),
      ]),
      textFact('Plan', plan.hash.slice(0, 16)),
    ],
  };
  await context.store.transaction(async (tx) => {
    for (const line of plan.lines) {
      await tx
        .updateTable('earning')
        .set({ disposition: line.disposition, reason: line.reason })
        .where('period', '=', run.period)
        .where('creator_id', '=', line.creatorId)
        .where('currency', '=', line.currency)
        .execute();
    }
    for (const currency of (await readFigures(tx, run.period)).keys()) {
      const sum = sums.get(currency);
      await recordFigures(tx, run.period, currency, { held: sum?.held ?? 0n, carried: sum?.carried ?? 0n });
    }
    await setState(
      context,
      tx,
      run,
      'approved',
      { plan_hash: plan.hash, approved_by: context.actor(), approved_at: at },
      { planHash: plan.hash },
    );
    await save(tx, outcome);
  });
  await context.checkpoint('approve.written');
  return outcome;
}

const approve: StepWork = async () => {
  throw new CofferError('approve-by-hash', 'A plan is approved by its hash.', 'Open the plan and approve it there.');
};

// 7. Pay -------------------------------------------------------------------------------------------------------------

/** Σ still to pay by currency: what the person types before the payouts. What was paid or is under way is not asked for again. */
export async function payTotals(context: ServiceContext, period: string): Promise<ConfirmedAmount[]> {
  const totals = new Map<string, bigint>();
  for (const one of await earningResults(context.store.db, period)) {
    if (one.disposition !== 'planned') continue;
    totals.set(one.currency, (totals.get(one.currency) ?? 0n) + one.payable - one.paid);
  }
  return [...totals].sort().map(([code, amount]) => ({ currency: toCurrency(code), amount }));
}

const pay: StepWork = async (context, run, control, typed) => {
  const { store } = context;
  const totals = await payTotals(context, run.period);
  if (run.state === 'approved' && totals.length > 0) requireTyped(typed, confirmationText(totals, run.period));
  const plan = await planPayouts(context, run.period, run.version);
  if (plan.hash !== run.planHash) {
    await store.transaction(async (tx) => {
      await setState(
        context,
        tx,
        run,
        'funded',
        { plan_hash: null, approved_by: null, approved_at: null },
        { lapsed: run.planHash },
      );
    });
    throw new CofferError(
      'plan-changed',
      'The plan is not the one that was approved: holds, accounts or amounts changed.',
      'The approval has lapsed and no further payout was sent. Look at the new plan and approve it.',
    );
  }
  const short = run.state === 'approved' ? await storageShort(context, totals) : [];
  if (short.length > 0) return { ...NOTHING, blockers: short };
  if (run.state === 'approved') {
    await store.transaction((tx) => setState(context, tx, run, 'paying', {}, { planHash: plan.hash }));
    await context.checkpoint('pay.begun');
  }
  const total = plan.lines.filter((line) => line.disposition === 'paid').length;
  let settled = (await listIntents(store.db, { run: payRun(run.period) })).filter(
    (one) => one.state !== 'planned',
  ).length;
  await payPlan(context, plan, {
    ...control,
    onSettled: (intentId, state) => {
      control.onSettled(intentId, state);
      settled += 1;
      control.onProgress('Paying creators', Math.min(settled, total), total);
    },
  });
  const open = await settleRun(
    context,
    payRun(run.period),
    control.patienceMs,
    control.shouldStop,
    mayResendUnder(plan),
  );
  const told = await payFacts(context, run.period);
  if (open.length > 0) {
    const unknown = open.filter((intent) => intent.state === 'unknown');
    const message =
      unknown.length > 0
        ? `${countOf(unknown.length, 'payout')} with an unknown outcome${open.length > unknown.length ? `, ${open.length - unknown.length} under way` : ''}.`
        : `${countOf(open.length, 'payout')} under way at Stripe.`;
    return {
      facts: told.facts,
      warnings: [],
      blockers: [
        {
          code: unknown.length > 0 ? 'unknown-payouts' : 'payouts-under-way',
          message,
          action: 'Run the step again: Stripe is asked what became of them, and nothing is sent twice.',
        },
      ],
    };
  }
  const outcome: StepOutcome = { facts: told.facts, blockers: [], warnings: told.warnings };
  await store.transaction(async (tx) => {
    await setState(context, tx, { ...run, state: 'paying' }, 'paid');
    await control.save(tx, outcome);
  });
  await context.checkpoint('pay.done');
  return outcome;
};

function requireTyped(typed: string | null, expected: string): void {
  if (typed !== null && confirms(typed, expected)) return;
  throw new CofferError('confirmation-missing', `Type ${expected} to confirm.`, 'Nothing was done.');
}

async function storageShort(context: ServiceContext, totals: readonly ConfirmedAmount[]): Promise<Blocker[]> {
  const blockers: Blocker[] = [];
  for (const { currency, amount } of totals) {
    const { storageAvailable } = await readBalancesOf(context, currency);
    if (storageAvailable < amount) {
      blockers.push({
        code: `storage-low-${currency}`,
        message: `Storage has ${spoken(storageAvailable, currency)} available; ${spoken(amount, currency)} is to be paid.`,
        action: 'Find out what left Storage under Reconciliation; nothing was paid.',
      });
    }
  }
  return blockers;
}

async function payFacts(
  context: ServiceContext,
  period: string,
): Promise<{ facts: StepOutcome['facts']; warnings: Warning[] }> {
  const results = await earningResults(context.store.db, period);
  const facts: StepOutcome['facts'][number][] = [];
  const warnings: Warning[] = [];
  const currencies = [...new Set(results.map((one) => one.currency))].sort();
  for (const code of currencies) {
    const ofCurrency = results.filter((one) => one.currency === code && one.disposition !== 'none');
    const due = ofCurrency.filter((one) => !['held', 'carried'].includes(one.disposition));
    const paid = due.filter((one) => one.disposition === 'paid');
    const notPaid = due.filter((one) => one.disposition === 'failed' || one.disposition === 'returned');
    const sum = (rows: readonly { payable: bigint }[]): bigint => rows.reduce((total, one) => total + one.payable, 0n);
    facts.push(
      textFact(`Payouts posted (${code.toUpperCase()})`, `${paid.length} of ${due.length}`),
      amountFact('Paid', code, sum(paid)),
    );
    if (notPaid.length > 0) {
      facts.push(amountFact('Still in Storage after failed payouts', code, sum(notPaid)));
      warnings.push({
        code: `failed-payouts-${code}`,
        message: `${paid.length} of ${due.length} posted; ${notPaid.length} failed or were returned, ${spoken(sum(notPaid), code)} still in Storage and still owed. Retry them, or leave them to the next month.`,
      });
    }
  }
  return { facts, warnings };
}

// 8. Reconcile -------------------------------------------------------------------------------------------------------

const reconcileStep: StepWork = async (context, run, control) => {
  const outcome = await reconcile(context, run.period);
  const missing = await movementsWithoutLine(context, run.period);
  const blockers: Blocker[] = [];
  if (outcome.exception > 0) {
    blockers.push({
      code: 'exceptions',
      message: `${countOf(outcome.exception, 'line')} at Stripe ${outcome.exception === 1 ? 'is' : 'are'} not explained.`,
      action: 'Explain each of them on the Reconciliation screen.',
    });
  }
  for (const { intent, explanation } of missing) {
    blockers.push({
      code: `missing-${intent.intent_id}`,
      message: explanation,
      action: 'Run the step again in a moment; if it stays, ask Stripe.',
    });
  }
  for (const proof of outcome.proofs) {
    if (proof.difference !== 0n) {
      blockers.push({
        code: `proof-${proof.side}-${proof.currency}`,
        message: `${proof.side === 'payments' ? 'Payments' : 'Storage'} does not add up: opening and lines come to ${spoken(proof.opening + proof.lines, proof.currency)}, Stripe says ${spoken(proof.closing, proof.currency)}.`,
        action: 'Run the step again; a line may have come in meanwhile.',
      });
    }
  }
  if (blockers.length > 0) return { ...NOTHING, blockers };
  await context.checkpoint('reconcile.before-writing');
  const done: StepOutcome = {
    ...NOTHING,
    facts: [
      textFact('Lines matched', String(outcome.matched)),
      textFact('Timing differences', String(outcome.timing)),
      textFact('Exceptions explained', String(outcome.resolved)),
      ...outcome.proofs.map((proof) =>
        amountFact(
          `${proof.side === 'payments' ? 'Payments' : 'Storage'}: opening + lines = closing`,
          proof.currency,
          proof.closing,
        ),
      ),
    ],
  };
  await context.store.transaction(async (tx) => {
    await setState(context, tx, run, 'reconciled');
    await control.save(tx, done);
  });
  return done;
};

// 9. Close -----------------------------------------------------------------------------------------------------------

const close: StepWork = async (context, run, control, typed) => {
  const { store } = context;
  const blockers = await closeBlockers(context, run);
  if (blockers.length > 0) return { ...NOTHING, blockers };
  requireTyped(typed, await closeConfirmation(context, run.period));

  const results = await earningResults(store.db, run.period);
  const after = new Map((await readBalances(context)).map((one) => [one.currency as string, one]));
  const payouts = await listIntents(store.db, { run: payRun(run.period) });
  const figures = await readFigures(store.db, run.period);
  const kept = new Map<string, bigint>();
  for (const one of await keptInSuspense(store.db)) kept.set(one.currency, (kept.get(one.currency) ?? 0n) + one.owed);
  await context.checkpoint('close.before-writing');
  const facts: StepOutcome['facts'][number][] = [];
  await store.transaction(async (tx) => {
    for (const currency of figures.keys()) {
      const ofCurrency = results.filter((one) => one.currency === currency);
      const paid = ofCurrency.reduce((total, one) => total + one.paid, 0n);
      const owedAfter = ofCurrency.reduce((total, one) => total + one.owedAfter, 0n);
      const failed = ofCurrency
        .filter((one) => one.disposition === 'failed' || one.disposition === 'returned')
        .reduce((total, one) => total + one.owedAfter, 0n);
      const posted = payouts.filter((one) => one.currency === currency && one.state === 'posted').length;
      const payableOf = (disposition: string): bigint =>
        ofCurrency.filter((one) => one.disposition === disposition).reduce((total, one) => total + one.owedAfter, 0n);
      const notPosted = ofCurrency.filter(
        (one) => one.disposition === 'failed' || one.disposition === 'returned',
      ).length;
      await recordFigures(tx, run.period, currency, {
        paid,
        owed_after: owedAfter,
        held: payableOf('held'),
        carried: payableOf('carried'),
        failed,
        payments_after: after.get(currency)?.paymentsAvailable ?? 0n,
        storage_after: after.get(currency)?.storageAvailable ?? 0n,
        payouts_posted: BigInt(posted),
        payouts_failed: BigInt(notPosted),
      });
      facts.push(
        amountFact('Paid to creators', currency, paid),
        amountFact('Still owed to creators', currency, owedAfter),
        ...(kept.has(currency) ? [amountFact('Kept in suspense', currency, kept.get(currency) ?? 0n)] : []),
        amountFact('Storage after', currency, after.get(currency)?.storageAvailable ?? 0n),
        amountFact('Payments available after', currency, after.get(currency)?.paymentsAvailable ?? 0n),
      );
    }
    await signEarnings(tx, run.period, results);
    const signed = [...(await readFigures(tx, run.period))];
    const at = context.now().toISOString();
    await setState(
      context,
      tx,
      run,
      'closed',
      { closed_by: context.actor(), closed_at: at },
      {
        figuresHash: sha256(canonicalJson(signed)),
      },
    );
    await writeOpenPeriod(tx, addMonths(run.period, 1));
    await appendAudit(tx, {
      at: context.now(),
      actor: context.actor(),
      action: 'period.opened',
      subject: addMonths(run.period, 1),
      payload: {},
    });
    await control.save(tx, { ...NOTHING, facts });
  });
  await context.checkpoint('close.written');
  return { ...NOTHING, facts };
};

/** What the person types to close: what was paid in the period. */
export async function closeConfirmation(context: ServiceContext, period: string): Promise<string> {
  const paid = new Map<Currency, bigint>();
  for (const one of await earningResults(context.store.db, period)) {
    if (one.paid > 0n) paid.set(toCurrency(one.currency), (paid.get(toCurrency(one.currency)) ?? 0n) + one.paid);
  }
  return confirmationText(
    [...paid].map(([currency, amount]) => ({ currency, amount })),
    period,
  );
}

async function closeBlockers(context: ServiceContext, run: MonthEndRun): Promise<Blocker[]> {
  const { store } = context;
  const blockers: Blocker[] = [];
  const open = (await listIntents(store.db, { period: run.period })).filter((intent) => isOpen(intent.state));
  for (const intent of open) blockers.push(stillOpen(await readIntent(store.db, intent.intent_id)));
  for (const [currency, total] of await trialBalance(store.db)) {
    if (total !== 0n) throw new Error(`The ledger does not balance in ${currency}: ${total}`);
  }
  const owed = totalOwed((await obligations(store)).map((one) => ({ ...one, openPeriod: 0n })));
  const currencies = new Set([...owed.keys(), ...(await readFigures(store.db, run.period)).keys()]);
  for (const currency of currencies) {
    const { storageAvailable, storageInbound, storageOutbound } = await readBalancesOf(context, toCurrency(currency));
    const held = storageAvailable + storageInbound + storageOutbound;
    const must = owed.get(currency) ?? 0n;
    if (held !== must) {
      blockers.push({
        code: `storage-differs-${currency}`,
        message: `Storage holds ${spoken(held, currency)}; ${spoken(must, currency)} is still owed. The difference has no name.`,
        action: 'Find it under Reconciliation before closing.',
      });
    }
  }
  return blockers;
}

export const STEP_WORK: Readonly<Record<MonthEndStep, StepWork>> = {
  preflight,
  lock,
  earnings,
  lapse,
  fund,
  approve,
  pay,
  reconcile: reconcileStep,
  close,
};
