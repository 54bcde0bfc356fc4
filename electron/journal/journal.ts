/**
 * The intent journal: writes intents with their pending entries, and every later event with its entries and audit event,
 * each in one transaction that is on disk before the next thing happens.
 */
import { sql } from 'kysely';
import { canonicalJson } from '../../shared/domain/canonical-json';
import { CofferError } from '../../shared/domain/coffer-error';
import { post } from '../ledger/ledger';
import type { MovementOutcome, SegregationRail } from '../rails/segregation-rail';
import { inChunks, nextTurn, pages } from '../store/chunks';
import type { Queries, Store } from '../store/store';
import { appendAudit, sha256 } from './audit-chain';
import { inGroup } from './group-commit';
import { noteHead } from './head';
import {
  canFollow,
  type Intent,
  type IntentKind,
  type IntentState,
  movementKind,
  type NewIntent,
  occupiesSubject,
  STATES,
} from './intent';
import { pendingPostings, returnedPostings, settledPostings, voidPostings } from './postings';
import { requireCompared } from './restored';

export interface JournalContext {
  readonly store: Store;
  readonly rail: SegregationRail;
  readonly mode: string;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly actor: () => string;
  /** A labelled point where tests kill the process; does nothing otherwise. */
  readonly checkpoint: (label: string) => Promise<void>;
}

const MOST_PER_TRANSACTION = 200;
/** So few are always written together; after so long no more are taken in, for the main loop answers nobody meanwhile. */
const LEAST_PER_TRANSACTION = 25;
const LONGEST_MS = 20;

/** Where money comes from and goes to, in the words of the exports. */
function ends(intent: NewIntent): { source: string; destination: string } {
  switch (movementKind(intent.kind)) {
    case 'fund':
      return { source: 'payments', destination: 'storage' };
    case 'release':
      return { source: 'storage', destination: 'payments' };
    case 'pay':
      return { source: 'storage', destination: intent.stripeAccount ?? '' };
    case 'withdraw':
      return { source: 'payments', destination: 'bank account' };
  }
}

/** A release that a person makes in the dashboard has no pending entries: nothing moves until they do. */
function hasPendingEntries(context: Pick<JournalContext, 'rail'>, kind: IntentKind): boolean {
  return movementKind(kind) !== 'release' || context.rail.capabilities.releaseByApi;
}

/**
 * Writes intents, their pending entries and audit events. An intent whose subject is already occupied is not written again:
 * its existing id is returned in its place, so that planning twice plans once.
 */
export async function writeIntents(context: JournalContext, intents: readonly NewIntent[]): Promise<string[]> {
  await requireCompared(context.store.db);
  const ids: string[] = [];
  while (ids.length < intents.length) {
    await context.checkpoint('journal.before-intents');
    ids.push(
      ...(await context.store.transaction((tx) =>
        writeSome(context, tx, intents.slice(ids.length, ids.length + MOST_PER_TRANSACTION)),
      )),
    );
    await context.checkpoint('journal.intents-written');
    await nextTurn();
  }
  await noteHead(context.store);
  return ids;
}

/** Writes the first of the intents, as many as one transaction should have. Returns their ids. */
async function writeSome(context: JournalContext, tx: Queries, intents: readonly NewIntent[]): Promise<string[]> {
  const until = performance.now() + LONGEST_MS;
  const written: string[] = [];
  for (const intent of intents) {
    if (written.length >= LEAST_PER_TRANSACTION && performance.now() >= until) break;
    written.push(await writeIntent(context, tx, intent));
  }
  return written;
}

