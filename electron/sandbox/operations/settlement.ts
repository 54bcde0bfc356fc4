import { renderBalance } from '../objects/balance';
import { emit } from './events';
import { settleOutboundPayment } from './outbound-payments';
import { settlePayout } from './payouts';
import type { Work } from './work';

/** A bound on one request's catching up; what is left settles with the next request. */
const MOST_PER_REQUEST = 100_000;

/**
 * Brings everything up to date that has become due: pending money becomes available, payouts are paid, outbound
 * payments post. Runs at the beginning of each request. Only what was due when it began is handled, so with no delay
 * at all a payout still takes one request from pending to paid and another from paid to failed.
 */
export function settleDue(work: Work): void {
  const { state, now } = work;
  let becameAvailable = false;
  const due = [];
  while (due.length < MOST_PER_REQUEST) {
    const next = state.settlements.takeDue(now);
    if (next === undefined) break;
    due.push(next);
  }
  for (const { kind, id, due: planned } of due) {
    switch (kind) {
      case 'balance_transaction': {
        const row = state.balanceTransactions.get(id);
        if (row === undefined || row.status === 'available' || row.available_on !== planned) break;
        const net = row.amount - row.fee;
        state.balances.post(row.currency, [
          { place: 'payments_pending', amount: -net },
          { place: 'payments_available', amount: net },
        ]);
        state.balanceTransactions.put({ ...row, status: 'available' });
        becameAvailable = true;
        break;
      }
      case 'payout': {
        const row = state.payouts.get(id);
        if (row !== undefined && row.due === planned) settlePayout(work, row);
        break;
      }
      case 'outbound_payment': {
        const row = state.outboundPayments.get(id);
        if (row !== undefined && row.due === planned) settleOutboundPayment(work, row);
        break;
      }
    }
  }
  if (becameAvailable) emit(work, 'balance.available', renderBalance(state));
}
