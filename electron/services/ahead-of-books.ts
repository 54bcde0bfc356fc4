/**
 * Movements that are in the books before the period they belong to was worked through: taken over from Stripe after a restore. A
 * period is calculated as if they came after it, as they did. Nothing of this exists in books that were never restored.
 */
import { listIntents } from '../journal/journal';
import type { Queries } from '../store/store';

export interface AheadOfBooks {
  /** Σ payouts posted for this period or a later one, by currency and creator, minor units: no longer owed, but part of the opening. */
  readonly paid: ReadonlyMap<string, ReadonlyMap<string, bigint>>;
  /** Σ payouts of this period or a later one that have left Storage, by currency. */
  readonly leftStorage: ReadonlyMap<string, bigint>;
  /** Σ moved to Storage less released, for later periods only, by currency. What was rolled back counts on both sides. */
  readonly laterInStorage: ReadonlyMap<string, bigint>;
}

export async function aheadOfBooks(db: Queries, period: string): Promise<AheadOfBooks> {
  const paid = new Map<string, Map<string, bigint>>();
  const leftStorage = new Map<string, bigint>();
  const laterInStorage = new Map<string, bigint>();
  const add = (sums: Map<string, bigint>, key: string, amount: bigint): void => {
    sums.set(key, (sums.get(key) ?? 0n) + amount);
  };
  for (const intent of await listIntents(db, { fromPeriod: period, states: ['posted', 'processing', 'compensated'] })) {
    const { currency, amount } = intent;
    if (intent.kind === 'pay') {
      if (intent.state === 'compensated') continue;
      add(leftStorage, currency, amount);
      if (intent.state !== 'posted' || intent.creator_id === null) continue;
      const ofCurrency = paid.get(currency) ?? new Map<string, bigint>();
      paid.set(currency, ofCurrency);
      add(ofCurrency, intent.creator_id, amount);
    } else if (intent.period > period && intent.kind !== 'withdraw') {
      const released = intent.kind === 'release' || intent.kind === 'compensate';
      add(laterInStorage, currency, released ? -amount : amount);
    }
  }
  return { paid, leftStorage, laterInStorage };
}
