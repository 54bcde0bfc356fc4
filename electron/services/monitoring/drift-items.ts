/** The lines, movements and entries that explain a difference, each with where it is shown. Amounts in minor units. Reads no network. */
import { sql } from 'kysely';
import type { DriftItem } from '../../../shared/contract/balances';
import { listIntents } from '../../journal/journal';
import { INBOUND, OUTBOUND, STORAGE } from '../../ledger/accounts';
import type { Queries } from '../../store/store';
import { MIGRATION_RUNS } from '../migration/run';

/** Items named with one difference; more would not be looked at. */
export const ITEMS = 20;

export const STORAGE_ACCOUNTS = [STORAGE, INBOUND, OUTBOUND] as const;

/** Entries `after` < id ≤ `upTo`; of those beyond `known` only what was written down until `instant`. */
export interface Span {
  readonly after: bigint;
  readonly known: bigint;
  /** Null: no end. */
  readonly upTo: bigint | null;
  readonly instant: string;
}

/** Movements, and entries without one, that changed the sum of `accounts` within the span. */
export async function booked(
  db: Queries,
  currency: string,
  accounts: readonly string[],
  span: Span,
): Promise<DriftItem[]> {
  const { rows } = await sql<{
    tx_id: string;
    at: string;
    period: string | null;
    intent_id: string | null;
    description: string;
    amount: bigint;
  }>`
    SELECT t.tx_id, min(t.at) AS at, t.period, t.intent_id, t.description, sum(e.amount) AS amount
    FROM ledger_entry e CROSS JOIN ledger_transaction t ON t.tx_id = e.tx_id
    WHERE e.account IN (${sql.join(accounts)}) AND e.currency = ${currency} AND e.entry_id > ${span.after}
      AND (${span.upTo} IS NULL OR e.entry_id <= ${span.upTo}) AND (e.entry_id <= ${span.known} OR t.at <= ${span.instant})
    GROUP BY coalesce(t.intent_id, t.tx_id) HAVING sum(e.amount) <> 0
    ORDER BY min(e.entry_id) LIMIT ${ITEMS}`.execute(db);
  const ids = rows.flatMap((row) => (row.intent_id === null ? [] : [row.intent_id]));
  const intents = new Map((await listIntents(db, { ids })).map((intent) => [intent.intent_id, intent]));
  return rows.map((row) => {
    const intent = intents.get(row.intent_id ?? '');
    return {
      kind: intent === undefined ? 'entry' : 'movement',
      reference: intent === undefined ? row.tx_id : (intent.stripe_object ?? intent.intent_id),
      description: intent?.description ?? row.description,
      at: row.at,
      amount: String(row.amount),
      resolvedAt: null,
      resolvedBy: null,
      screen: intent === undefined ? entryPlace(row.period, row.description) : movementPlace(intent),
    };
  });
}

function place(screen: string, params: Readonly<Record<string, string>>): string {
  return `${screen}?${new URLSearchParams(params)}`;
}

function movementPlace(intent: { kind: string; run: string; period: string; intent_id: string }): string {
  const { period } = intent;
  if (intent.kind === 'pay') return place('payouts', { period, intentId: intent.intent_id });
  if (intent.run.startsWith(MIGRATION_RUNS)) return place('migration', { step: 'execute' });
  return place('month-end', { period });
}

/** An entry without a movement: what explained a line ends with its id (reconciliation/exceptions.ts). */
function entryPlace(period: string | null, description: string): string {
  const line = /\(([\w:-]+)\)$/.exec(description)?.[1];
  return place('reconciliation', { ...(period === null ? {} : { period }), ...(line === undefined ? {} : { line }) });
}

/** Exceptions of Storage in a currency that lie in time as `where` says, explained since or not; oldest first. */
async function exceptions(
  db: Queries,
  currency: string,
  where: (appeared: string, resolved: string) => ReturnType<typeof sql<boolean>>,
): Promise<DriftItem[]> {
  const { rows } = await sql<{
    line: string;
    period: string;
    explanation: string;
    at: string;
    amount: bigint;
    resolved_at: string | null;
    resolved_by: string | null;
  }>`
    SELECT stripe_id AS line, period, explanation, created_at AS at,
      CASE WHEN currency = ${currency} THEN amount ELSE 0 END - CASE WHEN booked_currency = ${currency} THEN booked ELSE 0 END AS amount,
      resolved_at, resolved_by
    FROM stripe_line WHERE outcome = 'exception' AND side = 'storage' AND ${currency} IN (currency, booked_currency)
      AND ${where('created_at', 'resolved_at')}
    UNION ALL
    SELECT intent_id || ':' || side, period, explanation, found_at, -amount, resolved_at, resolved_by
    FROM missing_line WHERE outcome = 'exception' AND side = 'storage' AND currency = ${currency}
      AND ${where('found_at', 'resolved_at')}
    ORDER BY at, line LIMIT ${ITEMS}`.execute(db);
  return rows.map((row) => ({
    kind: 'line',
    reference: row.line,
    description: row.explanation,
    at: row.at,
    amount: String(row.amount),
    resolvedAt: row.resolved_at,
    resolvedBy: row.resolved_by,
    screen: place('reconciliation', { period: row.period, line: row.line }),
  }));
}

/** Lines that nothing explained at an instant. */
export function openAt(db: Queries, currency: string, instant: string): Promise<DriftItem[]> {
  return exceptions(
    db,
    currency,
    (appeared, resolved) =>
      sql<boolean>`${sql.ref(appeared)} <= ${instant} AND (${sql.ref(resolved)} IS NULL OR ${sql.ref(resolved)} > ${instant})`,
  );
}

/** Lines that appeared or were explained between two readings. Stripe's times have whole seconds. */
export function changedBetween(db: Queries, currency: string, after: string, upTo: string): Promise<DriftItem[]> {
  const second = after === '' ? '' : `${after.slice(0, 19)}.000Z`;
  return exceptions(
    db,
    currency,
    (appeared, resolved) =>
      sql<boolean>`((${sql.ref(appeared)} >= ${second} AND ${sql.ref(appeared)} <= ${upTo})
        OR (${sql.ref(resolved)} > ${after} AND ${sql.ref(resolved)} <= ${upTo}))`,
  );
}
