/** Answers the channels about revenue and its withdrawal. */
import { writeWhole } from '../../../services/exports/write-files';
import { monthsCsv, revenueView } from '../../../services/revenue';
import {
  approveWithdrawal,
  cancelWithdrawal,
  listWithdrawals,
  planWithdrawal,
  withdraw,
} from '../../../services/withdrawal';
import type { HandlersOf } from '../../service-host';
import type { OpenBooks } from '../open-books';
import { PATIENCE_MS } from './patience';

export function revenueHandlers(books: OpenBooks): HandlersOf<'revenue'> {
  const context = () => books.platform().context;
  const { guard } = books;

  return {
    'revenue.overview': ({ currency }) => revenueView(context(), books.monitor().latest, currency),
    'revenue.saveMonths': async ({ currency }) => {
      const path = await books.surroundings.dialogs.chooseSaveFile({
        title: 'Save the months',
        name: `revenue-${currency}.csv`,
        kinds: [{ name: 'CSV', extensions: ['csv'] }],
      });
      if (path === null) return null;
      await writeWhole(path, await monthsCsv(context(), currency));
      return { path };
    },
    'revenue.withdrawals': ({ currency }) => listWithdrawals(context(), currency),
    'revenue.planWithdrawal': async ({ currency, amount }) => {
      await books.ensureConnected();
      return planWithdrawal(context(), currency, BigInt(amount));
    },
    'revenue.approveWithdrawal': ({ id, planHash }) => approveWithdrawal(context(), id, planHash),
    'revenue.dropWithdrawal': async ({ id }) => {
      await cancelWithdrawal(context(), id);
      return null;
    },
    'revenue.withdraw': async ({ id, typed }) => {
      await books.ensureConnected();
      const done = await withdraw(context(), guard, { id, typed, patienceMs: PATIENCE_MS });
      books.afterMoving('withdrawal');
      return done;
    },
  };
}
