/** 8. Reconcile: every line at Stripe against our entries. */

import { countOf } from '../../../../shared/domain/count-of';
import { conservation, conservationBlocker } from '../../conservation';
import type { ServiceContext } from '../../context';
import { latePostingsOf } from '../../late-news';
import { readFigures } from '../../period-figures';
import { movementsWithoutLine, reconcile } from '../../reconciliation';
import { amountFact, type Blocker, type StepOutcome, setState, textFact, type Warning } from '../run';
import { NOTHING, type StepWork, spoken } from './step';

export const reconcileStep: StepWork = async (context, run, control) => {
  const outcome = await reconcile(context, run.period);
  const missing = await movementsWithoutLine(context.store.db, run.period);
  const blockers: Blocker[] = exceptionBlockers(outcome.exception);
  for (const { intent, side, explanation } of missing) {
    blockers.push({
      code: `missing-${intent.intent_id}-${side}`,
      message: `Not at Stripe yet: ${explanation}.`,
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
  for (const one of await conservation(context)) {
    // Said already by the proof: the same amount has no line at Stripe.
    const proof = outcome.proofs.find(
      (candidate) => candidate.side === one.side && candidate.currency === one.currency,
    );
    if (one.unexplained !== 0n && one.unexplained !== proof?.difference) blockers.push(conservationBlocker(one));
  }
  if (blockers.length > 0) return { ...NOTHING, blockers };
  await context.checkpoint('reconcile.before-writing');
  const done: StepOutcome = {
    ...NOTHING,
    facts: [
      textFact('Lines matched', String(outcome.matched)),
      textFact('Timing differences', String(outcome.timing)),
      textFact('Exceptions explained', String(outcome.resolved)),
      ...outcome.proofs.flatMap((proof) => {
        const side = proof.side === 'payments' ? 'Payments' : 'Storage';
        return [
          amountFact(`${side} when Coffer took over`, proof.currency, proof.opening),
          amountFact(`${side}, all lines since`, proof.currency, proof.lines),
          amountFact(`${side} at Stripe, the sum of both`, proof.currency, proof.closing),
        ];
      }),
    ],
    warnings: await borneWarnings(context, run.period),
  };
  await context.store.transaction(async (tx) => {
    await setState(context, tx, run, 'reconciled');
    await control.save(tx, done);
  });
  return done;
};

/** Lines at Stripe that are not ours and that nobody has explained. */
export function exceptionBlockers(count: number): Blocker[] {
  if (count === 0) return [];
  return [
    {
      code: 'exceptions',
      message: `${countOf(count, 'line')} at Stripe ${count === 1 ? 'is' : 'are'} not explained.`,
      action: 'Explain each of them on the Reconciliation screen.',
    },
  ];
}

/** Refunds and disputes after the close of earlier months: a person sees what the platform bears of them. */
async function borneWarnings(context: ServiceContext, period: string): Promise<Warning[]> {
  const { db } = context.store;
  const borne = new Map<string, bigint>();
  for (const one of await latePostingsOf(db, period)) {
    if (one.part === 'borne') borne.set(one.currency, (borne.get(one.currency) ?? 0n) + one.amount);
  }
  const figures = await readFigures(db, period);
  return [...borne]
    .filter(([, amount]) => amount > 0n)
    .map(([currency, amount]) => {
      const { fee = 0n, unallocated = 0n } = figures.get(currency) ?? {};
      const revenue = fee + unallocated;
      const more = amount > revenue ? ` That is more than its revenue of ${period}, ${spoken(revenue, currency)}.` : '';
      return {
        code: `borne-${currency}`,
        message: `The platform bears ${spoken(amount, currency)} of refunds and disputes that came after the close of their month; creators keep what they were given.${more} Each is listed on the Reconciliation screen.`,
      };
    });
}
