/** `summary.json`: the figures of a month. */
import type { Queries } from '../../store/store';
import { FIGURE_NAMES, readFigures } from '../period-figures';
import type { ExportKind } from './export-kind';

export const summaryJson: ExportKind = {
  name: 'summary.json',
  title: 'The figures of the month',
  make: async (db, period) => {
    const summary = await summaryOf(db, period);
    return { content: `${JSON.stringify(summary, null, 1)}\n`, rows: Object.keys(summary).length };
  },
};

/** The figures of a period per currency, as decimal strings of minor units; figures not known yet are left out. */
export async function summaryOf(db: Queries, period: string): Promise<Record<string, Record<string, string>>> {
  const summary: Record<string, Record<string, string>> = {};
  for (const [currency, figures] of await readFigures(db, period)) {
    // Balances alone, without any data of the period, are not part of its summary.
    if (figures.collected === undefined && !figures.surplus_release && !figures.revenue_adjustments) continue;
    const known: Record<string, string> = {};
    for (const name of FIGURE_NAMES) {
      if (name === 'revenue_adjustments' && !figures[name]) continue;
      // A currency that only has a surplus in Storage earned nothing: those figures are zero, not unknown.
      const value = figures[name] ?? (figures.collected === undefined ? 0n : undefined);
      if (value !== undefined) known[name] = String(value);
    }
    summary[currency] = known;
  }
  return summary;
}
