/** The financial view: what is safe is never overstated, the forecast says what it assumes, the months are exact. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { owedTo, UNDISTRIBUTED } from '../../../electron/ledger/accounts';
import { post } from '../../../electron/ledger/ledger';
import { atPace } from '../../../electron/services/payout-forecast';
import { monthsCsv, revenueView } from '../../../electron/services/revenue';
import { readBalances } from '../../../electron/services/stripe-storage-balance';
import { currency as toCurrency } from '../../../shared/money/money';
import { later } from './later';
import { type Bench, bench, csvRows, datasetLike, FIXTURES } from './platform';

const view = async (one: Bench) =>
  revenueView(one.context, { at: one.clock.now(), balances: await readBalances(one.context) }, 'usd');
const term = async (one: Bench, name: string) =>
  (await view(one)).safeToWithdraw.terms.find((each) => each.name === name)?.amount;
const setClock = (one: Bench, to: string): void => one.clock.advance(Date.parse(to) - one.clock.now().getTime());

/** The worked month with a refund of 2.50 in its first payment. */
async function refunded(): Promise<Bench> {
  const payments = await readFile(join(FIXTURES, 'worked', 'payments.csv'), 'utf8');
  const [header = '', first = '', ...rest] = payments.trimEnd().split(/\r?\n/);
  const columns = header.split(',');
  const cells = first.split(',');
  cells[columns.indexOf('refunded_minor')] = '250';
  return bench(await datasetLike('worked', { 'payments.csv': [header, cells.join(','), ...rest, ''].join('\n') }));
}

describe('Safe to withdraw', () => {
  test('a refund of the data is subtracted until Stripe has taken it', async () => {
    const one = await refunded();
    await one.through('preflight');
    expect(await term(one, 'Refunds under way')).toBe('-250');
    const charge = (await one.stripe.control('POST', 'charges', { amount: 250, currency: 'usd' })) as { id: string };
    await one.stripe.control('POST', 'refunds', { charge: charge.id, amount: 250 });
    one.clock.advance(60_000);
    await one.step('preflight');
    await one.coverage();
    expect(await term(one, 'Refunds under way')).toBe('0');
  });

  test('a refund of a closed month is subtracted too, and does not stand for one of the open month', async () => {
    const one = await bench('worked');
    await one.through('close');
    const corrected = (rows: string): string =>
      rows.replace('ch_0001,s001,2026-10,usd,1000,0,', 'ch_0001,s001,2026-10,usd,1000,250,');
    const payments = 'p90,s001,2026-11,usd,1000,300,succeeded,2026-11-01T10:00:00Z\n';
    await one.import(await later('worked', { payments, corrected }));
    expect(await term(one, 'Refunds under way')).toBe('-550');
    const charge = (await one.stripe.control('POST', 'charges', { amount: 250, currency: 'usd' })) as { id: string };
    await one.stripe.control('POST', 'refunds', { charge: charge.id, amount: 250 });
    one.clock.advance(60_000);
    await one.coverage();
    expect(await term(one, 'Refunds under way')).toBe('-300');
  });

  test('a late payment is subtracted as long as it waits for an open month', async () => {
    const one = await bench('worked');
    await one.through('lock');
    const payments = 'p91,s001,2026-10,usd,700,0,succeeded,2026-10-31T22:00:00Z\n';
    expect(await term(one, 'Late payments')).toBe('0');
    await one.import(await later('worked', { payments }));
    expect(await term(one, 'Late payments')).toBe('-700');
    await one.through('close');
    expect(await term(one, 'Late payments')).toBe('0');
  });

  test('who was paid too much does not lessen what is owed to the others', async () => {
    const one = await bench('worked');
    const before = await term(one, 'Owed and not in Storage');
    expect(before).not.toBe('0');
    await one.platform.store.transaction((tx) =>
      post(tx, {
        ...{ txId: 'overpaid', at: one.clock.now(), kind: 'corrected', period: null, intentId: null },
        description: 'Paid too much',
        postings: [
          { account: owedTo('c99'), currency: toCurrency('usd'), amount: 500n },
          { account: UNDISTRIBUTED, currency: toCurrency('usd'), amount: -500n },
        ],
      }),
    );
    expect(await term(one, 'Owed and not in Storage')).toBe(before);
  });

  test('the amount is the sum of its terms, never below zero', async () => {
    const one = await bench('worked');
    const { safeToWithdraw } = await view(one);
    const sum = safeToWithdraw.terms.reduce((total, each) => total + BigInt(each.amount), 0n);
    expect(BigInt(safeToWithdraw.amount)).toBe(sum > 0n ? sum : 0n);
    expect(safeToWithdraw.terms.map((each) => each.name)).toContain('Pending below zero');
  });
});

describe('The forecast of the open month', () => {
  test('what is owed now, by what would become of it; at this pace, only within the month', async () => {
    const one = await bench('worked');
    setClock(one, '2026-10-11T06:00:00.000Z');
    expect((await view(one)).forecast).toEqual({
      period: '2026-10',
      days: 10,
      daysInMonth: 31,
      owed: '65100',
      pay: '65100',
      payCreators: 7,
      carried: '0',
      held: '0',
      suspense: '0',
      // 651.00 in 10 of 31 days.
      atThisPace: '201810',
    });
    setClock(one, '2026-11-02T09:00:00.000Z');
    expect((await view(one)).forecast).toMatchObject({ days: 31, owed: '65100', atThisPace: null });
    setClock(one, '2026-10-01T06:00:00.000Z');
    expect((await view(one)).forecast).toMatchObject({ days: 0, atThisPace: null });
  });

  test('once the month is calculated there is none: its plan says it', async () => {
    const one = await bench('worked');
    await one.through('earnings');
    expect((await view(one)).forecast).toBeNull();
  });

  test('a pace is rounded down', () => {
    expect(atPace(100n, 3, 31)).toBe(1033n);
    expect(atPace(0n, 3, 31)).toBe(0n);
  });
});

test('usage: the same subscribers before the calculation and after it, and every cent of what is unallocated', async () => {
  const one = await bench('worked');
  const before = (await view(one)).usage;
  expect(before?.bands.reduce((sum, band) => sum + BigInt(band.unallocated), 0n)).toBe(30_000n);
  const listed = await one.rows('unallocated.csv').catch(() => []);
  expect(listed).toEqual([]);
  await one.through('lapse');
  expect((await view(one)).usage).toEqual(before);
  const rows = await one.rows('unallocated.csv');
  for (const band of before?.bands ?? []) {
    const count = rows.filter((row) => row.usage_band === band.band && row.currency === 'usd').length;
    expect([band.band, band.subscribers]).toEqual([band.band, count]);
  }
});

test('the months as CSV', async () => {
  const one = await bench('worked');
  await one.through('close');
  expect(csvRows(await monthsCsv(one.context, 'usd'))[0]).toEqual({
    period: '2026-10',
    state: 'closed',
    currency: 'usd',
    collected_minor: '100000',
    allocated_minor: '70000',
    allocation_rate_bps: '7000',
    lapsed_minor: '30000',
    fee_minor: '4900',
    paid_minor: '65100',
    adjustments_minor: '0',
    revenue_minor: '34900',
  });
});
