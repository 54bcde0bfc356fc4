/** Verifies a migration as a whole and issues its certificate. */

import type { CheckView } from '../../../shared/contract/channel';
import type { CertificateView } from '../../../shared/contract/migration';
import { grouped } from '../../../shared/money/amount-text';
import { currency as toCurrency } from '../../../shared/money/money';
import { listIntents } from '../../journal/journal';
import { trialBalance } from '../../ledger/ledger';
import { conservation, driftText } from '../conservation';
import type { ServiceContext } from '../context';
import { obligations, totalOwed } from '../fund-tracking';
import { type BalancesAt, plannedTotals } from '../storage-balance-migration';
import { readBalances } from '../stripe-storage-balance';
import { currentRun, type MigrationRun, runName, setState } from './run';
import { operationsOf, pairView } from './view';

/** Verifies the whole and issues the certificate. Stops, with the reason, when a check does not pass. */
export async function finish(context: ServiceContext, run: MigrationRun): Promise<void> {
  await setState(context, run, 'verifying');
  await context.checkpoint('migration.verifying');
  const checks = await verifyMigration(context, run);
  const failed = checks.find((check) => check.outcome === 'blocker');
  if (failed !== undefined) {
    await setState(context, run, 'stopped', {
      stop_reason: `${failed.title}. ${failed.detail}`,
      verification: JSON.stringify(checks),
    });
    return;
  }
  const fresh = (await currentRun(context)) ?? run;
  const completedAt = context.now();
  const operations = (await operationsOf(context, fresh)).slice(0, 500);
  const startedAt = fresh.startedAt ?? completedAt.toISOString();
  const certificate: CertificateView = {
    id: `MC-${run.runId.slice(0, 8).toUpperCase()}`,
    issuedAt: completedAt.toISOString(),
    mode: context.mode,
    period: run.plan.period,
    planHash: run.plan.hash,
    approvedBy: run.approvedBy ?? '',
    approvedAt: run.approvedAt ?? startedAt,
    startedAt,
    completedAt: completedAt.toISOString(),
    durationMs: completedAt.getTime() - new Date(startedAt).getTime(),
    before: run.plan.before.map(pairView),
    after: (await balancesNow(context, run)).map(pairView),
    operations,
    checks: [...checks],
  };
  await setState(context, run, 'completed', {
    ended_at: completedAt.toISOString(),
    verification: JSON.stringify(checks),
    certificate: JSON.stringify(certificate),
  });
  await context.checkpoint('migration.completed');
}

async function balancesNow(context: ServiceContext, run: Pick<MigrationRun, 'plan'>): Promise<BalancesAt[]> {
  const owed = totalOwed(await obligations(context.store));
  const balances = await readBalances(context);
  return run.plan.before.map(({ currency }) => {
    const one = balances.find((candidate) => candidate.currency === currency);
    return {
      currency,
      payments: one?.paymentsAvailable ?? 0n,
      storage: (one?.storageAvailable ?? 0n) + (one?.storageInbound ?? 0n) + (one?.storageOutbound ?? 0n),
      obligations: owed.get(currency) ?? 0n,
    };
  });
}

async function verifyMigration(context: ServiceContext, run: MigrationRun): Promise<CheckView[]> {
  const checks: CheckView[] = [];
  const check = (code: string, passed: boolean, title: string, detail: string): void => {
    checks.push({
      code,
      outcome: passed ? 'pass' : 'blocker',
      title,
      detail,
      action: passed ? '' : 'Stop and find out why before anything else moves.',
    });
  };
  const posted = await listIntents(context.store.db, { run: runName(run.runId), states: ['posted'] });
  check(
    'all-posted',
    posted.length === run.plan.movements.length,
    'Every planned movement is posted',
    `${posted.length} of ${run.plan.movements.length}`,
  );
  for (const [currency, planned] of plannedTotals(run.plan)) {
    const moved = posted.filter((one) => one.currency === currency).reduce((total, one) => total + one.amount, 0n);
    const code = toCurrency(currency);
    check(
      `sum-${currency}`,
      moved === planned,
      `The movements sum to the plan (${currency.toUpperCase()})`,
      `${grouped(moved, code)} of ${grouped(planned, code)}`,
    );
  }
  for (const one of await balancesNow(context, run)) {
    const code = toCurrency(one.currency);
    const name = one.currency.toUpperCase();
    if (one.obligations === 0n && one.storage === 0n) continue;
    check(
      `covered-${one.currency}`,
      one.storage >= one.obligations,
      `Storage covers what is owed (${name})`,
      `Storage ${grouped(one.storage, code)}, owed ${grouped(one.obligations, code)}`,
    );
  }
  const trial = [...(await trialBalance(context.store.db)).values()];
  check(
    'trial-balance',
    trial.every((total) => total === 0n),
    'Debits equal credits',
    'Over the whole ledger, in every currency',
  );
  const differing = (await conservation(context)).filter((one) => one.unexplained !== 0n || one.exceptions !== 0n);
  check(
    'conservation',
    differing.length === 0,
    'No money appeared or vanished',
    differing.length === 0
      ? 'Payments, Storage and movements under way agree with Stripe to the cent'
      : differing.map(driftText).join(' '),
  );
  return checks;
}
