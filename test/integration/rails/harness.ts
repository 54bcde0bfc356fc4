import { randomUUID } from 'node:crypto';
import { afterEach } from 'vitest';
import { createRail, type MovementKind, type RailName, type StoredMovement } from '../../../electron/rails';
import { type EmbeddedStripe, type SandboxSeed, startEmbeddedStripe } from '../../../electron/sandbox';
import { createStripeClient } from '../../../electron/stripe/client';
import { createLimiter, type Limits } from '../../../electron/stripe/limiter';
import { currency } from '../../../shared/money/money';

export const USD = currency('usd');
export const EUR = currency('eur');
export const KEY = 'rk_test_integration00';
const UNLIMITED: Limits = { perSecond: 10_000, perEndpoint: 10_000, concurrency: 50 };
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export const SEED: SandboxSeed = {
  payments_available: { usd: 100_000, eur: 50_000 },
  storage_available: { usd: 20_000, eur: 0 },
  accounts: [
    { id: 'acct_ada', display_name: 'Ada', payouts_enabled: true },
    { id: 'acct_bea', display_name: 'Bea', payouts_enabled: true },
    { id: 'acct_off', display_name: 'Otto', payouts_enabled: false },
  ],
};

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

export interface WorldOptions {
  readonly rail?: RailName;
  readonly seed?: SandboxSeed;
  readonly settlementDelayMs?: number;
  readonly key?: string;
  readonly timeoutMs?: number;
  readonly limits?: Limits;
  readonly rateLimit?: { perSecond: number; perEndpoint: number };
}

/** An embedded Stripe of its own, a client and a rail over it. */
export async function world(options: WorldOptions = {}) {
  const stripe: EmbeddedStripe = await startEmbeddedStripe({
    seed: options.seed ?? SEED,
    settlementDelayMs: options.settlementDelayMs ?? 0,
    rateLimit: options.rateLimit ?? null,
  });
  open.push(() => stripe.close());
  const statuses: (number | null)[] = [];
  const posts: string[] = [];
  const client = createStripeClient({
    key: options.key ?? KEY,
    baseUrl: stripe.url,
    limiter: createLimiter({ limits: options.limits ?? UNLIMITED, now: Date.now, sleep }),
    now: Date.now,
    sleep: async () => {},
    timeoutMs: options.timeoutMs ?? 3_000,
    onResponse: ({ method, endpoint, status }) => {
      statuses.push(status);
      if (method === 'POST') posts.push(endpoint);
    },
  });
  open.push(() => client.close());
  const rail = await createRail(options.rail ?? 'financial-account', client);
  return { stripe, client, rail, statuses, posts, sandbox: control(stripe.url) };
}

function control(url: string) {
  return async (method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${url}/_sandbox/${path}`, {
      method,
      headers: { 'x-coffer-sandbox': '1', 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    return answer;
  };
}

type World = Awaited<ReturnType<typeof world>>;

/** A movement as the journal would have written it down. */
export function movement(
  { rail }: Pick<World, 'rail'>,
  kind: MovementKind,
  amount: bigint,
  more: { currency?: typeof USD; to?: string; createdAt?: Date } = {},
): StoredMovement {
  const order = {
    intentId: randomUUID(),
    kind,
    currency: more.currency ?? USD,
    amount,
    stripeAccount: kind === 'pay' ? (more.to ?? 'acct_ada') : null,
    description: `${kind} 2026-10`,
    period: '2026-10',
  };
  return {
    order,
    // Through JSON, as it comes back from the store.
    request: JSON.parse(JSON.stringify(rail.prepare(order))),
    idempotencyKey: `coffer-${order.intentId}`,
    stripeObject: null,
    createdAt: more.createdAt ?? new Date(),
  };
}

export async function usd({ rail }: Pick<World, 'rail'>) {
  const found = (await rail.balances()).find((balance) => balance.currency === USD);
  if (found === undefined) throw new Error('No usd balance');
  return found;
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = [];
  for await (const item of items) read.push(item);
  return read;
}
