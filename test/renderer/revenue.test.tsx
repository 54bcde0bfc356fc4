import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, test } from 'vitest';
import RevenueScreen from '../../renderer/screens/revenue';
import { drawnMonths, lastTwelve, revenueSentence, revenueTotals } from '../../renderer/screens/revenue/months';
import { useBalances } from '../../renderer/state/balances';
import { useNavigation } from '../../renderer/state/navigation';
import type { WithdrawalView } from '../../shared/contract';
import { consoleAnswers, revenueMonths } from './console-answers';
import { Failed, type FakeAnswers, fakeCoffer } from './fake-coffer';
import { renderOver, simulateWindow } from './rendering';

simulateWindow();

function open(answers: FakeAnswers = {}) {
  useBalances.setState({ currency: undefined });
  return renderOver(fakeCoffer({ ...consoleAnswers, ...answers }), <RevenueScreen />).fake;
}

describe('revenue', () => {
  test('safe to withdraw is the sum of its terms', async () => {
    open();
    const sum = await screen.findByRole('list', { name: 'How the amount is made up' });
    const rows = within(sum).getAllByRole('listitem');
    expect(rows).toHaveLength(10);
    expect(rows[3]?.textContent).toContain('minus 3,559.54');
    expect(rows.at(-1)?.textContent).toContain('8,421.50');
    expect(within(sum).queryByText('Sum')).toBeNull();
  });

  test('when more may have to leave than is there, the sum is shown and nothing is safe', async () => {
    open({
      'revenue.overview': async () => ({
        currency: 'usd',
        currencies: ['usd'],
        months: [],
        forecast: null,
        usage: null,
        safeToWithdraw: {
          amount: '0',
          terms: [
            { name: 'Payments available', detail: '', amount: '10000' },
            { name: 'Owed and not in Storage', detail: '', amount: '-65100' },
          ],
          note: 'Nothing can be withdrawn.',
        },
      }),
    });
    const sum = await screen.findByRole('list', { name: 'How the amount is made up' });
    expect(within(sum).getByText('Sum').closest('li')?.textContent).toContain('minus 551.00');
    expect(within(sum).getAllByRole('listitem').at(-1)?.textContent).toContain('0.00');
    expect(screen.getByText('No month yet')).toBeDefined();
  });

  test('the forecast says what it assumes, and the bands lead to the subscribers with half or more unused', async () => {
    open();
    const panel = (await screen.findByRole('heading', { name: 'If 2026-10 closed now' })).closest(
      'section',
    ) as HTMLElement;
    // The parts first, then their sum; the estimate is no part of it.
    const sum = within(panel).getByRole('list', { name: 'What would be owed for 2026-10' });
    expect(sum.lastElementChild?.textContent).toContain('Owed to creators48,881.05');
    expect(sum.textContent).not.toContain('53,611.63');
    expect(panel.textContent).toContain('53,611.63');
    expect(panel.textContent).toContain('if creators go on earning as in the first 28 of 31 days');
    await userEvent.click(screen.getByRole('button', { name: 'Show the 46 subscribers' }));
    expect(useNavigation.getState().place).toMatchObject({ screen: 'subscribers', params: { period: '2026-10' } });
  });

  test('the months are saved as CSV', async () => {
    const fake = open();
    await userEvent.click(await screen.findByRole('button', { name: 'Save as CSV…' }));
    expect(fake.calls).toContainEqual({ channel: 'revenue.saveMonths', args: { currency: 'usd' } });
  });

  test('another currency is asked for and kept for the other screens', async () => {
    const fake = open();
    await userEvent.click(await screen.findByRole('radio', { name: 'EUR' }));
    expect(fake.calls).toContainEqual({ channel: 'revenue.overview', args: { currency: 'eur' } });
    expect(useBalances.getState().currency).toBe('eur');
  });

  test('the months add up, and the sentence says so', async () => {
    const months = lastTwelve(revenueMonths);
    const totals = revenueTotals(months);
    expect(months).toHaveLength(12);
    expect(BigInt(totals.allocated) + BigInt(totals.lapsed)).toBe(BigInt(totals.collected));
    expect(BigInt(totals.fee) + BigInt(totals.lapsed)).toBe(BigInt(totals.revenue));
    open();
    expect((await screen.findAllByText(revenueSentence(months, 'usd'))).length).toBeGreaterThan(0);
  });

  test('the twelve newest months are shown, oldest first, however they come', () => {
    const months = lastTwelve([...revenueMonths].reverse());
    expect(months.map((month) => month.period)).toEqual(revenueMonths.slice(-12).map((month) => month.period));
  });

  test('a month that is not closed has no payouts drawn, and one without collections no rate', () => {
    const [last] = drawnMonths(lastTwelve(revenueMonths), 'usd').slice(-1);
    expect(last?.paid).toBeNull();
    const empty = { ...revenueMonths[0], collected: '0', allocated: '0', allocationRateBps: null };
    expect(
      revenueTotals([{ ...revenueMonths[0], ...empty } as (typeof revenueMonths)[number]]).allocationRateBps,
    ).toBeNull();
  });
});

