import { renderBalance } from '../objects/balance';
import type { Settlement } from '../state/settlements';
import type { SandboxState } from '../state/state';
import { emit } from './events';
import { settleOutboundPayment } from './outbound-payments';
import { settlePayout } from './payouts';
import type { Work } from './work';

/** How many settle in one unit of work: a bound on the length of one line of the log. */
const BATCH = 500;

/**
 * Brings everything up to date that is due at `now`: pending money becomes available, payouts are paid, outbound
 * payments post. Runs at the beginning of each request. Only what was due when it began is handled, so with no delay
 * at all a payout still takes one request from pending to paid and another from paid to failed.
 */
export function settleDue(state: SandboxState, now: number, workAt: (now: number) => Work): void {
  const due: Settlement[] = [];
  for (let next = state.settlements.takeDue(now); next !== undefined; next = state.settlements.takeDue(now))
    due.push(next);
  let becameAvailable = false;
  for (let start = 0; start < due.length; start += BATCH) {
    const batch = due.slice(start, start + BATCH);
    state.transact(() => {
      const work = workAt(now);
      for (const settlement of batch) becameAvailable = settle(work, settlement) || becameAvailable;
    });
  }
  if (becameAvailable) state.transact(() => emit(workAt(now), 'balance.available', renderBalance(state)));
}

/** Returns whether pending Payments money became available. */
function settle(work: Work, { kind, id, due }: Settlement): boolean {
  const { state } = work;
  switch (kind) {
    case 'balance_transaction': {
      const row = state.balanceTransactions.get(id);
      if (row === undefined || row.status === 'available' || row.available_on !== due) return false;
      const net = row.amount - row.fee;
      state.balances.post(row.currency, [
        { place: 'payments_pending', amount: -net },
        { place: 'payments_available', amount: net },
      ]);
      state.balanceTransactions.put({ ...row, status: 'available' });
      return true;
    }
    case 'payout': {
      const row = state.payouts.get(id);
      if (row?.due === due) settlePayout(work, row);
      return false;
    }
    case 'outbound_payment': {
      const row = state.outboundPayments.get(id);
      if (row?.due === due) settleOutboundPayment(work, row);
      return false;
    }
  }
}
