/** What can be wrong with lines at Stripe. Each keeps the balances true to what the lists will show, but for lines withheld for a while. */
import type { Work } from '../../electron/sandbox/operations/work';
import type { Side } from './world';

interface Line {
  readonly currency: string;
  readonly net: bigint;
}

function read(work: Work, side: Side, id: string): Line {
  if (side === 'storage') {
    const row = work.state.transactions.get(id);
    if (row === undefined) throw new Error(`There is no line ${id}`);
    return { currency: row.currency, net: row.available + row.inbound };
  }
  const row = work.state.balanceTransactions.get(id);
  if (row === undefined) throw new Error(`There is no line ${id}`);
  return { currency: row.currency, net: row.amount - row.fee };
}

function shift(work: Work, side: Side, currency: string, amount: bigint): void {
  work.state.balances.post(currency, [
    { place: side === 'storage' ? 'storage_available' : 'payments_available', amount },
    { place: 'world', amount: -amount },
  ]);
}

/** Adds `by` to the amount of a line. */
export function alterAmount(work: Work, side: Side, id: string, by: bigint): void {
  const { currency } = read(work, side, id);
  const { transactions, balanceTransactions } = work.state;
  if (side === 'storage') {
    const row = transactions.get(id);
    if (row !== undefined) transactions.put({ ...row, amount: row.amount + by, available: row.available + by });
  } else {
    const row = balanceTransactions.get(id);
    if (row !== undefined) balanceTransactions.put({ ...row, amount: row.amount + by });
  }
  shift(work, side, currency, by);
}

/** The same figure in another currency. */
export function alterCurrency(work: Work, side: Side, id: string, currency: string): void {
  const before = read(work, side, id);
  const { transactions, balanceTransactions } = work.state;
  if (side === 'storage') {
    const row = transactions.get(id);
    if (row !== undefined) transactions.put({ ...row, currency });
  } else {
    const row = balanceTransactions.get(id);
    if (row !== undefined) balanceTransactions.put({ ...row, currency });
  }
  shift(work, side, before.currency, -before.net);
  shift(work, side, currency, before.net);
}

/** A second line like the first. Returns its id. */
export function repeat(work: Work, side: Side, id: string): string {
  const { currency, net } = read(work, side, id);
  const { transactions, balanceTransactions } = work.state;
  shift(work, side, currency, net);
  if (side === 'storage') {
    const row = transactions.get(id);
    const again = work.state.newId('trxn_test_');
    if (row !== undefined) transactions.put({ ...row, id: again, created: work.now });
    return again;
  }
  const row = balanceTransactions.get(id);
  const again = work.state.newId('txn_');
  if (row !== undefined)
    balanceTransactions.put({ ...row, id: again, created: work.now, status: 'available', available_on: work.now });
  return again;
}

/** Stripe never made it: the money is where it was. The caller withholds the line. */
export function undo(work: Work, side: Side, id: string): void {
  const { currency, net } = read(work, side, id);
  shift(work, side, currency, -net);
}

/** Splits a line of Storage in two. Returns the second. */
export function split(work: Work, id: string, part: bigint): string {
  const again = repeat(work, 'storage', id);
  const { net } = read(work, 'storage', id);
  alterAmount(work, 'storage', again, part - net);
  alterAmount(work, 'storage', id, -part);
  return again;
}
