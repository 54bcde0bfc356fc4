import type { EventV2Record } from '../state/records';
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

type MoneyManagement = 'outbound_payment' | 'received_credit' | 'transaction';

/** Records a v2 event of money management: `v2.money_management.<object>.<what>`. */
export function emitV2(work: Work, object: MoneyManagement, what: string, id: string): void {
  const type = `v2.money_management.${object}`;
  const url = `/v2/money_management/${object}s/${id}`;
  recordV2(work, `${type}.${what}`, { id, type, url }, object === 'transaction' ? {} : undefined);
}

/** Records that a recipient's way of being paid was opened or closed. */
export function emitCapability(work: Work, account: string, capability: string): void {
  const related = { id: account, type: 'v2.core.account', url: `/v2/core/accounts/${account}` };
  const type = 'v2.core.account[configuration.recipient].capability_status_updated';
  recordV2(work, type, related, { updated_capability: capability });
}

function recordV2(work: Work, type: string, related: EventV2Record['related'], data: unknown): void {
  work.state.eventsV2.put({
    id: work.state.newId('evt_test_'),
    created: work.now,
    type,
    related,
    data: data === undefined ? null : JSON.stringify(data),
    request: work.request?.id ?? null,
    idempotency_key: work.request?.idempotencyKey ?? null,
  });
}
