/** 3. Earnings: what every creator earned and what the platform keeps as its fee. */

import { countOf } from '../../../../shared/domain/count-of';
import { type CalculationOutcome, postEarnings } from '../../earnings';
import { amountFact, type StepOutcome, setState, textFact, type Warning } from '../run';
import { NOTHING, type StepWork, spoken } from './step';

export const earnings: StepWork = async (context, run, control) => {
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
