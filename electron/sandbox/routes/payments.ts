import type { Handler, RequestContext, Route } from '../http/context';
import { missing } from '../http/errors';
import { createdV1, listV1 } from '../http/paging';
import { renderTopup } from '../objects/movements';
import { renderCharge, renderDispute, renderRefund } from '../objects/payments';
import type { DisputeRecord } from '../state/records';
import type { SandboxState } from '../state/state';

function retrieveBy<T>(
  kind: string,
  find: (state: SandboxState, id: string) => T | undefined,
  render: (row: T, state: SandboxState) => unknown,
): Handler {
  return ({ work, params, path: [id = ''] }) => {
    params.check();
    const row = find(work.state, id);
    if (row === undefined) throw missing(kind, id);
    return render(row, work.state);
  };
}

function listCharges(context: RequestContext): unknown {
  const { charges } = context.work.state;
  return listV1(
    context,
    charges,
    'charge',
    (params) => {
      const customer = params.text('customer');
      // The sandbox's charges have neither a payment intent nor a transfer group, so nothing can match these.
      const none = [params.text('payment_intent'), params.text('transfer_group')].some((id) => id !== undefined);
      return {
        positions: none ? [] : customer === undefined ? undefined : charges.positionsBy('customer', customer),
        created: createdV1(params),
      };
    },
    renderCharge,
  );
}

function listRefunds(context: RequestContext): unknown {
  const { refunds } = context.work.state;
  return listV1(
    context,
    refunds,
    'refund',
    (params) => {
      const charge = params.text('charge');
      const none = params.text('payment_intent') !== undefined;
      return {
        positions: none ? [] : charge === undefined ? undefined : refunds.positionsBy('charge', charge),
        created: createdV1(params),
      };
    },
    renderRefund,
  );
}

function showDispute(row: DisputeRecord, state: SandboxState): unknown {
  return renderDispute(row, state.balanceTransactions.get(row.balance_transaction));
}

function listDisputes(context: RequestContext): unknown {
  const { state } = context.work;
  return listV1(
    context,
    state.disputes,
    'dispute',
    (params) => {
      const charge = params.text('charge');
      const none = params.text('payment_intent') !== undefined;
      return {
        positions: none ? [] : charge === undefined ? undefined : state.disputes.positionsBy('charge', charge),
        created: createdV1(params),
      };
    },
    (row) => showDispute(row, state),
  );
}

function listTopups(context: RequestContext): unknown {
  return listV1(
    context,
    context.work.state.topups,
    'topup',
    (params) => {
      const status = params.oneOf('status', ['canceled', 'failed', 'pending', 'succeeded']);
      return { positions: status === undefined || status === 'succeeded' ? undefined : [], created: createdV1(params) };
    },
    renderTopup,
  );
}

export const paymentRoutes: readonly Route[] = [
  { method: 'GET', path: '/v1/charges', permission: 'rak_charge_read', handle: listCharges },
  {
    method: 'GET',
    path: '/v1/charges/:id',
    permission: 'rak_charge_read',
    handle: retrieveBy('charge', (state, id) => state.charges.get(id), renderCharge),
  },
  { method: 'GET', path: '/v1/refunds', permission: 'rak_charge_read', handle: listRefunds },
  {
    method: 'GET',
    path: '/v1/refunds/:id',
    permission: 'rak_charge_read',
    handle: retrieveBy('refund', (state, id) => state.refunds.get(id), renderRefund),
  },
  { method: 'GET', path: '/v1/disputes', permission: 'rak_dispute_read', handle: listDisputes },
  {
    method: 'GET',
    path: '/v1/disputes/:id',
    permission: 'rak_dispute_read',
    handle: retrieveBy('dispute', (state, id) => state.disputes.get(id), showDispute),
  },
  { method: 'GET', path: '/v1/topups', permission: 'rak_topup_read', handle: listTopups },
  {
    method: 'GET',
    path: '/v1/topups/:id',
    permission: 'rak_topup_read',
    handle: retrieveBy('topup', (state, id) => state.topups.get(id), renderTopup),
  },
];
