/** Notes the last event of the audit log outside of the store, so that a store that lost its latest changes is recognised. */
import { readHeadNote, writeHeadNote } from '../store/head-note';
import type { Store } from '../store/store';

/** Called when intents are on disk and before they are sent, and when the books are closed. */
export async function noteHead(store: Store): Promise<void> {
  if (store.path === ':memory:') return;
  const last = await store.db
    .selectFrom('audit_event')
    .select(['seq', 'hash', 'at'])
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (last === undefined) return;
  const known = readHeadNote(store.path);
  if (known?.hash === last.hash) return;
  writeHeadNote(store.path, { seq: Number(last.seq), hash: last.hash, at: last.at });
}

/** True when the store lacks the event that was noted beside it. */
export async function isOlderThanNoted(store: Store): Promise<boolean> {
  const noted = store.path === ':memory:' ? null : readHeadNote(store.path);
  if (noted === null) return false;
  const event = await store.db
    .selectFrom('audit_event')
    .select('hash')
    .where('seq', '=', BigInt(noted.seq))
    .executeTakeFirst();
  return event?.hash !== noted.hash;
}
