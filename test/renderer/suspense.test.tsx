import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { SuspensePanel } from '../../renderer/screens/creators/suspense-panel';
import { fakeCoffer } from './fake-coffer';
import { renderOver, simulateWindow } from './rendering';

simulateWindow();

const kept = {
  period: '2026-10',
  creatorId: 'closed-profile',
  currency: 'usd',
  amount: '588',
  allocations: 1,
  waitsFor: null,
};

test('what is kept for an id nobody knows is given to a creator, with a reason', async () => {
  const fake = fakeCoffer({
    'creators.suspense': async () => [kept],
    'creators.resolveSuspense': async () => null,
  });
  renderOver(fake, <SuspensePanel />);
  const user = userEvent.setup();
  await user.click(await screen.findByRole('button', { name: /^Resolve closed-profile/ }));
  await user.click(screen.getByRole('button', { name: 'Give to 1 creator' }));
  expect(screen.getByText('Enter the id of the creator.')).toBeTruthy();
  await user.type(screen.getByLabelText('Creator id'), 'c003');
  await user.type(screen.getByLabelText('Reason'), 'Renamed in October');
  await user.click(screen.getByRole('button', { name: 'Give to 1 creator' }));
  await waitFor(() =>
    expect(fake.calls).toContainEqual({
      channel: 'creators.resolveSuspense',
      args: { creatorId: 'closed-profile', currency: 'usd', assignTo: 'c003', reason: 'Renamed in October' },
    }),
  );
});

test('once the month end has begun, nothing is resolved, and it says until when', async () => {
  renderOver(fakeCoffer({ 'creators.suspense': async () => [{ ...kept, waitsFor: '2026-10' }] }), <SuspensePanel />);
  const resolve = await screen.findByRole<HTMLButtonElement>('button', { name: /^Resolve closed-profile/ });
  expect(resolve.disabled).toBe(true);
  expect(screen.getByText(/The month end of 2026-10 has begun/)).toBeDefined();
});
