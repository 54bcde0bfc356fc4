import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test } from 'vitest';
import MonthEndScreen from '../../renderer/screens/month-end';
import { useNavigation } from '../../renderer/state/navigation';
import { useSession } from '../../renderer/state/session';
import { believable } from './fake-coffer';
import { refusing } from './migration-fake';
import {
  closedMonth,
  guidedLapse,
  monthEndAt,
  monthEndCoffer,
  paidInPart,
  paidInPartUnread,
  payoutPlan,
  payUnknown,
  period,
  planHash,
  secondHash,
} from './month-end-fake';
import { renderOver, simulateWindow } from './rendering';

simulateWindow();

const press = async (name: RegExp | string) => userEvent.click(await screen.findByRole('button', { name }));
const shownStep = () =>
  screen.getByRole('navigation', { name: /^Steps of/ }).querySelector('[aria-current]')?.textContent;

beforeEach(async () => {
  useNavigation.setState({ place: { screen: 'month-end', params: {} }, past: [], future: [] });
  const info = await believable['app.info']?.(undefined);
  useSession.setState({ info });
});

describe('the month end', () => {
  test('opens the earliest month that is not closed, on the step where the work stands', async () => {
    renderOver(monthEndCoffer(monthEndAt('lapse')), <MonthEndScreen />);
    expect(await screen.findByRole('button', { name: 'Lapse unallocated funds' })).toBeDefined();
    expect(shownStep()).toContain('4. Use it or lose it');
    expect(screen.getByRole('button', { name: /^2026-10/ })).toBeDefined();
  });

  test('runs a step, shows its figures and goes on from there', async () => {
    const fake = monthEndCoffer(monthEndAt('earnings'), { 'monthEnd.run': async () => monthEndAt('lapse') });
    renderOver(fake, <MonthEndScreen />);
    await press('Calculate earnings');
    expect(fake.calls).toContainEqual({ channel: 'monthEnd.run', args: { period, step: 'earnings' } });
    const figures = await screen.findByRole('table', { name: 'Figures' });
    expect(within(figures).getByText('8,126.50')).toBeDefined();
    expect(within(figures).getByText('98,000')).toBeDefined();
    await press('Go on to Use it or lose it');
    expect(shownStep()).toContain('4. Use it or lose it');
    expect(document.activeElement?.getAttribute('aria-label')).toBe('Step Use it or lose it');
  });

  test('an approval is confirmed with its amounts and bound to the hash that was shown', async () => {
    const fake = monthEndCoffer(monthEndAt('approve'), { 'monthEnd.approve': async () => monthEndAt('pay') });
    renderOver(fake, <MonthEndScreen />);
    expect(await screen.findByText('43 payouts, 7,000.00 USD · plan')).toBeDefined();
    await press('Approve this plan');
    const dialog = await screen.findByRole('alertdialog', { name: 'Approve this plan' });
    expect(document.activeElement?.textContent).toBe('Cancel');
    expect(within(dialog).getByText('7,000.00')).toBeDefined();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Approve 43 payouts' }));
    expect(fake.calls).toContainEqual({ channel: 'monthEnd.approve', args: { period, planHash } });
    expect(await screen.findByRole('button', { name: 'Pay 43 payouts…' })).toBeDefined();
  });

  test('a plan that changed is shown anew before it can be approved', async () => {
    let plans = 0;
    const fake = monthEndCoffer(monthEndAt('approve'), {
      'monthEnd.plan': async () => {
        plans += 1;
        return plans === 1 ? payoutPlan : { ...payoutPlan, planHash: secondHash };
      },
      'monthEnd.approve': async () => monthEndAt('pay'),
    });
    renderOver(
      refusing(fake, 'monthEnd.approve', {
        code: 'plan-changed',
        message: 'The plan changed since it was shown.',
        hint: 'Look at the new plan; nothing was approved.',
      }),
      <MonthEndScreen />,
    );
    await press('Approve this plan');
    await press('Approve 43 payouts');
    expect(await screen.findByText('The plan changed since it was shown.')).toBeDefined();
    await waitFor(() => expect(screen.getByText(secondHash.slice(0, 16))).toBeDefined());
    await press('Approve this plan');
    await press('Approve 43 payouts');
    expect(fake.calls.filter(({ channel }) => channel === 'monthEnd.approve').at(-1)?.args).toEqual({
      period,
      planHash: secondHash,
    });
  });

  test('paying asks to type the amount and the period, once', async () => {
    const fake = monthEndCoffer(monthEndAt('pay'), { 'monthEnd.run': async () => paidInPartUnread });
    renderOver(fake, <MonthEndScreen />);
    await press('Pay 43 payouts…');
    const dialog = await screen.findByRole('alertdialog', { name: 'Pay the creators of 2026-10' });
    const pay = within(dialog).getByRole('button', { name: 'Pay 43 payouts' });
    await userEvent.type(within(dialog).getByRole('textbox'), '7000.00 2026-1');
    expect(pay.hasAttribute('disabled')).toBe(true);
    await userEvent.type(within(dialog).getByRole('textbox'), '0');
    await userEvent.dblClick(pay);
    expect(fake.calls.filter(({ channel }) => channel === 'monthEnd.run')).toEqual([
      { channel: 'monthEnd.run', args: { period, step: 'pay', typed: '7000.00 2026-10' } },
    ]);
  });

  test('paying in part says how much is still in Storage, by cause, and waits for the warning to be read', async () => {
    const fake = monthEndCoffer(paidInPartUnread, { 'monthEnd.acknowledge': async () => paidInPart });
    renderOver(fake, <MonthEndScreen />);
    expect(
      await screen.findByText('41 of 43 posted, 6,812.40 of 7,000.00 USD; 2 failed, 187.60 still in Storage'),
    ).toBeDefined();
    expect(screen.getByText('The bank account of the creator was closed.')).toBeDefined();
    expect(screen.getByRole('button', { name: 'Go on to Reconcile' }).hasAttribute('disabled')).toBe(true);
    await press(/^Acknowledge/);
    expect(fake.calls).toContainEqual({
      channel: 'monthEnd.acknowledge',
      args: { period, step: 'pay', code: 'failed-payouts-usd' },
    });
    expect(await screen.findByRole('button', { name: 'Reconcile' })).toBeDefined();
    await userEvent.click(screen.getByRole('button', { name: /7\. Pay/ }));
    await userEvent.click(screen.getAllByRole('button', { name: 'Causes and next actions' })[0] as HTMLElement);
    expect(useNavigation.getState().place).toEqual({ screen: 'payouts', params: { period, view: 'not-paid' } });
  });

  test('an unknown outcome is looked up at Stripe and never retried', async () => {
    const fake = monthEndCoffer(payUnknown, { 'monthEnd.run': async () => paidInPart });
    renderOver(fake, <MonthEndScreen />);
    expect(await screen.findByText(/1 payout may or may not have reached Stripe/)).toBeDefined();
    expect(screen.queryByRole('button', { name: /retry|try again/i })).toBeNull();
    await press('Look it up at Stripe');
    expect(fake.calls).toContainEqual({ channel: 'monthEnd.run', args: { period, step: 'pay' } });
  });

  test('a guided transfer shows its clicks; looking for it runs the step again', async () => {
    const fake = monthEndCoffer(guidedLapse, {
      'monthEnd.checkGuided': async () => ({ ...guidedLapse, guided: [] }),
      'monthEnd.run': async () => monthEndAt('fund'),
    });
    renderOver(fake, <MonthEndScreen />);
    const task = await screen.findByRole('region', { name: 'Move 120.00 USD from Storage to Payments' });
    expect(
      within(task)
        .getAllByRole('listitem')
        .map((item) => item.textContent)[0],
    ).toBe('Open the Stripe dashboard and go to Balances.');
    await press('Play the dashboard (sandbox)');
    await waitFor(() =>
      expect(
        fake.calls.map(({ channel }) => channel).filter((name) => /performGuided|checkGuided|run$/.test(name)),
      ).toEqual(['sandbox.performGuided', 'monthEnd.checkGuided', 'monthEnd.run']),
    );
    expect(await screen.findByRole('button', { name: 'Go on to Fund' })).toBeDefined();
  });

  test('work that another part of Coffer does is followed, for this month only', async () => {
    const fake = monthEndCoffer(monthEndAt('lock'));
    renderOver(fake, <MonthEndScreen />);
    await screen.findByRole('button', { name: 'Lock 2026-10' });
    act(() => fake.emit('monthEnd.changed', { ...monthEndAt('fund'), period: '2026-11' }));
    expect(shownStep()).toContain('2. Lock');
    act(() => fake.emit('monthEnd.changed', monthEndAt('fund', { state: 'running' }, { running: true })));
    expect(shownStep()).toContain('5. Fund');
    act(() => fake.emit('run.progress', { run: 'month-end', label: 'Waiting for Storage', done: 2, total: 3 }));
    expect(screen.getByRole('progressbar', { name: 'Waiting for Storage' }).getAttribute('aria-valuetext')).toBe(
      '2 of 3',
    );
    await press('Stop before the next movement');
    expect(fake.calls).toContainEqual({ channel: 'monthEnd.stop', args: { period } });
  });

  test('a closed month is read, with its figures and the way to its exports', async () => {
    useNavigation.setState({ place: { screen: 'month-end', params: { period: '2026-09' } } });
    renderOver(monthEndCoffer(closedMonth), <MonthEndScreen />);
    expect(await screen.findByText('2026-09 is closed.')).toBeDefined();
    // What is signed shows how it adds up: 123.40 + 7,160.00 − 6,812.40 = 471.00.
    const figures = screen.getByRole('table', { name: 'Figures of 2026-09' });
    expect(within(figures).getByText('+ Net to creators')).toBeDefined();
    expect(within(figures).getByText('− Paid to creators')).toBeDefined();
    expect(within(figures).getByText('= Still owed to creators')).toBeDefined();
    expect(within(figures).getByText('Platform revenue')).toBeDefined();
    expect(screen.queryByRole('button', { name: /^(Run|Lock 2|Pay 4|Close 2)/ })).toBeNull();
    await press('Save the exports and the binder');
    expect(useNavigation.getState().place).toEqual({ screen: 'audit', params: { period: '2026-09' } });
  });

  test('a closed month leads on to the next', async () => {
    useNavigation.setState({ place: { screen: 'month-end', params: { period: '2026-09' } } });
    renderOver(monthEndCoffer(monthEndAt('lock')), <MonthEndScreen />);
    await press(`Go on to ${period}`);
    expect(await screen.findByRole('button', { name: new RegExp(`^${period}.*Period$`) })).toBeDefined();
  });

  test('without data it says to import', async () => {
    renderOver(monthEndCoffer(monthEndAt('lock'), { 'monthEnd.periods': async () => [] }), <MonthEndScreen />);
    expect(await screen.findByRole('button', { name: 'Import a folder…' })).toBeDefined();
  });
});
