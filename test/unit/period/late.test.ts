/** What rows that came after the lock change in a month. */
import { describe, expect, test } from 'vitest';
import type { AllocationWish, PaymentFunds } from '../../../shared/period/calculation';
import { lateTargets, type MonthRows } from '../../../shared/period/late';

function rows(
  payments: Readonly<Record<string, Partial<PaymentFunds>>>,
  allocations: Readonly<Record<string, Partial<AllocationWish>>> = {},
): MonthRows {
  return {
    payments: new Map(
      Object.entries(payments).map(([id, one]) => [
        id,
        { subscriberId: 's', amount: 0n, refunded: 0n, status: 'succeeded', ...one },
      ]),
    ),
    allocations: new Map(
      Object.entries(allocations).map(([id, one]) => [
        id,
        { allocationId: id, subscriberId: 's', creatorId: 'c', amount: 0n, status: 'active', ...one },
      ]),
    ),
  };
}

const BEFORE = rows({ p: { amount: 1_000n } }, { a: { amount: 700n } });

describe('Late targets', () => {
  test('the same rows change nothing', () => {
    expect(lateTargets(BEFORE, BEFORE)).toEqual({ more: 0n, borne: 0n, gained: new Map() });
  });

  test('a late payment brings its funds; without an allocation no creator gains', () => {
    const after = rows({ p: { amount: 1_000n }, q: { amount: 500n } }, { a: { amount: 700n } });
    expect(lateTargets(BEFORE, after)).toEqual({ more: 500n, borne: 0n, gained: new Map() });
  });

  test('a late allocation is funded from what had lapsed, and no further', () => {
    const after = rows({ p: { amount: 1_000n } }, { a: { amount: 700n }, b: { amount: 200n, creatorId: 'd' } });
    expect(lateTargets(BEFORE, after)).toEqual({ more: 0n, borne: 0n, gained: new Map([['d', 200n]]) });
  });

  test('late allocations beyond the funds share them; what an earlier creator loses by it is not taken from it', () => {
    const after = rows({ p: { amount: 1_000n } }, { a: { amount: 700n }, b: { amount: 700n, creatorId: 'd' } });
    expect(lateTargets(BEFORE, after)).toEqual({ more: 0n, borne: 0n, gained: new Map([['d', 500n]]) });
  });

  test.each([
    ['a refund', { amount: 1_000n, refunded: 400n }, 400n],
    ['a dispute', { amount: 1_000n, status: 'disputed' as const }, 1_000n],
    ['a smaller amount', { amount: 900n }, 100n],
  ])('%s is borne in full, and no creator loses', (_name, payment, borne) => {
    expect(lateTargets(BEFORE, rows({ p: payment }, { a: { amount: 700n } }))).toEqual({
      more: 0n,
      borne,
      gained: new Map(),
    });
  });

  test('a dispute of before the lock that is won later brings its funds, and funds what was not covered', () => {
    const disputed = rows({ p: { amount: 1_000n, status: 'disputed' } }, { a: { amount: 700n } });
    expect(lateTargets(disputed, BEFORE)).toEqual({ more: 1_000n, borne: 0n, gained: new Map([['c', 700n]]) });
  });

  test('a payment that belongs to another subscriber brings nothing more and nothing less', () => {
    const moved = rows({ p: { amount: 1_000n, subscriberId: 't' } }, { a: { amount: 700n } });
    expect(lateTargets(BEFORE, moved)).toEqual({ more: 0n, borne: 0n, gained: new Map() });
  });

  test('a refund for one subscriber does not take back what another one brought a creator', () => {
    const after = rows(
      { p: { amount: 1_000n, refunded: 1_000n }, q: { amount: 300n, subscriberId: 't' } },
      { a: { amount: 700n }, b: { amount: 300n, subscriberId: 't' } },
    );
    expect(lateTargets(BEFORE, after)).toEqual({ more: 300n, borne: 1_000n, gained: new Map([['c', 300n]]) });
  });
});
