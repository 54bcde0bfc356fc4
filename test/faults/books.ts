/**
 * Holds the store against the embedded Stripe's own books, item by item. Every sentence it returns is money lost, moved twice or
 * unexplained.
 */
import { Agent, type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { verifyChain } from '../../electron/journal/audit-chain';
import type { IntentKind } from '../../electron/journal/intent';
import { type Intent, isOpen, movementKind } from '../../electron/journal/intent';
import { listIntents } from '../../electron/journal/journal';
import { trialBalance } from '../../electron/ledger/ledger';
import { BalanceMonitor } from '../../electron/services/balance-monitoring';
import { openPlatform } from '../../electron/services/platform';
import type { Store } from '../../electron/store/store';

export const KEY = 'sk_test_faults00000000000000000';

type Amounts = Readonly<Record<string, string>>;

export interface StripeState {
  readonly payments: { readonly available: Amounts; readonly pending: Amounts };
  readonly storage: Readonly<Record<'available' | 'inbound_pending' | 'outbound_pending', Amounts>>;
  readonly recipients: Readonly<Record<string, Amounts>>;
}

const agent = new Agent({ keepAlive: true });

/** One request to the embedded Stripe, without the cost of `fetch`: the books are compared after every command. */
async function ask(
  url: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  body?: unknown,
): Promise<{ readonly ok: boolean; readonly answer: unknown }> {
  const sent = body === undefined ? '' : JSON.stringify(body);
  const reply = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request(
      url,
      { method, agent, headers: { ...headers, ...(sent === '' ? {} : { 'content-length': Buffer.byteLength(sent) }) } },
      resolve,
    );
    asked.on('error', reject);
    asked.end(sent);
  });
  const { statusCode = 0 } = reply;
  return { ok: statusCode >= 200 && statusCode < 300, answer: await json(reply) };
}

