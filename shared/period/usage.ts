/** How much of what they paid subscribers allocated: counts and Σ unallocated by usage band. Minor units of one currency. */
import { isHalfUnused, type SubscriberResult, type UsageBand } from './calculation';

export interface UsageSum {
  readonly subscribers: number;
  readonly unallocated: bigint;
}

export interface UsageSums {
  readonly bands: Readonly<Record<UsageBand, UsageSum>>;
  readonly halfUnused: UsageSum;
}

export function usageSums(
  subscribers: Iterable<Pick<SubscriberResult, 'funds' | 'unallocated' | 'usageBand'>>,
): UsageSums {
  const sums = { low: nobody(), medium: nobody(), high: nobody(), halfUnused: nobody() };
  const add = (to: ReturnType<typeof nobody>, unallocated: bigint): void => {
    to.subscribers += 1;
    to.unallocated += unallocated;
  };
  for (const { funds, unallocated, usageBand } of subscribers) {
    add(sums[usageBand], unallocated);
    if (isHalfUnused(funds, unallocated)) add(sums.halfUnused, unallocated);
  }
  const { halfUnused, ...bands } = sums;
  return { bands, halfUnused };
}

function nobody() {
  return { subscribers: 0, unallocated: 0n };
}
