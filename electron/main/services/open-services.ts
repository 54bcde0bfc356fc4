/** Plugs the services into the shell. */
import type { OpenServices } from '../service-host';
import { OpenBooks } from './open-books';
import { serviceHandlers } from './service-handlers';
import { WatchedFolder } from './watched-folder';

export const openServices: OpenServices = async (surroundings) => {
  const books = new OpenBooks(surroundings);
  await books.open();
  const watched = new WatchedFolder(books);
  if (books.damage === null) await watched.resume();
  return {
    handlers: serviceHandlers(books, watched),
    unfinished: () => books.unfinished(),
    note: (action, payload) => books.audited(action, 'operator', payload),
    stripeKeyChanged: () => books.disconnect(),
    close: async () => {
      await watched.close();
      await books.close();
    },
  };
};
