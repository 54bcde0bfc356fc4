import { toTimestamp, toUnixSeconds } from '../clock';
import type { AccountRecord, PlatformRecord } from '../state/records';

type V1Capability = 'active' | 'inactive' | 'pending';

interface V1AccountFields {
  id: string;
  created: number;
  display_name: string | null;
  email: string | null;
  country: string;
  type: 'none' | 'standard';
  capabilities: Record<string, V1Capability>;
  payouts_enabled: boolean;
  charges_enabled: boolean;
  disabled_reason: AccountRecord['disabled_reason'];
  currently_due: readonly string[];
  metadata: Readonly<Record<string, string>>;
}

/** A connected account as `GET /v1/accounts` shows it. */
export function renderAccount(account: AccountRecord) {
  return v1Account({
    ...account,
    type: 'none',
    charges_enabled: false,
    capabilities: { transfers: account.transfers },
  });
}

/** The platform's own account: `GET /v1/account`. */
export function renderPlatformAccount(platform: PlatformRecord) {
  return v1Account({
    id: platform.account,
    created: platform.created,
    display_name: 'Coffer sandbox',
    email: 'finance@sandbox.example',
    country: 'US',
    type: 'standard',
    charges_enabled: true,
    payouts_enabled: true,
    capabilities: { card_payments: 'active', transfers: 'active' },
    disabled_reason: null,
    currently_due: [],
    metadata: {},
  });
}

function v1Account(fields: V1AccountFields) {
  const due = [...fields.currently_due];
  const nothingDue = {
    alternatives: [],
    current_deadline: null,
    currently_due: [],
    disabled_reason: null,
    errors: [],
    eventually_due: [],
    past_due: [],
    pending_verification: [],
  };
  return {
    id: fields.id,
    object: 'account' as const,
    business_profile: {
      annual_revenue: null,
      estimated_worker_count: null,
      mcc: null,
      minority_owned_business_designation: null,
      name: fields.display_name,
      product_description: null,
      specified_commercial_transactions_act_url: null,
      support_address: null,
      support_email: null,
      support_phone: null,
      support_url: null,
      url: null,
    },
    business_type: 'individual',
    capabilities: fields.capabilities,
    charges_enabled: fields.charges_enabled,
    controller: {
      fees: { payer: 'application' },
      is_controller: true,
      losses: { payments: 'application' },
      requirement_collection: 'stripe',
      stripe_dashboard: { type: 'express' },
      type: fields.type === 'standard' ? 'account' : 'application',
    },
    country: fields.country,
    created: toUnixSeconds(fields.created),
    default_currency: 'usd',
    details_submitted: true,
    email: fields.email,
    external_accounts: {
      object: 'list' as const,
      data: [],
      has_more: false,
      url: `/v1/accounts/${fields.id}/external_accounts`,
    },
    future_requirements: nothingDue,
    groups: { payments_pricing: null },
    metadata: fields.metadata,
    payouts_enabled: fields.payouts_enabled,
    requirements: {
      ...nothingDue,
      currently_due: due,
      disabled_reason: fields.disabled_reason,
      eventually_due: due,
      past_due: fields.disabled_reason === 'requirements.past_due' ? due : [],
    },
    settings: {
      branding: { icon: null, logo: null, primary_color: null, secondary_color: null },
      card_payments: {
        statement_descriptor_prefix: null,
        statement_descriptor_prefix_kana: null,
        statement_descriptor_prefix_kanji: null,
      },
      dashboard: { display_name: fields.display_name, timezone: 'Etc/UTC' },
      payments: {
        statement_descriptor: null,
        statement_descriptor_kana: null,
        statement_descriptor_kanji: null,
        statement_descriptor_prefix_kana: null,
        statement_descriptor_prefix_kanji: null,
      },
      payouts: {
        debit_negative_balances: true,
        schedule: { delay_days: 2, interval: 'manual' },
        statement_descriptor: null,
      },
    },
    tos_acceptance: { date: toUnixSeconds(fields.created), ip: null, user_agent: null },
    type: fields.type,
  };
}

const BANK_ACCOUNT_RAILS = ['ach', 'fedwire', 'local'] as const;

/** The parts of a v2 account that are left out unless the caller asks for them. */
export const V2_INCLUDES = [
  'configuration.customer',
  'configuration.merchant',
  'configuration.recipient',
  'defaults',
  'future_requirements',
  'identity',
  'requirements',
] as const;

