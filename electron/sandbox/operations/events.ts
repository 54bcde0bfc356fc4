import type { Work } from './work';

/** Records a v1 event with a copy of the object as it is now. */
export function emit(work: Work, type: string, object: unknown, previous?: unknown): void {
  work.state.events.put({
    id: work.state.newId('evt_'),
    created: work.now,
    type,
    object: JSON.stringify(object),
    previous: previous === undefined ? null : JSON.stringify(previous),
    request: work.request?.id ?? null,
    idempotency_key: work.request?.idempotencyKey ?? null,
  });
}
