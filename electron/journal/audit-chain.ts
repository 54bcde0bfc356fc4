/**
 * The audit log: every event is chained to the one before by its hash, so that a change, deletion or reordering shows.
 * hash = SHA-256("coffer-audit-v1" ‖ 0x0A ‖ seq ‖ 0x0A ‖ prev ‖ 0x0A ‖ canonical event), all UTF-8, hashes in lower-case hex,
 * the first prev being 64 zeros. The canonical event is the canonical JSON of {action, actor, at, payloadHash, subject}.
 * Golden vectors: docs/audit-log.md.
 */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../shared/domain/canonical-json';
import type { Queries } from '../store/store';

export const GENESIS = '0'.repeat(64);

export interface AuditEvent {
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  /** What it was done to: an intent, a period, a run, a setting. */
  readonly subject: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface ChainedEvent {
  readonly seq: bigint;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly payload_hash: string;
  readonly prev_hash: string;
  readonly hash: string;
}

export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** The hash of one event, from its fields alone. */
export function auditHash(event: Omit<ChainedEvent, 'hash'>): string {
  const canonical = canonicalJson({
    action: event.action,
    actor: event.actor,
    at: event.at,
    payloadHash: event.payload_hash,
    subject: event.subject,
  });
  return sha256(`coffer-audit-v1\n${event.seq}\n${event.prev_hash}\n${canonical}`);
}

/** Appends one event inside the caller's transaction, so that the event and what it tells of stand or fall together. */
export async function appendAudit(tx: Queries, event: AuditEvent): Promise<void> {
  const last = await tx
    .selectFrom('audit_event')
    .select(['seq', 'hash'])
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
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
  await tx
    .insertInto('audit_event')
    .values({ ...fields, payload, hash: auditHash(fields) })
    .execute();
}

export interface ChainVerdict {
  readonly ok: boolean;
  readonly events: number;
  readonly head: string;
  /** The first event that does not fit; null when all do. */
  readonly brokenAt: bigint | null;
}

/** Recomputes the whole chain in pages. */
export async function verifyChain(db: Queries, pageSize = 2_000): Promise<ChainVerdict> {
  let prev = GENESIS;
  let seq = 0n;
  let events = 0;
  for (;;) {
    const page = await db
      .selectFrom('audit_event')
      .selectAll()
      .where('seq', '>', seq)
      .orderBy('seq')
      .limit(pageSize)
      .execute();
    for (const event of page) {
      const fits =
        event.seq === seq + 1n &&
        event.prev_hash === prev &&
        event.payload_hash === sha256(event.payload) &&
        event.hash === auditHash(event);
      if (!fits) return { ok: false, events, head: prev, brokenAt: event.seq };
      seq = event.seq;
      prev = event.hash;
      events += 1;
    }
    if (page.length < pageSize) return { ok: true, events, head: prev, brokenAt: null };
  }
}