/** A connected account as v2 shows it. Parts that are not asked for are absent. */
export function renderCoreAccount(account: AccountRecord, include: readonly string[]) {
  const capability = (status: AccountRecord['bank_accounts']) => ({
    status,
    status_details: status === 'active' ? [] : [{ code: detailOf(status), resolution: 'provide_info' as const }],
  });
  return {
    id: account.id,
    object: 'v2.core.account' as const,
    applied_configurations: ['recipient' as const],
    closed: false,
    ...(include.some((part) => part.startsWith('configuration.'))
      ? {
          configuration: include.includes('configuration.recipient')
            ? {
                recipient: {
                  applied: true,
                  capabilities: {
                    bank_accounts: Object.fromEntries(
                      BANK_ACCOUNT_RAILS.map((rail) => [rail, capability(account.bank_accounts)]),
                    ),
                    cards: capability(account.cards),
                    stripe_balance: {
                      payouts: capability(account.payouts_enabled ? 'active' : 'restricted'),
                      stripe_transfers: capability(account.transfers === 'inactive' ? 'restricted' : account.transfers),
                    },
                  },
                },
              }
            : {},
        }
      : {}),
    ...(account.email === null ? {} : { contact_email: account.email }),
    created: toTimestamp(account.created),
    dashboard: 'express' as const,
    ...(include.includes('defaults')
      ? {
          defaults: {
            currency: 'usd',
            locales: [],
            responsibilities: {
              fees_collector: 'application' as const,
              losses_collector: 'application' as const,
              requirements_collector: 'stripe' as const,
            },
          },
        }
      : {}),
    ...(account.display_name === null ? {} : { display_name: account.display_name }),
    ...(include.includes('future_requirements') ? { future_requirements: { entries: [] } } : {}),
    ...(include.includes('identity')
      ? { identity: { country: account.country.toLowerCase(), entity_type: 'individual' as const } }
      : {}),
    livemode: false,
    metadata: account.metadata,
    ...(include.includes('requirements')
      ? {
          requirements: {
            entries: account.currently_due.map((description) => ({
              awaiting_action_from: 'user' as const,
              description,
              errors: [],
              impact: { restricts_capabilities: [] },
              minimum_deadline: { status: 'past_due' as const },
              requested_reasons: [{ code: 'routine_onboarding' as const }],
            })),
            summary: account.currently_due.length === 0 ? {} : { minimum_deadline: { status: 'past_due' as const } },
          },
        }
      : {}),
  };
}

function detailOf(status: Exclude<AccountRecord['bank_accounts'], 'active'>) {
  switch (status) {
    case 'pending':
      return 'determining_status' as const;
    case 'rejected':
      return 'rejected_other' as const;
    case 'restricted':
      return 'requirements_past_due' as const;
    case 'unsupported':
      return 'unsupported_business' as const;
  }
}

/** Every recipient has one bank account on file, and a card if its card capability is active. */
export function payoutMethodsOf(account: AccountRecord): { id: string; type: 'bank_account' | 'card' }[] {
  const tail = account.id.replace(/^acct_/, '');
  return [
    { id: `usba_test_${tail}`, type: 'bank_account' },
    ...(account.cards === 'active' ? [{ id: `card_test_${tail}`, type: 'card' as const }] : []),
  ];
}

export function renderPayoutMethod(
  method: { id: string; type: 'bank_account' | 'card' },
  holder: { created: number; eligible: boolean; currencies: readonly string[] },
) {
  return {
    id: method.id,
    object: 'v2.money_management.payout_method' as const,
    archived: false,
    ...(method.type === 'bank_account'
      ? {
          bank_account: {
            bank_account_type: 'checking' as const,
            bank_name: 'STRIPE TEST BANK',
            country: 'US',
            last4: '6789',
            routing_number: '110000000',
            supported_currencies: [...holder.currencies],
          },
        }
      : {
          card: {
            exp_month: '12',
            exp_year: '2034',
            fingerprint: `fp_${method.id}`,
            last4: '4242',
            supported_currencies: [...holder.currencies],
          },
        }),
    created: toTimestamp(holder.created),
    livemode: false,
    restricted: !holder.eligible,
    type: method.type,
    usage_status: holder.eligible
      ? { payments: 'eligible' as const, transfers: 'ineligible' as const }
      : { payments: 'requires_action' as const, transfers: 'ineligible' as const },
  };
}
