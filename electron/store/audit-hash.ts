/**
 * The hash that chains the audit log: pure, over an event's fields alone.
 * hash = SHA-256("coffer-audit-v1" ‖ 0x0A ‖ seq ‖ 0x0A ‖ prev ‖ 0x0A ‖ canonical event), all UTF-8, hashes in lower-case hex,
 * the first prev being 64 zeros. The canonical event is the canonical JSON of {action, actor, at, payloadHash, subject}.
 * Golden vectors: docs/audit-log.md.
 */
import { hash } from 'node:crypto';
import { canonicalJson } from '../../shared/domain/canonical-json';

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

export function sha256(text: string): string {
  return hash('sha256', text, 'hex');
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

/** Whether an event is the one that comes after `seq` and `prev`, with the payload that it was written with. */
export function follows(event: ChainedEvent & { readonly payload: string }, seq: bigint, prev: string): boolean {
  return (
    event.seq === seq + 1n &&
    event.prev_hash === prev &&
    event.payload_hash === sha256(event.payload) &&
    event.hash === auditHash(event)
  );
}
