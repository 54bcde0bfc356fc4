/**
 * Signed checkpoints of the audit log. A chain says nothing about a tail that was cut off, or about a log that was written anew as a
 * whole; a signature over its head, kept outside of the database, does. Ed25519; the public key is in the log itself.
 * signature = Ed25519("coffer-checkpoint-v1" ‖ LF ‖ mode ‖ LF ‖ seq ‖ LF ‖ head ‖ LF ‖ at), all UTF-8.
 * Golden vectors: docs/audit-log.md.
 */
import { z } from 'zod';
import type { Queries } from '../store/store';
import { appendAudit, auditHash, type ChainVerdict, eventsFrom, eventsOf, sha256, verifyChain } from './audit-chain';
import { fingerprint, type Signer, verifySignature } from './signing';

export const checkpoint = z.strictObject({
  format: z.literal('coffer-checkpoint-v1'),
  mode: z.enum(['sandbox', 'test', 'live']),
  /** Number of the event that is the head, as decimal text. */
  seq: z.string().regex(/^[1-9]\d{0,18}$/),
  head: z.string().regex(/^[0-9a-f]{64}$/),
  /** Time of that event. */
  at: z.string(),
  /** 32 bytes, base64. */
  publicKey: z.string().regex(/^[A-Za-z0-9+/]{43}=$/),
  /** 64 bytes, base64. */
  signature: z.string().regex(/^[A-Za-z0-9+/]{86}==$/),
});
export type Checkpoint = z.infer<typeof checkpoint>;

export function checkpointText(of: Pick<Checkpoint, 'mode' | 'seq' | 'head' | 'at'>): string {
  return ['coffer-checkpoint-v1', of.mode, of.seq, of.head, of.at].join('\n');
}

export interface CheckpointPlace {
  readonly mode: string;
  readonly now: () => Date;
  readonly actor: () => string;
}

/**
 * Signs the head of the log inside the caller's transaction and keeps the checkpoint. A key that the log does not name yet is
 * named first, in an event of its own. Returns the checkpoint there is already when it covers the head.
 */
export async function signHead(tx: Queries, place: CheckpointPlace, signer: Signer): Promise<Checkpoint> {
  const mode = checkpoint.shape.mode.parse(place.mode);
  const known = await lastCheckpoint(tx);
  const before = await lastEvent(tx).executeTakeFirst();
  if (known !== null && before !== undefined && known.seq === String(before.seq)) return known;
  await nameKey(tx, place, signer);
  const head = await lastEvent(tx).executeTakeFirstOrThrow();
  const content = { mode, seq: String(head.seq), head: head.hash, at: head.at };
  const signed: Checkpoint = {
    format: 'coffer-checkpoint-v1',
    ...content,
    publicKey: signer.publicKey,
    signature: signer.sign(checkpointText(content)),
  };
  await tx
    .insertInto('audit_checkpoint')
    .values({
      seq: head.seq,
      mode,
      head: head.hash,
      at: head.at,
      public_key: signed.publicKey,
      signature: signed.signature,
    })
    .execute();
  return signed;
}

const KEY_ACTION = 'audit.key';

/** Writes the public key into the log, unless it is the one that is named last. Returns whether it was written. */
export async function nameKey(
  tx: Queries,
  place: CheckpointPlace,
  key: Pick<Signer, 'publicKey' | 'storage'>,
): Promise<boolean> {
  const last = (await keysInLog(tx)).at(-1)?.publicKey ?? null;
  if (last === key.publicKey) return false;
  await appendAudit(tx, {
    at: place.now(),
    actor: place.actor(),
    action: KEY_ACTION,
    subject: fingerprint(key.publicKey),
    payload: { publicKey: key.publicKey, storage: key.storage, replaces: last },
  });
  return true;
}

function lastEvent(db: Queries) {
  return db.selectFrom('audit_event').select(['seq', 'hash', 'at']).orderBy('seq', 'desc').limit(1);
}

/** The keys that the log names, first to last. */
export async function keysInLog(db: Queries): Promise<{ readonly seq: bigint; readonly publicKey: string }[]> {
  const rows = await eventsOf(db, KEY_ACTION).select(['seq', 'payload']).orderBy('seq').execute();
  return rows.map((row) => ({ seq: row.seq, publicKey: keyPayload.parse(JSON.parse(row.payload)).publicKey }));
}

const keyPayload = z.object({ publicKey: z.string() });

