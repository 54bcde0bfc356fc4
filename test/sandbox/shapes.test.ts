/**
 * The wire format has every field that the `stripe` package's types promise. The compiler checks it: each assignment
 * below fails to compile when a field is missing or has the wrong type.
 */
import type Stripe from 'stripe';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type {
  renderAccount,
  renderCoreAccount,
  renderPayoutMethod,
  renderPlatformAccount,
} from '../../electron/sandbox/objects/accounts';
import type {
  renderBalance,
  renderBalanceSettings,
  renderFinancialAccount,
} from '../../electron/sandbox/objects/balance';
import type { renderEvent } from '../../electron/sandbox/objects/events';
import type {
  renderBalanceTransaction,
  renderBankAccount,
  renderPayout,
  renderReversal,
  renderTopup,
  renderTransfer,
} from '../../electron/sandbox/objects/movements';
import type { renderCharge, renderDispute, renderRefund } from '../../electron/sandbox/objects/payments';
import type {
  renderOutboundPayment,
  renderReceivedCredit,
  renderTransaction,
  renderTransactionEntry,
} from '../../electron/sandbox/objects/storage';
import { type Bench, fund, pay, startBench } from './harness';

type Wire<F extends (...args: never[]) => unknown> = ReturnType<F>;
type Fits<Shown extends Promised, Promised> = [Shown, Promised];

export type Checked = [
  Fits<Wire<typeof renderAccount>, Stripe.Account>,
  Fits<Wire<typeof renderPlatformAccount>, Stripe.Account>,
  Fits<Wire<typeof renderBalance>, Stripe.Balance>,
  Fits<Wire<typeof renderBalanceSettings>, Stripe.BalanceSettings>,
  Fits<Wire<typeof renderBalanceTransaction>, Stripe.BalanceTransaction>,
  Fits<Wire<typeof renderBankAccount>, Stripe.BankAccount>,
  Fits<Wire<typeof renderPayout>, Stripe.Payout>,
  Fits<Wire<typeof renderTransfer>, Stripe.Transfer>,
  Fits<Wire<typeof renderReversal>, Stripe.TransferReversal>,
  Fits<Wire<typeof renderTopup>, Stripe.Topup>,
  Fits<Wire<typeof renderCharge>, Stripe.Charge>,
  Fits<Wire<typeof renderRefund>, Stripe.Refund>,
  Fits<Omit<Wire<typeof renderDispute>, 'evidence'>, Omit<Stripe.Dispute, 'evidence'>>,
  Fits<Omit<Wire<typeof renderEvent>, 'data' | 'type'>, Omit<Stripe.Event, 'data' | 'type'>>,
  Fits<Wire<typeof renderCoreAccount>, Stripe.V2.Core.Account>,
  Fits<Wire<typeof renderFinancialAccount>, Stripe.V2.MoneyManagement.FinancialAccount>,
  Fits<Omit<Wire<typeof renderOutboundPayment>, 'to'>, Omit<Stripe.V2.MoneyManagement.OutboundPayment, 'to'>>,
  Fits<Wire<typeof renderReceivedCredit>, Stripe.V2.MoneyManagement.ReceivedCredit>,
  Fits<Wire<typeof renderTransaction>, Stripe.V2.MoneyManagement.Transaction>,
  Fits<Wire<typeof renderTransactionEntry>, Stripe.V2.MoneyManagement.TransactionEntry>,
  Fits<Wire<typeof renderPayoutMethod>, Stripe.V2.MoneyManagement.PayoutMethod>,
];

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
