/**
 * Pays creators from Storage: the plan that is approved by its hash, holds, carried amounts, payouts with an intent each,
 * retries as new linked batches, cancellation. Amounts in minor units.
 */
import { canonicalJson } from '../../shared/domain/canonical-json';
import { CofferError } from '../../shared/domain/coffer-error';
import { confirmationText } from '../../shared/domain/confirmation';
import { type Currency, currency as toCurrency } from '../../shared/money/money';
import type { Period } from '../../shared/period/period';
import { appendAudit, sha256 } from '../journal/audit-chain';
import type { Intent, IntentKind, NewIntent } from '../journal/intent';
import { storedMovement } from '../journal/intent';
import {
  gatherIntents,
  listIntents,
  readIntent,
  recordOutcome,
  standingOf,
  standingOfEach,
  writeIntents,
} from '../journal/journal';
import { type MayResend, refreshIntents, refreshObjects, resolveUnknown, type SendControl } from '../journal/movement';
import { requireCompared } from '../journal/restored';
import { inChunks } from '../store/chunks';
import type { Queries } from '../store/store';
import type { ServiceContext } from './context';
import { accountsOf, dispositions, type EarningLine, earningPages, NOT_IN_PLAN } from './earnings';
import { payoutKey } from './monitoring/payouts-now';
import { payoutsToApprove } from './second-approval/plan';
import { requireSecondApproval } from './second-approval/requirement';
import { slices } from './slices';
import { sendPlanned } from './stripe-storage-balance';

export interface PayoutPlan {
  readonly period: Period;
  readonly version: number;
  /** Lines with something payable, by creator id and currency. */
  readonly lines: readonly EarningLine[];
  /** SHA-256 of the canonical plan: what is approved. */
  readonly hash: string;
}

/**
 * The plan of the period from the posted earnings, present holds and what Stripe allows. The same state gives the same hash,
 * also after some of it was paid. Throws `StripeUnavailable`.
 */
export async function planPayouts(context: ServiceContext, period: Period, version: number): Promise<PayoutPlan> {
  const { db } = context.store;
  const payables: { creatorId: string; currency: string; payable: bigint }[] = [];
  for await (const rows of earningPages(db, period)) {
    for (const { creator_id: creatorId, currency, payable } of rows) {
      if (payable > 0n) payables.push({ creatorId, currency, payable });
    }
  }
  const accounts = await accountsOf(
    db,
    payables.map((one) => one.creatorId),
  );
  const lines = await dispositions(db, payables, await context.rail.refusals(accounts));
  return { period, version, lines, hash: await planHash(period, version, context.rail.capabilities.name, lines) };
}

/** Hash of everything that decides who is paid what and where to. Names and reasons are not part of it. */
export async function planHash(
  period: string,
  version: number,
  rail: string,
  lines: readonly EarningLine[],
): Promise<string> {
  const texts: string[] = [];
  const pause = slices();
  for (const { creatorId, currency, payable, disposition, stripeAccount } of lines) {
    await pause();
    texts.push(canonicalJson([creatorId, currency, payable, disposition, stripeAccount]));
  }
  // The lines are put where canonical JSON has them: after the kind, which is known.
  const plan = canonicalJson({ kind: 'coffer-payout-plan-v1', lines: [], period, rail, version });
  return sha256(plan.replace('"lines":[]', () => `"lines":[${texts.join(',')}]`));
}

/** The run name of a period's payouts. */
export function payRun(period: string): string {
  return `pay:${period}`;
}

function payIntent(
  plan: Pick<PayoutPlan, 'period' | 'hash'>,
  line: EarningLine,
  batch: number,
  retryOf: string | null,
): NewIntent {
  return {
    kind: 'pay',
    run: payRun(plan.period),
    batch: `${plan.period}-${batch}`,
    subject: `pay:${plan.period}:${line.creatorId}:${line.currency}`,
    period: plan.period,
    creatorId: line.creatorId,
    currency: toCurrency(line.currency),
    amount: line.payable,
    stripeAccount: line.stripeAccount,
    description: `Creator earnings ${plan.period}`,
    approvedHash: plan.hash,
    retryOf,
  };
}

