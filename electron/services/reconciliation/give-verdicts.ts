/**
 * Gives lines their verdict and makes it durable, with the postings of those of the Payments balance that are the business's own traffic.
 * In the caller's transaction, which may be the worker's. Amounts in minor units, signed as at Stripe.
 */
import type { Intent } from '../../journal/intent';
import { bookPeriod } from '../../journal/journal';
import { PAYMENTS } from '../../ledger/accounts';
import { move, post } from '../../ledger/ledger';
import type { StripeLine } from '../../rails/segregation-rail';
import { inChunks } from '../../store/chunks';
import type { Queries } from '../../store/store';
import type { ServiceContext } from '../context';
import { ownTraffic } from './line-types';
import { matchLines } from './match';
import { correctedSides, movementToMatch } from './movements';
import { concerning, everything, lineColumns, storedLine } from './scope';
import type { LineToMatch, Matching, Verdict } from './verdicts';
import { foundWords, missingWords } from './words';

/** A line this much older than the last close, and not seen before it, came late. */
const LATE_MS = 3_600_000;
/** A movement's line may be listed this long after its outcome. */
const LISTED_WITHIN_MS = 86_400_000;

/** What it needs of its surroundings: a worker has it too. */
export type VerdictContext = Pick<ServiceContext, 'now' | 'stripeNow' | 'newId'>;

export function unmatchedLines(db: Queries) {
  return db.selectFrom('stripe_line').selectAll().where('outcome', '<>', 'matched').where('resolved_by', 'is', null);
}

/**
 * Lines that are new and lines that were not matched, against all of the books or what concerns them. With `all`, movements of ours that
 * Stripe does not show are looked for too.
 */
export async function giveVerdicts(
  context: VerdictContext,
  tx: Queries,
  lines: readonly StripeLine[],
  all: boolean,
): Promise<void> {
  const fresh = await notStored(tx, lines);
  const unmatched = await unmatchedLines(tx).execute();
  const closed = await lastClose(tx);
  const found = new Map<LineToMatch, StripeLine>();
  for (const line of fresh) {
    const late = closed !== null && line.createdAt.getTime() < closed - LATE_MS;
    found.set({ ...line, at: line.createdAt.getTime(), late, decided: null }, line);
  }
  const again = new Map(
    unmatched.map((row): [LineToMatch, (typeof unmatched)[number]] => [
      { ...storedLine(row), late: row.class === 'late', decided: null },
      row,
    ]),
  );
  const undecided = [...again.keys(), ...found.keys()];
  const { intents, decided } = all ? await everything(tx) : await concerning(tx, undecided);
  const corrected = await correctedSides(tx);
  const matching = matchLines(
    [...decided, ...undecided],
    intents.map((intent) => movementToMatch(intent, corrected.get(intent.intent_id) ?? [])),
    context.stripeNow().getTime(),
  );
  const byId = new Map(intents.map((intent) => [intent.intent_id, intent]));
  for (const [place, line] of undecided.entries()) {
    const verdict = matching.verdicts[decided.length + place];
    if (verdict === undefined) continue;
    const intent = byId.get(verdict.intentIds[0] ?? '');
    const row = again.get(line);
    const whole = found.get(line);
    const explanation = foundWords(line, verdict, intent);
    if (whole !== undefined) await insertLine(context, tx, whole, verdict, explanation, intent);
    else if (row !== undefined && isNews(row, verdict)) await changeVerdict(tx, line, verdict, explanation, intent);
  }
  await storeMissing(context, tx, matching, byId, all);
}

/** Two readings may have seen the same new line. */
async function notStored(tx: Queries, lines: readonly StripeLine[]): Promise<readonly StripeLine[]> {
  const known = new Set<string>();
  for (const ids of inChunks(lines.map((line) => line.stripeId))) {
    const rows = await tx
      .selectFrom('stripe_line')
      .select(['side', 'stripe_id'])
      .where('stripe_id', 'in', ids)
      .execute();
    for (const row of rows) known.add(`${row.side}:${row.stripe_id}`);
  }
  return lines.filter((line) => !known.has(`${line.side}:${line.stripeId}`));
}

async function lastClose(db: Queries): Promise<number | null> {
  const row = await db
    .selectFrom('month_end_run')
    .select(({ fn }) => fn.max('closed_at').as('at'))
    .where('state', '=', 'closed')
    .executeTakeFirst();
  return row?.at ? new Date(row.at).getTime() : null;
}

