/** Posts what a calculated month comes to: earnings, fee, suspense and lapses, in one transaction. Amounts in minor units. */
import { feeRuleName } from '../../shared/money/fee';
import { byBytes } from '../../shared/money/split';
import type { CurrencyResult } from '../../shared/period/calculation';
import type { Period } from '../../shared/period/period';
import { FEE_REVENUE, owedTo, suspenseOf, UNDISTRIBUTED } from '../ledger/accounts';
import { lastEntry, type Posting, post } from '../ledger/ledger';
import type { Refusals } from '../rails/segregation-rail';
import { inChunks } from '../store/chunks';
import type { Schema } from '../store/schema';
import type { Queries, Store } from '../store/store';
import { insertRows } from './bulk-rows';
import type { ServiceContext } from './context';
import { accountsOf, dispositions, type EarningLine } from './earnings';
import { calculatePeriod } from './fund-tracking';
import { recordFigures, recordRevenue } from './period-figures';
import { readSettings } from './settings';
import { type Kinds, type PackedTable, pack } from './worker/packed';
import type { AccountRow } from './worker/store-jobs';

/** What was signed is null until the close. */
const EARNING: Kinds<Omit<Schema['earning'], 'closed_paid' | 'closed_disposition' | 'closed_reason'>> = {
  period: 'text',
  currency: 'text',
  creator_id: 'text',
  gross: 'amount',
  fee: 'amount',
  net: 'amount',
  opening: 'amount',
  payable: 'amount',
  disposition: 'text',
  reason: 'text',
  fee_rule: 'text',
};

const LAPSE: Kinds<Schema['lapse']> = {
  period: 'text',
  currency: 'text',
  subscriber_id: 'text',
  funds: 'amount',
  allocated: 'amount',
  unfunded: 'amount',
  unallocated: 'amount',
  usage_band: 'text',
};

const SUSPENSE: Kinds<Schema['suspense']> = {
  period: 'text',
  currency: 'text',
  creator_id: 'text',
  amount: 'amount',
  allocations: 'amount',
};

export interface CalculationOutcome {
  readonly results: ReadonlyMap<string, CurrencyResult>;
  readonly creators: number;
}

/** What posting needs of its surroundings: a worker has it too. */
export type PostingContext = Pick<ServiceContext, 'store' | 'now' | 'newId' | 'actor'>;

/** The accounts at Stripe of everyone who has something payable in a calculated month. */
export async function payableAccounts(db: Queries, results: ReadonlyMap<string, CurrencyResult>): Promise<string[]> {
  const creators = [...results.values()].flatMap((result) => result.creators.filter((one) => one.payable > 0n));
  return accountsOf(
    db,
    creators.map((one) => one.creatorId),
  );
}

/** `payableAccounts` of a month in the worker. */
export async function packedAccounts(store: Store, period: Period): Promise<PackedTable<AccountRow>> {
  const accounts = await payableAccounts(store.db, await calculatePeriod(store, period));
  return pack(
    accounts.map((account) => ({ account })),
    { account: 'text' },
  );
}

/**
 * Posts a calculated period: earnings to creators, fee to revenue, suspense by name; one transaction, in which `advance` also moves
 * the run on. Lapses are recorded here and posted by use it or lose it. False, and nothing is posted, when there are entries after `asOf`,
 * the last one when the calculation began.
 */
