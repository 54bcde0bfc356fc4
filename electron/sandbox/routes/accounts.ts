import type { RequestContext, Route } from '../http/context';
import { ApiError, missing } from '../http/errors';
import { createdV1, listV1, listV2 } from '../http/paging';
import {
  payoutMethodsOf,
  renderAccount,
  renderCoreAccount,
  renderPayoutMethod,
  renderPlatformAccount,
  V2_INCLUDES,
} from '../objects/accounts';
import type { AccountRecord } from '../state/records';

const ALWAYS = { since: Number.NEGATIVE_INFINITY, before: Number.POSITIVE_INFINITY };
const CONFIGURATIONS = ['customer', 'merchant', 'recipient'] as const;
const USAGES = ['disabled', 'eligible', 'ineligible', 'invalid', 'requires_action'] as const;

function noAccess(id: string): ApiError {
  const message = `The provided key does not have access to account '${id}' (or that account does not exist). Application access may have been revoked.`;
  return new ApiError(403, { type: 'invalid_request_error', code: 'account_invalid', message }, true);
}

function retrieveOwn({ work, params, account }: RequestContext): unknown {
  params.check();
  if (account === undefined) return renderPlatformAccount(work.state.platform);
  const row = work.state.accounts.get(account);
  if (row === undefined) throw noAccess(account);
  return renderAccount(row);
}

function retrieve({ work, params, path: [id = ''] }: RequestContext): unknown {
  params.check();
  if (id === work.state.platform.account) return renderPlatformAccount(work.state.platform);
  const row = work.state.accounts.get(id);
  if (row === undefined) throw noAccess(id);
  return renderAccount(row);
}

function list(context: RequestContext): unknown {
  return listV1(
    context,
    context.work.state.accounts,
    'account',
    (params) => ({ created: createdV1(params) }),
    renderAccount,
  );
}

function retrieveCore({ work, params, path: [id = ''] }: RequestContext): unknown {
  const include = params.manyOf('include', V2_INCLUDES) ?? [];
  params.check();
  const row = work.state.accounts.get(id);
  if (row === undefined) throw missing('account', id);
  return renderCoreAccount(row, include);
}

function listCore(context: RequestContext): unknown {
  return listV2(
    context,
    context.work.state.accounts,
    (params) => {
      const applied = params.manyOf('applied_configurations', CONFIGURATIONS);
      const closed = params.boolean('closed') ?? false;
      const none = closed || (applied !== undefined && !applied.includes('recipient'));
      return { positions: none ? [] : undefined, created: ALWAYS };
    },
    (row) => renderCoreAccount(row, []),
  );
}

/** The payout methods in view: of the account named by `Stripe-Context`, else the platform's own bank account. */
function methodsInView({ work, account }: RequestContext): ReturnType<typeof renderPayoutMethod>[] {
  const { platform, accounts } = work.state;
  if (account === undefined) {
    return [
      renderPayoutMethod(
        { id: `usba_test_${platform.salt}`, type: 'bank_account' },
        { created: platform.created, eligible: true, currencies: platform.holds_currencies },
      ),
    ];
  }
  const row: AccountRecord | undefined = accounts.get(account);
  if (row === undefined) throw noAccess(account);
  return payoutMethodsOf(row).map((method) =>
    renderPayoutMethod(method, {
      created: row.created,
      eligible: (method.type === 'card' ? row.cards : row.bank_accounts) === 'active',
      currencies: platform.holds_currencies,
    }),
  );
}

function listPayoutMethods(context: RequestContext): unknown {
  const { params } = context;
  const limit = Number(params.integer('limit', { min: 1n, max: 100n }) ?? 20n);
  const usage = params.object('usage_status');
  const payments: readonly string[] | undefined = usage?.manyOf('payments', USAGES);
  const transfers: readonly string[] | undefined = usage?.manyOf('transfers', USAGES);
  params.check();
  const data = methodsInView(context).filter(
    ({ usage_status }) =>
      (payments?.includes(usage_status.payments) ?? true) && (transfers?.includes(usage_status.transfers) ?? true),
  );
  return { data: data.slice(0, limit), next_page_url: null, previous_page_url: null };
}

function retrievePayoutMethod(context: RequestContext): unknown {
  const [id = ''] = context.path;
  context.params.check();
  const found = methodsInView(context).find((method) => method.id === id);
  if (found === undefined) throw missing('payout_method', id);
  return found;
}

export const accountRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/v1/account',
    permission: 'rak_accounts_kyc_basic_read',
    forAccounts: true,
    handle: retrieveOwn,
  },
  { method: 'GET', path: '/v1/accounts', permission: 'rak_accounts_kyc_basic_read', handle: list },
  { method: 'GET', path: '/v1/accounts/:id', permission: 'rak_accounts_kyc_basic_read', handle: retrieve },
  { method: 'GET', path: '/v2/core/accounts', permission: 'rak_v2_account_read', handle: listCore },
  { method: 'GET', path: '/v2/core/accounts/:id', permission: 'rak_v2_account_read', handle: retrieveCore },
  {
    method: 'GET',
    path: '/v2/money_management/payout_methods',
    permission: 'rak_payout_method_read',
    forAccounts: true,
    handle: listPayoutMethods,
  },
  {
    method: 'GET',
    path: '/v2/money_management/payout_methods/:id',
    permission: 'rak_payout_method_read',
    forAccounts: true,
    handle: retrievePayoutMethod,
  },
];
