/** `payouts.csv` and `operations.csv`: the movements of money of a month. */
import { byBytes } from '../../../shared/money/split';
import type { Intent, IntentState } from '../../journal/intent';
import { listIntents, movementsPostedTo } from '../../journal/journal';
import type { Queries } from '../../store/store';
import { number, text } from '../csv';
import { decimal, type ExportKind, table } from './export-kind';

export const payoutsCsv: ExportKind = {
  name: 'payouts.csv',
  title: 'Payouts to creators',
  make: async (db, period) => {
    const intents = (await intentsOf(db, period)).filter((one) => one.kind === 'pay');
    return table(
      'period,intent_id,creator_id,currency,amount_minor,amount_decimal,rail,stripe_account,stripe_object,status,attempts,created_at,settled_at,failure_code,batch'.split(
        ',',
      ),
      intents.map((one) => [
        text(one.period),
        text(one.intent_id),
        text(one.creator_id),
        text(one.currency),
        number(one.amount),
        decimal(one.amount, one.currency),
        text(one.rail),
        text(one.stripe_account),
        text(one.stripe_object),
        text(one.state),
        number(one.attempts),
        text(one.created_at),
        text(one.settled_at),
        text(one.code),
        text(one.batch),
      ]),
    );
  },
};

export const operationsCsv: ExportKind = {
  name: 'operations.csv',
  title: 'Every movement of money',
  make: async (db, period) => {
    const intents = await intentsOf(db, period);
    const requestIds = new Map(
      (
        await db
          .selectFrom('intent_state')
          .select(['intent_id', 'request_id'])
          .where('request_id', 'is not', null)
          .execute()
      ).map((row) => [row.intent_id, row.request_id]),
    );
    return table(
      'intent_id,kind,currency,amount_minor,amount_decimal,from,to,status,stripe_object,idempotency_key,request_id,created_at,settled_at,actor,approved_hash'.split(
        ',',
      ),
      intents.map((one) => [
        text(one.intent_id),
        text(one.kind),
        text(one.currency),
        number(one.amount),
        decimal(one.amount, one.currency),
        text(one.source),
        text(one.destination),
        text(one.state),
        text(one.stripe_object),
        text(one.idempotency_key),
        text(requestIds.get(one.intent_id) ?? null),
        text(one.created_at),
        text(one.settled_at),
        text(one.actor),
        text(one.approved_hash),
      ]),
    );
  },
};

/**
 * A period's movements by period and id, with those of earlier ones whose news was posted to it; of a closed period as they stood
 * when it was signed, whatever came later.
 */
async function intentsOf(db: Queries, period: string): Promise<Intent[]> {
  const earlier = await movementsPostedTo(db, period);
  const intents = [...(await listIntents(db, { period })), ...earlier].sort(byPeriodAndId);
  const run = await db
    .selectFrom('month_end_run')
    .select('closed_at')
    .where('period', '=', period)
    .where('current', '=', 1n)
    .executeTakeFirst();
  const closedAt = run?.closed_at;
  if (!closedAt) return intents;
  const events = await db
    .selectFrom('intent_event')
    .innerJoin('intent', 'intent.intent_id', 'intent_event.intent_id')
    .select([
      'intent_event.intent_id',
      'intent_event.at',
      'intent_event.state',
      'intent_event.attempt',
      'intent_event.code',
      'intent_event.message',
    ])
    .where((eb) =>
      eb.or([
        eb('intent.period', '=', period),
        eb('intent.intent_id', 'in', ['', ...earlier.map((intent) => intent.intent_id)]),
      ]),
    )
    .orderBy('intent_event.intent_id')
    .orderBy('intent_event.seq')
    .execute();
  const later = new Set(events.filter((event) => event.at > closedAt).map((event) => event.intent_id));
  return intents.map((intent) => {
    if (!later.has(intent.intent_id)) return intent;
    const then = events.findLast((event) => event.intent_id === intent.intent_id && event.at <= closedAt);
    if (then === undefined) return intent;
    return {
      ...intent,
      state: then.state as IntentState,
      attempts: Number(then.attempt),
      code: then.code,
      message: then.message,
      settled_at: then.at,
    };
  });
}

function byPeriodAndId(a: Intent, b: Intent): number {
  return byBytes(a.period, b.period) || byBytes(a.intent_id, b.intent_id);
}
