import type { RequestContext, Route } from '../http/context';
import { invalid, missing } from '../http/errors';
import { createdV1, listV1 } from '../http/paging';
import { mergeMetadata } from '../http/params';
import { renderReversal, renderTransfer } from '../objects/movements';
import { emit } from '../operations/events';
import { createTransfer, reverseTransfer } from '../operations/transfers';
import type { ReversalRecord, TransferRecord } from '../state/records';

const SOURCE_TYPES = ['bank_account', 'card', 'fpx'] as const;

function shown({ work }: RequestContext, row: TransferRecord) {
  return renderTransfer(row, work.state.reversals.by('transfer', row.id));
}

function list(context: RequestContext): unknown {
  const { transfers } = context.work.state;
  return listV1(
    context,
    transfers,
    'transfer',
    (params) => {
      const destination = params.text('destination');
      const group = params.text('transfer_group');
      return {
        positions:
          group !== undefined
            ? transfers.positionsBy('transfer_group', group)
            : destination === undefined
              ? undefined
              : transfers.positionsBy('destination', destination),
        created: createdV1(params),
        matches: (row: TransferRecord) => destination === undefined || row.destination === destination,
      };
    },
    (row) => shown(context, row),
  );
}

function create(context: RequestContext): unknown {
  const { work, params } = context;
  const amount = params.requiredInteger('amount', { min: 1n });
  const currency = params.requiredCurrency('currency');
  const destination = params.requiredText('destination');
  const sourceTransaction = params.text('source_transaction');
  const rest = {
    description: params.text('description') ?? null,
    transferGroup: params.text('transfer_group') ?? null,
    sourceType: params.oneOf('source_type', SOURCE_TYPES) ?? 'card',
    metadata: mergeMetadata({}, params.metadata('metadata')),
  };
  params.check();
  const account = work.state.accounts.get(destination);
  if (account === undefined) {
    throw invalid('resource_missing', `No such destination: '${destination}'`, 'destination');
  }
  if (sourceTransaction !== undefined && work.state.charges.get(sourceTransaction) === undefined) {
    throw invalid('resource_missing', `No such charge: '${sourceTransaction}'`, 'source_transaction');
  }
  const row = createTransfer(work, {
    amount,
    currency,
    destination: account,
    sourceTransaction: sourceTransaction ?? null,
    ...rest,
  });
  return shown(context, row);
}

function find({ work, path: [id = ''] }: RequestContext): TransferRecord {
  const row = work.state.transfers.get(id);
  if (row === undefined) throw missing('transfer', id);
  return row;
}

function retrieve(context: RequestContext): unknown {
  context.params.check();
  return shown(context, find(context));
}

function update(context: RequestContext): unknown {
  const { params, work } = context;
  const description = params.text('description');
  const change = params.metadata('metadata');
  params.check();
  const before = find(context);
  const after: TransferRecord = {
    ...before,
    description: description ?? before.description,
    metadata: mergeMetadata(before.metadata, change),
  };
  work.state.transfers.put(after);
  emit(work, 'transfer.updated', shown(context, after), { metadata: before.metadata });
  return shown(context, after);
}

function createReversal(context: RequestContext): unknown {
  const { params, work } = context;
  const wanted = {
    amount: params.integer('amount', { min: 1n }) ?? null,
    description: params.text('description') ?? null,
    metadata: mergeMetadata({}, params.metadata('metadata')),
  };
  params.boolean('refund_application_fee');
  params.check();
  return renderReversal(reverseTransfer(work, find(context), wanted));
}

function listReversals(context: RequestContext): unknown {
  const { reversals } = context.work.state;
  const transfer = find(context);
  return listV1(
    context,
    reversals,
    'transfer_reversal',
    () => ({
      positions: reversals.positionsBy('transfer', transfer.id),
      created: { since: Number.NEGATIVE_INFINITY, before: Number.POSITIVE_INFINITY },
    }),
    renderReversal,
  );
}

function findReversal(context: RequestContext): ReversalRecord {
  const id = context.path[1] ?? '';
  const row = context.work.state.reversals.get(id);
  if (row === undefined || row.transfer !== find(context).id) throw missing('transfer_reversal', id);
  return row;
}

function retrieveReversal(context: RequestContext): unknown {
  context.params.check();
  return renderReversal(findReversal(context));
}

export const transferRoutes: readonly Route[] = [
  { method: 'GET', path: '/v1/transfers', permission: 'rak_transfer_read', handle: list },
  { method: 'POST', path: '/v1/transfers', permission: 'rak_transfer_write', handle: create },
  { method: 'GET', path: '/v1/transfers/:id', permission: 'rak_transfer_read', handle: retrieve },
  { method: 'POST', path: '/v1/transfers/:id', permission: 'rak_transfer_write', handle: update },
  { method: 'GET', path: '/v1/transfers/:id/reversals', permission: 'rak_transfer_read', handle: listReversals },
  { method: 'POST', path: '/v1/transfers/:id/reversals', permission: 'rak_transfer_write', handle: createReversal },
  {
    method: 'GET',
    path: '/v1/transfers/:id/reversals/:reversal',
    permission: 'rak_transfer_read',
    handle: retrieveReversal,
  },
];
