import Stripe from 'stripe';
import {
  type EmbeddedStripe,
  type EmbeddedStripeOptions,
  type SandboxSeed,
  startEmbeddedStripe,
} from '../../electron/sandbox';

export const KEY = 'sk_test_sandboxKey1234';
export const DAY = 86_400;

export function seedOf(change: Partial<SandboxSeed> = {}): SandboxSeed {
  return {
    payments_available: { usd: 1_000_000, eur: '500000', jpy: 90_000 },
    payments_pending: { usd: 20_000 },
    storage_available: { usd: 0 },
    accounts: [
      { id: 'acct_anna', display_name: 'Anna', payouts_enabled: true },
      { id: 'acct_ben', display_name: 'Ben', payouts_enabled: true },
      { id: 'acct_blocked', payouts_enabled: false },
    ],
    ...change,
  };
}

export function clientOf(port: number, key = KEY): Stripe {
  return new Stripe(key, { host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 0, telemetry: false });
}

export interface Bench {
  server: EmbeddedStripe;
  stripe: Stripe;
  /** Id of the storage financial account. */
  storage: string;
  control: (method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown) => Promise<Record<string, unknown>>;
  /** Available, inbound and outbound of Storage, and available of Payments, in minor units. */
  balances: (
    currency?: string,
  ) => Promise<{ payments: number; pending: number; storage: number; inbound: number; outbound: number }>;
  close: () => Promise<void>;
}

export async function controlOf(
  url: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${url}/_sandbox/${path}`, {
    method,
    headers: { 'x-coffer-sandbox': '1' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const json: Record<string, unknown> = await response.json();
  return { status: response.status, body: json };
}

export async function startBench(options: Partial<EmbeddedStripeOptions> = {}): Promise<Bench> {
  const server = await startEmbeddedStripe({ seed: seedOf(), ...options });
  const stripe = clientOf(server.port);
  const control: Bench['control'] = async (method, path, body) => {
    const answer = await controlOf(server.url, method, path, body);
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const state = await control('GET', 'state');
  const storage = String(state.financial_account);
  return {
    server,
    stripe,
    storage,
    control,
    balances: async (currency = 'usd') => {
      const [balance, account] = [
        await stripe.balance.retrieve(),
        await stripe.v2.moneyManagement.financialAccounts.retrieve(storage),
      ];
      const of = (list: { amount: number; currency: string }[]) =>
        list.find((row) => row.currency === currency)?.amount ?? 0;
      return {
        payments: of(balance.available),
        pending: of(balance.pending),
        storage: account.balance.available[currency]?.value ?? 0,
        inbound: account.balance.inbound_pending[currency]?.value ?? 0,
        outbound: account.balance.outbound_pending[currency]?.value ?? 0,
      };
    },
    close: () => server.close(),
  };
}

/** The error a call ends with; fails the test when it succeeds. */
export async function errorOf(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return error;
    throw error;
  }
  throw new Error('The call succeeded');
}

export function fund(bench: Bench, amount: number, currency = 'usd', options: Stripe.RequestOptions = {}) {
  return bench.stripe.payouts.create({ amount, currency, payout_method: bench.storage }, options);
}

export function pay(
  bench: Bench,
  recipient: string,
  value: number,
  currency = 'usd',
  options: Stripe.RequestOptions = {},
) {
  return bench.stripe.v2.moneyManagement.outboundPayments.create(
    {
      amount: { value, currency },
      from: { financial_account: bench.storage, currency },
      to: { recipient },
      description: 'October earnings',
      metadata: { coffer_intent: 'intent-1' },
    },
    options,
  );
}
