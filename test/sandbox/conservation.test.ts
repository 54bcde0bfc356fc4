/** Whatever is done, in whatever order: money neither appears nor vanishes, and the lines explain the balances. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SEED } from '../property/seed';
import { type Bench, fund, pay, startBench } from './harness';

type Action = (bench: Bench) => Promise<unknown>;

const amount = fc.integer({ min: 1, max: 400_000 });
const recipient = fc.constantFrom('acct_anna', 'acct_ben', 'acct_blocked');
const currency = fc.constantFrom('usd', 'usd', 'eur');
const fault = fc.constantFrom(
  'payout_fail_later',
  'payout_return_later',
  'drop_before_execute',
  'drop_after_execute',
  'truncated_body',
  'conflict_409',
  'rate_limit_429',
  'lock_timeout_429',
  'error_500_not_stored',
  'error_500_stored',
  'prune_keys',
);
const key = fc.constantFrom('key-1', 'key-2', 'key-3');

async function latestPayment(bench: Bench): Promise<string> {
  return (await bench.stripe.v2.moneyManagement.outboundPayments.list({ limit: 1 })).data[0]?.id ?? 'obp_none';
}
async function latestPayout(bench: Bench): Promise<string> {
  return (await bench.stripe.payouts.list({ limit: 1 })).data[0]?.id ?? 'po_none';
}

const doing = <T>(inputs: fc.Arbitrary<T>, act: (bench: Bench, input: T) => Promise<unknown>): fc.Arbitrary<Action> =>
  inputs.map((input) => (bench) => act(bench, input));
const nothing = fc.constant(null);

const action: fc.Arbitrary<Action> = fc.oneof(
  doing(fc.tuple(amount, currency), (bench, [value, unit]) => fund(bench, value, unit)),
  // Keys that come again: with the same parameters, with others, after they were forgotten, after their time.
  doing(fc.tuple(fc.constantFrom(700, 701), key), (bench, [value, idempotencyKey]) =>
    fund(bench, value, 'usd', { idempotencyKey }),
  ),
  doing(fc.tuple(fc.constantFrom(300, 301), recipient, key), (bench, [value, to, idempotencyKey]) =>
    pay(bench, to, value, 'usd', { idempotencyKey }),
  ),
  doing(fc.tuple(amount, currency), (bench, [value, unit]) =>
    bench.stripe.payouts.create({ amount: value, currency: unit }),
  ),
  doing(fc.tuple(amount, recipient, currency), (bench, [value, to, unit]) => pay(bench, to, value, unit)),
  doing(fc.tuple(amount, recipient, currency), (bench, [value, to, unit]) =>
    bench.stripe.transfers.create({ amount: value, currency: unit, destination: to }),
  ),
  doing(fc.option(amount), async (bench, part) => {
    const [last] = (await bench.stripe.transfers.list({ limit: 1 })).data;
    return bench.stripe.transfers.createReversal(last?.id ?? 'tr_none', part === null ? {} : { amount: part });
  }),
  doing(nothing, async (bench) => bench.stripe.payouts.cancel(await latestPayout(bench))),
  doing(nothing, async (bench) => bench.stripe.payouts.reverse(await latestPayout(bench))),
  doing(nothing, async (bench) => bench.control('POST', `payouts/${await latestPayout(bench)}/fail`, {})),
  doing(nothing, async (bench) => bench.stripe.v2.moneyManagement.outboundPayments.cancel(await latestPayment(bench))),
  doing(nothing, async (bench) => bench.control('POST', `outbound_payments/${await latestPayment(bench)}/fail`, {})),
  doing(nothing, async (bench) => bench.control('POST', `outbound_payments/${await latestPayment(bench)}/return`, {})),
  doing(fc.tuple(amount, currency), (bench, [value, unit]) =>
    bench.control('POST', 'charges', { amount: value, currency: unit, fee: Math.floor(value / 40) }),
  ),
  doing(fc.tuple(amount, currency), (bench, [value, unit]) =>
    bench.control('POST', 'topups', { amount: value, currency: unit, available_in_seconds: value % 100_000 }),
  ),
  doing(fc.option(amount), async (bench, part) => {
    const [last] = (await bench.stripe.charges.list({ limit: 1 })).data;
    return bench.control('POST', 'refunds', {
      charge: last?.id ?? 'ch_none',
      ...(part === null ? {} : { amount: part }),
    });
  }),
  doing(fc.option(amount), async (bench, part) => {
    const [last] = (await bench.stripe.charges.list({ limit: 1 })).data;
    const charge = last?.id ?? 'ch_none';
    return bench.control('POST', 'disputes', { charge, fee: 1_500, ...(part === null ? {} : { amount: part }) });
  }),
  doing(fc.tuple(amount, currency, fc.boolean()), (bench, [value, unit, release]) =>
    bench.control('POST', 'dashboard/transfer', {
      from: release ? 'storage' : 'payments',
      to: release ? 'payments' : 'storage',
      amount: value,
      currency: unit,
    }),
  ),
  doing(fc.tuple(amount, currency, fc.option(recipient)), (bench, [value, unit, to]) =>
    bench.control('POST', 'dashboard/payout', {
      amount: value,
      currency: unit,
      ...(to === null ? {} : { recipient: to }),
    }),
  ),
  doing(fc.tuple(recipient, fc.boolean()), (bench, [id, payouts_enabled]) =>
    bench.control('POST', 'accounts', { id, payouts_enabled }),
  ),
  doing(fc.integer({ min: 1, max: 200_000 }), (bench, seconds) =>
    bench.control('POST', 'clock', { advance_seconds: seconds }),
  ),
  doing(fault, (bench, kind) => bench.control('POST', 'faults', { kind, method: 'POST' })),
);

/** How many operations at least; `npm run test:properties` sets 100,000. */
const OPERATIONS = Number(process.env.COFFER_SANDBOX_OPERATIONS ?? 1_500);
const LONGEST = 80;
let tried = 0;
let refused = 0;

