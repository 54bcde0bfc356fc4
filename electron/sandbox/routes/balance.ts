import type { RequestContext, Route } from '../http/context';
import { invalid, missing, refused } from '../http/errors';
import { createdV1, listV1 } from '../http/paging';
import type { Params } from '../http/params';
import { renderBalance, renderBalanceSettings } from '../objects/balance';
import { renderBalanceTransaction } from '../objects/movements';
import { emit } from '../operations/events';
import type { BalanceTransactionRecord, PlatformRecord } from '../state/records';

const INTERVALS = ['manual', 'daily', 'weekly', 'monthly'] as const;
const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'] as const;
const RULE_TYPES = ['transfer_all', 'transfer_up_to_amount'] as const;

function updateSettings({ work, params }: RequestContext): unknown {
  const { state } = work;
  const payments = params.object('payments');
  const payouts = payments?.object('payouts');
  const schedule = payouts?.object('schedule');
  const timing = payments?.object('settlement_timing');
  const before = state.platform;
  const delay = timing?.cleared('delay_days_override') ? null : timing?.integer('delay_days_override', { min: 0n });
  const days = schedule?.texts('monthly_payout_days')?.map(Number);
  const after: PlatformRecord = {
    ...before,
    payout_interval: schedule?.oneOf('interval', INTERVALS) ?? before.payout_interval,
    weekly_payout_days: schedule?.manyOf('weekly_payout_days', WEEKDAYS) ?? before.weekly_payout_days,
    monthly_payout_days: days ?? before.monthly_payout_days,
    transfer_rules: readRules(payouts, before),
    minimum_balances: readMinimums(payouts, before),
    statement_descriptor: payouts?.text('statement_descriptor', { max: 22 }) ?? before.statement_descriptor,
    debit_negative_balances: payments?.boolean('debit_negative_balances') ?? before.debit_negative_balances,
    delay_days_override: delay === undefined ? before.delay_days_override : delay === null ? null : Number(delay),
  };
  if (days?.some((day) => !Number.isInteger(day) || day < 1 || day > 31)) {
    params.fail(invalid(undefined, 'Days of the month are whole numbers from 1 to 31.', 'payments[payouts][schedule]'));
  }
  params.check();
  state.platforms.put(after);
  const settings = renderBalanceSettings(state);
  emit(work, 'balance_settings.updated', settings);
  return settings;
}

function readRules(payouts: Params | undefined, before: PlatformRecord): PlatformRecord['transfer_rules'] {
  const name = 'automatic_transfer_rules_by_currency';
  if (payouts === undefined || !payouts.has(name)) return before.transfer_rules;
  if (payouts.cleared(name)) return {};
  const map = payouts.object(name);
  const rules = { ...before.transfer_rules };
  for (const currency of map?.names() ?? []) {
    if (map?.cleared(currency)) {
      delete rules[currency];
      continue;
    }
    rules[currency] = (map?.objects(currency) ?? []).map((rule) => ({
      payout_method: rule.requiredText('payout_method'),
      type: rule.oneOf('type', RULE_TYPES) ?? rule.requiredText('type'),
      transfer_up_to_amount: rule.integer('transfer_up_to_amount', { min: 1n })?.toString() ?? null,
    }));
  }
  return rules;
}

function readMinimums(payouts: Params | undefined, before: PlatformRecord): PlatformRecord['minimum_balances'] {
  const name = 'minimum_balance_by_currency';
  if (payouts === undefined || !payouts.has(name)) return before.minimum_balances;
  if (payouts.cleared(name)) return {};
  const map = payouts.object(name);
  const minimums = { ...before.minimum_balances };
  for (const currency of map?.names() ?? []) {
    if (map?.cleared(currency)) delete minimums[currency];
    else minimums[currency] = map?.requiredInteger(currency, { min: 0n }).toString() ?? '0';
  }
  return minimums;
}

function listBalanceTransactions(context: RequestContext): unknown {
  const { balanceTransactions } = context.work.state;
  return listV1(
    context,
    balanceTransactions,
    'balance_transaction',
    (params) => {
      const source = params.text('source');
      const type = params.text('type');
      const currency = params.currency('currency');
      const payout = params.text('payout');
      // The narrowest index first. `payout` is for automatic payouts only, of which the sandbox makes none.
      const positions =
        source !== undefined
          ? balanceTransactions.positionsBy('source', source)
          : type !== undefined
            ? balanceTransactions.positionsBy('type', type)
            : currency !== undefined
              ? balanceTransactions.positionsBy('currency', currency)
              : undefined;
      return {
        positions: payout === undefined ? positions : [],
        created: createdV1(params),
        matches: (row: BalanceTransactionRecord) =>
          (type === undefined || row.type === type) && (currency === undefined || row.currency === currency),
      };
    },
    renderBalanceTransaction,
  );
}

function retrieveBalance({ work, params, account }: RequestContext): unknown {
  params.check();
  if (account !== undefined && work.state.accounts.get(account) === undefined) {
    throw refused('account_invalid', `No such connected account: ${account}`);
  }
  return renderBalance(work.state, account);
}

function retrieveSettings({ work, params }: RequestContext): unknown {
  params.check();
  return renderBalanceSettings(work.state);
}

function retrieveBalanceTransaction({ work, params, path: [id = ''] }: RequestContext): unknown {
  params.check();
  const row = work.state.balanceTransactions.get(id);
  if (row === undefined) throw missing('balance_transaction', id);
  return renderBalanceTransaction(row);
}

export const balanceRoutes: readonly Route[] = [
  { method: 'GET', path: '/v1/balance', permission: 'rak_balance_read', forAccounts: true, handle: retrieveBalance },
  { method: 'GET', path: '/v1/balance_settings', permission: 'rak_balance_settings_read', handle: retrieveSettings },
  { method: 'POST', path: '/v1/balance_settings', permission: 'rak_balance_settings_write', handle: updateSettings },
  {
    method: 'GET',
    path: '/v1/balance_transactions',
    permission: 'rak_balance_transaction_read',
    handle: listBalanceTransactions,
  },
  {
    method: 'GET',
    path: '/v1/balance_transactions/:id',
    permission: 'rak_balance_transaction_read',
    handle: retrieveBalanceTransaction,
  },
];
