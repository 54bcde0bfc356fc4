/** Late news of closed months: posted to the open one, linked to where it came from, and closed figures stay as signed. */
import { describe, expect, test } from 'vitest';
import { keptInSuspense, owedToCreators } from '../../../electron/ledger/ledger';
import { BalanceMonitor } from '../../../electron/services/balance-monitoring';
import { conservation } from '../../../electron/services/conservation';
import { reopen } from '../../../electron/services/month-end/reopen';
import { listPayouts, payoutDetail } from '../../../electron/services/payout-list';
import { listLines } from '../../../electron/services/reconciliation';
import { revenueView } from '../../../electron/services/revenue';
import { setHold } from '../../../electron/services/stripe-transfer';
import { addMonths } from '../../../shared/period/period';
import { type Bench, bench, datasetLike, ledgerProblems } from './platform';

const PAYMENTS = 'payment_id,subscriber_id,period,currency,amount_minor,refunded_minor,status,paid_at\n';
const ALLOCATIONS = 'allocation_id,subscriber_id,creator_id,period,currency,amount_minor,status,updated_at\n';
const SIGNED = ['earnings.csv', 'unallocated.csv', 'payouts.csv', 'operations.csv', 'summary.json'];

describe.each(['financial-account', 'earmark'])('On %s', (rail) => {
  const policy = { 'policy.json': { rail } };
  const worked = async (): Promise<Bench> => bench(await datasetLike('worked', policy), { playGuided: true });
  const rows = (payments: readonly string[], allocations: readonly string[] = []): Promise<string> =>
    datasetLike('worked', {
      ...policy,
      'payments.csv': PAYMENTS + payments.map((row) => `${row}\n`).join(''),
      'allocations.csv': ALLOCATIONS + allocations.map((row) => `${row}\n`).join(''),
    });
  const late = (amount: number) =>
    rows(
      [`ch_late,s001,2026-10,usd,${amount},0,succeeded,2026-10-30T10:00:00Z`],
      [`a_late,s001,c1,2026-10,usd,${amount},active,2026-10-30T12:00:00Z`],
    );
  const changed = (refunded: number, status = 'succeeded') =>
    rows([`ch_0001,s001,2026-10,usd,1000,${refunded},${status},2026-10-03T10:00:00Z`]);

  async function owed(one: Bench): Promise<Record<string, bigint>> {
    return Object.fromEntries((await owedToCreators(one.platform.store.db)).map((row) => [row.id, row.owed]));
  }
  const signed = (one: Bench) => Promise.all(SIGNED.map((name) => one.export(name)));
  async function balanceOf(one: Bench, account: string): Promise<bigint> {
    const row = await one.platform.store.db
      .selectFrom('ledger_balance')
      .select('balance')
      .where('account', '=', account)
      .executeTakeFirst();
    return row?.balance ?? 0n;
  }
  async function sound(one: Bench): Promise<void> {
    expect(await ledgerProblems(one)).toEqual([]);
    expect(await one.coverage()).toMatchObject({ difference: '0', unexplained: '0' });
    for (const drift of await conservation(one.context)) expect(drift.unexplained).toBe(0n);
  }
  async function exceptions(one: Bench, period: string) {
    const { rows: found } = await listLines(one.platform.store, {
      period,
      offset: 0,
      limit: 50,
      outcome: 'exception',
    });
    return found;
  }

  test('a late payment with its allocation is owed in the open month, by the fee rule of its own, and paid with it', async () => {
    const one = await worked();
    await one.through('close');
    const before = await signed(one);
    const result = await one.import(await late(5_000));
    expect(result.lateRows).toBe(2);
    expect(result.notes.join()).toContain('posted to 2026-11');
    // Gross 105.00 + 50.00: fee 10.85, of which 7.35 was taken.
    expect(await owed(one)).toEqual({ c1: 4_650n });
    expect(await signed(one)).toEqual(before);

    // The month end funds it: nothing is mixed that a migration would have to separate.
    const { nextAction } = await new BalanceMonitor(one.context).poll();
    expect(nextAction.screen).toBe('month-end');

    const next = addMonths(one.period, 1);
    await one.through('earnings', next);
    const [row] = await one.rows('earnings.csv', next);
    expect(row).toMatchObject({ creator_id: 'c1', opening_minor: '4650', net_minor: '0', payable_minor: '4650' });
    expect(row?.reason).toBe('46.50 USD late from 2026-10');
    await one.through('close', next);
    expect((await one.rows('earnings.csv', next))[0]).toMatchObject({
      paid_minor: '4650',
      reason: '46.50 USD late from 2026-10',
    });
    expect((await one.stripe.received()).acct_c1).toBe(9_765n + 4_650n);
    expect(await signed(one)).toEqual(before);
    const rowsOfFile = await one.rows('late_rows.csv', next);
    expect(rowsOfFile.map((line) => [line.origin_period, line.kind, line.row_id, line.change_minor])).toEqual([
      ['2026-10', 'allocation', 'a_late', '5000'],
      ['2026-10', 'payment', 'ch_late', '5000'],
    ]);
    const entries = (await one.rows('journal_entries.csv', next)).filter(
      (line) => line.reference === rowsOfFile[0]?.reference,
    );
    expect(entries.map((line) => [line.account, line.debit_minor, line.credit_minor])).toEqual([
      ['owed:c1', '0', '4650'],
      ['revenue:fee', '0', '350'],
      ['undistributed', '5000', '0'],
    ]);
    expect(entries[0]?.description).toContain('Late news of 2026-10, posted to 2026-11');
    expect((await one.summary(next)).usd).toMatchObject({ platform_revenue: '350', revenue_adjustments: '350' });
    await sound(one);
  });

  test('the same rows twice post nothing more; a changed one posts the difference; one that is taken back takes nothing from a creator', async () => {
    const one = await worked();
    await one.through('close');
    await one.import(await late(5_000));
    const entries = () => one.platform.store.db.selectFrom('ledger_entry').selectAll().orderBy('entry_id').execute();
    const once = await entries();
    expect(await one.import(await late(5_000))).toMatchObject({ lateRows: 0 });
    expect(await entries()).toEqual(once);

    await one.import(await late(6_000));
    // Gross 165.00: fee 11.55; 9.30 more.
    expect(await owed(one)).toEqual({ c1: 5_580n });
    const more = await entries();
    await one.import(await late(6_000));
    expect(await entries()).toEqual(more);

    await one.import(await late(5_000));
    expect(await owed(one)).toEqual({ c1: 5_580n });
    await one.import(await late(6_000));
    expect(await owed(one)).toEqual({ c1: 5_580n });
    await one.through('close', addMonths(one.period, 1));
    await sound(one);
  });

  test('a late allocation is funded from what had lapsed; a late payment without one lapses', async () => {
    const one = await worked();
    await one.through('close');
    const lapsed = await balanceOf(one, 'revenue:lapsed');
    await one.import(await rows([], ['a_late,s001,c2,2026-10,usd,500,active,2026-10-30T12:00:00Z']));
    // 3.00 had lapsed of s001: 12.00 wanted of 10.00, of which c2 gets 500/1200, 4.17; c1 keeps its 7.00.
    expect(await owed(one)).toEqual({ c2: 388n });
    expect((await balanceOf(one, 'revenue:lapsed')) - lapsed).toBe(417n);
    await one.import(await rows(['ch_late,s002,2026-10,usd,250,0,succeeded,2026-10-30T10:00:00Z']));
    expect((await balanceOf(one, 'revenue:lapsed')) - lapsed).toBe(167n);
    await one.through('close', addMonths(one.period, 1));
    expect((await one.rows('earnings.csv', addMonths(one.period, 1)))[0]).toMatchObject({ disposition: 'carried' });
    await sound(one);
  });

  test('late for a creator on hold: owed, funded, and kept in Storage until the hold is lifted', async () => {
    const one = await worked();
    await one.through('close');
    await setHold(one.context, 'c1', 'in court', 'a letter');
    await one.import(await late(5_000));
    const next = addMonths(one.period, 1);
    await one.through('close', next);
    const [row] = await one.rows('earnings.csv', next);
    expect(row).toMatchObject({ disposition: 'held', paid_minor: '0', owed_after_minor: '4650' });
    expect(row?.reason).toContain('in court');
    expect(row?.reason).toContain('46.50 USD late from 2026-10');
    expect((await one.summary(next)).usd).toMatchObject({ held: '4650', storage_after: '4650' });
    await sound(one);
    await setHold(one.context, 'c1', null, 'settled');
    await one.through('close', addMonths(next, 1));
    expect((await one.stripe.received()).acct_c1).toBe(9_765n + 4_650n);
    await sound(one);
  });

  test('late for a creator nobody knows is kept in suspense', async () => {
    const one = await worked();
    await one.through('close');
    await one.import(
      await rows(
        ['ch_late,s001,2026-10,usd,5000,0,succeeded,2026-10-30T10:00:00Z'],
        ['a_late,s001,stranger,2026-10,usd,5000,active,2026-10-30T12:00:00Z'],
      ),
    );
    expect(await owed(one)).toEqual({});
    expect(await keptInSuspense(one.platform.store.db)).toEqual([{ id: 'stranger', currency: 'usd', owed: 5_000n }]);
    const next = addMonths(one.period, 1);
    await one.through('close', next);
    await sound(one);
  });

  test('rows that come while a month is being closed wait, and are posted when the next one opens', async () => {
    const one = await worked();
    await one.through('lock');
    const result = await one.import(await late(5_000));
    expect(result.notes.join()).toContain('posted when the next month opens');
    expect(await owed(one)).toEqual({});
    await one.through('close');
    expect((await one.summary()).usd).toMatchObject({ collected: '100000', paid: '65100', storage_after: '0' });
    expect(await owed(one)).toEqual({ c1: 4_650n });

    const next = addMonths(one.period, 1);
    await one.through('lapse', next);
    await one.import(await late(6_000));
    expect(await owed(one)).toEqual({ c1: 4_650n });
    await one.through('close', next);
    expect((await one.summary(next)).usd).toMatchObject({ paid: '4650' });
    expect(await owed(one)).toEqual({ c1: 930n });
    expect((await one.rows('late_rows.csv', addMonths(next, 1))).map((row) => row.origin_period)).toEqual([
      '2026-10',
      '2026-10',
    ]);
    await one.through('close', addMonths(next, 1));
    await sound(one);
  });

  test('a refund after the close, larger than the revenue of the month: borne by the platform, an exception with its cause; creators keep what they have', async () => {
    const one = await worked();
    await one.through('close');
    const before = await signed(one);
    const charge = (await one.stripe.control('POST', 'charges', { amount: 1_000, currency: 'usd' })) as { id: string };
    await one.stripe.control('POST', 'refunds', { charge: charge.id, amount: 400 });
    await one.import(await changed(400));
    expect(await balanceOf(one, 'revenue:borne')).toBe(400n);
    expect(await owed(one)).toEqual({});

    const next = addMonths(one.period, 1);
    await one.through('pay', next);
    const { blockers, warnings } = await one.step('reconcile', next);
    expect(blockers).toEqual([]);
    expect(warnings.map((warning) => warning.code)).toEqual(['borne-usd']);
    expect(warnings[0]?.message).toContain('bears 4.00 USD');
    expect(warnings[0]?.message).toContain('more than its revenue of 2026-11, 0.00 USD');
    await one.acknowledgeAll(next);
    const [found] = await exceptions(one, next);
    expect(found).toMatchObject({
      stripeId: 'ch_0001',
      type: 'late refund',
      amount: '-400',
      resolvedBy: 'Coffer, by rule',
    });
    expect(found?.explanation).toContain('Refund of a payment of 2026-10, after its close.');
    expect(found?.explanation).toContain('To do:');
    await one.through('close', next);
    expect(await one.rows('reconciliation.csv', next)).toContainEqual(
      expect.objectContaining({ stripe_id: 'ch_0001', outcome: 'exception', amount_minor: '-400' }),
    );
    expect(await exceptions(one, one.period)).toEqual([]);
    expect(await signed(one)).toEqual(before);
    // What the platform bears is in the revenue of the month that it is posted to, which may be less than zero.
    expect((await one.summary(next)).usd).toMatchObject({
      fee: '0',
      platform_revenue: '-400',
      revenue_adjustments: '-400',
    });
    expect((await one.summary()).usd).not.toHaveProperty('revenue_adjustments');
    const { months } = await revenueView(one.context, null, 'usd');
    expect(months.map((month) => [month.period, month.adjustments, month.revenue])).toEqual([
      ['2026-10', '0', '34900'],
      ['2026-11', '-400', '-400'],
    ]);
    await sound(one);
  });

  test('a dispute after the close is borne; won later it is taken back, each in the month it came in', async () => {
    const one = await worked();
    await one.through('close');
    const next = addMonths(one.period, 1);
    await one.import(await changed(0, 'disputed'));
    expect(await balanceOf(one, 'revenue:borne')).toBe(1_000n);
    await one.through('close', next);
    await one.import(await changed(0));
    expect(await balanceOf(one, 'revenue:borne')).toBe(0n);
    expect(await owed(one)).toEqual({});
    expect((await exceptions(one, next)).map((row) => [row.type, row.amount])).toEqual([['late dispute', '-1000']]);
    const later = addMonths(next, 1);
    expect((await exceptions(one, later)).map((row) => [row.type, row.amount])).toEqual([['dispute won', '1000']]);
    await one.through('close', later);
    await sound(one);
  });

  test('a month that is reopened after late news of it was posted closes again with the same figures', async () => {
    const one = await worked();
    await one.through('close');
    const before = await one.export('earnings.csv');
    await one.import(await late(5_000));
    await reopen(one.context, one.period, 'The bank asked again');
    await one.through('close');
    expect(await one.export('earnings.csv')).toBe(before);
    expect(await owed(one)).toEqual({ c1: 4_650n });
    await one.through('close', addMonths(one.period, 1));
    await sound(one);
  });
});

