import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import type { StripeApi } from '../api';
import { ApiError, missing, refused } from '../http/errors';
import type { Incoming, Outgoing } from '../http/listener';
import { renderAccount } from '../objects/accounts';
import { renderBalanceSettings } from '../objects/balance';
import { renderBalanceTransaction, renderPayout, renderTopup } from '../objects/movements';
import { renderCharge, renderDispute, renderRefund } from '../objects/payments';
import { renderOutboundPayment, renderTransaction } from '../objects/storage';
import { type AccountChange, saveAccount } from '../operations/accounts';
import { releaseToPayments, sendOutside } from '../operations/dashboard';
import { emit } from '../operations/events';
import { openFurtherAccount } from '../operations/further-accounts';
import { createOutboundPayment, failOutboundPayment, returnOutboundPayment } from '../operations/outbound-payments';
import { disputeCharge, landCharge, landTopup, refundCharge } from '../operations/payments';
import { createPayout, failPayout, settlePayout } from '../operations/payouts';
import type { Work } from '../operations/work';
import type { ChargeRecord, FaultRecord, OutboundPaymentRecord } from '../state/records';
import type { SandboxState } from '../state/state';
import * as schemas from './schemas';
import { describeState } from './state-report';

const HEADER = 'x-coffer-sandbox';

type Step = (body: unknown, work: Work, id: string) => unknown;

/** Ties a body schema to the work that needs it. */
function step<S extends z.ZodType>(schema: S, run: (body: z.output<S>, work: Work, id: string) => unknown): Step {
  return (body, work, id) => run(schema.parse(body), work, id);
}

function chargeOf(work: Work, id: string): ChargeRecord {
  const row = work.state.charges.get(id);
  if (row === undefined) throw missing('charge', id);
  return row;
}

function paymentOf(work: Work, id: string): OutboundPaymentRecord {
  const row = work.state.outboundPayments.get(id);
  if (row === undefined) throw missing('outbound_payment', id);
  return row;
}

function shownPayment(work: Work, row: OutboundPaymentRecord): unknown {
  return renderOutboundPayment(row, work.state.platform.financial_account);
}

function setClock(body: z.output<typeof schemas.clockBody>, { state }: Work): unknown {
  const { platform } = state;
  state.platforms.put({ ...platform, clock_offset: platform.clock_offset + body.advance_seconds * 1000 });
  return { now: new Date(state.clock.now()).toISOString() };
}

function moveInDashboard(body: z.output<typeof schemas.dashboardTransferBody>, work: Work): unknown {
  if (body.from === body.to) throw refused(undefined, 'from and to must differ.', 'to');
  if (body.from === 'storage') {
    const { transaction, balanceTransaction } = releaseToPayments(work, body.amount, body.currency);
    return {
      transaction: renderTransaction(transaction, work.state.platform.financial_account),
      balance_transaction: renderBalanceTransaction(balanceTransaction),
    };
  }
  const payout = createPayout(work, {
    amount: body.amount,
    currency: body.currency,
    financialAccount: work.state.platform.financial_account,
    description: null,
    statementDescriptor: null,
    method: 'standard',
    sourceType: 'card',
    metadata: {},
  });
  settlePayout(work, payout);
  return { payout: renderPayout(work.state.payouts.get(payout.id) ?? payout) };
}

function payInDashboard(body: z.output<typeof schemas.dashboardPayoutBody>, work: Work): unknown {
  if (body.recipient === undefined) {
    const row = sendOutside(work, body.amount, body.currency, body.description ?? null);
    return { transaction: renderTransaction(row, work.state.platform.financial_account) };
  }
  const recipient = work.state.accounts.get(body.recipient);
  if (recipient === undefined) throw missing('account', body.recipient);
  const payment = createOutboundPayment(work, {
    amount: body.amount,
    currency: body.currency,
    recipient,
    payoutMethod: null,
    payoutMethodOptions: null,
    notification: 'configured',
    recipientVerification: null,
    statementDescriptor: null,
    description: body.description ?? null,
    metadata: {},
  });
  return { outbound_payment: shownPayment(work, payment) };
}

