import { describe, expect, it } from 'vitest';
import { testConnection } from '../../../electron/stripe/connection';
import { connectionReport } from '../../../shared/contract/secrets';
import { KEY, world } from './harness';

describe('testing a connection', () => {
  it('reports mode, account, storage account and permissions; writes are honestly not tested', async () => {
    const w = await world();
    const report = await testConnection(KEY, { baseUrl: w.stripe.url });
    expect(connectionReport.parse(report)).toEqual(report);
    expect(report).toMatchObject({
      ok: true,
      mode: 'sandbox',
      account: expect.stringMatching(/^acct_/),
      accountName: 'Coffer sandbox',
      storageAccount: expect.stringMatching(/^fa_/),
    });
    const writes = report.permissions.filter((permission) => permission.resource.includes('write'));
    expect(writes.map((permission) => permission.access)).toEqual(['not-tested', 'not-tested']);
    const reads = report.permissions.filter((permission) => permission.resource.includes('read'));
    expect(new Set(reads.map((permission) => permission.access))).toEqual(new Set(['granted']));
    expect(w.posts).toEqual([]);
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
