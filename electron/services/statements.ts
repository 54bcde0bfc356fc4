/**
 * The trail payment → allocation → earning → payout, read both ways: for a creator and for a subscriber. Read-only, no network.
 * Amounts are decimal strings of minor units, as they cross IPC.
 */

import type {
  AllocationTrail,
  CreatorRow,
  CreatorStatement,
  EarningRow,
  SubscriberRow,
  SubscriberStatement,
} from '../../shared/contract';
import type { PageRequest } from '../../shared/contract/channel';
import { CofferError } from '../../shared/domain/coffer-error';
import { fundAllocations, fundsOfPayment, isHalfUnused, wantedOfAllocation } from '../../shared/period/calculation';
import { type Period, period as toPeriod } from '../../shared/period/period';
import { owedToCreators } from '../ledger/ledger';
import type { Queries, Store } from '../store/store';
import { circumstancesOf, creatorCircumstances, type EarningResult, earningResults } from './earnings';
import { accruing, subscribersOf } from './fund-tracking';
import { lapsesOf } from './lapsed';
import { listContent } from './lists/list-content';
import type { CreatorsFilter, SubscribersFilter } from './lists/list-orders';
import { type Content, type Page, type PageRules, preparedList } from './lists/paging';
import { readSettings } from './settings';

/** Σ payouts that Coffer posted by creator and currency, all periods; what was paid before Coffer took over is not known to it. */
async function lifetimePaid(db: Queries): Promise<ReadonlyMap<string, bigint>> {
  const rows = await db
    .selectFrom('intent')
    .innerJoin('intent_state', 'intent_state.intent_id', 'intent.intent_id')
    .select(({ fn }) => ['creator_id', 'currency', fn.sum<bigint>('amount').as('total')])
    .where('intent_state.kind', '=', 'pay')
    .where('intent_state.state', '=', 'posted')
    .groupBy(['creator_id', 'currency'])
    .execute();
  return new Map(rows.map((row) => [`${row.creator_id}\u0000${row.currency}`, BigInt(row.total)]));
}

export const creatorRules: PageRules<CreatorRow> = {
  searched: (row) => [row.displayName, row.creatorId, row.email, row.stripeAccount],
  sorted: {
    creatorId: (row) => row.creatorId,
    displayName: (row) => row.displayName,
    email: (row) => row.email,
    currency: (row) => row.currency,
    stripeAccount: (row) => row.stripeAccount,
    holdReason: (row) => row.holdReason,
    owed: (row) => BigInt(row.owed),
    accruing: (row) => BigInt(row.accruing),
    lifetimePaid: (row) => BigInt(row.lifetimePaid),
  },
};

export async function listCreators(
  store: Store,
  request: PageRequest & { readonly onlyHeld?: boolean | undefined },
): Promise<Page<CreatorRow>> {
  const onlyHeld = request.onlyHeld === true;
  const read = () => listContent(store, 'creators', { onlyHeld }, readCreators);
  const { list } = await preparedList(store, `creators ${onlyHeld}`, read, creatorRules, 'books');
  return list.page(request);
}

export async function readCreators(store: Store, { onlyHeld }: CreatorsFilter): Promise<Content<CreatorRow, null>> {
  const { db } = store;
  const settings = await readSettings(db);
  const fallback = Object.keys(settings.payoutMinimum)[0] ?? 'usd';
  const creators = await db.selectFrom('creator').select(['creator_id', 'email']).orderBy('creator_id').execute();
  const circumstances = await creatorCircumstances(db);
  const paid = await lifetimePaid(db);
  const owed = new Map((await owedToCreators(db)).map((row) => [`${row.id}\u0000${row.currency}`, row.owed]));
  const soFar = new Map<string, bigint>();
  for (const [currency, result] of (await accruing(store))?.results ?? []) {
    for (const one of result.creators) soFar.set(`${one.creatorId}\u0000${currency}`, one.net);
  }
  const currencies = new Map<string, Set<string>>();
  for (const key of [...paid.keys(), ...owed.keys(), ...soFar.keys()]) {
    const [creatorId = '', currency = ''] = key.split('\u0000');
    const known = currencies.get(creatorId) ?? new Set();
    currencies.set(creatorId, known.add(currency));
  }
  const rows = creators.flatMap(({ creator_id: creatorId, email }) => {
    const one = circumstances.get(creatorId);
    if (onlyHeld && one?.holdReason === '') return [];
    return [...(currencies.get(creatorId) ?? [fallback])].sort().map((currency): CreatorRow => {
      const key = `${creatorId}\u0000${currency}`;
      return {
        creatorId,
        displayName: one?.displayName ?? creatorId,
        email,
        stripeAccount: one?.stripeAccount ?? '',
        holdReason: one?.holdReason ?? '',
        currency,
        owed: String(owed.get(key) ?? 0n),
        accruing: String(soFar.get(key) ?? 0n),
        lifetimePaid: String(paid.get(key) ?? 0n),
      };
    });
  });
  return { rows, more: null };
}

