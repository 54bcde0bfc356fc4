/**
 * After a restore: finds every movement of Coffer's own at Stripe that the books do not know or know an earlier state of, and takes it
 * over, before anything is moved again. Idempotency keys do not protect here: Stripe forgets them after a day, and an intent that is
 * planned anew has another. Rule: docs/decisions/0015. Amounts in minor units.
 */
import { existsSync } from 'node:fs';
import { CofferError } from '../../shared/domain/coffer-error';
import { countOf } from '../../shared/domain/count-of';
import { amountText } from '../../shared/money/amount-text';
import { type Currency, currency as toCurrency } from '../../shared/money/money';
import { parsePeriod } from '../../shared/period/period';
import { adoptIntent, type Settled, settleFound } from '../journal/adopt';
import { appendAudit } from '../journal/audit-chain';
import { type Intent, type IntentKind, movementKind, type NewIntent, OPEN_STATES } from '../journal/intent';
import { findIntent, listIntents } from '../journal/journal';
import { mustCompare, type Restored, writeRestored } from '../journal/restored';
import type { OwnMovement } from '../rails/segregation-rail';
import { inspectDatabase } from '../store/inspect';
import { openStore, type Queries } from '../store/store';
import type { ServiceContext } from './context';
import { ingestLines } from './reconciliation';
import { readAdoption, readStripeAccount } from './settings';
import { followMovements } from './stripe-transfer';

/** How far before their last event books are compared: clocks differ, also from what they were. */
const MARGIN_MS = 24 * 3_600_000;
/** A call that was under way when the books of before ended shows in Stripe's lists within this time. */
const IN_FLIGHT_MS = 2 * 60_000;

export interface Comparison {
  /** Movements of Coffer's own that Stripe showed. */
  readonly found: number;
  /** Taken over: the books did not know them. */
  readonly adopted: number;
  /** Known, brought to what Stripe shows. */
  readonly settled: number;
  /** What could not be taken over, each in words; nothing is moved until this is empty. */
  readonly open: readonly string[];
  /** Two payments for one debt, or the like: in the books, and for a person to look at. */
  readonly notes: readonly string[];
}

/**
 * Compares restored books with Stripe. With nothing left open, the mark is taken off and money may move again. Safe to repeat; null
 * when there is nothing to compare. Throws `StripeUnavailable`, and `CofferError` for another Stripe account.
 */
export async function compareWithStripe(context: ServiceContext): Promise<Comparison | null> {
  const { db } = context.store;
  const mark = await mustCompare(db);
  if (mark === null) return null;
  await requireSameAccount(context);
  const lost = await readSuperseded(mark);
  await requireSettled(context, mark, lost);

  const movements: OwnMovement[] = [];
  for await (const one of context.rail.ownMovements(await since(db, mark))) movements.push(one);
  const counted = { adopted: 0, settled: 0 };
  const open: string[] = [];
  const notes: string[] = [];
  if ((await readAdoption(db)) === null && movements.length > 0) {
    open.push('The backup is of before Coffer took over the balances: restore a later one.');
  } else {
    for (const one of movements) await takeOver(context, one, lost, { counted, open, notes });
    await takeOverUnseen(context, lost, new Set(movements.map((one) => one.intentId)), counted);
  }
  const at = context.now();
  const done: Restored = { ...mark, comparedAt: open.length === 0 ? at.toISOString() : null, open };
  await context.store.transaction(async (tx) => {
    await writeRestored(tx, done);
    await appendAudit(tx, {
      at,
      actor: context.actor(),
      action: open.length === 0 ? 'restore.compared' : 'restore.comparison-open',
      subject: mark.file,
      payload: { found: movements.length, ...counted, open, notes },
    });
  });
  if (open.length === 0) {
    await followMovements(context, true);
    await ingestLines(context);
  }
  return { found: movements.length, ...counted, open, notes };
}

/** In words, for the screen and the command line. */
export function comparisonText(result: Comparison): string {
  const found = `${countOf(result.found, 'movement')} of Coffer’s own found at Stripe, ${result.adopted} taken over into the books, ${result.settled} brought up to date.`;
  return result.open.length === 0
    ? found
    : `${found} ${countOf(result.open.length, 'movement')} could not be taken over.`;
}

async function requireSameAccount(context: ServiceContext): Promise<void> {
  const known = await readStripeAccount(context.store.db);
  const now = await context.rail.account();
  if (known === null || now === null || known === now) return;
  throw new CofferError(
    'other-account',
    `These books belong to the Stripe account ${known}; the key opens ${now}.`,
    'Store the key of the account that the books belong to, under Settings, Stripe connection.',
  );
}