/** Those kept in the database, by their event. */
export async function storedCheckpoints(db: Queries): Promise<Checkpoint[]> {
  const rows = await db.selectFrom('audit_checkpoint').selectAll().orderBy('seq').execute();
  return rows.map((row) =>
    checkpoint.parse({
      format: 'coffer-checkpoint-v1',
      mode: row.mode,
      seq: String(row.seq),
      head: row.head,
      at: row.at,
      publicKey: row.public_key,
      signature: row.signature,
    }),
  );
}

async function lastCheckpoint(db: Queries): Promise<Checkpoint | null> {
  return (await storedCheckpoints(db)).at(-1) ?? null;
}

export interface LogVerdict extends ChainVerdict {
  /** One sentence for the person; null when all is well. */
  readonly problem: string | null;
  readonly checkpoints: number;
}

/**
 * The chain, and every checkpoint held against it. `ownKey`: the public key of the keychain's private key, when it can be asked.
 * A log that was rewritten as a whole with another key is found by that, or by a checkpoint kept elsewhere.
 */
export async function verifyLog(
  db: Queries,
  mode: string,
  checkpoints: readonly Checkpoint[],
  ownKey: string | null,
): Promise<LogVerdict> {
  const chain = await verifyChain(db);
  const fail = (problem: string): LogVerdict => ({ ...chain, ok: false, problem, checkpoints: checkpoints.length });
  if (!chain.ok) return fail(await breakOf(db, chain));
  const keys = await keysInLog(db);
  const sorted = [...checkpoints].sort((a, b) => (BigInt(a.seq) < BigInt(b.seq) ? -1 : 1));
  let good = 0n;
  for (const one of sorted) {
    const named = `The checkpoint of event ${one.seq} (${one.at})`;
    if (!verifySignature(one.publicKey, checkpointText(one), one.signature))
      return fail(`${named} has a signature that is not valid: it was changed.`);
    if (one.mode !== mode) return fail(`${named} belongs to ${one.mode}, not to ${mode}.`);
    if (BigInt(one.seq) > BigInt(chain.events)) {
      return fail(
        `The log was cut: it ends at event ${chain.events}, but event ${one.seq} was signed (${one.at}). Events ${chain.events + 1} to ${one.seq} are missing.`,
      );
    }
    const event = await db
      .selectFrom('audit_event')
      .select('hash')
      .where('seq', '=', BigInt(one.seq))
      .executeTakeFirst();
    const usedKeys = keys.filter((key) => key.seq <= BigInt(one.seq)).map((key) => key.publicKey);
    if (event?.hash !== one.head) {
      return fail(
        usedKeys.includes(one.publicKey) || keys.length === 0
          ? `The log was written anew: event ${one.seq} is not the one that was signed (${one.at}). What differs lies in events ${good + 1n} to ${one.seq}.`
          : `${named} was signed with a key that this log does not name: it comes from another machine, or the log was replaced.`,
      );
    }
    if (!usedKeys.includes(one.publicKey))
      return fail(`${named} was signed with a key that this log does not name: it comes from another machine.`);
    good = BigInt(one.seq);
  }
  const named = keys.at(-1)?.publicKey;
  if (ownKey !== null && named !== undefined && !keys.some((key) => key.publicKey === ownKey)) {
    return fail(
      `The log names the signing key ${fingerprint(named)}, but the keychain of this computer holds ${fingerprint(ownKey)}: the log was replaced, or comes from another machine.`,
    );
  }
  return { ...chain, problem: null, checkpoints: checkpoints.length };
}

/** What was done to the log at the place where its chain breaks. */
async function breakOf(db: Queries, chain: ChainVerdict): Promise<string> {
  const expected = BigInt(chain.events) + 1n;
  const [event] = await eventsFrom(db, chain.brokenAt ?? expected, 1);
  if (event === undefined) return `The log cannot be read at event ${expected}.`;
  if (event.seq > expected) {
    return event.seq === expected + 1n
      ? `Event ${expected} was deleted.`
      : `Events ${expected} to ${event.seq - 1n} were deleted.`;
  }
  if (event.payload_hash === sha256(event.payload) && event.hash === auditHash(event)) {
    return `Event ${event.seq} does not follow from event ${event.seq - 1n}: an event was deleted or inserted here, or the one before was changed.`;
  }
  const rows = await db.selectFrom('audit_event').select('seq').orderBy('seq').execute();
  const real = rows.find((row) => row.seq !== event.seq && auditHash({ ...event, seq: row.seq }) === event.hash);
  if (real !== undefined) return `Event ${real.seq} stands in the place of event ${event.seq}: the log was reordered.`;
  return `Event ${event.seq} (${event.action}, ${event.at}) was changed after it was written.`;
}
