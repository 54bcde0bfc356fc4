import type { RequestContext, Route } from '../http/context';
import { invalid, missing, refusedV2 } from '../http/errors';
import { createdV2, listV2 } from '../http/paging';
import { mergeMetadata } from '../http/params';
import { renderFinancialAccount } from '../objects/balance';
import {
  renderOutboundPayment,
  renderReceivedCredit,
  renderTransaction,
  renderTransactionEntry,
} from '../objects/storage';
import { refuseFurtherAccount } from '../operations/further-accounts';
import { cancelOutboundPayment, createOutboundPayment } from '../operations/outbound-payments';
import type { OutboundPaymentRecord, PlatformRecord, TransactionRecord } from '../state/records';
import type { SandboxState } from '../state/state';

const INSURANCE = 'storage.deposit_insurance_eligibility';
const FINANCIAL_ACCOUNT_STATUSES = ['closed', 'open', 'pending'] as const;
const PAYMENT_STATUSES = ['canceled', 'failed', 'posted', 'processing', 'returned'] as const;
const NOTIFICATIONS = ['configured', 'none'] as const;
const NETWORKS = ['ach', 'fedwire', 'fps', 'rtp', 'sepa', 'swift'] as const;

function listFinancialAccounts({ work, params }: RequestContext): unknown {
  const include = params.manyOf('include', [INSURANCE]) ?? [];
  const statuses = params.manyOf('statuses', FINANCIAL_ACCOUNT_STATUSES) ?? ['open', 'pending'];
  params.integer('limit', { min: 1n, max: 100n });
  params.check();
  const { state } = work;
  const { platform } = state;
  const insured = include.length > 0;
  const further = platform.further_accounts.filter((row) => statuses.includes(row.status));
  const first = statuses.includes(platform.financial_account_status);
  return {
    data: [
      ...further.map((row) => renderFinancialAccount(state, insured, row)).reverse(),
      ...(first ? [renderFinancialAccount(state, insured)] : []),
    ],
    next_page_url: null,
    previous_page_url: null,
  };
}

function requireFinancialAccount(state: SandboxState, id: string): PlatformRecord {
  if (id !== state.platform.financial_account) throw missing('financial_account', id);
  return state.platform;
}

function retrieveFinancialAccount({ work, params, path: [id = ''] }: RequestContext): unknown {
  const include = params.manyOf('include', [INSURANCE]) ?? [];
  params.check();
  const further = work.state.platform.further_accounts.find((row) => row.id === id);
  if (further === undefined) requireFinancialAccount(work.state, id);
  return renderFinancialAccount(work.state, include.length > 0, further);
}

function updateFinancialAccount({ work, params, path: [id = ''] }: RequestContext): unknown {
  const name = params.text('display_name', { max: 50 });
  const change = params.metadata('metadata');
  params.check();
  const before = requireFinancialAccount(work.state, id);
  work.state.platforms.put({
    ...before,
    financial_account_name: name ?? before.financial_account_name,
    financial_account_metadata: mergeMetadata(before.financial_account_metadata, change),
  });
  return renderFinancialAccount(work.state, false);
}

function listOutboundPayments(context: RequestContext): unknown {
  const { state } = context.work;
  return listV2(
    context,
    state.outboundPayments,
    (params) => {
      const recipient = params.text('recipient');
      const statuses = params.manyOf('status', PAYMENT_STATUSES);
      return {
        positions: recipient === undefined ? undefined : state.outboundPayments.positionsBy('recipient', recipient),
        created: createdV2(params),
        matches: (row: OutboundPaymentRecord) => statuses === undefined || statuses.includes(row.status),
      };
    },
    (row) => renderOutboundPayment(row, state.platform.financial_account),
  );
}

