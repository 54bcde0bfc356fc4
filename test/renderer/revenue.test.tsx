import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, test } from 'vitest';
import RevenueScreen from '../../renderer/screens/revenue';
import { drawnMonths, lastTwelve, revenueSentence, revenueTotals } from '../../renderer/screens/revenue/months';
import { useBalances } from '../../renderer/state/balances';
import { consoleAnswers, revenueMonths } from './console-answers';
import { type FakeAnswers, fakeCoffer } from './fake-coffer';
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
    expect(rows).toHaveLength(5);
    expect(rows[1]?.textContent).toContain('minus 1,685.40');
    expect(rows.at(-1)?.textContent).toContain('8,421.50');
    expect(within(sum).queryByText('Sum')).toBeNull();
  });

  test('when more may have to leave than is there, the sum is shown and nothing is safe', async () => {
    open({
      'revenue.overview': async () => ({
        currency: 'usd',
        currencies: ['usd'],
        months: [],
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

  test('another currency is asked for and kept for the other screens', async () => {
    const fake = open();
    await userEvent.click(await screen.findByRole('radio', { name: 'EUR' }));
    expect(fake.calls.at(-1)).toEqual({ channel: 'revenue.overview', args: { currency: 'eur' } });
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
