/** What the present state of an object at Stripe says of the movement that it is. */
import type { OutboundPayment, Payout, ReceivedCredit, Transfer } from '../stripe/objects';
import { unknownOutcome } from './outcome';
import { outboundPaymentReason, payoutReason } from './reasons';
import type { MovementOutcome } from './segregation-rail';

/** A payout has arrived when Stripe calls it paid or Storage shows its credit; it came back when that credit did. */
export function payoutOutcome(row: Payout, credit: ReceivedCredit | null): MovementOutcome {
  const known = { stripeObject: row.id, requestId: null };
  const code = row.failure_code ?? row.status;
  const message = payoutReason(row.failure_code, row.failure_message);
  if (row.reversed_by !== null) {
    return {
      state: 'returned',
      ...known,
      code: 'reversed',
      message: 'The payout to Storage was reversed; the money is back in Payments.',
    };
  }
  switch (row.status) {
    case 'paid':
      return credit?.status === 'returned' || credit?.status === 'failed'
        ? {
            state: 'returned',
            ...known,
            code: `credit-${credit.status}`,
            message: 'The money arrived in Storage and was sent back.',
          }
        : { state: 'posted', ...known };
    case 'pending':
    case 'in_transit':
      return credit?.status === 'succeeded' ? { state: 'posted', ...known } : { state: 'processing', ...known };
    case 'failed':
      return { state: credit === null ? 'failed' : 'returned', ...known, code, message };
    case 'canceled':
      return {
        state: 'canceled',
        ...known,
        code: 'canceled',
        message: 'The payout to Storage was cancelled before it arrived.',
      };
    default:
      return unknownOutcome('unknown-status', `Stripe calls this payout "${row.status}", which Coffer does not know.`);
  }
}

export function paymentOutcome(row: OutboundPayment): MovementOutcome {
  const known = { stripeObject: row.id, requestId: null };
  switch (row.status) {
    case 'processing':
    case 'posted':
      return { state: row.status, ...known };
    case 'failed': {
      const code = row.status_details?.failed?.reason ?? 'unknown_failure';
      return { state: 'failed', ...known, code, message: outboundPaymentReason(code) };
    }
    case 'returned': {
      const code = row.status_details?.returned?.reason ?? 'unknown_failure';
      return { state: 'returned', ...known, code, message: outboundPaymentReason(code) };
    }
    case 'canceled':
      return {
        state: 'canceled',
        ...known,
        code: 'canceled',
        message: 'The payout was cancelled before it left Storage.',
      };
    default:
      return unknownOutcome('unknown-status', `Stripe calls this payout "${row.status}", which Coffer does not know.`);
  }
}

/** A transfer has no status: created is posted, taken back in full is returned. */
export function transferOutcome(row: Transfer): MovementOutcome {
  const known = { stripeObject: row.id, requestId: null };
  if (!row.reversed) return { state: 'posted', ...known };
  return {
    state: 'returned',
    ...known,
    code: 'reversed',
    message: 'The transfer was reversed; the money is back in Payments.',
  };
}
