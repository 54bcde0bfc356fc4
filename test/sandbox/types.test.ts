/**
 * Every reply of every route, as it goes over the wire, is a value of the type that the `stripe` package promises for it. The
 * compiler itself says so: the JSON is written as literals of those types, so that a field that is missing, is null where it
 * may not be, has another type or word than the package names, or is unknown to the package, is an error, at any depth.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Router } from '../../electron/sandbox/http/router';
import { routes } from '../../electron/sandbox/routes';
import { type Bench, KEY, startBench } from './harness';

const root = fileURLToPath(new URL('../..', import.meta.url));

let bench: Bench;
beforeAll(async () => {
  bench = await startBench({ settlementDelayMs: 0 });
});
afterAll(() => bench.close());

const V1 = 'Stripe.';
const MONEY = 'Stripe.V2.MoneyManagement.';
/** The type of what a route answers; of the items where it answers a list. */
const TYPES: Readonly<Record<string, string>> = {
  '/v1/account': `${V1}Account`,
  '/v1/accounts': `${V1}Account`,
  '/v1/balance': `${V1}Balance`,
  '/v1/balance_settings': `${V1}BalanceSettings`,
  '/v1/balance_transactions': `${V1}BalanceTransaction`,
  '/v1/charges': `${V1}Charge`,
  '/v1/refunds': `${V1}Refund`,
  '/v1/disputes': `${V1}Dispute`,
  '/v1/topups': `${V1}Topup`,
  '/v1/events': `${V1}Event`,
  '/v2/core/events':
    "(Stripe.V2.Core.Event extends infer E ? (E extends { type: string } ? Omit<E, 'fetchRelatedObject' | 'fetchEvent'> : never) : never)",
  '/v1/payouts': `${V1}Payout`,
  '/v1/payouts/:id/cancel': `${V1}Payout`,
  '/v1/payouts/:id/reverse': `${V1}Payout`,
  '/v1/transfers': `${V1}Transfer`,
  '/v1/transfers/:id/reversals': `${V1}TransferReversal`,
  '/v1/transfers/:id/reversals/:reversal': `${V1}TransferReversal`,
  '/v2/core/accounts': `${V1}V2.Core.Account`,
  '/v2/money_management/financial_accounts': `${MONEY}FinancialAccount`,
  '/v2/money_management/outbound_payments': `${MONEY}OutboundPayment`,
  '/v2/money_management/outbound_payments/:id/cancel': `${MONEY}OutboundPayment`,
  '/v2/money_management/received_credits': `${MONEY}ReceivedCredit`,
  '/v2/money_management/transactions': `${MONEY}Transaction`,
  '/v2/money_management/transaction_entries': `${MONEY}TransactionEntry`,
  '/v2/money_management/payout_methods': `${MONEY}PayoutMethod`,
  '/v2/money_management/inbound_transfers': `${MONEY}InboundTransfer`,
};
/** Routes that only ever refuse. */
const REFUSES: ReadonlySet<string> = new Set(['POST /v2/money_management/inbound_transfers']);

function typeOf(route: string): string {
  const type = TYPES[route] ?? TYPES[route.replace(/\/:[a-z]+$/, '')];
  if (type === undefined) throw new Error(`No type is named for ${route}`);
  return type;
}

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
interface Seen {
  readonly type: string;
  readonly value: Json;
  readonly where: string;
}

const router = new Router(routes);
const seen: Seen[] = [];
const answered = new Set<string>();

