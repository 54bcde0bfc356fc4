import { useState } from 'react';
import type { ImportPreview, PostgresSource, Reply } from '../../../shared/contract';
import {
  Banner,
  Button,
  ConfirmDialog,
  Dialog,
  Failure,
  instantText,
  KeyValue,
  Panel,
  SimpleTable,
  Skeleton,
  StatusPill,
  type StatusTone,
  TextField,
} from '../../components';
import { useAction, useQuery } from '../../state/coffer';
import { tell } from '../../state/toasts';
import { ImportDialog } from '../balances/import-data';

type View = Reply<'dataSource.postgres'>;

/** A PostgreSQL database that the month's rows are read from. Coffer only reads there. */
export function PostgresPanel() {
  const query = useQuery('dataSource.postgres', undefined, { reloadOn: [] });
  const test = useAction('dataSource.testPostgres');
  const remove = useAction('dataSource.removePostgres');
  const [open, setOpen] = useState<'edit' | 'read' | 'remove'>();
  const [tested, setTested] = useState<Reply<'dataSource.testPostgres'>>();
  const { value } = query;
  const close = () => setOpen(undefined);
  const tryIt = async () => {
    setTested(undefined);
    const result = await test.run();
    if (result.ok) setTested(result.value);
  };
  const removed = async () => {
    if (!(await remove.run()).ok) return;
    tell('Database removed', 'Its password was deleted from the keychain.');
    close();
    await query.reload();
  };
  return (
    <Panel title="PostgreSQL database">
      {query.error !== undefined && <Failure failure={query.error} onRetry={query.reload} />}
      {value === undefined && query.error === undefined && <Skeleton label="Loading the database" height={120} />}
      {value !== undefined && value.source === null && (
        <div className="stack">
          <p className="muted">
            Instead of files, the rows of a month can be read from a database. Coffer only reads: every query runs in a
            read-only transaction. The password is kept in the keychain of this computer.
          </p>
          <div>
            <Button onPress={() => setOpen('edit')}>Set up a database…</Button>
          </div>
        </div>
      )}
      {value !== undefined && value.source !== null && (
        <div className="stack">
          <KeyValue
            items={[
              { label: 'Server', value: `${value.source.host}:${value.source.port}` },
              { label: 'Database', value: value.source.database },
              { label: 'User', value: value.source.user },
              { label: 'Password', value: value.hasPassword ? 'In the keychain' : 'Missing' },
            ]}
          />
          <div className="row">
            <Button kind="primary" onPress={() => setOpen('read')}>
              Read a month…
            </Button>
            <Button isBusy={test.busy} onPress={() => void tryIt()}>
              Test the connection
            </Button>
            <Button onPress={() => setOpen('edit')}>Change…</Button>
            <Button kind="quiet" onPress={() => setOpen('remove')}>
              Remove…
            </Button>
          </div>
          {test.error !== undefined && <Failure failure={test.error} />}
          {tested !== undefined && <Tested result={tested} />}
        </div>
      )}
      {open === 'edit' && value !== undefined && (
        <EditSource view={value} onClose={close} onSaved={(view) => query.set(view)} />
      )}
      {open === 'read' && <ReadMonth onClose={close} />}
      <ConfirmDialog
        isOpen={open === 'remove'}
        title="Remove the database"
        restatement={[{ label: 'Database', value: value?.source?.database ?? '' }]}
        action="Remove 1 database"
        danger
        isBusy={remove.busy}
        {...(remove.error === undefined ? {} : { error: remove.error })}
        onConfirm={removed}
        onCancel={close}
      >
        <p>What was imported stays. The settings of the connection and the password are deleted.</p>
      </ConfirmDialog>
    </Panel>
  );
}

function Tested({ result }: { readonly result: Reply<'dataSource.testPostgres'> }) {
  const how = result.encrypted
    ? 'The connection is encrypted.'
    : 'It is on this computer; the connection is not encrypted.';
  return (
    <Banner tone={result.canWrite ? 'attention' : 'good'} title={`${result.server} answers`}>
      {how}{' '}
      {result.canWrite
        ? 'This user could also write there. Coffer does not, but a user that can only read is safer.'
        : 'This user can only read.'}
    </Banner>
  );
}

