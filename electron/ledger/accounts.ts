/**
 * The chart of accounts. Asset accounts carry debit balances (positive), the others credit balances (negative).
 *
 * | Account          | Kind      | Holds |
 * |------------------|-----------|-------|
 * | payments         | asset     | the Payments balance at Stripe |
 * | storage          | asset     | the Storage balance at Stripe (earmark: the earmarked part of Payments) |
 * | inbound          | asset     | moves between Payments and Storage that are not settled yet |
 * | outbound         | asset     | payouts that left Storage and are not posted yet |
 * | withdrawing      | asset     | withdrawals that left Payments and did not arrive at the bank yet |
 * | withdrawn        | equity    | paid out to the platform's own bank account (debit) |
 * | owed:CREATOR     | liability | owed to a creator |
 * | suspense:ID      | liability | allocated to a creator nobody knows |
 * | undistributed    | equity    | receipts not yet given to creators or revenue; opening funds |
 * | revenue:fee      | revenue   | platform fee |
 * | revenue:lapsed   | revenue   | use it or lose it |
 * | revenue:borne    | revenue   | refunds and disputes after the close, borne by the platform (debit) |
 * | stripe-costs     | expense   | Stripe's fees and corrections |
 */
export const PAYMENTS = 'payments';
export const STORAGE = 'storage';
export const INBOUND = 'inbound';
export const OUTBOUND = 'outbound';
export const WITHDRAWING = 'withdrawing';
export const WITHDRAWN = 'withdrawn';
export const UNDISTRIBUTED = 'undistributed';
export const FEE_REVENUE = 'revenue:fee';
export const LAPSED_REVENUE = 'revenue:lapsed';
export const REFUNDS_BORNE = 'revenue:borne';
export const STRIPE_COSTS = 'stripe-costs';

export const REVENUE_PREFIX = 'revenue:';
export const OWED_PREFIX = 'owed:';
export const SUSPENSE_PREFIX = 'suspense:';

export function owedTo(creatorId: string): string {
  return `${OWED_PREFIX}${creatorId}`;
}

export function suspenseOf(creatorId: string): string {
  return `${SUSPENSE_PREFIX}${creatorId}`;
}

/** The upper bound of a prefix range: `owed:` … `owed;`. Accounts compare by bytes. */
export function prefixEnd(prefix: string): string {
  return `${prefix.slice(0, -1)};`;
}