/** One request; its reply is kept to be compared. */
async function call(method: string, target: string, body?: Record<string, Json>, account?: string): Promise<Json> {
  const [pathname = ''] = target.split('?');
  const v2 = pathname.startsWith('/v2/');
  const found = router.match(method, pathname);
  if (found === undefined) throw new Error(`No route for ${method} ${pathname}`);
  const response = await fetch(`${bench.server.url}${target}`, {
    method,
    headers: {
      authorization: `Bearer ${KEY}`,
      'content-type': v2 ? 'application/json' : 'application/x-www-form-urlencoded',
      ...(account === undefined ? {} : { [v2 ? 'stripe-context' : 'stripe-account']: account }),
    },
    ...(body === undefined ? {} : { body: v2 ? JSON.stringify(body) : form(body) }),
  });
  const reply: Json = await response.json();
  const route = `${method} ${found.route.path}`;
  if (REFUSES.has(route)) {
    expect(response.status).toBe(400);
    answered.add(route);
    return reply;
  }
  if (response.status !== 200) throw new Error(`${method} ${target}: ${JSON.stringify(reply)}`);
  answered.add(route);
  const type = typeOf(found.route.path);
  const items = itemsOf(reply);
  if (items === undefined) seen.push({ type, value: reply, where: `${method} ${target}` });
  else items.forEach((value, index) => void seen.push({ type, value, where: `${method} ${target} [${index}]` }));
  return reply;
}

/** Of a list, v1 or v2, whose envelope is checked on the way. */
function itemsOf(reply: Json): Json[] | undefined {
  if (typeof reply !== 'object' || reply === null || Array.isArray(reply) || !Array.isArray(reply.data))
    return undefined;
  const names = Object.keys(reply).sort().join();
  expect(['data,has_more,object,url', 'data,next_page_url,previous_page_url']).toContain(names);
  return reply.data;
}

function form(body: Record<string, Json>, prefix = ''): string {
  return Object.entries(body)
    .map(([name, value]) => {
      const full = prefix === '' ? name : `${prefix}[${name}]`;
      if (typeof value !== 'object' || value === null) return `${full}=${encodeURIComponent(String(value))}`;
      return form(Object.fromEntries(Object.entries(value)), full);
    })
    .join('&');
}

const idOf = (reply: Json): string =>
  typeof reply === 'object' && reply !== null && !Array.isArray(reply) ? String(reply.id) : '';

/** Everything there can be: made, settled, failed, returned, cancelled, reversed, refunded, disputed. */
async function everythingThatCanBe(): Promise<void> {
  const { control, storage } = bench;
  await control('POST', 'accounts', { id: 'acct_limited', payouts_enabled: false, bank_accounts: 'restricted' });
  await control('POST', 'financial_accounts', { display_name: 'Reserve' });
  await control('POST', 'topups', { amount: 5_000, currency: 'usd' });
  const charge = await control('POST', 'charges', {
    amount: 9_000,
    currency: 'usd',
    customer: 'cus_1',
    fee: 300,
    available_in_seconds: 0,
  });
  await control('POST', 'charges', { amount: 700, currency: 'jpy' });
  const disputed = await control('POST', 'charges', { amount: 4_000, currency: 'usd', available_in_seconds: 0 });
  await control('POST', 'refunds', { charge: charge.id, amount: 1_000, reason: 'requested_by_customer' });
  await control('POST', 'disputes', { charge: disputed.id, amount: 4_000, fee: 1_500 });

  const funded = await call('POST', '/v1/payouts', { amount: 90_000, currency: 'usd', payout_method: storage });
  await call('GET', '/v1/balance');
  await call('POST', `/v1/payouts/${idOf(funded)}`, { metadata: { coffer_intent: 'i1' } });
  const outside = await call('POST', '/v1/payouts', { amount: 2_000, currency: 'usd' });
  await call('GET', '/v1/balance');
  await call('POST', `/v1/payouts/${idOf(outside)}/reverse`, {});
  await control('POST', 'faults', { kind: 'payout_fail_later', method: 'POST', path: '/v1/payouts' });
  await call('POST', '/v1/payouts', { amount: 700, currency: 'usd', payout_method: storage });
  await control('POST', 'faults', { kind: 'payout_return_later', method: 'POST', path: '/v1/payouts' });
  await call('POST', '/v1/payouts', { amount: 800, currency: 'usd', payout_method: storage });

  const transfer = await call('POST', '/v1/transfers', { amount: 3_000, currency: 'usd', destination: 'acct_anna' });
  await call('POST', `/v1/transfers/${idOf(transfer)}`, { description: 'October' });
  const reversal = await call('POST', `/v1/transfers/${idOf(transfer)}/reversals`, { amount: 500 });
  await call('GET', `/v1/transfers/${idOf(transfer)}/reversals`);
  await call('GET', `/v1/transfers/${idOf(transfer)}/reversals/${idOf(reversal)}`);

  const order = (value: number) => ({
    amount: { value, currency: 'usd' },
    from: { financial_account: storage, currency: 'usd' },
    to: { recipient: 'acct_anna' },
    description: 'October earnings',
    metadata: { coffer_intent: 'i2' },
  });
  const payments = '/v2/money_management/outbound_payments';
  await call('POST', payments, order(1_000));
  const back = await call('POST', payments, order(1_100));
  await control('POST', 'faults', { kind: 'payout_fail_later', method: 'POST', path: payments });
  await call('POST', payments, order(1_200));
  await call('GET', '/v1/balance');
  await call('GET', '/v1/balance');
  await control('POST', `outbound_payments/${idOf(back)}/return`, { reason: 'payout_method_closed' });
  await control('POST', 'dashboard/transfer', { from: 'storage', to: 'payments', amount: 900, currency: 'usd' });
  await control('POST', 'dashboard/payout', { amount: 400, currency: 'usd' });
  await call('POST', '/v1/balance_settings', {
    payments: { payouts: { schedule: { interval: 'manual' }, minimum_balance_by_currency: { usd: 500 } } },
  });
  await call('POST', `/v2/money_management/financial_accounts/${storage}`, { display_name: 'Creators' });
  await call('POST', '/v2/money_management/inbound_transfers', {});
}

