/** 3. Earnings: what every creator earned and what the platform keeps as its fee. */

import type { Fact } from '../../../../shared/contract/month-end';
import { countOf } from '../../../../shared/domain/count-of';
import { lastEntry } from '../../../ledger/ledger';
import type { Queries } from '../../../store/store';
import { calculatePeriod } from '../../fund-tracking';
import { type LatePart, type LateSum, latePostingsOf } from '../../late-news';
import { type CalculationOutcome, type PostingContext, payableAccounts, postEarnings } from '../../post-earnings';
import { unpack } from '../../worker/packed';
import type { PostingOrder } from '../../worker/store-jobs';
import { workerOf } from '../../worker/store-worker';
import { amountFact, type StepOutcome, saveStep, setState, textFact, type Warning } from '../run';
import { NOTHING, type StepWork, spoken } from './step';

export const earnings: StepWork = async (context, run, control) => {
  control.onProgress('Calculating earnings', 0, 0);
  const { store } = context;
  const { period } = run;
  const worker = await workerOf(store);
  const orderFor = async (accounts: readonly string[]): Promise<PostingOrder> => {
    const refusals = await context.rail.refusals(accounts);
    await context.checkpoint('earnings.before-posting');
    return {
      run,
      startedAt: control.startedAt,
      actor: context.actor(),
      clockAhead: context.now().getTime() - Date.now(),
      refusals,
    };
  };
  let outcome: StepOutcome;
  if (worker === null) {
    const accounts = await payableAccounts(store.db, await calculatePeriod(store, period));
    outcome = await postMonth(context, await orderFor(accounts));
  } else {
    const accounts = await unpack(await worker.run('payable-accounts', { period }));
    outcome = await worker.write('post-earnings', await orderFor(accounts.map((one) => one.account)));
  }
  await context.checkpoint('earnings.posted');
  return outcome;
};

/**
 * Calculates the month, posts it, moves its run on and writes down the step: one transaction, wherever it is done. What was booked
 * since the calculation, such as a payout that came back, is part of what is owed from before: then it is calculated again.
 */
export async function postMonth(
  context: PostingContext,
  { run, startedAt, refusals }: PostingOrder,
): Promise<StepOutcome> {
  let outcome = NOTHING;
  const advance = async (tx: Queries, calculated: CalculationOutcome): Promise<void> => {
    const told = earningsOutcome(calculated);
    outcome = { ...told, facts: [...told.facts, ...(await lateFacts(tx, run.period))] };
    await setState(context, tx, run, 'calculated');
    const now = { state: 'done', startedAt, endedAt: context.now(), actor: context.actor(), outcome } as const;
    await saveStep(tx, run, 'earnings', now);
  };
  for (let posted = false; !posted; ) {
    const asOf = await lastEntry(context.store.db);
    const results = await calculatePeriod(context.store, run.period);
    posted = await postEarnings(context, run.period, { results, asOf }, refusals, advance);
  }
  return outcome;
}

const LATE_LABELS: Readonly<Record<LatePart, (origin: string) => string>> = {
  earning: (origin) => `Of that, late from ${origin}`,
  suspense: (origin) => `Suspense, late from ${origin}`,
  lapse: (origin) => `Revenue, late from ${origin}`,
  borne: (origin) => `Refunds and disputes of ${origin}, borne by the platform`,
};

/** Late news that is part of what was owed before, by month of origin. */
async function lateFacts(tx: Queries, period: string): Promise<Fact[]> {
  const sums = new Map<string, LateSum>();
  for (const one of await latePostingsOf(tx, period)) {
    const key = `${one.origin}\u0000${one.part}\u0000${one.currency}`;
    sums.set(key, { ...one, amount: one.amount + (sums.get(key)?.amount ?? 0n) });
  }
  return [...sums.values()].map((one) => amountFact(LATE_LABELS[one.part](one.origin), one.currency, one.amount));
}

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
