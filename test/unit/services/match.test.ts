/** The matcher alone: one rule of docs/reconciliation.md each. */
import { describe, expect, test } from 'vitest';
import { matchLines } from '../../../electron/services/reconciliation/match';
import type { LineToMatch, MovementToMatch } from '../../../electron/services/reconciliation/verdicts';
import { currency } from '../../../shared/money/money';

const DAY_MS = 86_400_000;
const NOON = Date.UTC(2026, 9, 10, 12);

let made = 0;
function line(change: Partial<LineToMatch> = {}): LineToMatch {
  made += 1;
  return {
    side: 'storage',
    stripeId: `line_${made}`,
    type: 'outbound_payment',
    currency: currency('usd'),
    amount: -1_000n,
    source: null,
    at: NOON,
    late: false,
    decided: null,
    ...change,
  };
}

function pay(id: string, change: Partial<MovementToMatch> = {}): MovementToMatch {
  return {
    intentId: id,
    batch: 'pay:2026-10|1',
    currency: 'usd',
    state: 'posted',
    objects: [`obp_${id}`],
    guided: false,
    effects: [{ side: 'storage', amount: -1_000n }],
    corrected: [],
    from: NOON,
    until: NOON,
    ...change,
  };
}

function fund(id: string, change: Partial<MovementToMatch> = {}): MovementToMatch {
  return pay(id, {
    objects: [`po_${id}`],
    effects: [
      { side: 'payments', amount: -1_000n },
      { side: 'storage', amount: 1_000n },
    ],
    ...change,
  });
}

function verdicts(lines: readonly LineToMatch[], movements: readonly MovementToMatch[], now = NOON) {
  return matchLines(lines, movements, now).verdicts.map((verdict) =>
    verdict === undefined ? 'decided' : (verdict.exception ?? verdict.outcome),
  );
}

describe('one to one', () => {
  test('a line that names the object of a movement, with its amount and currency, is it', () => {
    expect(verdicts([line({ source: 'obp_a' })], [pay('a')])).toEqual(['matched']);
  });

  test('another amount, another currency, the same again', () => {
    const source = 'obp_a';
    expect(verdicts([line({ source, amount: -999n })], [pay('a')])).toEqual(['amount-differs']);
    expect(verdicts([line({ source, currency: currency('eur') })], [pay('a')])).toEqual(['currency-differs']);
    expect(verdicts([line({ source }), line({ source })], [pay('a')])).toEqual(['matched', 'duplicate']);
  });

  test('of a difference the books know what they hold already', () => {
    const one = line({ source: 'obp_a', amount: -900n });
    expect(matchLines([one], [pay('a')], NOON).verdicts[0]?.booked).toEqual({ currency: 'usd', amount: -1_000n });
    const other = line({ source: 'obp_a', currency: currency('eur') });
    expect(matchLines([other], [pay('a')], NOON).verdicts[0]?.booked).toEqual({
      currency: 'usd',
      amount: -1_000n,
    });
  });

  test('what was matched before takes its place: the same line again is a duplicate', () => {
    const before = line({ source: 'obp_a', decided: { intentId: 'a', exception: false } });
    expect(verdicts([before, line({ source: 'obp_a' })], [pay('a')])).toEqual(['decided', 'duplicate']);
  });

  test('a line that is zero since its payment failed is matched', () => {
    expect(verdicts([line({ source: 'obp_a', amount: 0n })], [pay('a', { state: 'failed' })])).toEqual(['matched']);
  });
});

describe('coming back', () => {
  const back = (at = NOON) => line({ source: 'obp_a', type: 'outbound_payment_reversal', amount: 1_000n, at });

  test('the line of a payout that came back is matched once the books know, and a matter of timing before', () => {
    expect(verdicts([line({ source: 'obp_a' }), back()], [pay('a', { state: 'returned' })])).toEqual([
      'matched',
      'matched',
    ]);
    expect(verdicts([line({ source: 'obp_a' }), back()], [pay('a')])).toEqual(['matched', 'timing']);
  });

  test('after two days without news it is no longer timing', () => {
    expect(verdicts([line({ source: 'obp_a' }), back()], [pay('a')], NOON + 3 * DAY_MS)).toEqual([
      'matched',
      'amount-differs',
    ]);
  });

  test('a returned movement whose line back is not there lacks it', () => {
    const { missing } = matchLines([line({ source: 'obp_a' })], [pay('a', { state: 'returned' })], NOON);
    expect(missing).toEqual([{ intentId: 'a', side: 'storage', currency: 'usd', amount: 1_000n }]);
  });
});

describe('several', () => {
  test('parts that add up to a movement are it; parts that do not are one exception with the rest', () => {
    const parts = (last: bigint) => [-300n, -300n, last].map((amount) => line({ source: 'obp_a', amount }));
    expect(verdicts(parts(-400n), [pay('a')])).toEqual(['matched', 'matched', 'matched']);
    const short = parts(-350n);
    expect(verdicts(short, [pay('a')])).toEqual(['matched', 'matched', 'amount-differs']);
    expect(matchLines(short, [pay('a')], NOON).verdicts[2]?.booked?.amount).toBe(-400n);
  });

  test('one line of the amount of a whole batch is all of its movements', () => {
    const one = line({ source: 'obp_bulk', amount: -3_000n });
    const { verdicts: found, missing } = matchLines([one], [pay('a'), pay('b'), pay('c')], NOON);
    expect(found[0]).toMatchObject({ outcome: 'matched', intentIds: ['a', 'b', 'c'] });
    expect(missing).toEqual([]);
  });

  test('the amount of part of a batch, another currency or weeks later is not the batch', () => {
    const batch = [pay('a'), pay('b'), pay('c')];
    expect(verdicts([line({ amount: -2_000n })], batch)).toEqual(['outside-movement']);
    expect(verdicts([line({ amount: -3_000n, currency: currency('eur') })], batch)).toEqual(['outside-movement']);
    expect(verdicts([line({ amount: -3_000n, at: NOON + 20 * DAY_MS })], batch)).toEqual(['outside-movement']);
  });
});

