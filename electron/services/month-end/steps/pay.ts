/** 7. Pay: creators are paid out of Storage, each payout with its own record and status. */

import { CofferError } from '../../../../shared/domain/coffer-error';
import { type ConfirmedAmount, confirmationText, requireTyped } from '../../../../shared/domain/confirmation';
import { countOf } from '../../../../shared/domain/count-of';
import { currency as toCurrency } from '../../../../shared/money/money';
import { countBegun, listIntents } from '../../../journal/journal';
import { conservationBlockers } from '../../conservation';
import type { ServiceContext } from '../../context';
import { earningSums } from '../../earnings';
import { payoutsToApprove } from '../../second-approval/plan';
import { secondApprovalBlockers } from '../../second-approval/requirement';
import { readBalancesOf, settleRun } from '../../stripe-storage-balance';
import { mayResendUnder, payPlan, payRun, planPayouts } from '../../stripe-transfer';
import type { EarningSum } from '../../worker/store-jobs';
import { amountFact, type Blocker, type StepOutcome, setState, textFact, type Warning } from '../run';
import { NOTHING, type StepWork, spoken } from './step';

/** Σ still to pay by currency: what the person types before the payouts. What was paid or is under way is not asked for again. */
export async function payTotals(context: ServiceContext, period: string): Promise<ConfirmedAmount[]> {
  const totals = new Map<string, bigint>();
  for (const one of (await earningSums(context.store, period)).sums) {
    if (one.disposition !== 'planned') continue;
    totals.set(one.currency, (totals.get(one.currency) ?? 0n) + one.payable - one.paid);
  }
  return [...totals].sort().map(([code, amount]) => ({ currency: toCurrency(code), amount }));
}

export const pay: StepWork = async (context, run, control, typed) => {
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
  const second = await secondApprovalBlockers(context, payoutsToApprove(plan), run.state === 'paying');
  if (second.length > 0) return { ...NOTHING, blockers: second };
  const before = await conservationBlockers(context);
  if (before.length > 0) return { ...NOTHING, blockers: before };
  const short = run.state === 'approved' ? await storageShort(context, run.period, totals) : [];
  if (short.length > 0) return { ...NOTHING, blockers: short };
  if (run.state === 'approved') {
    await store.transaction((tx) => setState(context, tx, run, 'paying', {}, { planHash: plan.hash }));
    await context.checkpoint('pay.begun');
  }
  const total = plan.lines.filter((line) => line.disposition === 'paid').length;
  let settled = await countBegun(store.db, payRun(run.period));
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
  const after = await conservationBlockers(context);
  if (after.length > 0) return { facts: told.facts, blockers: after, warnings: [] };
  const outcome: StepOutcome = { facts: told.facts, blockers: [], warnings: told.warnings };
  await store.transaction(async (tx) => {
    await setState(context, tx, { ...run, state: 'paying' }, 'paid');
    await control.save(tx, outcome);
  });
  await context.checkpoint('pay.done');
  return outcome;
};

async function storageShort(
  context: ServiceContext,
  period: string,
  totals: readonly ConfirmedAmount[],
): Promise<Blocker[]> {
  const blockers: Blocker[] = [];
  // Written down before an interruption and not sent: where Storage is a line in the ledger, it has left that line already.
  const waiting = context.rail.capabilities.movesByLedgerOnly
    ? await listIntents(context.store.db, { run: payRun(period), states: ['planned'] })
    : [];
  for (const { currency, amount } of totals) {
    const { storageAvailable } = await readBalancesOf(context, currency);
    const setAside = waiting
      .filter((intent) => intent.currency === currency)
      .reduce((total, intent) => total + intent.amount, 0n);
    if (storageAvailable + setAside < amount) {
      blockers.push({
        code: `storage-low-${currency}`,
        message: `Storage has ${spoken(storageAvailable, currency)} available; ${spoken(amount, currency)} is to be paid.`,
        action: 'Find out what left Storage under Reconciliation; nothing was paid.',
      });
    }
  }
  return blockers;
}

/**
 * The outcome of Pay as it stands now: payouts that were retried since are counted, and a warning that no longer holds is gone. What
 * came back since is told by its alert, and by Close.
 */
export async function paidByNow(context: ServiceContext, period: string, told: StepOutcome): Promise<StepOutcome> {
  const { facts, warnings } = await payFacts(context, period);
  const codes = new Set(told.warnings.map((warning) => warning.code));
  return { ...told, facts, warnings: warnings.filter((warning) => codes.has(warning.code)) };
}

async function payFacts(
  context: ServiceContext,
  period: string,
): Promise<{ facts: StepOutcome['facts']; warnings: Warning[] }> {
  const { sums } = await earningSums(context.store, period);
  const facts: StepOutcome['facts'][number][] = [];
  const warnings: Warning[] = [];
  const currencies = [...new Set(sums.map((one) => one.currency))].sort();
  for (const code of currencies) {
    const ofCurrency = sums.filter((one) => one.currency === code && one.disposition !== 'none');
    const due = ofCurrency.filter((one) => !['held', 'carried'].includes(one.disposition));
    const paid = due.filter((one) => one.disposition === 'paid');
    const notPaid = due.filter((one) => one.disposition === 'failed' || one.disposition === 'returned');
    const sum = (some: readonly EarningSum[]): bigint => some.reduce((total, one) => total + one.payable, 0n);
    const count = (some: readonly EarningSum[]): number => some.reduce((total, one) => total + one.count, 0);
    facts.push(
      textFact(`Payouts posted (${code.toUpperCase()})`, `${count(paid)} of ${count(due)}`),
      amountFact('Paid', code, sum(paid)),
    );
    if (notPaid.length > 0) {
      facts.push(amountFact('Still in Storage after failed payouts', code, sum(notPaid)));
      warnings.push({
        code: `failed-payouts-${code}`,
        message: `${count(paid)} of ${count(due)} posted; ${count(notPaid)} failed or returned, ${spoken(sum(notPaid), code)} still in Storage and still owed. Retry them, or leave them to the next month.`,
      });
    }
  }
  return { facts, warnings };
}
