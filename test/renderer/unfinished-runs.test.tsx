import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test } from 'vitest';
import { UnfinishedRuns } from '../../renderer/frame/unfinished-runs';
import { useNavigation } from '../../renderer/state/navigation';
import { useSession } from '../../renderer/state/session';
import type { UnfinishedRun } from '../../shared/contract';
import { fakeCoffer, install } from './fake-coffer';
import { migrationCoffer, stopped } from './migration-fake';
import { simulateWindow } from './rendering';

simulateWindow();
beforeEach(() => useNavigation.setState({ place: { screen: 'balances', params: {} }, past: [], future: [] }));

const interrupted: UnfinishedRun = {
  kind: 'migration',
  id: 'run_1',
  title: 'A migration is not finished: stopped',
  state: 'stopped',
  detail: 'Coffer ended while the migration was running.',
  moved: [{ currency: 'usd', amount: '300418' }],
  remaining: [{ currency: 'usd', amount: '399582' }],
  period: '2026-10',
  since: '2026-11-03T14:00:00.000Z',
  running: false,
  canResume: true,
  canRollBack: true,
};

function open(run: UnfinishedRun, fake = fakeCoffer()) {
  install(fake);
  useSession.setState({ unfinished: [run] });
  render(<UnfinishedRuns />);
  return { fake, press: (name: string) => userEvent.click(screen.getByRole('button', { name })) };
}

describe('a migration that was interrupted', () => {
  test('is named with what moved and what remains, and goes on as it was approved, without typing', async () => {
    const { fake, press } = open(
      interrupted,
      migrationCoffer(stopped(4, 'Coffer ended.'), {
        'migration.execute': async () => stopped(4, 'Coffer ended.'),
      }),
    );
    expect(screen.getByText(/Moved: 3,004\.18 USD\. Remaining: 3,995\.82 USD\./)).toBeDefined();
    await press('Resume');
    expect(fake.calls.find((one) => one.channel === 'migration.execute')?.args).toMatchObject({ typed: '' });
    expect(useNavigation.getState().place.screen).toBe('migration');
  });

  test('can be looked at, or opened at the question of rolling it back', async () => {
    const { fake, press } = open(interrupted);
    await press('Roll back…');
    expect(useNavigation.getState().place).toEqual({
      screen: 'migration',
      params: { period: '2026-10', ask: 'roll-back' },
    });
    expect(fake.calls).toEqual([]);
  });
});

test('a run that works says so and offers nothing but to watch it', () => {
  open({ ...interrupted, title: 'A migration is running', state: 'executing', running: true });
  expect(screen.getAllByRole('button').map((one) => one.textContent)).toEqual(['Watch']);
});

test('a month end that was left goes on at its step', async () => {
  const { press } = open({ ...interrupted, kind: 'month-end', canRollBack: false });
  expect(screen.queryByRole('button', { name: /Roll back/ })).toBeNull();
  await press('Resume');
  expect(useNavigation.getState().place).toEqual({ screen: 'month-end', params: { period: '2026-10' } });
});
