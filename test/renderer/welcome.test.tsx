import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { Welcome } from '../../renderer/frame/welcome';
import { useNavigation } from '../../renderer/state/navigation';
import { Failed, fakeCoffer } from './fake-coffer';
import { renderOver, simulateWindow } from './rendering';

simulateWindow();

test('the first press of Enter starts the sandbox', async () => {
  const { fake } = renderOver(fakeCoffer(), <Welcome />);
  expect(document.activeElement?.textContent).toBe('Start in the sandbox');
  await userEvent.keyboard('{Enter}');
  expect(fake.calls[0]?.channel).toBe('app.welcomed');
  expect(useNavigation.getState().place.screen).toBe('balances');
});

test('connecting Stripe leads to the key', async () => {
  renderOver(fakeCoffer(), <Welcome />);
  await userEvent.click(screen.getByRole('button', { name: 'Connect Stripe' }));
  expect(useNavigation.getState().place).toEqual({ screen: 'settings', params: { tab: 'stripe' } });
});

test('what goes wrong stays on the page', async () => {
  const answers = {
    'app.welcomed': async () => {
      throw new Failed('The choice could not be kept.', 'Try again.');
    },
  };
  renderOver(fakeCoffer(answers), <Welcome />);
  await userEvent.click(screen.getByRole('button', { name: 'Start in the sandbox' }));
  expect((await screen.findByRole('alert')).textContent).toContain('Try again.');
});
