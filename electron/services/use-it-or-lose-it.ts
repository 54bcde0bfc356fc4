/**
 * Use it or lose it: what a subscriber did not allocate lapses at lock and becomes platform revenue. Money that Storage holds
 * beyond what is owed goes back to Payments. Amounts in minor units.
 */
import { max, min, currency as toCurrency } from '../../shared/money/money';
import { fundingOf, storageTarget } from '../../shared/period/calculation';
import type { Period } from '../../shared/period/period';
import { listIntents } from '../journal/journal';
import { LAPSED_REVENUE, STORAGE, UNDISTRIBUTED } from '../ledger/accounts';
import { balance, keptInSuspense, move, post, sumsOwed } from '../ledger/ledger';
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

/** What Storage has to hold for the period, by the books alone. Every currency that has figures or in which something is owed. */
export async function storageTargets(
  db: Queries,
  period: Period,
): Promise<{
  readonly currencies: ReadonlySet<string>;
  readonly of: (currency: string) => bigint;
  /** Σ owed to creators and kept in suspense now. */
  readonly owed: (currency: string) => bigint;
}> {
  const settings = await readSettings(db);
  const suspense = new Map<string, bigint>();
  for (const kept of await keptInSuspense(db)) {
    suspense.set(kept.currency, (suspense.get(kept.currency) ?? 0n) + kept.owed);
  }
  const figures = await readFigures(db, period);
  const ahead = await aheadOfBooks(db, period);
  const owed = await sumsOwed(db);
  const feesReturned = new Map<string, bigint>();
  for (const intent of await listIntents(db, { run: feeRun(period), states: ['posted'] })) {
    feesReturned.set(intent.currency, (feesReturned.get(intent.currency) ?? 0n) + intent.amount);
  }
  return {
    currencies: new Set([...figures.keys(), ...suspense.keys(), ...owed.keys()]),
    owed: (currency) => (owed.get(currency) ?? 0n) + (suspense.get(currency) ?? 0n),
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
      const paid = [...(ahead.paid.get(currency)?.values() ?? [])].reduce((sum, amount) => sum + amount, 0n);
      // What was payable is owed now or was paid already. The rest of what is owed is so since the calculation: payouts that came back.
      const since = (owed.get(currency) ?? 0n) + paid - (known.payable ?? 0n);
      // A fee that already went back is not missing from Storage, nor is what was paid out of it already.
      return (
        full +
        since -
        (feesReturned.get(currency) ?? 0n) -
        (ahead.leftStorage.get(currency) ?? 0n) +
        (ahead.laterInStorage.get(currency) ?? 0n)
      );
    },
  };
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
      surplus === 0n ? 0n : max((await balance(db, STORAGE, currency)) - max(target, targets.owed(currency)), 0n);
    needs.push({ currency, target, available, fund, surplus: min(surplus, spare) });
  }
  return needs;
}

/** The run of movements that bring Storage to its target. */
export function fundRun(period: string): string {
  return `fund:${period}`;
}

/** The run of releases that return the platform fee, on funding basis gross. */
export function feeRun(period: string): string {
  return `fee:${period}`;
}
