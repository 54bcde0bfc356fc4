/** The figures of one period and currency, as they stand in `summary.json`. Minor units as decimal strings. */
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
  readonly platform_revenue: string;
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
