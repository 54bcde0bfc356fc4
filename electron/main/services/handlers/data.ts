/** Answers the channels about imported data. */

import { busy } from '../../../services/context';
import { dataSummary } from '../../../services/data-summary';
import { SANDBOX_DATASETS } from '../../../services/sandbox-platform';
import type { HandlersOf } from '../../service-host';
import type { OpenBooks } from '../open-books';
import { previewView } from './import-preview';

export function dataHandlers(books: OpenBooks): HandlersOf<'data'> {
  const { guard } = books;

  return {
    'data.chooseDirectory': async () => {
      const directory = await books.surroundings.dialogs.chooseFolder({
        title: 'Choose the folder of a dataset',
        button: 'Choose',
      });
      return directory === null ? null : { directory };
    },
    'data.preview': async ({ directory }) => previewView(directory, await books.previewDataset(directory, false)),
    'data.import': async ({ directory, freshSandbox }) => {
      books.requireIdle();
      if (freshSandbox) {
        const report = await books.previewDataset(directory, true);
        if (report.problemCount > 0) return previewView(directory, report);
        await books.startSandboxFrom(directory);
        return previewView(directory, report);
      }
      const result = await guard.run('import', () => books.importDataset(directory, false));
      if (result === null) throw busy();
      if (result.imported) {
        await books.platform().connect();
        books.afterMoving('import');
      }
      return previewView(directory, result.report);
    },
    'data.summary': () => dataSummary(books.platform().store.db),
    'data.sandboxDatasets': async () => [...SANDBOX_DATASETS],
    'data.useSandboxDataset': async ({ id }) => {
      books.requireIdle();
      await books.startSandboxFromResource(id);
      return null;
    },
  };
}
