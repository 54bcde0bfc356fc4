/** Rule: any change, deletion or reordering of the audit log is found. The database refuses them; here somebody removed its guards. */
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { appendAudit, auditHash, eventsOf, GENESIS, sha256, verifyChain } from '../../../electron/journal/audit-chain';
import { inspectDatabase } from '../../../electron/store/inspect';
import { canonicalJson } from '../../../shared/domain/canonical-json';
import { TEMPORARY } from '../../temporary';
import { type Books, openBooks } from './books';

const EVENTS = 7;
let books: Books;
let head: string;

beforeEach(async () => {
  books = await openBooks();
  for (let i = 1; i <= EVENTS; i++) {
    await books.store.transaction((tx) =>
      appendAudit(tx, {
        at: new Date(Date.UTC(2026, 10, 2, 9, i)),
        actor: i % 2 === 0 ? 'Ada' : 'Zoë',
        action: 'noted',
        subject: `s${i}`,
        payload: { amount: BigInt(i), text: `"${i}"\n` },
      }),
    );
  }
  head = (await verifyChain(books.store.db)).head;
});

/** Somebody with the file in hand, and without the triggers. */
function tamper(sql: string): void {
  for (const guard of ['no_update', 'no_delete', 'follows']) {
    books.store.exec(`DROP TRIGGER IF EXISTS audit_event_${guard}`);
  }
  books.store.exec(sql);
}

test('an event that is not of a movement is found without going over the whole log', async () => {
  await books.store.transaction((tx) =>
    appendAudit(tx, { at: new Date(), actor: 'Ada', action: 'audit.key', subject: 'k', payload: {} }),
  );
  const query = eventsOf(books.store.db, 'audit.key').select('subject');
  expect(await query.execute()).toEqual([{ subject: 'k' }]);
  const plan = [...books.store.iterate<{ detail: string }>(`EXPLAIN QUERY PLAN ${query.compile().sql}`, 'audit.key')];
  expect(plan.map((row) => row.detail)).toEqual([expect.stringContaining('USING INDEX audit_event_of_no_movement')]);
});

test('events that are written outside of a transaction, and between two, chain like all others', async () => {
  const event = { at: new Date(0), actor: 'Ada', action: 'noted', subject: 's', payload: {} };
  await appendAudit(books.store.db, event);
  await books.store.transaction((tx) => appendAudit(tx, event));
  await appendAudit(books.store.db, event);
  expect(await verifyChain(books.store.db)).toMatchObject({ ok: true, events: EVENTS + 3 });
});

test('an untouched log verifies, in pages of any size, and an empty one does', async () => {
  for (const page of [1, 2, 3, 7, 8, 2_000]) {
    expect(await verifyChain(books.store.db, page)).toEqual({ ok: true, events: EVENTS, head, brokenAt: null });
  }
  expect(await verifyChain((await openBooks()).store.db)).toEqual({
    ok: true,
    events: 0,
    head: GENESIS,
    brokenAt: null,
  });
});

describe.each(['at', 'actor', 'action', 'subject', 'payload', 'payload_hash', 'prev_hash', 'hash'])(
  'A change of %s',
  (column) => {
    test.each([1, 4, EVENTS])('of event %i is found at that event', async (seq) => {
      tamper(`UPDATE audit_event SET ${column} = ${column} || ' ' WHERE seq = ${seq}`);
      const verdict = await verifyChain(books.store.db, 3);
      expect(verdict).toMatchObject({ ok: false, brokenAt: BigInt(seq), events: seq - 1 });
    });

    test('behind a NUL character, where the driver ends a text, is found too, in the open books and in a file', async () => {
      tamper(`UPDATE audit_event SET ${column} = ${column} || char(0) || 'x' WHERE seq = 4`);
      expect(await verifyChain(books.store.db, 3)).toMatchObject({ ok: false, brokenAt: 4n });
      const file = path.join(mkdtempSync(path.join(TEMPORARY, 'coffer-chain-')), 'copy.db');
      books.store.exec(`VACUUM INTO '${file}'`);
      expect(inspectDatabase(file, 'full').findings.map((one) => one.code)).toContain('audit-chain');
      rmSync(path.dirname(file), { recursive: true });
    });
  },
);

