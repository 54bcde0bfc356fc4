/** Rule: what was done to the audit log is found and named, also a tail that was cut off and a log that was written anew. */
import { beforeEach, describe, expect, test } from 'vitest';
import { appendAudit, auditHash, GENESIS, sha256 } from '../../../electron/journal/audit-chain';
import {
  type Checkpoint,
  checkpointText,
  nameKey,
  signHead,
  storedCheckpoints,
  verifyLog,
} from '../../../electron/journal/audit-checkpoint';
import { createSigner, newSigningKey, type Signer } from '../../../electron/journal/signing';
import { type Books, openBooks } from './books';

let books: Books;
let signer: Signer;
let signed: Checkpoint[];

const place = { mode: 'sandbox', now: () => new Date('2026-11-02T09:30:00.000Z'), actor: () => 'Test' };

async function note(from: number, to: number): Promise<void> {
  for (let i = from; i <= to; i++) {
    await books.store.transaction((tx) =>
      appendAudit(tx, {
        at: new Date(Date.UTC(2026, 10, 2, 9, i)),
        actor: 'Ada',
        action: 'noted',
        subject: `s${i}`,
        payload: { i },
      }),
    );
  }
}

const sign = (by: Signer = signer) => books.store.transaction((tx) => signHead(tx, place, by));
const verdict = (checkpoints = signed, ownKey: string | null = null) =>
  verifyLog(books.store.db, 'sandbox', checkpoints, ownKey);

/** Somebody with the file in hand: no triggers, no foreign keys. */
function tamper(sql: string): void {
  books.store.exec(`PRAGMA foreign_keys = OFF; DROP TRIGGER audit_event_no_update; DROP TRIGGER audit_event_no_delete;
    DROP TRIGGER audit_checkpoint_no_update; DROP TRIGGER audit_checkpoint_no_delete;`);
  books.store.exec(sql);
}

/** The same somebody computes every hash anew, from event `from` on. */
async function rehash(from: number): Promise<void> {
  let prev = GENESIS;
  const events = await books.store.db.selectFrom('audit_event').selectAll().orderBy('seq').execute();
  for (const event of events) {
    if (event.seq >= BigInt(from)) {
      const fields = { ...event, payload_hash: sha256(event.payload), prev_hash: prev };
      const hash = auditHash(fields);
      books.store.exec(
        `UPDATE audit_event SET payload_hash = '${fields.payload_hash}', prev_hash = '${prev}', hash = '${hash}' WHERE seq = ${event.seq}`,
      );
      prev = hash;
    } else prev = event.hash;
  }
}

beforeEach(async () => {
  books = await openBooks();
  signer = createSigner(newSigningKey(), 'keychain');
  await note(1, 4);
  await sign();
  await note(5, 8);
  await sign();
  signed = await storedCheckpoints(books.store.db);
});

test('an untouched log and its checkpoints verify; the key is named in the log once', async () => {
  expect(signed.map((one) => one.seq)).toEqual(['5', '9']);
  expect(await verdict(signed, signer.publicKey)).toMatchObject({ ok: true, events: 9, checkpoints: 2, problem: null });
});

test('a head that is signed already is not signed again, whoever asks', async () => {
  expect(await sign(createSigner(newSigningKey(), 'session'))).toEqual(signed[1]);
  expect(await storedCheckpoints(books.store.db)).toEqual(signed);
});

test('a new key is named in the log before it signs', async () => {
  await note(10, 10);
  const next = createSigner(newSigningKey(), 'session');
  expect((await sign(next)).seq).toBe('11');
  expect(await verdict(await storedCheckpoints(books.store.db), signer.publicKey)).toMatchObject({ ok: true });
});

test.each([
  ["UPDATE audit_event SET actor = 'Eve' WHERE seq = 3", /^Event 3 \(noted, .*\) was changed after it was written/],
  ['DELETE FROM audit_event WHERE seq = 3', /^Event 3 was deleted/],
  ['DELETE FROM audit_event WHERE seq IN (3, 4)', /^Events 3 to 4 were deleted/],
  [
    'UPDATE audit_event SET seq = 100 WHERE seq = 3; UPDATE audit_event SET seq = 3 WHERE seq = 6; UPDATE audit_event SET seq = 6 WHERE seq = 100;',
    /^Event 6 stands in the place of event 3: the log was reordered/,
  ],
  [
    'DELETE FROM audit_event WHERE seq > 6; DELETE FROM audit_checkpoint WHERE seq > 6',
    /^The log was cut: it ends at event 6, but event 9 was signed .*Events 7 to 9 are missing/,
  ],
])('%s: it is named', async (sql, words) => {
  tamper(sql);
  const found = await verdict();
  expect(found.ok).toBe(false);
  expect(found.problem).toMatch(words);
});

test('a log that was changed and hashed anew is named, with where the change lies', async () => {
  tamper("UPDATE audit_event SET actor = 'Eve' WHERE seq = 7");
  await rehash(7);
  const found = await verdict();
  expect(found.ok).toBe(false);
  expect(found.problem).toMatch(/^The log was written anew: event 9 .* lies in events 6 to 9/);
});

test('a log that was written anew with another key is found by the key in the keychain', async () => {
  const forger = createSigner(newSigningKey(), 'keychain');
  const real = signer.publicKey;
  books = await openBooks();
  await note(1, 4);
  await sign(forger);
  const forged = await storedCheckpoints(books.store.db);
  expect(await verdict(forged, null)).toMatchObject({ ok: true });
  const found = await verdict(forged, real);
  expect(found).toMatchObject({ ok: false });
  expect(found.problem).toMatch(/the log was replaced, or comes from another machine/);
});

describe('A checkpoint', () => {
  test.each(['head', 'seq', 'at', 'mode', 'signature'] as const)('with another %s is refused', async (field) => {
    const other = { head: 'ab'.repeat(32), seq: '8', at: '2026-11-02T09:00:00.000Z', mode: 'live' as const };
    const value = field === 'signature' ? `${'A'.repeat(86)}==` : other[field];
    const [first] = signed;
    if (first === undefined) throw new Error('no checkpoint');
    const found = await verdict([{ ...first, [field]: value }]);
    expect(found.problem).toMatch(/signature that is not valid/);
  });

  test('from another machine is refused, even when it signs the same head', async () => {
    const [, last] = signed;
    if (last === undefined) throw new Error('no checkpoint');
    const stranger = createSigner(newSigningKey(), 'keychain');
    const copy = { ...last, publicKey: stranger.publicKey, signature: stranger.sign(checkpointText(last)) };
    expect((await verdict([copy])).problem).toMatch(/a key that this log does not name: it comes from another machine/);
  });

  test('cannot be changed or deleted in the database', () => {
    expect(() => books.store.exec("UPDATE audit_checkpoint SET head = 'x'")).toThrow('append-only');
    expect(() => books.store.exec('DELETE FROM audit_checkpoint')).toThrow('append-only');
  });
});

test('a key that is named already is not named again', async () => {
  await books.store.transaction((tx) => nameKey(tx, place, signer));
  expect((await verdict()).events).toBe(9);
});
