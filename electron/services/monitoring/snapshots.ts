/** Readings of both balances as they are kept: one row for each currency and instant. Amounts in minor units. */
import type { CoverageView } from '../../../shared/contract/balances';
import { currency as toCurrency } from '../../../shared/money/money';
import type { Period } from '../../../shared/period/period';
import type { RailBalances } from '../../rails/segregation-rail';
import type { ServiceContext } from '../context';

export interface Reading {
  readonly at: Date;
  readonly balances: readonly RailBalances[];
}

/** What a reading found of one currency: the equation as it is shown, and what it was made of, so that it can be told again later. */
export interface Equation {
  readonly view: CoverageView;
  /** What the ledger says Storage holds, movements under way included. */
  readonly books: bigint;
  /** Earned so far in `month`, which is not calculated yet; null when none is open. */
  readonly accrued: bigint;
  readonly month: Period | null;
}

/** The latest stored, real reading: what the screens show while Stripe cannot be reached. */
export async function lastSnapshot(context: ServiceContext): Promise<Reading | null> {
  const { db } = context.store;
  const latest = await db
    .selectFrom('balance_snapshot')
    .select(({ fn }) => fn.max('at').as('at'))
    .where('seeded', '=', 0n)
    .executeTakeFirst();
  if (!latest?.at) return null;
  const rows = await db
    .selectFrom('balance_snapshot')
    .selectAll()
    .where('at', '=', latest.at)
    .where('seeded', '=', 0n)
    .execute();
  return {
    at: new Date(latest.at),
    balances: rows.map((row) => ({
      currency: toCurrency(row.currency),
      paymentsAvailable: row.payments_available,
      paymentsPending: row.payments_pending,
      storageAvailable: row.storage_available,
      storageInbound: row.storage_inbound,
      storageOutbound: row.storage_outbound,
    })),
  };
}

/** One row for each currency; what is owed, covered and explained belongs to the same moment. `entries`: the last ledger entry known then. */
export async function storeSnapshot(
  context: ServiceContext,
  reading: Reading,
  equations: readonly Equation[],
  entries: bigint,
): Promise<void> {
  const at = reading.at.toISOString();
  await context.store.transaction(async (tx) => {
    for (const one of reading.balances) {
      const found = equations.find(({ view }) => view.currency === one.currency);
      if (found === undefined) throw new Error(`The reading of ${one.currency} has no equation`);
      const { view, books, accrued, month } = found;
      await tx
        .insertInto('balance_snapshot')
        .values({
          at,
          currency: one.currency,
          payments_available: one.paymentsAvailable,
          payments_pending: one.paymentsPending,
          storage_available: one.storageAvailable,
          storage_inbound: one.storageInbound,
          storage_outbound: one.storageOutbound,
          owed: BigInt(view.owed),
          coverage_bps: view.coverageBps === null ? null : BigInt(view.coverageBps),
          seeded: 0n,
          books,
          accrued,
          month,
          unexplained: BigInt(view.unexplained),
          entries,
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
  });
}
