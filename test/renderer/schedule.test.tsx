import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, test } from 'vitest';
import { Schedule } from '../../renderer/screens/settings/schedule';
import { consoleAnswers, schedule } from './console-answers';
import { Failed, type FakeAnswers, fakeCoffer, install } from './fake-coffer';
import { simulateWindow } from './rendering';

simulateWindow();

function open(answers: FakeAnswers = {}) {
  const fake = fakeCoffer({ ...consoleAnswers, ...answers });
  install(fake);
  render(<Schedule />);
  return fake;
}

const sent = (fake: ReturnType<typeof open>) =>
  fake.calls.filter((one) => one.channel === 'schedule.update').map((one) => one.args);

describe('the schedule', () => {
  test('says what comes next, and of each preparation what came of it and what has to be funded', async () => {
    open();
    expect((await screen.findByText('Preparation of 2026-10')).nextSibling?.textContent).toContain('2026-11-02');
    const rows = within(screen.getByRole('table', { name: /What the schedule did/ })).getAllByRole('row');
    expect(rows[2]?.textContent).toContain('Waits for you');
    expect(rows[2]?.textContent).toContain('To move to Storage: 9,610.00 EUR');
    expect(rows[3]?.textContent).toContain('Preflight has 1 warning that nobody acknowledged.');
  });

  test('is saved as a whole; what is off cannot be set', async () => {
    const fake = open();
    const save = await screen.findByRole('button', { name: 'Save the schedule' });
    expect(save).toHaveProperty('disabled', true);
    await userEvent.click(screen.getByRole('checkbox', { name: /Keep Coffer in the tray/ }));
    await userEvent.click(screen.getByRole('checkbox', { name: /Prepare the month end/ }));
    expect(screen.getByRole('button', { name: /Prepare on/ })).toHaveProperty('disabled', true);
    await userEvent.click(save);
    expect(sent(fake)).toEqual([{ ...schedule.settings, prepare: false, keepInTray: true }]);
  });

  test('nothing that could run: the tray is not offered', async () => {
    open({
      'schedule.get': async () => ({ ...schedule, settings: { ...schedule.settings, remind: false, prepare: false } }),
    });
    expect(await screen.findByRole('checkbox', { name: /Keep Coffer in the tray/ })).toHaveProperty('disabled', true);
  });

  test('a refusal stays in place with what was chosen', async () => {
    open({
      'schedule.update': async () => {
        throw new Failed('This needs the role approver.', 'Ask a colleague.');
      },
    });
    await userEvent.click(await screen.findByRole('checkbox', { name: /Remind me/ }));
    await userEvent.click(screen.getByRole('button', { name: 'Save the schedule' }));
    expect((await screen.findByRole('alert')).textContent).toContain('This needs the role approver.');
    expect(screen.getByRole('checkbox', { name: /Remind me/ })).toHaveProperty('checked', false);
  });
});
