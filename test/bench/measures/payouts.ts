/**
 * Payouts under Stripe's limit, 150 ms away: from intents on disk to outcomes on disk, through journal, rail, limiter and client.
 * Against the limit itself, and against a loop that makes one payout after the other with the `stripe` package.
 */
import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import path from 'node:path';
import Stripe from 'stripe';
import { listIntents, writeIntents } from '../../../electron/journal/journal';
import { sendIntents } from '../../../electron/journal/movement';
import { PAY_CONCURRENCY } from '../../../electron/services/stripe-transfer';
import { openStore } from '../../../electron/store/store';
import { API_VERSION } from '../../../electron/stripe/client';
import { compared, figure, inFolder, type Measure, type Result, type Sizes } from '../harness';
import { CONTROL, connect, journalOf, KEY, payout, startStripe } from '../paying';

const LATENCY_MS = 150;
const SEQUENTIAL_CALLS = 20;

export const payouts: Measure = {
  name: 'payouts',
  aims: {
    'payouts at 25/s: share of the limit': { of: 'value', least: 95 },
    'payouts at 25/s: answered 429': { of: 'value', most: 1 },
    'payouts at 25/s: duplicates': { of: 'value', most: 0 },
    'payouts at 100/s: share of the limit': { of: 'value', least: 95 },
    'payouts at 100/s: answered 429': { of: 'value', most: 1 },
    'payouts at 100/s: duplicates': { of: 'value', most: 0 },
    'database per payout': { of: 'value', most: 1_024 },
  },
  held: false,
  async run({ short }: Sizes) {
    const seconds = short ? 8 : 30;
    return [...(await atLimit(25, seconds)), ...(await atLimit(100, seconds))];
  },
};

function atLimit(limit: number, seconds: number): Promise<Result[]> {
  return inFolder(async (folder) => {
    const count = limit * seconds;
    const stripe = await startStripe(limit, LATENCY_MS, count);
    const store = openStore(path.join(folder, 'coffer.db'));
    let calls = 0;
    let refused = 0;
    const client = connect(stripe.url, limit, ({ status, method }) => {
      if (method !== 'POST') return;
      calls += 1;
      if (status === 429) refused += 1;
    });
    try {
      const context = await journalOf(store, client);
      const empty = statSync(store.path).size;
      const ids = await writeIntents(
        context,
        Array.from({ length: count }, (_, index) => payout(index)),
      );
      const started = performance.now();
      const cpu = process.cpuUsage();
      await sendIntents(context, ids, PAY_CONCURRENCY, CONTROL);
      const perSecond = count / ((performance.now() - started) / 1_000);
      const used = process.cpuUsage(cpu);
      const open = (await listIntents(store.db, { states: ['planned', 'sending', 'unknown', 'failed'] })).length;
      if (open > 0) throw new Error(`${open} payouts were not made`);
      const duplicates = await wronglyPaid(stripe.direct, count);
      const sequential = await sequentialRate(stripe.url, (await listIntents(store.db, {}))[0]?.request ?? '{}');
      const named = `payouts at ${limit}/s`;
      store.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      const bytes = (statSync(store.path).size - empty) / count;
      return [
        figure(`${named}: share of the limit`, (100 * perSecond) / limit, '%'),
        figure(`${named}: answered 429`, (100 * refused) / calls, '%'),
        figure(`${named}: duplicates`, duplicates, ''),
        figure(`${named}: processor time each`, (used.user + used.system) / 1_000 / count, 'ms'),
        compared(`${named}: time each`, 1_000 / perSecond, 'ms', 'loop over the stripe package', 1_000 / sequential),
        ...(limit === 100 ? [figure('database per payout', bytes, 'bytes')] : []),
      ];
    } finally {
      client.close();
      await store.close();
      stripe.process.disconnect();
    }
  });
}

/** Accounts that received anything but their one payout. */
async function wronglyPaid(url: string, count: number): Promise<number> {
  const answer = await fetch(`${url}/_sandbox/state`, { headers: { 'x-coffer-sandbox': '1' } });
  const { recipients } = (await answer.json()) as { recipients: Record<string, Record<string, string>> };
  const orders = Array.from({ length: count }, (_, index) => payout(index));
  return orders.filter(({ stripeAccount, amount }) => recipients[stripeAccount]?.usd !== String(amount)).length;
}

/** Calls per second of a plain loop. */
async function sequentialRate(url: string, request: string): Promise<number> {
  const { hostname, port } = new URL(url);
  const stripe = new Stripe(KEY, {
    apiVersion: API_VERSION,
    host: hostname,
    port: Number(port),
    protocol: 'http',
    telemetry: false,
  });
  const { path: called, params } = JSON.parse(request) as { path: string; params: Record<string, unknown> };
  const started = performance.now();
  for (let call = 0; call < SEQUENTIAL_CALLS; call += 1) {
    await stripe.rawRequest('POST', called, params, { idempotencyKey: randomUUID() });
  }
  return SEQUENTIAL_CALLS / ((performance.now() - started) / 1_000);
}
