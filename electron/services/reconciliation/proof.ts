/** opening + lines = closing, for both balances and every currency: now, for a month, and for each day. Amounts in minor units. */
import type { ReconciliationSummary } from '../../../shared/contract/proof';
import type { Period } from '../../../shared/period/period';
import { PAYMENTS, STORAGE } from '../../ledger/accounts';
import type { Queries } from '../../store/store';
import type { ServiceContext } from '../context';
import { followMovements } from '../stripe-transfer';
import { openClasses, reconciliationCounts } from './counts';
import { ingestLines, matchAll, rereadLines } from './ingest';

export interface BalanceProof {
  readonly side: 'payments' | 'storage';
  readonly currency: string;
  readonly opening: bigint;
  readonly lines: bigint;
  readonly closing: bigint;
  /** closing − opening − lines; zero when every cent is accounted for. */
  readonly difference: bigint;
}

/**
 * opening + every line since = what Stripe says now, for both balances. Where that does not hold, every line is read again: one may
 * have been listed late, or changed. Throws `StripeUnavailable`.
 */
export async function proveBalances(context: ServiceContext): Promise<readonly BalanceProof[]> {
  await ingestLines(context);
  let proofs = await compareBalances(context);
  if (proofs.every(addsUp)) return proofs;
  // Something may have come in between the two readings.
  if ((await ingestLines(context)) > 0) proofs = await compareBalances(context);
  return proofs.every(addsUp) || (await rereadLines(context)) === 0 ? proofs : compareBalances(context);
}

function addsUp(proof: BalanceProof): boolean {
  return proof.difference === 0n;
}

async function compareBalances(context: ServiceContext): Promise<readonly BalanceProof[]> {
  const { db } = context.store;
  const balances = await context.rail.balances();
  const openings = await openingBalances(db);
  const sums = await db
    .selectFrom('stripe_line')
    .select(({ fn }) => ['side', 'currency', fn.sum<bigint>('amount').as('total')])
    .where('period', '<>', 'opening')
    .groupBy(['side', 'currency'])
    .execute();
  const lines = new Map(sums.map((row) => [`${row.side}:${row.currency}`, BigInt(row.total)]));
  const proofs: BalanceProof[] = [];
  for (const one of balances) {
    const prove = (side: 'payments' | 'storage', closing: bigint): void => {
      const opening = openings.get(`${side}:${one.currency}`) ?? 0n;
      const moved = lines.get(`${side}:${one.currency}`) ?? 0n;
      proofs.push({
        side,
        currency: one.currency,
        opening,
        lines: moved,
        closing,
        difference: closing - opening - moved,
      });
    };
    prove('payments', one.paymentsAvailable + one.paymentsPending);
    if (context.rail.capabilities.segregatedAtStripe) {
      // A payout under way has left available at once: its line stands, so outbound is not part of this sum.
      prove('storage', one.storageAvailable + one.storageInbound);
    }
  }
  return proofs;
}

export async function openingBalances(db: Queries): Promise<ReadonlyMap<string, bigint>> {
  const rows = await db
    .selectFrom('ledger_entry')
    .innerJoin('ledger_transaction', 'ledger_transaction.tx_id', 'ledger_entry.tx_id')
    .select(['account', 'currency', 'amount'])
    .where('kind', '=', 'opening.balances')
    .where('account', 'in', [PAYMENTS, STORAGE])
    .execute();
  return new Map(rows.map((row) => [`${row.account}:${row.currency}`, row.amount]));
}

export interface ReconciliationOutcome {
  readonly matched: number;
  readonly timing: number;
  readonly exception: number;
  readonly resolved: number;
  readonly proofs: readonly BalanceProof[];
}

/**
 * Reconciles a period: reads new lines, matches again what was not matched, and looks for movements of ours that Stripe does not
 * show. The period's lines are those created while it was worked on: from its start to its close. Throws `StripeUnavailable`.
 */
export async function reconcile(context: ServiceContext, period: Period): Promise<ReconciliationOutcome> {
  await followMovements(context, true);
  const proofs = await proveBalances(context);
  await matchAll(context);
  await rememberProof(context, period, proofs);
  const counts = await reconciliationCounts(context.store.db, period);
  return { ...counts, proofs };
}

const proofKey = (period: string): string => `reconciliation:${period}`;

async function rememberProof(context: ServiceContext, period: string, proofs: readonly BalanceProof[]): Promise<void> {
  const value = JSON.stringify({ ranAt: context.now().toISOString(), proof: proofs.map(proofView) });
  await context.store.db
    .insertInto('setting')
    .values({ key: proofKey(period), value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute();
}

function proofView(proof: BalanceProof): ReconciliationSummary['proof'][number] {
  return {
    side: proof.side,
    currency: proof.currency,
    opening: String(proof.opening),
    lines: String(proof.lines),
    closing: String(proof.closing),
    difference: String(proof.difference),
  };
}

/** Where the reconciliation of a period stands, with the proof of its last run. Reads no network. */
export async function reconciliationSummary(context: ServiceContext, period: string): Promise<ReconciliationSummary> {
  const { db } = context.store;
  const stored = await db.selectFrom('setting').select('value').where('key', '=', proofKey(period)).executeTakeFirst();
  const known: Pick<ReconciliationSummary, 'ranAt' | 'proof'> =
    stored === undefined ? { ranAt: null, proof: [] } : JSON.parse(stored.value);
  return { period, ...known, counts: await reconciliationCounts(db, period), classes: await openClasses(db, period) };
}

/**
 * The proof of the month's reconciliation, its own lines apart: opening + lines + other = closing, where `other` are lines of later
 * months that Stripe listed by then. Empty while there is none.
 */
export async function monthProof(
  db: Queries,
  period: string,
): Promise<{ side: string; currency: string; opening: bigint; lines: bigint; other: bigint; closing: bigint }[]> {
  const stored = await db.selectFrom('setting').select('value').where('key', '=', proofKey(period)).executeTakeFirst();
  if (stored === undefined) return [];
  const { proof }: Pick<ReconciliationSummary, 'proof'> = JSON.parse(stored.value);
  const sums = await db
    .selectFrom('stripe_line')
    .select(({ fn }) => ['side', 'currency', 'period', fn.sum<bigint>('amount').as('total')])
    .where('period', '<>', 'opening')
    .where('period', '<=', period)
    .groupBy(['side', 'currency', 'period'])
    .execute();
  return proof.map((one) => {
    const total = (isOf: (of: string) => boolean): bigint =>
      sums
        .filter((row) => row.side === one.side && row.currency === one.currency && isOf(row.period))
        .reduce((sum, row) => sum + BigInt(row.total), 0n);
    const earlier = total((of) => of < period);
    const lines = total((of) => of === period);
    return {
      side: one.side,
      currency: one.currency,
      opening: BigInt(one.opening) + earlier,
      lines,
      other: BigInt(one.lines) - earlier - lines,
      closing: BigInt(one.closing),
    };
  });
}
