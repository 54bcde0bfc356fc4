/**
 * Each endpoint of the embedded Stripe × each kind of wrong request: the status, type, code and parameter that Stripe
 * answers with, and nothing done. The tables are driven by the routes themselves, so that a new one cannot be forgotten.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Route } from '../../electron/sandbox/http/context';
import { routes } from '../../electron/sandbox/routes';
import { type Bench, KEY, startBench } from './harness';

let bench: Bench;
/** Ids that exist, by the path they are under. */
const ids: Record<string, string> = {};
let before: unknown;
let checks = 0;

beforeAll(async () => {
  bench = await startBench({ settlementDelayMs: 0 });
  const { stripe, storage, control } = bench;
  const payout = await stripe.payouts.create({ amount: 50_000, currency: 'usd', payout_method: storage });
  await stripe.balance.retrieve();
  const transfer = await stripe.transfers.create({ amount: 500, currency: 'usd', destination: 'acct_anna' });
  const payment = await stripe.v2.moneyManagement.outboundPayments.create({
    amount: { value: 100, currency: 'usd' },
    from: { financial_account: storage, currency: 'usd' },
    to: { recipient: 'acct_anna' },
  });
  const transaction = (await stripe.v2.moneyManagement.transactions.list({ limit: 1 })).data[0]?.id ?? '';
  Object.assign(ids, {
    '/v1/payouts/:id': payout.id,
    '/v1/transfers/:id': transfer.id,
    '/v2/money_management/financial_accounts/:id': storage,
    '/v2/money_management/outbound_payments/:id': payment.id,
    '/v2/money_management/transactions/:id': transaction,
  });
  await control('POST', 'accounts', { id: 'acct_limited', payouts_enabled: false, transfers: 'inactive' });
  before = await facts();
});

afterAll(async () => {
  // Whatever was refused changed nothing at all.
  expect(await facts()).toEqual(before);
  console.log(`Wrong requests refused as Stripe refuses them: ${checks} on ${routes.length} endpoints`);
  await bench.close();
});

/** Balances and how many objects there are; not what the test itself sets. */
async function facts(): Promise<unknown> {
  const state = await bench.control('GET', 'state');
  const { fault: _fault, restriction: _restriction, ...counts } = Object(state.counts);
  return { ...state, clock: null, counts };
}

interface Sent {
  readonly status: number;
  readonly error: { type?: string; code?: string; param?: string; message?: string };
}

interface Request {
  readonly query?: string;
  readonly body?: Record<string, unknown>;
  readonly key?: string | null;
  readonly headers?: Record<string, string>;
}

const isV2 = (path: string) => path.startsWith('/v2/');

async function send(method: string, path: string, request: Request = {}): Promise<Sent> {
  const { query, body, key = KEY, headers = {} } = request;
  checks += 1;
  const response = await fetch(`${bench.server.url}${path}${query === undefined ? '' : `?${query}`}`, {
    method,
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      'content-type': isV2(path) ? 'application/json' : 'application/x-www-form-urlencoded',
      ...headers,
    },
    ...(body === undefined ? {} : { body: isV2(path) ? JSON.stringify(body) : form(body) }),
  });
  const json: { error?: Sent['error'] } = await response.json();
  return { status: response.status, error: json.error ?? {} };
}

function form(body: object, prefix = ''): string {
  return Object.entries(body)
    .map(([name, value]) => {
      const full = prefix === '' ? name : `${prefix}[${name}]`;
      return typeof value === 'object' && value !== null
        ? form(value, full)
        : `${full}=${encodeURIComponent(String(value))}`;
    })
    .join('&');
}

/** The route's path with ids that exist where the test has them, else ids that do not. */
function pathOf(route: Route): string {
  const known = Object.entries(ids).find(([path]) => route.path === path || route.path.startsWith(`${path}/`));
  const path = known === undefined ? route.path : route.path.replace(':id', known[1]);
  return path.replace(/:[a-z]+/g, 'none_1');
}

