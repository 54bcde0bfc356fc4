import type { RequestContext, Route } from '../http/context';
import { invalid, missing } from '../http/errors';
import { createdV1, listV1 } from '../http/paging';
import { mergeMetadata } from '../http/params';
import { renderPayout } from '../objects/movements';
import { emit } from '../operations/events';
import { refuseFurtherAccount } from '../operations/further-accounts';
import { cancelPayout, createPayout, reversePayout } from '../operations/payouts';
import type { PayoutRecord } from '../state/records';

const STATUSES = ['pending', 'paid', 'failed', 'canceled', 'in_transit'] as const;
const METHODS = ['standard', 'instant'] as const;
const SOURCE_TYPES = ['bank_account', 'card', 'fpx'] as const;

function list(context: RequestContext): unknown {
  const { payouts } = context.work.state;
  return listV1(
    context,
    payouts,
    'payout',
    (params) => {
      const status = params.oneOf('status', STATUSES);
      const destination = params.text('destination');
      const arrival = params.isObject('arrival_date') ? params.object('arrival_date') : undefined;
      const at = arrival === undefined ? params.integer('arrival_date', { min: 0n }) : undefined;
      const bounds = {
        gt: arrival?.integer('gt'),
        gte: arrival?.integer('gte'),
        lt: arrival?.integer('lt'),
        lte: arrival?.integer('lte'),
      };
      return {
        positions: destination === undefined ? undefined : payouts.positionsBy('destination', destination),
        created: createdV1(params),
        matches: (row: PayoutRecord) => {
          const arrives = BigInt(Math.floor(row.arrival / 1000));
          return (
            (status === undefined || row.status === status) &&
            (at === undefined || arrives === at) &&
            (bounds.gt === undefined || arrives > bounds.gt) &&
            (bounds.gte === undefined || arrives >= bounds.gte) &&
            (bounds.lt === undefined || arrives < bounds.lt) &&
            (bounds.lte === undefined || arrives <= bounds.lte)
          );
        },
      };
    },
    renderPayout,
  );
}

function create({ work, params }: RequestContext): unknown {
  const { platform } = work.state;
  const amount = params.requiredInteger('amount', { min: 1n });
  const currency = params.requiredCurrency('currency');
  const payoutMethod = params.text('payout_method');
  const destination = params.text('destination');
  const rest = {
    description: params.text('description') ?? null,
    method: params.oneOf('method', METHODS) ?? 'standard',
    sourceType: params.oneOf('source_type', SOURCE_TYPES) ?? 'card',
    statementDescriptor: params.text('statement_descriptor', { max: 22 }) ?? null,
    metadata: mergeMetadata({}, params.metadata('metadata')),
  };
  params.check();
  if (payoutMethod !== undefined && payoutMethod !== platform.financial_account) {
    refuseFurtherAccount(work.state, payoutMethod, 'payout_method');
    throw invalid('resource_missing', `No such payout method: '${payoutMethod}'`, 'payout_method');
  }
  if (destination !== undefined && payoutMethod !== undefined) {
    throw invalid(undefined, 'You may only specify one of these parameters: destination, payout_method.');
  }
  if (destination !== undefined && destination !== platform.bank_account) {
    throw invalid('resource_missing', `No such external account: '${destination}'`, 'destination');
  }
  return renderPayout(createPayout(work, { amount, currency, financialAccount: payoutMethod ?? null, ...rest }));
}

function find({ work, path: [id = ''] }: RequestContext): PayoutRecord {
  const row = work.state.payouts.get(id);
  if (row === undefined) throw missing('payout', id);
  return row;
}

function retrieve(context: RequestContext): unknown {
  context.params.check();
  return renderPayout(find(context));
}

function update(context: RequestContext): unknown {
  const change = context.params.metadata('metadata');
  context.params.check();
  const before = find(context);
  const after: PayoutRecord = { ...before, metadata: mergeMetadata(before.metadata, change) };
  context.work.state.payouts.put(after);
  emit(context.work, 'payout.updated', renderPayout(after), { metadata: before.metadata });
  return renderPayout(after);
}

function cancel(context: RequestContext): unknown {
  context.params.check();
  return renderPayout(cancelPayout(context.work, find(context)));
}

function reverse(context: RequestContext): unknown {
  const metadata = mergeMetadata({}, context.params.metadata('metadata'));
  context.params.check();
  return renderPayout(reversePayout(context.work, find(context), metadata));
}

export const payoutRoutes: readonly Route[] = [
  { method: 'GET', path: '/v1/payouts', permission: 'rak_payout_read', handle: list },
  { method: 'POST', path: '/v1/payouts', permission: 'rak_payout_write', handle: create },
  { method: 'GET', path: '/v1/payouts/:id', permission: 'rak_payout_read', handle: retrieve },
  { method: 'POST', path: '/v1/payouts/:id', permission: 'rak_payout_write', handle: update },
  { method: 'POST', path: '/v1/payouts/:id/cancel', permission: 'rak_payout_write', handle: cancel },
  { method: 'POST', path: '/v1/payouts/:id/reverse', permission: 'rak_payout_write', handle: reverse },
];
