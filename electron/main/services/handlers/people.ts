/** Answers the channels about creators, their earnings and subscribers. */
import { earningsForUser } from '../../../services/earnings-for-user';
import { creatorStatement, listCreators, listSubscribers, subscriberStatement } from '../../../services/statements';
import { listSuspense, resolveSuspense } from '../../../services/suspense';
import type { HandlersOf } from '../../service-host';
import type { OpenBooks } from '../open-books';
import { STATEMENTS, saveEarnings, saveStatement, saveStatements } from '../statement-files';

export function peopleHandlers(books: OpenBooks): HandlersOf<'creators' | 'earnings' | 'subscribers'> {
  const context = () => books.platform().context;
  const store = () => books.platform().store;
  const { guard } = books;

  return {
    'creators.list': (request) => listCreators(store(), request),
    'creators.statement': ({ creatorId }) => creatorStatement(store(), creatorId),
    'creators.suspense': () => listSuspense(store().db),
    'creators.resolveSuspense': async (resolution) => {
      await resolveSuspense(context(), resolution);
      books.afterMoving('suspense');
      return null;
    },
    'creators.saveStatement': ({ creatorId, format }) => saveStatement(books, creatorId, format),
    'creators.saveStatements': ({ period }) => saveStatements(books, period),
    'creators.stopStatements': async () => {
      if (guard.running === STATEMENTS) guard.stop();
      return null;
    },
    'creators.saveEarnings': ({ creators }) => saveEarnings(books, creators),
    'earnings.forUser': (which) => earningsForUser(store(), which),
    'subscribers.list': (request) => listSubscribers(store(), request),
    'subscribers.statement': ({ subscriberId }) => subscriberStatement(store().db, subscriberId),
  };
}
