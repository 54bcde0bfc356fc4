/** Whatever is done, in whatever order: money neither appears nor vanishes, and the lines explain the balances. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Bench, fund, pay, startBench } from './harness';

type Action = (bench: Bench) => Promise<unknown>;

const amount = fc.integer({ min: 1, max: 400_000 });
const recipient = fc.constantFrom('acct_anna', 'acct_ben', 'acct_blocked');
const fate = fc.constantFrom('payout_fail_later', 'payout_return_later', 'drop_after_execute', 'error_500_stored');

async function latestPayment(bench: Bench): Promise<string> {
  return (await bench.stripe.v2.moneyManagement.outboundPayments.list({ limit: 1 })).data[0]?.id ?? 'obp_none';
}
async function latestPayout(bench: Bench): Promise<string> {
  return (await bench.stripe.payouts.list({ limit: 1 })).data[0]?.id ?? 'po_none';
}

const action: fc.Arbitrary<Action> = fc.oneof(
  amount.map(
    (value): Action =>
      (bench) =>
        fund(bench, value),
  ),
  amount.map(
    (value): Action =>
      (bench) =>
        bench.stripe.payouts.create({ amount: value, currency: 'usd' }),
  ),
  fc.tuple(amount, recipient).map(
    ([value, to]): Action =>
      (bench) =>
        pay(bench, to, value),
  ),
  fc.tuple(amount, recipient).map(
    ([value, to]): Action =>
      (bench) =>
        bench.stripe.transfers.create({ amount: value, currency: 'usd', destination: to }),
  ),
  fc.constant<Action>(async (bench) => {
    const [last] = (await bench.stripe.transfers.list({ limit: 1 })).data;
    return bench.stripe.transfers.createReversal(last?.id ?? 'tr_none');
  }),
  fc.constant<Action>(async (bench) => bench.stripe.payouts.cancel(await latestPayout(bench))),
  fc.constant<Action>(async (bench) => bench.stripe.payouts.reverse(await latestPayout(bench))),
  fc.constant<Action>(async (bench) => bench.control('POST', `payouts/${await latestPayout(bench)}/fail`, {})),
  fc.constant<Action>(async (bench) =>
    bench.stripe.v2.moneyManagement.outboundPayments.cancel(await latestPayment(bench)),
  ),
  fc.constant<Action>(async (bench) =>
    bench.control('POST', `outbound_payments/${await latestPayment(bench)}/fail`, {}),
  ),
  fc.constant<Action>(async (bench) =>
    bench.control('POST', `outbound_payments/${await latestPayment(bench)}/return`, {}),
  ),
  amount.map(
    (value): Action =>
      (bench) =>
        bench.control('POST', 'charges', { amount: value, currency: 'usd', fee: Math.floor(value / 40) }),
  ),
  fc.constant<Action>(async (bench) => {
    const [last] = (await bench.stripe.charges.list({ limit: 1 })).data;
    return bench.control('POST', 'refunds', { charge: last?.id ?? 'ch_none' });
  }),
  fc.constant<Action>(async (bench) => {
    const [last] = (await bench.stripe.charges.list({ limit: 1 })).data;
    return bench.control('POST', 'disputes', { charge: last?.id ?? 'ch_none', fee: 1_500 });
  }),
  amount.map(
    (value): Action =>
      (bench) =>
        bench.control('POST', 'dashboard/transfer', {
          from: 'storage',
          to: 'payments',
          amount: value,
          currency: 'usd',
        }),
  ),
  amount.map(
    (value): Action =>
      (bench) =>
        bench.control('POST', 'dashboard/payout', { amount: value, currency: 'usd' }),
  ),
  fc.integer({ min: 1, max: 200_000 }).map(
    (seconds): Action =>
      (bench) =>
        bench.control('POST', 'clock', { advance_seconds: seconds }),
  ),
  fate.map(
    (kind): Action =>
      (bench) =>
        bench.control('POST', 'faults', { kind, method: 'POST' }),
  ),
);

test('random operations conserve money and every balance is the sum of its lines', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(action, { minLength: 5, maxLength: 40 }),
      fc.constantFrom(0, 3_600_000),
      async (actions, settlementDelayMs) => {
        const bench = await startBench({ settlementDelayMs });
        try {
          for (const act of actions) {
            await act(bench).catch(() => undefined);
            expect(await bench.control('GET', 'conservation')).toMatchObject({ ok: true });
          }
          const now = await bench.balances();
          let [available, inbound, outbound] = [0, 0, 0];
          for await (const entry of bench.stripe.v2.moneyManagement.transactionEntries.list({ limit: 100 })) {
            available += entry.balance_impact.available.value;
            inbound += entry.balance_impact.inbound_pending.value;
            outbound += entry.balance_impact.outbound_pending.value;
          }
          expect({ available, outbound, inbound }).toEqual({
            available: now.storage,
            outbound: now.outbound,
            inbound: 0,
          });
          let payments = 0;
          for await (const line of bench.stripe.balanceTransactions.list({ limit: 100, currency: 'usd' }))
            payments += line.net;
          // The opening available balance has no line; the pending one has.
          expect(payments + 1_000_000).toBe(now.payments + now.pending);
          for (const place of [now.storage, now.inbound, now.outbound]) expect(place).toBeGreaterThanOrEqual(0);
        } finally {
          await bench.close();
        }
      },
    ),
    { numRuns: 25 },
  );
}, 120_000);
