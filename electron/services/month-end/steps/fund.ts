/** 5. Fund: brings Storage to its target and waits until it is available there. */

import { withoutStop } from '../../../../shared/domain/sentence';
import { currency as toCurrency } from '../../../../shared/money/money';
import { fundingOf } from '../../../../shared/period/calculation';
import type { Period } from '../../../../shared/period/period';
import type { Intent } from '../../../journal/intent';
import { listIntents } from '../../../journal/journal';
import { INBOUND, STORAGE } from '../../../ledger/accounts';
import { balance } from '../../../ledger/ledger';
import { conservationBlockers } from '../../conservation';
import type { ServiceContext } from '../../context';
import { readFigures, recordFigures } from '../../period-figures';
import { readSettings } from '../../settings';
import { checkGuided, move, readBalances, readBalancesOf, settleRun } from '../../stripe-storage-balance';
import { followMovements } from '../../stripe-transfer';
import { feeRun, fundRun, type StorageNeed, storageNeeds, storageTargets } from '../../use-it-or-lose-it';
import { amountFact, type Blocker, type MonthEndRun, type StepOutcome, setState } from '../run';
import { migrationBlockers } from './migration-check';
import { finishInterrupted, postedBy, release, stillOpen } from './movements';
import { NOTHING, type StepControl, type StepWork, spoken } from './step';

export const fund: StepWork = async (context, run, control) => {
  const ofFund = fundRun(run.period);
  const migrating = await migrationBlockers(context.store.db);
  if (migrating.length > 0) return { ...NOTHING, blockers: migrating };
  await checkGuided(context, feeRun(run.period));
  await finishInterrupted(context, control, ofFund);
  await finishInterrupted(context, control, feeRun(run.period));
  const before = await conservationBlockers(context);
  if (before.length > 0) return { ...NOTHING, blockers: before };
  const refused = await fundCurrencies(context, run, control, ofFund);
  if (refused.length > 0) return { ...NOTHING, blockers: refused };
  const open = await settleRun(context, ofFund, control.patienceMs, control.shouldStop);
  if (open.length > 0) return { ...NOTHING, blockers: open.map(stillOpen) };
  const missing = (await storageNeeds(context, run.period)).filter((need) => need.fund > 0n);
  const failed = await lastFailures(context, ofFund, new Set(missing.map((need) => need.currency)));
  if (failed.length > 0) return { ...NOTHING, blockers: failed };
  const short = await awaitTarget(context, run, control);
  if (short.length > 0) {
    // What was posted may have come back since: then that is why, and not somebody else.
    const news = await followMovements(context, true);
    const cameBack = news > 0 ? await lastFailures(context, ofFund, new Set(short.map((need) => need.currency))) : [];
    return { ...NOTHING, blockers: cameBack.length > 0 ? cameBack : short.map(notThere) };
  }

  const feesWaiting = await returnFee(context, run, control);
  if (feesWaiting.length > 0) return { ...NOTHING, blockers: feesWaiting };
  const after = await conservationBlockers(context);
  if (after.length > 0) return { ...NOTHING, blockers: after };

  const funded = await postedBy(context, ofFund);
  const fees = await postedBy(context, feeRun(run.period));
  const outcome: StepOutcome = {
    ...NOTHING,
    facts: [
      ...[...(await storageTargets(context.store.db, run.period)).currencies]
        .sort()
        .map((code) => amountFact('Moved to Storage', code, funded.get(code) ?? 0n)),
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

/** What the step is about to do, by the books: what Storage has to hold, what it holds, what is missing. Reads no network. */
export async function fundingAhead(context: ServiceContext, period: Period): Promise<StepOutcome['facts'][number][]> {
  const { db } = context.store;
  const targets = await storageTargets(db, period);
  const facts = await Promise.all(
    [...targets.currencies].sort().map(async (code) => {
      const target = targets.of(code);
      const held = (await balance(db, STORAGE, code)) + (await balance(db, INBOUND, code));
      return [
        amountFact('Storage has to hold', code, target),
        amountFact('Storage holds, by the books', code, held),
        amountFact('To be moved to Storage', code, fundingOf(target, held).fund),
      ];
    }),
  );
  return facts.flat();
}

/** Sends what is missing. What our ledger already moved is never sent again, even if Stripe does not show it yet. */
async function fundCurrencies(
  context: ServiceContext,
  run: MonthEndRun,
  control: StepControl,
  ofFund: string,
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
    const earlier = await listIntents(db, { run: ofFund });
    const number = earlier.filter((intent) => intent.currency === need.currency).length + 1;
    await context.checkpoint('fund.before-intent');
    await move(
      context,
      [
        {
          kind: 'fund',
          run: ofFund,
          batch: ofFund,
          subject: `${ofFund}:${need.currency}:${number}`,
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
      message: `Moving ${spoken(intent.amount, intent.currency)} to Storage failed: ${withoutStop(intent.message ?? 'Stripe gave no reason')}.`,
      action: 'Clear the cause, then run the step again; a new movement is planned.',
    }));
}

/** Waits until Storage has its target available, not merely on its way. Returns what is still short of it. */
async function awaitTarget(context: ServiceContext, run: MonthEndRun, control: StepControl): Promise<StorageNeed[]> {
  const until = context.now().getTime() + control.patienceMs;
  for (;;) {
    const short = (await storageNeeds(context, run.period)).filter((need) => need.fund > 0n);
    if (short.length === 0) return [];
    if (control.shouldStop() || context.now().getTime() >= until) return short;
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