describe('what Stripe does not show', () => {
  test('each balance that a posted movement has no line in', () => {
    const { missing } = matchLines(
      [line({ source: 'po_a', amount: 1_000n, type: 'received_credit' })],
      [fund('a')],
      NOON,
    );
    expect(missing).toEqual([{ intentId: 'a', side: 'payments', currency: 'usd', amount: -1_000n }]);
    expect(matchLines([], [pay('a', { state: 'failed' }), pay('b', { state: 'processing' })], NOON).missing).toEqual(
      [],
    );
  });

  test('explained and corrected it is no longer missing; a line that comes after all is late', () => {
    const movement = pay('a', { corrected: ['storage'] });
    expect(matchLines([], [movement], NOON).missing).toEqual([]);
    expect(verdicts([line({ source: 'obp_a' })], [movement])).toEqual(['late']);
  });
});

describe('what is not ours', () => {
  test('money that moves is an outside movement; a kind without a rule is unknown to us', () => {
    const payments = { side: 'payments' } as const;
    expect(
      verdicts(
        [
          line(),
          line({ ...payments, type: 'payout' }),
          line({ ...payments, type: 'reserve_transaction' }),
          line({ type: 'adjustment' }),
        ],
        [],
      ),
    ).toEqual(['outside-movement', 'outside-movement', 'unknown-to-us', 'unknown-to-us']);
  });

  test('of the amount of a movement that has no object yet it may still be that; in another currency it is not', () => {
    const open = pay('a', { state: 'unknown', objects: [] });
    expect(verdicts([line({ source: 'obp_x' })], [open])).toEqual(['timing']);
    expect(verdicts([line({ source: 'obp_x', currency: currency('eur') })], [open])).toEqual(['outside-movement']);
    expect(verdicts([line({ source: 'obp_x' })], [pay('a', { state: 'processing' })])).toEqual(['outside-movement']);
  });

  test('receipts, fees, refunds, disputes, corrections and top-ups are the business’s own; late they are an exception', () => {
    const types = ['charge', 'stripe_fee', 'refund', 'adjustment', 'topup'];
    const lines = (late: boolean) => types.map((type) => line({ side: 'payments', type, source: `x_${type}`, late }));
    expect(new Set(verdicts(lines(false), []))).toEqual(new Set(['matched']));
    expect(new Set(verdicts(lines(true), []))).toEqual(new Set(['late']));
  });

  test('a charge has one line: the same again is a duplicate; two fees and a dispute that was won are not', () => {
    const of = (type: string, source: string | null, amount: bigint) =>
      line({ side: 'payments', type, source, amount });
    expect(verdicts([of('charge', 'ch_1', 500n), of('charge', 'ch_1', 500n)], [])).toEqual(['matched', 'duplicate']);
    const differing = [500n, 600n, 700n, 600n, 700n, 500n].map((amount) => of('charge', 'ch_1', amount));
    expect(verdicts(differing, [])).toEqual([...Array(3).fill('matched'), ...Array(3).fill('duplicate')]);
    expect(verdicts([of('stripe_fee', null, -5n), of('stripe_fee', null, -5n)], [])).toEqual(['matched', 'matched']);
    expect(verdicts([of('adjustment', 'du_1', -500n), of('adjustment', 'du_1', 500n)], [])).toEqual([
      'matched',
      'matched',
    ]);
  });
});

test('the other side of a release in the dashboard is the line of its amount in its time', () => {
  const release = pay('a', {
    objects: ['line_out'],
    guided: true,
    effects: [
      { side: 'storage', amount: -1_000n },
      { side: 'payments', amount: 1_000n },
    ],
  });
  const out = line({ stripeId: 'line_out', type: 'outbound_transfer' });
  const back = (at: number) => line({ side: 'payments', type: 'inbound_transfer', amount: 1_000n, at });
  expect(verdicts([out, back(NOON)], [release])).toEqual(['matched', 'matched']);
  expect(verdicts([out, back(NOON), back(NOON)], [release])).toEqual(['matched', 'matched', 'outside-movement']);
  expect(verdicts([out, back(NOON + 5 * DAY_MS)], [release])).toEqual(['matched', 'outside-movement']);
});

test('200,000 lines of one amount at one time: no pair of lines is compared with another', () => {
  const movements = Array.from({ length: 100_000 }, (_, index) => pay(String(index), { batch: String(index % 100) }));
  const lines = movements.flatMap((one) => [
    line({ source: `obp_${one.intentId}` }),
    line({ side: 'payments', type: 'charge' }),
  ]);
  const { missing, verdicts: found } = matchLines(lines, movements, NOON);
  expect(missing).toEqual([]);
  expect(found.length).toBe(200_000);
}, 60_000);
