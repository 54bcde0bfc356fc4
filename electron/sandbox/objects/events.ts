import { toTimestamp, toUnixSeconds } from '../clock';
import type { EventRecord, EventV2Record } from '../state/records';

/** The API version of the `stripe` package this sandbox was checked against. */
export const API_VERSION = '2026-10-28.endive';

export function renderEvent(row: EventRecord) {
  const object: unknown = JSON.parse(row.object);
  const previous: unknown = row.previous === null ? undefined : JSON.parse(row.previous);
  return {
    id: row.id,
    object: 'event' as const,
    api_version: API_VERSION,
    created: toUnixSeconds(row.created),
    data: { object, ...(previous === undefined ? {} : { previous_attributes: previous }) },
    livemode: false,
    pending_webhooks: 0,
    request: { id: row.request, idempotency_key: row.idempotency_key },
    type: row.type,
  };
}

export function renderEventV2(row: EventV2Record) {
  const data: unknown = row.data === null ? undefined : JSON.parse(row.data);
  const request = row.request === null ? undefined : { id: row.request, idempotency_key: row.idempotency_key ?? '' };
  return {
    id: row.id,
    object: 'v2.core.event' as const,
    created: toTimestamp(row.created),
    livemode: false,
    type: row.type,
    related_object: row.related,
    ...(data === undefined ? {} : { data }),
    ...(request === undefined ? {} : { reason: { type: 'request' as const, request } }),
  };
}
