/** Rules: docs/rules.md, "Period calculation". One test for each, with the figures worked out by hand. Amounts are cents. */
import { describe, expect, test } from 'vitest';
import {
  type AllocationWish,
  calculateCurrency,
  fundingOf,
  isHalfUnused,
  type PaymentFunds,
  planDisposition,
  storageTarget,
  usageBand,
} from '../../../shared/period/calculation';
import { currencyRows } from '../../month-rows';

const paid = (subscriberId: string, amount: bigint, more: Partial<PaymentFunds> = {}): PaymentFunds => ({
  subscriberId,
  amount,
  refunded: 0n,
  status: 'succeeded',
  ...more,
});

const wish = (
  allocationId: string,
  subscriberId: string,
  creatorId: string,
  amount: bigint,
  more: Partial<AllocationWish> = {},
): AllocationWish => ({
  allocationId,
  subscriberId,
  creatorId,
  amount,
  status: 'active',
  ...more,
});

function month(
  payments: readonly PaymentFunds[],
  allocations: readonly AllocationWish[],
  more: { openings?: Record<string, bigint>; unknown?: string[]; feeBps?: number } = {},
) {
  const result = calculateCurrency({
    rows: currencyRows(payments, allocations),
    openings: new Map(Object.entries(more.openings ?? {})),
    isKnownCreator: (id) => !(more.unknown ?? []).includes(id),
    feeBps: more.feeBps ?? 700,
  });
  return {
    ...result,
    subscriber: (id: string) => result.subscribers.find((one) => one.subscriberId === id),
    creator: (id: string) => result.creators.find((one) => one.creatorId === id),
  };
}

describe('What subscribers paid and allocated', () => {
  test('an allocation within the funds is funded in full; the rest is unallocated', () => {
    const result = month([paid('s', 1_000n)], [wish('a', 's', 'c', 700n)]);
    expect(result.subscriber('s')).toEqual({
      subscriberId: 's',
      funds: 1_000n,
      allocated: 700n,
      unfunded: 0n,
      unallocated: 300n,
      usageBand: 'medium',
    });
    expect(result.creator('c')).toEqual({
      creatorId: 'c',
      gross: 700n,
      fee: 49n,
      net: 651n,
      opening: 0n,
      payable: 651n,
    });
    expect(result.totals.platformRevenue).toBe(349n);
  });

  test('exactly the funds: nothing unallocated, nothing unfunded', () => {
    expect(
      month([paid('s', 1_000n)], [wish('a', 's', 'c', 600n), wish('b', 's', 'd', 400n)]).subscriber('s'),
    ).toMatchObject({
      allocated: 1_000n,
      unfunded: 0n,
      unallocated: 0n,
    });
  });

  test('more than the funds: a largest-remainder share each, and the rest is unfunded, never negative', () => {
    const result = month(
      [paid('s', 100n)],
      [wish('a', 's', 'c', 100n), wish('b', 's', 'd', 100n), wish('e', 's', 'f', 100n)],
    );
    expect([result.creator('c')?.gross, result.creator('d')?.gross, result.creator('f')?.gross]).toEqual([
      34n,
      33n,
      33n,
    ]);
    expect(result.subscriber('s')).toMatchObject({ allocated: 100n, unfunded: 200n, unallocated: 0n });
  });

  test('a tie goes to the allocation whose id comes first by bytes, in whatever order the rows come', () => {
    const rows = [wish('a2', 's', 'second', 1n), wish('a10', 's', 'first', 1n)];
    for (const allocations of [rows, [...rows].reverse()]) {
      const result = month([paid('s', 1n)], allocations);
      expect([result.creator('first')?.gross, result.creator('second')]).toEqual([1n, undefined]);
    }
  });

  test('two payments of a month count together', () => {
    expect(month([paid('s', 1_000n), paid('s', 2_000n)], [wish('a', 's', 'c', 2_951n)]).subscriber('s')).toMatchObject({
      funds: 3_000n,
      allocated: 2_951n,
      unallocated: 49n,
    });
  });

  test('a refund is taken off the funds; what it no longer covers is unfunded', () => {
    expect(month([paid('s', 2_000n, { refunded: 500n })], [wish('a', 's', 'c', 2_000n)]).subscriber('s')).toMatchObject(
      {
        funds: 1_500n,
        allocated: 1_500n,
        unfunded: 500n,
      },
    );
    expect(month([paid('s', 2_000n, { refunded: 2_000n })], [wish('a', 's', 'c', 2_000n)]).totals).toMatchObject({
      collected: 0n,
      gross: 0n,
    });
  });

  test.each(['disputed', 'failed'] as const)('a %s payment is worth nothing, whatever was refunded of it', (status) => {
    const result = month([paid('s', 2_000n, { status, refunded: 100n })], [wish('a', 's', 'c', 1_500n)]);
    expect(result.subscriber('s')).toMatchObject({ funds: 0n, allocated: 0n, unfunded: 1_500n, unallocated: 0n });
    expect(result.creators).toEqual([]);
  });

  test('an allocation without any payment is unfunded', () => {
    expect(month([], [wish('a', 's', 'c', 1_000n)]).subscriber('s')).toMatchObject({
      funds: 0n,
      unfunded: 1_000n,
      unallocated: 0n,
    });
  });

  test('a cancelled allocation asks for nothing', () => {
    const result = month(
      [paid('s', 2_000n)],
      [wish('a', 's', 'c', 2_000n, { status: 'cancelled' }), wish('b', 's', 'd', 500n)],
    );
    expect(result.creators.map((one) => one.creatorId)).toEqual(['d']);
    expect(result.subscriber('s')).toMatchObject({ allocated: 500n, unfunded: 0n, unallocated: 1_500n });
  });

  test('what one subscriber has over does not fund what another asks for', () => {
    const result = month([paid('rich', 1_000n)], [wish('a', 'poor', 'c', 500n)]);
    expect(result.totals).toMatchObject({ funded: 0n, unfunded: 500n, unallocated: 1_000n });
  });
});

