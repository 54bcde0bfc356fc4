/** What a person can do in Stripe's dashboard and Coffer cannot do by API, or did not do. */
import { refused } from '../http/errors';
import type { BalanceTransactionRecord, TransactionRecord } from '../state/records';
import { paymentsLine, storageLine } from './ledger-lines';
import type { Work } from './work';

/**
 * Balances → Transfer, from the financial account to the Payments balance; instant. On the storage side it is a
 * transaction of category `outbound_transfer`. On the Payments side Stripe documents no type; the nearest of the
 * package's types is `inbound_transfer`. Its `source` is null: the package has no object for it.
 */
export function releaseToPayments(
  work: Work,
  amount: bigint,
  currency: string,
): { transaction: TransactionRecord; balanceTransaction: BalanceTransactionRecord } {
  requireInStorage(work, amount, currency);
  const transaction = storageLine(work, {
    category: 'outbound_transfer',
    amount: -amount,
    currency,
    flow_type: 'outbound_transfer',
    flow: work.state.newId('obt_test_'),
    counterparty: 'Stripe Payments balance',
    description: 'Transfer to Payments balance',
    impact: { available: -amount, inbound: 0n, outbound: 0n },
  });
  const balanceTransaction = paymentsLine(work, {
    type: 'inbound_transfer',
    amount,
    currency,
    source: null,
    description: 'Transfer from financial account',
    against: [{ place: 'storage_available', amount: -amount }],
  });
  return { transaction, balanceTransaction };
}

/** Money sent from Storage to a bank account that Coffer knows nothing about. */
export function sendOutside(
  work: Work,
  amount: bigint,
  currency: string,
  description: string | null,
): TransactionRecord {
  requireInStorage(work, amount, currency);
  work.state.balances.post(currency, [
    { place: 'storage_available', amount: -amount },
    { place: 'world', amount },
  ]);
  return storageLine(work, {
    category: 'outbound_transfer',
    amount: -amount,
    currency,
    flow_type: 'outbound_transfer',
    flow: work.state.newId('obt_test_'),
    counterparty: 'External bank account',
    description: description ?? 'Payout from the dashboard',
    impact: { available: -amount, inbound: 0n, outbound: 0n },
  });
}

function requireInStorage(work: Work, amount: bigint, currency: string): void {
  if (work.state.balances.get('storage_available', currency) < amount) {
    throw refused('insufficient_funds', `Storage holds less than ${amount} available ${currency}.`, 'amount');
  }
}
