import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import ReconciliationScreen from '../../renderer/screens/reconciliation';
import { navigateTo, useNavigation } from '../../renderer/state/navigation';
import { Failed, type FakeAnswers, fakeCoffer } from './fake-coffer';
import { lines, lists, summary } from './fake-lists';
import { renderOver, simulateWindow } from './rendering';

simulateWindow();
// Two cores shared by many: a page of rows takes longer than the library's one second.
beforeEach(() => useNavigation.setState({ place: { screen: 'balances', params: {} }, past: [], future: [] }));

const EXPLANATION = 'What this line is, and why it is right';

const balanced = {
  ...summary,
  proof: summary.proof.map((row) => ({
    ...row,
    closing: String(BigInt(row.opening) + BigInt(row.lines)),
    difference: '0',
  })),
};

function open(place: string, answers: FakeAnswers = {}) {
  navigateTo(place);
  const rendered = renderOver(fakeCoffer({ ...lists, ...answers }), <ReconciliationScreen />);
  const asked = (channel: string) =>
    rendered.fake.calls.filter((one) => one.channel === channel).map((one) => one.args);
  return { ...rendered, asked, user: userEvent.setup() };
}

test('the proof says per balance and currency whether opening and lines come to the closing', async () => {
  open('reconciliation');
  const table = within(await screen.findByRole('table', { name: /Opening plus lines/ }));
  const rows = table.getAllByRole('row').map((row) => row.textContent);
  expect(rows[2]).toMatch(/Storage.*USD.*70,000\.00.*22,804\.35.*47,195\.65.*0\.00.*Adds up/);
  expect(rows[4]).toMatch(/Storage.*EUR.*minus 120\.00.*Does not add up/);
  expect(screen.getByText('1 balance does not add up.')).toBeDefined();
});

test('counts are filters of the lines, and a filter can be linked to', async () => {
  const { asked, user } = open('reconciliation?period=2026-10&outcome=exception');
  await screen.findByText('2 rows');
  expect(screen.getByText('1 explained')).toBeDefined();
  await user.click(screen.getByRole('radio', { name: 'Timing 4' }));
  await waitFor(() =>
    expect(asked('reconciliation.list').at(-1)).toMatchObject({ period: '2026-10', outcome: 'timing' }),
  );
  expect(useNavigation.getState().place.params).toEqual({ period: '2026-10', outcome: 'timing' });
});

