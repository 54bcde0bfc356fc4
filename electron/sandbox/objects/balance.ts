import type { Place } from '../state/balances';
import type { PlatformRecord } from '../state/records';
import type { SandboxState } from '../state/state';
import { toStripeAmount, v2Amounts } from './amounts';

/** `GET /v1/balance`: of the platform, or of one connected account. */
export function renderBalance(state: SandboxState, account?: string) {
  const currencies = currenciesShown(state);
  const list = (place: Place) =>
    currencies.map((currency) => {
      const amount = toStripeAmount(state.balances.get(place, currency));
      return { amount, currency, source_types: { card: amount } };
    });
  const available: Place = account === undefined ? 'payments_available' : `recipient:${account}`;
  const none = currencies.map((currency) => ({ amount: 0, currency }));
  return {
    object: 'balance' as const,
    available: list(available),
    connect_reserved: none,
    livemode: false,
    pending:
      account === undefined ? list('payments_pending') : none.map((row) => ({ ...row, source_types: { card: 0 } })),
    refund_and_dispute_prefunding: { available: none, pending: none },
  };
}

/** The storage FinancialAccount with its three balances per currency, or a further one, which is empty. */
export function renderFinancialAccount(
  state: SandboxState,
  includeInsurance: boolean,
  further?: PlatformRecord['further_accounts'][number],
) {
  const { platform } = state;
  const held = platform.holds_currencies;
  const amounts = (place: Place) =>
    v2Amounts(held, (currency) => (further === undefined ? state.balances.get(place, currency) : 0n));
  return {
    id: further?.id ?? platform.financial_account,
    object: 'v2.money_management.financial_account' as const,
    balance: {
      available: amounts('storage_available'),
      inbound_pending: amounts('storage_inbound'),
      outbound_pending: amounts('storage_outbound'),
    },
    country: 'US',
    created: new Date(further?.created ?? platform.created).toISOString(),
    display_name: further?.name ?? platform.financial_account_name,
    livemode: false,
    metadata: further === undefined ? platform.financial_account_metadata : {},
    status: further?.status ?? platform.financial_account_status,
    storage: {
      holds_currencies: held,
      ...(includeInsurance
        ? {
            deposit_insurance_eligibility: [
              {
                bank_name: 'fifth_third',
                currencies: held.filter((currency) => currency === 'usd'),
                type: 'fdic_passthrough',
              },
            ],
          }
        : {}),
    },
    type: 'storage' as const,
  };
}

export function renderBalanceSettings(state: SandboxState) {
  const { platform } = state;
  return {
    object: 'balance_settings' as const,
    payments: {
      debit_negative_balances: platform.debit_negative_balances,
      payouts: {
        automatic_transfer_rules_by_currency:
          Object.keys(platform.transfer_rules).length === 0
            ? null
            : Object.fromEntries(
                Object.entries(platform.transfer_rules).map(([currency, rules]) => [
                  currency,
                  rules.map((rule) => ({
                    payout_method: rule.payout_method,
                    transfer_up_to_amount:
                      rule.transfer_up_to_amount === null ? null : toStripeAmount(BigInt(rule.transfer_up_to_amount)),
                    type: rule.type,
                  })),
                ]),
              ),
        minimum_balance_by_currency:
          Object.keys(platform.minimum_balances).length === 0
            ? null
            : Object.fromEntries(
                Object.entries(platform.minimum_balances).map(([currency, amount]) => [
                  currency,
                  toStripeAmount(BigInt(amount)),
                ]),
              ),
        schedule: {
          interval: platform.payout_interval,
          ...(platform.payout_interval === 'monthly' ? { monthly_payout_days: platform.monthly_payout_days } : {}),
          ...(platform.payout_interval === 'weekly' ? { weekly_payout_days: platform.weekly_payout_days } : {}),
        },
        statement_descriptor: platform.statement_descriptor,
        status: 'enabled',
      },
      settlement_timing: {
        delay_days: platform.delay_days_override ?? 2,
        ...(platform.delay_days_override === null ? {} : { delay_days_override: platform.delay_days_override }),
        start_of_day: null,
      },
    },
  };
}

function currenciesShown(state: SandboxState): string[] {
  return [...new Set([...state.platform.holds_currencies, ...state.balances.currencies()])].sort();
}