async function writeIntent(context: JournalContext, tx: Queries, intent: NewIntent): Promise<string> {
  const occupied = await tx
    .selectFrom('intent_state')
    .select('intent_id')
    .where('subject', '=', intent.subject)
    .where('occupies', '=', 1n)
    .executeTakeFirst();
  if (occupied !== undefined) return occupied.intent_id;

  const intentId = context.newId();
  const at = context.now();
  const request = canonicalJson(
    context.rail.prepare({
      intentId,
      kind: movementKind(intent.kind),
      currency: intent.currency,
      amount: intent.amount,
      stripeAccount: intent.stripeAccount,
      description: intent.description,
      period: intent.period,
      origin: { kind: intent.kind, run: intent.run, subject: intent.subject },
    }),
  );
  await insertPlanned(context, tx, {
    intentId,
    intent,
    request,
    idempotencyKey: keyOf(intentId),
    rail: context.rail.capabilities.name,
    actor: context.actor(),
    createdAt: at,
    at,
    bookedIn: intent.period,
  });
  await appendAudit(tx, {
    at,
    actor: context.actor(),
    action: 'intent.planned',
    subject: intentId,
    payload: {
      kind: intent.kind,
      run: intent.run,
      batch: intent.batch,
      amount: intent.amount,
      currency: intent.currency,
      creator: intent.creatorId,
      requestHash: sha256(request),
      approvedHash: intent.approvedHash,
    },
  });
  return intentId;
}

/** The key of every attempt of an intent at Stripe. */
export function keyOf(intentId: string): string {
  return `coffer-${intentId}`;
}

export interface PlannedIntent {
  readonly intentId: string;
  readonly intent: NewIntent;
  /** Canonical JSON of the call. */
  readonly request: string;
  readonly idempotencyKey: string;
  readonly rail: string;
  readonly actor: string;
  readonly createdAt: Date;
  /** When it is booked, and the period it is booked in. */
  readonly at: Date;
  readonly bookedIn: string;
}

/** The rows of a new intent with its pending entries, in the caller's transaction. The caller writes the audit event. */
export async function insertPlanned(
  context: Pick<JournalContext, 'rail' | 'mode' | 'newId'>,
  tx: Queries,
  planned: PlannedIntent,
): Promise<void> {
  const { intentId, intent, at } = planned;
  await tx
    .insertInto('intent')
    .values({
      intent_id: intentId,
      kind: intent.kind,
      run: intent.run,
      batch: intent.batch,
      subject: intent.subject,
      period: intent.period,
      creator_id: intent.creatorId,
      currency: intent.currency,
      amount: intent.amount,
      rail: planned.rail,
      mode: context.mode,
      stripe_account: intent.stripeAccount,
      ...ends(intent),
      idempotency_key: planned.idempotencyKey,
      request: planned.request,
      request_hash: sha256(planned.request),
      description: intent.description,
      actor: planned.actor,
      approved_hash: intent.approvedHash,
      retry_of: intent.retryOf,
      created_at: planned.createdAt.toISOString(),
    })
    .execute();
  const unsettled = { stripe_object: null, request_id: null, code: null, message: null };
  await tx
    .insertInto('intent_event')
    .values({ intent_id: intentId, seq: 1n, at: at.toISOString(), state: 'planned', attempt: 0n, ...unsettled })
    .execute();
  await tx
    .insertInto('intent_state')
    .values({
      intent_id: intentId,
      kind: intent.kind,
      run: intent.run,
      period: intent.period,
      subject: intent.subject,
      state: 'planned',
      occupies: 1n,
      attempts: 0n,
      ...unsettled,
      updated_at: at.toISOString(),
      settled_at: null,
    })
    .execute();
  if (hasPendingEntries(context, intent.kind)) {
    await post(tx, {
      txId: context.newId(),
      at,
      kind: `${intent.kind}.pending`,
      period: planned.bookedIn,
      intentId,
      description: intent.description,
      postings: pendingPostings(intent),
    });
  }
}

export async function readIntent(db: Queries, intentId: string): Promise<Intent> {
  const found = await findIntent(db, intentId);
  if (found === undefined) {
    throw new CofferError('intent-unknown', `There is no movement ${intentId}.`, 'Refresh the list and try again.');
  }
  return found;
}

export async function findIntent(db: Queries, intentId: string): Promise<Intent | undefined> {
  const row = await intentQuery(db).where('intent.intent_id', '=', intentId).executeTakeFirst();
  return row === undefined ? undefined : toIntent(row);
}

function intentQuery(db: Queries) {
  return db
    .selectFrom('intent')
    .innerJoin('intent_state', 'intent_state.intent_id', 'intent.intent_id')
    .selectAll('intent')
    .select([
      'intent_state.state',
      'intent_state.attempts',
      'intent_state.stripe_object',
      'intent_state.code',
      'intent_state.message',
      'intent_state.settled_at',
    ]);
}

type JoinedRow = Awaited<ReturnType<ReturnType<typeof intentQuery>['execute']>>[number];