/** An unknown payout may be sent again only as part of the plan that is approved now: same creator, amount and account. */
export function mayResendUnder(plan: PayoutPlan): MayResend {
  const lineOf = linesOf(plan);
  return (intent) => {
    const line = lineOf(intent);
    return (
      line?.disposition === 'paid' && line.stripeAccount === intent.stripe_account && line.payable >= intent.amount
    );
  };
}

/** Finds the line of the plan that a payout belongs to. */
function linesOf(plan: PayoutPlan): (intent: Intent) => EarningLine | undefined {
  const lines = new Map(plan.lines.map((line) => [payoutKey(line.creatorId, line.currency), line]));
  return (intent) => lines.get(payoutKey(intent.creator_id, intent.currency));
}

/** Owed still, or again. */
export function endedUnpaid(intent: Pick<Intent, 'state'>): boolean {
  return intent.state === 'failed' || intent.state === 'returned' || intent.state === 'canceled';
}

/** A retry that was written and not sent, or sent with an unknown outcome, because Coffer ended or Stripe did not answer. */
export function isUnfinishedRetry(intent: Pick<Intent, 'kind' | 'state' | 'retry_of'>): boolean {
  return (
    intent.kind === 'pay' && (intent.state === 'planned' || intent.state === 'unknown') && intent.retry_of !== null
  );
}

/**
 * A payout that ended without being paid may be paid again while its month is being paid, once, on the last attempt. A retry that is
 * not finished is finished by another one, under its own key, when the Pay step is over: until then that step does it.
 */
export async function mayRetry(db: Queries, intent: Intent): Promise<boolean> {
  const unfinished = isUnfinishedRetry(intent);
  if (!unfinished && !endedUnpaid(intent)) return false;
  const run = await db
    .selectFrom('month_end_run')
    .select('state')
    .where('period', '=', intent.period)
    .where('current', '=', 1n)
    .executeTakeFirst();
  if (run?.state !== 'paid' && run?.state !== 'reconciled' && (run?.state !== 'paying' || unfinished)) return false;
  const later = await db
    .selectFrom('intent')
    .select('intent_id')
    .where('retry_of', '=', intent.intent_id)
    .limit(1)
    .executeTakeFirst();
  return later === undefined;
}

/** Payouts under way at once, at Stripe or at the disk. More would be faster on a slow disk, and a stop or a hold would come too late for more. */
export const PAY_CONCURRENCY = 32;

/**
 * Writes the intents of an approved plan and sends those not sent yet. A payout that ended without being paid is left as it is: a
 * retry is a decision of a person. Planned payouts that the plan no longer has are canceled.
 */
export async function payPlan(context: ServiceContext, plan: PayoutPlan, control: SendControl): Promise<void> {
  const { db } = context.store;
  const existing = await standingOf(db, payRun(plan.period));
  const tried = new Set(existing.filter((intent) => intent.code !== NOT_IN_PLAN).map((intent) => intent.subject));
  const due: NewIntent[] = [];
  const pause = slices();
  for (const line of plan.lines) {
    await pause();
    if (line.disposition === 'paid') due.push(payIntent(plan, line, 1, null));
  }
  const wanted = new Set(due.map((intent) => intent.subject));
  const planned = existing.filter((intent) => intent.state === 'planned');
  for (const intent of planned) {
    if (!wanted.has(intent.subject)) await cancelPlanned(context, intent.intentId, NOT_IN_PLAN);
  }
  const written = await writeIntents(
    context,
    due.filter((intent) => !tried.has(intent.subject)),
  );
  await sendPlanned(context, [...planned.map((intent) => intent.intentId), ...written], control, PAY_CONCURRENCY);
}

async function cancelPlanned(context: ServiceContext, intentId: string, code: string): Promise<void> {
  await recordOutcome(context, intentId, {
    state: 'canceled',
    stripeObject: null,
    requestId: null,
    code,
    message: 'Canceled in Coffer before it was sent to Stripe.',
  });
}

