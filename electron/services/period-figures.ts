/** The figures of one period and currency, as they stand in `summary.json`. Minor units as decimal strings. */
import { prefixEnd, REVENUE_PREFIX } from '../ledger/accounts';
import type { Queries } from '../store/store';

export interface PeriodFigures {
  readonly collected: string;
  readonly funded: string;
  readonly unallocated: string;
  readonly fee: string;
  readonly net: string;
  readonly suspense: string;
  readonly opening: string;
  readonly payable: string;
  readonly paid: string;
  readonly owed_after: string;
  readonly held: string;
  readonly carried: string;
  readonly failed: string;
  /** fee + unallocated + revenue_adjustments. */
  readonly platform_revenue: string;
  /** Late news and resolved suspense posted to this month; less than zero when the platform bears more than it gets. */
  readonly revenue_adjustments: string;
  readonly payments_before: string;
  readonly payments_after: string;
  readonly storage_before: string;
  readonly storage_after: string;
  readonly fund: string;
  readonly surplus_release: string;
  readonly payouts_posted: string;
  readonly payouts_failed: string;
}

export type FigureName = keyof PeriodFigures;

/** Order of the exported summary. */
export const FIGURE_NAMES: readonly FigureName[] = [
  'collected',
  'funded',
  'unallocated',
  'fee',
  'net',
  'suspense',
  'opening',
  'payable',
  'paid',
  'owed_after',
  'held',
  'carried',
  'failed',
  'platform_revenue',
  'revenue_adjustments',
  'payments_before',
  'payments_after',
  'storage_before',
  'storage_after',
  'fund',
  'surplus_release',
  'payouts_posted',
  'payouts_failed',
];

export type PartialFigures = Partial<Record<FigureName, bigint>>;

/** Figures recorded so far, by currency. */
export async function readFigures(db: Queries, period: string): Promise<ReadonlyMap<string, PartialFigures>> {
  const rows = await db
    .selectFrom('period_figures')
    .selectAll()
    .where('period', '=', period)
    .orderBy('currency')
    .execute();
  return new Map(
    rows.map((row) => {
      const stored: Record<string, string> = JSON.parse(row.figures);
      const figures: PartialFigures = {};
      for (const name of FIGURE_NAMES) {
        const value = stored[name];
        if (value !== undefined) figures[name] = BigInt(value);
      }
      return [row.currency, figures];
    }),
  );
}

/** Adds figures to those of a currency; a figure that is there already is replaced. */
export async function recordFigures(
  db: Queries,
  period: string,
  currency: string,
  figures: PartialFigures,
): Promise<void> {
  const known = (await readFigures(db, period)).get(currency) ?? {};
  const merged = { ...known, ...figures };
  const value = JSON.stringify(
    Object.fromEntries(Object.entries(merged).map(([name, amount]) => [name, String(amount)])),
  );
  await db
    .insertInto('period_figures')
    .values({ period, currency, figures: value })
    .onConflict((conflict) => conflict.columns(['period', 'currency']).doUpdateSet({ figures: value }))
    .execute();
}

/** What a month's own calculation posts to revenue; everything else there comes from earlier months or from suspense. */
const OWN_REVENUE = ['earnings', 'lapse'];

/**
 * Revenue that the ledger has in each month beyond its fee and lapses: late news (fees and lapses more, refunds and disputes
 * borne) and fees of resolved suspense, by month and currency. Only what is not zero.
 */
export async function revenueAdjustments(
  db: Queries,
  only: { readonly period?: string; readonly currency?: string },
): Promise<{ readonly period: string; readonly currency: string; readonly amount: bigint }[]> {
  const { period, currency } = only;
  const rows = await db
    .selectFrom('ledger_entry')
    .innerJoin('ledger_transaction', 'ledger_transaction.tx_id', 'ledger_entry.tx_id')
    .select(({ fn }) => ['period', 'currency', fn.sum<bigint>('amount').as('total')])
    .where('account', '>=', REVENUE_PREFIX)
    .where('account', '<', prefixEnd(REVENUE_PREFIX))
    .where('kind', 'not in', OWN_REVENUE)
    .where('period', 'is not', null)
    .$if(period !== undefined, (query) => query.where('period', '=', period ?? ''))
    .$if(currency !== undefined, (query) => query.where('currency', '=', currency ?? ''))
    .groupBy(['period', 'currency'])
    .execute();
  return rows
    .map((row) => ({ period: row.period ?? '', currency: row.currency, amount: -BigInt(row.total) }))
    .filter((row) => row.amount !== 0n);
}

/** Records the platform's revenue of the month as the ledger has it now. */
export async function recordRevenue(db: Queries, period: string): Promise<void> {
  const figures = await readFigures(db, period);
  const adjustments = new Map((await revenueAdjustments(db, { period })).map((row) => [row.currency, row.amount]));
  for (const currency of new Set([...figures.keys(), ...adjustments.keys()])) {
    const { collected, fee = 0n, unallocated = 0n, revenue_adjustments: before = 0n } = figures.get(currency) ?? {};
    const now = adjustments.get(currency) ?? 0n;
    if (collected === undefined && now === 0n && before === 0n) continue;
    await recordFigures(db, period, currency, {
      platform_revenue: fee + unallocated + now,
      ...(now === 0n && before === 0n ? {} : { revenue_adjustments: now }),
    });
  }
}