function createPayment({ work, params }: RequestContext): unknown {
  const { state } = work;
  const amount = params.requiredObject('amount');
  const from = params.requiredObject('from');
  const to = params.requiredObject('to');
  const notification = params.object('recipient_notification');
  const value = amount.requiredInteger('value', { min: 1n });
  const currency = amount.requiredCurrency('currency');
  const fromCurrency = from.requiredCurrency('currency');
  const financialAccount = from.requiredText('financial_account');
  const recipientId = to.requiredText('recipient');
  const toCurrency = to.currency('currency');
  const options = to.object('payout_method_options')?.object('bank_account');
  options?.manyOf('preferred_networks', NETWORKS);
  const ach = options?.object('preferred_network_options')?.object('ach');
  ach?.oneOf('submission', ['next_day', 'same_day']);
  ach?.oneOf('transaction_purpose', ['payroll']);
  const rest = {
    payoutMethod: to.text('payout_method') ?? null,
    payoutMethodOptions: to.json('payout_method_options') ?? null,
    notification: notification?.oneOf('setting', NOTIFICATIONS) ?? 'configured',
    recipientVerification: params.text('recipient_verification') ?? null,
    statementDescriptor: params.text('statement_descriptor', { max: 22 }) ?? null,
    description: params.text('description') ?? null,
    metadata: mergeMetadata({}, params.metadata('metadata')),
  };
  params.check();
  if (fromCurrency !== currency || (toCurrency !== undefined && toCurrency !== currency)) {
    throw invalid(
      'currency_mismatch',
      'The sandbox does not convert currencies: amount, from and to must agree.',
      'from.currency',
    );
  }
  if (financialAccount !== state.platform.financial_account) {
    refuseFurtherAccount(state, financialAccount, 'from.financial_account');
    throw invalid('resource_missing', `No such financial_account: '${financialAccount}'`, 'from.financial_account');
  }
  const recipient = state.accounts.get(recipientId);
  if (recipient === undefined) throw invalid('resource_missing', `No such account: '${recipientId}'`, 'to.recipient');
  const row = createOutboundPayment(work, { amount: value, currency, recipient, ...rest });
  return renderOutboundPayment(row, state.platform.financial_account);
}

function findPayment({ work, path: [id = ''] }: RequestContext): OutboundPaymentRecord {
  const row = work.state.outboundPayments.get(id);
  if (row === undefined) throw missing('outbound_payment', id);
  return row;
}

function retrievePayment(context: RequestContext): unknown {
  context.params.check();
  return renderOutboundPayment(findPayment(context), context.work.state.platform.financial_account);
}

function cancelPayment(context: RequestContext): unknown {
  context.params.check();
  const canceled = cancelOutboundPayment(context.work, findPayment(context));
  return renderOutboundPayment(canceled, context.work.state.platform.financial_account);
}

function creditOwner(state: SandboxState) {
  return { financialAccount: state.platform.financial_account, platformAccount: state.platform.account };
}

function listReceivedCredits(context: RequestContext): unknown {
  const { state } = context.work;
  return listV2(
    context,
    state.receivedCredits,
    (params) => ({ created: createdV2(params) }),
    (row) => renderReceivedCredit(row, creditOwner(state)),
  );
}

function retrieveReceivedCredit({ work, params, path: [id = ''] }: RequestContext): unknown {
  params.check();
  const row = work.state.receivedCredits.get(id);
  if (row === undefined) throw missing('received_credit', id);
  return renderReceivedCredit(row, creditOwner(work.state));
}

function listTransactions(context: RequestContext): unknown {
  const { state } = context.work;
  return listV2(
    context,
    state.transactions,
    (params) => {
      const flow = params.text('flow');
      const account = params.text('financial_account');
      const other = account !== undefined && account !== state.platform.financial_account;
      return {
        positions: other ? [] : flow === undefined ? undefined : state.transactions.positionsBy('flow', flow),
        created: createdV2(params),
      };
    },
    (row) => renderTransaction(row, state.platform.financial_account),
  );
}

function findTransaction(state: SandboxState, id: string): TransactionRecord {
  const row = state.transactions.get(id);
  if (row === undefined) throw missing('transaction', id);
  return row;
}

function retrieveTransaction({ work, params, path: [id = ''] }: RequestContext): unknown {
  params.check();
  return renderTransaction(findTransaction(work.state, id), work.state.platform.financial_account);
}

function updateTransaction({ work, params, path: [id = ''] }: RequestContext): unknown {
  const cleared = params.cleared('description');
  const description = cleared ? null : params.text('description', { max: 100 });
  const change = params.metadata('metadata');
  params.check();
  const before = findTransaction(work.state, id);
  const after: TransactionRecord = {
    ...before,
    description: description === undefined ? before.description : description,
    metadata: mergeMetadata(before.metadata, change),
  };
  work.state.transactions.put(after);
  return renderTransaction(after, work.state.platform.financial_account);
}

