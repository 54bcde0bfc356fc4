/** What measures that pay share: the embedded Stripe at a distance, orders, and a journal with the real rail and client. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { JournalContext } from '../../electron/journal/journal';
import type { SendControl } from '../../electron/journal/movement';
import { timeOrderedId } from '../../electron/journal/time-ordered-id';
import { createRail } from '../../electron/rails';
import type { Store } from '../../electron/store/store';
import { createStripeClient, type ObservedResponse, type StripeClient } from '../../electron/stripe/client';
import { createLimiter } from '../../electron/stripe/limiter';
import { currency } from '../../shared/money/money';

export const KEY = 'sk_test_bench000000000000000000';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export const CONTROL: SendControl = { shouldStop: () => false, onSettled: () => {}, sleep };

export function connect(url: string, limit: number, onResponse?: (response: ObservedResponse) => void): StripeClient {
  return createStripeClient({
    key: KEY,
    baseUrl: url,
    limiter: createLimiter({
      limits: { perSecond: limit, perEndpoint: limit, concurrency: 60 },
      now: () => performance.now(),
      sleep,
    }),
    now: Date.now,
    ...(onResponse === undefined ? {} : { onResponse }),
  });
}

export async function journalOf(store: Store, client: StripeClient): Promise<JournalContext> {
  return {
    store,
    rail: await createRail('financial-account', client, { storageAccount: null }),
    mode: 'sandbox',
    now: () => new Date(),
    newId: timeOrderedId,
    actor: () => 'Bench',
    checkpoint: async () => {},
  };
}

export function payout(index: number) {
  const account = `acct_bench${String(index).padStart(8, '0')}`;
  return {
    kind: 'pay' as const,
    run: 'pay:2026-10',
    batch: '2026-10-1',
    subject: `pay:2026-10:${account}:usd`,
    period: '2026-10',
    creatorId: `creator_${index}`,
    currency: currency('usd'),
    amount: BigInt(2_500 + (index % 10_000)),
    stripeAccount: account,
    description: 'Creator earnings 2026-10',
    approvedHash: null,
    retryOf: null,
  };
}

export interface DelayedStripe {
  readonly process: ChildProcess;
  readonly url: string;
  /** Without the delay. */
  readonly direct: string;
}

/** @param limit requests a second @param latency milliseconds of the way there and back */
export function startStripe(limit: number, latency: number, accounts: number): Promise<DelayedStripe> {
  const file = fileURLToPath(new URL('./delaying-stripe.ts', import.meta.url));
  return new Promise((resolve, reject) => {
    const child = fork(file, [limit, latency, accounts].map(String));
    child.once('message', (message) => resolve({ process: child, ...(message as { url: string; direct: string }) }));
    child.once('error', reject);
    child.once('exit', () => reject(new Error('The embedded Stripe ended')));
  });
}