/** What can only be cancelled while it is under way. */
async function whatIsCancelled(): Promise<void> {
  const slow = await startBench({ settlementDelayMs: 3_600_000 });
  const fast = bench;
  bench = slow;
  try {
    const payout = await call('POST', '/v1/payouts', { amount: 700, currency: 'usd', payout_method: slow.storage });
    await call('POST', `/v1/payouts/${idOf(payout)}/cancel`, {});
    await call('POST', '/v1/payouts', { amount: 9_000, currency: 'usd', payout_method: slow.storage });
    await call('GET', `/v2/money_management/financial_accounts/${slow.storage}`);
    await slow.control('POST', 'clock', { advance_seconds: 7_200 });
    const payment = await call('POST', '/v2/money_management/outbound_payments', {
      amount: { value: 100, currency: 'usd' },
      from: { financial_account: slow.storage, currency: 'usd' },
      to: { recipient: 'acct_ben' },
    });
    await call('POST', `/v2/money_management/outbound_payments/${idOf(payment)}/cancel`, {});
    await readAll();
  } finally {
    bench = fast;
    await slow.close();
  }
}

const EXPANSIONS: Readonly<Record<string, readonly string[]>> = {
  '/v1/balance_transactions': ['data.source'],
  '/v1/payouts': [
    'data.balance_transaction',
    'data.failure_balance_transaction',
    'data.destination',
    'data.original_payout',
    'data.reversed_by',
  ],
  '/v1/transfers': ['data.balance_transaction', 'data.destination'],
  '/v1/charges': ['data.balance_transaction'],
  '/v1/refunds': ['data.balance_transaction', 'data.charge'],
  '/v1/disputes': ['data.charge'],
  '/v1/topups': ['data.balance_transaction'],
};

