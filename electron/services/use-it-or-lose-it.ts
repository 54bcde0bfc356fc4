/**
 * Use it or lose it: what a subscriber did not allocate lapses at lock and becomes platform revenue. Money that Storage holds
 * beyond what is owed goes back to Payments. Amounts in minor units.
 */
import { sql } from 'kysely';
import { max, min, currency as toCurrency } from '../../shared/money/money';
import { fundingOf, storageTarget } from '../../shared/period/calculation';
import type { Period } from '../../shared/period/period';
import { listIntents } from '../journal/journal';
import { LAPSED_REVENUE, OWED_PREFIX, prefixEnd, STORAGE, SUSPENSE_PREFIX, UNDISTRIBUTED } from '../ledger/accounts';
import { balance, keptInSuspense, move, post } from '../ledger/ledger';
import type { Queries } from '../store/store';
import { aheadOfBooks } from './ahead-of-books';
import type { ServiceContext } from './context';
import { readFigures } from './period-figures';
import { readSettings } from './settings';
import { readBalances } from './stripe-storage-balance';

/** Posts the period's lapses to revenue, in the caller's transaction. */
export async function postLapses(context: ServiceContext, tx: Queries, period: Period): Promise<void> {
  for (const [currency, figures] of await readFigures(tx, period)) {
    await post(tx, {
      txId: context.newId(),
      at: context.now(),
      kind: 'lapse',
      period,
      intentId: null,
      description: `Unallocated funds of ${period} lapsed (use it or lose it)`,
      postings: move(LAPSED_REVENUE, UNDISTRIBUTED, currency, figures.unallocated ?? 0n),
    });
  }
}

export interface StorageNeed {
  readonly currency: string;
  readonly target: bigint;
  readonly available: bigint;
  readonly fund: bigint;
  /** To give back: what Storage holds beyond its target and beyond all that is owed, at Stripe and in the books. */
  readonly surplus: bigint;
}

/** What Storage has to hold for the period, by the books alone. Every currency that has figures or suspense; 0 for any other. */
export async function storageTargets(
  db: Queries,
  period: Period,
): Promise<{ readonly currencies: ReadonlySet<string>; readonly of: (currency: string) => bigint }> {
  const settings = await readSettings(db);
  const suspense = new Map<string, bigint>();
  for (const kept of await keptInSuspense(db)) {
    suspense.set(kept.currency, (suspense.get(kept.currency) ?? 0n) + kept.owed);
  }
  const figures = await readFigures(db, period);
  const ahead = await aheadOfBooks(db, period);
  const since = await owedSinceCalculation(db, period);
  const feesReturned = new Map<string, bigint>();
  for (const intent of await listIntents(db, { run: feeRun(period), states: ['posted'] })) {
    feesReturned.set(intent.currency, (feesReturned.get(intent.currency) ?? 0n) + intent.amount);
  }
  return {
    currencies: new Set([...figures.keys(), ...suspense.keys()]),
    of: (currency) => {
      const known = figures.get(currency) ?? {};
      const full = storageTarget(
        settings.fundingBasis,
        {
          opening: known.opening ?? 0n,
          gross: (known.net ?? 0n) + (known.fee ?? 0n),
          payable: known.payable ?? 0n,
        },
        suspense.get(currency) ?? 0n,
      );
      // A fee that already went back is not missing from Storage, nor is what was paid out of it already.
      return (
        full +
        (since.get(currency) ?? 0n) -
        (feesReturned.get(currency) ?? 0n) -
        (ahead.leftStorage.get(currency) ?? 0n) +
        (ahead.laterInStorage.get(currency) ?? 0n)
      );
    },
  };
}

/**
 * What has become owed to creators since the period was calculated, by currency: payouts of earlier months that came back. The period's
 * own payouts are not part of it, nor later ones.
 */
async function owedSinceCalculation(db: Queries, period: Period): Promise<ReadonlyMap<string, bigint>> {
  const calculated = await db
    .selectFrom('ledger_transaction')
    .innerJoin('ledger_entry', 'ledger_entry.tx_id', 'ledger_transaction.tx_id')
    .select(({ fn }) => fn.max<bigint | null>('entry_id').as('last'))
    .where('period', '=', period)
    // As it stands in the index.
    .where('kind', '=', sql.lit('earnings'))
    .executeTakeFirst();
  if (calculated === undefined || calculated.last === null) return new Map();
  const rows = await db
    .selectFrom('ledger_entry')
    .innerJoin('ledger_transaction', 'ledger_transaction.tx_id', 'ledger_entry.tx_id')
    .leftJoin('intent', 'intent.intent_id', 'ledger_transaction.intent_id')
    .select(({ fn }) => ['ledger_entry.currency', fn.sum<bigint>('ledger_entry.amount').as('total')])
    .where('entry_id', '>', calculated.last)
    // "+" keeps the index of accounts out of it: there are few later entries, and many accounts.
    .where(sql<string>`+account`, '>=', OWED_PREFIX)
    .where(sql<string>`+account`, '<', prefixEnd(OWED_PREFIX))
    .where((eb) => eb.or([eb('intent.intent_id', 'is', null), eb('intent.period', '<', period)]))
    .groupBy('ledger_entry.currency')
    .execute();
  return new Map(rows.map((row) => [row.currency, -BigInt(row.total)]));
}

/**
 * What Storage has to hold for the period and how far it is from that. Covers every currency that has figures or money in
 * Storage. Throws `StripeUnavailable`.
 */
export async function storageNeeds(context: ServiceContext, period: Period): Promise<readonly StorageNeed[]> {
  const balances = new Map((await readBalances(context)).map((one) => [one.currency as string, one]));
  const { db } = context.store;
  const targets = await storageTargets(db, period);
  const currencies = new Set(targets.currencies);
  for (const one of balances.values()) if (one.storageAvailable > 0n) currencies.add(one.currency);
  const needs: StorageNeed[] = [];
  for (const currency of [...currencies].sort()) {
    const target = targets.of(currency);
    const available = balances.get(toCurrency(currency))?.storageAvailable ?? 0n;
    const { fund, surplus } = fundingOf(target, available);
    // What has just come back at Stripe, and is not in the books yet, is owed to somebody.
    const spare =
      surplus === 0n ? 0n : max((await balance(db, STORAGE, currency)) - max(target, await owed(db, currency)), 0n);
    needs.push({ currency, target, available, fund, surplus: min(surplus, spare) });
  }
  return needs;
}

/** Σ owed to creators and kept in suspense now, by the books. Who was paid too much does not lessen what others are owed. */
async function owed(db: Queries, currency: string): Promise<bigint> {
  const { total } = await db
    .selectFrom('ledger_balance')
    .select(({ fn }) => fn.sum<bigint | null>('balance').as('total'))
    .where('currency', '=', currency)
    .where('balance', '<', 0n)
    .where((eb) =>
      eb.or(
        [OWED_PREFIX, SUSPENSE_PREFIX].map((prefix) =>
          eb.and([eb('account', '>=', prefix), eb('account', '<', prefixEnd(prefix))]),
        ),
      ),
    )
    .executeTakeFirstOrThrow();
  return -BigInt(total ?? 0n);
}

/** The run of releases that return the platform fee, on funding basis gross. */
export function feeRun(period: string): string {
  return `fee:${period}`;
}