const TRAIL = 500;

export async function creatorStatement(store: Store, creatorId: string): Promise<CreatorStatement> {
  const { db } = store;
  const creator = await db.selectFrom('creator').selectAll().where('creator_id', '=', creatorId).executeTakeFirst();
  if (creator === undefined)
    throw new CofferError('creator-unknown', `There is no creator ${creatorId}.`, 'Refresh the list.');
  const circumstances = await circumstancesOf(db, creatorId);
  const allocations = await db
    .selectFrom('allocation')
    .selectAll()
    .where('creator_id', '=', creatorId)
    .orderBy('period', 'desc')
    .orderBy('allocation_id')
    .limit(TRAIL)
    .execute();
  const { count } = await db
    .selectFrom('allocation')
    .select(({ fn }) => fn.countAll<bigint>().as('count'))
    .where('creator_id', '=', creatorId)
    .executeTakeFirstOrThrow();
  const trails = new Map<string, AllocationTrail>();
  for (const key of new Set(allocations.map((row) => `${row.period}\u0000${row.subscriber_id}`))) {
    const [period = '', subscriberId = ''] = key.split('\u0000');
    for (const trail of await fundedAllocations(db, period, subscriberId)) trails.set(trail.allocationId, trail);
  }
  return {
    creatorId,
    displayName: creator.display_name,
    email: creator.email,
    stripeAccount: creator.stripe_account,
    holdReason: circumstances?.holdReason ?? '',
    earnings: await creatorEarnings(store, creatorId),
    allocations: allocations.flatMap((row) => trails.get(row.allocation_id) ?? []),
    allocationCount: Number(count),
    payouts: (await payoutsOf(db, creatorId)).slice(0, TRAIL),
  };
}

async function payoutsOf(db: Queries, creatorId: string): Promise<CreatorStatement['payouts']> {
  const rows = await db
    .selectFrom('intent')
    .innerJoin('intent_state', 'intent_state.intent_id', 'intent.intent_id')
    .select([
      'intent.intent_id',
      'intent.period',
      'intent.currency',
      'intent.amount',
      'state',
      'stripe_object',
      'settled_at',
    ])
    .where('intent.creator_id', '=', creatorId)
    .where('intent.kind', '=', 'pay')
    .orderBy('intent.created_at', 'desc')
    .execute();
  return rows.map((row) => ({
    intentId: row.intent_id,
    period: row.period,
    currency: row.currency,
    amount: String(row.amount),
    status: row.state,
    stripeObject: row.stripe_object,
    settledAt: row.settled_at,
  }));
}

/** A calculated month as it crosses IPC. */
export function earningRow(one: EarningResult): EarningRow {
  return {
    period: one.period,
    currency: one.currency,
    gross: String(one.gross),
    fee: String(one.fee),
    net: String(one.net),
    opening: String(one.opening),
    payable: String(one.payable),
    paid: String(one.paid),
    owedAfter: String(one.owedAfter),
    disposition: one.disposition,
    reason: one.reason,
    provisional: false,
  };
}

