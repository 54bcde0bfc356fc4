/** Rule: while the app is locked no figure is on the screen; live money asks for the passphrase; above the limit a second person. */
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { App } from '../../renderer/app';
import { SecondPerson } from '../../renderer/screens/month-end/second-person';
import { TwoPeople } from '../../renderer/screens/settings/two-people';
import { connect } from '../../renderer/state/connect';
import { useLock } from '../../renderer/state/lock';
import type { LockView } from '../../shared/contract';
import { Failed, type FakeAnswers, fakeCoffer, install } from './fake-coffer';
import { simulateWindow } from './rendering';

const view = (locked: boolean): LockView => ({ locked, hasPassphrase: true, role: 'approver', canKeep: true });

function open(answers: FakeAnswers) {
  const fake = fakeCoffer(answers);
  install(fake);
  return fake;
}

simulateWindow();

let disconnect = () => {};

function start() {
  disconnect = connect();
  render(<App />);
}

afterEach(() => disconnect());
beforeEach(() => useLock.setState({ view: undefined, asking: false }));

describe('A locked app', () => {
  test('shows nothing but the way back in, and opens with the passphrase', async () => {
    open({
      'lock.status': async () => view(true),
      'lock.unlock': async ({ passphrase }) => {
        if (passphrase !== 'a long passphrase') throw new Failed('This is not the passphrase.', 'Try again.');
        return view(false);
      },
    });
    start();
    expect(await screen.findByRole('heading', { name: /Coffer is locked/ })).toBeDefined();
    expect(screen.queryByRole('navigation')).toBeNull();
    await userEvent.type(screen.getByLabelText('Passphrase'), 'wrong{Enter}');
    expect(await screen.findByText('This is not the passphrase.')).toBeDefined();
    await userEvent.type(screen.getByLabelText('Passphrase'), 'a long passphrase{Enter}');
    expect(await screen.findByRole('navigation', { name: 'Screens' })).toBeDefined();
  });

  test('locks at once when the main process says so', async () => {
    const fake = open({});
    start();
    expect(await screen.findByRole('navigation', { name: 'Screens' })).toBeDefined();
    fake.emit('lock.changed', view(true));
    expect(await screen.findByRole('heading', { name: /Coffer is locked/ })).toBeDefined();
    expect(screen.queryByRole('navigation')).toBeNull();
  });
});

describe('Above the limit', () => {
  const above = [{ currency: 'usd', amount: '65100' }];

  test('the request goes out and the approval comes in', async () => {
    const fake = open({
      'approval.status': async () => ({ above, approvedBy: null, approvedAt: null, expiresAt: null }),
      'approval.request': async () => ({ path: '/tmp/request.json' }),
      'approval.accept': async () => ({
        above,
        approvedBy: 'Tom',
        approvedAt: '2026-11-02T09:00:00.000Z',
        expiresAt: '2026-11-05T09:00:00.000Z',
      }),
    });
    render(<SecondPerson kind="month-end" period="2026-10" />);
    await userEvent.click(await screen.findByRole('button', { name: 'Save the request' }));
    await userEvent.click(screen.getByRole('button', { name: 'Take the approval in' }));
    expect(await screen.findByText('Tom approved this plan too')).toBeDefined();
    expect(fake.calls.map((one) => one.channel)).toEqual(['approval.status', 'approval.request', 'approval.accept']);
  });

  test('a refused approval says why, in place', async () => {
    open({
      'approval.status': async () => ({ above, approvedBy: null, approvedAt: null, expiresAt: null }),
      'approval.accept': async () => {
        throw new Failed('This approval was taken in already, on 2026-11-02.', 'Save a new request.');
      },
    });
    render(<SecondPerson kind="month-end" period="2026-10" />);
    await userEvent.click(await screen.findByRole('button', { name: 'Take the approval in' }));
    expect(await screen.findByText(/taken in already/)).toBeDefined();
  });

  test('below the limit nothing is asked', async () => {
    open({});
    const { container } = render(<SecondPerson kind="month-end" period="2026-10" />);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(container.textContent).toBe('');
  });

  test('Settings says that with a limit in one currency every amount in another needs the second person', async () => {
    const key = { name: 'Mara', publicKey: `${'A'.repeat(43)}=`, fingerprint: '0000', pinnedAt: null };
    open({ 'approval.keys': async () => ({ own: key, approvers: [] }) });
    render(<TwoPeople />);
    const [first] = await screen.findAllByLabelText(/^Limit \(/);
    expect(screen.queryByText(/every amount needs the second person/)).toBeNull();
    if (first === undefined) throw new Error('no limit to write');
    await userEvent.type(first, '5');
    expect(screen.getAllByText(/every amount needs the second person/)).not.toHaveLength(0);
    expect(screen.queryByText('Empty: no limit.')).toBeNull();
  });
});
