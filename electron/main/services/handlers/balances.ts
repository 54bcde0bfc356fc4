/** Answers the channels about the balances and about alerts. */
import {
  acknowledgeAlert,
  alertCounts,
  alertHistory,
  listAlerts,
  resolveAlert,
  snoozeAlert,
} from '../../../services/alerts';
import { balanceHistory, coverageLines } from '../../../services/balance-history';
import { coverageAt } from '../../../services/monitoring/past';
import type { HandlersOf } from '../../service-host';
import type { OpenBooks } from '../open-books';

export function balancesHandlers(books: OpenBooks): HandlersOf<'balances' | 'alerts'> {
  const context = () => books.platform().context;
  const store = () => books.platform().store;

  return {
    'balances.overview': () => books.monitor().overview(),
    'balances.refresh': async () => {
      await books.ensureConnected();
      return books.monitor().poll();
    },
    'balances.history': ({ currency, range }) => balanceHistory(context(), currency, range),
    'balances.at': (request) => coverageAt(context(), request),
    'balances.lines': (request) => coverageLines(context(), request),
    'alerts.list': ({ includeResolved }) => listAlerts(store().db, includeResolved),
    'alerts.history': ({ id }) => alertHistory(store().db, id),
    'alerts.acknowledge': async ({ id }) => {
      await acknowledgeAlert(context(), id);
      return null;
    },
    'alerts.snooze': async ({ id, until }) => {
      await snoozeAlert(context(), id, until);
      books.publish('alerts.changed', await alertCounts(context()));
      return null;
    },
    'alerts.resolve': async ({ id, note }) => {
      await resolveAlert(context(), id, note);
      books.publish('alerts.changed', await alertCounts(context()));
      books.publish('data.changed', { reason: 'alert' });
      return null;
    },
  };
}