function changeAccount({ id, ...fields }: z.output<typeof schemas.accountBody>, work: Work): unknown {
  const change: AccountChange = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return renderAccount(saveAccount(work, id, change));
}

function changeSettings(body: z.output<typeof schemas.settingsBody>, work: Work): unknown {
  const { state } = work;
  const before = state.platform;
  const rules = body.automatic_transfer_rules_by_currency;
  const minimums = body.minimum_balance_by_currency;
  state.platforms.put({
    ...before,
    payout_interval: body.payout_interval ?? before.payout_interval,
    transfer_rules:
      rules === undefined
        ? before.transfer_rules
        : Object.fromEntries(
            Object.entries(rules).map(([currency, list]) => [
              currency,
              list.map((rule) => ({ ...rule, transfer_up_to_amount: rule.transfer_up_to_amount?.toString() ?? null })),
            ]),
          ),
    minimum_balances:
      minimums === undefined
        ? before.minimum_balances
        : Object.fromEntries(Object.entries(minimums).map(([currency, amount]) => [currency, amount.toString()])),
    financial_account_status: body.financial_account_status ?? before.financial_account_status,
    holds_currencies: body.holds_currencies === undefined ? before.holds_currencies : [...body.holds_currencies].sort(),
  });
  const settings = renderBalanceSettings(state);
  emit(work, 'balance_settings.updated', settings);
  return settings;
}

function addFault(body: z.output<typeof schemas.faultBody>, { state }: Work): unknown {
  const row: FaultRecord = {
    ...body,
    id: state.newId('fault_'),
    method: body.method ?? null,
    path: body.path ?? null,
    seen: 0,
    fired: 0,
  };
  state.faults.put(row);
  return row;
}

const permit = step(schemas.permissionBody, ({ key, ...wanted }, { state }) => {
  const full = (name: string) => (name.startsWith('rak_') ? name : `rak_${name}`);
  const denied = wanted.denied.map(full);
  const granted = wanted.granted?.map(full) ?? null;
  if (denied.length === 0 && granted === null) state.restrictions.delete(key);
  else state.restrictions.put({ id: key, denied, granted });
  return { key, denied, granted };
});

/** `METHOD path` → work. `:id` stands for one path segment. */
const STEPS: ReadonlyMap<string, Step> = new Map<string, Step>([
  ['GET state', (_body, { state }) => describeState(state)],
  [
    'GET conservation',
    (_body, { state }) => {
      const sums = state.balances.sums();
      return { ok: Object.values(sums).every((total) => total === 0n), sums: textual(sums) };
    },
  ],
  ['POST clock', step(schemas.clockBody, setClock)],
  [
    'POST charges',
    step(schemas.chargeBody, (body, work) => {
      const { available_in_seconds, customer, description, ...rest } = body;
      if (body.fee > body.amount) throw refused(undefined, 'The fee is more than the amount.', 'fee');
      const row = landCharge(work, {
        ...rest,
        customer: customer ?? null,
        description: description ?? null,
        availableInMs: available_in_seconds * 1000,
      });
      return renderCharge(row);
    }),
  ],
  [
    'POST refunds',
    step(schemas.refundBody, (body, work) =>
      renderRefund(
        refundCharge(work, chargeOf(work, body.charge), {
          amount: body.amount ?? null,
          reason: body.reason ?? null,
          metadata: body.metadata,
        }),
      ),
    ),
  ],
  [
    'POST disputes',
    step(schemas.disputeBody, (body, work) => {
      const row = disputeCharge(work, chargeOf(work, body.charge), {
        amount: body.amount ?? null,
        fee: body.fee,
        reason: body.reason,
      });
      return renderDispute(row, work.state.balanceTransactions.get(row.balance_transaction));
    }),
  ],
  [
    'POST topups',
    step(schemas.topupBody, ({ available_in_seconds, description, ...body }, work) =>
      renderTopup(
        landTopup(work, { ...body, description: description ?? null, availableInMs: available_in_seconds * 1000 }),
      ),
    ),
  ],
  ['POST dashboard/transfer', step(schemas.dashboardTransferBody, moveInDashboard)],
  ['POST dashboard/payout', step(schemas.dashboardPayoutBody, payInDashboard)],
  ['POST accounts', step(schemas.accountBody, changeAccount)],
  ['POST settings', step(schemas.settingsBody, changeSettings)],
  [
    'POST outbound_payments/:id/return',
    step(schemas.reasonBody, ({ reason }, work, id) =>
      shownPayment(work, returnOutboundPayment(work, paymentOf(work, id), reason ?? 'payout_method_closed')),
    ),
  ],
  [
    'POST outbound_payments/:id/fail',
    step(schemas.reasonBody, ({ reason }, work, id) =>
      shownPayment(work, failOutboundPayment(work, paymentOf(work, id), reason ?? 'payout_method_declined')),
    ),
  ],
  [
    'POST payouts/:id/fail',
    step(schemas.payoutFailBody, ({ failure_code }, work, id) => {
      const row = work.state.payouts.get(id);
      if (row === undefined) throw missing('payout', id);
      return renderPayout(failPayout(work, row, failure_code));
    }),
  ],
  [
    'POST financial_accounts',
    step(schemas.financialAccountBody, ({ display_name }, work) => openFurtherAccount(work, display_name)),
  ],
  ['POST permissions', permit],
  ['POST faults', step(schemas.faultBody, addFault)],
  ['GET faults', (_body, { state }) => ({ data: [...state.faults.values()] })],
  [
    'DELETE faults',
    (_body, { state }) => {
      const rows = [...state.faults.values()];
      for (const row of rows) state.faults.delete(row.id);
      return { deleted: rows.length };
    },
  ],
]);

