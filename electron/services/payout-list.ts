/** Payouts as the Payouts screen shows them: list with counts, detail with events and ledger lines. Read-only. */

import type { PageRequest } from '../../shared/contract/channel';
import type { PayoutDetail, PayoutRow, PayoutStatus } from '../../shared/contract/payouts';
import { type Intent, isOpen } from '../journal/intent';
import { listIntents, movementsPostedTo, readIntent } from '../journal/journal';
import type { Queries, Store } from '../store/store';
import { creatorCircumstances } from './earnings';
import { listContent } from './lists/list-content';
import type { PayoutsFilter } from './lists/list-orders';
import { type PageRules, preparedList } from './lists/paging';
import { payoutKey } from './monitoring/payouts-now';
import { endedUnpaid, isUnfinishedRetry, mayRetry } from './stripe-transfer';

function rowOf(intent: Intent, names: ReadonlyMap<string, { readonly displayName: string }>): PayoutRow {
  const creatorId = intent.creator_id ?? '';
  return {
    intentId: intent.intent_id,
    period: intent.period,
    creatorId,
    displayName: names.get(creatorId)?.displayName ?? creatorId,
    currency: intent.currency,
    amount: String(intent.amount),
    status: intent.state,
    reason: intent.message ?? '',
    attempts: intent.attempts,
    stripeAccount: intent.stripe_account ?? '',
    stripeObject: intent.stripe_object,
    batch: intent.batch,
    createdAt: intent.created_at,
    settledAt: intent.settled_at,
  };
}

export const payoutRules: PageRules<PayoutRow> = {
  searched: (row) => [row.displayName, row.creatorId, row.intentId, row.stripeObject ?? '', row.stripeAccount],
  sorted: {
    displayName: (row) => row.displayName,
    creatorId: (row) => row.creatorId,
    period: (row) => row.period,
    currency: (row) => row.currency,
    amount: (row) => BigInt(row.amount),
    status: (row) => row.status,
    reason: (row) => row.reason,
    attempts: (row) => row.attempts,
    stripeAccount: (row) => row.stripeAccount,
    stripeObject: (row) => row.stripeObject ?? '',
    batch: (row) => row.batch,
    createdAt: (row) => row.createdAt,
    settledAt: (row) => row.settledAt ?? '',
  },
};

export async function listPayouts(store: Store, request: PageRequest & PayoutsFilter) {
  const { period, status, creatorId } = request;
  const filter = { period, status, creatorId };
  const name = JSON.stringify(['payouts', period, status, creatorId]);
  const { list, more } = await preparedList(
    store,
    name,
    () => listContent(store, 'payouts', filter, readPayouts),
    payoutRules,
    'books',
  );
  return { ...more, page: await list.page(request) };
}

interface Sum {
  readonly currency: string;
  readonly count: number;
  readonly amount: bigint;
}

function addTo<One extends Sum>(sums: Map<string, One>, key: string, empty: One, amount: bigint): void {
  const known = sums.get(key) ?? empty;
  sums.set(key, { ...known, count: known.count + 1, amount: known.amount + amount });
}

const inText = <One extends Sum>(sums: ReadonlyMap<string, One>) =>
  [...sums.values()].map((one) => ({ ...one, amount: String(one.amount) }));

/**
 * The payouts without those whose amount is in a later one. A payout that was not paid is owed on: another attempt of its month
 * pays it, or the next month that is calculated after it ended, which opens with it.
 * @param calculated when the earnings of a period were calculated
 */
function eachOnce(intents: readonly Intent[], calculated: ReadonlyMap<string, string>): readonly Intent[] {
  const ofCreator = new Map<string, Intent[]>();
  const key = (intent: Intent) => payoutKey(intent.creator_id, intent.currency);
  for (const intent of intents) {
    const known = ofCreator.get(key(intent));
    if (known === undefined) ofCreator.set(key(intent), [intent]);
    else known.push(intent);
  }
  const isPaidBy = (intent: Intent, other: Intent): boolean => {
    if (other.retry_of === intent.intent_id) return true;
    const ended = intent.settled_at ?? intent.created_at;
    if (other.period === intent.period) return other.created_at > ended;
    return other.period > intent.period && (calculated.get(other.period) ?? '') >= ended;
  };
  return intents.filter(
    (intent) => !endedUnpaid(intent) || !ofCreator.get(key(intent))?.some((other) => isPaidBy(intent, other)),
  );
}