/** Every list, every object of it by its id, and what can be expanded or included. */
async function readAll(): Promise<void> {
  for (const { method, path: route } of routes) {
    if (method !== 'GET' || route.includes(':')) continue;
    const separator = '?limit=100';
    const listed = ['/v1/account', '/v1/balance', '/v1/balance_settings'].includes(route) ? route : route + separator;
    const items = itemsOf(await call('GET', listed));
    for (const field of EXPANSIONS[route] ?? []) await call('GET', `${route}?limit=100&expand[]=${field}`);
    for (const item of items ?? []) {
      const one = `${route}/${idOf(item)}`;
      if (router.match('GET', one) !== undefined) await call('GET', one);
    }
  }
  for (const id of ['acct_anna', 'acct_blocked']) {
    const everything = ['configuration.recipient', 'identity', 'requirements', 'defaults', 'future_requirements'];
    await call('GET', `/v2/core/accounts/${id}?${everything.map((name, i) => `include[${i}]=${name}`).join('&')}`);
    await call('GET', '/v1/account', undefined, id);
    await call('GET', '/v1/balance', undefined, id);
    const methods = itemsOf(await call('GET', '/v2/money_management/payout_methods', undefined, id)) ?? [];
    for (const method of methods) {
      await call('GET', `/v2/money_management/payout_methods/${idOf(method)}`, undefined, id);
    }
  }
  const insured = 'include[0]=storage.deposit_insurance_eligibility';
  await call('GET', `/v2/money_management/financial_accounts/${bench.storage}?${insured}`);
  const [transaction = null] = itemsOf(await call('GET', '/v2/money_management/transactions?limit=1')) ?? [];
  if (transaction !== null) {
    await call('POST', `/v2/money_management/transactions/${idOf(transaction)}`, { description: 'Seen' });
  }
}

function fieldsOf(value: Json): number {
  if (typeof value !== 'object' || value === null) return 0;
  const inner = Object.values(value);
  return (Array.isArray(value) ? 0 : inner.length) + inner.reduce((sum: number, one) => sum + fieldsOf(one), 0);
}

/** The compiler's complaints about values of types, each with where the value came from. */
async function complaints(values: readonly Seen[]): Promise<string[]> {
  const cache = path.join(root, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(path.join(cache, 'coffer-types-'));
  try {
    const lines = values.map(({ type, value }, index) => `export const v${index}: ${type} = ${JSON.stringify(value)};`);
    await writeFile(path.join(folder, 'replies.ts'), `import type Stripe from 'stripe';\n${lines.join('\n')}\n`);
    const compilerOptions = {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      target: 'es2022',
      module: 'esnext',
      moduleResolution: 'bundler',
      types: ['node'],
    };
    await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['replies.ts'] }));
    const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
    const run = promisify(execFile)(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], {
      maxBuffer: 64 * 1024 * 1024,
    });
    const output = await run.then(
      ({ stdout }) => stdout,
      (error: { stdout?: string }) => error.stdout ?? String(error),
    );
    return output
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const at = /replies\.ts\((\d+),/.exec(line);
        const where = at === null ? '' : (values[Number(at[1]) - 2]?.where ?? '');
        return `${where}: ${line.slice(line.indexOf(': ') + 2)}`;
      });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('every reply of every route is a value of the type the package promises', async () => {
  await everythingThatCanBe();
  await readAll();
  await whatIsCancelled();
  expect(routes.map(({ method, path: route }) => `${method} ${route}`).filter((one) => !answered.has(one))).toEqual([]);

  const distinct = [...new Map(seen.map((one) => [`${one.type} ${JSON.stringify(one.value)}`, one])).values()];
  const fields = distinct.reduce((sum, { value }) => sum + fieldsOf(value), 0);
  console.log(
    `Compared with the types of the stripe package: ${distinct.length} objects of ${new Set(distinct.map(({ type }) => type)).size} types with ${fields} fields, from ${answered.size} routes`,
  );
  expect(await complaints(distinct)).toEqual([]);
  expect(distinct.length).toBeGreaterThan(150);
});

test('the comparison finds a field that is missing, null, of another type, or unknown', async () => {
  const reply = await call('GET', '/v1/balance_settings');
  const settings = seen.at(-1);
  if (settings === undefined || typeof reply !== 'object' || reply === null || Array.isArray(reply)) throw new Error();
  const { object: _object, ...without } = reply;
  const wrong = [without, { ...reply, payments: null }, { ...reply, object: 'balance' }, { ...reply, surprise: 1 }];
  const found = await complaints(wrong.map((value, index) => ({ ...settings, value, where: String(index) })));
  expect(new Set(found.map((line) => line.slice(0, 1)))).toEqual(new Set(['0', '1', '2', '3']));
});