function toIntent(row: JoinedRow): Intent {
  return { ...row, state: row.state as IntentState, attempts: Number(row.attempts) };
}

export interface IntentFilter {
  readonly run?: string;
  readonly period?: string;
  /** Of this period or a later one. */
  readonly fromPeriod?: string;
  readonly creatorId?: string;
  /** Written at this instant or later, ISO 8601. */
  readonly since?: string;
  readonly kinds?: readonly IntentKind[];
  readonly states?: readonly IntentState[];
  readonly ids?: readonly string[];
  /** Stripe ids. */
  readonly objects?: readonly string[];
}

/** Intents in the order they were written. */
export async function listIntents(db: Queries, filter: IntentFilter): Promise<Intent[]> {
  let query = intentQuery(db);
  if (filter.run !== undefined) query = query.where('intent_state.run', '=', filter.run);
  if (filter.period !== undefined) query = query.where('intent.period', '=', filter.period);
  if (filter.fromPeriod !== undefined) query = query.where('intent.period', '>=', filter.fromPeriod);
  if (filter.since !== undefined) query = query.where('intent.created_at', '>=', filter.since);
  if (filter.creatorId !== undefined) query = query.where('intent.creator_id', '=', filter.creatorId);
  if (filter.kinds !== undefined) query = query.where('intent_state.kind', 'in', [...filter.kinds]);
  // The index of kinds begins with the state.
  const states = filter.states ?? (filter.kinds === undefined ? undefined : STATES);
  // A later period has few movements, a state may have all that there ever were: "+" keeps its index out of it.
  const state = filter.fromPeriod === undefined ? sql.ref('intent_state.state') : sql`+intent_state.state`;
  if (states !== undefined) query = query.where(sql<string>`${state}`, 'in', [...states]);
  if (filter.ids !== undefined) query = query.where('intent_state.intent_id', 'in', [...filter.ids]);
  if (filter.objects !== undefined) query = query.where('intent_state.stripe_object', 'in', [...filter.objects]);
  const rows = await query.orderBy('intent.created_at').orderBy('intent.intent_id').execute();
  return rows.map(toIntent);
}

/**
 * All intents in one of the states and of one of the kinds, by state, kind and id. Of many: they are read some hundred at a time, each
 * as it stands then.
 */
export async function gatherIntents(
  db: Queries,
  filter: Required<Pick<IntentFilter, 'states' | 'kinds'>> & Pick<IntentFilter, 'run' | 'since'>,
): Promise<Intent[]> {
  // By id: one that changes its state meanwhile may be met twice.
  const found = new Map<string, Intent>();
  for (const state of filter.states) {
    for (const kind of filter.kinds) {
      const read = (last: JoinedRow | null, size: number) => {
        let query = intentQuery(db).where('intent_state.state', '=', state).where('intent_state.kind', '=', kind);
        if (last !== null) query = query.where('intent_state.intent_id', '>', last.intent_id);
        // "+" keeps the index of runs out of it, which would be gone through for each state and kind.
        if (filter.run !== undefined) query = query.where(sql<string>`+intent_state.run`, '=', filter.run);
        if (filter.since !== undefined) query = query.where('intent.created_at', '>=', filter.since);
        return query.orderBy('intent_state.intent_id').limit(size).execute();
      };
      for await (const rows of pages(read)) for (const row of rows) found.set(row.intent_id, toIntent(row));
    }
  }
  return [...found.values()];
}

export interface IntentStanding {
  readonly intentId: string;
  readonly kind: IntentKind;
  readonly subject: string;
  readonly state: IntentState;
  readonly code: string | null;
}

/** How every movement of a run stands, by id; read some hundred at a time. */
export async function standingOf(db: Queries, run: string): Promise<IntentStanding[]> {
  const found: IntentStanding[] = [];
  const read = (last: StandingRow | null, size: number) => {
    const query = standings(db).where('run', '=', run).orderBy('intent_id').limit(size);
    return (last === null ? query : query.where('intent_id', '>', last.intent_id)).execute();
  };
  for await (const rows of pages(read)) found.push(...rows.map(toStanding));
  return found;
}