const named = routes.map((route) => [`${route.method} ${route.path}`, route] as const);
const where = (wanted: (route: Route) => boolean) => named.filter(([, route]) => wanted(route));
const isList = (route: Route) => route.method === 'GET' && !route.path.endsWith('/:id') && !SINGLE.has(route.path);
const SINGLE = new Set(['/v1/account', '/v1/balance', '/v1/balance_settings', '/v1/transfers/:id/reversals/:reversal']);
/** Refuses whatever it is asked. */
const REFUSES = 'POST /v2/money_management/inbound_transfers';

describe('every endpoint', () => {
  test.each(named)(
    '%s without a key, with a malformed, a live or an unknown kind of key is a 401',
    async (_name, route) => {
      for (const key of [null, 'sk_test_x', 'sk_live_0123456789abcdef', 'pk_test_0123456789']) {
        const { status, error } = await send(route.method, pathOf(route), { key });
        expect([status, error.type]).toEqual([401, 'invalid_request_error']);
        expect(error.message).not.toContain('0123456789');
      }
    },
  );

  test.each(named)('%s with a key that lacks its permission is a 403 that names it', async (_name, route) => {
    const key = `rk_test_lacks${route.permission.replaceAll('_', '')}`;
    await bench.control('POST', 'permissions', { key, denied: [route.permission] });
    const { status, error } = await send(route.method, pathOf(route), { key, query: 'colour=red' });
    expect([status, error.type, error.code]).toEqual([403, 'invalid_request_error', undefined]);
    expect(error.message).toContain(`Having the '${route.permission}' permission`);
    // A key that has just this permission is let through to its parameters.
    await bench.control('POST', 'permissions', { key, granted: [route.permission] });
    expect((await send(route.method, pathOf(route), { key, query: 'colour=red' })).status).not.toBe(403);
  });

  test.each(where((route) => `${route.method} ${route.path}` !== REFUSES))(
    '%s with a parameter it does not know is a 400 that names it',
    async (_name, route) => {
      const request = route.method === 'GET' ? { query: 'colour=red' } : { body: { colour: 'red' } };
      const { status, error } = await send(route.method, pathOf(route), request);
      expect([status, error]).toEqual([
        400,
        expect.objectContaining({ type: 'invalid_request_error', code: 'parameter_unknown', param: 'colour' }),
      ]);
    },
  );

  test.each(where((route) => route.forAccounts === undefined))(
    '%s in the name of a connected account is refused',
    async (_name, route) => {
      for (const header of ['stripe-account', 'stripe-context']) {
        const sent = await send(route.method, pathOf(route), { headers: { [header]: 'acct_anna' } });
        expect([sent.status, sent.error.type]).toEqual([400, 'invalid_request_error']);
      }
    },
  );

  test.each(where((route) => route.path.includes(':id')))(
    '%s with an id nobody knows is a 404',
    async (_name, route) => {
      const path = route.path.replace(/:[a-z]+/g, 'none_1');
      const { status, error } = await send(route.method, path);
      if (route.path === '/v1/accounts/:id') expect([status, error.code]).toEqual([403, 'account_invalid']);
      else {
        expect([status, error.type, error.code]).toEqual([404, 'invalid_request_error', 'resource_missing']);
        expect(error.message).toContain("'none_1'");
      }
    },
  );
});

