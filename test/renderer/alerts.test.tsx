import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test } from 'vitest';
import { Alerts } from '../../renderer/screens/balances/alerts';
import { snoozeTimes } from '../../renderer/screens/balances/snooze-dialog';
import { documents } from '../../renderer/screens/guide/documents';
import { slug } from '../../renderer/screens/guide/slug';
import { useNavigation } from '../../renderer/state/navigation';
import { ALERT_KINDS } from '../../shared/domain/alert-kinds';
import { fakeCoffer, install } from './fake-coffer';
import { simulateWindow } from './rendering';

simulateWindow();

let coffer = fakeCoffer();
beforeEach(() => {
  coffer = fakeCoffer();
  install(coffer);
  useNavigation.setState({ place: { screen: 'balances', params: {} }, past: [], future: [] });
});

const called = (channel: string) => coffer.calls.filter((one) => one.channel === channel);

describe('the list of alerts', () => {
  test('shows the worst first, with what it means, what to do, and where the guide explains it', async () => {
    render(<Alerts />);
    const [first, second] = await screen.findAllByRole('listitem');
    expect(first?.textContent).toContain('Critical');
    expect(second?.textContent).toContain('Stripe may pay Payments out by itself');
    await userEvent.click(within(second as HTMLElement).getByRole('button', { name: 'What this means' }));
    expect(useNavigation.getState().place).toEqual({
      screen: 'guide',
      params: { doc: 'alerts', section: 'stripe-moves-money-by-itself' },
    });
  });

  test('snoozing sends a time within a week and says that a critical one still counts', async () => {
    render(<Alerts />);
    await userEvent.click((await screen.findAllByRole('button', { name: 'Snooze…' }))[0] as HTMLElement);
    const dialog = screen.getByRole('dialog', { name: 'Snooze an alert' });
    expect(dialog.textContent).toContain('it is critical');
    await userEvent.click(within(dialog).getByRole('radio', { name: /For a week/ }));
    const before = Date.now();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Snooze 1 alert' }));
    expect(called('alerts.snooze')).toHaveLength(1);
    const [{ id, until }] = called('alerts.snooze').map((one) => one.args) as [{ id: string; until: string }];
    expect(id).toBe('al_1');
    expect(Date.parse(until) - before).toBeLessThanOrEqual(7 * 86_400_000);
    expect(Date.parse(until)).toBeGreaterThan(before + 6 * 86_400_000);
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  test('the history says of each alert who did what', async () => {
    render(<Alerts />);
    await userEvent.click(await screen.findByRole('button', { name: 'History' }));
    const drawer = await screen.findByRole('dialog', { name: 'History of alerts' });
    await userEvent.click((await within(drawer).findAllByRole('button', { name: 'What happened' }))[0] as HTMLElement);
    const events = await within(drawer).findByRole('list', { name: /What happened to: Unexplained/ });
    expect(events.textContent).toContain('Raised: Unexplained difference of -120.00 EUR');
    expect(events.textContent).toContain('Shown on the desktop');
    expect(called('alerts.list').map((one) => one.args)).toContainEqual({ includeResolved: true });
  });
});

test('tomorrow is nine in the morning of the next day, and every time is within a week', () => {
  const now = new Date(2026, 9, 31, 23, 30);
  const { hour, tomorrow, week } = snoozeTimes(now);
  expect(hour.getTime() - now.getTime()).toBe(3_600_000);
  expect([tomorrow.getMonth(), tomorrow.getDate(), tomorrow.getHours()]).toEqual([10, 1, 9]);
  expect(week.getTime() - now.getTime()).toBeLessThan(7 * 86_400_000);
});

test('the guide of the app has a section for each kind of alert', () => {
  const guide = documents.find((one) => one.id === 'alerts');
  const sections = new Set(guide?.sections.map((section) => section.id));
  for (const [kind, title] of Object.entries(ALERT_KINDS)) expect(sections.has(slug(title)), kind).toBe(true);
});