describe('What creators earn', () => {
  test('the fee is taken of the sum of a creator, not of each allocation', () => {
    const allocations = Array.from({ length: 7 }, (_, index) => wish(`a${index}`, 's', 'c', 7n));
    // 7 % of 0.07 is nothing, seven times; of 0.49 it is three cents.
    expect(month([paid('s', 100n)], allocations).creator('c')).toMatchObject({ gross: 49n, fee: 3n, net: 46n });
  });

  test('what is owed from before is paid on top, without a fee', () => {
    expect(month([paid('s', 3_000n)], [wish('a', 's', 'c', 3_000n)], { openings: { c: 2_499n } }).creator('c')).toEqual(
      {
        creatorId: 'c',
        gross: 3_000n,
        fee: 210n,
        net: 2_790n,
        opening: 2_499n,
        payable: 5_289n,
      },
    );
  });

  test('a creator with nothing but an opening is listed, one with an opening of zero is not', () => {
    const result = month([], [], { openings: { old: 120_000n, settled: 0n } });
    expect(result.creators).toEqual([
      { creatorId: 'old', gross: 0n, fee: 0n, net: 0n, opening: 120_000n, payable: 120_000n },
    ]);
  });

  test('a creator nobody knows: gross and without a fee, in suspense, not lapsed and not revenue', () => {
    const result = month([paid('s', 3_000n)], [wish('a', 's', 'ghost', 1_234n), wish('b', 's', 'c', 50n)], {
      unknown: ['ghost'],
    });
    expect([...result.suspense]).toEqual([['ghost', 1_234n]]);
    expect(result.creators.map((one) => one.creatorId)).toEqual(['c']);
    expect(result.totals).toMatchObject({
      suspense: 1_234n,
      fee: 4n,
      net: 46n,
      unallocated: 1_716n,
      platformRevenue: 1_720n,
      funded: 1_284n,
    });
  });

  test('one cent: no fee, paid on in full', () => {
    expect(month([paid('s', 1n)], [wish('a', 's', 'c', 1n)]).totals).toMatchObject({
      collected: 1n,
      fee: 0n,
      net: 1n,
      platformRevenue: 0n,
    });
  });

  test('nothing at all: zeros, and no division by zero', () => {
    const { totals, subscribers, creators } = month([], []);
    expect([...new Set(Object.values(totals))]).toEqual([0n]);
    expect([subscribers, creators]).toEqual([[], []]);
  });

  test('collected = net + fee + suspense + unallocated', () => {
    const { totals } = month(
      [paid('s', 12_345n), paid('t', 777n)],
      [wish('a', 's', 'c', 9_999n), wish('b', 't', 'ghost', 1_000n)],
      { unknown: ['ghost'] },
    );
    expect(totals.collected).toBe(totals.net + totals.fee + totals.suspense + totals.unallocated);
  });
});