test('a line that another screen leads to is open, and closed for good', async () => {
  const { asked, user } = open('reconciliation?period=2026-10&line=trx_outside_1');
  const drawer = await screen.findByRole('dialog');
  expect(asked('reconciliation.get')[0]).toEqual({ lineId: 'trx_outside_1' });
  await user.click(within(drawer).getByRole('button', { name: 'Close' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(useNavigation.getState().place.params).toEqual({ period: '2026-10' });
});

test('an exception is explained with the keyboard alone, and the state follows', async () => {
  const { asked, user } = open('reconciliation?outcome=exception', {
    'reconciliation.summary': async () => balanced,
    'reconciliation.resolve': async () => ({ ...balanced, counts: { ...balanced.counts, exception: 0, resolved: 2 } }),
  });
  await screen.findByText('1 exception to explain.');
  await screen.findByText('trx_outside_1');
  screen.getByRole('grid').focus();
  await user.keyboard('{Enter}');
  const box = await screen.findByRole('textbox', { name: EXPLANATION });
  await waitFor(() => expect(document.activeElement).toBe(box));
  await user.keyboard('Moved by treasury, advice 12{Tab}{Enter}');
  await waitFor(() =>
    expect(asked('reconciliation.resolve')).toEqual([
      { period: '2026-10', lineId: 'trx_outside_1', explanation: 'Moved by treasury, advice 12' },
    ]),
  );
  expect(await screen.findByText('Everything is matched or explained.')).toBeDefined();
  expect(screen.queryByRole('dialog')).toBeNull();
});

test('an explanation that is refused keeps what was typed', async () => {
  const { user } = open('reconciliation?outcome=exception', {
    'reconciliation.resolve': async () => {
      throw new Failed('trx_outside_1 is not an open exception.', 'Refresh the list.');
    },
  });
  await user.click(await screen.findByText('trx_outside_1'));
  await user.type(await screen.findByRole('textbox', { name: EXPLANATION }), 'Moved by treasury');
  await user.click(screen.getByRole('button', { name: 'Explain 1 exception' }));
  expect((await screen.findByText('Refresh the list.')).textContent).toBeDefined();
  expect(screen.getByRole('textbox', { name: EXPLANATION })).toHaveProperty('value', 'Moved by treasury');
});

test('a matched line leads to its payout; a line that is explained says by whom and has no form', async () => {
  const { user } = open('reconciliation');
  await user.click(await screen.findByText('trx_1Nv000000000'));
  await user.click(await screen.findByRole('button', { name: 'Open the payout' }));
  expect(useNavigation.getState().place).toEqual({
    screen: 'payouts',
    params: { period: '2026-10', intentId: 'in_0001' },
  });
  await user.keyboard('{Escape}');
  await user.click(await screen.findByText('Wire returned by the bank, advice 4711.'));
  const drawer = within(await screen.findByRole('dialog'));
  expect(drawer.getByText('Mara Lindqvist')).toBeDefined();
  expect(drawer.queryByRole('textbox')).toBeNull();
});

test('a period that was not reconciled says where to do it', async () => {
  open('reconciliation', { 'reconciliation.summary': async () => ({ ...summary, ranAt: null, proof: [] }) });
  expect(await screen.findByText('2026-10 is not reconciled yet.')).toBeDefined();
  expect(screen.getByText('The proof appears once the period is reconciled.')).toBeDefined();
});

test.each([
  ['pay', 'month-end', 'Open the payout', { screen: 'payouts', params: { period: '2026-10', intentId: 'in_7' } }],
  ['canary', 'migration', 'Open the migration', { screen: 'migration', params: { step: 'execute' } }],
  ['fund', 'month-end', 'Open the month end of 2026-10', { screen: 'month-end', params: { period: '2026-10' } }],
] as const)('a line of ours (%s of the %s) leads to where its movement is shown', async (kind, part, link, place) => {
  const [first] = lines;
  if (first === undefined) throw new Error('The fake has lines');
  const line = { ...first, intentId: 'in_7', movement: { kind, part, period: '2026-10' } };
  const { user } = open('reconciliation?period=2026-10', {
    'reconciliation.list': async () => ({ total: 1, rows: [line] }),
  });
  await user.click(await screen.findByText(line.explanation));
  await user.click(await screen.findByRole('button', { name: link }));
  expect(useNavigation.getState().place).toEqual(place);
});

test('exceptions are filtered by class and owner; a class says how many are open', async () => {
  const { asked, user } = open('reconciliation?period=2026-10&outcome=exception');
  await screen.findByText('2 rows');
  await user.click(screen.getByRole('button', { name: /Class of exception/ }));
  await user.click(await screen.findByRole('option', { name: 'Outside movement (1 open)' }));
  await waitFor(() => expect(asked('reconciliation.list').at(-1)).toMatchObject({ class: 'outside-movement' }));
  await user.click(screen.getByRole('button', { name: /Owner of exception/ }));
  await user.click(await screen.findByRole('option', { name: 'Taken by nobody' }));
  await waitFor(() =>
    expect(asked('reconciliation.list').at(-1)).toMatchObject({
      outcome: 'exception',
      class: 'outside-movement',
      owner: 'nobody',
    }),
  );
  expect(useNavigation.getState().place.params).toEqual({
    period: '2026-10',
    outcome: 'exception',
    class: 'outside-movement',
    owner: 'nobody',
  });
  // A matched line has neither class nor owner.
  await user.click(screen.getByRole('radio', { name: /^Matched/ }));
  await waitFor(() => expect(useNavigation.getState().place.params).toEqual({ period: '2026-10', outcome: 'matched' }));
});

test('an exception shows its cause, what to do and both sides; it is taken, noted, and resolved against the account that is chosen', async () => {
  const { asked, user } = open('reconciliation?outcome=exception');
  await user.click(await screen.findByText('trx_outside_1'));
  const drawer = within(await screen.findByRole('dialog'));
  expect(await drawer.findByText(/Somebody moved money of Storage/)).toBeDefined();
  expect(drawer.getByText(/Bring the money back, then explain both lines/)).toBeDefined();
  const stripe = within(drawer.getByRole('table', { name: /Lines at Stripe/ }));
  expect(stripe.getAllByRole('row')[1]?.textContent).toMatch(/Storage.*Outbound transfer.*USD.*120\.00/);
  expect(drawer.getByText('The ledger has no entry for it.')).toBeDefined();

  await user.click(drawer.getByRole('button', { name: 'Take it' }));
  expect(await drawer.findByText('Taken by Mara Lindqvist.')).toBeDefined();
  expect(within(drawer.getByRole('table', { name: 'What was done about it' })).getByText('Took it')).toBeDefined();
  await user.type(drawer.getByRole('textbox', { name: 'Note' }), 'Asked treasury');
  await user.click(drawer.getByRole('button', { name: 'Save the note' }));
  await waitFor(() =>
    expect(asked('reconciliation.note')).toEqual([{ lineId: 'trx_outside_1', note: 'Asked treasury' }]),
  );

  await user.click(drawer.getByRole('radio', { name: 'Stripe’s costs' }));
  await user.type(drawer.getByRole('textbox', { name: EXPLANATION }), 'A fee of the bank');
  await user.click(drawer.getByRole('button', { name: 'Explain 1 exception' }));
  await waitFor(() =>
    expect(asked('reconciliation.resolve')).toEqual([
      { period: '2026-10', lineId: 'trx_outside_1', explanation: 'A fee of the bank', account: 'stripe-costs' },
    ]),
  );
});

test('the proof of each day has its lines by what they are', async () => {
  const { asked, user } = open('reconciliation?period=2026-10');
  await user.click(await screen.findByRole('radio', { name: 'By day' }));
  const table = within(await screen.findByRole('table', { name: /for each day of 2026-10/ }));
  expect(asked('reconciliation.history')).toEqual([{ period: '2026-10' }]);
  const rows = table.getAllByRole('row').map((row) => row.textContent);
  expect(rows[1]).toMatch(/2026-10-03.*Payments USD.*30,000\.00.*60\.00.*minus 19\.00.*30,041\.00/);
});
