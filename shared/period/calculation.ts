/**
 * What a month comes to: who earned what, what nobody allocated, what has no known creator.
 * Pure and per currency; preview and posting use these same functions. All amounts are minor units of one currency.
 * Source of the rules: docs/rules.md, "Period calculation".
 */
import { platformFee } from '../money/fee';
import { splitLargestRemainder } from '../money/split';

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
  readonly payments: Iterable<PaymentFunds>;
  readonly allocations: Iterable<AllocationWish>;
  readonly openings: ReadonlyMap<string, bigint>;
  readonly isKnownCreator: (creatorId: string) => boolean;
  readonly feeBps: number;
}

/** What one payment adds to its subscriber's funds: succeeded → amount − refunded; disputed and failed → 0. */
export function fundsOfPayment(payment: Pick<PaymentFunds, 'amount' | 'refunded' | 'status'>): bigint {
  return payment.status === 'succeeded' ? payment.amount - payment.refunded : 0n;
}

/** What an allocation asks for: its amount while active, nothing once cancelled. */
export function wantedOfAllocation(allocation: Pick<AllocationWish, 'amount' | 'status'>): bigint {
  return allocation.status === 'active' ? allocation.amount : 0n;
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
  const funds = new Map<string, bigint>();
  for (const payment of input.payments) {
    funds.set(payment.subscriberId, (funds.get(payment.subscriberId) ?? 0n) + fundsOfPayment(payment));
  }
  const wishes = new Map<string, { id: string; creatorId: string; amount: bigint }[]>();
  for (const allocation of input.allocations) {
    const amount = wantedOfAllocation(allocation);
    if (amount === 0n) continue;
    const wish = { id: allocation.allocationId, creatorId: allocation.creatorId, amount };
    const list = wishes.get(allocation.subscriberId);
    if (list === undefined) wishes.set(allocation.subscriberId, [wish]);
    else list.push(wish);
  }
  for (const subscriberId of wishes.keys()) if (!funds.has(subscriberId)) funds.set(subscriberId, 0n);

  const gross = new Map<string, bigint>();
  const suspense = new Map<string, bigint>();
  const subscribers: SubscriberResult[] = [];
  const totals = { collected: 0n, funded: 0n, unfunded: 0n, unallocated: 0n, suspense: 0n };

  for (const [subscriberId, available] of funds) {
    const wanted = wishes.get(subscriberId) ?? [];
    const funded = fundAllocations(available, wanted);
    let allocated = 0n;
    let asked = 0n;
    wanted.forEach((wish, index) => {
      const amount = funded[index] ?? 0n;
      allocated += amount;
      asked += wish.amount;
      if (amount === 0n) return;
      const target = input.isKnownCreator(wish.creatorId) ? gross : suspense;
      target.set(wish.creatorId, (target.get(wish.creatorId) ?? 0n) + amount);
      if (target === suspense) totals.suspense += amount;
    });
    const unallocated = available - allocated;
    subscribers.push({
      subscriberId,
      funds: available,
      allocated,
      unfunded: asked - allocated,
      unallocated,
      usageBand: usageBand(available, unallocated),
    });
    totals.collected += available;
    totals.funded += allocated;
    totals.unfunded += asked - allocated;
    totals.unallocated += unallocated;
  }

  const { creators, sums } = earningsOf(gross, input.openings, input.feeBps);
  if (totals.collected !== sums.net + sums.fee + totals.suspense + totals.unallocated) {
    throw new Error('Collected money does not equal net + fee + suspense + unallocated');
  }
  return {
    subscribers,
    creators,
    suspense,
    totals: { ...totals, ...sums, platformRevenue: sums.fee + totals.unallocated },
  };
}

function earningsOf(
  gross: ReadonlyMap<string, bigint>,
  openings: ReadonlyMap<string, bigint>,
  feeBps: number,
): { creators: CreatorResult[]; sums: Pick<CurrencyTotals, 'gross' | 'fee' | 'net' | 'opening' | 'payable'> } {
  const creators: CreatorResult[] = [];
  const sums = { gross: 0n, fee: 0n, net: 0n, opening: 0n, payable: 0n };
  const add = (creatorId: string, earned: bigint, opening: bigint): void => {
    const fee = platformFee(earned, feeBps);
    const net = earned - fee;
    creators.push({ creatorId, gross: earned, fee, net, opening, payable: opening + net });
    sums.gross += earned;
    sums.fee += fee;
    sums.net += net;
    sums.opening += opening;
    sums.payable += opening + net;
  };
  for (const [creatorId, earned] of gross) add(creatorId, earned, openings.get(creatorId) ?? 0n);
  for (const [creatorId, opening] of openings) {
    if (!gross.has(creatorId) && opening !== 0n) add(creatorId, 0n, opening);
  }
  return { creators, sums };
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
