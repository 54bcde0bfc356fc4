/**
 * What rows that arrived after the lock of a month change in it, for one currency. Pure; amounts in minor units.
 * Source of the rules: docs/rules.md, "Late news".
 */
import {
  type AllocationWish,
  fundAllocations,
  fundsOfPayment,
  type PaymentFunds,
  wantedOfAllocation,
} from './calculation';

/** Rows of the subscribers concerned, by their id. */
export interface MonthRows {
  readonly payments: ReadonlyMap<string, PaymentFunds>;
  readonly allocations: ReadonlyMap<string, AllocationWish>;
}

export interface LateTargets {
  /** Σ of what payments bring more than at the lock: late ones, and disputes won. */
  readonly more: bigint;
  /** Σ of what payments bring less: refunds and disputes after the lock. Never taken from creators. */
  readonly borne: bigint;
  /** What each creator gained, gross; what a creator lost is not counted against it. */
  readonly gained: ReadonlyMap<string, bigint>;
}

/** What has to be posted in all for a month, from its rows at the lock and its rows now. */
export function lateTargets(before: MonthRows, after: MonthRows): LateTargets {
  let more = 0n;
  let borne = 0n;
  for (const id of new Set([...before.payments.keys(), ...after.payments.keys()])) {
    const change = fundsOf(after.payments.get(id)) - fundsOf(before.payments.get(id));
    if (change > 0n) more += change;
    else borne -= change;
  }
  const gained = new Map<string, bigint>();
  const then = fundedByCreator(before);
  for (const [subscriberId, now] of fundedByCreator(after)) {
    for (const [creatorId, amount] of now) {
      const change = amount - (then.get(subscriberId)?.get(creatorId) ?? 0n);
      if (change > 0n) gained.set(creatorId, (gained.get(creatorId) ?? 0n) + change);
    }
  }
  return { more, borne, gained };
}

function fundsOf(payment: PaymentFunds | undefined): bigint {
  return payment === undefined ? 0n : fundsOfPayment(payment);
}

/** subscriber → creator → funded. */
function fundedByCreator(rows: MonthRows): Map<string, Map<string, bigint>> {
  const funds = new Map<string, bigint>();
  for (const one of rows.payments.values()) {
    funds.set(one.subscriberId, (funds.get(one.subscriberId) ?? 0n) + fundsOfPayment(one));
  }
  const wishes = new Map<string, { id: string; creatorId: string; amount: bigint }[]>();
  for (const one of rows.allocations.values()) {
    const list = wishes.get(one.subscriberId) ?? [];
    list.push({ id: one.allocationId, creatorId: one.creatorId, amount: wantedOfAllocation(one) });
    wishes.set(one.subscriberId, list);
  }
  const result = new Map<string, Map<string, bigint>>();
  for (const [subscriberId, wanted] of wishes) {
    const byCreator = new Map<string, bigint>();
    fundAllocations(funds.get(subscriberId) ?? 0n, wanted).forEach((amount, index) => {
      const creatorId = wanted[index]?.creatorId ?? '';
      byCreator.set(creatorId, (byCreator.get(creatorId) ?? 0n) + amount);
    });
    result.set(subscriberId, byCreator);
  }
  return result;
}
