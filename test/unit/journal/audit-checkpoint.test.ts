/** Rule: what was done to the audit log is found and named, also a tail that was cut off and a log that was written anew. */
import { beforeEach, describe, expect, test } from 'vitest';
import { appendAudit, auditHash, GENESIS, sha256 } from '../../../electron/journal/audit-chain';
import {
  type Checkpoint,
  checkpoint,
  checkpointText,
  keysInLog,
  nameKey,
  signHead,
  storedCheckpoints,
  verifyLog,
} from '../../../electron/journal/audit-checkpoint';
import { createSigner, fingerprint, newSigningKey, type Signer } from '../../../electron/journal/signing';
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
  ["UPDATE audit_event SET payload = '{}' WHERE seq = 3", /^Event 3 \(noted, .*\) was changed after it was written/],
  [
    "UPDATE audit_event SET payload = payload || char(0) || 'x' WHERE seq = 3",
    /^Event 3 \(noted, .*\) was changed after it was written/,
  ],
  [
    "UPDATE audit_event SET actor = actor || char(0) || 'x' WHERE seq = 3",
    /^Event 3 \(noted, .*\) was changed after it was written/,
  ],
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

test('an event that was rewritten with its own hash made anew is named at the one that no longer follows from it', async () => {
  const event = await books.store.db
    .selectFrom('audit_event')
    .selectAll()
    .where('seq', '=', 4n)
    .executeTakeFirstOrThrow();
  tamper(`UPDATE audit_event SET actor = 'Eve', hash = '${auditHash({ ...event, actor: 'Eve' })}' WHERE seq = 4`);
  expect((await verdict()).problem).toBe(
    'Event 5 does not follow from event 4: an event was deleted or inserted here, or the one before was changed.',
  );
});

test('checkpoints are held against the log in the order of their events, in whatever order they come', async () => {
  tamper("UPDATE audit_event SET actor = 'Eve' WHERE seq = 7");
  await rehash(7);
  for (const order of [signed, [...signed].reverse()]) {
    expect((await verdict(order)).problem).toMatch(/lies in events 6 to 9\.$/);
  }
  expect(signed.map((one) => one.seq)).toEqual(['5', '9']);
});

describe('A log that names no key', () => {
  beforeEach(async () => {
    books = await openBooks();
    await note(1, 9);
  });

  test('and has no checkpoint is as good as its chain, whatever key the keychain holds', async () => {
    const good = { ok: true, events: 9, problem: null, checkpoints: 0 };
    expect(await verdict([], null)).toMatchObject(good);
    expect(await verdict([], signer.publicKey)).toMatchObject(good);
  });

  test('and has another head than was signed was written anew, from the first event on', async () => {
    expect(await verdict()).toMatchObject({
      ok: false,
      problem: `The log was written anew: event 5 is not the one that was signed (${signed[0]?.at}). What differs lies in events 1 to 5.`,
    });
  });
});

describe('A checkpoint', () => {
  /** The last one, as another would have signed it. */
  function resigned(change: Partial<Checkpoint>, by: Signer = signer): Checkpoint {
    const [, last] = signed;
    if (last === undefined) throw new Error('no checkpoint');
    const content = { ...last, ...change };
    return { ...content, publicKey: by.publicKey, signature: by.sign(checkpointText(content)) };
  }

  test('that was just made is one by its format, and is the one that is kept', async () => {
    await note(10, 10);
    const made = await sign();
    expect(checkpoint.parse(made)).toEqual(made);
    expect((await storedCheckpoints(books.store.db)).at(-1)).toEqual(made);
    expect(await sign()).toEqual(made);
  });

  test('of each mode is one, of another is not', () => {
    for (const mode of ['sandbox', 'test', 'live'] as const) {
      expect(checkpoint.parse(resigned({ mode }))).toMatchObject({ mode });
    }
    expect(() => checkpoint.parse({ ...signed[0], mode: '' })).toThrow();
  });

  test.each<[keyof Checkpoint, string]>([
    ['seq', '0'],
    ['seq', '05'],
    ['seq', '-5'],
    ['seq', '5 '],
    ['seq', '1'.repeat(20)],
    ['head', 'ab'.repeat(31)],
    ['head', `x${'ab'.repeat(32)}`],
    ['head', `${'ab'.repeat(32)}0`],
    ['head', 'AB'.repeat(32)],
    ['publicKey', `-${'A'.repeat(43)}=`],
    ['publicKey', `${'A'.repeat(43)}==`],
    ['signature', `-${'A'.repeat(86)}==`],
    ['signature', `${'A'.repeat(86)}==A`],
  ])('whose %s is %s is none: a copy that was changed is named, and not taken as text', (field, value) => {
    expect(checkpoint.safeParse({ ...signed[0], [field]: value }).success).toBe(false);
  });

  test('of other books than these is refused by their mode', async () => {
    const other = resigned({ mode: 'live' });
    expect((await verdict([other])).problem).toBe(
      `The checkpoint of event 9 (${other.at}) belongs to live, not to sandbox.`,
    );
  });

  test('signed with a key that the log names only after it is refused', async () => {
    const events = books.store.db.selectFrom('audit_event').select(['hash', 'at']).where('seq', '=', 4n);
    const { hash: head, at } = await events.executeTakeFirstOrThrow();
    expect((await keysInLog(books.store.db)).map((key) => key.seq)).toEqual([5n]);
    expect((await verdict([resigned({ seq: '4', head, at })])).problem).toBe(
      `The checkpoint of event 4 (${at}) was signed with a key that this log does not name: it comes from another machine.`,
    );
  });

  test('of another head by a key that the log does not name says that the log may have been replaced', async () => {
    const stranger = createSigner(newSigningKey(), 'keychain');
    const other = resigned({ head: 'ab'.repeat(32) }, stranger);
    expect((await verdict([other])).problem).toBe(
      `The checkpoint of event 9 (${other.at}) was signed with a key that this log does not name: it comes from another machine, or the log was replaced.`,
    );
  });

  test('whose log lost every event since does not stand for the new head: that is signed by its own', async () => {
    tamper('DELETE FROM audit_event');
    expect((await sign()).seq).toBe('1');
    expect((await verdict()).problem).toMatch(/^The log was (cut|written anew)/);
  });

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

describe('A key', () => {
  const name = (key: Signer) => books.store.transaction((tx) => nameKey(tx, place, key));

  test('is named in the log by an event of its own, with its fingerprint, where it is kept, and which it replaces', async () => {
    const next = createSigner(newSigningKey(), 'session');
    expect(await name(next)).toBe(true);
    const events = await books.store.db
      .selectFrom('audit_event')
      .selectAll()
      .where('action', '=', 'audit.key')
      .orderBy('seq')
      .execute();
    expect(events.map((event) => [event.seq, event.subject, JSON.parse(event.payload)])).toEqual([
      [5n, fingerprint(signer.publicKey), { publicKey: signer.publicKey, storage: 'keychain', replaces: null }],
      [10n, fingerprint(next.publicKey), { publicKey: next.publicKey, storage: 'session', replaces: signer.publicKey }],
    ]);
    expect(events[1]).toMatchObject({ at: '2026-11-02T09:30:00.000Z', actor: 'Test' });
  });

  test('that is named already is not named again', async () => {
    expect(await name(signer)).toBe(false);
    expect((await verdict()).events).toBe(9);
  });
});
