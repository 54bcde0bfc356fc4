/** The calculation of a month for any payments and allocations. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { platformFee } from '../../shared/money/fee';
import {
  type AllocationWish,
  type CurrencyResult,
  calculateCurrency,
  fundingOf,
  type PaymentFunds,
  storageTarget,
} from '../../shared/period/calculation';
import { currencyRows } from '../month-rows';
import { always } from './seed';

const cents = fc.oneof(fc.bigInt({ min: 0n, max: 200n }), fc.bigInt({ min: 0n, max: 10n ** 9n }));
const subscriber = fc.constantFrom('s1', 's2', 's3', 's4');
const creator = fc.constantFrom('c1', 'c2', 'c3', 'ghost1', 'ghost2');

const payment: fc.Arbitrary<PaymentFunds> = fc
  .record({
    subscriberId: subscriber,
    amount: cents,
    part: fc.integer({ min: 0, max: 100 }),
    status: fc.constantFrom('succeeded', 'succeeded', 'failed', 'disputed'),
  })
  .map(({ part, amount, status, subscriberId }) => ({
    subscriberId,
    amount,
    status,
    refunded: (amount * BigInt(part > 60 ? part : 0)) / 100n,
  }));

const allocations: fc.Arbitrary<AllocationWish[]> = fc
  .array(
    fc.record({
      subscriberId: subscriber,
      creatorId: creator,
      amount: cents,
      status: fc.constantFrom('active', 'active', 'cancelled'),
    }),
    { maxLength: 25 },
  )
  .map((rows) => rows.map((row, index) => ({ ...row, allocationId: `a${index}` })));

const input = fc.record({
  payments: fc.array(payment, { maxLength: 15 }),
  allocations,
  openings: fc.dictionary(fc.constantFrom('c1', 'c2', 'old'), cents).map((record) => new Map(Object.entries(record))),
  feeBps: fc.constantFrom(0, 1, 700, 3_333, 10_000),
});
type Input = typeof input extends fc.Arbitrary<infer T> ? T : never;

const calculate = (given: Input): CurrencyResult =>
  calculateCurrency({
    ...given,
    rows: currencyRows(given.payments, given.allocations),
    isKnownCreator: (id) => !id.startsWith('ghost'),
  });
const total = <T>(rows: Iterable<T>, pick: (row: T) => bigint): bigint => {
  let sum = 0n;
  for (const row of rows) sum += pick(row);
  return sum;
};

describe('For any month', () => {
  test('collected = net + fee + suspense + unallocated, and every total is the sum of its rows', () =>
    always(
      fc.property(input, (given) => {
        const { totals, creators, subscribers, suspense } = calculate(given);
        expect(totals.collected).toBe(totals.net + totals.fee + totals.suspense + totals.unallocated);
        expect(totals.collected).toBe(
          total(given.payments, (one) => (one.status === 'succeeded' ? one.amount - one.refunded : 0n)),
        );
        expect(totals.funded).toBe(totals.gross + totals.suspense);
        expect(totals.suspense).toBe(total(suspense.values(), (one) => one));
        for (const name of ['gross', 'fee', 'net', 'opening', 'payable'] as const)
          expect(totals[name]).toBe(total(creators, (one) => one[name]));
        expect(totals.opening).toBe(total(given.openings.values(), (one) => one));
        expect(totals.unfunded).toBe(total(subscribers, (one) => one.unfunded));
        expect(totals.platformRevenue).toBe(totals.fee + totals.unallocated);
        // Every cent of Storage and of revenue comes from a payment or from before.
        expect(totals.payable + totals.suspense + totals.platformRevenue).toBe(totals.collected + totals.opening);
      }),
      300,
    ));

  test('nothing is negative, no allocation gets more than it asked for, and nobody has both unfunded wishes and money over', () =>
    always(
      fc.property(input, (given) => {
        const { creators, subscribers } = calculate(given);
        for (const one of creators) {
          expect([one.gross, one.fee, one.net, one.opening, one.payable].every((value) => value >= 0n)).toBe(true);
          expect(one.fee).toBe(platformFee(one.gross, given.feeBps));
          expect(
            one.gross <=
              total(
                given.allocations.filter((row) => row.creatorId === one.creatorId && row.status === 'active'),
                (row) => row.amount,
              ),
          ).toBe(true);
        }
        for (const one of subscribers) {
          expect([one.funds, one.allocated, one.unfunded, one.unallocated].every((value) => value >= 0n)).toBe(true);
          expect(one.unfunded === 0n || one.unallocated === 0n).toBe(true);
        }
      }),
      300,
    ));

  test('the order of the rows does not matter', () =>
    always(
      fc.property(
        input.chain((given) =>
          fc.record({
            given: fc.constant(given),
            payments: fc.shuffledSubarray(given.payments, { minLength: given.payments.length }),
            allocations: fc.shuffledSubarray(given.allocations, { minLength: given.allocations.length }),
          }),
        ),
        ({ given, payments, allocations: rows }) => {
          const sorted = (result: CurrencyResult) => ({
            totals: result.totals,
            creators: [...result.creators].sort((a, b) => (a.creatorId < b.creatorId ? -1 : 1)),
            subscribers: [...result.subscribers].sort((a, b) => (a.subscriberId < b.subscriberId ? -1 : 1)),
            suspense: [...result.suspense].sort(),
          });
          expect(sorted(calculate({ ...given, payments, allocations: rows }))).toEqual(sorted(calculate(given)));
        },
      ),
      200,
    ));

  test('another payment never lowers what is collected, funded, or paid to any creator by more than a split unit', () =>
    always(
      fc.property(input, payment, (given, more) => {
        const before = calculate(given);
        const after = calculate({ ...given, payments: [...given.payments, more] });
        expect(after.totals.collected >= before.totals.collected).toBe(true);
        expect(after.totals.funded >= before.totals.funded).toBe(true);
        expect(after.totals.unfunded <= before.totals.unfunded).toBe(true);
        const gross = new Map(after.creators.map((one) => [one.creatorId, one.gross]));
        const allocationsOf = (id: string) => BigInt(given.allocations.filter((row) => row.creatorId === id).length);
        for (const one of before.creators)
          expect((gross.get(one.creatorId) ?? 0n) + allocationsOf(one.creatorId) >= one.gross).toBe(true);
      }),
      200,
    ));

  test('another allocation never changes what is collected, and never lowers what is funded', () =>
    always(
      fc.property(input, subscriber, creator, cents, (given, subscriberId, creatorId, amount) => {
        const before = calculate(given).totals;
        const after = calculate({
          ...given,
          allocations: [
            ...given.allocations,
            { allocationId: 'zz', subscriberId, creatorId, amount, status: 'active' },
          ],
        }).totals;
        expect(after.collected).toBe(before.collected);
        expect(after.funded >= before.funded).toBe(true);
        expect(after.unallocated <= before.unallocated).toBe(true);
      }),
      200,
    ));
});

test('funded to its target and paid in full, Storage holds the suspense and nothing else, on either basis', () =>
  always(
    fc.property(input, cents, fc.constantFrom('net' as const, 'gross' as const), (given, before, basis) => {
      const { totals } = calculate(given);
      const target = storageTarget(basis, totals, totals.suspense);
      const { fund, surplus } = fundingOf(target, before);
      const afterFunding = before + fund - surplus;
      expect(afterFunding).toBe(target);
      const feeBack = basis === 'gross' ? totals.fee : 0n;
      expect(afterFunding - feeBack - totals.payable).toBe(totals.suspense);
    }),
    300,
  ));