/** Earnings of every calculated period, and what the open one has come to so far. Newest first. */
export async function creatorEarnings(store: Store, creatorId: string): Promise<EarningRow[]> {
  const { db } = store;
  const periods = await db
    .selectFrom('earning')
    .select('period')
    .distinct()
    .where('creator_id', '=', creatorId)
    .execute();
  const rows: EarningRow[] = [];
  for (const { period } of periods) {
    for (const one of await earningResults(db, period, creatorId)) {
      rows.push(earningRow(one));
    }
  }
  const open = await accruing(store);
  for (const [currency, result] of open?.results ?? []) {
    const one = result.creators.find('creatorId', creatorId);
    if (open === null || one === undefined) continue;
    rows.push({
      period: open.period,
      currency,
      gross: String(one.gross),
      fee: String(one.fee),
      net: String(one.net),
      opening: String(one.opening),
      payable: String(one.payable),
      paid: '0',
      owedAfter: String(one.payable),
      disposition: 'planned',
      reason: '',
      provisional: true,
    });
  }
  return rows
    .sort((a, b) => (a.period === b.period ? (a.currency < b.currency ? -1 : 1) : a.period < b.period ? 1 : -1))
    .slice(0, TRAIL);
}

/** How one subscriber's allocations of a month were funded: the calculation of the month, for one subscriber. */
export async function fundedAllocations(db: Queries, period: string, subscriberId: string): Promise<AllocationTrail[]> {
  const payments = await db
    .selectFrom('payment')
    .select(['currency', 'amount', 'refunded', 'status'])
    .where('period', '=', period)
    .where('subscriber_id', '=', subscriberId)
    .execute();
  const allocations = await db
    .selectFrom('allocation')
    .leftJoin('creator', 'creator.creator_id', 'allocation.creator_id')
    .leftJoin('subscriber', 'subscriber.subscriber_id', 'allocation.subscriber_id')
    .selectAll('allocation')
    .select(['creator.display_name as creator_name', 'subscriber.display_name as subscriber_name'])
    .where('period', '=', period)
    .where('allocation.subscriber_id', '=', subscriberId)
    .orderBy('allocation_id')
    .execute();
  const trails: AllocationTrail[] = [];
  for (const currency of new Set(allocations.map((row) => row.currency))) {
    const rows = allocations.filter((row) => row.currency === currency);
    const funds = payments
      .filter((payment) => payment.currency === currency)
      .reduce((sum, payment) => sum + fundsOfPayment({ ...payment, status: paymentStatus(payment.status) }), 0n);
    const wanted = rows.map((row) => ({
      id: row.allocation_id,
      amount: wantedOfAllocation({ amount: row.amount, status: row.status === 'active' ? 'active' : 'cancelled' }),
    }));
    const funded = fundAllocations(funds, wanted);
    rows.forEach((row, index) => {
      const amount = funded[index] ?? 0n;
      const asked = wanted[index]?.amount ?? 0n;
      trails.push({
        allocationId: row.allocation_id,
        period,
        subscriberId,
        subscriberName: row.subscriber_name ?? subscriberId,
        creatorId: row.creator_id,
        creatorName: row.creator_name ?? 'Unknown creator',
        currency,
        wanted: String(asked),
        funded: String(amount),
        unfunded: String(asked - amount),
        status: row.status,
        updatedAt: row.updated_at,
      });
    });
  }
  return trails;
}

export function paymentStatus(status: string): 'succeeded' | 'failed' | 'disputed' {
  return status === 'succeeded' || status === 'disputed' ? status : 'failed';
}

/** Everyone with a line in the calculated month, by creator id. */
export async function creatorsOfPeriod(db: Queries, period: string): Promise<string[]> {
  const rows = await db
    .selectFrom('earning')
    .select('creator_id')
    .distinct()
    .where('period', '=', period)
    .orderBy('creator_id')
    .execute();
  return rows.map((row) => row.creator_id);
}

export const subscriberRules: PageRules<SubscriberRow> = {
  searched: (row) => [row.displayName, row.subscriberId],
  sorted: {
    subscriberId: (row) => row.subscriberId,
    displayName: (row) => row.displayName,
    currency: (row) => row.currency,
    funds: (row) => BigInt(row.funds),
    allocated: (row) => BigInt(row.allocated),
    unfunded: (row) => BigInt(row.unfunded),
    unallocated: (row) => BigInt(row.unallocated),
    usageBand: (row) => ['low', 'medium', 'high'].indexOf(row.usageBand),
    lapsed: (row) => Number(row.lapsed),
  },
};