function listTransactionEntries(context: RequestContext): unknown {
  const { state } = context.work;
  const { transactionEntries } = state;
  return listV2(
    context,
    transactionEntries,
    (params) => {
      const transaction = params.text('transaction');
      return {
        positions: transaction === undefined ? undefined : transactionEntries.positionsBy('transaction', transaction),
        created: createdV2(params),
      };
    },
    (row) => renderTransactionEntry(row, findTransaction(state, row.transaction), state.platform.financial_account),
  );
}

function retrieveTransactionEntry({ work, params, path: [id = ''] }: RequestContext): unknown {
  params.check();
  const { state } = work;
  const row = state.transactionEntries.get(id);
  if (row === undefined) throw missing('transaction_entry', id);
  return renderTransactionEntry(row, findTransaction(state, row.transaction), state.platform.financial_account);
}

/** Pulling from a bank is not what this sandbox is for, and it cannot release Storage: the package has no such flow. */
function listInboundTransfers({ params }: RequestContext): unknown {
  createdV2(params);
  params.integer('limit', { min: 1n, max: 100n });
  params.check();
  return { data: [], next_page_url: null, previous_page_url: null };
}

function createInboundTransfer(): unknown {
  throw refusedV2('feature_not_enabled', 'Inbound transfers are not enabled for this account.');
}

const MONEY = '/v2/money_management';

export const storageRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: `${MONEY}/financial_accounts`,
    permission: 'rak_financial_account_read',
    handle: listFinancialAccounts,
  },
  {
    method: 'GET',
    path: `${MONEY}/financial_accounts/:id`,
    permission: 'rak_financial_account_read',
    handle: retrieveFinancialAccount,
  },
  {
    method: 'POST',
    path: `${MONEY}/financial_accounts/:id`,
    permission: 'rak_financial_account_write',
    handle: updateFinancialAccount,
  },
  {
    method: 'GET',
    path: `${MONEY}/outbound_payments`,
    permission: 'rak_outbound_payment_read',
    handle: listOutboundPayments,
  },
  {
    method: 'POST',
    path: `${MONEY}/outbound_payments`,
    permission: 'rak_outbound_payment_write',
    handle: createPayment,
  },
  {
    method: 'GET',
    path: `${MONEY}/outbound_payments/:id`,
    permission: 'rak_outbound_payment_read',
    handle: retrievePayment,
  },
  {
    method: 'POST',
    path: `${MONEY}/outbound_payments/:id/cancel`,
    permission: 'rak_outbound_payment_write',
    handle: cancelPayment,
  },
  {
    method: 'GET',
    path: `${MONEY}/received_credits`,
    permission: 'rak_received_credit_read',
    handle: listReceivedCredits,
  },
  {
    method: 'GET',
    path: `${MONEY}/received_credits/:id`,
    permission: 'rak_received_credit_read',
    handle: retrieveReceivedCredit,
  },
  { method: 'GET', path: `${MONEY}/transactions`, permission: 'rak_money_transaction_read', handle: listTransactions },
  {
    method: 'GET',
    path: `${MONEY}/transactions/:id`,
    permission: 'rak_money_transaction_read',
    handle: retrieveTransaction,
  },
  {
    method: 'POST',
    path: `${MONEY}/transactions/:id`,
    permission: 'rak_money_transaction_write',
    handle: updateTransaction,
  },
  {
    method: 'GET',
    path: `${MONEY}/transaction_entries`,
    permission: 'rak_money_transaction_read',
    handle: listTransactionEntries,
  },
  {
    method: 'GET',
    path: `${MONEY}/transaction_entries/:id`,
    permission: 'rak_money_transaction_read',
    handle: retrieveTransactionEntry,
  },
  {
    method: 'GET',
    path: `${MONEY}/inbound_transfers`,
    permission: 'rak_inbound_transfer_read',
    handle: listInboundTransfers,
  },
  {
    method: 'POST',
    path: `${MONEY}/inbound_transfers`,
    permission: 'rak_inbound_transfer_write',
    handle: createInboundTransfer,
  },
];
