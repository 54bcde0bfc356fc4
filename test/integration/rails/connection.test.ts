import { describe, expect, it } from 'vitest';
import { createStripeClient } from '../../../electron/stripe/client';
import { testConnection } from '../../../electron/stripe/connection';
import { createLimiter, LIMITS } from '../../../electron/stripe/limiter';
import { anything } from '../../../electron/stripe/objects';
import { connectionReport } from '../../../shared/contract/secrets';
import { KEY, world } from './harness';

/** All that could show that something was made or moved. */
async function everything(w: Awaited<ReturnType<typeof world>>): Promise<unknown> {
  const lists = ['/v1/payouts', '/v1/transfers', '/v1/balance_transactions', '/v1/events'];
  const money = ['outbound_payments', 'transactions', 'received_credits'].map((name) => `/v2/money_management/${name}`);
  const secret = createStripeClient({
    key: 'sk_test_looksAtAll0000',
    baseUrl: w.stripe.url,
    limiter: createLimiter({ limits: LIMITS.test, now: Date.now, sleep: async () => {} }),
    now: Date.now,
  });
  try {
    const rows = [...lists, ...money].map((path) => secret.read(path, {}, anything));
    return [{ ...Object(await w.sandbox('GET', 'state')), clock: null }, ...(await Promise.all(rows))];
  } finally {
    secret.close();
  }
}

/** The table "The restricted key" of docs/stripe-dashboard-quick-reference.md for the rail financial-account. */
const SCOPES = [
  'balance_read',
  'balance_transaction_read',
  'balance_settings_read',
  'accounts_kyc_basic_read',
  'event_read',
  'financial_account_read',
  'received_credit_read',
  'money_transaction_read',
  'v2_account_read',
  'payout_write',
  'outbound_payment_write',
];

describe('testing a connection', () => {
  it('reports mode, account, storage account and what the key may do; trying a write changes nothing in the books', async () => {
    const w = await world();
    const before = await everything(w);
    const report = await testConnection(KEY, { baseUrl: w.stripe.url });
    expect(connectionReport.parse(report)).toEqual(report);
    expect(report).toMatchObject({
      ok: true,
      mode: 'sandbox',
      account: expect.stringMatching(/^acct_/),
      accountName: 'Coffer sandbox',
      storageAccount: expect.stringMatching(/^fa_/),
    });
    expect(new Set(report.permissions.map((permission) => permission.access))).toEqual(new Set(['granted']));
    expect(report.permissions.filter(({ kind }) => kind === 'write').map(({ meaning }) => meaning)).toEqual([
      'Coffer can move money from Payments to Storage.',
      'Coffer can pay creators from Storage.',
    ]);
    expect(await everything(w)).toEqual(before);
  });

  it.each([
    ['financial-account', 'payout_write', 'Payouts (write)', 'Coffer cannot move money from Payments to Storage.'],
    [
      'financial-account',
      'outbound_payment_write',
      'Outbound payments (write)',
      'Coffer cannot pay creators from Storage.',
    ],
    ['earmark', 'transfer_write', 'Transfers (write)', 'Coffer cannot pay creators.'],
  ] as const)(
    'finds on %s that a key lacks %s without moving anything, and takes the key to look only',
    async (rail, denied, resource, meaning) => {
      const w = await world();
      await w.sandbox('POST', 'permissions', { key: KEY, denied: [denied] });
      const before = await everything(w);
      const report = await testConnection(KEY, { baseUrl: w.stripe.url, rail });
      expect(report.ok).toBe(true);
      expect(report.message).toContain(`the key lacks: ${resource}. ${meaning}`);
      expect(report.permissions.filter(({ access }) => access !== 'granted')).toEqual([
        expect.objectContaining({ kind: 'write', resource, access: 'refused', meaning }),
      ]);
      expect(await everything(w)).toEqual(before);
    },
  );

  it('finds everything granted to a key that has just the scopes the quick reference lists, and all refused to a key without scopes', async () => {
    const w = await world();
    await w.sandbox('POST', 'permissions', { key: KEY, granted: SCOPES });
    const enough = await testConnection(KEY, { baseUrl: w.stripe.url });
    expect(enough.permissions.filter(({ access }) => access !== 'granted')).toEqual([]);
    await w.sandbox('POST', 'permissions', { key: KEY, granted: [] });
    const none = await testConnection(KEY, { baseUrl: w.stripe.url });
    expect(none.ok).toBe(false);
    expect(none.permissions.filter(({ access }) => access !== 'refused')).toEqual([]);
  });

  it('says "not known" when Stripe refuses a write for another reason than its parameters or the key', async () => {
    const w = await world();
    await w.sandbox('POST', 'faults', { kind: 'error_500_not_stored', method: 'POST', path: '/v1/payouts', times: 9 });
    const report = await testConnection(KEY, { baseUrl: w.stripe.url });
    expect(report.permissions.find(({ resource }) => resource === 'Payouts (write)')).toMatchObject({
      access: 'not-tested',
      meaning: 'Stripe’s answer does not say whether Coffer can move money from Payments to Storage.',
    });
  });

  it('tries again when Stripe asks to slow down', async () => {
    const w = await world();
    await w.sandbox('POST', 'faults', { kind: 'rate_limit_429', method: 'POST', path: '/v1/payouts', retry_after: 0 });
    const report = await testConnection(KEY, { baseUrl: w.stripe.url });
    expect(report.permissions.find(({ resource }) => resource === 'Payouts (write)')?.access).toBe('granted');
  });

  it('names each permission a restricted key lacks and is not ok', async () => {
    const w = await world();
    await w.sandbox('POST', 'permissions', { key: KEY, denied: ['event_read', 'financial_account_read'] });
    const report = await testConnection(KEY, { baseUrl: w.stripe.url });
    expect(report.ok).toBe(false);
    expect(report.permissions.filter((permission) => permission.access === 'refused').map((p) => p.resource)).toEqual([
      'Events (read)',
      'Financial accounts (read)',
    ]);
    expect(report.message).toContain('Events (read)');
    expect(report.message).toContain('Nothing was stored');
  });

  it('says without a network that nothing was stored', async () => {
    const report = await testConnection(KEY, { baseUrl: 'http://127.0.0.1:9' });
    expect(report).toMatchObject({ ok: false, message: expect.stringContaining('Nothing was stored') });
  });

  it('refuses an answer of the other mode', async () => {
    const w = await world();
    await w.sandbox('POST', 'faults', { kind: 'wrong_livemode', times: 99 });
    expect(await testConnection(KEY, { baseUrl: w.stripe.url })).toMatchObject({
      ok: false,
      message: expect.stringContaining('answered for live mode'),
    });
  });

  it.each([
    ['pk_test_abcdefgh', {}, 'not a Stripe secret or restricted key'],
    ['sk_live_abcdefgh', {}, 'may do everything'],
    ['rk_live_abcdefgh', { baseUrl: 'http://127.0.0.1:9' }, 'never sent to the sandbox'],
  ])('refuses %s without opening a socket', async (key, options, message) => {
    const report = await testConnection(key, options);
    expect(report).toMatchObject({ ok: false, message: expect.stringContaining(message) });
    expect(JSON.stringify(report)).not.toContain('abcdefgh');
  });
});
