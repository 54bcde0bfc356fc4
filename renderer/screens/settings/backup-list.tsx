import type { BackupRow } from '../../../shared/contract';
import { Button, instantText, SimpleTable, StatusPill } from '../../components';

const reasons: Readonly<Record<BackupRow['reason'], string>> = {
  manual: 'By a person',
  daily: 'Daily',
  'before-migration': 'Before a migration',
  'before-schema': 'Before an update of Coffer',
  'before-restore': 'Before a restore',
};

export interface BackupListProps {
  readonly backups: readonly BackupRow[];
  readonly isBusy: boolean;
  readonly onRestore: (backup: BackupRow) => void;
  readonly onCheck?: (backup: BackupRow) => void;
}

/** Newest first, with what can be done with each. */
export function BackupList({ backups, isBusy, onRestore, onCheck }: BackupListProps) {
  return (
    <SimpleTable
      caption="Backups, newest first"
      rows={backups}
      rowKey={(one) => one.path}
      empty="There is no backup yet."
      columns={[
        { id: 'made', header: 'Made', cell: (one) => instantText(one.madeAt) },
        { id: 'reason', header: 'Reason', cell: (one) => reasons[one.reason] },
        {
          id: 'size',
          header: 'Size (KB)',
          align: 'end',
          cell: (one) => Math.ceil(one.bytes / 1_024).toLocaleString('en'),
        },
        {
          id: 'verified',
          header: 'Verified',
          cell: (one) => (
            <StatusPill tone={one.verified ? 'good' : 'attention'}>
              {one.verified ? 'Verified' : 'Not verified'}
            </StatusPill>
          ),
        },
        {
          id: 'sha',
          header: 'SHA-256',
          cell: (one) => <span className="key-code">{one.sha256 === null ? '—' : one.sha256.slice(0, 12)}</span>,
        },
        {
          id: 'actions',
          header: 'Actions',
          cell: (one) => (
            <div className="row">
              {onCheck !== undefined && (
                <Button
                  kind="quiet"
                  isDisabled={isBusy}
                  label={`Check the backup of ${instantText(one.madeAt)}`}
                  onPress={() => onCheck(one)}
                >
                  Check
                </Button>
              )}
              <Button
                isDisabled={isBusy}
                label={`Restore the backup of ${instantText(one.madeAt)}`}
                onPress={() => onRestore(one)}
              >
                Restore…
              </Button>
            </div>
          ),
        },
      ]}
    />
  );
}
