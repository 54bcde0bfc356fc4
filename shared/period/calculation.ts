/**
 * What a month comes to: who earned what, what nobody allocated, what has no known creator.
 * Pure and per currency; preview and posting use these same functions. All amounts are minor units of one currency.
 * Source of the rules: docs/rules.md, "Period calculation".
 */
import { NumberedTexts } from '../domain/numbered-texts';
import { splitLargestRemainder } from '../money/split';
import { calculateColumns, exact, type MonthColumns, sum, type WishColumns } from './columns';

export type PaymentStatus = 'succeeded' | 'failed' | 'disputed';
export type AllocationStatus = 'active' | 'cancelled';
export type UsageBand = 'low' | 'medium' | 'high';

export interface PaymentFunds {
  readonly subscriberId: string;
  readonly amount: bigint;
  readonly refunded: bigint;
  readonly status: PaymentStatus;
}

export interface AllocationWish {
  readonly allocationId: string;
  readonly subscriberId: string;
  readonly creatorId: string;
  readonly amount: bigint;
  readonly status: AllocationStatus;
}

export interface SubscriberResult {
  readonly subscriberId: string;
  /** Money of the subscriber's payments in the period. */
  readonly funds: bigint;
  /** Σ funded. */
  readonly allocated: bigint;
  /** Wanted but not covered by funds. */
  readonly unfunded: bigint;
  /** Lapses at lock: platform revenue. */
  readonly unallocated: bigint;
  readonly usageBand: UsageBand;
}

export interface CreatorResult {
  readonly creatorId: string;
  readonly gross: bigint;
  readonly fee: bigint;
  readonly net: bigint;
  readonly opening: bigint;
  readonly payable: bigint;
}

export interface CurrencyResult {
  readonly subscribers: readonly SubscriberResult[];
  /** Creators with earnings or an opening balance, in no particular order. */
  readonly creators: readonly CreatorResult[];
  /** Gross, without fee, of allocations to a creator nobody knows. */
  readonly suspense: ReadonlyMap<string, bigint>;
  readonly totals: CurrencyTotals;
}

export interface CurrencyTotals {
  readonly collected: bigint;
  readonly funded: bigint;
  readonly unfunded: bigint;
  readonly unallocated: bigint;
  readonly gross: bigint;
  readonly fee: bigint;
  readonly net: bigint;
  readonly suspense: bigint;
  readonly opening: bigint;
  readonly payable: bigint;
  /** Σ fee + Σ unallocated. */
  readonly platformRevenue: bigint;
}

export interface CurrencyInput {
  readonly rows: CurrencyRows;
  readonly openings: ReadonlyMap<string, bigint>;
  readonly isKnownCreator: (creatorId: string) => boolean;
  readonly feeBps: number;
}

/** Whether a payment of this status is money that came in and stayed; disputed and failed ones are not. */
export function isCollected(status: PaymentStatus): boolean {
  return status === 'succeeded';
}

/** Whether an allocation of this status asks for its amount; a cancelled one asks for nothing. */
export function isAsking(status: AllocationStatus): boolean {
  return status === 'active';
}

/** What one payment adds to its subscriber's funds: amount − refunded when it was collected, else 0. */
export function fundsOfPayment(payment: Pick<PaymentFunds, 'amount' | 'refunded' | 'status'>): bigint {
  return isCollected(payment.status) ? payment.amount - payment.refunded : 0n;
}

/** What an allocation asks for. */
export function wantedOfAllocation(allocation: Pick<AllocationWish, 'amount' | 'status'>): bigint {
  return isAsking(allocation.status) ? allocation.amount : 0n;
}

/**
 * Funds one subscriber's allocations: in full when the funds cover them, otherwise a largest-remainder share of the funds.
 * The result has the order of `wanted`.
 */
export function fundAllocations(
  funds: bigint,
  wanted: readonly { readonly id: string; readonly amount: bigint }[],
): bigint[] {
  let total = 0n;
  for (const one of wanted) total += one.amount;
  if (total <= funds) return wanted.map((one) => one.amount);
  return splitLargestRemainder(
    funds,
    wanted.map((one) => ({ id: one.id, weight: one.amount })),
  );
}