describe('every list', () => {
  test.each(where(isList))('%s takes 1 to 100 at a time, as a whole number', async (_name, route) => {
    for (const limit of ['0', '101', '-1', '1.5', 'x', '99999999999999999999']) {
      const { status, error } = await send('GET', pathOf(route), { query: `limit=${limit}` });
      expect([limit, status, error.code, error.param]).toEqual([limit, 400, 'parameter_invalid_integer', 'limit']);
    }
    expect((await send('GET', pathOf(route), { query: 'limit=' })).error).toMatchObject({ param: 'limit' });
  });

  test.each(where((route) => isList(route) && !isV2(route.path)))(
    '%s from an object nobody knows, or expanded by what cannot be',
    async (_name, route) => {
      for (const param of ['starting_after', 'ending_before']) {
        const { status, error } = await send('GET', pathOf(route), { query: `${param}=none_1` });
        expect([status, error.code, error.param]).toEqual([400, 'resource_missing', param]);
        expect((await send('GET', pathOf(route), { query: `${param}=` })).error).toMatchObject({
          code: 'parameter_invalid_empty',
          param,
        });
      }
      const deep = await send('GET', pathOf(route), { query: 'expand[]=data.a.b.c.d' });
      expect([deep.status, deep.error.code]).toEqual([400, 'property_expansion_max_depth']);
      expect((await send('GET', pathOf(route), { query: 'expand=data' })).status).toBe(400);
    },
  );

  const paged = ['/v2/core/accounts', 'outbound_payments', 'received_credits', 'transactions', 'transaction_entries'];
  test.each(where((route) => isList(route) && paged.some((end) => route.path.endsWith(end)) && isV2(route.path)))(
    '%s with a page that is none',
    async (_name, route) => {
      const { status, error } = await send('GET', pathOf(route), { query: 'page=bm9uc2Vuc2U' });
      expect([status, error.param]).toEqual([400, 'page']);
    },
  );

  const dated = where((route) => isList(route) && !/reversals|accounts|payout_methods/.test(route.path));
  test.each(dated)('%s created at no time', async (_name, route) => {
    for (const query of ['created[gte]=soon', 'created[around]=1', 'created=']) {
      const { status, error } = await send('GET', pathOf(route), { query });
      expect([query, status, error.type]).toEqual([query, 400, 'invalid_request_error']);
      expect(error.param).toContain('created');
    }
  });
});

describe('every idempotency key', () => {
  const posts = where((route) => route.method === 'POST' && `${route.method} ${route.path}` !== REFUSES);

  test.each(posts)('%s: in flight 409, too long 400', async (_name, route) => {
    await bench.control('POST', 'faults', { kind: 'delay_ms', method: 'POST', path: pathOf(route), ms: 400 });
    const request = { body: { colour: 'red' }, headers: { 'idempotency-key': `flight ${route.path}` } };
    const both = await Promise.all([1, 2].map(() => send('POST', pathOf(route), request)));
    // One was at work, refused for its parameter in the end, so that the key was not used; the other met it.
    const [worked, met] = both.sort((a, b) => a.status - b.status);
    expect(worked?.error.code).toBe('parameter_unknown');
    expect([met?.status, met?.error]).toEqual([
      409,
      expect.objectContaining({ type: 'idempotency_error', code: 'idempotency_key_in_use' }),
    ]);
    const long = await send('POST', pathOf(route), { headers: { 'idempotency-key': 'k'.repeat(256) } });
    expect(long.status).toBe(400);
  });

  test('a key that was used for one endpoint or parameter is refused for another, on both versions, until it is old', async () => {
    const own = await startBench({ settlementDelayMs: 0 });
    const outer = bench;
    bench = own;
    try {
      const payout = { amount: 700, currency: 'usd', payout_method: own.storage };
      const headers = { 'idempotency-key': 'used' };
      expect((await send('POST', '/v1/payouts', { body: payout, headers })).status).toBe(200);
      const wrong = [
        ['/v1/payouts', { ...payout, amount: 701 }],
        ['/v1/payouts', { ...payout, currency: 'eur' }],
        ['/v1/payouts', { ...payout, metadata: { a: '1' } }],
        ['/v1/transfers', { amount: 700, currency: 'usd', destination: 'acct_anna' }],
      ] as const;
      for (const [path, body] of wrong) {
        const { status, error } = await send('POST', path, { body, headers });
        expect([status, error.type]).toEqual([400, 'idempotency_error']);
      }
      const order = (value: number) => ({
        amount: { value, currency: 'usd' },
        from: { financial_account: own.storage, currency: 'usd' },
        to: { recipient: 'acct_anna' },
      });
      const payments = '/v2/money_management/outbound_payments';
      expect((await send('POST', payments, { body: order(10), headers })).status).toBe(200);
      const other = await send('POST', payments, { body: order(11), headers });
      expect([other.status, other.error.type]).toEqual([400, 'idempotency_error']);

      await own.control('POST', 'clock', { advance_seconds: 24 * 3_600 + 1 });
      expect((await send('POST', '/v1/payouts', { body: { ...payout, amount: 701 }, headers })).status).toBe(200);
      expect((await send('POST', payments, { body: order(11), headers })).status).toBe(400);
      await own.control('POST', 'clock', { advance_seconds: 30 * 86_400 });
      expect((await send('POST', payments, { body: order(11), headers })).status).toBe(200);
    } finally {
      bench = outer;
      await own.close();
    }
  });
});

