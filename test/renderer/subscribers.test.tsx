import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import SubscribersScreen from '../../renderer/screens/subscribers';
import { byMonth, countedFunds } from '../../renderer/screens/subscribers/months';
import { navigateTo, useNavigation } from '../../renderer/state/navigation';
import { type FakeAnswers, fakeCoffer } from './fake-coffer';
import { lists } from './fake-lists';
import { renderOver, simulateWindow } from './rendering';

simulateWindow();
// Two cores shared by many: a page of rows takes longer than the library's one second.
beforeEach(() => useNavigation.setState({ place: { screen: 'balances', params: {} }, past: [], future: [] }));

function open(place: string, answers: FakeAnswers = {}) {
  navigateTo(place);
  const rendered = renderOver(fakeCoffer({ ...lists, ...answers }), <SubscribersScreen />);
  const asked = (channel: string) =>
    rendered.fake.calls.filter((one) => one.channel === channel).map((one) => one.args);
  return { ...rendered, asked, user: userEvent.setup() };
}

test('starts with the newest period that has data, the most unused first', async () => {
  const { asked } = open('subscribers');
  await screen.findByText('140 rows');
  expect(asked('subscribers.list')).toEqual([
    { offset: 0, limit: 100, sort: 'unallocated', descending: true, period: '2026-10' },
  ]);
});

test('half or more unused is asked of the main process and can be linked to', async () => {
  const { asked, user } = open('subscribers?period=2026-10');
  await screen.findByText('140 rows');
  await user.click(screen.getByRole('checkbox', { name: 'Half or more unused' }));
  await screen.findByText('70 rows');
  expect(asked('subscribers.list').at(-1)).toMatchObject({ onlyHalfUnused: true });
  expect(useNavigation.getState().place.params).toEqual({ period: '2026-10', unused: 'half' });
});

test('a row says in words what was used and whether the rest lapsed', async () => {
  open('subscribers');
  await screen.findByText('140 rows');
  const row = (id: string) => screen.getByText(id).closest('tr')?.textContent;
  expect(row('su_00001')).toMatch(/8\.00.*80\.0 %.*Low.*Lapsed/);
  expect(row('su_00002')).toMatch(/3\.00.*30\.0 %.*Medium.*Until lock/);
  expect(row('su_00003')).toMatch(/0\.0 %.*High.*—/);
});

test('the months of a statement have their sum', async () => {
  open('subscribers?subscriberId=su_00001');
  const table = await screen.findByRole('table', { name: 'Funds and allocations by month in USD' });
  const total = within(table).getAllByRole('row').at(-1);
  expect(total?.textContent).toMatch(/^Total18\.00.*15\.00.*3\.00.*1\.00/);
});

test('the statement leads from a payment to its funds and on to the creators', async () => {
  const { user } = open('subscribers?subscriberId=su_00001');
  const payments = within(await screen.findByRole('table', { name: 'Payments in USD' }));
  const [, refunded, disputed] = payments.getAllByRole('row');
  expect(refunded?.textContent).toMatch(/Succeeded.*10\.00.*2\.00.*8\.00/);
  expect(disputed?.textContent).toMatch(/Disputed.*10\.00.*0\.00.*0\.00/);
  expect(screen.getByText('cr_ghost, not known')).toBeDefined();
  await user.click(screen.getByRole('button', { name: 'Bruno Okafor' }));
  expect(useNavigation.getState().place).toEqual({
    screen: 'creators',
    params: { creatorId: 'cr_000002', period: expect.stringMatching(/^2026-/) },
  });
});

test('a month adds up: unallocated is funds less what was funded, currencies apart', () => {
  const payment = {
    paymentId: 'p',
    period: '2026-10',
    amount: '1000',
    refunded: '200',
    paidAt: '2026-10-01T00:00:00.000Z',
  };
  const funded = { allocationId: 'a', period: '2026-10', subscriberId: 's', subscriberName: '', creatorId: 'c' };
  const rest = { creatorName: '', status: 'active', updatedAt: '2026-10-01T00:00:00.000Z' };
  const statement = {
    subscriberId: 's',
    displayName: '',
    payments: [
      { ...payment, currency: 'usd', status: 'succeeded' },
      { ...payment, currency: 'usd', status: 'failed' },
      { ...payment, currency: 'eur', status: 'succeeded' },
    ],
    allocations: [{ ...funded, ...rest, currency: 'usd', wanted: '600', funded: '500', unfunded: '100' }],
  };
  expect(byMonth(statement, 'usd')).toEqual([
    { period: '2026-10', funds: '800', allocated: '500', unfunded: '100', unallocated: '300' },
  ]);
  expect(countedFunds({ ...payment, currency: 'usd', status: 'something new' })).toBe('0');
});

test('without any period it says what to import', async () => {
  open('subscribers', { 'monthEnd.periods': async () => [] });
  expect(await screen.findByText('No period yet')).toBeDefined();
  await waitFor(() => expect(screen.getByRole('button', { name: 'Balances' })).toBeDefined());
});
