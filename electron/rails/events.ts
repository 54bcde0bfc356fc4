/**
 * Stripe's two lists of events. An event only says that something changed: what became of the money is read from the object itself,
 * never from the event. The names are those of the package's types (`Events.d.ts`, v1 and v2); a list takes up to twenty.
 */
import { z } from 'zod';
import type { StripeClient } from '../stripe/client';
import { createdBetween } from './reading';
import type { EventSource, StripeEvent } from './segregation-rail';

export const EVENT_SOURCES: readonly EventSource[] = ['v1', 'v2'];

const V1_TYPES = [
  'account.updated',
  'balance.available',
  'balance_settings.updated',
  'charge.dispute.closed',
  'charge.dispute.created',
  'charge.dispute.funds_reinstated',
  'charge.dispute.funds_withdrawn',
  'charge.refunded',
  'payout.canceled',
  'payout.created',
  'payout.failed',
  'payout.paid',
  'refund.failed',
  'topup.reversed',
  'topup.succeeded',
  'transfer.created',
  'transfer.reversed',
] as const;

const V2_TYPES = [
  'v2.core.account[configuration.recipient].capability_status_updated',
  'v2.money_management.adjustment.created',
  'v2.money_management.financial_account.updated',
  'v2.money_management.outbound_payment.canceled',
  'v2.money_management.outbound_payment.created',
  'v2.money_management.outbound_payment.failed',
  'v2.money_management.outbound_payment.posted',
  'v2.money_management.outbound_payment.returned',
  'v2.money_management.received_credit.failed',
  'v2.money_management.received_credit.returned',
  'v2.money_management.received_credit.succeeded',
  'v2.money_management.transaction.created',
  'v2.money_management.transaction.updated',
] as const;

const eventV1 = z.object({
  id: z.string(),
  type: z.string(),
  created: z.int().transform((seconds) => new Date(seconds * 1_000)),
  data: z.object({ object: z.object({ id: z.string().optional() }) }),
});

const eventV2 = z.object({
  id: z.string(),
  type: z.string(),
  created: z.iso.datetime({ offset: true }).transform((text) => new Date(text)),
  related_object: z.object({ id: z.string().optional() }).nullish(),
});

/** Events of the kinds Coffer looks for, created since `from`, newest first. Throws `StripeUnavailable`. */
export async function* stripeEvents(client: StripeClient, source: EventSource, from: Date): AsyncIterable<StripeEvent> {
  const created = createdBetween(from);
  if (source === 'v1') {
    for await (const row of client.list('/v1/events', { created, types: V1_TYPES }, eventV1)) {
      yield { id: row.id, source, type: row.type, object: row.data.object.id ?? '', createdAt: row.created };
    }
    return;
  }
  for await (const row of client.list('/v2/core/events', { created, types: V2_TYPES }, eventV2)) {
    yield { id: row.id, source, type: row.type, object: row.related_object?.id ?? '', createdAt: row.created };
  }
}
