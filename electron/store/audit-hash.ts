/**
 * The hash that chains the audit log: pure, over an event's fields alone.
 * hash = SHA-256("coffer-audit-v1" ‖ 0x0A ‖ seq ‖ 0x0A ‖ prev ‖ 0x0A ‖ canonical event), all UTF-8, hashes in lower-case hex,
 * the first prev being 64 zeros. The canonical event is the canonical JSON of {action, actor, at, payloadHash, subject}.
 * Golden vectors: docs/audit-log.md.
 */
import { hash } from 'node:crypto';

export const GENESIS = '0'.repeat(64);

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

export interface StoredEvent extends ChainedEvent {
  readonly payload: string;
}

/** Before every event, whatever somebody has numbered it. */
export const FIRST_SEQ = -(2n ** 63n);

/**
 * So many events from a sequence number on, as one JSON text for `eventsOfPage`. The driver ends a text of its own at a NUL character:
 * what somebody put behind one would be kept from the hash.
 */
export const EVENT_PAGE = `
  SELECT json_group_array(json_array(CAST(seq AS TEXT), at, actor, action, subject, payload, payload_hash, prev_hash, hash)) AS page
  FROM (SELECT * FROM audit_event WHERE seq >= ? ORDER BY seq LIMIT ?)`;

export function eventsOfPage(page: string): StoredEvent[] {
  const rows: [string, string, string, string, string, string, string, string, string][] = JSON.parse(page);
  return rows.map(([seq, at, actor, action, subject, payload, payload_hash, prev_hash, hash]) => ({
    seq: BigInt(seq),
    at,
    actor,
    action,
    subject,
    payload,
    payload_hash,
    prev_hash,
    hash,
  }));
}

export function sha256(text: string): string {
  return hash('sha256', text, 'hex');
}

/** The hash of one event, from its fields alone. */
export function auditHash(event: Omit<ChainedEvent, 'hash'>): string {
  // The canonical JSON of these fields, whose keys stand in byte order: made in one piece, because a log has millions of events.
  const { action, actor, at, payload_hash: payloadHash, subject } = event;
  const canonical = JSON.stringify({ action, actor, at, payloadHash, subject });
  return sha256(`coffer-audit-v1\n${event.seq}\n${event.prev_hash}\n${canonical}`);
}

/** Whether an event is the one that comes after `seq` and `prev`, with the payload that it was written with. */
export function follows(event: StoredEvent, seq: bigint, prev: string): boolean {
  return (
    event.seq === seq + 1n &&
    event.prev_hash === prev &&
    event.payload_hash === sha256(event.payload) &&
    event.hash === auditHash(event)
  );
}