const FILES = ['creators', 'subscribers', 'payments', 'allocations', 'opening'] as const;

interface EditProps {
  readonly view: View;
  readonly onClose: () => void;
  readonly onSaved: (view: View) => void;
}

function EditSource({ view, onClose, onSaved }: EditProps) {
  const save = useAction('dataSource.savePostgres');
  const [form, setForm] = useState(() => ({
    host: view.source?.host ?? '',
    port: String(view.source?.port ?? view.suggested.port),
    database: view.source?.database ?? '',
    user: view.source?.user ?? '',
    caFile: view.source?.caFile ?? '',
    queries: view.source?.queries ?? view.suggested.queries,
  }));
  const [password, setPassword] = useState('');
  const [asked, setAsked] = useState(false);
  const change = (changes: Partial<typeof form>) => setForm({ ...form, ...changes });
  const port = Number(form.port);
  const wrongPort = !/^\d{1,5}$/.test(form.port) || port < 1 || port > 65_535;
  const missing = (text: string) => asked && text.trim() === '';
  const needsPassword = password === '' && !view.hasPassword;
  const incomplete =
    wrongPort ||
    needsPassword ||
    [form.host, form.database, form.user, ...FILES.map((file) => form.queries[file])].some(
      (text) => text.trim() === '',
    );
  const submit = async () => {
    setAsked(true);
    if (incomplete) return;
    const source: PostgresSource = {
      host: form.host.trim(),
      port,
      database: form.database.trim(),
      user: form.user.trim(),
      caFile: form.caFile.trim() === '' ? null : form.caFile.trim(),
      queries: form.queries,
    };
    const result = await save.run({ source, password: password === '' ? null : password });
    if (!result.ok) return;
    onSaved(result.value);
    tell('Database saved', source.database);
    onClose();
  };
  const required = (text: string) => (missing(text) ? { error: 'This is needed.' } : {});
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="PostgreSQL database"
      width={720}
      cancel={<Button onPress={onClose}>Cancel</Button>}
      action={
        <Button kind="primary" isBusy={save.busy} onPress={submit}>
          Save the database
        </Button>
      }
    >
      <div className="stack">
        <TextField
          label="Host"
          value={form.host}
          onChange={(host) => change({ host })}
          {...required(form.host)}
          hint="Except on this computer, the server must use TLS."
        />
        <TextField
          label="Port"
          value={form.port}
          onChange={(text) => change({ port: text })}
          {...(asked && wrongPort ? { error: 'A port is a number from 1 to 65535.' } : {})}
        />
        <TextField
          label="Database"
          value={form.database}
          onChange={(database) => change({ database })}
          {...required(form.database)}
        />
        <TextField
          label="User"
          value={form.user}
          onChange={(user) => change({ user })}
          {...required(form.user)}
          hint="A user that can only read is safer."
        />
        <TextField
          label="Password"
          type="password"
          value={password}
          onChange={setPassword}
          hint={
            view.hasPassword
              ? 'Leave empty to keep the present one.'
              : 'Kept in the keychain of this computer, nowhere else.'
          }
          {...(asked && needsPassword ? { error: 'This is needed.' } : {})}
        />
        <TextField
          label="Certificate authority (PEM file)"
          value={form.caFile}
          onChange={(caFile) => change({ caFile })}
          hint="Only when the server’s certificate is signed by an authority of your own."
        />
        {FILES.map((file) => (
          <TextField
            key={file}
            label={`Query for ${file}`}
            rows={4}
            value={form.queries[file]}
            onChange={(text) => change({ queries: { ...form.queries, [file]: text } })}
            {...required(form.queries[file])}
            {...(file === 'payments'
              ? { hint: 'current_setting(’coffer.period’) is the month that is read, such as 2026-10.' }
              : {})}
          />
        ))}
        {save.error !== undefined && <Failure failure={save.error} />}
      </div>
    </Dialog>
  );
}

