/** What a matching needs to know: all of the books, or only what concerns some lines, so that a reading of few lines reads little. */
import { currency as toCurrency } from '../../../shared/money/money';
import type { Intent } from '../../journal/intent';
import { listIntents } from '../../journal/journal';
import type { StripeLine } from '../../rails/segregation-rail';
import { inChunks } from '../../store/chunks';
import type { Queries } from '../../store/store';
import { movesMoney } from './line-types';
import type { LineToMatch } from './verdicts';

export interface Scope {
  readonly intents: readonly Intent[];
  /** Lines that were matched or explained before; they stand, and take their movement's place. */
  readonly decided: readonly LineToMatch[];
}

export interface StoredLine {
  readonly side: string;
  readonly stripe_id: string;
  readonly type: string;
  readonly currency: string;
  readonly amount: bigint;
  readonly created_at: string;
  readonly source: string | null;
}

/** A line as Stripe shows it, in the columns that keep it; nobody owns or has resolved it yet. */
export function lineColumns(line: StripeLine) {
  return {
    side: line.side,
    stripe_id: line.stripeId,
    type: line.type,
    currency: line.currency,
    amount: line.amount,
    created_at: line.createdAt.toISOString(),
    source: line.source,
    description: line.description,
    owner: null,
    note: null,
    resolved_by: null,
    resolved_at: null,
  };
}

export function storedLine(row: StoredLine): Omit<LineToMatch, 'late' | 'decided'> {
  return {
    side: row.side === 'storage' ? 'storage' : 'payments',
    stripeId: row.stripe_id,
    type: row.type,
    currency: toCurrency(row.currency),
    amount: row.amount,
    source: row.source,
    at: new Date(row.created_at).getTime(),
  };
}

export async function everything(db: Queries): Promise<Scope> {
  return { intents: await listIntents(db, {}), decided: await decidedLines(db, await decidedRows(db).execute()) };
}

/** Movements that lines name, that are under way, that a person makes in the dashboard or that lack a line; with the lines of these. */
export async function concerning(db: Queries, lines: readonly LineToMatch[]): Promise<Scope> {
  const named = [...new Set(lines.flatMap((line) => [line.stripeId, ...(line.source === null ? [] : [line.source])]))];
  const missing = await db.selectFrom('missing_line').select('intent_id').where('resolved_by', 'is', null).execute();
  const intents = new Map<string, Intent>();
  const take = (some: readonly Intent[]): void => {
    for (const intent of some) intents.set(intent.intent_id, intent);
  };
  take(await listIntents(db, { states: ['planned', 'sending', 'unknown', 'processing'] }));
  take(await listIntents(db, { kinds: ['release', 'compensate'] }));
  for (const some of inChunks(named)) take(await listIntents(db, { objects: some }));
  for (const some of inChunks(missing.map((row) => row.intent_id))) take(await listIntents(db, { ids: some }));
  const objects = new Set([...intents.values()].map((intent) => intent.stripe_object));
  if (lines.some((line) => movesMoney(line) && !objects.has(line.source) && !objects.has(line.stripeId))) {
    // It may be the one line of a batch.
    for (const some of inChunks(await postedWithoutLine(db))) take(await listIntents(db, { ids: some }));
  }
  const rows: DecidedRow[] = [];
  const sources = [...new Set(lines.flatMap((line) => (line.source === null ? [] : [line.source])))];
  for (const some of inChunks(sources)) {
    rows.push(...(await decidedRows(db).where('intent_id', 'is', null).where('source', 'in', some).execute()));
  }
  for (const some of inChunks([...intents.keys()])) {
    rows.push(...(await decidedRows(db).where('intent_id', 'in', some).execute()));
  }
  return { intents: [...intents.values()], decided: await decidedLines(db, rows) };
}

async function postedWithoutLine(db: Queries): Promise<string[]> {
  const rows = await db
    .selectFrom('intent_state')
    .select('intent_id')
    .where('state', '=', 'posted')
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('stripe_line')
            .select('stripe_line.stripe_id')
            .whereRef('stripe_line.intent_id', '=', 'intent_state.intent_id'),
        ),
      ),
    )
    .execute();
  return rows.map((row) => row.intent_id);
}

type DecidedRow = StoredLine & { readonly intent_id: string | null; readonly outcome: string };

function decidedRows(db: Queries) {
  return db
    .selectFrom('stripe_line')
    .select(['side', 'stripe_id', 'type', 'currency', 'amount', 'created_at', 'source', 'intent_id', 'outcome'])
    .where('period', '<>', 'opening')
    .where((eb) => eb.or([eb('outcome', '=', 'matched'), eb('resolved_by', 'is not', null)]));
}

async function decidedLines(db: Queries, rows: readonly DecidedRow[]): Promise<LineToMatch[]> {
  const further = await db
    .selectFrom('line_movement')
    .innerJoin('stripe_line', (join) =>
      join
        .onRef('stripe_line.side', '=', 'line_movement.side')
        .onRef('stripe_line.stripe_id', '=', 'line_movement.stripe_id'),
    )
    .select(['stripe_line.side', 'stripe_line.stripe_id', 'type', 'currency', 'amount', 'created_at', 'source'])
    .select(['line_movement.intent_id'])
    .execute();
  // The one line of a batch takes the place of the line of each of its movements.
  const ofBatch = new Set(further.map((row) => `${row.side}:${row.stripe_id}`));
  const decided = (row: StoredLine, intentId: string | null, exception: boolean): LineToMatch => ({
    ...storedLine(row),
    late: false,
    decided: { intentId, exception },
  });
  return [
    ...rows.map((row) =>
      decided(row, row.intent_id, row.outcome === 'exception' || ofBatch.has(`${row.side}:${row.stripe_id}`)),
    ),
    ...further.map((row) => decided(row, row.intent_id, true)),
  ];
}