describe('Usage bands of a subscriber', () => {
  test.each([
    [100n, 51n, 'low', true],
    [100n, 50n, 'medium', true],
    [100n, 49n, 'medium', false],
    [100n, 26n, 'medium', false],
    [100n, 25n, 'high', false],
    [100n, 0n, 'high', false],
    [100n, 100n, 'low', true],
    [1n, 1n, 'low', true],
    [0n, 0n, 'high', false],
  ] as const)('of %s paid, %s unallocated: %s; to be looked at: %s', (funds, unallocated, band, listed) => {
    expect(usageBand(funds, unallocated)).toBe(band);
    expect(isHalfUnused(funds, unallocated)).toBe(listed);
  });
});

describe('What becomes of a payable amount', () => {
  const fine = { holdReason: '', stripeAccount: 'acct_1', stripeRefusal: null, minimum: 2_500n };

  test.each([
    [0n, 'none'],
    [1n, 'carried'],
    [2_499n, 'carried'],
    [2_500n, 'paid'],
    [2_501n, 'paid'],
  ] as const)('%s with a minimum of 25.00: %s', (payable, disposition) => {
    expect(planDisposition(payable, fine).disposition).toBe(disposition);
  });

  test('without a minimum one cent is paid', () => {
    expect(planDisposition(1n, { ...fine, minimum: 0n })).toEqual({ disposition: 'paid', reasons: [] });
  });

  test('every reason of a hold is listed', () => {
    expect(planDisposition(5_000n, { ...fine, holdReason: 'dispute', stripeRefusal: 'Restricted by Stripe.' })).toEqual(
      {
        disposition: 'held',
        reasons: ['On hold: dispute', 'Restricted by Stripe.'],
      },
    );
    expect(planDisposition(5_000n, { ...fine, holdReason: 'dispute', stripeAccount: '' }).reasons).toEqual([
      'On hold: dispute',
      'No Stripe account',
    ]);
    expect(planDisposition(5_000n, { ...fine, stripeRefusal: 'Rejected.' }).reasons).toEqual(['Rejected.']);
  });

  test('a hold comes before the minimum, and nothing payable needs no reason', () => {
    expect(planDisposition(1n, { ...fine, holdReason: 'x' }).disposition).toBe('held');
    expect(planDisposition(0n, { ...fine, holdReason: 'x', stripeAccount: '' })).toEqual({
      disposition: 'none',
      reasons: [],
    });
  });
});

describe('What Storage has to hold', () => {
  const totals = { opening: 500n, gross: 1_000n, payable: 1_430n };

  test('net: what is payable and what is in suspense', () => {
    expect(storageTarget('net', totals, 70n)).toBe(1_500n);
  });

  test('gross: opening, gross and suspense', () => {
    expect(storageTarget('gross', totals, 70n)).toBe(1_570n);
  });

  test('either it is funded or a surplus goes back, never both', () => {
    expect(fundingOf(1_500n, 1_000n)).toEqual({ fund: 500n, surplus: 0n });
    expect(fundingOf(1_500n, 1_501n)).toEqual({ fund: 0n, surplus: 1n });
    expect(fundingOf(1_500n, 1_500n)).toEqual({ fund: 0n, surplus: 0n });
    expect(fundingOf(0n, 0n)).toEqual({ fund: 0n, surplus: 0n });
    expect(fundingOf(100n, -20n)).toEqual({ fund: 120n, surplus: 0n });
  });
});
