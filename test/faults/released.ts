/** Money goes back from Storage to Payments only beyond what is owed. By the books, of one instant; amounts in minor units. */
import { OWED_PREFIX, prefixEnd, STORAGE, SUSPENSE_PREFIX } from '../../electron/ledger/accounts';
import type { Queries } from '../../electron/store/store';

/**
 * Releases asked for or made that left less in Storage than was owed and kept when they were written down. Money that somebody brought
 * to Storage, and that waits for its explanation, is there. A rollback is not looked at: a person takes back what was moved.
 * Those in `seen` were looked at before; the others are added.
 */
export async function releasedTooMuch(db: Queries, seen: Set<string>): Promise<string[]> {
  const releases = await db
    .selectFrom('intent')
    .select(['intent_id', 'currency', 'amount', 'run', 'created_at'])
    .where('kind', '=', 'release')
    .execute();
  const problems: string[] = [];
  for (const { intent_id, currency, amount, run, created_at } of releases) {
    if (seen.has(intent_id)) continue;
    seen.add(intent_id);
    const rows = await db
      .selectFrom('ledger_entry')
      .innerJoin('ledger_transaction', 'ledger_transaction.tx_id', 'ledger_entry.tx_id')
      .select(({ fn }) => ['account', fn.sum<bigint>('amount').as('balance')])
      .where('currency', '=', currency)
      .where('at', '<', created_at)
      .groupBy('account')
      .execute();
    const brought = await db
      .selectFrom('stripe_line')
      .select(({ fn }) => fn.sum<bigint | null>('amount').as('total'))
      .where('outcome', '=', 'exception')
      .where('resolved_by', 'is', null)
      .where('side', '=', 'storage')
      .where('currency', '=', currency)
      .where('amount', '>', 0n)
      .executeTakeFirstOrThrow();
    let left = BigInt(brought.total ?? 0n) - amount;
    let owed = 0n;
    for (const { account, balance } of rows) {
      if (account === STORAGE) left += BigInt(balance);
      const isOwed = [OWED_PREFIX, SUSPENSE_PREFIX].some((prefix) => account >= prefix && account < prefixEnd(prefix));
      if (isOwed && BigInt(balance) < 0n) owed -= BigInt(balance);
    }
    if (left < owed) problems.push(`${run} left ${left} ${currency} in Storage, ${owed} were owed`);
  }
  return problems;
}