/** What a person types to have these payouts paid again: their sum and the period. */
export async function retryConfirmation(db: Queries, period: string, intentIds: readonly string[]): Promise<string> {
  const sums = new Map<Currency, bigint>();
  for (const intentId of new Set(intentIds)) {
    const { currency, amount } = await readIntent(db, intentId);
    const code = toCurrency(currency);
    sums.set(code, (sums.get(code) ?? 0n) + amount);
  }
  return confirmationText(
    [...sums].map(([currency, amount]) => ({ currency, amount })),
    period,
  );
}

/** Retries payouts that failed, were returned or canceled, as a new batch linked to the old ones, and finishes retries that were interrupted. Throws for anything else, and above the limit without the second approval. */
export async function retryPayouts(
  context: ServiceContext,
  plan: PayoutPlan,
  intentIds: readonly string[],
  control: SendControl,
): Promise<void> {
  const { db } = context.store;
  await requireSecondApproval(context, payoutsToApprove(plan), true);
  const batches = await db
    .selectFrom('intent')
    .select('batch')
    .distinct()
    .where('period', '=', plan.period)
    .where('run', '=', payRun(plan.period))
    .execute();
  const batch = batches.length + 1;
  const lineOf = linesOf(plan);
  const pause = slices();
  const intents: NewIntent[] = [];
  const unfinished: Intent[] = [];
  for (const intentId of intentIds) {
    await pause();
    const intent = await readIntent(db, intentId);
    if (!endedUnpaid(intent) && !isUnfinishedRetry(intent)) {
      throw new CofferError(
        'retry-refused',
        `The payout to ${intent.creator_id} is ${intent.state}; only a payout that failed, was returned or canceled can be paid again.`,
        intent.state === 'unknown' ? 'Look it up at Stripe first.' : 'Refresh the list.',
      );
    }
    if (!(await mayRetry(db, intent))) {
      throw new CofferError(
        'retry-refused',
        `The payout to ${intent.creator_id} was paid again already, or its month is not at a retry.`,
        'While creators are being paid, run the Pay step; once the month is closed, what is still owed is paid with the open one.',
      );
    }
    const line = lineOf(intent);
    if (line === undefined || line.disposition !== 'paid') {
      throw new CofferError(
        'retry-refused',
        `${intent.creator_id} cannot be paid now: ${line?.reason ?? 'nothing is payable'}.`,
        'Clear the reason first, then retry.',
      );
    }
    if (isUnfinishedRetry(intent)) unfinished.push(intent);
    else intents.push({ ...payIntent(plan, line, batch, intentId), amount: intent.amount });
  }
  const written = await writeIntents(context, intents);
  const mayResend = mayResendUnder(plan);
  for (const { intent_id } of unfinished) await resolveUnknown(context, intent_id, mayResend);
  const unsent = unfinished.map(({ intent_id }) => intent_id);
  await sendPlanned(context, [...unsent, ...written], control, PAY_CONCURRENCY);
}

/** Cancels a payout that was not sent, or asks Stripe to cancel one it still processes. */
export async function cancelPayout(context: ServiceContext, intentId: string): Promise<void> {
  await requireCompared(context.store.db);
  const intent = await readIntent(context.store.db, intentId);
  if (intent.state === 'planned') return cancelPlanned(context, intentId, 'canceled-before-sending');
  if (intent.state !== 'processing') {
    throw new CofferError(
      'cancel-refused',
      `The payout is ${intent.state} and can no longer be canceled.`,
      intent.state === 'unknown' ? 'Look it up at Stripe first.' : 'A posted payout can only come back from the bank.',
    );
  }
  const outcome = await context.rail.cancel(storedMovement(intent, intent.stripe_object));
  if (outcome.state === 'canceled') {
    await recordOutcome(context, intentId, outcome);
    return;
  }
  throw new CofferError(
    'cancel-refused',
    'message' in outcome ? outcome.message : 'Stripe did not cancel the payout.',
    'Refresh the payout: it may be posted by now.',
  );
}