async function calculationTimes(db: Queries): Promise<ReadonlyMap<string, string>> {
  const rows = await db
    .selectFrom('month_end_step')
    .select(['period', 'started_at'])
    .where('step', '=', 'earnings')
    .orderBy('version')
    .execute();
  return new Map(rows.map((row) => [row.period, row.started_at]));
}

/** The payouts of a status, the counts of every status, and what was to be paid in all. */
export async function readPayouts({ db }: Store, { period, status, creatorId }: PayoutsFilter) {
  const names = await creatorCircumstances(db);
  const own = await listIntents(db, {
    kinds: ['pay'],
    ...(period === undefined ? {} : { period }),
    ...(creatorId === undefined ? {} : { creatorId }),
  });
  // What came back after the close of its month concerns the one that it is posted to.
  const earlier = period === undefined ? [] : await movementsPostedTo(db, period);
  const intents = [
    ...own,
    ...earlier.filter((one) => one.kind === 'pay' && (creatorId === undefined || one.creator_id === creatorId)),
  ];
  const counts = new Map<string, Sum & { readonly status: PayoutStatus }>();
  for (const intent of intents) {
    const { state: status, currency, amount } = intent;
    addTo(counts, `${status}\u0000${currency}`, { status, currency, count: 0, amount: 0n }, amount);
  }
  const totals = new Map<string, Sum>();
  for (const { currency, amount } of eachOnce(intents, await calculationTimes(db))) {
    addTo(totals, currency, { currency, count: 0, amount: 0n }, amount);
  }
  return {
    rows: intents
      .filter((intent) => status === undefined || intent.state === status)
      .map((intent) => rowOf(intent, names)),
    more: { counts: inText(counts), totals: inText(totals) },
  };
}

export async function payoutDetail(db: Queries, intentId: string): Promise<PayoutDetail> {
  const intent = await readIntent(db, intentId);
  const names = await creatorCircumstances(db);
  const events = await db
    .selectFrom('intent_event')
    .selectAll()
    .where('intent_id', '=', intentId)
    .orderBy('seq')
    .limit(200)
    .execute();
  const lines = await db
    .selectFrom('ledger_entry')
    .innerJoin('ledger_transaction', 'ledger_transaction.tx_id', 'ledger_entry.tx_id')
    .select(['at', 'account', 'amount', 'description'])
    .where('intent_id', '=', intentId)
    .orderBy('entry_id')
    .limit(200)
    .execute();
  const retry = await db
    .selectFrom('intent')
    .select('batch')
    .where('retry_of', '=', intentId)
    .limit(1)
    .executeTakeFirst();
  const canRetry = await mayRetry(db, intent);
  return {
    ...rowOf(intent, names),
    idempotencyKey: intent.idempotency_key,
    rail: intent.rail,
    events: events.map((event) => ({
      at: event.at,
      state: event.state,
      attempt: Number(event.attempt),
      detail: event.message ?? '',
      requestId: event.request_id,
    })),
    ledgerLines: lines.map((line) => ({
      at: line.at,
      account: line.account,
      debit: String(line.amount > 0n ? line.amount : 0n),
      credit: String(line.amount < 0n ? -line.amount : 0n),
      description: line.description,
    })),
    canRetry,
    canCancel: intent.state === 'planned' || intent.state === 'processing',
    nextAction: retry === undefined ? nextAction(intent, canRetry) : `It was retried in batch ${retry.batch}.`,
  };
}

function nextAction(intent: Intent, canRetry: boolean): string {
  if (canRetry && isUnfinishedRetry(intent))
    return 'This retry was interrupted. Retry it again: it is looked up at Stripe first, and sent once.';
  if (intent.state === 'unknown')
    return 'Look it up at Stripe. Until the outcome is known it must not be paid in any other way.';
  if (intent.state === 'processing') return 'Stripe is processing it. Nothing to do; it is followed automatically.';
  if (isOpen(intent.state)) return 'It has not been sent yet. Run the Pay step.';
  if (canRetry) return 'Clear the cause, then retry it as a new linked batch; or leave the amount to the next month.';
  if (intent.state === 'posted') return 'Nothing to do.';
  return 'The amount stays in Storage and is owed in the next month.';
}
