/** Data from a PostgreSQL database and from a watched folder. */
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { type PostgresSource, type PostgresView, postgresSource } from '../../../../shared/contract/data-source';
import { CofferError } from '../../../../shared/domain/coffer-error';
import { period as toPeriod } from '../../../../shared/period/period';
import { SUGGESTED_QUERIES, sourceName } from '../../../services/data-source/source';
import { readSetting, readSettings, removeSetting, writeSetting } from '../../../services/settings';
import type { HandlersOf } from '../../service-host';
import type { OpenBooks } from '../open-books';
import type { WatchedFolder } from '../watched-folder';
import { previewView } from './import-preview';

const KEY = 'postgres-source';
const PASSWORD = 'postgres-password';
const PORT = 5432;
/** Folders of what was read stay as evidence; older ones go. */
const KEPT = 24;

/** Loaded when it is needed: the app starts without it. */
const driver = () => import('../../../services/data-source/postgres');

export function dataSourceHandlers(books: OpenBooks, watched: WatchedFolder): HandlersOf<'dataSource'> {
  const { mode, secrets, folder, dialogs } = books.surroundings;
  const db = () => books.platform().store.db;

  const view = async (): Promise<PostgresView> => {
    const source = await readSetting(db(), KEY, postgresSource);
    return {
      source,
      hasPassword: source !== null && (await secrets.secret(mode, PASSWORD).catch(() => null)) !== null,
      suggested: { port: PORT, queries: SUGGESTED_QUERIES },
    };
  };

  const ready = async (): Promise<{ source: PostgresSource; password: string }> => {
    const source = await readSetting(db(), KEY, postgresSource);
    if (source === null) {
      throw new CofferError('postgres-none', 'No database is set up.', 'Set it up under Settings, Data.');
    }
    const password = await secrets.secret(mode, PASSWORD);
    if (password === null) {
      throw new CofferError(
        'postgres-no-password',
        'The keychain has no password for the database.',
        'Enter it again.',
      );
    }
    return { source, password: password.value };
  };

  return {
    'dataSource.postgres': view,
    'dataSource.savePostgres': async ({ source, password }) => {
      if (password !== null) await secrets.saveSecret(mode, PASSWORD, password, false);
      await writeSetting(db(), KEY, source);
      await books.audited('data-source.saved', sourceName(source), { source: JSON.stringify(source) });
      return view();
    },
    'dataSource.removePostgres': async () => {
      const source = await readSetting(db(), KEY, postgresSource);
      if (source === null) return null;
      await removeSetting(db(), KEY);
      await books.audited('data-source.removed', sourceName(source), {});
      await secrets.removeSecret(mode, PASSWORD);
      return null;
    },
    'dataSource.testPostgres': async () => {
      const { source, password } = await ready();
      const { testPostgres } = await driver();
      return testPostgres(source, password);
    },
    'dataSource.readPostgres': async ({ period }) => {
      const { source, password } = await ready();
      const all = path.join(folder, 'datasets', 'postgres');
      await mkdir(all, { recursive: true, mode: 0o700 });
      const at = books.platform().context.now().toISOString().replaceAll(/[:.]/g, '-');
      const directory = path.join(all, `${at} ${source.database} ${period}`);
      const { readPostgres } = await driver();
      await readPostgres(source, password, toPeriod(period), await readSettings(db()), directory);
      await keepNewest(all);
      return previewView(directory, await books.previewDataset(directory, false));
    },
    'dataSource.watched': () => watched.view(),
    'dataSource.chooseWatched': async () => {
      const directory = await dialogs.chooseFolder({
        title: 'Choose the folder that exports appear in',
        button: 'Watch',
      });
      if (directory !== null) await watched.start(directory);
      return watched.view();
    },
    'dataSource.stopWatching': async () => {
      await watched.stop();
      return watched.view();
    },
  };
}

/** The names begin with their time. */
async function keepNewest(all: string): Promise<void> {
  const names = (await readdir(all)).sort().reverse();
  for (const name of names.slice(KEPT)) await rm(path.join(all, name), { recursive: true, force: true });
}
