/** Both lists of events. Stripe keeps them for 30 days: older ones are neither listed nor found. */
import type { RequestContext, Route } from '../http/context';
import { invalid, missing } from '../http/errors';
import { type CreatedRange, createdV1, createdV2, listV1, listV2 } from '../http/paging';
import type { Params } from '../http/params';
import { renderEvent, renderEventV2 } from '../objects/events';
import type { Work } from '../operations/work';
import type { EventRecord, EventV2Record } from '../state/records';

const KEPT_MS = 30 * 86_400_000;
const MOST_TYPES = 20;

function kept({ now }: Work, created: CreatedRange): CreatedRange {
  return { ...created, since: Math.max(created.since, now - KEPT_MS) };
}

function isKept({ now }: Work, row: { readonly created: number } | undefined): boolean {
  return row !== undefined && row.created >= now - KEPT_MS;
}

function typesOf(params: Params): string[] | undefined {
  const types = params.texts('types');
  if (types !== undefined && types.length > MOST_TYPES) {
    params.fail(invalid(undefined, `You may pass at most ${MOST_TYPES} types.`, 'types'));
  }
  return types;
}

function listEvents(context: RequestContext): unknown {
  const { work } = context;
  const { events } = work.state;
  return listV1(
    context,
    events,
    'event',
    (params) => {
      const type = params.text('type');
      const types = typesOf(params);
      const delivered = params.boolean('delivery_success');
      const wanted = type === undefined ? types : [type];
      const exact = wanted?.length === 1 && !wanted[0]?.includes('*') ? wanted[0] : undefined;
      return {
        positions: delivered === false ? [] : exact === undefined ? undefined : events.positionsBy('type', exact),
        created: kept(work, createdV1(params)),
        matches: (row: EventRecord) => wanted === undefined || wanted.some((name) => fits(row.type, name)),
      };
    },
    renderEvent,
  );
}

function fits(type: string, wanted: string): boolean {
  return wanted.endsWith('*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted;
}

function retrieveEvent({ work, params, path: [id = ''] }: RequestContext): unknown {
  params.check();
  const row = work.state.events.get(id);
  if (row === undefined || !isKept(work, row)) throw missing('event', id);
  return renderEvent(row);
}

function listEventsV2(context: RequestContext): unknown {
  const { work } = context;
  return listV2(
    context,
    work.state.eventsV2,
    (params) => {
      const types = typesOf(params);
      const object = params.text('object_id');
      return {
        created: kept(work, createdV2(params)),
        matches: (row: EventV2Record) =>
          (types === undefined || types.includes(row.type)) && (object === undefined || row.related.id === object),
      };
    },
    renderEventV2,
  );
}

function retrieveEventV2({ work, params, path: [id = ''] }: RequestContext): unknown {
  params.check();
  const row = work.state.eventsV2.get(id);
  if (row === undefined || !isKept(work, row)) throw missing('event', id);
  return renderEventV2(row);
}

export const eventRoutes: readonly Route[] = [
  { method: 'GET', path: '/v1/events', permission: 'rak_event_read', handle: listEvents },
  { method: 'GET', path: '/v1/events/:id', permission: 'rak_event_read', handle: retrieveEvent },
  { method: 'GET', path: '/v2/core/events', permission: 'rak_v2_event_read', handle: listEventsV2 },
  { method: 'GET', path: '/v2/core/events/:id', permission: 'rak_v2_event_read', handle: retrieveEventV2 },
];
