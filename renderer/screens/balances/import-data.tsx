import { useState } from 'react';
import type { ImportPreview } from '../../../shared/contract';
import { countOf } from '../../../shared/domain/count-of';
import { Amount, Banner, Button, Dialog, Failure, KeyValue, SimpleTable } from '../../components';
import { useAction } from '../../state/coffer';
import { useSession } from '../../state/session';
import { tell } from '../../state/toasts';

/** Choose a folder, see what is in it, import it. Nothing is taken over before it was shown and is valid. */
export function ImportData({ kind = 'primary' }: { readonly kind?: 'primary' | 'secondary' }) {
  const choose = useAction('data.chooseDirectory');
  const preview = useAction('data.preview');
  const [shown, setShown] = useState<ImportPreview>();
  const start = async () => {
    const chosen = await choose.run();
    if (!chosen.ok || chosen.value === null) return;
    const result = await preview.run({ directory: chosen.value.directory });
    if (result.ok) setShown(result.value);
  };
  const error = choose.error ?? preview.error;
  return (
    <>
      <Button kind={kind} isBusy={choose.busy || preview.busy} onPress={start}>
        Import a folder…
      </Button>
      {error !== undefined && <Failure failure={error} />}
      {shown !== undefined && <ImportDialog preview={shown} onClose={() => setShown(undefined)} />}
    </>
  );
}

interface ImportDialogProps {
  readonly preview: ImportPreview;
  readonly title?: string;
  readonly onClose: () => void;
}

/** What a dataset holds and what is wrong with it; imports it when the person says so. */
export function ImportDialog({ preview, title = 'Import a folder', onClose }: ImportDialogProps) {
  const take = useAction('data.import');
  const inSandbox = useSession((session) => session.info?.mode) === 'sandbox';
  const { counts } = preview;
  const number = (count: number) => count.toLocaleString('en');
  const submit = async () => {
    const result = await take.run({
      directory: preview.directory,
      freshSandbox: inSandbox && preview.startsSandbox,
    });
    if (!result.ok) return;
    tell(`Imported ${countOf(counts.payments, 'payment')}`, preview.directory);
    onClose();
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={title}
      width={640}
      cancel={<Button onPress={onClose}>Cancel</Button>}
      action={
        <Button kind="primary" isDisabled={!preview.valid} isBusy={take.busy} onPress={submit}>
          Import {countOf(counts.payments, 'payment')}
        </Button>
      }
    >
      <KeyValue
        items={[
          { label: 'Folder', value: preview.directory },
          { label: 'Period', value: preview.period ?? '—' },
          { label: 'Creators', value: number(counts.creators) },
          { label: 'Subscribers', value: number(counts.subscribers) },
          { label: 'Payments', value: number(counts.payments) },
          { label: 'Allocations', value: number(counts.allocations) },
          ...preview.totals.map(({ currency, payments }) => ({
            label: `Payments in ${currency.toUpperCase()}`,
            value: <Amount value={payments} currency={currency} />,
          })),
        ]}
      />
      {preview.startsSandbox && inSandbox && (
        <Banner tone="information" title="The sandbox starts afresh from this folder.">
          What is in the sandbox now is replaced.
        </Banner>
      )}
      {preview.notes.map((note) => (
        <p key={note} className="muted">
          {note}
        </p>
      ))}
      {preview.problemCount > 0 && (
        <>
          <Banner tone="bad" title={`${countOf(preview.problemCount, 'problem')}; nothing was imported.`}>
            Correct the files and choose the folder again.
          </Banner>
          <SimpleTable
            caption="Problems of the files"
            rows={preview.problems}
            rowKey={(problem) => `${problem.file}:${problem.line}:${problem.column}:${problem.message}`}
            columns={[
              { id: 'file', header: 'File', cell: (problem) => problem.file },
              { id: 'line', header: 'Line', align: 'end', cell: (problem) => problem.line },
              { id: 'column', header: 'Column', cell: (problem) => problem.column },
              { id: 'message', header: 'What is wrong', cell: (problem) => problem.message },
            ]}
          />
        </>
      )}
      {take.error !== undefined && <Failure failure={take.error} />}
    </Dialog>
  );
}
