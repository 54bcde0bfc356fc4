/** Answers the channels about settings. */
import { RAILS } from '../../../rails';
import { changeSettings } from '../../../services/change-settings';
import { readSettings } from '../../../services/settings';
import { chooseStorageAccount, storageAccountsView } from '../../../services/storage-account';
import type { HandlersOf } from '../../service-host';
import type { OpenBooks } from '../open-books';

export function settingsHandlers(books: OpenBooks): HandlersOf<'settings'> {
  const context = () => books.platform().context;

  return {
    'settings.get': async () => ({ settings: await readSettings(context().store.db), rails: railViews() }),
    'settings.update': async (changes) => {
      const { before, after } = await changeSettings(context(), changes);
      books.surroundings.setTheme(after.theme);
      if (after.rail !== before.rail) await books.platform().connect();
      books.schedulePolling();
      books.publish('data.changed', { reason: 'settings' });
      return after;
    },
    'settings.storageAccounts': async () => {
      await books.ensureConnected();
      return storageAccountsView(context());
    },
    'settings.chooseStorageAccount': async ({ id }) => {
      books.requireIdle();
      await books.ensureConnected();
      await chooseStorageAccount(context(), id);
      await books.platform().connect();
      books.afterMoving('settings');
      return storageAccountsView(context());
    },
  };
}

function railViews() {
  return Object.values(RAILS).map((rail) => ({
    name: rail.name,
    title: rail.title,
    description: rail.description,
    segregatedAtStripe: rail.segregatedAtStripe,
    hasStorageAccount: rail.hasStorageAccount,
    releaseByApi: rail.releaseByApi,
  }));
}