/** The embedded Stripe's own interface. */
export async function control(
  url: string,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<unknown> {
  const { ok, answer } = await ask(`${url}/_sandbox/${path}`, method, { 'x-coffer-sandbox': '1' }, body);
  if (!ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
  return answer;
}

export async function stripeState(url: string): Promise<StripeState> {
  return (await control(url, 'GET', 'state')) as StripeState;
}

async function list(url: string, path: string): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  for (let next: string | null = `${path}${path.includes('?') ? '&' : '?'}limit=100`; next !== null; ) {
    const { ok, answer } = await ask(new URL(next, url).href, 'GET', {
      authorization: `Bearer ${KEY}`,
      'stripe-version': '2026-10-28.endive',
    });
    const page = answer as {
      readonly data: Record<string, unknown>[];
      readonly has_more?: boolean;
      readonly next_page_url?: string | null;
    };
    if (!ok) throw new Error(`${path}: ${JSON.stringify(page)}`);
    items.push(...page.data);
    const last = page.data.at(-1);
    if (page.has_more === true && last !== undefined) next = `${path}?limit=100&starting_after=${String(last.id)}`;
    else next = page.next_page_url ?? null;
  }
  return items;
}

/** One object at Stripe that a movement of ours made. */
export interface Movement {
  readonly id: string;
  readonly kind: 'fund' | 'pay';
  readonly intent: string;
  readonly account: string;
  readonly period: string;
  readonly currency: string;
  readonly amount: bigint;
  /** Money left and stayed away. */
  readonly effective: boolean;
  /** It may still change. */
  readonly pending: boolean;
}

interface Metadata {
  readonly coffer_intent?: string;
  readonly coffer_period?: string;
}

export async function movementsAtStripe(url: string): Promise<Movement[]> {
  const movements: Movement[] = [];
  for (const row of (await list(url, '/v1/payouts')) as {
    id: string;
    amount: number;
    currency: string;
    status: string;
    metadata: Metadata;
  }[]) {
    movements.push({
      id: row.id,
      kind: 'fund',
      intent: row.metadata.coffer_intent ?? '',
      account: '',
      period: row.metadata.coffer_period ?? '',
      currency: row.currency,
      amount: BigInt(row.amount),
      effective: row.status !== 'failed' && row.status !== 'canceled',
      pending: row.status !== 'paid' && row.status !== 'failed' && row.status !== 'canceled',
    });
  }
  for (const row of (await list(url, '/v2/money_management/outbound_payments')) as {
    id: string;
    amount: { value: number; currency: string };
    to: { recipient: string };
    status: string;
    metadata: Metadata;
  }[]) {
    movements.push({
      id: row.id,
      kind: 'pay',
      intent: row.metadata.coffer_intent ?? '',
      account: row.to.recipient,
      period: row.metadata.coffer_period ?? '',
      currency: row.amount.currency,
      amount: BigInt(row.amount.value),
      effective: row.status === 'processing' || row.status === 'posted',
      pending: row.status === 'processing',
    });
  }
  for (const row of (await list(url, '/v1/transfers')) as {
    id: string;
    amount: number;
    currency: string;
    destination: string;
    reversed: boolean;
    metadata: Metadata;
  }[]) {
    movements.push({
      id: row.id,
      kind: 'pay',
      intent: row.metadata.coffer_intent ?? '',
      account: row.destination,
      period: row.metadata.coffer_period ?? '',
      currency: row.currency,
      amount: BigInt(row.amount),
      effective: !row.reversed,
      pending: false,
    });
  }
  return movements;
}

/** Transfers from Storage to Payments that a person, or the sandbox in their place, made in the dashboard. */
async function releasesAtStripe(url: string): Promise<Map<string, { currency: string; amount: bigint }>> {
  const { financial_account: account } = (await control(url, 'GET', 'state')) as { financial_account: string };
  const rows = (await list(url, `/v2/money_management/transactions?financial_account=${account}`)) as {
    id: string;
    category: string;
    amount: { value: number; currency: string };
  }[];
  return new Map(
    rows
      .filter((row) => row.category === 'outbound_transfer')
      .map((row) => [row.id, { currency: row.amount.currency, amount: -BigInt(row.amount.value) }]),
  );
}

export interface AuditOptions {
  /** Movements made outside Coffer on purpose, by their id at Stripe. */
  readonly outside?: ReadonlySet<string>;
  /** Some outcomes may still be open: only what is decided is held against Stripe. */
  readonly underWay?: boolean;
}

/** What does not fit between the store and Stripe; empty when every cent is where the books say. */
export async function compareBooks(store: Store, url: string, options: AuditOptions = {}): Promise<string[]> {
  const problems: string[] = [];
  const { db } = store;
  const outside = options.outside ?? new Set<string>();

  for (const [currency, total] of await trialBalance(db)) {
    if (total !== 0n) problems.push(`Debits and credits differ by ${total} ${currency}`);
  }
  const chain = await verifyChain(db);
  if (!chain.ok) problems.push(`The audit chain breaks at ${chain.brokenAt}`);
  const conserved = (await control(url, 'GET', 'conservation')) as { ok: boolean };
  if (!conserved.ok) problems.push('Stripe’s own books do not sum to zero');

  const intents = await listIntents(db, {});
  const byId = new Map(intents.map((intent) => [intent.intent_id, intent]));
  const movements = (await movementsAtStripe(url)).filter((one) => !outside.has(one.id));

  // Nothing twice.
  const objects = new Map<string, Movement[]>();
  const payments = new Map<string, Movement[]>();
  for (const one of movements) {
    objects.set(one.intent, [...(objects.get(one.intent) ?? []), one]);
    if (one.kind !== 'pay' || !one.effective) continue;
    const debt = `${one.period} ${one.account} ${one.currency}`;
    payments.set(debt, [...(payments.get(debt) ?? []), one]);
  }
  for (const [intent, made] of objects) {
    if (intent === '') problems.push(`${made.map((one) => one.id).join(', ')} at Stripe carries no intent`);
    else if (made.length > 1) problems.push(`Intent ${intent} was made ${made.length} times at Stripe`);
  }
  for (const [debt, made] of payments) {
    if (made.length > 1)
      problems.push(`Paid ${made.length} times: ${debt}, ${made.map((one) => one.amount).join(' + ')}`);
  }

  // Nothing unknown to us, nothing lost, the same amounts to the same accounts.
  for (const one of movements) {
    const intent = byId.get(one.intent);
    if (intent === undefined) {
      if (one.intent !== '') problems.push(`${one.id} at Stripe belongs to no intent of the journal`);
      continue;
    }
    if (intent.amount !== one.amount || intent.currency !== one.currency) {
      problems.push(
        `${one.id} moved ${one.amount} ${one.currency}, the journal says ${intent.amount} ${intent.currency}`,
      );
    }
    if (one.kind === 'pay' && intent.stripe_account !== one.account) {
      problems.push(`${one.id} went to ${one.account}, not to ${intent.stripe_account}`);
    }
    if (options.underWay === true && (isOpen(intent.state) || one.pending)) continue;
    const ours = intent.state === 'posted' || intent.state === 'compensated';
    if (one.effective && !ours && !(options.underWay === true && intent.state === 'returned')) {
      problems.push(`${one.id} moved money, the journal says ${intent.state}`);
    }
  }
  const releases = await releasesAtStripe(url);
  for (const intent of intents) problems.push(...(await intentProblems(intent, movements, releases, options)));
  for (const id of outside) releases.delete(id);
  for (const [id, { amount, currency }] of releases) {
    if (options.underWay === true) break;
    problems.push(`${amount} ${currency} was released (${id}), and no intent explains it`);
  }

  // One payout for each debt in the journal too.
  const live = new Set<string>();
  for (const intent of intents) {
    if (
      intent.kind !== 'pay' ||
      intent.state === 'failed' ||
      intent.state === 'returned' ||
      intent.state === 'canceled'
    )
      continue;
    const debt = `${intent.period} ${intent.creator_id} ${intent.currency}`;
    if (live.has(debt)) problems.push(`Two payouts stand for ${debt}`);
    live.add(debt);
  }
  return problems;
}

async function intentProblems(
  intent: Intent,
  movements: readonly Movement[],
  releases: Map<string, { currency: string; amount: bigint }>,
  options: AuditOptions,
): Promise<string[]> {
  const { state } = intent;
  const name = `${intent.kind} ${intent.intent_id} of ${intent.amount} ${intent.currency}`;
  if (isOpen(state)) return options.underWay === true ? [] : [`${name} is still ${state}`];
  if (state !== 'posted' && state !== 'compensated') return [];
  const kind = movementKind(intent.kind as IntentKind);
  if (intent.rail === 'earmark' && kind !== 'pay') return [];
  if (kind === 'release') {
    const made = releases.get(intent.stripe_object ?? '');
    releases.delete(intent.stripe_object ?? '');
    if (made === undefined) return [`${name} is ${state}, and nothing was released at Stripe`];
    const fits = made.amount === intent.amount && made.currency === intent.currency;
    return fits ? [] : [`${name}: Stripe released ${made.amount} ${made.currency}`];
  }
  const made = movements.find((one) => one.intent === intent.intent_id);
  if (made?.effective === true) return [];
  if (made !== undefined && options.underWay === true) return [];
  return [`${name} is ${state}, and nothing moved at Stripe`];
}

/** The coverage equation of every currency: its difference is the sum of what is named, and nothing is unexplained. */
export async function coverageProblems(storePath: string, url: string): Promise<string[]> {
  const problems: string[] = [];
  const platform = await openPlatform({
    storePath,
    mode: 'sandbox',
    baseUrl: url,
    key: async () => KEY,
    actor: () => 'Fault tests',
    publish: () => {},
  });
  try {
    if (platform.interrupted > 0) problems.push(`${platform.interrupted} movements were left in sending`);
    const { currencies, connection, connectionDetail } = await new BalanceMonitor(platform.context).poll();
    if (connection !== 'online') problems.push(`The balances could not be read: ${connectionDetail}`);
    for (const view of currencies) {
      const named = view.explained.reduce((total, part) => total + BigInt(part.amount), 0n);
      if (view.unexplained !== '0') problems.push(`Unexplained in ${view.currency}: ${view.unexplained}`);
      if (BigInt(view.difference) !== named + BigInt(view.unexplained)) {
        problems.push(`The coverage equation of ${view.currency} does not add up: ${view.difference} ≠ ${named}`);
      }
    }
    problems.push(...(await compareBooks(platform.store, url)));
  } finally {
    await platform.close();
  }
  return problems;
}
