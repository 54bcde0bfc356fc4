import { useState } from 'react';
import type { Reply } from '../../../shared/contract';
import { Button, ConfirmDialog, EmptyState, Failure, instantText, KeyValue, Panel, Skeleton } from '../../components';
import { useAction, useQuery } from '../../state/coffer';
import { useSession } from '../../state/session';
import { tell } from '../../state/toasts';
import { ImportData } from '../balances/import-data';
import { PostgresPanel, WatchedFolderPanel } from './data-sources';

type Dataset = Reply<'data.sandboxDatasets'>[number];

export function DataSettings() {
  const summary = useQuery('data.summary', undefined);
  const inSandbox = useSession((session) => session.info?.mode) === 'sandbox';
  return (
    <div className="settings-columns">
      <Panel title="Data in Coffer" actions={<ImportData />}>
        {summary.error !== undefined && <Failure failure={summary.error} onRetry={summary.reload} />}
        {summary.value === undefined && summary.error === undefined && (
          <Skeleton label="Loading the data summary" height={220} />
        )}
        {summary.value !== undefined && <Summary summary={summary.value} />}
      </Panel>
      {inSandbox ? <SandboxDatasets /> : <FolderHelp />}
      <PostgresPanel />
      <WatchedFolderPanel />
    </div>
  );
}

function Summary({ summary }: { readonly summary: Reply<'data.summary'> }) {
  const { counts, periods, lastImport } = summary;
  if (lastImport === null && periods.length === 0) {
    return (
      <EmptyState title="Nothing was imported yet">
        Choose a folder with creators, subscribers, payments, allocations and opening balances as CSV files. It is
        checked as a whole; nothing is taken over while anything in it is wrong.
      </EmptyState>
    );
  }
  const number = (count: number) => count.toLocaleString('en');
  return (
    <KeyValue
      items={[
        { label: 'Creators', value: number(counts.creators), numeric: true },
        { label: 'Subscribers', value: number(counts.subscribers), numeric: true },
        { label: 'Payments', value: number(counts.payments), numeric: true },
        { label: 'Allocations', value: number(counts.allocations), numeric: true },
        { label: 'Opening balances', value: number(counts.openings), numeric: true },
        { label: 'Months', value: periods.length === 0 ? 'None' : periods.join(', ') },
        {
          label: 'Last import',
          value: lastImport === null ? 'None' : `${instantText(lastImport.at)} by ${lastImport.by}`,
        },
        ...(lastImport === null ? [] : [{ label: 'Imported from', value: lastImport.source }]),
      ]}
    />
  );
}

function FolderHelp() {
  return (
    <Panel title="What a folder has in it">
      <p className="muted">
        creators.csv, subscribers.csv, payments.csv, allocations.csv, opening.csv and policy.json. Every problem is
        listed with its file, line and column before anything is imported. Rows of a locked month are noted as late and
        change nothing in it.
      </p>
    </Panel>
  );
}

/** Datasets that come with Coffer. Using one starts the embedded Stripe and the sandbox’s books afresh. */
function SandboxDatasets() {
  const list = useQuery('data.sandboxDatasets', undefined, { reloadOn: [] });
  const use = useAction('data.useSandboxDataset');
  const loadSession = useSession((session) => session.load);
  const [chosen, setChosen] = useState<Dataset>();
  const start = async () => {
    if (chosen === undefined) return;
    const result = await use.run({ id: chosen.id });
    if (!result.ok) return;
    tell('The sandbox started afresh', chosen.title);
    setChosen(undefined);
    await loadSession();
  };
  return (
    <Panel title="Sandbox datasets">
      {list.error !== undefined && <Failure failure={list.error} onRetry={list.reload} />}
      {list.value === undefined && list.error === undefined && <Skeleton label="Loading the datasets" height={180} />}
      {list.value?.length === 0 && <p className="muted">No dataset comes with this copy of Coffer.</p>}
      <ul className="datasets">
        {list.value?.map((dataset) => (
          <li key={dataset.id}>
            <div>
              <strong>{dataset.title}</strong>
              <p className="muted">{dataset.description}</p>
            </div>
            <Button label={`Use ${dataset.title}`} onPress={() => setChosen(dataset)}>
              Use…
            </Button>
          </li>
        ))}
      </ul>
      <ConfirmDialog
        isOpen={chosen !== undefined}
        title="Start the sandbox afresh"
        restatement={[
          { label: 'Dataset', value: chosen?.title ?? '' },
          { label: 'Mode', value: 'Sandbox; test and live are not touched' },
        ]}
        action="Start the sandbox afresh"
        danger
        isBusy={use.busy}
        {...(use.error === undefined ? {} : { error: use.error })}
        onConfirm={start}
        onCancel={() => setChosen(undefined)}
      >
        <p>
          The sandbox loses its data, its months, its movements and its audit log. Coffer keeps the present books in an
          archive folder, but does not show them again: save what you want to have under Audit & exports first.
        </p>
      </ConfirmDialog>
    </Panel>
  );
}
