/**
 * Reads what changed at Stripe from its lists of events. The place up to which a list was read is kept in the books, and what was read
 * is written down in the same transaction, before anything is done about it. Rules in words: docs/monitoring.md, "Events".
 */
import { appendAudit } from '../../journal/audit-chain';
import { EVENT_SOURCES } from '../../rails/events';
import type { EventSource, StripeEvent } from '../../rails/segregation-rail';
import type { Queries } from '../../store/store';
import { StripeUnavailable } from '../../stripe/problem';
import { evaluateConditions } from '../alerts';
import type { ServiceContext } from '../context';
import { handleEvents } from './effects';
import { NOT_SEEN, unseenCondition } from './unseen';

/** Stripe: events are listed "going back up to 30 days". */
const KEPT_MS = 30 * 86_400_000;
/** Events of one second come in any order, and one may be listed after a later one: so much is read again each time. */
const OVERLAP_MS = 10 * 60_000;
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 15 * 60_000;
const ROWS_PER_INSERT = 100;

export interface EventNews {
  /** Events that were not known before. */
  readonly fresh: number;
  /** Since when events are missing, because Stripe no longer had them: lists have to be read from there. Null: nothing is missing. */
  readonly missingSince: Date | null;
  /** Both lists were read, so that nothing that Stripe tells of was overlooked. */
  readonly complete: boolean;
}

const NOTHING: EventNews = { fresh: 0, missingSince: null, complete: false };

/** One for each open platform: several callers share one reading, and after a refusal for too many requests it waits. */
export class EventPolling {
  readonly #context: ServiceContext;
  #busy: Promise<EventNews> | null = null;
  #notBefore = 0;
  #refusals = 0;

  constructor(context: ServiceContext) {
    this.#context = context;
  }

  /** Throws `StripeUnavailable` when Stripe cannot be reached; nothing is lost then, the next reading begins at the same place. */
  poll(): Promise<EventNews> {
    this.#busy ??= this.#poll().finally(() => {
      this.#busy = null;
    });
    return this.#busy;
  }

  async #poll(): Promise<EventNews> {
    const context = this.#context;
    const now = context.now().getTime();
    if (now < this.#notBefore) return NOTHING;
    let fresh = 0;
    let missingSince: Date | null = null;
    let complete = true;
    for (const source of EVENT_SOURCES) {
      try {
        const read = await readSource(context, source);
        fresh += read.fresh;
        if (read.missingSince !== null && (missingSince === null || read.missingSince < missingSince)) {
          missingSince = read.missingSince;
        }
      } catch (error) {
        if (!(error instanceof StripeUnavailable)) throw error;
        complete = false;
        const { kind, retryAfterMs } = error.problem;
        if (kind === 'not-now') {
          this.#pause(now, retryAfterMs ?? 0);
          break;
        }
        // A key without the right to read events: the lists say the same, later.
        if (kind !== 'permission' && kind !== 'not-found' && kind !== 'refused') throw error;
      }
    }
    if (complete) this.#refusals = 0;
    await handleEvents(context);
    return { fresh, missingSince, complete };
  }

  #pause(now: number, asked: number): void {
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#refusals);
    this.#notBefore = now + Math.max(asked, pause);
    this.#refusals += 1;
  }
}

interface Read {
  readonly fresh: number;
  readonly missingSince: Date | null;
}

async function readSource(context: ServiceContext, source: EventSource): Promise<Read> {
  const { db } = context.store;
  const cursor = await readCursor(db, source);
  const startedAt = context.now().getTime();
  const found: StripeEvent[] = [];
  // The first time nothing is looked for: the lists of objects were read whole.
  const from = cursor === null ? context.stripeNow() : new Date(cursor.getTime() - OVERLAP_MS);
  for await (const event of context.rail.events(source, from)) found.push(event);
  // After a reply, so that it is Stripe's clock that counts, and of before the first page, so that nothing falls between two readings.
  const until = new Date(context.stripeNow().getTime() - (context.now().getTime() - startedAt));
  const horizon = new Date(until.getTime() - KEPT_MS);
  const missing = cursor !== null && cursor < horizon ? { from: cursor, to: horizon } : null;
  // First, so that the place is never moved on without it; the same gap is the same alert.
  if (missing !== null) await evaluateConditions(context, [], [unseenCondition(missing.from, missing.to)]);
  await context.checkpoint('events.read');
  const fresh = await context.store.transaction(async (tx) => {
    const unknown = await notKnown(tx, found);
    for (let start = 0; start < unknown.length; start += ROWS_PER_INSERT) {
      await tx
        .insertInto('stripe_event')
        .values(
          unknown.slice(start, start + ROWS_PER_INSERT).map((event) => ({
            event_id: event.id,
            source,
            type: event.type,
            object: event.object,
            created_at: event.createdAt.toISOString(),
            read_at: context.now().toISOString(),
            handled: 0n,
          })),
        )
        .execute();
    }
    await moveCursor(tx, source, cursor === null || until > cursor ? until : cursor);
    await forget(tx, source, horizon);
    if (missing !== null) {
      await appendAudit(tx, {
        at: context.now(),
        actor: 'coffer',
        action: 'events.not-seen',
        subject: source,
        payload: { from: missing.from.toISOString(), to: missing.to.toISOString(), kinds: NOT_SEEN },
      });
    }
    return unknown.length;
  });
  await context.checkpoint('events.stored');
  return { fresh, missingSince: missing?.from ?? null };
}

/** Stripe's time up to which the list was read; null before the first reading. */
export async function readCursor(db: Queries, source: EventSource): Promise<Date | null> {
  const row = await db.selectFrom('event_cursor').select('read_until').where('source', '=', source).executeTakeFirst();
  return row === undefined ? null : new Date(row.read_until);
}

async function moveCursor(tx: Queries, source: EventSource, until: Date): Promise<void> {
  const read_until = until.toISOString();
  await tx
    .insertInto('event_cursor')
    .values({ source, read_until })
    .onConflict((conflict) => conflict.column('source').doUpdateSet({ read_until }))
    .execute();
}

async function notKnown(tx: Queries, found: readonly StripeEvent[]): Promise<StripeEvent[]> {
  const known = new Set<string>();
  for (let start = 0; start < found.length; start += ROWS_PER_INSERT) {
    const ids = found.slice(start, start + ROWS_PER_INSERT).map((event) => event.id);
    const rows = await tx.selectFrom('stripe_event').select('event_id').where('event_id', 'in', ids).execute();
    for (const row of rows) known.add(row.event_id);
  }
  // Oldest first; a list that repeats itself names an event once.
  return [...new Map(found.map((event) => [event.id, event])).values()]
    .filter((event) => !known.has(event.id))
    .reverse();
}

/** What Stripe no longer lists cannot come again. */
async function forget(tx: Queries, source: EventSource, horizon: Date): Promise<void> {
  await tx
    .deleteFrom('stripe_event')
    .where('source', '=', source)
    .where('handled', '=', 1n)
    .where('created_at', '<', new Date(horizon.getTime() - OVERLAP_MS).toISOString())
    .execute();
}
