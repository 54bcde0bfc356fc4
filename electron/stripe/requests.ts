/** The parameters of the calls that move money, held against the package's own types. Amounts in minor units. */
import type Stripe from 'stripe';
import { toStripeAmount } from '../../shared/money/money';

interface Movement {
  readonly amount: bigint;
  readonly currency: string;
  readonly description: string;
  readonly intentId: string;
  readonly period: string;
  readonly origin?: { readonly kind: string; readonly run: string; readonly subject: string };
}

/** Stripe's limit for one metadata value. */
const LONGEST_VALUE = 500;

/**
 * What every object of ours carries at Stripe: found by `coffer_intent` without its id, and taken over by the rest into books that
 * were restored from before it was made.
 */
export function metadataOf(movement: Pick<Movement, 'intentId' | 'period' | 'origin'>): Record<string, string> {
  const { intentId, period, origin } = movement;
  const known = { coffer_intent: intentId, coffer_period: period };
  if (origin === undefined || Math.max(origin.run.length, origin.subject.length) > LONGEST_VALUE) return known;
  return { ...known, coffer_kind: origin.kind, coffer_run: origin.run, coffer_subject: origin.subject };
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