type Body = Record<string, unknown>;
interface Creation {
  readonly path: string;
  readonly valid: () => Body;
  /** Parameters that must be there. */
  readonly required: readonly string[];
  /** Parameter, a value of the wrong kind, the code (undefined where Stripe gives none). */
  readonly wrong: readonly (readonly [param: string, value: unknown, code: string | undefined])[];
  /** What is well formed and refused for the state of things: body, code or type, parameter. */
  readonly refused: readonly (readonly [
    why: string,
    change: () => Body,
    code: string | undefined,
    param: string | undefined,
  ])[];
}

const LONG = 'x'.repeat(501);
const CREATIONS: readonly Creation[] = [
  {
    path: '/v1/payouts',
    valid: () => ({ amount: 100, currency: 'usd', payout_method: bench.storage }),
    required: ['amount', 'currency'],
    wrong: [
      ['amount', '1.5', 'parameter_invalid_integer'],
      ['amount', '-1', 'parameter_invalid_integer'],
      ['amount', '0', 'parameter_invalid_integer'],
      ['amount', 'ten', 'parameter_invalid_integer'],
      ['amount', '9007199254740993', 'parameter_invalid_integer'],
      ['amount', { value: 1 }, 'parameter_invalid_integer'],
      ['currency', 'dollars', undefined],
      ['currency', '', 'parameter_invalid_empty'],
      ['method', 'slow', undefined],
      ['source_type', 'gold', undefined],
      ['statement_descriptor', 'x'.repeat(23), undefined],
      ['metadata[a]', LONG, undefined],
      ['metadata', 'text', undefined],
      ['description', '', 'parameter_invalid_empty'],
    ],
    refused: [
      ['insufficient funds', () => ({ amount: 99_999_999 }), 'balance_insufficient', undefined],
      [
        'insufficient funds of the currency',
        () => ({ currency: 'eur', amount: 600_000 }),
        'balance_insufficient',
        undefined,
      ],
      ['a currency Storage does not hold', () => ({ currency: 'chf' }), undefined, 'currency'],
      ['an unknown payout method', () => ({ payout_method: 'fa_none' }), 'resource_missing', 'payout_method'],
      [
        'an unknown destination',
        () => ({ payout_method: undefined, destination: 'ba_none' }),
        'resource_missing',
        'destination',
      ],
      ['two destinations', () => ({ destination: 'ba_none' }), undefined, undefined],
    ],
  },
  {
    path: '/v1/transfers',
    valid: () => ({ amount: 100, currency: 'usd', destination: 'acct_anna' }),
    required: ['amount', 'currency', 'destination'],
    wrong: [
      ['amount', '1.5', 'parameter_invalid_integer'],
      ['amount', '0', 'parameter_invalid_integer'],
      ['currency', 'dollars', undefined],
      ['destination', '', 'parameter_invalid_empty'],
      ['source_type', 'gold', undefined],
      ['metadata[a]', LONG, undefined],
    ],
    refused: [
      ['insufficient funds', () => ({ amount: 99_999_999 }), 'balance_insufficient', undefined],
      [
        'an account without the capability',
        () => ({ destination: 'acct_limited' }),
        'insufficient_capabilities_for_transfer',
        undefined,
      ],
      ['an account nobody knows', () => ({ destination: 'acct_none' }), 'resource_missing', 'destination'],
      ['a charge nobody knows', () => ({ source_transaction: 'ch_none' }), 'resource_missing', 'source_transaction'],
    ],
  },
  {
    path: '/v2/money_management/outbound_payments',
    valid: () => ({
      amount: { value: 100, currency: 'usd' },
      from: { financial_account: bench.storage, currency: 'usd' },
      to: { recipient: 'acct_anna' },
    }),
    required: [
      'amount',
      'from',
      'to',
      'amount.value',
      'amount.currency',
      'from.financial_account',
      'from.currency',
      'to.recipient',
    ],
    wrong: [
      ['amount.value', '100', 'parameter_invalid_integer'],
      ['amount.value', 1.5, 'parameter_invalid_integer'],
      ['amount.value', 0, 'parameter_invalid_integer'],
      ['amount.value', -1, 'parameter_invalid_integer'],
      ['amount.value', null, 'parameter_invalid_integer'],
      ['amount.currency', 'dollars', undefined],
      ['amount.currency', 5, 'parameter_invalid_string'],
      ['amount', 100, undefined],
      ['to.recipient', true, 'parameter_invalid_string'],
      ['to', [], undefined],
      ['from.colour', 'red', 'parameter_unknown'],
      ['to.colour', 'red', 'parameter_unknown'],
      ['recipient_notification', { setting: 'loud' }, undefined],
      ['metadata', { a: LONG }, undefined],
    ],
    refused: [
      [
        'insufficient funds',
        () => ({ amount: { value: 99_999_999, currency: 'usd' } }),
        'insufficient_funds',
        undefined,
      ],
      [
        'another currency than it takes',
        () => ({ amount: { value: 1, currency: 'eur' } }),
        'currency_mismatch',
        'from.currency',
      ],
      [
        'a currency Storage does not hold',
        () => ({ amount: { value: 1, currency: 'chf' }, from: { financial_account: bench.storage, currency: 'chf' } }),
        'feature_not_enabled',
        undefined,
      ],
      [
        'a recipient without the capability',
        () => ({ to: { recipient: 'acct_limited' } }),
        'capability_not_enabled',
        undefined,
      ],
      ['a recipient nobody knows', () => ({ to: { recipient: 'acct_none' } }), 'resource_missing', 'to.recipient'],
      [
        'an unknown financial account',
        () => ({ from: { financial_account: 'fa_none', currency: 'usd' } }),
        'resource_missing',
        'from.financial_account',
      ],
      [
        'a payout method that is not the recipient’s',
        () => ({ to: { recipient: 'acct_anna', payout_method: 'usba_none' } }),
        'invalid_payout_method',
        undefined,
      ],
    ],
  },
];

