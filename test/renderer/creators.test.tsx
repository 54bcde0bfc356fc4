import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import CreatorsScreen from '../../renderer/screens/creators';
import { navigateTo, useNavigation } from '../../renderer/state/navigation';
import { creator, type FakeAnswers, fakeCoffer } from './fake-coffer';
import { lists } from './fake-lists';
import { renderOver, simulateWindow } from './rendering';

simulateWindow();
// Two cores shared by many: a page of rows takes longer than the library's one second.
vi.setConfig({ testTimeout: 60_000 });
beforeEach(() => useNavigation.setState({ place: { screen: 'balances', params: {} }, past: [], future: [] }));

function open(place: string, answers: FakeAnswers = {}) {
  navigateTo(place);
  const rendered = renderOver(fakeCoffer({ ...lists, ...answers }), <CreatorsScreen />);
  const asked = (channel: string) =>
    rendered.fake.calls.filter((one) => one.channel === channel).map((one) => one.args);
  return { ...rendered, asked, user: userEvent.setup() };
}

test('the list asks for names in order; only held is a filter that can be linked to', async () => {
  const { asked, user } = open('creators');
  await screen.findByText('100,000 rows');
  expect(asked('creators.list')[0]).toEqual({ offset: 0, limit: 100, sort: 'displayName', descending: false });
  await user.click(screen.getByRole('checkbox', { name: 'Only creators on hold' }));
  await waitFor(() => expect(asked('creators.list').at(-1)).toMatchObject({ onlyHeld: true }));
  expect(useNavigation.getState().place.params).toEqual({ held: 'yes' });
});

test('Enter on a row opens the statement, and Back finds the search as it was', async () => {
  const { user } = open('creators');
  await screen.findByText('100,000 rows');
  await user.click(screen.getByRole('searchbox', { name: 'Search Creators' }));
  await user.paste('cr_000004');
  await screen.findByText('1 found');
  screen.getByRole('grid').focus();
  await user.keyboard('{Enter}');
  const heading = await screen.findByRole('heading', { level: 1, name: 'Dorota Okafor' });
  await waitFor(() => expect(document.activeElement).toBe(heading));
  expect(screen.queryByRole('grid')).toBeNull();
  act(() => useNavigation.getState().back());
  expect(await screen.findByRole('searchbox', { name: 'Search Creators' })).toHaveProperty('value', 'cr_000004');
  expect(document.activeElement?.textContent).toBe('Creators');
});

test('the statement shows totals, months with opening and owed after, and marks the open month as provisional', async () => {
  open('creators?creatorId=cr_000001');
  const table = within(await screen.findByRole('table', { name: 'Earnings per month in USD' }));
  const [, october, , , july] = table.getAllByRole('row');
  expect(october?.textContent).toContain('Provisional');
  expect(july?.textContent).toContain('18.20');
  // The totals are a question of their own, which may be answered later than the statement.
  expect((await screen.findByText('Available')).parentElement?.textContent).toContain('0.00');
  // What was paid, and nothing owed from closed months: all that was earned.
  expect(screen.getByText('Paid through Coffer', { selector: 'dt' }).parentElement?.textContent).toContain('3,427.58');
  expect(screen.getByText('Net earned', { selector: 'dt' }).parentElement?.textContent).toContain('3,427.58');
  expect(screen.getByText('Unfunded', { selector: 'dt' }).parentElement?.textContent).toContain('10.50');
});

test('an allocation leads to its subscriber and a payout to the payout', async () => {
  const { user } = open('creators?creatorId=cr_000001');
  await user.click(await screen.findByText('obp_test_61Qh0000000'));
  expect(useNavigation.getState().place).toEqual({
    screen: 'payouts',
    params: { period: '2026-09', intentId: 'in_0001' },
  });
  act(() => useNavigation.getState().back());
  await user.click(await screen.findByText('Subscriber 3'));
  expect(useNavigation.getState().place).toEqual({
    screen: 'subscribers',
    params: { subscriberId: 'su_00003', month: '2026-10' },
  });
});

test('a hold is released with a reason, and the statement is read again', async () => {
  const { asked, user } = open('creators?creatorId=cr_000004');
  await user.click(await screen.findByText('Release hold…'));
  await user.type(await screen.findByRole('textbox', { name: 'Reason for the release' }), 'Identity confirmed');
  await user.click(screen.getByRole('button', { name: 'Release 1 hold' }));
  await waitFor(() =>
    expect(asked('payouts.releaseHold')).toEqual([{ creatorId: 'cr_000004', reason: 'Identity confirmed' }]),
  );
  await waitFor(() => expect(asked('creators.statement').length).toBeGreaterThan(1));
});

test('the statement is saved as CSV and as PDF, and printed', async () => {
  const print = vi.spyOn(window, 'print').mockImplementation(() => undefined);
  const { asked, user } = open('creators?creatorId=cr_000001');
  await user.click(await screen.findByText('Save CSV…'));
  expect(asked('creators.saveStatement')).toEqual([{ creatorId: 'cr_000001', format: 'csv' }]);
  await user.click(await screen.findByText('Save PDF…'));
  expect(asked('creators.saveStatement').at(-1)).toEqual({ creatorId: 'cr_000001', format: 'pdf' });
  await user.click(screen.getByText('Print…'));
  expect(print).toHaveBeenCalledOnce();
});

test('suspense is shown only when somebody allocated to a creator nobody knows', async () => {
  const { unmount } = open('creators');
  expect(await screen.findByText('Suspense: 126.75 USD allocated to 2 creators nobody knows')).toBeDefined();
  unmount();
  open('creators', { 'creators.suspense': async () => [] });
  await screen.findByText(creator(4).displayName);
  expect(screen.queryByText(/Suspense/)).toBeNull();
});
