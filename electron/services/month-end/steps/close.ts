/** 9. Close: Storage holds what is still owed, by name; signs the figures and opens the next month. */

import { confirmationText, requireTyped } from '../../../../shared/domain/confirmation';
import { type Currency, currency as toCurrency } from '../../../../shared/money/money';
import { addMonths } from '../../../../shared/period/period';
import { appendAudit } from '../../../journal/audit-chain';
import { signHead } from '../../../journal/audit-checkpoint';
import { OPEN_STATES } from '../../../journal/intent';
import { listIntents, readIntent } from '../../../journal/journal';
import { keptInSuspense, lastEntry, sumsOverpaid, trialBalance } from '../../../ledger/ledger';
import { aheadOfBooks } from '../../ahead-of-books';
import { copyCheckpoints } from '../../audit-checkpoints';
import { conservationBlockers } from '../../conservation';
import type { ServiceContext } from '../../context';
import { earningSums, earningsToSign, signEarnings } from '../../earnings';
import { obligations } from '../../fund-tracking';
import { owedByLaterNews, postLateNews } from '../../late-news';
import { readFigures, recordFigures, recordRevenue } from '../../period-figures';
import { reconciliationCounts } from '../../reconciliation';
import { writeOpenPeriod } from '../../settings';
import { figuresHash } from '../../sign-off';
import { readBalances, readBalancesOf } from '../../stripe-storage-balance';
import { payRun } from '../../stripe-transfer';
import { resolvedLater } from '../../suspense';
import { amountFact, type Blocker, type MonthEndRun, type StepOutcome, setState } from '../run';
import { stillOpen } from './movements';
import { exceptionBlockers } from './reconcile';
import { NOTHING, type StepWork, spoken } from './step';