/** A call that nobody waited for may show a little later. Known as ended when the books of before say so. */
async function requireSettled(context: ServiceContext, mark: Restored, lost: LostBooks): Promise<void> {
  if (lost.readable && !lost.intents.some((one) => one.state === 'sending')) return;
  const left = new Date(mark.at).getTime() + IN_FLIGHT_MS - context.now().getTime();
  if (left <= 0) return;
  throw new CofferError(
    'compare-later',
    'A call to Stripe may still be under way from before the restore.',
    `Compare again in ${countOf(Math.ceil(left / 60_000), 'minute')}.`,
  );
}

async function since(db: Queries, mark: Restored): Promise<Date> {
  const open = await listIntents(db, { states: OPEN_STATES });
  const times = [mark.knownUntil, ...open.map((intent) => intent.created_at)].filter((at) => at !== null);
  if (times.length === 0) return new Date(0);
  return new Date(Math.max(0, Math.min(...times.map((at) => new Date(at).getTime())) - MARGIN_MS));
}

interface LostBooks {
  readonly readable: boolean;
  readonly intents: readonly Intent[];
}

/** The movements of the books that were replaced, when they can still be read: they name what Stripe does not. */
async function readSuperseded(mark: Restored): Promise<LostBooks> {
  const unreadable = { readable: false, intents: [] };
  const { superseded } = mark;
  if (superseded === null || !existsSync(superseded)) return unreadable;
  if (inspectDatabase(superseded, 'quick').findings.length > 0) return unreadable;
  const store = openStore(superseded, { check: false });
  try {
    return { readable: true, intents: await listIntents(store.db, {}) };
  } catch {
    return unreadable;
  } finally {
    await store.close();
  }
}

const WHERE_TO: Readonly<Record<OwnMovement['kind'], (movement: OwnMovement) => string>> = {
  pay: (movement) => `to ${movement.stripeAccount}`,
  fund: () => 'to Storage',
  withdraw: () => 'to the bank',
};

interface Result {
  readonly counted: { adopted: number; settled: number };
  readonly open: string[];
  readonly notes: string[];
}

async function takeOver(
  context: ServiceContext,
  movement: OwnMovement,
  lost: LostBooks,
  { counted, open, notes }: Result,
): Promise<void> {
  const { outcome } = movement;
  const name = `${amountText(movement.amount, movement.currency)} ${WHERE_TO[movement.kind](movement)} (${movement.stripeObject})`;
  if (outcome.state === 'guided' || outcome.state === 'not-now' || outcome.state === 'unknown') {
    open.push(`${name}: Stripe shows a state that Coffer does not know.`);
    return;
  }
  await context.store.transaction(async (tx) => {
    const known = await findIntent(tx, movement.intentId);
    if (known !== undefined) {
      const settlement = await settleFound(context, tx, known.intent_id, outcome);
      if (settlement === 'settled') counted.settled += 1;
      if (settlement === 'contradicts')
        open.push(`${name}: the books call it ${known.state}, Stripe ${outcome.state}.`);
      return;
    }
    const before = lost.intents.find((one) => one.intent_id === movement.intentId);
    const intent = before === undefined ? await fromStripe(tx, movement) : fromBooks(before);
    if (typeof intent === 'string') {
      open.push(`${name}: ${intent}`);
      return;
    }
    const placed = await freeSubject(context, tx, intent, movement, notes, name);
    await adoptIntent(context, tx, {
      intentId: movement.intentId,
      intent: placed,
      createdAt: before === undefined ? movement.createdAt : new Date(before.created_at),
      request: before?.request ?? null,
      rail: before?.rail ?? context.rail.capabilities.name,
      actor: before?.actor ?? 'not known (taken over from Stripe)',
      outcome,
    });
    counted.adopted += 1;
  });
}

function fromBooks(row: Intent): NewIntent {
  return {
    kind: row.kind as IntentKind,
    run: row.run,
    batch: row.batch,
    subject: row.subject,
    period: row.period,
    creatorId: row.creator_id,
    currency: toCurrency(row.currency),
    amount: row.amount,
    stripeAccount: row.stripe_account,
    description: row.description,
    approvedHash: row.approved_hash,
    retryOf: null,
  };
}

