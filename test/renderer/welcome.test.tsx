import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { Welcome } from '../../renderer/frame/welcome';
import { useNavigation } from '../../renderer/state/navigation';
import { useSession } from '../../renderer/state/session';
import { Failed, fakeCoffer } from './fake-coffer';
import { renderOver, simulateWindow } from './rendering';

simulateWindow();

/** As the app does: who is here is known before the page is shown. */
const named = (operator = 'mara') =>
  useSession.setState({
    info: {
      version: '1',
      mode: 'sandbox',
      runtime: { kind: 'official', electron: '45', chrome: '1', node: '1' },
      operator,
      platform: 'linux',
      welcomed: false,
    },
  });

beforeEach(() => named());

test('the first press of Enter starts the sandbox', async () => {
  const { fake } = renderOver(fakeCoffer(), <Welcome />);
  expect(document.activeElement?.textContent).toBe('Start in the sandbox');
  await userEvent.keyboard('{Enter}');
  expect(fake.calls[0]?.channel).toBe('app.welcomed');
  expect(useNavigation.getState().place.screen).toBe('balances');
});

test('the name is asked for first: without one nothing starts, a new one is kept before the books open', async () => {
  named('');
  const { fake } = renderOver(fakeCoffer(), <Welcome />);
  await userEvent.click(screen.getByRole('button', { name: 'Start in the sandbox' }));
  expect(fake.calls).toEqual([]);
  expect(screen.getByText('Write a name: approvals need one.')).toBeDefined();
  await userEvent.type(screen.getByLabelText('Your name'), ' Dana Reyes ');
  await userEvent.click(screen.getByRole('button', { name: 'Start in the sandbox' }));
  expect(fake.calls.slice(0, 2)).toEqual([
    { channel: 'app.setOperator', args: { name: 'Dana Reyes' } },
    { channel: 'app.welcomed', args: undefined },
  ]);
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
