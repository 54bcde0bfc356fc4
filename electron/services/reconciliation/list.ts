/** The lines of a month as the screen and the exports show them. Reads no network. */
import type { Selectable } from 'kysely';
import type { PageRequest } from '../../../shared/contract/channel';
import { exceptionClass, lineMovement, type ReconciliationRow } from '../../../shared/contract/proof';
import type { Schema } from '../../store/schema';
import type { Queries, Store } from '../../store/store';
import { BORNE_BY_RULE, lateExceptions } from '../late-news';
import { listContent } from '../lists/list-content';
import type { LinesFilter } from '../lists/list-orders';
import { type PageRules, preparedList } from '../lists/paging';
import { MIGRATION_RUNS } from '../migration/run';
import { missingOfPeriod, reconciledLines } from './counts';

export const reconciliationRules: PageRules<ReconciliationRow> = {
  searched: (row) => [row.stripeId, row.explanation, row.type, row.intentId ?? ''],
  sorted: {
    stripeId: (row) => row.stripeId,
    side: (row) => row.side,
    type: (row) => row.type,
    currency: (row) => row.currency,
    amount: (row) => BigInt(row.amount),
    at: (row) => row.at,
    outcome: (row) => row.outcome,
    explanation: (row) => row.explanation,
  },
};

/** A page of the period's lines. */
export async function listLines(
  store: Store,
  request: LineRequest,
  /** Who asks; for `owner: me`. */
  asking = '',
): Promise<{ total: number; rows: ReconciliationRow[] }> {
  const { period, outcome, owner } = request;
  const filter = { period, outcome, class: request.class, owner, asking: owner === 'me' ? asking : '' };
  const key = JSON.stringify(['lines', ...Object.values(filter)]);
  const { list } = await preparedList(
    store,
    key,
    () => listContent(store, 'lines', filter, readLines),
    reconciliationRules,
  );
  return list.page(request);
}

export type LineRequest = PageRequest & Omit<LinesFilter, 'asking'>;

export async function readLines({ db }: Store, { period, outcome, class: kind, owner, asking }: LinesFilter) {
  const rows = await linesOfPeriod(db, period);
  const wanted = (row: ReconciliationRow): boolean =>
    (outcome === undefined || row.outcome === outcome) &&
    (kind === undefined || row.class === kind) &&
    (owner === undefined || isOwned(row, owner, asking));
  return { rows: rows.filter(wanted), more: null };
}

function isOwned(row: ReconciliationRow, owner: 'me' | 'anybody' | 'nobody', asking: string): boolean {
  if (row.outcome !== 'exception' || row.resolvedBy !== null) return false;
  if (owner === 'nobody') return row.owner === null;
  return owner === 'anybody' ? row.owner !== null : row.owner === asking;
}

async function linesOfPeriod(db: Queries, period: string): Promise<ReconciliationRow[]> {
  const lines = (await lineRows(await reconciledLines(db, period)).execute()).map(lineView);
  const missing = (await missingRows(await missingOfPeriod(db, period)).execute()).map(missingView);
  const late = (await lateExceptions(db, period)).map(
    (one): ReconciliationRow => ({
      lineId: one.rowId,
      stripeId: one.rowId,
      side: 'ledger',
      type: one.type,
      currency: one.currency,
      amount: String(one.amount),
      at: one.at,
      intentId: null,
      movement: null,
      outcome: 'exception',
      class: 'late',
      explanation: one.explanation,
      owner: null,
      note: null,
      resolvedBy: BORNE_BY_RULE,
    }),
  );
  return [...lines, ...missing, ...late];
}

/** A line by its id, or a missing one as `INTENT:BALANCE`; undefined when there is none. */
export async function findRow(db: Queries, lineId: string): Promise<ReconciliationRow | undefined> {
  const [intentId = '', side] = lineId.split(':');
  if (side !== undefined) {
    const row = await missingRows(db.selectFrom('missing_line'))
      .where('missing_line.side', '=', side)
      .where('missing_line.intent_id', '=', intentId)
      .executeTakeFirst();
    return row === undefined ? undefined : missingView(row);
  }
  const row = await lineRows(db.selectFrom('stripe_line'))
    .where('stripe_line.stripe_id', '=', lineId)
    .executeTakeFirst();
  return row === undefined ? undefined : lineView(row);
}

const MOVEMENT = [
  'intent.kind as movement_kind',
  'intent.run as movement_run',
  'intent.period as movement_period',
] as const;

function lineRows(from: Awaited<ReturnType<typeof reconciledLines>>) {
  return from
    .leftJoin('intent', 'intent.intent_id', 'stripe_line.intent_id')
    .select(MOVEMENT)
    .selectAll('stripe_line')
    .orderBy('stripe_line.created_at')
    .orderBy('stripe_line.stripe_id');
}

function missingRows(from: Awaited<ReturnType<typeof missingOfPeriod>>) {
  return from
    .leftJoin('intent', 'intent.intent_id', 'missing_line.intent_id')
    .select(MOVEMENT)
    .selectAll('missing_line')
    .orderBy('missing_line.found_at')
    .orderBy('missing_line.intent_id')
    .orderBy('missing_line.side');
}

interface OfMovement {
  readonly movement_kind: string | null;
  readonly movement_run: string | null;
  readonly movement_period: string | null;
}

function movementOf(row: OfMovement): ReconciliationRow['movement'] {
  if (row.movement_kind === null || row.movement_run === null || row.movement_period === null) return null;
  return {
    kind: lineMovement.shape.kind.parse(row.movement_kind),
    part: row.movement_run.startsWith(MIGRATION_RUNS) ? 'migration' : 'month-end',
    period: row.movement_period,
  };
}

type LineRow = OfMovement & Selectable<Schema['stripe_line']>;

function lineView(row: LineRow): ReconciliationRow {
  return {
    lineId: row.stripe_id,
    stripeId: row.stripe_id,
    side: row.side === 'storage' ? 'storage' : 'payments',
    type: row.type,
    currency: row.currency,
    amount: String(row.amount),
    at: row.created_at,
    intentId: row.intent_id,
    movement: movementOf(row),
    outcome: row.outcome === 'matched' || row.outcome === 'timing' ? row.outcome : 'exception',
    class: row.class === null ? null : exceptionClass.parse(row.class),
    explanation: row.explanation,
    owner: row.owner,
    note: row.note,
    resolvedBy: row.resolved_by,
  };
}

type MissingRow = OfMovement & Selectable<Schema['missing_line']>;

function missingView(row: MissingRow): ReconciliationRow {
  return {
    lineId: `${row.intent_id}:${row.side}`,
    stripeId: row.intent_id,
    side: 'ledger',
    type: `not in ${row.side}`,
    currency: row.currency,
    amount: String(row.amount),
    at: row.found_at,
    intentId: row.intent_id,
    movement: movementOf(row),
    outcome: row.outcome === 'timing' ? 'timing' : 'exception',
    class: row.outcome === 'timing' ? null : 'unknown-to-stripe',
    explanation: row.explanation,
    owner: row.owner,
    note: row.note,
    resolvedBy: row.resolved_by,
  };
}
