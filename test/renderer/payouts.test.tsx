import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { sumsByCurrency } from '../../renderer/format/sums';
import PayoutsScreen from '../../renderer/screens/payouts';
import { byCause } from '../../renderer/screens/payouts/not-paid';
import { navigateTo, useNavigation } from '../../renderer/state/navigation';
import type { PayoutRow } from '../../shared/contract';
import { Failed, type FakeAnswers, fakeCoffer } from './fake-coffer';
import { countsOf, lists, octoberPayouts, payoutDetailOf } from './fake-lists';
import { renderOver, simulateWindow } from './rendering';

simulateWindow();
// Two cores shared by many: a page of rows takes longer than the library's one second.
vi.setConfig({ testTimeout: 60_000 });
beforeEach(() => useNavigation.setState({ place: { screen: 'balances', params: {} }, past: [], future: [] }));

function open(place: string, answers: FakeAnswers = {}) {
  navigateTo(place);
  const rendered = renderOver(fakeCoffer({ ...lists, ...answers }), <PayoutsScreen />);
  const asked = (channel: string) =>
    rendered.fake.calls.filter((one) => one.channel === channel).map((one) => one.args);
  return { ...rendered, asked, user: userEvent.setup() };
}

test('starts with the newest period that has payouts, with count and sum per status', async () => {
  const { asked } = open('payouts');
  await screen.findByText('43 payouts, 38 posted: 5,660.11 USD');
  expect(screen.getByRole('radio', { name: 'Failed: 2, 187.60 USD' })).toBeDefined();
  expect(screen.getByRole('radio', { name: 'All: 43, 6,317.31 USD' })).toBeDefined();
  expect(asked('payouts.list')).toContainEqual({
    offset: 0,
    limit: 100,
    sort: 'createdAt',
    descending: true,
    period: '2026-10',
  });
});

test('another screen links to a period and a status; choosing another status asks for it and stays linkable', async () => {
  const { asked, user } = open('payouts?period=2026-10&status=failed');
  await screen.findByText('2 rows');
  await user.click(screen.getByRole('radio', { name: /^Returned/ }));
  await waitFor(() =>
    expect(asked('payouts.list').at(-1)).toMatchObject({ period: '2026-10', status: 'returned', offset: 0 }),
  );
  expect(useNavigation.getState().place.params).toEqual({ period: '2026-10', status: 'returned' });
});

test('a retry restates count and amounts, lets a payout be left out, and sends period and ids', async () => {
  const { asked, user } = open('payouts');
  await user.click(await screen.findByRole('button', { name: 'Retry 3 payouts…' }));
  const dialog = within(await screen.findByRole('alertdialog'));
  expect(document.activeElement).toBe(dialog.getByRole('button', { name: 'Cancel' }));
  expect(dialog.getByText('335.00')).toBeDefined();
  await user.click(dialog.getByRole('checkbox', { name: 'Ada Moreau, returned' }));
  expect(dialog.getByText('187.60')).toBeDefined();
  const before = asked('payouts.list').length;
  await user.type(dialog.getByRole('textbox'), '187.60 2026-10');
  await user.click(dialog.getByRole('button', { name: 'Retry 2 payouts' }));
  await waitFor(() =>
    expect(asked('payouts.retry')).toEqual([
      { period: '2026-10', intentIds: ['in_0004', 'in_0018'], typed: '187.60 2026-10' },
    ]),
  );
  await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
  const again = asked('payouts.list').slice(before);
  expect(again).toContainEqual({ offset: 0, limit: 1, period: '2026-10' });
  expect(again).toContainEqual(expect.objectContaining({ limit: 100, sort: 'createdAt', period: '2026-10' }));
});

