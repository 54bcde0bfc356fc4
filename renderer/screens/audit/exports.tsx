import { Download, Package } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { ExportFile, PeriodRow, Reply } from '../../../shared/contract';
import {
  Banner,
  Button,
  counted,
  EmptyState,
  Failure,
  Panel,
  PeriodSelect,
  ScreenLink,
  SimpleTable,
  Skeleton,
  StatusPill,
} from '../../components';
import { useAction, useQuery } from '../../state/coffer';
import { useNavigation } from '../../state/navigation';
import { Statements } from './statements';

type Saved = NonNullable<Reply<'exports.save'>>;
type Binder = NonNullable<Reply<'exports.binder'>>;

/** The month a person most likely wants the files of: the last one that is closed, else the newest. */
export function usualPeriod(periods: readonly PeriodRow[]): string | undefined {
  return (periods.find((row) => row.state === 'closed') ?? periods[0])?.period;
}

export function Exports() {
  const periods = useQuery('monthEnd.periods', undefined);
  const place = useNavigation((navigation) => navigation.place);
  const setParams = useNavigation((navigation) => navigation.setParams);
  if (periods.value === undefined) {
    return periods.error === undefined ? (
      <Skeleton label="Loading the months" height={320} />
    ) : (
      <Failure failure={periods.error} onRetry={periods.reload} />
    );
  }
  const wanted = periods.value.find((row) => row.period === place.params.period)?.period;
  const period = wanted ?? usualPeriod(periods.value);
  if (period === undefined) {
    return (
      <Panel>
        <EmptyState title="There is no month yet">
          Import data in <ScreenLink to="settings">Settings</ScreenLink>; the files of its month can be saved here then.
        </EmptyState>
      </Panel>
    );
  }
  return (
    <PeriodExports
      key={period}
      period={period}
      isClosed={periods.value.find((row) => row.period === period)?.state === 'closed'}
      chooser={
        <PeriodSelect
          periods={periods.value}
          period={period}
          onChoose={(chosen) => setParams({ ...place.params, period: chosen })}
        />
      }
    />
  );
}

interface PeriodExportsProps {
  readonly period: string;
  /** A binder is made of a closed month only. */
  readonly isClosed: boolean;
  readonly chooser: ReactNode;
}

function PeriodExports({ period, isClosed, chooser }: PeriodExportsProps) {
  const list = useQuery('exports.list', { period });
  const save = useAction('exports.save');
  const binder = useAction('exports.binder');
  const [saved, setSaved] = useState<Saved>();
  const [bound, setBound] = useState<Binder>();
  const [saving, setSaving] = useState<string>();

  const saveFiles = async (names: string[], what: string) => {
    setSaving(what);
    const result = await save.run({ period, names });
    setSaving(undefined);
    if (!result.ok || result.value === null) return;
    setSaved(result.value);
  };
  const saveBinder = async () => {
    const result = await binder.run({ period });
    if (!result.ok || result.value === null) return;
    setBound(result.value);
  };

  const files = list.value;
  const ready = files?.filter((file) => file.ready) ?? [];
  const busy = save.busy || binder.busy;
  const failure = save.error ?? binder.error;
  return (
    <div className="stack">
      <Panel
        title={`Files of ${period}`}
        flush
        actions={
          <>
            {chooser}
            <Button
              icon={<Download size={14} />}
              isBusy={saving === 'all'}
              isDisabled={ready.length === 0 || busy}
              onPress={() => saveFiles([], 'all')}
            >
              {files === undefined ? 'Save all files…' : `Save all ${files.length} files…`}
            </Button>
            <Button
              kind="primary"
              icon={<Package size={14} />}
              isBusy={binder.busy}
              isDisabled={files === undefined || busy || !isClosed}
              onPress={saveBinder}
            >
              Save the close binder…
            </Button>
          </>
        }
        footer={
          <span className="muted">
            The binder is one zip: these files, a manifest with the SHA-256 of each and the head of the audit log, the
            certificate of the migration if there is one, and a small program that checks it all without Coffer.
            {!isClosed && ` It is made once ${period} is closed.`}
          </span>
        }
      >
        {list.error !== undefined && <Failure failure={list.error} onRetry={list.reload} />}
        {files === undefined && list.error === undefined && <Skeleton label="Loading the files" height={330} />}
        {files !== undefined && (
          <SimpleTable<ExportFile>
            caption={`Files of ${period}`}
            rows={files}
            rowKey={(file) => file.name}
            empty="There are no files for this month."
            columns={[
              { id: 'title', header: 'What', cell: (file) => file.title },
              { id: 'name', header: 'File', cell: (file) => <code>{file.name}</code> },
              { id: 'rows', header: 'Rows', align: 'end', cell: (file) => file.rows.toLocaleString('en') },
              {
                id: 'ready',
                header: 'State',
                cell: (file) => (
                  <span className="row">
                    <StatusPill tone={file.ready ? 'good' : 'neutral'}>{file.ready ? 'Ready' : 'Not yet'}</StatusPill>
                    <span className="muted">{file.detail}</span>
                  </span>
                ),
              },
              {
                id: 'save',
                header: <span className="visually-hidden">Save</span>,
                align: 'end',
                cell: (file) =>
                  file.ready && (
                    <Button
                      kind="quiet"
                      label={`Save ${file.name}`}
                      isBusy={saving === file.name}
                      isDisabled={busy}
                      onPress={() => saveFiles([file.name], file.name)}
                    >
                      Save…
                    </Button>
                  ),
              },
            ]}
          />
        )}
      </Panel>
      {failure !== undefined && <Failure failure={failure} />}
      {bound !== undefined && (
        <Banner tone="good" title="The close binder was saved." live>
          <span className="saved-path">{bound.path}</span>
          <br />
          SHA-256 <span className="saved-hash">{bound.sha256}</span>
        </Banner>
      )}
      {saved !== undefined && <SavedFiles saved={saved} />}
      <Statements period={period} />
    </div>
  );
}

/** Saved with the audit log without being asked for. */
const CHECKPOINT = 'checkpoint.json';

function SavedFiles({ saved }: { readonly saved: Saved }) {
  return (
    <>
      <Banner tone="good" title={`${counted(saved.files.length, 'file was', 'files were')} saved.`} live>
        <span className="saved-path">{saved.directory}</span>
        {saved.files.some((file) => file.name === CHECKPOINT) && (
          <>
            <br />
            <code>{CHECKPOINT}</code> is the signed head of the audit log, which belongs with it.
          </>
        )}
      </Banner>
      <Panel title="SHA-256 of what was saved" flush>
        <SimpleTable
          caption="Saved files with their SHA-256"
          rows={saved.files}
          rowKey={(file) => file.name}
          columns={[
            { id: 'name', header: 'File', cell: (file) => <code>{file.name}</code> },
            { id: 'rows', header: 'Rows', align: 'end', cell: (file) => file.rows.toLocaleString('en') },
            {
              id: 'sha256',
              header: 'SHA-256',
              cell: (file) => <span className="saved-hash">{file.sha256}</span>,
            },
          ]}
        />
      </Panel>
    </>
  );
}