/** How the given movements stand, by id. Those that are not there are left out. */
export async function standingOfEach(
  db: Queries,
  intentIds: readonly string[],
): Promise<ReadonlyMap<string, IntentStanding>> {
  const found = new Map<string, IntentStanding>();
  for (const some of inChunks(intentIds)) {
    for (const row of await standings(db)
      .where('intent_id', 'in', [...some])
      .execute()) {
      found.set(row.intent_id, toStanding(row));
    }
    await nextTurn();
  }
  return found;
}

function standings(db: Queries) {
  return db.selectFrom('intent_state').select(['intent_id', 'kind', 'subject', 'state', 'code']);
}

type StandingRow = Awaited<ReturnType<ReturnType<typeof standings>['execute']>>[number];

function toStanding(row: StandingRow): IntentStanding {
  const { intent_id: intentId, kind, subject, state, code } = row;
  return { intentId, kind: kind as IntentKind, subject, state: state as IntentState, code };
}

/** How many movements of a run are no longer merely planned. */
export async function countBegun(db: Queries, run: string): Promise<number> {
  const { count } = await db
    .selectFrom('intent_state')
    .select(({ fn }) => fn.countAll<bigint>().as('count'))
    .where('run', '=', run)
    .where('state', '<>', 'planned')
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Movements of earlier months whose later news, such as a payout that came back, is posted to this one. */
export async function movementsPostedTo(db: Queries, period: string): Promise<Intent[]> {
  const rows = await intentQuery(db)
    .where('intent.period', '<>', period)
    .where('intent.intent_id', 'in', (eb) =>
      eb
        .selectFrom('ledger_transaction')
        .select('ledger_transaction.intent_id')
        .where('ledger_transaction.period', '=', period)
        .where('ledger_transaction.intent_id', 'is not', null)
        .$narrowType<{ intent_id: string }>(),
    )
    .orderBy('intent.created_at')
    .orderBy('intent.intent_id')
    .execute();
  return rows.map(toIntent);
}

/** Payouts of other months that came back, which this one bears. */
export async function payoutsReturnedTo(db: Queries, period: string): Promise<Intent[]> {
  const rows = await intentQuery(db)
    .where('intent_state.kind', '=', 'pay')
    .where('intent_state.state', '=', 'returned')
    .where('intent.period', '<>', period)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('ledger_transaction')
          .select('tx_id')
          .whereRef('ledger_transaction.intent_id', '=', 'intent.intent_id')
          .where('ledger_transaction.period', '=', period),
      ),
    )
    .orderBy('intent.created_at')
    .orderBy('intent.intent_id')
    .execute();
  return rows.map(toIntent);
}

export interface StateChange {
  readonly state: IntentState;
  readonly attempts: number;
  readonly stripeObject?: string | null;
  readonly requestId?: string | null;
  readonly code?: string | null;
  readonly message?: string | null;
}

/**
 * Appends a state to an intent with its ledger entries and audit event. A change to the state it already has writes nothing.
 * Throws when the state may not follow: that is a bug, and nothing is written.
 */
export async function changeState(
  context: JournalContext,
  tx: Queries,
  intentId: string,
  change: StateChange,
): Promise<void> {
  await appendState(context, tx, await readIntent(tx, intentId), change);
}

/** @param intent as it was read in the same transaction */
async function appendState(context: JournalContext, tx: Queries, intent: Intent, change: StateChange): Promise<void> {
  const intentId = intent.intent_id;
  if (intent.state === change.state && change.state !== 'sending') return;
  if (!canFollow(intent.state, change.state)) {
    throw new Error(`Movement ${intentId} cannot go from ${intent.state} to ${change.state}`);
  }
  const at = context.now();
  const stripeObject = change.stripeObject ?? intent.stripe_object;
  const settled = change.state !== 'sending' && change.state !== 'unknown' && change.state !== 'planned';
  await tx
    .insertInto('intent_event')
    .values({
      intent_id: intentId,
      seq: nextEvent(intentId),
      at: at.toISOString(),
      state: change.state,
      attempt: BigInt(change.attempts),
      stripe_object: stripeObject,
      request_id: change.requestId ?? null,
      code: change.code ?? null,
      message: change.message ?? null,
    })
    .execute();
  await tx
    .updateTable('intent_state')
    .set({
      state: change.state,
      occupies: occupiesSubject(change.state) ? 1n : 0n,
      attempts: BigInt(change.attempts),
      stripe_object: stripeObject,
      code: change.code ?? null,
      message: change.message ?? null,
      updated_at: at.toISOString(),
      ...(change.requestId ? { request_id: change.requestId } : {}),
      ...(settled && change.state !== 'processing' ? { settled_at: at.toISOString() } : {}),
    })
    .where('intent_id', '=', intentId)
    .execute();
  const postings = postingsOf(context, intent, change.state);
  if (postings.length > 0) {
    await post(tx, {
      txId: context.newId(),
      at,
      kind: `${intent.kind}.${change.state}`,
      period: await bookPeriod(tx, intent.period),
      intentId,
      description: intent.description,
      postings,
    });
  }
  await appendAudit(tx, {
    at,
    actor: context.actor(),
    action: `intent.${change.state}`,
    subject: intentId,
    payload: {
      attempt: change.attempts,
      stripeObject,
      requestId: change.requestId ?? null,
      code: change.code ?? null,
      message: change.message ?? null,
    },
  });
}

