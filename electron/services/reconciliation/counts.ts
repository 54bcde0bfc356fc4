/** Which lines belong to a month, and how many of them are matched, explained or open. */
import { exceptionClass, type ReconciliationSummary } from '../../../shared/contract/proof';
import type { Intent } from '../../journal/intent';
import { listIntents } from '../../journal/journal';
import { inChunks } from '../../store/chunks';
import type { Queries } from '../../store/store';
import { lateExceptions } from '../late-news';

/** Lines of a month. An outside line is everybody's business until it is explained, but no business of a month that is signed. */
export async function reconciledLines(db: Queries, period: string) {
  const lines = db.selectFrom('stripe_line');
  const own = lines.where('stripe_line.period', '=', period);
  if (await isClosed(db, period)) return own;
  return lines.where((eb) =>
    eb.or([
      eb('stripe_line.period', '=', period),
      eb.and([eb('stripe_line.outcome', '=', 'exception'), eb('stripe_line.resolved_by', 'is', null)]),
    ]),
  );
}

async function isClosed(db: Queries, period: string): Promise<boolean> {
  const run = await db
    .selectFrom('month_end_run')
    .select('state')
    .where('period', '=', period)
    .where('current', '=', 1n)
    .executeTakeFirst();
  return run?.state === 'closed';
}

/** What Stripe did not show of the month, as it was signed. */
export async function reconciledMissing(db: Queries, period: string) {
  return db
    .selectFrom('missing_line')
    .innerJoin('intent_state', 'intent_state.intent_id', 'missing_line.intent_id')
    .selectAll('missing_line')
    .select('intent_state.stripe_object')
    .where('missing_line.period', '=', period)
    .orderBy('missing_line.intent_id')
    .orderBy('missing_line.side')
    .execute();
}

/** Lines that Stripe does not show and that belong to a period, or are not explained while it is open. */
export async function missingOfPeriod(db: Queries, period: string) {
  const missing = db.selectFrom('missing_line');
  if (await isClosed(db, period)) return missing.where('missing_line.period', '=', period);
  return missing.where((eb) =>
    eb.or([
      eb('missing_line.period', '=', period),
      eb.and([eb('missing_line.outcome', '=', 'exception'), eb('missing_line.resolved_by', 'is', null)]),
    ]),
  );
}

export interface MissingMovement {
  readonly intent: Intent;
  readonly side: string;
  readonly explanation: string;
}

/** Posted movements of the period of which Stripe does not show a line yet: it may be listed within a day. */
export async function movementsWithoutLine(db: Queries, period: string): Promise<MissingMovement[]> {
  const rows = await (await missingOfPeriod(db, period)).selectAll().where('outcome', '=', 'timing').execute();
  const intents = new Map<string, Intent>();
  for (const some of inChunks(rows.map((row) => row.intent_id))) {
    for (const intent of await listIntents(db, { ids: some })) intents.set(intent.intent_id, intent);
  }
  return rows.flatMap(({ intent_id, side, explanation }) => {
    const intent = intents.get(intent_id);
    return intent === undefined ? [] : [{ intent, side, explanation }];
  });
}

export async function reconciliationCounts(db: Queries, period: string): Promise<ReconciliationSummary['counts']> {
  const lines = await (await reconciledLines(db, period))
    .select((eb) => ['outcome', 'resolved_by', eb.fn.countAll<bigint>().as('count')])
    .groupBy(['outcome', 'resolved_by'])
    .execute();
  const missing = await (await missingOfPeriod(db, period))
    .select((eb) => ['outcome', 'resolved_by', eb.fn.countAll<bigint>().as('count')])
    .groupBy(['outcome', 'resolved_by'])
    .execute();
  const counts = { matched: 0, timing: 0, exception: 0, resolved: (await lateExceptions(db, period)).length };
  for (const row of [...lines, ...missing]) {
    const count = Number(row.count);
    if (row.resolved_by !== null) counts.resolved += count;
    else if (row.outcome === 'matched') counts.matched += count;
    else if (row.outcome === 'timing') counts.timing += count;
    else counts.exception += count;
  }
  return counts;
}

/** Open exceptions of each class that has any, in the order of the classes. */
export async function openClasses(db: Queries, period: string): Promise<ReconciliationSummary['classes']> {
  const rows = await (await reconciledLines(db, period))
    .select((eb) => ['class', eb.fn.countAll<bigint>().as('count')])
    .where('outcome', '=', 'exception')
    .where('resolved_by', 'is', null)
    .groupBy('class')
    .execute();
  const missing = await (await missingOfPeriod(db, period))
    .select((eb) => eb.fn.countAll<bigint>().as('count'))
    .where('outcome', '=', 'exception')
    .where('resolved_by', 'is', null)
    .executeTakeFirstOrThrow();
  const open = new Map<string | null, number>(rows.map((row) => [row.class, Number(row.count)]));
  open.set('unknown-to-stripe', Number(missing.count));
  return exceptionClass.options.flatMap((one) => {
    const count = open.get(one) ?? 0;
    return count === 0 ? [] : [{ class: one, open: count }];
  });
}
