import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { PostgresPanel, WatchedFolderPanel } from '../../renderer/screens/settings/data-sources';
import { useSession } from '../../renderer/state/session';
import type { PostgresView, WatchedFolderView } from '../../shared/contract';
import { consoleAnswers } from './console-answers';
import { Failed, type FakeAnswers, type FakeCoffer, fakeCoffer, install } from './fake-coffer';
import { simulateWindow } from './rendering';

simulateWindow();

const queries = {
  creators: 'SELECT 1',
  subscribers: 'SELECT 2',
  payments: 'SELECT 3',
  allocations: 'SELECT 4',
  opening: 'SELECT 5',
};
const suggested = { port: 5432, queries };
const none: PostgresView = { source: null, hasPassword: false, suggested };
const some: PostgresView = {
  source: { host: 'db.example.com', port: 5433, database: 'platform', user: 'reader', caFile: null, queries },
  hasPassword: true,
  suggested,
};

beforeEach(() => useSession.setState({ info: undefined }));

async function open(panel: React.ReactElement, answers: FakeAnswers): Promise<FakeCoffer> {
  const fake = fakeCoffer({ ...consoleAnswers, ...answers });
  install(fake);
  await useSession.getState().load();
  render(panel);
  return fake;
}

const press = async (name: string | RegExp, within_ = screen) =>
  userEvent.click(await within_.findByRole('button', { name }));

test('a database is set up with everything it needs, and the password goes nowhere else', async () => {
  const fake = await open(<PostgresPanel />, {
    'dataSource.postgres': async () => none,
    'dataSource.savePostgres': async () => some,
  });
  await press('Set up a database…');
  const dialog = within(await screen.findByRole('dialog'));
  await userEvent.click(dialog.getByRole('button', { name: 'Save the database' }));
  expect(dialog.getAllByText('This is needed.')).toHaveLength(4);
  expect(fake.calls.filter((one) => one.channel === 'dataSource.savePostgres')).toEqual([]);

  await userEvent.type(dialog.getByLabelText('Host'), 'db.example.com');
  await userEvent.clear(dialog.getByLabelText('Port'));
  await userEvent.type(dialog.getByLabelText('Port'), '70000');
  await userEvent.type(dialog.getByLabelText('Database'), 'platform');
  await userEvent.type(dialog.getByLabelText('User'), 'reader');
  await userEvent.type(dialog.getByLabelText('Password'), 'opensesame');
  expect(dialog.getByText('A port is a number from 1 to 65535.')).toBeDefined();
  await userEvent.clear(dialog.getByLabelText('Port'));
  await userEvent.type(dialog.getByLabelText('Port'), '5433');
  await userEvent.click(dialog.getByRole('button', { name: 'Save the database' }));

  expect(fake.calls.find((one) => one.channel === 'dataSource.savePostgres')?.args).toEqual({
    source: some.source,
    password: 'opensesame',
  });
  expect(await screen.findByText('db.example.com:5433')).toBeDefined();
  expect(document.body.textContent).not.toContain('opensesame');
});

test('a changed source keeps its password when none is typed', async () => {
  const fake = await open(<PostgresPanel />, {
    'dataSource.postgres': async () => some,
    'dataSource.savePostgres': async () => some,
  });
  await press('Change…');
  await press('Save the database');
  expect(fake.calls.find((one) => one.channel === 'dataSource.savePostgres')?.args).toMatchObject({ password: null });
});

test('a test says what it found: a user that could write is a warning', async () => {
  await open(<PostgresPanel />, {
    'dataSource.postgres': async () => some,
    'dataSource.testPostgres': async () => ({ server: 'PostgreSQL 15.1', encrypted: true, canWrite: true }),
  });
  await press('Test the connection');
  expect(await screen.findByText('PostgreSQL 15.1 answers')).toBeDefined();
  expect(screen.getByText(/This user could also write there/)).toBeDefined();
});

test('a month is read, shown, and imported only when the person says so', async () => {
  const preview = {
    directory: '/books/datasets/postgres/now platform 2026-10',
    valid: true,
    problems: [],
    problemCount: 0,
    notes: [],
    period: '2026-10',
    counts: { creators: 2, subscribers: 1, payments: 12, allocations: 3, openings: 0 },
    totals: [],
    startsSandbox: false,
  };
  const fake = await open(<PostgresPanel />, {
    'dataSource.postgres': async () => some,
    'dataSource.readPostgres': async () => preview,
    'data.import': async () => preview,
  });
  await press('Read a month…');
  await userEvent.type(await screen.findByLabelText('Month'), '2026-13');
  await press('Read and check');
  expect(await screen.findByText(/Write the month as year and month/)).toBeDefined();
  await userEvent.clear(screen.getByLabelText('Month'));
  await userEvent.type(screen.getByLabelText('Month'), '2026-10');
  await press('Read and check');
  await screen.findByRole('button', { name: 'Import 12 payments' });
  expect(fake.calls.filter((one) => one.channel === 'data.import')).toEqual([]);
  await press('Import 12 payments');
  expect(fake.calls.find((one) => one.channel === 'data.import')?.args).toEqual({
    directory: preview.directory,
    freshSandbox: false,
  });
});

test('a refusal of the database is shown with what to do', async () => {
  await open(<PostgresPanel />, {
    'dataSource.postgres': async () => some,
    'dataSource.testPostgres': async () => {
      throw new Failed('The database was refused: the password is wrong.', 'Enter the password again.');
    },
  });
  await press('Test the connection');
  expect((await screen.findByRole('alert')).textContent).toContain('Enter the password again.');
});

test('a watched folder shows what was found and why something was refused', async () => {
  const watched: WatchedFolderView = {
    directory: '/exports',
    found: [
      { name: '2026-11', at: '2026-11-25T10:00:00.000Z', state: 'waiting', detail: 'SHA256SUMS is not there yet' },
      {
        name: '2026-10',
        at: '2026-11-01T10:00:00.000Z',
        state: 'refused',
        detail: '2 problems; the first: payments.csv:4: …',
      },
    ],
  };
  const empty: WatchedFolderView = { directory: null, found: [] };
  await open(<WatchedFolderPanel />, {
    'dataSource.watched': async () => empty,
    'dataSource.chooseWatched': async () => watched,
    'dataSource.stopWatching': async () => empty,
  });
  await press('Watch a folder…');
  expect(await screen.findByText('SHA256SUMS is not there yet')).toBeDefined();
  expect(screen.getByText('Refused')).toBeDefined();
  await press('Stop watching');
  expect(await screen.findByRole('button', { name: 'Watch a folder…' })).toBeDefined();
  expect(screen.queryByText('/exports')).toBeNull();
});
