/** Rule: a change is told of only once it is on disk; changes that share a commit do not share their refusals. */
import { expect, test, vi } from 'vitest';
import { appendAudit, verifyChain } from '../../../electron/journal/audit-chain';
import { inGroup } from '../../../electron/journal/group-commit';
import type { Queries, Store } from '../../../electron/store/store';
import { openScripted } from './scripted-stripe';

function note(subject: string): (tx: Queries) => Promise<string> {
  return async (tx) => {
    await appendAudit(tx, { at: new Date(0), actor: 'Test', action: 'noted', subject, payload: {} });
    return subject;
  };
}

/** Notes, and then refuses: what it noted must not stay. */
function refusal(subject: string): (tx: Queries) => Promise<string> {
  return async (tx) => {
    await note(subject)(tx);
    throw new Error(`No ${subject}`);
  };
}

async function noted(store: Store): Promise<string[]> {
  const rows = await store.db.selectFrom('audit_event').select('subject').orderBy('seq').execute();
  return rows.map((row) => row.subject);
}

const many = (count: number) => Array.from({ length: count }, (_, index) => `s${index}`);

test('each promise resolves with its own result, when another connection can read the change', async () => {
  const { store, witness } = await openScripted();
  const results = await Promise.all(
    many(10).map(async (subject) => {
      const result = await inGroup(store, note(subject));
      expect(await noted(witness)).toContain(subject);
      return result;
    }),
  );
  expect(results).toEqual(many(10));
  expect(await noted(witness)).toEqual(many(10));
});

test('64 changes at once are one flush of the disk, 65 are two; one that comes later has its own', async () => {
  vi.spyOn(performance, 'now').mockReturnValue(0);
  const { store } = await openScripted();
  const commits = vi.spyOn(store, 'transaction');
  const flushes: number[] = [];
  for (const count of [64, 65, 1, 0]) {
    commits.mockClear();
    await Promise.all(many(count).map((subject) => inGroup(store, note(subject))));
    flushes.push(commits.mock.calls.length);
  }
  expect(flushes).toEqual([1, 2, 1, 0]);
  expect(await verifyChain(store.db)).toMatchObject({ ok: true, events: 130 });
});

test('a clock that jumps leaves nobody out: each commit has one change at least, and at 20 ms no more are taken in', async () => {
  let now = 0;
  let perReading = 1_000;
  vi.spyOn(performance, 'now').mockImplementation(() => {
    now += perReading;
    return now;
  });
  const { store } = await openScripted();
  const commits = vi.spyOn(store, 'transaction');
  expect(await Promise.all(many(3).map((subject) => inGroup(store, note(subject))))).toEqual(many(3));
  expect(commits).toHaveBeenCalledTimes(3);
  commits.mockClear();
  perReading = 0;
  const tenMs = (subject: string) => async (tx: Queries) => {
    now += 10;
    return note(subject)(tx);
  };
  await Promise.all(many(6).map((subject) => inGroup(store, tenMs(subject))));
  expect(commits).toHaveBeenCalledTimes(3);
});

test('changes that take long to write are several commits: nobody waits for more than 20 ms of them', async () => {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const { store } = await openScripted();
  const commits = vi.spyOn(store, 'transaction');
  const slow = (subject: string) => async (tx: Queries) => {
    now += 9;
    return note(subject)(tx);
  };
  const results = await Promise.all(many(7).map((subject) => inGroup(store, slow(subject))));
  expect(results).toEqual(many(7));
  expect(commits).toHaveBeenCalledTimes(3);
  expect(await noted(store)).toEqual(many(7));
});

test('changes asked for while a commit is under way wait for it, and are written together in the next', async () => {
  const { store, witness } = await openScripted();
  const commits = vi.spyOn(store, 'transaction');
  const inner: Promise<string>[] = [];
  await inGroup(store, async (tx) => {
    inner.push(inGroup(store, note('b')), inGroup(store, note('c')));
    return note('a')(tx);
  });
  expect(await noted(witness)).toEqual(['a']);
  expect(await Promise.all(inner)).toEqual(['b', 'c']);
  expect(await noted(witness)).toEqual(['a', 'b', 'c']);
  expect(commits).toHaveBeenCalledTimes(2);
});

test('one that cannot be written is refused alone, with its own reason, and leaves nothing', async () => {
  const { store, witness } = await openScripted();
  const outcomes = await Promise.allSettled([
    inGroup(store, note('a')),
    inGroup(store, refusal('b')),
    inGroup(store, note('c')),
    inGroup(store, refusal('d')),
  ]);
  expect(outcomes.map((one) => (one.status === 'fulfilled' ? one.value : String(one.reason)))).toEqual([
    'a',
    'Error: No b',
    'c',
    'Error: No d',
  ]);
  expect(await noted(witness)).toEqual(['a', 'c']);
  expect((await verifyChain(witness.db)).ok).toBe(true);
});

test('a commit that the disk refuses is told to the one who asked, and the next one is written', async () => {
  const { store, witness } = await openScripted();
  const commit = vi.spyOn(store, 'transaction').mockRejectedValueOnce(new Error('The disk is full'));
  await expect(inGroup(store, note('a'))).rejects.toThrow('The disk is full');
  expect(await noted(witness)).toEqual([]);
  expect(await inGroup(store, note('b'))).toBe('b');
  expect(commit).toHaveBeenCalledTimes(2);
  expect(await noted(witness)).toEqual(['b']);
});

test('two databases do not share commits', async () => {
  const [one, other] = [await openScripted(), await openScripted()];
  await Promise.all([inGroup(one.store, note('a')), inGroup(other.store, note('b'))]);
  expect([await noted(one.witness), await noted(other.witness)]).toEqual([['a'], ['b']]);
});
