/**
 * The wire format has every field that the `stripe` package's types promise. The compiler checks it: each pair
 * below fails to compile when a field is missing or has the wrong type.
 */
import type Stripe from 'stripe';
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
