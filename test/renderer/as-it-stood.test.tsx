import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, test } from 'vitest';
import { HistoryFigure } from '../../renderer/screens/balances/history-figure';
import { useNavigation } from '../../renderer/state/navigation';
import { Failed, type FakeAnswers, fakeCoffer } from './fake-coffer';
import { renderOver, simulateWindow } from './rendering';

simulateWindow();

function open(currency: string, answers: FakeAnswers = {}) {
  const { fake } = renderOver(fakeCoffer(answers), <HistoryFigure currency={currency} />);
  const asked = () => fake.calls.filter(({ channel }) => channel === 'balances.at').map(({ args }) => args);
  return { asked, user: userEvent.setup() };
}

const rowsOf = (element: HTMLElement) => within(element).getAllByRole('row');

describe('the equation as it stood', () => {
  test('opens at the latest reading, names its time and reads as storage + inbound + outbound − owed = surplus', async () => {
    const { asked, user } = open('usd');
    await user.click(await screen.findByRole('button', { name: 'At a time…' }));
    const drawer = await screen.findByRole('dialog', { name: /^As it stood on 2026-10-29 08:30 UTC, USD$/ });
    expect(asked()).toEqual([{ currency: 'usd', at: '2026-10-29T08:30:00.000Z' }]);
    expect(await within(drawer).findByText('Storage is as read at 2026-10-29 08:28 UTC.')).toBeDefined();
    const equation = within(drawer).getByRole('heading', { name: 'The equation' }).parentElement;
    expect(equation?.textContent).toMatch(
      /Storage available29,364\.60.*Inbound pending620\.00.*Outbound pending1,185\.40.*Owed to creators and suspense31,050\.00.*= Surplus120\.00.*Coverage100\.38 %/,
    );
    expect(drawer.textContent).toContain('2026-10, not calculated yet');
    expect(drawer.textContent).toContain('What 2026-10 had earned by then is as that reading found it.');
  });

  test('another time is typed; a minute counts whole, and what is no time is said', async () => {
    const { asked, user } = open('usd');
    await user.click(await screen.findByRole('button', { name: 'At a time…' }));
    const field = async () => within(await screen.findByRole('dialog')).getByRole('textbox', { name: 'At' });
    for (const none of ['2026-10-14 noon', '2026-09-31 12:00', '2026-10-14 25:00']) {
      await user.clear(await field());
      await user.type(await field(), `${none}{Enter}`);
      expect(await screen.findByText('Write a date and a time, like 2026-10-14 12:00.')).toBeDefined();
      expect(asked()).toHaveLength(1);
    }
    await user.clear(await field());
    await user.type(await field(), '2026-10-14 12:00{Enter}');
    expect(await screen.findByRole('dialog', { name: 'As it stood on 2026-10-14 12:00 UTC, USD' })).toBeDefined();
    expect(asked().at(-1)).toEqual({ currency: 'usd', at: '2026-10-14T12:00:59.999Z' });
  });

  test('movements and lines behind a part lead to where they are shown', async () => {
    const { user } = open('eur');
    await user.click(await screen.findByRole('button', { name: 'At a time…' }));
    const drawer = await screen.findByRole('dialog');
    expect(await within(drawer).findByText(/Explained 2026-10-30 08:30 UTC by M\. Sole\./)).toBeDefined();
    await user.click(within(drawer).getByRole('button', { name: 'po_2207' }));
    expect(useNavigation.getState().place).toEqual({
      screen: 'payouts',
      params: { period: '2026-10', intentId: 'in_0004' },
    });
    await user.click(within(drawer).getByRole('button', { name: 'trxn_0412' }));
    expect(useNavigation.getState().place).toEqual({
      screen: 'reconciliation',
      params: { period: '2026-10', line: 'trxn_0412' },
    });
  });

  test('without a reading no figure stands for Storage', async () => {
    const { user } = open('jpy');
    await user.click(await screen.findByRole('button', { name: 'At a time…' }));
    const drawer = await screen.findByRole('dialog');
    expect(await within(drawer).findByText('What Storage held is not known.')).toBeDefined();
    expect(drawer.textContent).toMatch(/Storage availableNot known.*= DifferenceNot known/);
  });

  test('a time that is refused says why', async () => {
    const { user } = open('usd', {
      'balances.at': async () => {
        throw new Failed('That time has not come yet.', 'Choose a time up to now.');
      },
    });
    await user.click(await screen.findByRole('button', { name: 'At a time…' }));
    expect(await screen.findByText('That time has not come yet.')).toBeDefined();
  });
});

test('the table has what was unexplained at each reading, and a reading of it opens by keyboard', async () => {
  const { asked, user } = open('eur');
  await user.click(await screen.findByRole('radio', { name: 'Table' }));
  const table = await screen.findByRole('table', { name: /^Readings of Payments and Storage in EUR/ });
  expect(within(table).getByRole('columnheader', { name: 'Unexplained EUR' })).toBeDefined();
  expect(rowsOf(table)[1]?.textContent).toContain('minus 120.00');
  expect(rowsOf(table)[3]?.textContent).not.toContain('minus 120.00');
  within(table)
    .getByRole('button', { name: /^2026-10-28 08:30 UTC/ })
    .focus();
  await user.keyboard('{Enter}');
  expect(await screen.findByRole('dialog', { name: 'As it stood on 2026-10-28 08:30 UTC, EUR' })).toBeDefined();
  await waitFor(() => expect(asked()).toEqual([{ currency: 'eur', at: '2026-10-28T08:30:00.000Z' }]));
});

test('changes of what is unexplained are listed with what caused them; without any there is no list', async () => {
  open('eur');
  const table = await screen.findByRole('table', { name: /^Readings at which the unexplained part changed in EUR/ });
  expect(rowsOf(table)[1]?.textContent).toMatch(
    /2026-10-28 08:30 UTC.*0\.00.*minus 120\.00.*trxn_0412.*Not explained yet/,
  );
});

test('nothing unexplained, no list of changes', async () => {
  open('usd');
  await screen.findByRole('button', { name: 'At a time…' });
  expect(screen.queryByText('Changes of what is unexplained')).toBeNull();
});
