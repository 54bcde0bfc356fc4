/** 3. Earnings: what every creator earned and what the platform keeps as its fee. */

import type { Fact } from '../../../../shared/contract/month-end';
import { countOf } from '../../../../shared/domain/count-of';
import type { Queries } from '../../../store/store';
import { type CalculationOutcome, postEarnings } from '../../earnings';
import { type LatePart, type LateSum, latePostingsOf } from '../../late-news';
import { amountFact, type StepOutcome, setState, textFact, type Warning } from '../run';
import { NOTHING, type StepWork, spoken } from './step';

export const earnings: StepWork = async (context, run, control) => {
  control.onProgress('Calculating earnings', 0, 0);
  let outcome = NOTHING;
  await postEarnings(context, run.period, async (tx, calculated) => {
    const told = earningsOutcome(calculated);
    outcome = { ...told, facts: [...told.facts, ...(await lateFacts(tx, run.period))] };
    await setState(context, tx, run, 'calculated');
    await control.save(tx, outcome);
  });
  return outcome;
};

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
