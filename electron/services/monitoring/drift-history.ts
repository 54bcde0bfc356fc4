/** When what nothing explains changed, and what explained it. From stored readings, lines and the ledger. Amounts in minor units. */
import { sql } from 'kysely';
import type { DriftChange, DriftItem } from '../../../shared/contract/balances';
import { abs } from '../../../shared/money/money';
import type { Queries } from '../../store/store';
import { booked, changedBetween, STORAGE_ACCOUNTS } from './drift-items';

/** The latest changes are named; a history of more has another cause than single lines. */
const CHANGES = 100;

interface Change {
  readonly at: string;
  readonly unexplained: bigint;
  readonly entries: bigint;
  /** The reading before; null for the first of all. */
  readonly before_at: string | null;
  readonly before: bigint | null;
  readonly before_entries: bigint | null;
}

/** Readings of one currency since `from` that found another unexplained difference than the one before; newest first. */
export async function driftChanges(db: Queries, currency: string, from: string): Promise<DriftChange[]> {
  const { rows } = await sql<Change>`
    SELECT * FROM (
      SELECT at, unexplained, entries, lag(at) OVER (ORDER BY at) AS before_at, lag(unexplained) OVER (ORDER BY at) AS before,
        lag(entries) OVER (ORDER BY at) AS before_entries
      FROM balance_snapshot WHERE currency = ${currency} AND seeded = 0 AND at >= coalesce(
        (SELECT max(at) FROM balance_snapshot WHERE currency = ${currency} AND seeded = 0 AND at < ${from}), '')
    ) WHERE at >= ${from} AND unexplained <> coalesce(before, 0) ORDER BY at DESC LIMIT ${CHANGES}`.execute(db);
  const changes: DriftChange[] = [];
  let later: readonly DriftItem[] = [];
  for (const row of rows) {
    const items = await itemsOf(db, currency, row);
    // Money that moved without a line: what put it right later explains it.
    changes.push({
      at: row.at,
      before: String(row.before ?? 0n),
      unexplained: String(row.unexplained),
      items: items.length > 0 || !grew(row) ? items : [...later],
    });
    later = items;
  }
  return changes;
}

function grew({ before, unexplained }: Change): boolean {
  return abs(unexplained) > abs(before ?? 0n);
}

async function itemsOf(db: Queries, currency: string, row: Change): Promise<DriftItem[]> {
  const lines = await changedBetween(db, currency, row.before_at ?? '', row.at);
  if (lines.length > 0 || grew(row)) return lines;
  const after = row.before_entries ?? 0n;
  return booked(db, currency, STORAGE_ACCOUNTS, { after, known: row.entries, upTo: row.entries, instant: row.at });
}