export async function listSubscribers(
  store: Store,
  request: PageRequest & { readonly period: string; readonly onlyHalfUnused?: boolean | undefined },
): Promise<Page<SubscriberRow>> {
  const filter = { period: toPeriod(request.period), onlyHalfUnused: request.onlyHalfUnused === true };
  const name = `subscribers ${filter.period} ${filter.onlyHalfUnused}`;
  const read = () => listContent(store, 'subscribers', filter, readSubscribers);
  const { list } = await preparedList(store, name, read, subscriberRules, 'books');
  return list.page(request);
}

export async function readSubscribers(
  store: Store,
  { period, onlyHalfUnused }: SubscribersFilter,
): Promise<Content<SubscriberRow, null>> {
  const names = new Map(
    (await store.db.selectFrom('subscriber').selectAll().execute()).map((row) => [row.subscriber_id, row.display_name]),
  );
  const rows = (await subscriberResults(store, toPeriod(period)))
    .filter((row) => !onlyHalfUnused || isHalfUnused(BigInt(row.funds), BigInt(row.unallocated)))
    .map((row) => ({ ...row, displayName: names.get(row.subscriberId) ?? row.subscriberId }));
  return { rows, more: null };
}

/** The period's subscribers: recorded once it is calculated, calculated on the spot before. */
async function subscriberResults(store: Store, period: Period): Promise<Omit<SubscriberRow, 'displayName'>[]> {
  const { db } = store;
  const recorded = await lapsesOf(db, period);
  if (recorded.length > 0) {
    const run = await db
      .selectFrom('ledger_transaction')
      .select('tx_id')
      .where('period', '=', period)
      .where('kind', '=', 'lapse')
      .limit(1)
      .executeTakeFirst();
    return recorded.map((row) => ({
      subscriberId: row.subscriber_id,
      period,
      currency: row.currency,
      funds: String(row.funds),
      allocated: String(row.allocated),
      unfunded: String(row.unfunded),
      unallocated: String(row.unallocated),
      usageBand: row.usage_band === 'low' || row.usage_band === 'medium' ? row.usage_band : 'high',
      lapsed: run !== undefined,
    }));
  }
  return [...(await subscribersOf(store, period))].flatMap(([currency, subscribers]) =>
    subscribers.map((one) => ({
      subscriberId: one.subscriberId,
      period,
      currency,
      funds: String(one.funds),
      allocated: String(one.allocated),
      unfunded: String(one.unfunded),
      unallocated: String(one.unallocated),
      usageBand: one.usageBand,
      lapsed: false,
    })),
  );
}

export async function subscriberStatement(db: Queries, subscriberId: string): Promise<SubscriberStatement> {
  const subscriber = await db
    .selectFrom('subscriber')
    .selectAll()
    .where('subscriber_id', '=', subscriberId)
    .executeTakeFirst();
  if (subscriber === undefined) {
    throw new CofferError('subscriber-unknown', `There is no subscriber ${subscriberId}.`, 'Refresh the list.');
  }
  const payments = await db
    .selectFrom('payment')
    .selectAll()
    .where('subscriber_id', '=', subscriberId)
    .orderBy('period', 'desc')
    .orderBy('payment_id')
    .limit(TRAIL)
    .execute();
  const periods = await db
    .selectFrom('allocation')
    .select('period')
    .distinct()
    .where('subscriber_id', '=', subscriberId)
    .orderBy('period', 'desc')
    .execute();
  const allocations: AllocationTrail[] = [];
  for (const { period } of periods) allocations.push(...(await fundedAllocations(db, period, subscriberId)));
  return {
    subscriberId,
    displayName: subscriber.display_name,
    payments: payments.map((row) => ({
      paymentId: row.payment_id,
      period: row.period,
      currency: row.currency,
      amount: String(row.amount),
      refunded: String(row.refunded),
      status: row.status,
      paidAt: row.paid_at,
    })),
    allocations: allocations.slice(0, TRAIL),
  };
}
