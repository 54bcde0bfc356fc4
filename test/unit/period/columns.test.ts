/** Numbers where the rules say bigint: the same results up to the edge of what is exact, and a refusal beyond it. */
import { expect, test } from 'vitest';
import { platformFee } from '../../../shared/money/fee';
import { splitLargestRemainder } from '../../../shared/money/split';
import { calculateCurrency } from '../../../shared/period/calculation';
import { currencyRows } from '../../month-rows';

const MOST = BigInt(Number.MAX_SAFE_INTEGER);

function month(funds: bigint, wanted: readonly bigint[]) {
  return calculateCurrency({
    rows: currencyRows(
      [{ subscriberId: 's', amount: funds, refunded: 0n, status: 'succeeded' }],
      wanted.map((amount, index) => ({
        allocationId: `a${index}`,
        subscriberId: 's',
        creatorId: `c${index}`,
        amount,
        status: 'active',
      })),
    ),
    openings: new Map(),
    isKnownCreator: () => true,
    feeBps: 729,
  });
}

test.each([
  [100n, [33n, 33n, 33n, 7n]],
  // The products of the split are just below, and far above, what a number holds exactly.
  [94_906_265n, [94_906_267n, 1n]],
  [94_906_266n, [94_906_267n, 3n, 5n]],
  [MOST / 3n, [MOST / 4n, MOST / 5n, MOST / 6n]],
  [MOST - 7n, [MOST / 2n, MOST / 2n - 9n, 8n]],
])('%s: shares and fees are those of the rules over bigint', (funds, wanted) => {
  const total = wanted.reduce((sum, one) => sum + one, 0n);
  const shares =
    total <= funds
      ? wanted
      : splitLargestRemainder(
          funds,
          wanted.map((weight, index) => ({ id: `a${index}`, weight })),
        );
  const { creators, totals } = month(funds, wanted);
  const gross = new Map(creators.map((one) => [one.creatorId, one.gross]));
  const fee = new Map(creators.map((one) => [one.creatorId, one.fee]));
  shares.forEach((share, index) => {
    expect(gross.get(`c${index}`) ?? 0n).toBe(share);
    expect(fee.get(`c${index}`) ?? 0n).toBe(platformFee(share, 729));
  });
  expect(totals.collected).toBe(funds);
});

test('an amount or a sum beyond 2^53 − 1 is refused, never rounded', () => {
  expect(() => month(MOST + 1n, [])).toThrow('exactly');
  expect(() => month(1n, [MOST, 1n])).toThrow('exactly');
  expect(month(MOST, []).totals.unallocated).toBe(MOST);
});
