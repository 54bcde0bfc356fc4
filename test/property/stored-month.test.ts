/** A month out of the store comes to what its rows come to, in any currency and order, whatever the ids. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { calculatePeriod } from '../../electron/services/fund-tracking';
import { DEFAULT_SETTINGS, writeSettings } from '../../electron/services/settings';
import { openStore } from '../../electron/store/store';
import {
  type AllocationWish,
  type CurrencyResult,
  calculateCurrency,
  type PaymentFunds,
} from '../../shared/period/calculation';
import { period } from '../../shared/period/period';
import { currencyRows } from '../month-rows';
import { always } from './seed';

const MONTH = period('2026-10');
const MOST = BigInt(Number.MAX_SAFE_INTEGER);
const FEE_BPS = 729;

const id = fc
  .string({ unit: fc.constantFrom('a', 'B', '0', '"', '\\', '\n', 'é', '\uffff', '😀'), minLength: 1, maxLength: 4 })
  .map((text) => `x${text}`);
const cents = fc.oneof(fc.bigInt({ min: 0n, max: 50n }), fc.bigInt({ min: 0n, max: 10n ** 12n }));
const beside = {
  currency: fc.constantFrom('usd', 'usd', 'eur', 'jpy'),
  period: fc.constantFrom('2026-10', '2026-10', '2026-11'),
};

const stored = fc
  .record({
    subscribers: fc.uniqueArray(id, { minLength: 1, maxLength: 4 }),
    creators: fc.uniqueArray(id, { maxLength: 4 }),
  })
  .chain(({ subscribers, creators }) =>
    fc.record({
      subscribers: fc.constant(subscribers),
      creators: fc.constant(creators),
      payments: fc.uniqueArray(
        fc.record({
          paymentId: id,
          subscriberId: fc.constantFrom(...subscribers),
          amount: cents,
          part: fc.bigInt({ min: 0n, max: 4n }),
          status: fc.constantFrom('succeeded', 'succeeded', 'failed', 'disputed'),
          ...beside,
        }),
        { selector: (one) => one.paymentId, maxLength: 12 },
      ),
      allocations: fc.uniqueArray(
        fc.record({
          allocationId: id,
          subscriberId: fc.constantFrom(...subscribers),
          creatorId: fc.constantFrom('nobody', ...creators),
          amount: cents,
          status: fc.constantFrom('active', 'active', 'cancelled'),
          ...beside,
        }),
        { selector: (one) => one.allocationId, maxLength: 25 },
      ),
    }),
  );

const comparable = (result: CurrencyResult) => ({
  totals: result.totals,
  creators: new Map(result.creators.map((one) => [one.creatorId, one])),
  subscribers: new Map(result.subscribers.map((one) => [one.subscriberId, one])),
  suspense: new Map(result.suspense),
});

test('the store and its rows come to the same', () =>
  always(
    fc.asyncProperty(stored, async ({ subscribers, creators, payments, allocations }) => {
      const store = openStore(':memory:');
      await writeSettings(store.db, { ...DEFAULT_SETTINGS, feeBps: FEE_BPS });
      const subscriber = store.prepare(`INSERT INTO subscriber VALUES (?, '')`);
      const creator = store.prepare(`INSERT INTO creator VALUES (?, '', '', '', '')`);
      const payment = store.prepare(`INSERT INTO payment VALUES (?, ?, ?, ?, ?, ?, ?, '')`);
      const allocation = store.prepare(`INSERT INTO allocation VALUES (?, ?, ?, ?, ?, ?, ?, '')`);
      for (const one of subscribers) subscriber.run(one);
      for (const one of creators) creator.run(one);
      const refunded = (one: { amount: bigint; part: bigint }) => (one.amount * one.part) / 4n;
      for (const one of payments)
        payment.run(one.paymentId, one.subscriberId, one.period, one.currency, one.amount, refunded(one), one.status);
      for (const one of allocations)
        allocation.run(
          one.allocationId,
          one.subscriberId,
          one.creatorId,
          one.period,
          one.currency,
          one.amount,
          one.status,
        );
      const results = await calculatePeriod(store, MONTH);
      await store.close();
      const ofMonth = [...payments, ...allocations].filter((one) => one.period === MONTH);
      expect([...results.keys()]).toEqual([...new Set(ofMonth.map((one) => one.currency))].sort());
      for (const [currency, result] of results) {
        const here = (one: { currency: string; period: string }) => one.currency === currency && one.period === MONTH;
        const expected = calculateCurrency({
          rows: currencyRows(
            payments.filter(here).map((one): PaymentFunds => ({ ...one, refunded: refunded(one) })),
            allocations.filter(here) satisfies AllocationWish[],
          ),
          openings: new Map(),
          isKnownCreator: (one) => creators.includes(one),
          feeBps: FEE_BPS,
        });
        expect(comparable(result)).toEqual(comparable(expected));
      }
    }),
    150,
  ));

test.each([
  ['payment', MOST, 0n, false],
  ['payment', MOST + 1n, 0n, true],
  // What a payment leaves is what counts, however large it was.
  ['payment', MOST + 2n, 5n, false],
  ['allocation', MOST, 0n, false],
  ['allocation', MOST + 2n, 0n, true],
])('%s of %s less %s: refused when it is beyond what is exact', async (table, amount, refunded, isRefused) => {
  const store = openStore(':memory:');
  await writeSettings(store.db, { ...DEFAULT_SETTINGS, feeBps: FEE_BPS });
  store.exec(`INSERT INTO subscriber VALUES ('s', '')`);
  store.exec(
    table === 'payment'
      ? `INSERT INTO payment VALUES ('p', 's', '${MONTH}', 'usd', ${amount}, ${refunded}, 'succeeded', '')`
      : `INSERT INTO allocation VALUES ('a', 's', 'c', '${MONTH}', 'usd', ${amount}, 'active', '')`,
  );
  const calculated = calculatePeriod(store, MONTH);
  if (isRefused) await expect(calculated).rejects.toThrow('exactly');
  else {
    const totals = (await calculated).get('usd')?.totals;
    expect(table === 'payment' ? totals?.collected : totals?.unfunded).toBe(amount - refunded);
  }
  // Nothing is left open by a refusal.
  store.exec('BEGIN IMMEDIATE');
  store.exec('ROLLBACK');
  await store.close();
});
