/** Plugs the services into the shell. */
import type { OpenServices } from '../service-host';
import { OpenBooks } from './open-books';
import { serviceHandlers } from './service-handlers';

export const openServices: OpenServices = async (surroundings) => {
  const books = new OpenBooks(surroundings);
  await books.open();
  return {
    handlers: serviceHandlers(books),
    unfinished: () => books.unfinished(),
    stripeKeyChanged: () => books.disconnect(),
    close: () => books.close(),
  };
};
