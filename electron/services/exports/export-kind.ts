/** What one export is: its name, its rows and how it is made. */
import { currency as toCurrency, toDecimal } from '../../../shared/money/money';
import type { Queries } from '../../store/store';
import { type Cell, csvFile, number } from '../csv';

export interface ExportKind {
  readonly name: string;
  readonly title: string;
  /** Left out when it has no rows. */
  readonly optional?: boolean;
  readonly make: (db: Queries, period: string) => Promise<{ content: string; rows: number }>;
  /** How many rows `make` would give, where that is known without making them. */
  readonly count?: (db: Queries, period: string) => Promise<number>;
}

export function table(
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
): { content: string; rows: number } {
  return { content: csvFile(columns, rows), rows: rows.length };
}

export function decimal(amount: bigint, code: string): Cell {
  return number(toDecimal(amount, toCurrency(code)));
}

export async function rowsOfPeriod(db: Queries, from: 'earning' | 'lapse', period: string): Promise<number> {
  const { rows } = await db
    .selectFrom(from)
    .select(({ fn }) => fn.countAll<bigint>().as('rows'))
    .where('period', '=', period)
    .executeTakeFirstOrThrow();
  return Number(rows);
}
