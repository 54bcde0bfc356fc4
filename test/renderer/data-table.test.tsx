import { act, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { AmountCell, plainDecimal } from '../../renderer/components';
import { csvCell, csvText, DataTable, type TableColumn } from '../../renderer/components/data-table';
import { call } from '../../renderer/state/coffer';
import { useSession } from '../../renderer/state/session';
import type { CreatorRow, PageRequest } from '../../shared/contract';
import { creator } from './fake-coffer';
import { simulateWindow } from './rendering';

simulateWindow();

const columns: readonly TableColumn<CreatorRow>[] = [
  {
    id: 'displayName',
    header: 'Creator',
    cell: (row) => row.displayName,
    text: (row) => row.displayName,
    sortable: true,
  },
  { id: 'email', header: 'E-mail', cell: (row) => row.email, text: (row) => row.email },
  {
    id: 'owed',
    header: 'Owed USD',
    align: 'end',
    cell: (row) => <AmountCell value={row.owed} currency="usd" />,
    text: (row) => plainDecimal(row.owed, 'usd'),
    sortable: true,
  },
  {
    id: 'stripeAccount',
    header: 'Stripe account',
    cell: (row) => row.stripeAccount,
    text: (row) => row.stripeAccount,
    hidden: true,
  },
];

function open() {
  const onOpen = vi.fn();
  const asked: PageRequest[] = [];
  render(
    <DataTable
      label="Creators"
      columns={columns}
      rowKey={(row) => row.creatorId}
      searchLabel="Name, e-mail or id"
      onOpen={onOpen}
      fetchPage={(request) => {
        asked.push(request);
        return call('creators.list', request);
      }}
    />,
  );
  return { asked, onOpen, user: userEvent.setup({ writeToClipboard: true }) };
}

const drawnRows = () => document.querySelectorAll('tbody tr');
const arrived = () => screen.findByText('ada.okafor.1@example.com');

test('a hundred thousand rows draw at most sixty, and ask for one page', async () => {
  const { asked } = open();
  await arrived();
  expect(screen.getByText('100,000 rows')).toBeDefined();
  expect(screen.getByRole('grid').getAttribute('aria-rowcount')).toBe('100001');
  expect(drawnRows().length).toBeGreaterThan(20);
  expect(drawnRows().length).toBeLessThanOrEqual(60);
  expect(asked).toEqual([{ offset: 0, limit: 100 }]);
});

test('End goes to the last row, which is asked for by its own page', async () => {
  const { asked, user } = open();
  await arrived();
  screen.getByRole('grid').focus();
  await user.keyboard('{End}');
  await screen.findByText(creator(99_999).email);
  expect(drawnRows().length).toBeLessThanOrEqual(60);
  expect(asked.at(-1)).toEqual({ offset: 99_900, limit: 100 });
});

test('arrows move along rows and Enter opens one; so does a click', async () => {
  const { onOpen, user } = open();
  await arrived();
  screen.getByRole('grid').focus();
  await user.keyboard('{ArrowDown}{ArrowDown}{ArrowUp}{Enter}');
  expect(onOpen).toHaveBeenLastCalledWith(creator(1));
  await user.click(screen.getByText(creator(4).email));
  expect(onOpen).toHaveBeenLastCalledWith(creator(4));
});

test('sorting is the server’s, by the column’s id, and turns round at the second press', async () => {
  const { asked, user } = open();
  await arrived();
  await user.click(screen.getByRole('button', { name: 'Owed USD' }));
  await waitFor(() => expect(asked.at(-1)).toMatchObject({ offset: 0, sort: 'owed', descending: false }));
  await user.click(screen.getByRole('button', { name: 'Owed USD' }));
  await waitFor(() => expect(asked.at(-1)).toMatchObject({ sort: 'owed', descending: true }));
  expect(screen.getByRole('columnheader', { name: 'Owed USD' }).getAttribute('aria-sort')).toBe('descending');
});

test('a search that finds nothing says so and can be cleared', async () => {
  const { user } = open();
  await arrived();
  await user.type(screen.getByRole('searchbox'), 'nobody at all');
  await screen.findByText('Nothing matches “nobody at all”');
  await user.click(screen.getByRole('button', { name: 'Clear the search' }));
  await arrived();
});

test('new data loads again in place', async () => {
  const { asked } = open();
  await arrived();
  act(() => useSession.setState(({ revision }) => ({ revision: revision + 1 })));
  await waitFor(() => expect(asked).toHaveLength(2));
  expect(screen.getByText('ada.okafor.1@example.com')).toBeDefined();
});

test('hidden columns can be chosen', async () => {
  const { user } = open();
  await arrived();
  expect(screen.queryByRole('columnheader', { name: 'Stripe account' })).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Columns' }));
  await user.click(within(screen.getByRole('dialog')).getByText('Stripe account'));
  await user.keyboard('{Escape}');
  expect(screen.getByRole('columnheader', { name: 'Stripe account' })).toBeDefined();
});

test('a failure stays in place and says the next step', async () => {
  render(
    <DataTable
      label="Creators"
      columns={columns}
      rowKey={(row) => row.creatorId}
      fetchPage={async () => ({
        ok: false,
        error: { code: 'x', message: 'The list could not be read.', hint: 'Try again.' },
      })}
    />,
  );
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('The list could not be read.');
});

test('a copied cell cannot become a formula; numbers stay numbers', () => {
  expect(csvCell('=HYPERLINK("http://x")')).toBe(`"'=HYPERLINK(""http://x"")"`);
  expect(csvCell('@SUM(A1)')).toBe("'@SUM(A1)");
  expect(csvCell('-1200.50')).toBe('-1200.50');
  expect(csvCell('-2+3')).toBe("'-2+3");
  expect(
    csvText([
      ['a', 'b,c'],
      ['d', 'e'],
    ]),
  ).toBe('a,"b,c"\r\nd,e');
});
