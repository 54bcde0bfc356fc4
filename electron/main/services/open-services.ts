/** Plugs the services into the shell. */
import { unfinishedRuns } from '../../services/unfinished-runs';
import type { OpenServices } from '../service-host';
import { OpenBooks } from './open-books';
import { ScheduleClock } from './schedule-clock';
import { serviceHandlers } from './service-handlers';
import { WatchedFolder } from './watched-folder';

export const openServices: OpenServices = async (surroundings) => {
  const books = new OpenBooks(surroundings);
  await books.open();
  const watched = new WatchedFolder(books);
  const schedule = new ScheduleClock(books);
  if (books.damage === null) {
    await watched.resume();
    await schedule.start();
  }
  return {
    handlers: serviceHandlers(books, watched, schedule),
    unfinished: async () => {
      await books.firstConnection();
      if (books.damage !== null) return [];
      return unfinishedRuns(books.platform().context, books.guard);
    },
    note: (action, payload) => books.audited(action, 'operator', payload),
    stripeKeyChanged: () => books.disconnect(),
    close: async () => {
      await schedule.close();
      await watched.close();
      await books.close();
    },
  };
};
