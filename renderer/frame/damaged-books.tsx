import { useState } from 'react';
import type { BooksState, Reply } from '../../shared/contract';
import { Banner, Button, counted, Failure, instantText, KeyValue, PageHeader, Panel } from '../components';
import { BackupList } from '../screens/settings/backup-list';
import { RestoreDialog, RestoringFailure, useRestoring } from '../screens/settings/restore-dialog';
import { useAction } from '../state/coffer';

type Saved = NonNullable<Reply<'backups.saveReadable'>>;

/** In the place of every screen while the books cannot be opened: what is wrong, and the ways on. */
export function DamagedBooks({ state }: { readonly state: BooksState }) {
  const restoring = useRestoring();
  const save = useAction('backups.saveReadable');
  const folder = useAction('backups.showFolder');
  const [saved, setSaved] = useState<Saved>();
  const { damage, backups } = state;
  if (damage === null) return null;
  const good = backups.find((one) => one.verified);
  const saveReadable = async () => {
    const result = await save.run();
    if (result.ok && result.value !== null) setSaved(result.value);
  };
  return (
    <>
      <PageHeader title="The books cannot be opened" subtitle="Nothing was changed and nothing is moved." />
      <div className="stack">
        <Banner tone="bad" title={damage.findings.join(' ')} live>
          {good === undefined
            ? 'There is no verified backup in the folder. Restore from a file kept elsewhere, or save what can be read and ask for help.'
            : `Restore the verified backup of ${instantText(good.madeAt)}. Movements made at Stripe since are found there and taken over before anything is paid.`}
        </Banner>
        <Panel title="What is known">
          <KeyValue
            items={[
              { label: 'File', value: <span className="key-code">{damage.file}</span> },
              {
                label: 'Last known event',
                value: damage.lastGoodAt === null ? 'Not known' : instantText(damage.lastGoodAt),
              },
              { label: 'Latest verified backup', value: good === undefined ? 'None' : instantText(good.madeAt) },
            ]}
          />
        </Panel>
        <Panel
          title="Backups"
          actions={
            <>
              <Button isBusy={restoring.busy} onPress={restoring.chooseFile}>
                Restore from a file…
              </Button>
              <Button isBusy={save.busy} onPress={saveReadable}>
                Save what can be read…
              </Button>
              <Button onPress={() => folder.run()}>Show the folder</Button>
            </>
          }
        >
          <div className="stack">
            <RestoringFailure restoring={restoring} />
            {save.error !== undefined && <Failure failure={save.error} />}
            {saved !== undefined && <SavedFiles saved={saved} />}
            <BackupList backups={backups} isBusy={restoring.busy} onRestore={(backup) => restoring.look(backup.path)} />
          </div>
        </Panel>
      </div>
      <RestoreDialog restoring={restoring} />
    </>
  );
}

function SavedFiles({ saved }: { readonly saved: Saved }) {
  const broken = saved.tables.filter((one) => !one.complete).map((one) => one.table);
  if (saved.tables.length === 0) {
    return (
      <Banner tone="attention" title="Nothing could be read." live>
        No table of the file can be read any more.
      </Banner>
    );
  }
  return (
    <Banner
      tone={broken.length === 0 ? 'good' : 'attention'}
      title={`Saved ${counted(saved.tables.length, 'file')} in ${saved.directory}`}
      live
    >
      {broken.length === 0
        ? 'Every row could be read.'
        : `Not complete: ${broken.join(', ')}. Reading ended there at a damaged part.`}
    </Banner>
  );
}
