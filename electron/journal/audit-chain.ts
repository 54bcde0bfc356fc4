/**
 * The audit log: every event is chained to the one before by its hash, so that a change, deletion or reordering shows.
 * The hash itself is in store/audit-hash.ts.
 */
import { CompiledQuery, sql } from 'kysely';
import { canonicalJson } from '../../shared/domain/canonical-json';
import {
  auditHash,
  type ChainedEvent,
  EVENT_PAGE,
  eventsOfPage,
  FIRST_SEQ,
  follows,
  GENESIS,
  type StoredEvent,
  sha256,
} from '../store/audit-hash';
import type { Queries } from '../store/store';

export { auditHash, type ChainedEvent, GENESIS, sha256 } from '../store/audit-hash';

export interface AuditEvent {
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  /** What it was done to: an intent, a period, a run, a setting. */
  readonly subject: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** Appends one event inside the caller's transaction, so that the event and what it tells of stand or fall together. */
export async function appendAudit(tx: Queries, event: AuditEvent): Promise<void> {
  const last = HEADS.get(tx) ?? (await headOf(tx));
  const payload = canonicalJson(event.payload);
  const fields = {
    seq: (last?.seq ?? 0n) + 1n,
    at: event.at.toISOString(),
    actor: event.actor,
    action: event.action,
    subject: event.subject,
    payload_hash: sha256(payload),
    prev_hash: last?.hash ?? GENESIS,
  };
  const hash = auditHash(fields);
  await tx
    .insertInto('audit_event')
    .values({ ...fields, payload, hash })
    .execute();
  if (tx.isTransaction) HEADS.set(tx, { seq: fields.seq, hash });
}

type Head = Pick<ChainedEvent, 'seq' | 'hash'>;

/** The event that a transaction appended last: nobody else writes while it is open. */
const HEADS = new WeakMap<Queries, Head>();

function headOf(tx: Queries): Promise<Head | undefined> {
  return tx.selectFrom('audit_event').select(['seq', 'hash']).orderBy('seq', 'desc').limit(1).executeTakeFirst();
}

/**
 * Events of one action, other than those of movements (`intent.…`): few among very many, and found by an index that has no others.
 */
export function eventsOf(db: Queries, action: string) {
  return db.selectFrom('audit_event').where('action', '=', action).where(sql<boolean>`action NOT LIKE 'intent.%'`);
}

export interface ChainVerdict {
  readonly ok: boolean;
  readonly events: number;
  readonly head: string;
  /** The first event that does not fit; null when all do. */
  readonly brokenAt: bigint | null;
}

/** At most `count` events, the first of them numbered `from` or the next after it; every text whole, also behind a NUL character. */
export async function eventsFrom(db: Queries, from: bigint, count: number): Promise<StoredEvent[]> {
  const { rows } = await db.executeQuery<{ page: string }>(CompiledQuery.raw(EVENT_PAGE, [from, BigInt(count)]));
  return eventsOfPage(rows[0]?.page ?? '[]');
}

/** Recomputes the whole chain in pages. */
export async function verifyChain(db: Queries, pageSize = 200): Promise<ChainVerdict> {
  let prev = GENESIS;
  let seq = 0n;
  let events = 0;
  for (let from = FIRST_SEQ; ; from = seq + 1n) {
    const page = await eventsFrom(db, from, pageSize);
    for (const event of page) {
      if (!follows(event, seq, prev)) return { ok: false, events, head: prev, brokenAt: event.seq };
      seq = event.seq;
      prev = event.hash;
      events += 1;
    }
    if (page.length < pageSize) return { ok: true, events, head: prev, brokenAt: null };
  }
}