function ReadMonth({ onClose }: { readonly onClose: () => void }) {
  const read = useAction('dataSource.readPostgres');
  const [period, setPeriod] = useState('');
  const [asked, setAsked] = useState(false);
  const [shown, setShown] = useState<ImportPreview>();
  const wrong = !/^\d{4}-(0[1-9]|1[0-2])$/.test(period);
  const submit = async () => {
    setAsked(true);
    if (wrong) return;
    const result = await read.run({ period });
    if (result.ok) setShown(result.value);
  };
  if (shown !== undefined) return <ImportDialog preview={shown} title="Import from the database" onClose={onClose} />;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Read a month from the database"
      cancel={<Button onPress={onClose}>Cancel</Button>}
      action={
        <Button kind="primary" isBusy={read.busy} onPress={submit}>
          Read and check
        </Button>
      }
    >
      <TextField
        label="Month"
        value={period}
        onChange={setPeriod}
        placeholder="2026-10"
        autoFocus
        hint="Everything is read as of one moment and checked. Nothing is imported before you have seen it."
        {...(asked && wrong ? { error: 'Write the month as year and month, such as 2026-10.' } : {})}
      />
      {read.error !== undefined && <Failure failure={read.error} />}
    </Dialog>
  );
}

type Watched = Reply<'dataSource.watched'>;
type Found = Watched['found'][number];

const TONES: Readonly<Record<Found['state'], readonly [StatusTone, string]>> = {
  waiting: ['neutral', 'Waiting'],
  imported: ['good', 'Imported'],
  refused: ['bad', 'Refused'],
  failed: ['bad', 'Not readable'],
};

/** A folder that the platform writes its exports to. */
export function WatchedFolderPanel() {
  const query = useQuery('dataSource.watched', undefined);
  const choose = useAction('dataSource.chooseWatched');
  const stop = useAction('dataSource.stopWatching');
  const take = async (action: typeof choose | typeof stop) => {
    const result = await action.run();
    if (result.ok) query.set(result.value);
  };
  const { value } = query;
  const error = choose.error ?? stop.error;
  return (
    <Panel
      title="Watched folder"
      actions={
        <>
          {value?.directory != null && (
            <Button kind="quiet" isBusy={stop.busy} onPress={() => void take(stop)}>
              Stop watching
            </Button>
          )}
          <Button isBusy={choose.busy} onPress={() => void take(choose)}>
            {value?.directory == null ? 'Watch a folder…' : 'Watch another…'}
          </Button>
        </>
      }
    >
      {query.error !== undefined && <Failure failure={query.error} onRetry={query.reload} />}
      {value === undefined && query.error === undefined && <Skeleton label="Loading the watched folder" height={96} />}
      <p className="muted">
        Each export is a folder of its own. It is imported by itself as soon as it has a file SHA256SUMS that fits all
        its other files, and once only. What is wrong with it is refused as a whole.
      </p>
      {value?.directory != null && (
        <>
          <KeyValue items={[{ label: 'Folder', value: value.directory }]} />
          <SimpleTable<Found>
            caption="Exports that were found"
            rows={value.found}
            rowKey={(found) => `${found.name} ${found.at} ${found.state}`}
            empty="No export has appeared yet."
            columns={[
              { id: 'name', header: 'Export', cell: (found) => found.name },
              {
                id: 'at',
                header: 'Time',
                cell: (found) => <span className="settings-time">{instantText(found.at)}</span>,
              },
              {
                id: 'state',
                header: 'State',
                cell: (found) => <StatusPill tone={TONES[found.state][0]}>{TONES[found.state][1]}</StatusPill>,
              },
              { id: 'detail', header: 'Detail', cell: (found) => found.detail },
            ]}
          />
        </>
      )}
      {error !== undefined && <Failure failure={error} />}
    </Panel>
  );
}
