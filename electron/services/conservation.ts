/** Money is conserved: Payments + Storage + under way in the ledger equal Stripe's. */

import { amountText } from '../../shared/money/amount-text';
import type { ServiceContext } from './context';
import { CONSERVED_ACCOUNTS, ingestLines } from './reconciliation';

/** Null when the ledger's payments + storage + under way equal Stripe's; else the difference in words. */
export async function conservation(context: ServiceContext): Promise<string | null> {
  // What came in meanwhile belongs to the books too.
  await ingestLines(context);
  const rows = await context.store.db
    .selectFrom('ledger_balance')
    .select(({ fn }) => ['currency', fn.sum<bigint>('balance').as('total')])
    .where('account', 'in', [...CONSERVED_ACCOUNTS])
    .groupBy('currency')
    .execute();
  const books = new Map(rows.map((row) => [row.currency, BigInt(row.total)]));
  for (const one of await context.rail.balances()) {
    const atStripe =
      one.paymentsAvailable + one.paymentsPending + one.storageAvailable + one.storageInbound + one.storageOutbound;
    const difference = atStripe - (books.get(one.currency) ?? 0n);
    if (difference !== 0n) return `Stripe and the ledger differ by ${amountText(difference, one.currency)}`;
  }
  return null;
}
