/** Alerts from a reading of the balances: not covered, unexplained, unknown outcomes, payouts that came back, a late month. */
import type { BalancesOverview, CoverageView } from '../../../shared/contract/balances';
import type { CheckView } from '../../../shared/contract/channel';
import type { AlertKind } from '../../../shared/domain/alert-kinds';
import { countOf } from '../../../shared/domain/count-of';
import { amountText } from '../../../shared/money/amount-text';
import { currency as toCurrency } from '../../../shared/money/money';
import { type Period, periodEnd } from '../../../shared/period/period';
import { listIntents, payoutsReturnedTo } from '../../journal/journal';
import type { Queries } from '../../store/store';
import type { Condition } from '../alerts';
import type { ServiceContext } from '../context';
import { coverText } from '../days-of-cover';
import { exceptionConditions } from '../outside-movers';
import { readOpenPeriod } from '../settings';
import { hasSeparated } from './separated';

export function waitingCondition(waiting: CheckView): Condition {
  return {
    condition: `adoption:${waiting.code}`,
    severity: 'warning',
    title: waiting.title,
    meaning: waiting.detail,
    action: waiting.action,
    screen: 'balances',
    after: 1,
  };
}

export const COVERAGE_FAMILIES: readonly AlertKind[] = [
  'adoption',
  'coverage',
  'drift',
  'payments-low',
  'period-late',
  'unknown',
  'payout',
  'outside',
  'exceptions',
];

/** What holds now, from the latest reading and the books. */
export async function coverageConditions(context: ServiceContext, overview: BalancesOverview): Promise<Condition[]> {
  const { db } = context.store;
  const separated = await hasSeparated(db);
  const conditions: Condition[] = [];
  for (const view of overview.currencies) conditions.push(...(await currencyConditions(context, view, separated)));
  conditions.push(...(await unknownOutcomes(context)));
  const period = await readOpenPeriod(db);
  if (period !== null) conditions.push(...(await cameBack(db, period)), ...lateMonth(period, context.now()));
  return [...conditions, ...(await exceptionConditions(db))];
}

async function currencyConditions(
  context: ServiceContext,
  view: CoverageView,
  separated: boolean,
): Promise<Condition[]> {
  const conditions: Condition[] = [];
  const code = toCurrency(view.currency);
  const amount = (minor: bigint): string => amountText(minor, code);
  const needed = -BigInt(view.difference);
  if (view.coverageBps !== null && needed > 0n) {
    conditions.push({
      condition: `coverage:${view.currency}`,
      severity: 'critical',
      title: `Storage covers ${(view.coverageBps / 100).toFixed(2)} % of what is owed (${view.currency.toUpperCase()})`,
      meaning: `${amount(needed)} owed to creators is not in Storage.`,
      action: separated
        ? 'Find out under Reconciliation what left Storage; Fund brings it back to its target at month end.'
        : 'Migrate the mixed balance, or bring Storage to its target at month end.',
      screen: separated ? 'reconciliation' : 'migration',
      after: 1,
    });
    const available = BigInt(view.paymentsAvailable);
    if (available < needed) {
      conditions.push({
        condition: `payments-low:${view.currency}`,
        severity: 'warning',
        title: `Payments is too low to fund what is owed (${view.currency.toUpperCase()})`,
        meaning: `Available ${amount(available)}, needed ${amount(needed)}.${await coverText(context, code, available)}`,
        action: 'Wait for pending money to become available, or top up Payments.',
        screen: 'balances',
        after: 1,
      });
    }
  }
  if (view.unexplained !== '0') {
    conditions.push({
      condition: `drift:${view.currency}`,
      severity: 'critical',
      title: `Unexplained difference of ${amount(BigInt(view.unexplained))}`,
      meaning: 'Storage at Stripe and our ledger do not agree, and no movement of ours explains it.',
      action: 'Open Reconciliation and find the line that is not ours.',
      screen: 'reconciliation',
      after: 2,
    });
  }
  return conditions;
}

async function unknownOutcomes(context: ServiceContext): Promise<Condition[]> {
  const now = context.now().getTime();
  const unknown = await listIntents(context.store.db, { states: ['unknown'] });
  const old = unknown.filter((intent) => now - new Date(intent.created_at).getTime() > 15 * 60_000);
  if (old.length === 0) return [];
  return [
    {
      condition: 'unknown:operations',
      severity: 'critical',
      title: `${countOf(old.length, 'movement')} with an unknown outcome`,
      meaning: 'Stripe was called and did not answer. They may or may not have moved money.',
      action: 'Look them up at Stripe on the Payouts screen. Do not pay them by another way.',
      screen: 'payouts',
      after: 1,
    },
  ];
}

async function cameBack(db: Queries, period: Period): Promise<Condition[]> {
  const payouts = [
    ...(await listIntents(db, { kinds: ['pay'], states: ['failed', 'returned'], period })),
    ...(await payoutsReturnedTo(db, period)),
  ];
  if (payouts.length === 0) return [];
  return [
    {
      condition: `payout:${period}`,
      severity: 'warning',
      title: `${countOf(payouts.length, 'payout')} failed or came back`,
      meaning: 'The amounts are still in Storage and still owed.',
      action: 'See the causes on the Payouts screen and retry, or leave them to the next month.',
      screen: 'payouts',
      after: 1,
    },
  ];
}

function lateMonth(period: Period, now: Date): Condition[] {
  if (now.getTime() <= periodEnd(period).getTime() + 3 * 86_400_000) return [];
  return [
    {
      condition: `period-late:${period}`,
      severity: 'warning',
      title: `${period} is not closed`,
      meaning: 'More than three days have passed since the month ended.',
      action: 'Continue the month end.',
      screen: 'month-end',
      after: 1,
    },
  ];
}