function textual(sums: Record<string, bigint>): Record<string, string> {
  return Object.fromEntries(Object.entries(sums).map(([currency, total]) => [currency, total.toString()]));
}

/**
 * The sandbox's own interface under `/_sandbox/`: everything a test or a demo can make happen that Stripe's API cannot.
 * It needs the header `x-coffer-sandbox: 1`, which no web page can send across origins without being asked first.
 */
export class Control {
  constructor(
    private readonly state: SandboxState,
    private readonly api: StripeApi,
  ) {}

  async answer(incoming: Incoming): Promise<Outgoing> {
    const { status, body } = this.#run(incoming);
    await this.state.durable();
    return {
      kind: 'reply',
      status,
      headers: { 'Content-Type': 'application/json', Date: new Date(this.state.clock.now()).toUTCString() },
      body: JSON.stringify(body),
    };
  }

  #run(incoming: Incoming): { status: number; body: unknown } {
    try {
      if (incoming.headers[HEADER] !== '1') throw problem(403, `The header ${HEADER}: 1 is required.`);
      const { run, id } = find(incoming);
      const body = readBody(incoming.body);
      this.api.settle();
      const work = this.api.work(this.state.clock.now(), null);
      const result = this.state.transact(() => run(body, work, id));
      // Time that has just passed has its effects at once.
      if (incoming.pathname.endsWith('/clock')) this.api.settle();
      return { status: 200, body: result };
    } catch (error) {
      if (error instanceof ApiError) return { status: error.status, body: { error: error.body } };
      if (error instanceof z.ZodError) {
        const message = error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`).join('; ');
        return { status: 400, body: { error: { type: 'invalid_request_error', message } } };
      }
      throw error;
    }
  }
}

function problem(status: number, message: string): ApiError {
  return new ApiError(status, { type: 'invalid_request_error', message }, false);
}

function find(incoming: Incoming): { run: Step; id: string } {
  const path = incoming.pathname.slice('/_sandbox/'.length);
  const exact = STEPS.get(`${incoming.method} ${path}`);
  if (exact !== undefined) return { run: exact, id: '' };
  const [kind = '', id = '', action = ''] = path.split('/');
  const run = STEPS.get(`${incoming.method} ${kind}/:id/${action}`);
  if (run === undefined) {
    throw problem(
      404,
      `${STATUS_CODES[404]}: ${incoming.method} /_sandbox/${path}. Known: ${[...STEPS.keys()].join(', ')}`,
    );
  }
  return { run, id: decodeURIComponent(id) };
}

function readBody(text: string): unknown {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw problem(400, 'The body is not valid JSON.');
  }
}
