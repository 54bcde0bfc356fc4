/** Answers the channels about the sandbox. */
import { currency as toCurrency } from '../../../../shared/money/money';
import { readIntent } from '../../../journal/journal';
import type { HandlersOf } from '../../service-host';
import type { OpenBooks } from '../open-books';
import { clearFaults, faultOnDemand, outsideMove, playDashboard, sandboxStatus } from '../sandbox-controls';

export function sandboxHandlers(books: OpenBooks): HandlersOf<'sandbox'> {
  const store = () => books.platform().store;

  return {
    'sandbox.status': () => sandboxStatus(books),
    'sandbox.fault': async ({ fault, times }) => {
      await faultOnDemand(books, fault, times);
      return sandboxStatus(books);
    },
    'sandbox.clearFaults': async () => {
      await clearFaults(books);
      return sandboxStatus(books);
    },
    'sandbox.performGuided': async ({ intentId }) => {
      const intent = await readIntent(store().db, intentId);
      if (intent.state !== 'planned') return null;
      await playDashboard(books, { currency: intent.currency, amount: intent.amount });
      return null;
    },
    'sandbox.outsideMove': async ({ currency, amount }) => {
      await outsideMove(books, toCurrency(currency), BigInt(amount));
      books.pollSoon();
      return null;
    },
  };
}
