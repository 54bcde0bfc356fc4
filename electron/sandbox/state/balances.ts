/**
 * Double-entry balances of the sandbox. Every posting sums to zero per currency; so does the whole.
 *
 * Accounts are named `place:currency`, with `recipient:acct_…:currency` for connected accounts. `world` is everyone
 * outside: buyers, banks, Stripe's fees. Amounts are minor units.
 */
export type Place =
  | 'payments_pending'
  | 'payments_available'
  | 'storage_available'
  | 'storage_inbound'
  | 'storage_outbound'
  | 'world'
  | `recipient:${string}`;

export interface Leg {
  readonly place: Place;
  /** Positive: money arrives there. */
  readonly amount: bigint;
}

/** Places that no posting may leave below zero. Payments can be driven negative by refunds and disputes, as at Stripe. */
const NEVER_NEGATIVE: ReadonlySet<string> = new Set(['storage_available', 'storage_inbound', 'storage_outbound']);

export class Balances {
  readonly #accounts = new Map<string, bigint>();
  readonly #currencies = new Set<string>();

  constructor(private readonly changed: (account: string, before: bigint | undefined) => void) {}

  get(place: Place, currency: string): bigint {
    return this.#accounts.get(`${place}:${currency}`) ?? 0n;
  }

  /** Currencies that ever had a posting, sorted. */
  currencies(): string[] {
    return [...this.#currencies].sort();
  }

  /** Applies one balanced posting. Throws, having changed nothing, when it is not balanced: that is a bug. */
  post(currency: string, legs: readonly Leg[]): void {
    let total = 0n;
    for (const leg of legs) total += leg.amount;
    if (total !== 0n) throw new Error(`Unbalanced posting in ${currency}: off by ${total}`);
    for (const leg of legs) {
      if (NEVER_NEGATIVE.has(leg.place) && this.get(leg.place, currency) + leg.amount < 0n) {
        throw new Error(`Posting would leave ${leg.place} ${currency} negative`);
      }
    }
    for (const leg of legs) {
      const account = `${leg.place}:${currency}`;
      const before = this.#accounts.get(account);
      this.restore(account, (before ?? 0n) + leg.amount);
      this.changed(account, before);
    }
  }

  /** Sets an account as read from the log, or back to what it was before a posting that is undone. */
  restore(account: string, amount: bigint | undefined): void {
    if (amount === undefined) {
      this.#accounts.delete(account);
      return;
    }
    this.#accounts.set(account, amount);
    this.#currencies.add(account.slice(account.lastIndexOf(':') + 1));
  }

  /** The amount of a full account name, as it goes to the log. */
  amountOf(account: string): bigint {
    return this.#accounts.get(account) ?? 0n;
  }

  entries(): IterableIterator<[string, bigint]> {
    return this.#accounts.entries();
  }

  /** Recomputes the sum over all accounts per currency. All of them must be zero. */
  sums(): Record<string, bigint> {
    const sums: Record<string, bigint> = {};
    for (const [account, amount] of this.#accounts) {
      const currency = account.slice(account.lastIndexOf(':') + 1);
      sums[currency] = (sums[currency] ?? 0n) + amount;
    }
    return sums;
  }

  /** Throws when money appeared or vanished. */
  assertConserved(): void {
    for (const [currency, total] of Object.entries(this.sums())) {
      if (total !== 0n) throw new Error(`Sandbox balances in ${currency} do not sum to zero: off by ${total}`);
    }
  }
}
