import { act, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { CommandPalette, openPalette } from '../../renderer/frame/command-palette';
import { useNavigation } from '../../renderer/state/navigation';
import { fakeCoffer } from './fake-coffer';
import { renderOver, simulateWindow } from './rendering';

simulateWindow();

const row = (creatorId: string, displayName: string, currency: string) => ({
  creatorId,
  displayName,
  email: `${creatorId}@example.com`,
  stripeAccount: `acct_${creatorId}`,
  holdReason: '',
  currency,
  owed: '0',
  accruing: '0',
  lifetimePaid: '0',
});

function open() {
  const fake = fakeCoffer({
    'creators.list': async ({ search = '' }) => {
      const rows = [row('c001', 'Ada Quill', 'eur'), row('c001', 'Ada Quill', 'usd'), row('c002', 'Bram Stone', 'usd')];
      const found = rows.filter((one) => JSON.stringify(one).toLowerCase().includes(search.toLowerCase()));
      return { total: found.length, rows: found };
    },
  });
  renderOver(fake, <CommandPalette />);
  act(() => openPalette());
  return { fake, user: userEvent.setup() };
}

test('a creator is found by name, stands there once, and Enter opens the statement', async () => {
  const { user } = open();
  await user.type(await screen.findByRole('searchbox'), 'quill');
  const found = await screen.findAllByRole('menuitem', { name: /Ada Quill/ });
  expect(found).toHaveLength(1);
  expect(screen.queryByRole('menuitem', { name: /Bram/ })).toBeNull();
  await user.keyboard('{Enter}');
  await waitFor(() =>
    expect(useNavigation.getState().place).toEqual({ screen: 'creators', params: { creatorId: 'c001' } }),
  );
});

test('one letter asks nobody, and a screen comes before a creator', async () => {
  const { fake, user } = open();
  const field = await screen.findByRole('searchbox');
  await user.type(field, 'b');
  expect(screen.getAllByRole('menuitem')[0]?.textContent).toContain('Balances');
  await user.clear(field);
  await user.type(field, 'bram');
  await screen.findByRole('menuitem', { name: /Bram Stone/ });
  expect(fake.calls.filter(({ channel }) => channel === 'creators.list').map(({ args }) => args)).not.toContainEqual(
    expect.objectContaining({ search: 'b' }),
  );
});

test('what is found nowhere is said', async () => {
  const { user } = open();
  await user.type(await screen.findByRole('searchbox'), 'nobody at all');
  expect(await screen.findByText('No screen or creator of this name.')).toBeTruthy();
});