/** The movement as Stripe tells it, or why it cannot be placed in the books. */
async function fromStripe(tx: Queries, movement: OwnMovement): Promise<NewIntent | string> {
  const { currency, amount, origin, stripeAccount } = movement;
  const period = parsePeriod(movement.period);
  if (period === undefined) return 'it names no month.';
  if (origin !== null && movementKind(origin.kind) !== movement.kind) return `it calls itself ${origin.kind}.`;
  const common = {
    period,
    currency,
    amount,
    description: movement.description,
    approvedHash: null,
    retryOf: null,
  };
  if (movement.kind !== 'pay') {
    const run = origin?.run ?? `fund:${period}`;
    const subject = origin?.subject ?? `${run}:${currency}:${movement.intentId}`;
    return { ...common, kind: origin?.kind ?? 'fund', run, batch: run, subject, creatorId: null, stripeAccount: null };
  }
  const creatorId = await creatorOf(tx, movement, period, currency);
  if (creatorId === null) {
    return 'no creator in the books has this account. Import the data that names the creator, then compare again.';
  }
  const run = origin?.run ?? `pay:${period}`;
  const subject = origin?.subject ?? `pay:${period}:${creatorId}:${currency}`;
  return { ...common, kind: 'pay', run, batch: `${period}-restored`, subject, creatorId, stripeAccount };
}

/** Named by the subject `pay:PERIOD:CREATOR:CURRENCY`, else by the account, if only one creator has it. */
async function creatorOf(
  tx: Queries,
  movement: OwnMovement,
  period: string,
  currency: Currency,
): Promise<string | null> {
  const start = `pay:${period}:`;
  const end = `:${currency}`;
  const subject = movement.origin?.subject ?? '';
  if (subject.startsWith(start) && subject.endsWith(end)) return subject.slice(start.length, -end.length);
  const owners = await tx
    .selectFrom('creator')
    .select('creator_id')
    .where('stripe_account', '=', movement.stripeAccount ?? '')
    .execute();
  const [owner] = owners;
  return owners.length === 1 && owner !== undefined ? owner.creator_id : null;
}

/**
 * At most one movement may occupy a subject. One that the books had only planned was dropped before this one was made. One that
 * stands beside this one is a second payment of the same debt: it is booked, and said.
 */
async function freeSubject(
  context: ServiceContext,
  tx: Queries,
  intent: NewIntent,
  movement: OwnMovement,
  notes: string[],
  name: string,
): Promise<NewIntent> {
  const { state } = movement.outcome;
  const occupied = await tx
    .selectFrom('intent_state')
    .select(['intent_id', 'state'])
    .where('subject', '=', intent.subject)
    .where('occupies', '=', 1n)
    .executeTakeFirst();
  if (occupied === undefined) return intent;
  if (occupied.state === 'planned' && !(state === 'failed' || state === 'canceled')) {
    await settleFound(context, tx, occupied.intent_id, {
      state: 'canceled',
      stripeObject: null,
      requestId: null,
      code: 'superseded',
      message: 'Stripe shows another movement for the same debt, and not this one.',
    });
    return intent;
  }
  if (state !== 'failed' && state !== 'canceled')
    notes.push(`${name}: the books hold another movement for the same debt.`);
  return { ...intent, subject: `${intent.subject}#${movement.intentId}` };
}

/**
 * What Stripe's lists do not show but the books of before knew: releases that a person made in the dashboard, and calls whose outcome
 * nobody knew. Those stay unknown here too, with their own key, and are looked up like any other.
 */
async function takeOverUnseen(
  context: ServiceContext,
  lost: LostBooks,
  seen: ReadonlySet<string>,
  counted: Result['counted'],
): Promise<void> {
  const known = new Map((await listIntents(context.store.db, {})).map((one) => [one.intent_id, one]));
  for (const before of lost.intents) {
    if (seen.has(before.intent_id)) continue;
    const outcome = unseenOutcome(before);
    if (outcome === null) continue;
    const present = known.get(before.intent_id);
    if (present !== undefined) {
      // The books hold it planned; it was made, or may have been, since.
      if (present.state !== 'planned') continue;
      await context.store.transaction((tx) => settleFound(context, tx, before.intent_id, outcome));
      counted.settled += 1;
      continue;
    }
    await context.store.transaction((tx) =>
      adoptIntent(context, tx, {
        intentId: before.intent_id,
        intent: fromBooks(before),
        createdAt: new Date(before.created_at),
        request: before.request,
        rail: before.rail,
        actor: before.actor,
        outcome,
      }),
    );
    counted.adopted += 1;
  }
}

function unseenOutcome(before: Intent): Settled | null {
  if (before.state === 'sending' || before.state === 'unknown') {
    const message = 'Its outcome was not known when the books were restored.';
    return { state: 'unknown', requestId: null, code: 'restored', message };
  }
  const guided = movementKind(before.kind as IntentKind) === 'release' && before.stripe_object !== null;
  if (guided && (before.state === 'posted' || before.state === 'compensated')) {
    return { state: 'posted', stripeObject: before.stripe_object, requestId: null };
  }
  return null;
}
