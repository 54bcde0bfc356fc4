import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bench, fund, pay, startBench } from './harness';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());

test('what goes over the wire is what was checked above', async () => {
  const payout = await fund(bench, 30_000);
  const payment = await pay(bench, 'acct_anna', 1_000);
  await bench.stripe.balance.retrieve();
  const charge = await bench.control('POST', 'charges', { amount: 900, currency: 'usd', available_in_seconds: 0 });
  expect(await bench.stripe.payouts.retrieve(payout.id)).toMatchObject({
    object: 'payout',
    status: 'paid',
    livemode: false,
  });
  expect(payment).toMatchObject({ object: 'v2.money_management.outbound_payment', status: 'processing' });
  expect(await bench.stripe.charges.retrieve(String(charge.id))).toMatchObject({ object: 'charge', paid: true });
  const [entry] = (await bench.stripe.v2.moneyManagement.transactionEntries.list({ limit: 1 })).data;
  expect(Object.keys(entry ?? {}).sort()).toEqual(
    [
      'balance_impact',
      'created',
      'effective_at',
      'id',
      'livemode',
      'object',
      'transaction',
      'transaction_details',
    ].sort(),
  );
});

test('an account shows its configuration only when it is asked for', async () => {
  const bare = await bench.stripe.v2.core.accounts.retrieve('acct_anna');
  expect(bare.configuration).toBeUndefined();
  const full = await bench.stripe.v2.core.accounts.retrieve('acct_anna', { include: ['configuration.recipient'] });
  expect(full.configuration?.recipient?.capabilities?.bank_accounts?.ach?.status).toBe('active');
});

test('expansions replace ids by objects, also two levels deep and in lists', async () => {
  const payout = await fund(bench, 100);
  const expanded = await bench.stripe.payouts.retrieve(payout.id, { expand: ['balance_transaction.source'] });
  expect(expanded.balance_transaction).toMatchObject({
    object: 'balance_transaction',
    source: { id: payout.id, object: 'payout' },
  });
  const list = await bench.stripe.balanceTransactions.list({ limit: 1, expand: ['data.source'] });
  expect(list.data[0]?.source).toMatchObject({ object: 'payout', id: payout.id });
  await expect(bench.stripe.payouts.retrieve(payout.id, { expand: ['amount'] })).rejects.toThrow(
    'This property cannot be expanded (amount)',
  );
});
