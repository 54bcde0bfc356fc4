/** Posts what a calculated month comes to: earnings, fee, suspense and lapses, in one transaction. Amounts in minor units. */
import { feeRuleName } from '../../shared/money/fee';
import type { CurrencyResult } from '../../shared/period/calculation';
import type { Period } from '../../shared/period/period';
import { FEE_REVENUE, owedTo, suspenseOf, UNDISTRIBUTED } from '../ledger/accounts';
import { type Posting, post } from '../ledger/ledger';
import type { Refusals } from '../rails/segregation-rail';
import type { Queries, Store } from '../store/store';
import type { ServiceContext } from './context';
import { accountsOf, dispositions, type EarningLine } from './earnings';
import { calculatePeriod } from './fund-tracking';
import { type PackedTable, pack } from './packed';
import { recordFigures, recordRevenue } from './period-figures';
import { readSettings } from './settings';
import type { AccountRow } from './store-jobs';

const ROWS_PER_INSERT = 200;

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
 * the run on. Lapses are recorded here and posted by use it or lose it.
 */
export async function postEarnings(
  context: PostingContext,
  period: Period,
  results: ReadonlyMap<string, CurrencyResult>,
  refusals: Refusals,
  advance: (tx: Queries, outcome: CalculationOutcome) => Promise<void>,
): Promise<void> {
  const feeRule = feeRuleName((await readSettings(context.store.db)).feeBps);
  const payables = [...results].flatMap(([currency, result]) =>
    result.creators.map(({ creatorId, payable }) => ({ creatorId, currency, payable })),
  );
  const lines = await dispositions(context.store.db, payables, refusals);
  const lineOf = new Map(lines.map((line) => [`${line.creatorId}\u0000${line.currency}`, line]));
  await context.store.transaction(async (tx) => {
    for (const [currency, result] of results) {
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
  });
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
  const earnings = result.creators.map((creator) => {
    const line = lineOf.get(`${creator.creatorId}\u0000${currency}`);
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
      closed_paid: null,
      closed_disposition: null,
      closed_reason: null,
    };
  });
  for (let start = 0; start < earnings.length; start += ROWS_PER_INSERT) {
    await tx
      .insertInto('earning')
      .values(earnings.slice(start, start + ROWS_PER_INSERT))
      .execute();
  }
  for (let start = 0; start < result.subscribers.length; start += ROWS_PER_INSERT) {
    await tx
      .insertInto('lapse')
      .values(
        result.subscribers.slice(start, start + ROWS_PER_INSERT).map((one) => ({
          period,
          currency,
          subscriber_id: one.subscriberId,
          funds: one.funds,
          allocated: one.allocated,
          unfunded: one.unfunded,
          unallocated: one.unallocated,
          usage_band: one.usageBand,
        })),
      )
      .execute();
  }
  for (const [creatorId, amount] of result.suspense) {
    const { count } = await tx
      .selectFrom('allocation')
      .select(({ fn }) => fn.countAll<bigint>().as('count'))
      .where('creator_id', '=', creatorId)
      .where('period', '=', period)
      .where('currency', '=', currency)
      .where('status', '=', 'active')
      .executeTakeFirstOrThrow();
    await tx
      .insertInto('suspense')
      .values({ period, currency, creator_id: creatorId, amount, allocations: count })
      .execute();
  }
}
