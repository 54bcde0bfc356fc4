/** 1. Preflight: everything that is checked before a period is locked. */

import type { CheckView } from '../../../../shared/contract/channel';
import { countOf } from '../../../../shared/domain/count-of';
import { currency as toCurrency } from '../../../../shared/money/money';
import { periodEnd } from '../../../../shared/period/period';
import { listIntents } from '../../../journal/journal';
import { COMPARE_FIRST, mustCompare, restoredMessage } from '../../../journal/restored';
import type { Queries } from '../../../store/store';
import { adoptBalances, awaitedCheck } from '../../balance-adoption';
import type { ServiceContext } from '../../context';
import { accruing, monthSoFar } from '../../fund-tracking';
import { followMovements } from '../../stripe-transfer';
import { type MonthEndRun, textFact } from '../run';
import { earlierOpenPeriod } from './earlier-period';
import { migrationCheck } from './migration-check';
import { type StepWork, spoken } from './step';

export const preflight: StepWork = async (context, run) => {
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

/** Every check before a period is locked. Throws `StripeUnavailable` when Stripe cannot be reached. */
export async function preflightChecks(context: ServiceContext, run: Pick<MonthEndRun, 'period'>): Promise<CheckView[]> {
  const { db } = context.store;
  const { period } = run;
  const checks: CheckView[] = [];
  const add = (code: string, outcome: CheckView['outcome'], title: string, detail: string, action = ''): void => {
    checks.push({ code, outcome, title, detail, action });
  };
  const restored = await mustCompare(db);
  if (restored !== null) {
    add('restored', 'blocker', 'Restored books', restoredMessage(restored), COMPARE_FIRST);
    return checks;
  }
  const waiting = awaitedCheck(await adoptBalances(context));
  if (waiting !== null) checks.push(waiting);
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
    add(
      'not-ended',
      'warning',
      `${period} has not ended`,
      `Payments and allocations may still come in. What comes after the lock counts in the next month.`,
    );
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
  const open = await accruing(context.store);
  const calculated = open?.period === period ? open.results : await monthSoFar(context.store, period);
  for (const [code, { totals, suspense }] of calculated) {
    if (totals.suspense === 0n) continue;
    add(
      `unknown-creators-${code}`,
      'pass',
      `${spoken(totals.suspense, code)} is allocated to ${countOf(suspense.size, 'creator')} that the data does not have`,
      'It is kept in suspense. To pay it with this month, import the missing creators before the month is locked',
    );
  }
  const currencies = [...calculated.keys()].map(toCurrency);
  for (const finding of await context.rail.findings(currencies)) checks.push({ ...finding });
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