test('a retry that is refused stays open with the reason', async () => {
  const { user } = open('payouts?status=failed', {
    'payouts.retry': async () => {
      throw new Failed('cr_000004 cannot be paid now: on hold.', 'Clear the reason first, then retry.');
    },
  });
  await user.click(await screen.findByRole('button', { name: 'Retry 2 payouts…' }));
  const dialog = within(await screen.findByRole('alertdialog'));
  await user.type(dialog.getByRole('textbox'), '187.60 2026-10');
  await user.click(dialog.getByRole('button', { name: 'Retry 2 payouts' }));
  expect((await dialog.findByRole('alert')).textContent).toContain('Clear the reason first');
});

test('an unknown outcome is looked up and never retried, whatever the main process allows', async () => {
  const { asked, user } = open('payouts?intentId=in_0030', {
    'payouts.get': async () => ({
      ...payoutDetailOf(octoberPayouts[29] ?? failMissing()),
      canRetry: true,
      canCancel: true,
    }),
  });
  const drawer = within(await screen.findByRole('dialog'));
  await user.click(await drawer.findByRole('button', { name: 'Look up at Stripe' }));
  expect(asked('payouts.resolve')).toEqual([{ intentId: 'in_0030' }]);
  expect(drawer.queryByRole('button', { name: /Retry/ })).toBeNull();
  expect(drawer.queryByRole('button', { name: /Cancel/ })).toBeNull();
});

test('the detail shows key, request ids and a ledger that balances; Escape closes it', async () => {
  const { user } = open('payouts?intentId=in_0004');
  const drawer = within(await screen.findByRole('dialog'));
  await drawer.findByText('coffer-in_0004-5b0c1f6e');
  expect(drawer.getByText('req_8hJk2LmN4pQr')).toBeDefined();
  expect(drawer.getByText('Storage, a financial account at Stripe')).toBeDefined();
  const totals = within(drawer.getByRole('table', { name: 'Ledger lines of the payout' }))
    .getAllByRole('row')
    .at(-1);
  expect(totals?.textContent).toContain('Total');
  expect(totals?.textContent?.match(/187\.60/g)).toHaveLength(2);
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(useNavigation.getState().place.params).toEqual({});
});

test('only a payout that is planned or processing can be canceled, and the amount is restated', async () => {
  const { asked, user } = open('payouts?intentId=in_0032');
  await user.click(await screen.findByRole('button', { name: 'Cancel this payout…' }));
  const dialog = within(await screen.findByRole('alertdialog'));
  expect(dialog.getByText('162.47')).toBeDefined();
  await user.click(dialog.getByRole('button', { name: 'Cancel 1 payout' }));
  await waitFor(() => expect(asked('payouts.cancel')).toEqual([{ intentId: 'in_0032' }]));
});

test('a creator is held with a reason of three letters or more', async () => {
  const { asked, user } = open('payouts?intentId=in_0004');
  await user.click(await screen.findByRole('button', { name: 'Hold creator…' }));
  await user.click(await screen.findByRole('button', { name: 'Hold 1 creator' }));
  expect(screen.getByText(/three letters or more/)).toBeDefined();
  expect(asked('payouts.hold')).toEqual([]);
  await user.type(screen.getByRole('textbox', { name: 'Reason for the hold' }), ' Identity check ');
  await user.click(screen.getByRole('button', { name: 'Hold 1 creator' }));
  await waitFor(() => expect(asked('payouts.hold')).toEqual([{ creatorId: 'cr_000004', reason: 'Identity check' }]));
});

test('a failure that was tried again counts once: the newest payout of a creator', async () => {
  const first = octoberPayouts[3] ?? failMissing();
  const second = { ...first, intentId: 'in_9001', createdAt: '2026-11-04T09:00:00.000Z', batch: '2026-10-2' };
  open('payouts', {
    'payouts.list': async ({ status }) => ({
      counts: [{ status: 'failed', currency: 'usd', count: 2, amount: '18760' }],
      totals: [{ currency: 'usd', count: 1, amount: '9380' }],
      page: { total: status === 'failed' ? 2 : 0, rows: status === 'failed' ? [first, second] : [] },
    }),
    'payouts.get': async ({ intentId }) => payoutDetailOf(intentId === 'in_9001' ? second : first),
  });
  await screen.findByText('1 payout not paid: 93.80 USD');
  expect(screen.getByRole('button', { name: 'Retry 1 payout…' })).toBeDefined();
  expect(screen.getByText('1 payout, none posted')).toBeDefined();
  expect(screen.getByRole('radio', { name: 'All: 1, 93.80 USD. 1 earlier attempt left out' })).toBeDefined();
});

