import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Bench, errorOf, startBench } from './harness';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

const transfer = (amount: number, destination = 'acct_anna') =>
  bench.stripe.transfers.create({
    amount,
    currency: 'usd',
    destination,
    transfer_group: '2026-10',
    metadata: { coffer_intent: 't1' },
  });

test('a transfer moves available Payments money to a connected account and has no status', async () => {
  const made = await transfer(4_000);
  expect(made).toMatchObject({
    amount: 4_000,
    reversed: false,
    transfer_group: '2026-10',
    metadata: { coffer_intent: 't1' },
  });
  expect('status' in made).toBe(false);
  expect(await bench.balances()).toMatchObject({ payments: 996_000 });
  const theirs = await bench.stripe.balance.retrieve({}, { stripeAccount: 'acct_anna' });
  expect(theirs.available.find((row) => row.currency === 'usd')?.amount).toBe(4_000);
  expect(
    (await bench.stripe.transfers.list({ transfer_group: '2026-10', destination: 'acct_anna' })).data,
  ).toHaveLength(1);
  expect((await bench.stripe.events.list({ type: 'transfer.created' })).data).toHaveLength(1);
});

test('an account without the transfers capability is refused', async () => {
  expect(await errorOf(transfer(1, 'acct_blocked'))).toMatchObject({
    statusCode: 400,
    code: 'insufficient_capabilities_for_transfer',
  });
});

test('a transfer of more than is available is refused', async () => {
  expect(await errorOf(transfer(1_000_001))).toMatchObject({ statusCode: 400, code: 'balance_insufficient' });
});

test('an unknown destination is refused', async () => {
  expect(await errorOf(transfer(1, 'acct_nobody'))).toMatchObject({ code: 'resource_missing', param: 'destination' });
});

test('a transfer can be reversed in parts up to its amount', async () => {
  const made = await transfer(1_000);
  await bench.stripe.transfers.createReversal(made.id, { amount: 400 });
  expect(await bench.stripe.transfers.retrieve(made.id)).toMatchObject({ amount_reversed: 400, reversed: false });
  await errorOf(bench.stripe.transfers.createReversal(made.id, { amount: 601 }));
  const rest = await bench.stripe.transfers.createReversal(made.id);
  expect(rest.amount).toBe(600);
  expect((await bench.stripe.transfers.retrieve(made.id)).reversed).toBe(true);
  expect((await bench.stripe.transfers.listReversals(made.id)).data).toHaveLength(2);
  expect(await bench.stripe.transfers.retrieveReversal(made.id, rest.id)).toMatchObject({ transfer: made.id });
  expect(await bench.balances()).toMatchObject({ payments: 1_000_000 });
});
