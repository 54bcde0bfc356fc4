/** The parameters of the calls that move money, held against the package's own types. Amounts in minor units. */
import type Stripe from 'stripe';
import { toStripeAmount } from '../../shared/money/money';

interface Movement {
  readonly amount: bigint;
  readonly currency: string;
  readonly description: string;
  readonly intentId: string;
  readonly period: string;
}

/** What every object of ours carries at Stripe, so that it can be found without its id. */
export function metadataOf(movement: Pick<Movement, 'intentId' | 'period'>): Record<string, string> {
  return { coffer_intent: movement.intentId, coffer_period: movement.period };
}

/** `POST /v1/payouts` from the Payments balance to a financial account. */
export function payoutToStorage(movement: Movement, financialAccount: string) {
  return {
    amount: toStripeAmount(movement.amount),
    currency: movement.currency,
    payout_method: financialAccount,
    description: movement.description,
    metadata: metadataOf(movement),
  } satisfies Stripe.PayoutCreateParams;
}

/** `POST /v1/payouts` from the Payments balance to the default bank account of the currency. */
export function payoutToBank(movement: Movement) {
  return {
    amount: toStripeAmount(movement.amount),
    currency: movement.currency,
    description: movement.description,
    metadata: metadataOf(movement),
  } satisfies Stripe.PayoutCreateParams;
}

/** `POST /v2/money_management/outbound_payments` from a financial account to a creator. */
export function paymentFromStorage(movement: Movement, financialAccount: string, recipient: string) {
  return {
    amount: { value: toStripeAmount(movement.amount), currency: movement.currency },
    from: { financial_account: financialAccount, currency: movement.currency },
    to: { recipient },
    description: movement.description,
    metadata: metadataOf(movement),
  } satisfies Stripe.V2.MoneyManagement.OutboundPaymentCreateParams;
}

/** `POST /v1/transfers` from the Payments balance to a creator's Stripe balance. */
export function transferToCreator(movement: Movement, destination: string) {
  return {
    amount: toStripeAmount(movement.amount),
    currency: movement.currency,
    destination,
    transfer_group: transferGroup(movement.period),
    description: movement.description,
    metadata: metadataOf(movement),
  } satisfies Stripe.TransferCreateParams;
}

export function transferGroup(period: string): string {
  return `coffer_${period}`;
}