export const close: StepWork = async (context, run, control, typed) => {
  const { store } = context;
  const { blockers, asOf } = await closeBlockers(context, run);
  if (blockers.length > 0) return { ...NOTHING, blockers };
  requireTyped(typed, await closeConfirmation(context, run.period));

  const { sums } = await earningSums(store, run.period);
  const results = await earningsToSign(store, run.period);
  const after = new Map((await readBalances(context)).map((one) => [one.currency as string, one]));
  const payouts = await listIntents(store.db, { run: payRun(run.period) });
  const figures = await readFigures(store.db, run.period);
  const facts: StepOutcome['facts'][number][] = await figuresToSign(context, run.period);
  const signer = await context.signer();
  await context.checkpoint('close.before-writing');
  const signed = await store.transaction(async (tx) => {
    if ((await lastEntry(tx)) !== asOf) return false;
    for (const currency of figures.keys()) {
      const ofCurrency = sums.filter((one) => one.currency === currency);
      const paid = ofCurrency.reduce((total, one) => total + one.paid, 0n);
      const owedAfter = ofCurrency.reduce((total, one) => total + one.owedAfter, 0n);
      const notPaid = ofCurrency.filter((one) => one.disposition === 'failed' || one.disposition === 'returned');
      const failed = notPaid.reduce((total, one) => total + one.owedAfter, 0n);
      const posted = payouts.filter((one) => one.currency === currency && one.state === 'posted').length;
      const payableOf = (disposition: string): bigint =>
        ofCurrency.filter((one) => one.disposition === disposition).reduce((total, one) => total + one.owedAfter, 0n);
      const notPosted = notPaid.reduce((total, one) => total + one.count, 0);
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
        amountFact('Storage after', currency, after.get(currency)?.storageAvailable ?? 0n),
        amountFact('Payments available after', currency, after.get(currency)?.paymentsAvailable ?? 0n),
      );
    }
    await recordRevenue(tx, run.period);
    await signEarnings(tx, run.period, results);
    const at = context.now().toISOString();
    await setState(
      context,
      tx,
      run,
      'closed',
      { closed_by: context.actor(), closed_at: at },
      {
        figuresHash: await figuresHash(tx, run.period),
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
    // Rows that came while this month was being closed.
    await postLateNews(tx, context);
    await control.save(tx, { ...NOTHING, facts });
    await signHead(tx, context, signer);
    return true;
  });
  if (!signed) return { ...NOTHING, blockers: [NEWS] };
  await context.checkpoint('close.written');
  await copyCheckpoints(context);
  return { ...NOTHING, facts };
};

/** A payout that came back, or anything else: what was looked at is not what would be signed. */
const NEWS: Blocker = {
  code: 'news',
  message: 'Something was booked while the month was being closed. Nothing was signed.',
  action: 'Run the step again: it signs what the books say then.',
};

/** What the books say before the month is signed, per currency: owed from before + net − paid = still owed. Reads no network. */
export async function figuresToSign(context: ServiceContext, period: string): Promise<StepOutcome['facts'][number][]> {
  const { db } = context.store;
  const { sums } = await earningSums(context.store, period);
  const kept = new Map<string, bigint>();
  for (const one of await keptInSuspense(db)) kept.set(one.currency, (kept.get(one.currency) ?? 0n) + one.owed);
  const total = (currency: string, of: 'paid' | 'owedAfter'): bigint =>
    sums.reduce((sum, one) => (one.currency === currency ? sum + one[of] : sum), 0n);
  return [...(await readFigures(db, period))].flatMap(([currency, figures]) => [
    amountFact('Owed from before', currency, figures.opening ?? 0n),
    amountFact('Net to creators', currency, figures.net ?? 0n),
    amountFact('Paid to creators', currency, total(currency, 'paid')),
    amountFact('Still owed to creators', currency, total(currency, 'owedAfter')),
    ...(kept.has(currency) ? [amountFact('Kept in suspense', currency, kept.get(currency) ?? 0n)] : []),
  ]);
}

/** What the person types to close: what was paid in the period. */
export async function closeConfirmation(context: ServiceContext, period: string): Promise<string> {
  const paid = new Map<Currency, bigint>();
  for (const one of (await earningSums(context.store, period)).sums) {
    if (one.paid > 0n) paid.set(toCurrency(one.currency), (paid.get(toCurrency(one.currency)) ?? 0n) + one.paid);
  }
  return confirmationText(
    [...paid].map(([currency, amount]) => ({ currency, amount })),
    period,
  );
}

/** `asOf`: the last entry of the books that everything to be signed is read from. */
async function closeBlockers(
  context: ServiceContext,
  run: MonthEndRun,
): Promise<{ readonly blockers: readonly Blocker[]; readonly asOf: bigint }> {
  const { store } = context;
  const blockers: Blocker[] = [];
  const open = await listIntents(store.db, { period: run.period, states: OPEN_STATES });
  for (const intent of open) blockers.push(stillOpen(await readIntent(store.db, intent.intent_id)));
  for (const [currency, total] of await trialBalance(store.db)) {
    if (total !== 0n) throw new Error(`The ledger does not balance in ${currency}: ${total}`);
  }
  blockers.push(...(await conservationBlockers(context)));
  const asOf = await lastEntry(store.db);
  blockers.push(...exceptionBlockers((await reconciliationCounts(store.db, run.period)).exception));
  const { sums: owed } = await obligations(store);
  const later = await owedByLaterNews(store.db, run.period);
  const overpaid = await sumsOverpaid(store.db);
  const resolved = await resolvedLater(store.db, run.period);
  const { laterInStorage } = await aheadOfBooks(store.db, run.period);
  const currencies = new Set([...owed.keys(), ...(await readFigures(store.db, run.period)).keys()]);
  for (const currency of currencies) {
    const { storageAvailable, storageInbound, storageOutbound } = await readBalancesOf(context, toCurrency(currency));
    const held = storageAvailable + storageInbound + storageOutbound;
    const must =
      (owed.get(currency)?.opening ?? 0n) +
      (overpaid.get(currency) ?? 0n) -
      (later.get(currency) ?? 0n) +
      (resolved.get(currency) ?? 0n) +
      (laterInStorage.get(currency) ?? 0n);
    if (held !== must) {
      blockers.push({
        code: `storage-differs-${currency}`,
        message: `Storage holds ${spoken(held, currency)}; ${spoken(must, currency)} is still owed. The difference has no name.`,
        action: 'Find it under Reconciliation before closing.',
      });
    }
  }
  return { blockers, asOf };
}
