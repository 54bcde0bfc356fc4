import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, test, vi } from 'vitest';
import MigrationScreen from '../../renderer/screens/migration';
import { useNavigation } from '../../renderer/state/navigation';
import { useSession } from '../../renderer/state/session';
import { believable } from './fake-coffer';
import {
  approved,
  beforePlan,
  completed,
  confirmation,
  executing,
  migrationCoffer,
  notNeeded,
  planned,
  refusing,
  rolledBack,
  rollingBack,
  stopped,
} from './migration-fake';
import { renderOver, simulateWindow } from './rendering';

simulateWindow();

const press = async (name: RegExp | string) => userEvent.click(await screen.findByRole('button', { name }));
const shownStep = () =>
  screen.getByRole('navigation', { name: 'Steps of the migration' }).querySelector('[aria-current]');

async function inSandbox() {
  const info = await believable['app.info']?.(undefined);
  useSession.setState({ info });
}

describe('the migration wizard', () => {
  test('goes from the checks to the certificate, and moves nothing before the amount is typed', async () => {
    const fake = migrationCoffer(beforePlan);
    renderOver(fake, <MigrationScreen />);
    expect(await screen.findByText('Automatic payouts are on at Stripe')).toBeDefined();
    await press('Continue to Obligations');
    expect(await screen.findByText('has to move to Storage')).toBeDefined();
    await press('Continue to Dry run');
    await press('Make the dry run');
    expect(await screen.findByRole('table', { name: 'Before and after in USD' })).toBeDefined();
    await press('Continue to Approve');
    await press('Approve 8 movements');
    await press('Execute 8 movements…');

    const dialog = await screen.findByRole('alertdialog', { name: 'Execute the migration' });
    expect(document.activeElement?.textContent).toBe('Cancel');
    const go = within(dialog).getByRole('button', { name: 'Execute 8 movements' });
    expect(go.hasAttribute('disabled')).toBe(true);
    await userEvent.type(within(dialog).getByRole('textbox'), '7000.00 2026-11');
    expect(go.hasAttribute('disabled')).toBe(true);
    await userEvent.clear(within(dialog).getByRole('textbox'));
    await userEvent.type(within(dialog).getByRole('textbox'), confirmation);
    expect(fake.calls.some(({ channel }) => channel === 'migration.execute')).toBe(false);
    await userEvent.dblClick(go);
    const executions = fake.calls.filter(({ channel }) => channel === 'migration.execute');
    expect(executions).toEqual([
      { channel: 'migration.execute', args: { planHash: planned.plan?.planHash, typed: confirmation } },
    ]);

    expect(await screen.findByRole('progressbar')).toBeDefined();
    act(() => fake.emit('migration.changed', executing(3)));
    expect(screen.getByText('3 of 8 movements posted')).toBeDefined();
    expect(screen.getByText('Moved 2,004.18 USD of 7,000.00 USD.')).toBeDefined();
    act(() => fake.emit('migration.changed', completed));
    expect(await screen.findByRole('heading', { name: 'Certificate of migration' })).toBeDefined();
    expect(screen.getByText(completed.plan?.planHash ?? '')).toBeDefined();
    expect(screen.getAllByText(/^obt_test_/)).toHaveLength(8);

    const print = vi.fn();
    vi.stubGlobal('print', print);
    await press('Print the certificate');
    expect(print).toHaveBeenCalledOnce();
    vi.unstubAllGlobals();
    await press('Go to month end');
    expect(useNavigation.getState().place).toEqual({ screen: 'month-end', params: { period: '2026-10' } });
  });

  test('a run that stopped opens on Execute with its reason, and resumes without typing', async () => {
    const fake = migrationCoffer(stopped(4, 'Stripe cannot be reached: the connection was closed.'), {
      'migration.execute': async () => executing(4),
    });
    renderOver(fake, <MigrationScreen />);
    expect(await screen.findByText('Stripe cannot be reached: the connection was closed.')).toBeDefined();
    expect(shownStep()?.textContent).toContain('5. Execute');
    expect(screen.getByText(/3,004\.18 USD of 7,000\.00 USD moved/)).toBeDefined();
    // The movements add up to the plan, and say the day they were posted on.
    const rows = within(screen.getByRole('table', { name: 'Movements in their order' })).getAllByRole('row');
    expect(rows.at(-1)?.textContent).toMatch(/^Total to Storage7,000\.00/);
    expect(rows[1]?.textContent).toMatch(/2026-10-30 \d\d:\d\d/);
    await press('Resume: 4 movements left');
    expect(fake.calls.at(-1)).toEqual({
      channel: 'migration.execute',
      args: { planHash: planned.plan?.planHash, typed: '' },
    });
    expect(await screen.findByRole('button', { name: 'Stop before the next movement' })).toBeDefined();
  });

  test('a run that stopped may be planned again for the rest, from the present figures', async () => {
    const fake = migrationCoffer(stopped(4, 'A person stopped it.'), { 'migration.plan': async () => planned });
    renderOver(fake, <MigrationScreen />);
    await press('New dry run for the rest…');
    expect(shownStep()?.textContent).toContain('3. Dry run');
    expect(screen.getByText('This plan stopped after 3,004.18 USD.')).toBeDefined();
    await press('Make a new dry run for the rest');
    expect(fake.calls.at(-1)?.channel).toBe('migration.plan');
    expect(await screen.findByRole('button', { name: 'Continue to Approve' })).toBeDefined();
  });

  test('an unknown outcome is looked up, never retried', async () => {
    renderOver(migrationCoffer(stopped(4, 'The outcome of a movement is unknown.', 'unknown')), <MigrationScreen />);
    expect(await screen.findByRole('button', { name: 'Look it up at Stripe and resume' })).toBeDefined();
    expect(screen.queryByRole('button', { name: /again|retry/i })).toBeNull();
  });

  test('what is offered after an unknown outcome is what the buttons do', async () => {
    renderOver(migrationCoffer(stopped(4, 'The outcome of a movement is unknown.', 'unknown')), <MigrationScreen />);
    expect(await screen.findByText(/Stripe is asked what became of the movement/)).toBeDefined();
    expect(screen.queryByText(/A new dry run plans/)).toBeNull();
  });

  test('rolling back asks to type what was moved, shows the clicks, and looks again', async () => {
    await inSandbox();
    let looks = 0;
    const fake = migrationCoffer(stopped(4, 'Stopped by a person before the next movement.'), {
      'migration.rollback': async ({ typed }) => {
        looks += typed === '' ? 1 : 0;
        return looks > 0 ? rolledBack : rollingBack;
      },
    });
    renderOver(fake, <MigrationScreen />);
    await press('Roll back…');
    const dialog = await screen.findByRole('alertdialog', { name: 'Roll back the migration' });
    await userEvent.type(within(dialog).getByRole('textbox'), '3004.18 2026-10');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Roll back 4 movements' }));
    expect(await screen.findByText('Choose Move money, then Transfer to Payments.')).toBeDefined();
    await press('Play the dashboard (sandbox)');
    expect(await screen.findByText('This migration was rolled back.')).toBeDefined();
    expect(fake.calls).toContainEqual({ channel: 'sandbox.performGuided', args: { intentId: 'in_back' } });
    expect(fake.calls).toContainEqual({ channel: 'migration.rollback', args: { typed: '' } });
  });

  test('a rollback that cannot be completed is ended by a new dry run', async () => {
    const fake = migrationCoffer(rollingBack, { 'migration.plan': async () => planned });
    renderOver(fake, <MigrationScreen />);
    await press('End the rollback and make a new dry run…');
    expect(screen.getByText('This plan is being rolled back.')).toBeDefined();
    await press('End the rollback and make a new dry run');
    expect(fake.calls.at(-1)?.channel).toBe('migration.plan');
  });

  test('a plan that changed before execution is refused in place, and what was typed stays', async () => {
    const fake = refusing(migrationCoffer(approved), 'migration.execute', {
      code: 'plan-changed',
      message: 'The numbers moved since the plan was approved.',
      hint: 'Make a new dry run and approve it. Nothing was moved.',
    });
    renderOver(fake, <MigrationScreen />);
    await press('Execute 8 movements…');
    const dialog = await screen.findByRole('alertdialog');
    const field = within(dialog).getByRole<HTMLInputElement>('textbox');
    await userEvent.type(field, confirmation);
    await userEvent.click(within(dialog).getByRole('button', { name: 'Execute 8 movements' }));
    expect(await within(dialog).findByText('The numbers moved since the plan was approved.')).toBeDefined();
    expect(field.value).toBe(confirmation);
  });

  test('when Storage already holds what is owed, it says so and leads to the month end', async () => {
    renderOver(migrationCoffer(notNeeded), <MigrationScreen />);
    expect(await screen.findByText('Nothing has to move: Storage already holds what is owed.')).toBeDefined();
    await press('Go to month end');
    expect(useNavigation.getState().place.screen).toBe('month-end');
  });

  test('without data it says to import', async () => {
    const fake = refusing(migrationCoffer(beforePlan), 'migration.preflight', {
      code: 'no-data',
      message: 'There is no data to migrate.',
      hint: 'Import a dataset first.',
    });
    renderOver(fake, <MigrationScreen />);
    await waitFor(() => expect(screen.getByRole('button', { name: 'Import a folder…' })).toBeDefined());
  });
});