/** Unallocated above 50 % of funds is low usage, above 25 % medium, else high. Without funds nothing is unused: high. */
export function usageBand(funds: bigint, unallocated: bigint): UsageBand {
  if (unallocated * 2n > funds) return 'low';
  if (unallocated * 4n > funds) return 'medium';
  return 'high';
}

/** At or above half unused, the ones a person looks at. */
export function isHalfUnused(funds: bigint, unallocated: bigint): boolean {
  return funds > 0n && unallocated * 2n >= funds;
}

/** Calculates one currency of one period. Asserts collected = Σ net + Σ fee + Σ suspense + Σ unallocated. */
export function calculateCurrency(input: CurrencyInput): CurrencyResult {
  const { subscribers, creators, funds, wishes } = input.rows.columns();
  const month = calculateColumns(funds, wishes, creators.length, input.feeBps);
  const collected = BigInt(sum(funds));
  const asked = BigInt(sum(month.asked));
  const funded = BigInt(sum(month.allocated));
  const earned = earningsOf(creators, month, input);
  if (collected !== earned.sums.net + earned.sums.fee + earned.sums.suspense + (collected - funded)) {
    throw new Error('Collected money does not equal net + fee + suspense + unallocated');
  }
  const totals: CurrencyTotals = {
    collected,
    funded,
    unfunded: asked - funded,
    unallocated: collected - funded,
    ...earned.sums,
    platformRevenue: earned.sums.fee + (collected - funded),
  };
  let results: readonly SubscriberResult[] | null = null;
  return {
    /** Made when it is asked for: most who ask for a month look at its creators and totals only. */
    get subscribers() {
      results ??= subscriberResults(subscribers, funds, month);
      return results;
    },
    creators: earned.creators,
    suspense: earned.suspense,
    totals,
  };
}

/** Ids numbered in the order in which they come. */
class Numbered {
  readonly #numbers = new NumberedTexts();
  readonly ids: readonly string[] = this.#numbers.texts;
  #latest = 0;