export async function postEarnings(
  context: PostingContext,
  period: Period,
  { results, asOf }: { readonly results: ReadonlyMap<string, CurrencyResult>; readonly asOf: bigint },
  refusals: Refusals,
  advance: (tx: Queries, outcome: CalculationOutcome) => Promise<void>,
): Promise<boolean> {
  const feeRule = feeRuleName((await readSettings(context.store.db)).feeBps);
  const ordered = [...results].map(([currency, result]) => [currency, inOrder(result)] as const);
  const payables = ordered.flatMap(([currency, result]) =>
    result.creators.map(({ creatorId, payable }) => ({ creatorId, currency, payable })),
  );
  const lines = await dispositions(context.store.db, payables, refusals);
  return context.store.transaction(async (tx) => {
    if ((await lastEntry(tx)) !== asOf) return false;
    for (const [currency, result] of ordered) {
      const ofCurrency = lines.filter((line) => line.currency === currency);
      const lineOf = new Map(ofCurrency.map((line) => [line.creatorId, line]));
      await insertResult(tx, period, currency, result, lineOf, feeRule);
      await post(tx, {
        txId: context.newId(),
        at: context.now(),
        kind: 'earnings',
        period,
        intentId: null,
        description: `Earnings of ${period} (fee ${feeRule})`,
        postings: earningsPostings(currency, result),
      });
      const { totals } = result;
      await recordFigures(tx, period, currency, {
        collected: totals.collected,
        funded: totals.funded,
        unallocated: totals.unallocated,
        fee: totals.fee,
        net: totals.net,
        suspense: totals.suspense,
        opening: totals.opening,
        payable: totals.payable,
      });
    }
    await recordRevenue(tx, period);
    await advance(tx, { results, creators: payables.length });
    return true;
  });
}

/** With its creators in the order of their ids: rows that come in the order of their keys are written several times faster. */
function inOrder(result: CurrencyResult): CurrencyResult {
  return { ...result, creators: [...result.creators].sort((a, b) => byBytes(a.creatorId, b.creatorId)) };
}

function earningsPostings(currency: string, result: CurrencyResult): Posting[] {
  const { totals } = result;
  return [
    { account: UNDISTRIBUTED, currency, amount: totals.net + totals.fee + totals.suspense },
    ...result.creators.map((creator) => ({ account: owedTo(creator.creatorId), currency, amount: -creator.net })),
    ...[...result.suspense].map(([creatorId, amount]) => ({
      account: suspenseOf(creatorId),
      currency,
      amount: -amount,
    })),
    { account: FEE_REVENUE, currency, amount: -totals.fee },
  ];
}

async function insertResult(
  tx: Queries,
  period: Period,
  currency: string,
  result: CurrencyResult,
  lineOf: ReadonlyMap<string, EarningLine>,
  feeRule: string,
): Promise<void> {
  await insertRows(tx, 'earning', EARNING, result.creators, (creator) => {
    const line = lineOf.get(creator.creatorId);
    return {
      period,
      currency,
      creator_id: creator.creatorId,
      gross: creator.gross,
      fee: creator.fee,
      net: creator.net,
      opening: creator.opening,
      payable: creator.payable,
      disposition: line?.disposition ?? 'none',
      reason: line?.reason ?? '',
      fee_rule: feeRule,
    };
  });
  await insertRows(tx, 'lapse', LAPSE, result.subscribers, (one) => ({
    period,
    currency,
    subscriber_id: one.subscriberId,
    funds: one.funds,
    allocated: one.allocated,
    unfunded: one.unfunded,
    unallocated: one.unallocated,
    usage_band: one.usageBand,
  }));
  const counts = await activeAllocations(tx, period, currency, [...result.suspense.keys()]);
  await insertRows(tx, 'suspense', SUSPENSE, [...result.suspense], ([creatorId, amount]) => ({
    period,
    currency,
    creator_id: creatorId,
    amount,
    allocations: counts.get(creatorId) ?? 0n,
  }));
}

/** How many allocations of the month each of some creators has. */
async function activeAllocations(
  db: Queries,
  period: Period,
  currency: string,
  creatorIds: readonly string[],
): Promise<ReadonlyMap<string, bigint>> {
  const counts = new Map<string, bigint>();
  for (const some of inChunks(creatorIds)) {
    const rows = await db
      .selectFrom('allocation')
      .select(({ fn }) => ['creator_id', fn.countAll<bigint>().as('count')])
      .where('creator_id', 'in', some)
      .where('period', '=', period)
      .where('currency', '=', currency)
      .where('status', '=', 'active')
      .groupBy('creator_id')
      .execute();
    for (const { creator_id, count } of rows) counts.set(creator_id, count);
  }
  return counts;
}