/** Places or lifts a hold in Coffer; payouts of the creator are held at the next plan. */
export async function setHold(
  context: ServiceContext,
  creatorId: string,
  reason: string | null,
  why: string,
): Promise<void> {
  const at = context.now();
  await context.store.transaction(async (tx) => {
    const creator = await tx
      .selectFrom('creator')
      .select('hold_reason')
      .where('creator_id', '=', creatorId)
      .executeTakeFirst();
    if (creator === undefined)
      throw new CofferError('creator-unknown', `There is no creator ${creatorId}.`, 'Refresh the list.');
    if (reason === null) {
      await tx.deleteFrom('creator_hold').where('creator_id', '=', creatorId).execute();
      await tx.updateTable('creator').set({ hold_reason: '' }).where('creator_id', '=', creatorId).execute();
    } else {
      await tx
        .insertInto('creator_hold')
        .values({ creator_id: creatorId, reason, at: at.toISOString(), actor: context.actor() })
        .onConflict((conflict) =>
          conflict.column('creator_id').doUpdateSet({ reason, at: at.toISOString(), actor: context.actor() }),
        )
        .execute();
    }
    await appendAudit(tx, {
      at,
      actor: context.actor(),
      action: reason === null ? 'creator.hold-released' : 'creator.held',
      subject: creatorId,
      payload: { reason: why, sourceHold: creator.hold_reason },
    });
  });
}

const FOLLOWED_DAYS = 90;
const FOLLOWED: readonly IntentKind[] = ['pay', 'fund', 'canary', 'withdraw'];

/**
 * Late news: reads Stripe's lists for movements that are under way, and with `posted` also for those posted in the last 90 days,
 * which may still come back (with `back`, the 90 days before that instant). What is found is posted to the period that is open. Returns how many changed.
 */
export async function followMovements(context: ServiceContext, posted: boolean, back = context.now()): Promise<number> {
  const since = new Date(back.getTime() - FOLLOWED_DAYS * 86_400_000).toISOString();
  const followed = await gatherIntents(context.store.db, {
    kinds: FOLLOWED,
    states: posted ? ['processing', 'posted'] : ['processing'],
    since,
  });
  await refreshIntents(context, followed);
  return changedSince(context.store.db, followed);
}

/** How many of the movements are in another state by now. */
async function changedSince(db: Queries, movements: readonly Intent[]): Promise<number> {
  const standing = await standingOfEach(
    db,
    movements.map((intent) => intent.intent_id),
  );
  return movements.filter((intent) => standing.get(intent.intent_id)?.state !== intent.state).length;
}

/** Events that say what the books may say already: nothing is read then. */
const SAYS: Readonly<Record<string, Intent['state']>> = {
  'payout.paid': 'posted',
  'v2.money_management.outbound_payment.posted': 'posted',
  'v2.money_management.outbound_payment.failed': 'failed',
  'v2.money_management.outbound_payment.returned': 'returned',
  'v2.money_management.outbound_payment.canceled': 'canceled',
};

/**
 * Reads again those of the given objects that are movements of ours; for each the types of the events that named it. Returns how many
 * changed, and the objects that could not be read.
 */
export async function followObjects(
  context: ServiceContext,
  objects: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<{ readonly changed: number; readonly unread: ReadonlySet<string> }> {
  const { db } = context.store;
  const followed: Intent[] = [];
  for (const some of inChunks([...objects.keys()])) {
    const ours = await listIntents(db, { kinds: FOLLOWED, states: ['processing', 'posted'], objects: some });
    followed.push(
      ...ours.filter(({ stripe_object, state }) =>
        [...(objects.get(stripe_object ?? '') ?? [])].some((type) => SAYS[type] !== state),
      ),
    );
  }
  const unread = await refreshObjects(context, followed);
  const changed = await changedSince(db, followed);
  return { changed, unread: new Set(unread.flatMap(({ stripe_object }) => stripe_object ?? [])) };
}