/** A line of ours belongs to its movement's period, others to the month they were created in; what comes after its close to the open one. */
function linePeriod(tx: Queries, at: number, intent: Intent | undefined): Promise<string> {
  return bookPeriod(tx, intent?.period ?? new Date(at).toISOString().slice(0, 7));
}

function verdictColumns(verdict: Verdict, explanation: string) {
  return {
    intent_id: verdict.intentIds[0] ?? null,
    outcome: verdict.outcome,
    class: verdict.exception,
    booked: verdict.booked?.amount ?? 0n,
    booked_currency: verdict.booked?.currency ?? null,
    explanation,
  };
}

async function insertLine(
  context: VerdictContext,
  tx: Queries,
  line: StripeLine,
  verdict: Verdict,
  explanation: string,
  intent: Intent | undefined,
): Promise<void> {
  const period = await linePeriod(tx, line.createdAt.getTime(), intent);
  await tx
    .insertInto('stripe_line')
    .values({
      ...lineColumns(line),
      period,
      ...verdictColumns(verdict, explanation),
    })
    .execute();
  await insertBatch(tx, line, verdict);
  const traffic = ownTraffic(line);
  if (traffic === undefined || verdict.outcome !== 'matched' || verdict.intentIds.length > 0) return;
  await post(tx, {
    txId: context.newId(),
    at: line.createdAt,
    kind: `line.${line.type}`,
    period,
    intentId: null,
    description: `${explanation} (${line.stripeId})`,
    postings: move(traffic.contra, PAYMENTS, line.currency, line.amount),
  });
}

async function insertBatch(tx: Queries, line: Pick<LineToMatch, 'side' | 'stripeId'>, verdict: Verdict): Promise<void> {
  for (const intentId of verdict.intentIds.slice(1)) {
    await tx
      .insertInto('line_movement')
      .values({ side: line.side, stripe_id: line.stripeId, intent_id: intentId })
      .execute();
  }
}

function isNews(row: { outcome: string; class: string | null; booked: bigint }, verdict: Verdict): boolean {
  return (
    row.outcome !== verdict.outcome || row.class !== verdict.exception || row.booked !== (verdict.booked?.amount ?? 0n)
  );
}

async function changeVerdict(
  tx: Queries,
  line: LineToMatch,
  verdict: Verdict,
  explanation: string,
  intent: Intent | undefined,
): Promise<void> {
  await tx
    .updateTable('stripe_line')
    .set({ ...verdictColumns(verdict, explanation), period: await linePeriod(tx, line.at, intent) })
    .where('side', '=', line.side)
    .where('stripe_id', '=', line.stripeId)
    .execute();
  await insertBatch(tx, line, verdict);
}

/** Keeps the list of what Stripe does not show. New ones are only looked for on demand; what has come meanwhile is always taken off. */
async function storeMissing(
  context: VerdictContext,
  tx: Queries,
  { missing }: Matching,
  byId: ReadonlyMap<string, Intent>,
  find: boolean,
): Promise<void> {
  const rows = await tx.selectFrom('missing_line').selectAll().where('resolved_by', 'is', null).execute();
  const known = new Map(rows.map((row) => [`${row.side}:${row.intent_id}`, row]));
  const now = context.now();
  for (const one of missing) {
    const intent = byId.get(one.intentId);
    if (intent === undefined) continue;
    const row = known.get(`${one.side}:${one.intentId}`);
    known.delete(`${one.side}:${one.intentId}`);
    const settled = new Date(intent.settled_at ?? intent.created_at).getTime();
    const outcome = now.getTime() - settled < LISTED_WITHIN_MS ? 'timing' : 'exception';
    if (row === undefined ? !find : row.outcome === outcome && row.amount === one.amount) continue;
    const columns = {
      currency: one.currency,
      amount: one.amount,
      outcome,
      explanation: missingWords(intent, one.amount, one.currency),
    };
    await tx
      .insertInto('missing_line')
      .values({
        side: one.side,
        intent_id: one.intentId,
        ...columns,
        found_at: now.toISOString(),
        period: await bookPeriod(tx, intent.period),
        owner: null,
        note: null,
        resolved_by: null,
        resolved_at: null,
      })
      .onConflict((conflict) => conflict.columns(['side', 'intent_id']).doUpdateSet(columns))
      .execute();
  }
  for (const row of known.values()) {
    if (!byId.has(row.intent_id)) continue;
    await tx.deleteFrom('missing_line').where('side', '=', row.side).where('intent_id', '=', row.intent_id).execute();
  }
}
