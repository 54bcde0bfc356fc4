/** 3. Earnings: what every creator earned and what the platform keeps as its fee. */

import type { Fact } from '../../../../shared/contract/month-end';
import { countOf } from '../../../../shared/domain/count-of';
import type { CurrencyResult } from '../../../../shared/period/calculation';
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
    const order = await orderFor(await payableAccounts(store.db, await calculatePeriod(store, period)));
    // Once more, as the worker does: what came to the ledger while Stripe was asked is in it.
    outcome = await postMonth(context, order, await calculatePeriod(store, period));
  } else {
    const accounts = await unpack(await worker.run('payable-accounts', { period }));
    outcome = await worker.write('post-earnings', await orderFor(accounts.map((one) => one.account)));
  }
  await context.checkpoint('earnings.posted');
  return outcome;
};

/** Posts the month, moves its run on and writes down the step: one transaction, wherever it is done. */
export async function postMonth(
  context: PostingContext,
  { run, startedAt, refusals }: PostingOrder,
  results: ReadonlyMap<string, CurrencyResult>,
): Promise<StepOutcome> {
  let outcome = NOTHING;
  await postEarnings(context, run.period, results, refusals, async (tx, calculated) => {
    const told = earningsOutcome(calculated);
    outcome = { ...told, facts: [...told.facts, ...(await lateFacts(tx, run.period))] };
    await setState(context, tx, run, 'calculated');
    const now = { state: 'done', startedAt, endedAt: context.now(), actor: context.actor(), outcome } as const;
    await saveStep(tx, run, 'earnings', now);
  });
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