describe('a withdrawal', () => {
  const planned: WithdrawalView = {
    id: 'w1',
    currency: 'usd',
    amount: '100000',
    period: '2026-11',
    terms: [{ name: 'Payments available', detail: '', amount: '842150' }],
    planHash: 'a'.repeat(64),
    plannedBy: 'Mara',
    plannedAt: '2026-11-25T10:00:00.000Z',
    approvedBy: null,
    approvedAt: null,
    confirmation: '1000.00 2026-11',
    state: 'planned',
    stripeObject: null,
    settledAt: null,
    reason: '',
  };
  const approved: WithdrawalView = { ...planned, state: 'approved', approvedBy: 'Ines', approvedAt: planned.plannedAt };
  const press = async (name: string) => userEvent.click(await screen.findByRole('button', { name }));

  test('is planned in minor units; more than is safe is refused with its arithmetic', async () => {
    const fake = open({
      'revenue.planWithdrawal': async () => {
        throw new Failed('9,000.00 USD is more than the 8,421.50 USD that is safe.', 'Withdraw at most 8,421.50 USD.');
      },
    });
    await press('Plan a withdrawal…');
    await press('Plan 1 withdrawal');
    expect(await screen.findByText('Write how much to withdraw.')).toBeDefined();
    await userEvent.type(screen.getByRole('textbox', { name: 'Amount to the bank account' }), '9,000.00');
    await press('Plan 1 withdrawal');
    expect((await screen.findByRole('alert')).textContent).toContain('Withdraw at most 8,421.50 USD.');
    expect(fake.calls.filter((one) => one.channel === 'revenue.planWithdrawal').at(-1)?.args).toEqual({
      currency: 'usd',
      amount: '900000',
    });
  });

  test('is approved by the hash that was shown', async () => {
    const fake = open({
      'revenue.withdrawals': async () => [planned],
      'revenue.approveWithdrawal': async () => approved,
    });
    await press('Approve…');
    await press('Approve 1 withdrawal');
    expect(fake.calls.find((one) => one.channel === 'revenue.approveWithdrawal')?.args).toEqual({
      id: 'w1',
      planHash: planned.planHash,
    });
  });

  test('leaves only once its amount was typed', async () => {
    const fake = open({
      'revenue.withdrawals': async () => [approved],
      'revenue.withdraw': async () => ({ ...approved, state: 'posted' }),
    });
    await press('Withdraw…');
    const dialog = within(await screen.findByRole('alertdialog'));
    expect(dialog.getByRole('button', { name: 'Withdraw' })).toHaveProperty('disabled', true);
    await userEvent.type(dialog.getByRole('textbox'), approved.confirmation);
    await userEvent.click(dialog.getByRole('button', { name: 'Withdraw' }));
    expect(fake.calls.find((one) => one.channel === 'revenue.withdraw')?.args).toEqual({
      id: 'w1',
      typed: '1000.00 2026-11',
    });
  });

  test('that came back says why and offers nothing more', async () => {
    open({
      'revenue.withdrawals': async () => [{ ...approved, state: 'returned', reason: 'The bank account was closed.' }],
    });
    expect(await screen.findByText('The bank account was closed.')).toBeDefined();
    expect(screen.queryByRole('button', { name: 'Withdraw…' })).toBeNull();
  });
});
