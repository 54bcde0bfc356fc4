/** Answers the channels about the migration. */
import { CofferError } from '../../../../shared/domain/coffer-error';
import { approveMigration, executeMigration, makePlan } from '../../../services/execute-migration';
import { writeFiles } from '../../../services/exports/write-files';
import { obligationsPage } from '../../../services/migration/obligations-page';
import { rollBackMigration } from '../../../services/migration/rollback';
import { migrationCertificate, migrationView } from '../../../services/migration/view';
import { migrationPreflight } from '../../../services/storage-balance-migration';
import type { HandlersOf } from '../../service-host';
import type { OpenBooks } from '../open-books';
import { tellMigration } from '../run-notices';
import { PATIENCE_MS } from './patience';

export function migrationHandlers(books: OpenBooks): HandlersOf<'migration'> {
  const context = () => books.platform().context;
  const { guard } = books;

  return {
    'migration.status': () => migrationView(context(), guard),
    'migration.preflight': () => migrationPreflight(context()),
    'migration.obligations': (request) => obligationsPage(context(), request),
    'migration.plan': async () => {
      await makePlan(context());
      return migrationView(context(), guard);
    },
    'migration.approve': async ({ planHash }) => {
      await approveMigration(context(), planHash);
      return migrationView(context(), guard);
    },
    'migration.execute': async ({ planHash, typed }) => {
      if ((await migrationView(context(), guard)).state === 'approved') await books.backUp('before-migration');
      books.inBackground('The migration', async () => {
        try {
          await executeMigration(context(), guard, { planHash, typed, patienceMs: PATIENCE_MS });
          await tellMigration(books);
        } finally {
          books.afterMoving('migration');
        }
      });
      // What is refused at once (a wrong confirmation, a changed plan) is answered here; the rest comes by event.
      await books.firstAnswer('migration');
      return migrationView(context(), guard);
    },
    'migration.stop': async () => {
      guard.stop();
      return migrationView(context(), guard);
    },
    'migration.rollback': async ({ typed }) => {
      await rollBackMigration(context(), guard, typed, PATIENCE_MS);
      await tellMigration(books);
      books.afterMoving('migration');
      return migrationView(context(), guard);
    },
    'migration.certificate': () => migrationCertificate(context()),
    'migration.saveCertificate': async () => {
      const certificate = await migrationCertificate(context());
      if (certificate === null)
        throw new CofferError(
          'no-certificate',
          'There is no certificate yet.',
          'It is issued when the migration ends.',
        );
      const directory = await books.surroundings.dialogs.chooseFolder({
        title: 'Choose a folder for the certificate',
        button: 'Save here',
      });
      if (directory === null) return null;
      const { certificateFiles } = await import('../../../services/certificate-pdf');
      const written = await writeFiles(directory, await certificateFiles(certificate));
      await books.audited('certificate.saved', certificate.id, {
        files: written.map((file) => `${file.name} ${file.sha256}`),
      });
      return { directory };
    },
  };
}