test('a failure whose retry was posted is not counted as unpaid', async () => {
  const first = octoberPayouts[3] ?? failMissing();
  const second: PayoutRow = { ...first, intentId: 'in_9001', createdAt: '2026-11-04T09:00:00.000Z', status: 'posted' };
  const { asked } = open('payouts', {
    'payouts.list': async ({ status }) => {
      const rows = [first, second].filter((row) => status === undefined || row.status === status);
      return {
        counts: countsOf([first, second]),
        totals: [...sumsByCurrency([second])],
        page: { total: rows.length, rows },
      };
    },
    'payouts.get': async () => ({ ...payoutDetailOf(first), canRetry: false, nextAction: 'The amount stays owed.' }),
  });
  await waitFor(() =>
    expect(asked('payouts.list')).toContainEqual(expect.objectContaining({ creatorId: 'cr_000004' })),
  );
  await waitFor(() => expect(screen.queryByText('Loading what was not paid')).toBeNull());
  expect(screen.queryByText(/not paid/)).toBeNull();
});

test('causes stay apart by period and status, the largest first', () => {
  const details = octoberPayouts.map(payoutDetailOf);
  const [a, b, c] = [details[3], details[17], details[20]].map((one) => one ?? failMissing());
  if (a === undefined || b === undefined || c === undefined) return failMissing();
  const causes = byCause([c, a, b, { ...a, period: '2026-09' }]);
  expect(causes.map((cause) => [cause.period, cause.status, cause.payouts.length])).toEqual([
    ['2026-10', 'failed', 2],
    ['2026-09', 'failed', 1],
    ['2026-10', 'returned', 1],
  ]);
});

test('without any period it says what to do', async () => {
  open('subscribers', {
    'monthEnd.periods': async () => [],
    'payouts.list': async () => ({ counts: [], totals: [], page: { total: 0, rows: [] } }),
  });
  expect(await screen.findByText('No payouts yet')).toBeDefined();
});

function failMissing(): never {
  throw new Error('The fake has fewer payouts than the test needs');
}

test('what was not paid has a screen of its own: where the money is, causes, next actions, every payout', async () => {
  const { user } = open('payouts?period=2026-10&view=not-paid');
  expect(await screen.findByRole('heading', { name: 'Not paid in 2026-10' })).toBeDefined();
  expect(await screen.findByText(/^3 payouts did not arrive: 335\.00 USD, still in Storage\./)).toBeDefined();
  // The outcomes add up to what was planned.
  const total = screen.getByText('Total', { selector: 'dt' }).parentElement;
  expect(total?.textContent).toContain('6,317.31');
  expect(total?.textContent).toContain('43 payouts');
  const causes = within(screen.getByRole('table', { name: 'Payouts that were not paid, by cause' }));
  expect(causes.getAllByRole('row').length).toBeGreaterThan(1);
  expect(screen.getByRole('button', { name: 'Retry 3 payouts…' })).toBeDefined();
  await user.click(screen.getByRole('button', { name: 'Open the payout to Ada Moreau' }));
  expect(await screen.findByRole('dialog', { name: 'Payout' })).toBeDefined();
  await user.keyboard('{Escape}');
  await user.click(screen.getByRole('button', { name: 'All payouts of 2026-10' }));
  expect(useNavigation.getState().place).toEqual({ screen: 'payouts', params: { period: '2026-10' } });
});
