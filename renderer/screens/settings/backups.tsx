import { useState } from 'react';
import type { BackupRow, BooksState } from '../../../shared/contract';
import { Banner, Button, Failure, instantText, KeyValue, Panel, Skeleton } from '../../components';
import { useAction, useQuery } from '../../state/coffer';
import { tell } from '../../state/toasts';
import { BackupList } from './backup-list';
import { CompareWithStripe } from './compare-with-stripe';
import { RestoreDialog, RestoringFailure, useRestoring } from './restore-dialog';

/** Backups of this mode's books: make, check, restore, and compare with Stripe after a restore. */
export function Backups() {
  const state = useQuery('backups.state', undefined, { reloadOn: ['data.changed'] });
  if (state.error !== undefined && state.value === undefined) {
    return <Failure failure={state.error} onRetry={state.reload} />;
  }
  if (state.value === undefined) return <Skeleton label="Loading the backups" height={320} />;
  return <Loaded state={state.value} />;
}

function Loaded({ state }: { readonly state: BooksState }) {
  const make = useAction('backups.make');
  const check = useAction('backups.check');
  const folder = useAction('backups.showFolder');
  const restoring = useRestoring();
  const [checked, setChecked] = useState<{ readonly what: string; readonly at: string; readonly findings: string[] }>();
  const backUp = async () => {
    const result = await make.run();
    if (result.ok) tell('Backed up the books', `${result.value.file}, checked.`);
  };
  const checkNow = async (backup: BackupRow | null) => {
    const result = await check.run({ path: backup?.path ?? null });
    if (!result.ok) return;
    const what = backup === null ? 'The books' : `The backup of ${instantText(backup.madeAt)}`;
    setChecked({ what, at: result.value.checkedAt, findings: result.value.findings });
  };
  const [newest] = state.backups;
  return (
    <div className="stack">
      {state.restored !== null && <CompareWithStripe restored={state.restored} />}
      <Panel
        title="Backups"
        actions={
          <>
            <Button isBusy={check.busy} onPress={() => checkNow(null)}>
              Check the books now
            </Button>
            <Button isBusy={restoring.busy} onPress={restoring.chooseFile}>
              Restore from a file…
            </Button>
            <Button kind="primary" isBusy={make.busy} onPress={backUp}>
              Back up now
            </Button>
          </>
        }
      >
        <div className="stack">
          <KeyValue
            items={[
              { label: 'Latest backup', value: newest === undefined ? 'None' : instantText(newest.madeAt) },
              { label: 'Folder', value: <span className="key-code">{state.folder}</span> },
            ]}
          />
          <p className="muted">
            Coffer backs the books up once a day while it is open, before a migration, before an update of its database
            and before a restore. Every copy is checked as a whole before it counts. Copy the folder to another machine:
            a backup on the same disk does not survive the loss of the disk.
          </p>
          {make.error !== undefined && <Failure failure={make.error} />}
          {check.error !== undefined && <Failure failure={check.error} />}
          {folder.error !== undefined && <Failure failure={folder.error} />}
          <RestoringFailure restoring={restoring} />
          {checked !== undefined && (
            <Banner
              tone={checked.findings.length === 0 ? 'good' : 'bad'}
              title={checked.findings.length === 0 ? `${checked.what}: good.` : `${checked.what}: not good.`}
              live
            >
              {checked.findings.length === 0
                ? `Structure, references, trial balance and audit log were checked. ${instantText(checked.at)}`
                : checked.findings.join(' ')}
            </Banner>
          )}
          <BackupList
            backups={state.backups}
            isBusy={restoring.busy || check.busy}
            onRestore={(backup) => restoring.look(backup.path)}
            onCheck={checkNow}
          />
          <div>
            <Button kind="quiet" onPress={() => folder.run()}>
              Show the folder
            </Button>
          </div>
        </div>
      </Panel>
      <RestoreDialog restoring={restoring} />
    </div>
  );
}