  of(id: string): number {
    // Rows of one party often follow each other, and parties come in the same order as before.
    if (this.ids[this.#latest] === id) return this.#latest;
    if (this.ids[this.#latest + 1] === id) {
      this.#latest += 1;
      return this.#latest;
    }
    this.#latest = this.#numbers.of(id);
    return this.#latest;
  }
}

/**
 * The payments and allocations of one currency in one month, in any order. Amounts are whole minor units, not negative. Throws when
 * one is not below 2^53.
 */
export class CurrencyRows {
  readonly #subscribers = new Numbered();
  readonly #creators = new Numbered();
  readonly #funds: number[] = [];
  readonly #wishes = {
    ids: [] as string[],
    subscriber: [] as number[],
    creator: [] as number[],
    amount: [] as number[],
  };

  /** @param funds what the payment adds to the funds of its subscriber */
  addPayment(subscriberId: string, funds: bigint | number): void {
    const subscriber = this.#subscribers.of(subscriberId);
    this.#funds[subscriber] = (this.#funds[subscriber] ?? 0) + exact(funds);
  }

  /** @param wanted what the allocation asks for */
  addAllocation(allocationId: string, subscriberId: string, creatorId: string, wanted: bigint | number): void {
    const amount = exact(wanted);
    if (amount === 0) return;
    this.#wishes.ids.push(allocationId);
    this.#wishes.subscriber.push(this.#subscribers.of(subscriberId));
    this.#wishes.creator.push(this.#creators.of(creatorId));
    this.#wishes.amount.push(amount);
  }

  /** The same, numbered: an id stands at its number. */
  columns(): {
    readonly subscribers: readonly string[];
    readonly creators: readonly string[];
    /** By subscriber. */
    readonly funds: Float64Array;
    readonly wishes: WishColumns;
  } {
    const { ids, subscriber, creator, amount } = this.#wishes;
    const funds = new Float64Array(this.#subscribers.ids.length);
    // A subscriber without a payment has a hole there, or comes after the end.
    this.#funds.forEach((sum, number) => {
      funds[number] = sum;
    });
    return {
      subscribers: this.#subscribers.ids,
      creators: this.#creators.ids,
      funds,
      wishes: {
        subscriber: new Int32Array(subscriber),
        creator: new Int32Array(creator),
        amount: new Float64Array(amount),
        idOf: (wish) => ids[wish] ?? '',
      },
    };
  }
}

function subscriberResults(ids: readonly string[], column: Float64Array, month: MonthColumns): SubscriberResult[] {
  return ids.map((subscriberId, index) => {
    const funds = BigInt(column[index] ?? 0);
    const allocated = BigInt(month.allocated[index] ?? 0);
    const unallocated = funds - allocated;
    return {
      subscriberId,
      funds,
      allocated,
      unfunded: BigInt(month.asked[index] ?? 0) - allocated,
      unallocated,
      usageBand: usageBand(funds, unallocated),
    };
  });
}

function earningsOf(
  ids: readonly string[],
  month: MonthColumns,
  { openings, isKnownCreator }: Pick<CurrencyInput, 'openings' | 'isKnownCreator'>,
) {
  const creators: CreatorResult[] = [];
  const suspense = new Map<string, bigint>();
  const earning = new Set<string>();
  const sums = { gross: 0n, fee: 0n, net: 0n, suspense: 0n, opening: 0n, payable: 0n };
  const add = (creatorId: string, gross: bigint, fee: bigint, opening: bigint): void => {
    const net = gross - fee;
    creators.push({ creatorId, gross, fee, net, opening, payable: opening + net });
    sums.gross += gross;
    sums.fee += fee;
    sums.net += net;
    sums.opening += opening;
    sums.payable += opening + net;
  };
  ids.forEach((creatorId, index) => {
    const gross = BigInt(month.gross[index] ?? 0);
    if (gross === 0n) return;
    if (isKnownCreator(creatorId)) {
      earning.add(creatorId);
      add(creatorId, gross, BigInt(month.fee[index] ?? 0), openings.get(creatorId) ?? 0n);
    } else {
      suspense.set(creatorId, gross);
      sums.suspense += gross;
    }
  });
  for (const [creatorId, opening] of openings) {
    if (!earning.has(creatorId) && opening !== 0n) add(creatorId, 0n, 0n, opening);
  }
  return { creators, suspense, sums };
}

export type PlannedDisposition = 'none' | 'held' | 'carried' | 'paid';

export interface PayoutCircumstances {
  readonly holdReason: string;
  readonly stripeAccount: string;
  /** Null when Stripe was not asked, or allows payouts. */
  readonly stripeRefusal: string | null;
  readonly minimum: bigint;
}

/** What is going to happen with a payable amount, with every reason of a hold. */
export function planDisposition(
  payable: bigint,
  circumstances: PayoutCircumstances,
): { readonly disposition: PlannedDisposition; readonly reasons: readonly string[] } {
  if (payable === 0n) return { disposition: 'none', reasons: [] };
  const reasons: string[] = [];
  if (circumstances.holdReason !== '') reasons.push(`On hold: ${circumstances.holdReason}`);
  if (circumstances.stripeAccount === '') reasons.push('No Stripe account');
  else if (circumstances.stripeRefusal !== null) reasons.push(circumstances.stripeRefusal);
  if (reasons.length > 0) return { disposition: 'held', reasons };
  if (payable < circumstances.minimum) return { disposition: 'carried', reasons: ['Below the payout minimum'] };
  return { disposition: 'paid', reasons: [] };
}

export type FundingBasis = 'net' | 'gross';

/** What Storage has to hold before paying: net Σ payable + Σ suspense; gross Σ opening + Σ gross + Σ suspense. */
export function storageTarget(
  basis: FundingBasis,
  totals: Pick<CurrencyTotals, 'opening' | 'gross' | 'payable'>,
  suspenseKept: bigint,
): bigint {
  return basis === 'net' ? totals.payable + suspenseKept : totals.opening + totals.gross + suspenseKept;
}

/** How far Storage is from its target: `fund` to add, or `surplus` to give back; never both. */
export function fundingOf(target: bigint, available: bigint): { readonly fund: bigint; readonly surplus: bigint } {
  return target >= available ? { fund: target - available, surplus: 0n } : { fund: 0n, surplus: available - target };
}