test('a payout that comes back after the close: entries, what is owed, Payouts, exports of the open month; the closed ones stay', async () => {
  const one = await bench('worked');
  await one.through('close');
  const before = await Promise.all(SIGNED.map((name) => one.export(name)));
  const payment = (await one.stripe.outboundPayments()).find((row) => row.recipient === 'acct_c4');
  await one.stripe.control('POST', `outbound_payments/${payment?.id}/return`, {});
  const next = addMonths(one.period, 1);
  await one.step('preflight', next);
  await one.acknowledgeAll(next);
  const { db } = one.platform.store;
  expect((await owedToCreators(db)).map((row) => [row.id, row.owed])).toEqual([['c4', 9_114n]]);

  const { page } = await listPayouts(one.platform.store, { period: next, offset: 0, limit: 50 });
  expect(page.rows.map((row) => [row.creatorId, row.status, row.period])).toEqual([['c4', 'returned', '2026-10']]);
  const detail = await payoutDetail(db, page.rows[0]?.intentId ?? '');
  expect(detail.ledgerLines.slice(-2).map((line) => [line.account, line.debit, line.credit])).toEqual([
    ['storage', '9114', '0'],
    ['owed:c4', '0', '9114'],
  ]);
  await one.through('close', next);
  const payouts = await one.rows('payouts.csv', next);
  expect(payouts.map((row) => [row.period, row.creator_id, row.status])).toEqual([
    ['2026-10', 'c4', 'returned'],
    ['2026-11', 'c4', 'posted'],
  ]);
  const { totals } = await listPayouts(one.platform.store, { period: next, offset: 0, limit: 50 });
  expect(totals).toEqual([{ currency: 'usd', count: 1, amount: '9114' }]);
  const operations = await one.rows('operations.csv', next);
  expect(operations.map((row) => row.status)).toEqual(['returned', 'posted']);
  const entries = (await one.rows('journal_entries.csv', next)).filter(
    (row) => row.reference === payouts[0]?.intent_id,
  );
  expect(entries.map((row) => row.account)).toEqual(['storage', 'owed:c4']);
  expect(await Promise.all(SIGNED.map((name) => one.export(name)))).toEqual(before);
  expect(await one.coverage()).toMatchObject({ difference: '0', unexplained: '0' });
});