/** The period that something about a movement is posted to: its own, or the open one once its own is closed. */
export async function bookPeriod(db: Queries, period: string): Promise<string> {
  const run = await db
    .selectFrom('month_end_run')
    .select('state')
    .where('period', '=', period)
    .where('current', '=', 1n)
    .executeTakeFirst();
  if (run !== undefined && run.state !== 'closed') return period;
  const open = await db.selectFrom('setting').select('value').where('key', '=', 'open-period').executeTakeFirst();
  return open !== undefined && open.value > period ? open.value : period;
}

/** The number of the next event of an intent. */
function nextEvent(intentId: string) {
  return sql<bigint>`(SELECT max(seq) + 1 FROM intent_event WHERE intent_id = ${intentId})`;
}

function postingsOf(context: JournalContext, intent: Intent, to: IntentState) {
  const movement = {
    kind: intent.kind as IntentKind,
    creatorId: intent.creator_id,
    currency: intent.currency,
    amount: intent.amount,
  };
  const pending = hasPendingEntries(context, movement.kind);
  switch (to) {
    case 'posted':
      return pending ? settledPostings(movement) : [...pendingPostings(movement), ...settledPostings(movement)];
    case 'failed':
    case 'canceled':
      return pending ? voidPostings(movement) : [];
    case 'returned':
      if (intent.state === 'posted') return returnedPostings(movement);
      return pending ? voidPostings(movement) : [];
    default:
      return [];
  }
}

/**
 * Marks the next attempt, on disk before the call. Returns the movement as it is sent, and what it was before. Throws `CofferError`
 * while restored books were not compared with Stripe.
 */
export async function markSending(
  context: JournalContext,
  intentId: string,
): Promise<{ readonly intent: Intent; readonly before: IntentState }> {
  return inGroup(context.store, async (tx) => {
    await requireCompared(tx);
    const intent = await readIntent(tx, intentId);
    const attempts = intent.attempts + 1;
    await appendState(context, tx, intent, { state: 'sending', attempts });
    return { intent: { ...intent, state: 'sending', attempts, code: null, message: null }, before: intent.state };
  });
}

/** Writes what a call or a look-up answered. Returns the state the intent has then. */
export async function recordOutcome(
  context: JournalContext,
  intentId: string,
  outcome: Exclude<MovementOutcome, { state: 'guided' }>,
): Promise<IntentState> {
  return inGroup(context.store, async (tx) => {
    const intent = await readIntent(tx, intentId);
    const state: IntentState = outcome.state === 'not-now' ? 'planned' : outcome.state;
    await appendState(context, tx, intent, {
      state,
      attempts: intent.attempts,
      stripeObject: 'stripeObject' in outcome ? outcome.stripeObject : null,
      requestId: outcome.requestId,
      code: 'code' in outcome ? outcome.code : null,
      message: 'message' in outcome ? outcome.message : null,
    });
    return state;
  });
}

/** A posted movement that a later one took back in full. */
export async function markCompensated(context: JournalContext, intentId: string): Promise<void> {
  await context.store.transaction(async (tx) => {
    const intent = await readIntent(tx, intentId);
    await appendState(context, tx, intent, { state: 'compensated', attempts: intent.attempts });
  });
}
