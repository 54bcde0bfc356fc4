/** Answers the channels about payouts and holds. */
import { CofferError } from '../../../../shared/domain/coffer-error';
import { requireTyped } from '../../../../shared/domain/confirmation';
import { period as toPeriod } from '../../../../shared/period/period';
import { isOpen } from '../../../journal/intent';
import { readIntent } from '../../../journal/journal';
import { NEVER_RESEND, resolveUnknown } from '../../../journal/movement';
import { busy, LOOK_UP } from '../../../services/context';
import { readRun } from '../../../services/month-end/run';
import { listPayouts, payoutDetail } from '../../../services/payout-list';
import { settleRun } from '../../../services/stripe-storage-balance';
import {
  cancelPayout,
  mayResendUnder,
  payRun,
  planPayouts,
  retryConfirmation,
  retryPayouts,
  setHold,
} from '../../../services/stripe-transfer';
import type { HandlersOf } from '../../service-host';
import type { OpenBooks } from '../open-books';
import { PATIENCE_MS } from './patience';

export function payoutsHandlers(books: OpenBooks): HandlersOf<'payouts'> {
  const context = () => books.platform().context;
  const store = () => books.platform().store;
  const { guard } = books;

  return {
    'payouts.list': (request) => listPayouts(store(), request),
    'payouts.get': ({ intentId }) => payoutDetail(store().db, intentId),
    'payouts.retry': async ({ period, intentIds, typed }) => {
      requireTyped(typed, await retryConfirmation(store().db, period, intentIds));
      const run = await readRun(store().db, toPeriod(period));
      if (run === null) throw new CofferError('step-order', `${period} has no payouts.`, 'Run its month end first.');
      const result = await guard.run(`payouts:${period}`, async () => {
        const plan = await planPayouts(context(), toPeriod(period), run.version);
        await retryPayouts(context(), plan, intentIds, {
          shouldStop: guard.shouldStop,
          onSettled: () => {},
          sleep: context().sleep,
        });
        await settleRun(context(), payRun(period), PATIENCE_MS, guard.shouldStop, mayResendUnder(plan));
        return true;
      });
      if (result === null) throw busy();
      books.afterMoving('payouts');
      return null;
    },
    'payouts.cancel': async ({ intentId }) => {
      await cancelPayout(context(), intentId);
      books.afterMoving('payouts');
      return null;
    },
    'payouts.resolve': async ({ intentId }) => {
      const { state } = await readIntent(store().db, intentId);
      if (isOpen(state) && (await guard.run(LOOK_UP, () => resolveUnknown(context(), intentId, NEVER_RESEND))) === null)
        throw busy();
      books.afterMoving('payouts');
      return payoutDetail(store().db, intentId);
    },
    'payouts.hold': async ({ creatorId, reason }) => {
      await setHold(context(), creatorId, reason, reason);
      books.publish('data.changed', { reason: 'hold' });
      return null;
    },
    'payouts.releaseHold': async ({ creatorId, reason }) => {
      await setHold(context(), creatorId, null, reason);
      books.publish('data.changed', { reason: 'hold' });
      return null;
    },
  };
}
