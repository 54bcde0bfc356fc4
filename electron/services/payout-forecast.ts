/** What the open month would come to if it closed now, at its pace, and how much of it subscribers allocated. Minor units, no network. */
import type { PayoutForecast, UsageView } from '../../shared/contract/revenue';
import { periodEnd, periodStart } from '../../shared/period/period';
import type { UsageSum } from '../../shared/period/usage';
import type { Store } from '../store/store';
import type { ServiceContext } from './context';
import { dispositions } from './earnings';
import { accruing } from './fund-tracking';
import { lapsedUsage } from './lapsed';
import { readOpenPeriod } from './settings';
import type { PlannedSums } from './worker/store-jobs';
import { kept, workerOf } from './worker/store-worker';

const DAY_MS = 86_400_000;

export async function payoutForecast(context: ServiceContext, currency: string): Promise<PayoutForecast | null> {
  const open = await accruing(context.store);
  const result = open?.results.get(currency);
  if (open === null || result === undefined) return null;
  const start = periodStart(open.period).getTime();
  const end = periodEnd(open.period).getTime();
  const now = context.now().getTime();
  const daysInMonth = Math.round((end - start) / DAY_MS);
  const days = Math.min(daysInMonth, Math.max(0, Math.floor((now - start) / DAY_MS)));
  const planned = (await plannedNow(context.store)).get(currency) ?? NOBODY;
  const { totals } = result;
  const earned = totals.net + totals.suspense;
  return {
    period: open.period,
    days,
    daysInMonth,
    owed: String(totals.payable + totals.suspense),
    pay: String(planned.pay),
    payCreators: planned.payCreators,
    carried: String(planned.carried),
    held: String(planned.held),
    suspense: String(totals.suspense),
    atThisPace: now >= end || days === 0 ? null : String(totals.opening + atPace(earned, days, daysInMonth)),
  };
}

const NOBODY: PlannedSums = { pay: 0n, payCreators: 0, carried: 0n, held: 0n };

async function plannedNow(store: Store): Promise<ReadonlyMap<string, PlannedSums>> {
  return kept(store, 'planned', await store.state('books'), async () => {
    const worker = await workerOf(store);
    return worker === null ? plannedSums(store) : worker.run('planned', {});
  });
}

/** What would happen with what the open month has earned so far, by currency. Stripe is not asked. */
export async function plannedSums(store: Store): Promise<ReadonlyMap<string, PlannedSums>> {
  const planned = new Map<string, PlannedSums>();
  for (const [currency, { creators }] of (await accruing(store))?.results ?? []) {
    const payables = Array.from(creators, ({ creatorId, payable }) => ({ creatorId, currency, payable }));
    const lines = await dispositions(store.db, payables, new Map());
    const of = (disposition: string) => lines.filter((line) => line.disposition === disposition);
    const sum = (disposition: string): bigint => of(disposition).reduce((total, line) => total + line.payable, 0n);
    planned.set(currency, {
      pay: sum('paid'),
      payCreators: of('paid').length,
      carried: sum('carried'),
      held: sum('held'),
    });
  }
  return planned;
}

/** What is earned in the whole month at the pace of its first `days`, rounded down. */
export function atPace(earned: bigint, days: number, daysInMonth: number): bigint {
  return (earned * BigInt(daysInMonth)) / BigInt(days);
}

/** Subscribers of the open month by usage: as calculated so far, or as they lapsed. Null when it has none in the currency. */
export async function usageOf(context: ServiceContext, currency: string): Promise<UsageView | null> {
  const { store } = context;
  const period = await readOpenPeriod(store.db);
  if (period === null) return null;
  const open = await accruing(store);
  const { bands, halfUnused } = open?.results.get(currency)?.usage ?? (await lapsedUsage(store, period, currency));
  const view = ({ subscribers, unallocated }: UsageSum) => ({ subscribers, unallocated: String(unallocated) });
  if (Object.values(bands).every((one) => one.subscribers === 0)) return null;
  return {
    period,
    bands: (['low', 'medium', 'high'] as const).map((band) => ({ band, ...view(bands[band]) })),
    halfUnused: view(halfUnused),
  };
}
