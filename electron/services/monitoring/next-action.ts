/** The one thing to do next, as the first screen says it. */
import type { CoverageView, NextAction } from '../../../shared/contract/balances';
import type { CheckView } from '../../../shared/contract/channel';
import { amountText } from '../../../shared/money/amount-text';
import { currency as toCurrency } from '../../../shared/money/money';
import { type Period, periodEnd } from '../../../shared/period/period';
import type { ServiceContext } from '../context';
import { unfinishedMigration } from '../migration/run';
import { hasSeparated } from './separated';

export function waitingAction(waiting: CheckView): NextAction {
  return {
    screen: 'balances',
    title: waiting.title,
    detail: `${waiting.detail} ${waiting.action}`,
    button: 'Read the balances',
  };
}

export async function nextAction(
  context: ServiceContext,
  currencies: readonly CoverageView[],
  period: Period | null,
): Promise<NextAction> {
  if (period === null) {
    return {
      screen: 'settings',
      title: 'Import your data',
      detail: 'Creators, subscribers, payments and allocations as CSV files in one folder.',
      button: 'Import a dataset',
    };
  }
  const { db } = context.store;
  if ((await unfinishedMigration(db)) !== null) {
    return {
      screen: 'migration',
      title: 'Finish the migration',
      detail: 'A migration has begun and is not completed.',
      button: 'Open the migration',
    };
  }
  const unexplained = currencies.find((view) => view.unexplained !== '0');
  if (unexplained !== undefined) {
    const code = toCurrency(unexplained.currency);
    return {
      screen: 'reconciliation',
      title: 'Find out what moved',
      detail: `Storage differs from the books by ${amountText(BigInt(unexplained.unexplained), code)}, and nothing explains it.`,
      button: 'Open Reconciliation',
    };
  }
  const run = await db
    .selectFrom('month_end_run')
    .select('state')
    .where('period', '=', period)
    .where('current', '=', 1n)
    .executeTakeFirst();
  const earlier = currencies.some((view) =>
    view.explained.some((part) => part.name === 'Earlier obligations not in Storage'),
  );
  if (run === undefined && earlier && !(await hasSeparated(db))) {
    return {
      screen: 'migration',
      title: 'Separate what you owe from what you own',
      detail: 'Money owed to creators is still mixed with your own in Payments.',
      button: 'Start the migration',
    };
  }
  const ended = context.now().getTime() >= periodEnd(period).getTime();
  if (run === undefined && !ended) {
    return {
      screen: 'month-end',
      title: `${period} is running`,
      detail: `Nothing has to be done before it ends. Its month end begins on ${periodEnd(period).toISOString().slice(0, 10)}.`,
      button: `Look at ${period}`,
    };
  }
  return {
    screen: 'month-end',
    title: run === undefined ? `Close ${period}` : `Continue the month end of ${period}`,
    detail: ended ? 'The month has ended; creators wait for their payout.' : 'The month is still running.',
    button: run === undefined ? `Open ${period}` : 'Continue',
  };
}
