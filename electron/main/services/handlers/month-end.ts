/** Answers the channels about the month end. */
import { period as toPeriod } from '../../../../shared/period/period';
import { checkGuidedOf, guidedTasks } from '../../../services/month-end/guided-tasks';
import { payoutPlanView } from '../../../services/month-end/payout-plan-view';
import { listPeriods } from '../../../services/month-end/periods';
import { reopen } from '../../../services/month-end/reopen';
import { startRun } from '../../../services/month-end/run';
import { approve, runStep } from '../../../services/month-end/run-step';
import { preflightChecks } from '../../../services/month-end/steps';
import { monthEndView } from '../../../services/month-end/view';
import { acknowledgeWarning } from '../../../services/month-end/warnings';
import type { HandlersOf } from '../../service-host';
import type { OpenBooks } from '../open-books';
import { tellStep } from '../run-notices';
import { PATIENCE_MS } from './patience';

export function monthEndHandlers(books: OpenBooks): HandlersOf<'monthEnd'> {
  const context = () => books.platform().context;
  const { guard } = books;
  const monthEnd = async (period: string) => {
    const view = await monthEndView(context(), guard, toPeriod(period));
    books.publish('monthEnd.changed', view);
    return view;
  };

  return {
    'monthEnd.periods': () => listPeriods(context()),
    'monthEnd.status': ({ period }) => monthEndView(context(), guard, toPeriod(period)),
    'monthEnd.run': async ({ period, step, typed }) => {
      let finished = false;
      try {
        const outcome = await runStep(context(), guard, {
          period: toPeriod(period),
          step,
          typed: typed ?? null,
          patienceMs: PATIENCE_MS,
        });
        finished = outcome.blockers.length === 0;
      } finally {
        if (step !== 'preflight') books.afterMoving('month-end');
      }
      const view = await monthEnd(period);
      tellStep(books, step, view, finished);
      return view;
    },
    'monthEnd.acknowledge': async ({ period, step, code }) => {
      await acknowledgeWarning(context(), toPeriod(period), step, code);
      return monthEnd(period);
    },
    'monthEnd.preflight': async ({ period }) => preflightChecks(context(), await startRun(context(), toPeriod(period))),
    'monthEnd.plan': ({ period }) => payoutPlanView(context(), toPeriod(period)),
    'monthEnd.approve': async ({ period, planHash }) => {
      await approve(context(), guard, toPeriod(period), planHash);
      return monthEnd(period);
    },
    'monthEnd.stop': async ({ period }) => {
      guard.stop();
      return monthEndView(context(), guard, toPeriod(period));
    },
    'monthEnd.checkGuided': async ({ period }) => {
      const waiting = await checkGuidedOf(context(), toPeriod(period));
      books.afterMoving('guided');
      return { ...(await monthEnd(period)), guided: await guidedTasks(context(), toPeriod(period), waiting) };
    },
    'monthEnd.reopen': async ({ period, reason }) => {
      await reopen(context(), toPeriod(period), reason);
      books.afterMoving('month-end');
      return monthEnd(period);
    },
  };
}
