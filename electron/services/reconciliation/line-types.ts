/**
 * What Stripe's types of lines mean in the books. A type that is not listed is not guessed at: its line is unknown to us.
 * Source: Stripe, balance transaction types and categories of money management transactions.
 */
import { STRIPE_COSTS, UNDISTRIBUTED } from '../../ledger/accounts';
import type { StripeLine } from '../../rails/segregation-rail';

/** What a line of the Payments balance that is not a movement of ours is, and the account its other side is posted to. */
export interface OwnTraffic {
  readonly kind: 'receipt' | 'fee' | 'refund' | 'dispute' | 'correction' | 'top-up';
  readonly words: string;
  readonly contra: string;
}

const RECEIPT: OwnTraffic = { kind: 'receipt', words: 'Subscription money received', contra: UNDISTRIBUTED };
const FEE: OwnTraffic = { kind: 'fee', words: "Stripe's fee", contra: STRIPE_COSTS };
const REFUND: OwnTraffic = { kind: 'refund', words: 'Refund to a subscriber', contra: UNDISTRIBUTED };
/** Disputes are like refunds: what they take is not there to be distributed. */
const DISPUTE: OwnTraffic = { kind: 'dispute', words: 'Dispute of a payment', contra: UNDISTRIBUTED };
const CORRECTION: OwnTraffic = { kind: 'correction', words: 'Correction by Stripe', contra: STRIPE_COSTS };
const TOP_UP: OwnTraffic = { kind: 'top-up', words: 'Top-up by the platform', contra: UNDISTRIBUTED };

const TRAFFIC: ReadonlyMap<string, OwnTraffic> = new Map([
  ['charge', RECEIPT],
  ['payment', RECEIPT],
  ['stripe_fee', FEE],
  ['network_cost', FEE],
  ['tax_fee', FEE],
  ['refund', REFUND],
  ['payment_refund', REFUND],
  ['refund_failure', REFUND],
  ['payment_failure_refund', REFUND],
  ['topup', TOP_UP],
  ['topup_reversal', TOP_UP],
]);

/** The business's own traffic; undefined for everything else. */
export function ownTraffic(line: Pick<StripeLine, 'side' | 'type' | 'source'>): OwnTraffic | undefined {
  if (line.side === 'storage') return undefined;
  if (line.type !== 'adjustment') return TRAFFIC.get(line.type);
  return line.source !== null && /^(dp|du)_/.test(line.source) ? DISPUTE : CORRECTION;
}

/** An object of these has one line; a second one with the same amount is the same money twice. */
const ONE_LINE = new Set(['charge', 'payment', 'refund', 'payment_refund', 'topup']);

export function hasOneLine(line: Pick<StripeLine, 'side' | 'type' | 'source'>): boolean {
  return line.side === 'payments' && line.source !== null && ONE_LINE.has(line.type);
}

/** Types of Payments lines that move money to another place: ours, or somebody else's. */
const MOVES_PAYMENTS = /payout|transfer/;

/** Categories by which money enters or leaves Storage; all of it is moved by Coffer, or outside it. */
const MOVES_STORAGE = new Set([
  'received_credit',
  'received_credit_reversal',
  'received_debit',
  'received_debit_reversal',
  'outbound_payment',
  'outbound_payment_reversal',
  'outbound_transfer',
  'outbound_transfer_reversal',
  'inbound_transfer',
  'inbound_transfer_reversal',
]);

export function movesMoney(line: Pick<StripeLine, 'side' | 'type'>): boolean {
  return line.side === 'storage' ? MOVES_STORAGE.has(line.type) : MOVES_PAYMENTS.test(line.type);
}

/** Types that bring a movement back: `payout_failure`, `payout_cancel`, `transfer_refund` and the like. */
export function comesBack(line: Pick<StripeLine, 'type'>): boolean {
  return /failure|cancel|refund|reversal|return/.test(line.type);
}

/** Types of Payments lines that a release from Storage made in the dashboard may have: Stripe documents none. */
export function mayBeRelease(line: Pick<StripeLine, 'side' | 'type'>): boolean {
  return line.side === 'payments' && /transfer|payout|topup|adjustment/.test(line.type);
}