test('texts of any characters hash as their canonical JSON, and verify', async () => {
  const texts = ['"', '\\', '\u0001', '\u007f', '\u2028', '\uffff', '😀', '\n\t', 'ä', ''];
  for (const text of texts) {
    const fields = {
      seq: 1n,
      at: text,
      actor: `${text}a`,
      action: text,
      subject: `${text}s`,
      payload_hash: text,
      prev_hash: '',
    };
    const { action, actor, at, payload_hash: payloadHash, subject } = fields;
    const canonical = canonicalJson({ action, actor, at, payloadHash, subject });
    expect(auditHash(fields)).toBe(sha256(`coffer-audit-v1\n1\n\n${canonical}`));
    const event = { at: new Date(0), actor: text, action: 'noted', subject: text, payload: { text } };
    await books.store.transaction((tx) => appendAudit(tx, event));
  }
  expect(await verifyChain(books.store.db)).toMatchObject({ ok: true, events: EVENTS + texts.length });
});

test('an event numbered before the first is found', async () => {
  tamper(
    `INSERT INTO audit_event SELECT -5, at, actor, action, subject, payload, payload_hash, 'x', hash FROM audit_event WHERE seq = 3`,
  );
  expect(await verifyChain(books.store.db)).toMatchObject({ ok: false, brokenAt: -5n, events: 0 });
});

test.each([1, 4, 6])('the removal of event %i is found', async (seq) => {
  tamper(`DELETE FROM audit_event WHERE seq = ${seq}`);
  expect(await verifyChain(books.store.db)).toMatchObject({ ok: false, brokenAt: BigInt(seq + 1) });
});

test('the removal of an event is found although the others were numbered anew', async () => {
  tamper('DELETE FROM audit_event WHERE seq = 4; UPDATE audit_event SET seq = seq - 1 WHERE seq > 4;');
  expect(await verifyChain(books.store.db)).toMatchObject({ ok: false, brokenAt: 4n });
});

test('two events changed over are found', async () => {
  tamper(
    'UPDATE audit_event SET seq = 100 WHERE seq = 3; UPDATE audit_event SET seq = 3 WHERE seq = 5; UPDATE audit_event SET seq = 5 WHERE seq = 100;',
  );
  expect(await verifyChain(books.store.db)).toMatchObject({ ok: false, brokenAt: 3n });
});

test('an event put in between is found', async () => {
  tamper(`UPDATE audit_event SET seq = seq + 1000 WHERE seq > 3; UPDATE audit_event SET seq = seq - 999 WHERE seq > 1000;
    INSERT INTO audit_event SELECT 4, at, actor, action, subject, payload, payload_hash, prev_hash || 'x', hash FROM audit_event WHERE seq = 3;`);
  expect(await verifyChain(books.store.db)).toMatchObject({ ok: false, brokenAt: 4n });
});

test('a log cut at its end verifies, and its head and length are others: that is why the binder holds them', async () => {
  tamper(`DELETE FROM audit_event WHERE seq = ${EVENTS}`);
  const verdict = await verifyChain(books.store.db);
  expect(verdict).toMatchObject({ ok: true, events: EVENTS - 1 });
  expect(verdict.head).not.toBe(head);
});

/** Somebody who also knows how the hashes are made, and makes those of one event anew. */
async function forge(seq: bigint, change: { readonly actor?: string; readonly prev_hash?: string }): Promise<void> {
  const { db } = books.store;
  const event = await db.selectFrom('audit_event').selectAll().where('seq', '=', seq).executeTakeFirstOrThrow();
  const forged = { ...event, ...change };
  tamper(
    `UPDATE audit_event SET actor = '${forged.actor}', prev_hash = '${forged.prev_hash}', hash = '${auditHash(forged)}' WHERE seq = ${seq}`,
  );
}

test('an event that was rewritten with its own hash made anew is found at the next one', async () => {
  await forge(4n, { actor: 'Somebody else' });
  expect(await verifyChain(books.store.db)).toMatchObject({ ok: false, brokenAt: 5n, events: 4 });
});

test('the last event but one, removed and the last chained anew to the one before, is found by its number', async () => {
  const { hash } = await books.store.db
    .selectFrom('audit_event')
    .select('hash')
    .where('seq', '=', 5n)
    .executeTakeFirstOrThrow();
  tamper('DELETE FROM audit_event WHERE seq = 6');
  await forge(7n, { prev_hash: hash });
  expect(await verifyChain(books.store.db)).toMatchObject({ ok: false, brokenAt: 7n, events: 5 });
});