/** Every balance of one currency is the sum of its lines, and none is below zero that cannot be. */
async function linesExplain(bench: Bench, unit: 'usd' | 'eur', opening: number): Promise<void> {
  const now = await bench.balances(unit);
  let [available, inbound, outbound] = [0, 0, 0];
  for await (const { balance_impact: impact } of bench.stripe.v2.moneyManagement.transactionEntries.list({
    limit: 100,
  })) {
    if (impact.available.currency !== unit) continue;
    available += impact.available.value;
    inbound += impact.inbound_pending.value;
    outbound += impact.outbound_pending.value;
  }
  expect({ available, outbound, inbound }).toEqual({ available: now.storage, outbound: now.outbound, inbound: 0 });
  let payments = 0;
  for await (const line of bench.stripe.balanceTransactions.list({ limit: 100, currency: unit })) payments += line.net;
  // The opening available balance has no line; the pending one has.
  expect(payments + opening).toBe(now.payments + now.pending);
  for (const place of [now.storage, now.inbound, now.outbound]) expect(place).toBeGreaterThanOrEqual(0);
}

test(
  'random operations conserve money and every balance is the sum of its lines',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { minLength: LONGEST / 2, maxLength: LONGEST }),
        fc.constantFrom(0, 3_600_000),
        async (actions, settlementDelayMs) => {
          const bench = await startBench({ settlementDelayMs });
          try {
            for (const act of actions) {
              tried += 1;
              await act(bench).catch(() => {
                refused += 1;
              });
              expect(await bench.control('GET', 'conservation')).toMatchObject({ ok: true });
            }
            await bench.control('DELETE', 'faults');
            await linesExplain(bench, 'usd', 1_000_000);
            await linesExplain(bench, 'eur', 500_000);
          } finally {
            await bench.close();
          }
        },
      ),
      { seed: SEED, numRuns: Math.ceil(OPERATIONS / (LONGEST / 2)) },
    );
    console.log(
      `The books of the embedded Stripe held after each of ${tried} operations, ${refused} of them refused or broken`,
    );
    // Most of them must do something, or nothing was tried.
    expect(refused).toBeLessThan(tried * 0.7);
  },
  Math.max(240_000, OPERATIONS * 60),
);
