import { refused } from '../http/errors';
import { renderTopup } from '../objects/movements';
import { renderCharge, renderDispute, renderRefund } from '../objects/payments';
import type { ChargeRecord, DisputeRecord, RefundRecord, TopupRecord } from '../state/records';
import { emit } from './events';
import { paymentsLine } from './ledger-lines';
import type { Work } from './work';

/** A subscription payment lands: gross `amount`, of which Stripe keeps `fee`; the rest is pending until available. */
export function landCharge(
  work: Work,
  wanted: {
    amount: bigint;
    fee: bigint;
    currency: string;
    customer: string | null;
    description: string | null;
    availableInMs: number;
    metadata: Readonly<Record<string, string>>;
  },
): ChargeRecord {
  const { state, now } = work;
  const id = state.newId('ch_');
  const movement = paymentsLine(work, {
    type: 'charge',
    amount: wanted.amount,
    fee: wanted.fee,
    currency: wanted.currency,
    source: id,
    description: wanted.description,
    availableOn: now + wanted.availableInMs,
    against: [{ place: 'world', amount: wanted.fee - wanted.amount }],
  });
  const row: ChargeRecord = {
    id,
    created: now,
    amount: wanted.amount,
    refunded: 0n,
    currency: wanted.currency,
    customer: wanted.customer,
    description: wanted.description,
    disputed: false,
    balance_transaction: movement.id,
    metadata: { ...wanted.metadata },
  };
  state.charges.put(row);
  emit(work, 'charge.succeeded', renderCharge(row));
  return row;
}

/** Gives money back to a buyer out of the available Payments balance, which may go below zero, as at Stripe. */
export function refundCharge(
  work: Work,
  charge: ChargeRecord,
  wanted: { amount: bigint | null; reason: string | null; metadata: Readonly<Record<string, string>> },
): RefundRecord {
  const { state, now } = work;
  const left = charge.amount - charge.refunded;
  const amount = wanted.amount ?? left;
  if (left === 0n) throw refused('charge_already_refunded', `Charge ${charge.id} has already been refunded.`);
  if (amount > left) {
    throw refused(
      undefined,
      `Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`,
      'amount',
    );
  }
  const id = state.newId('re_');
  const movement = paymentsLine(work, {
    type: 'refund',
    amount: -amount,
    currency: charge.currency,
    source: id,
    description: `REFUND FOR CHARGE (${charge.id})`,
    against: [{ place: 'world', amount }],
  });
  const row: RefundRecord = {
    id,
    created: now,
    amount,
    currency: charge.currency,
    charge: charge.id,
    balance_transaction: movement.id,
    reason: wanted.reason,
    metadata: { ...wanted.metadata },
  };
  state.refunds.put(row);
  const after: ChargeRecord = { ...charge, refunded: charge.refunded + amount };
  state.charges.put(after);
  emit(work, 'charge.refunded', renderCharge(after));
  emit(work, 'refund.created', renderRefund(row));
  return row;
}

/** A buyer disputes a charge: the amount and Stripe's dispute `fee` leave the available Payments balance. */
export function disputeCharge(
  work: Work,
  charge: ChargeRecord,
  wanted: { amount: bigint | null; fee: bigint; reason: string },
): DisputeRecord {
  const { state, now } = work;
  if (charge.disputed) throw refused(undefined, `Charge ${charge.id} is already disputed.`);
  const amount = wanted.amount ?? charge.amount - charge.refunded;
  const id = state.newId('du_');
  const movement = paymentsLine(work, {
    type: 'adjustment',
    category: 'dispute',
    amount: -amount,
    fee: wanted.fee,
    currency: charge.currency,
    source: id,
    description: `Chargeback withdrawal for ${charge.id}`,
    against: [{ place: 'world', amount: amount + wanted.fee }],
  });
  const row: DisputeRecord = {
    id,
    created: now,
    amount,
    currency: charge.currency,
    charge: charge.id,
    balance_transaction: movement.id,
    reason: wanted.reason,
    status: 'needs_response',
    metadata: {},
  };
  state.disputes.put(row);
  state.charges.put({ ...charge, disputed: true });
  emit(work, 'charge.dispute.created', renderDispute(row, movement));
  emit(work, 'charge.dispute.funds_withdrawn', renderDispute(row, movement));
  return row;
}

/** The platform adds money from its bank to the Payments balance. */
export function landTopup(
  work: Work,
  wanted: {
    amount: bigint;
    currency: string;
    description: string | null;
    availableInMs: number;
    metadata: Readonly<Record<string, string>>;
  },
): TopupRecord {
  const { state, now } = work;
  const id = state.newId('tu_');
  const movement = paymentsLine(work, {
    type: 'topup',
    amount: wanted.amount,
    currency: wanted.currency,
    source: id,
    description: wanted.description,
    availableOn: now + wanted.availableInMs,
    against: [{ place: 'world', amount: -wanted.amount }],
  });
  const row: TopupRecord = {
    id,
    created: now,
    amount: wanted.amount,
    currency: wanted.currency,
    balance_transaction: movement.id,
    description: wanted.description,
    metadata: { ...wanted.metadata },
  };
  state.topups.put(row);
  emit(work, 'topup.created', renderTopup(row));
  emit(work, 'topup.succeeded', renderTopup(row));
  return row;
}
