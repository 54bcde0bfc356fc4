/** Answers the channels about reconciliation, the audit log and exports. */
import { join } from 'node:path';
import { period as toPeriod } from '../../../../shared/period/period';
import { listAudit, verifyAudit } from '../../../services/audit';
import { checkpointFile, checkpointNow } from '../../../services/audit-checkpoints';
import { writeBinder } from '../../../services/binder';
import { EXPORT_NAMES, listExports, saveExports } from '../../../services/exports/make-exports';
import { writeFiles } from '../../../services/exports/write-files';
import {
  daysOfPeriod,
  exceptionDetail,
  listLines,
  noteException,
  reconciliationSummary,
  resolveException,
  takeException,
} from '../../../services/reconciliation';
import type { HandlersOf } from '../../service-host';
import type { OpenBooks } from '../open-books';

export function proofHandlers(books: OpenBooks): HandlersOf<'reconciliation' | 'audit' | 'exports'> {
  const context = () => books.platform().context;
  const store = () => books.platform().store;

  return {
    'reconciliation.summary': ({ period }) => reconciliationSummary(context(), period),
    'reconciliation.history': ({ period }) => daysOfPeriod(store().db, toPeriod(period)),
    'reconciliation.list': (request) => listLines(store(), request, context().actor()),
    'reconciliation.get': ({ lineId }) => exceptionDetail(store().db, lineId),
    'reconciliation.take': async ({ lineId, take }) => {
      await takeException(context(), lineId, take);
      return exceptionDetail(store().db, lineId);
    },
    'reconciliation.note': async ({ lineId, note }) => {
      await noteException(context(), lineId, note);
      return exceptionDetail(store().db, lineId);
    },
    'reconciliation.resolve': async ({ period, lineId, explanation, account }) => {
      await resolveException(context(), lineId, explanation, account);
      books.afterMoving('reconciliation');
      return reconciliationSummary(context(), period);
    },
    'audit.list': (request) => listAudit(store().db, request),
    'audit.verify': () => verifyAudit(context()),
    'exports.list': ({ period }) => listExports(store(), period),
    'exports.save': async ({ period, names }) => {
      const directory = await books.surroundings.dialogs.chooseFolder({
        title: 'Choose a folder for the exports',
        button: 'Save here',
      });
      if (directory === null) return null;
      const signed = checkpointFile(await checkpointNow(context()));
      const wanted = names.length === 0 ? EXPORT_NAMES : names;
      const written = [
        ...(await saveExports(store(), period, wanted, directory)),
        ...(await writeFiles(directory, [signed])),
      ];
      await books.audited('exports.saved', period, { files: written.map((file) => `${file.name} ${file.sha256}`) });
      return { directory, files: written };
    },
    'exports.binder': async ({ period }) => {
      const path = await books.surroundings.dialogs.chooseSaveFile({
        title: 'Save the close binder',
        name: `coffer-${period}-binder.zip`,
        kinds: [{ name: 'Zip', extensions: ['zip'] }],
      });
      if (path === null) return null;
      const sha256 = await writeBinder(
        context(),
        period,
        path,
        join(books.surroundings.resources, 'verify-binder.mjs'),
      );
      await books.audited('binder.saved', period, { sha256 });
      return { path, sha256 };
    },
  };
}