/** `body` with one parameter of a path such as `amount.value` or `metadata[a]` changed; undefined takes it away. */
function changed(body: Body, param: string, value: unknown): Body {
  const [head = '', ...rest] = param.split(/[.[\]]/).filter((part) => part !== '');
  const copy: Body = { ...body };
  const inner = rest.length === 0 ? value : changed(Object(copy[head] ?? {}), rest.join('.'), value);
  if (inner === undefined) delete copy[head];
  else copy[head] = inner;
  return copy;
}

describe.each(CREATIONS.map((creation) => [creation.path, creation] as const))('POST %s', (path, creation) => {
  test.each(creation.required)('without %s', async (param) => {
    const { status, error } = await send('POST', path, { body: changed(creation.valid(), param, undefined) });
    expect([status, error]).toEqual([
      400,
      expect.objectContaining({ type: 'invalid_request_error', code: 'parameter_missing', param }),
    ]);
  });

  test.each(creation.wrong)('with %s = %j', async (param, value, code) => {
    const { status, error } = await send('POST', path, { body: changed(creation.valid(), param, value) });
    expect([status, error.type, error.code]).toEqual([400, 'invalid_request_error', code]);
    expect(error.param?.startsWith(param)).toBe(true);
  });

  test.each(creation.refused)('%s', async (_why, change, code, param) => {
    const body = Object.entries(change()).reduce((all, [name, value]) => changed(all, name, value), creation.valid());
    const { status, error } = await send('POST', path, { body });
    const says = [error.code, error.type];
    expect(status).toBe(400);
    if (code === undefined) expect(error.type).toBe('invalid_request_error');
    else expect(says).toContain(code);
    expect(error.param).toBe(param);
  });
});
