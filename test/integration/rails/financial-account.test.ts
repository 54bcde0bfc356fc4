import { describe, expect, it } from 'vitest';
import { createRail, provingLines } from '../../../electron/rails';
import { StripeUnavailable } from '../../../electron/stripe/problem';
import { all, EUR, movement, SEED, USD, usd, world } from './harness';

const PAYMENTS = '/v2/money_management/outbound_payments';

describe('funding Storage', () => {
  it('moves exactly the amount from Payments to Storage, once, for the same key sent twice', async () => {
    const w = await world();
    const fund = movement(w, 'fund', 30_000n);
    const first = await w.rail.send(fund);
    const second = await w.rail.send(fund);
    expect(first).toMatchObject({
      state: 'processing',
      stripeObject: expect.stringMatching(/^po_/),
      requestId: expect.stringMatching(/^req_/),
    });
    expect(second).toMatchObject({ stripeObject: 'stripeObject' in first ? first.stripeObject : '' });
    expect(await w.rail.lookup(fund)).toMatchObject({ state: 'posted' });
    expect(await usd(w)).toMatchObject({ paymentsAvailable: 70_000n, storageAvailable: 50_000n });
  });

  it('is processing until the credit arrives in Storage', async () => {
    const w = await world({ settlementDelayMs: 3_600_000 });
    const fund = movement(w, 'fund', 30_000n);
    const sent = await w.rail.send(fund);
    expect(sent).toMatchObject({ state: 'processing' });
    expect(await w.rail.lookup(fund)).toMatchObject({ state: 'processing' });
    expect(await usd(w)).toMatchObject({
      paymentsAvailable: 70_000n,
      storageAvailable: 20_000n,
      storageInbound: 30_000n,
    });
    await w.sandbox('POST', 'clock', { advance_seconds: 3_700 });
    expect((await w.rail.refresh([fund])).get(fund.order.intentId)).toMatchObject({ state: 'posted' });
  });

  it('fails with plain words when Payments holds too little settled money', async () => {
    const w = await world();
    expect(await w.rail.send(movement(w, 'fund', 100_001n))).toMatchObject({
      state: 'failed',
      stripeObject: null,
      code: 'balance_insufficient',
      message: expect.stringContaining('does not hold enough settled money'),
    });
    expect(await usd(w)).toMatchObject({ paymentsAvailable: 100_000n, storageAvailable: 20_000n });
  });

  it('failed at Stripe before it arrived is failed; given back after it arrived is returned', async () => {
    const w = await world({ settlementDelayMs: 3_600_000 });
    const early = movement(w, 'fund', 1_000n);
    const late = movement(w, 'fund', 2_000n);
    const [a, b] = [await w.rail.send(early), await w.rail.send(late)];
    if (!('stripeObject' in a) || !('stripeObject' in b)) throw new Error('not sent');
    await w.sandbox('POST', `payouts/${a.stripeObject}/fail`, {});
    await w.sandbox('POST', 'clock', { advance_seconds: 3_700 });
    expect(await w.rail.lookup(late)).toMatchObject({ state: 'posted' });
    await w.sandbox('POST', `payouts/${b.stripeObject}/fail`, {});
    const news = await w.rail.refresh([early, late]);
    expect(news.get(early.order.intentId)).toMatchObject({ state: 'failed', code: 'could_not_process' });
    expect(news.get(late.order.intentId)).toMatchObject({ state: 'returned', code: 'could_not_process' });
    expect(await usd(w)).toMatchObject({ paymentsAvailable: 100_000n, storageAvailable: 20_000n });
  });

  it('can be cancelled while it is on its way, and says so when it is too late', async () => {
    const w = await world({ settlementDelayMs: 3_600_000 });
    const fund = movement(w, 'fund', 1_000n);
    await w.rail.send(fund);
    expect(await w.rail.cancel(fund)).toMatchObject({ state: 'canceled' });
    expect(await usd(w)).toMatchObject({ paymentsAvailable: 100_000n });
    const arrived = movement(w, 'fund', 1_000n);
    await w.rail.send(arrived);
    await w.sandbox('POST', 'clock', { advance_seconds: 3_700 });
    expect(await w.rail.cancel(arrived)).toMatchObject({ state: 'posted' });
  });
});

describe('paying a creator', () => {
  it('goes from processing to posted and reaches the creator once for the same key sent twice', async () => {
    const w = await world();
    const pay = movement(w, 'pay', 6_000n);
    expect(await w.rail.send(pay)).toMatchObject({ state: 'processing', stripeObject: expect.stringMatching(/^obp_/) });
    await w.rail.send(pay);
    expect(await w.rail.lookup(pay)).toMatchObject({ state: 'posted' });
    expect(await usd(w)).toMatchObject({ storageAvailable: 14_000n, storageOutbound: 0n });
  });

  it('fails when Storage holds too little', async () => {
    const w = await world();
    expect(await w.rail.send(movement(w, 'pay', 20_001n))).toMatchObject({
      state: 'failed',
      code: 'insufficient_funds',
      message: expect.stringContaining('Fund Storage first'),
    });
  });

  it('fails when the creator’s account may not be paid', async () => {
    const w = await world();
    expect(await w.rail.send(movement(w, 'pay', 100n, { to: 'acct_off' }))).toMatchObject({
      state: 'failed',
      code: 'capability_not_enabled',
    });
  });

  it('fails when the creator’s account does not exist', async () => {
    const w = await world();
    expect(await w.rail.send(movement(w, 'pay', 100n, { to: 'acct_nobody' }))).toMatchObject({
      state: 'failed',
      code: 'resource_missing',
    });
  });

  it('fails with the bank’s reason, and is returned when it comes back after it was posted', async () => {
    const w = await world({ settlementDelayMs: 3_600_000 });
    await w.sandbox('POST', 'faults', { kind: 'payout_fail_later', method: 'POST', path: PAYMENTS });
    const declined = movement(w, 'pay', 100n);
    await w.rail.send(declined);
    const posted = movement(w, 'pay', 200n);
    const sent = await w.rail.send(posted);
    await w.sandbox('POST', 'clock', { advance_seconds: 3_700 });
    expect(await w.rail.lookup(declined)).toMatchObject({
      state: 'failed',
      code: 'payout_method_declined',
      message: expect.stringContaining('declined the payout'),
    });
    expect(await w.rail.lookup(posted)).toMatchObject({ state: 'posted' });
    if (!('stripeObject' in sent)) throw new Error('not sent');
    await w.sandbox('POST', `outbound_payments/${sent.stripeObject}/return`, { reason: 'payout_method_closed' });
    expect((await w.rail.refresh([posted])).get(posted.order.intentId)).toMatchObject({
      state: 'returned',
      code: 'payout_method_closed',
      message: expect.stringContaining('closed'),
    });
    expect(await usd(w)).toMatchObject({ storageAvailable: 20_000n });
  });

  it('can be cancelled while it is processing', async () => {
    const w = await world({ settlementDelayMs: 3_600_000 });
    const pay = movement(w, 'pay', 100n);
    await w.rail.send(pay);
    expect(await usd(w)).toMatchObject({ storageAvailable: 19_900n, storageOutbound: 100n });
    expect(await w.rail.cancel(pay)).toMatchObject({ state: 'canceled' });
    expect(await usd(w)).toMatchObject({ storageAvailable: 20_000n, storageOutbound: 0n });
  });
});

describe.each([
  ['fund', '/v1/payouts'],
  ['pay', PAYMENTS],
] as const)('an interrupted %s', (kind, path) => {
  it('is unknown when the connection drops after Stripe acted; the look-up finds it by its metadata', async () => {
    const w = await world();
    await w.sandbox('POST', 'faults', { kind: 'drop_after_execute', method: 'POST', path });
    const lost = movement(w, kind, 500n);
    expect(await w.rail.send(lost)).toMatchObject({ state: 'unknown', code: 'connection' });
    expect(await w.rail.lookup(lost)).toMatchObject({ state: 'posted' });
    expect(w.posts).toHaveLength(1);
    // Within the life of the key, sending again is the same movement.
    await w.rail.send(lost);
    expect(await usd(w)).toMatchObject(kind === 'fund' ? { storageAvailable: 20_500n } : { storageAvailable: 19_500n });
  });

  it('is unknown when the connection drops before; the look-up reads the whole window and says absent', async () => {
    const w = await world();
    await w.sandbox('POST', 'faults', { kind: 'drop_before_execute', method: 'POST', path });
    const lost = movement(w, kind, 500n);
    expect(await w.rail.send(lost)).toMatchObject({ state: 'unknown' });
    expect(await w.rail.lookup(lost)).toEqual({ state: 'absent' });
  });

  it('still finds the movement after Stripe has pruned the key', async () => {
    const w = await world();
    await w.sandbox('POST', 'faults', { kind: 'drop_after_execute', method: 'POST', path });
    const lost = movement(w, kind, 500n);
    await w.rail.send(lost);
    await w.sandbox('POST', 'faults', { kind: 'prune_keys' });
    expect(await w.rail.lookup(lost)).toMatchObject({ state: 'posted' });
  });

  it('reports two objects for one intent to a person instead of choosing one', async () => {
    const w = await world();
    const twice = movement(w, kind, 500n);
    await w.rail.send(twice);
    await w.sandbox('POST', 'faults', { kind: 'prune_keys', method: 'POST', path });
    await w.rail.send(twice);
    expect(await w.rail.lookup(twice)).toMatchObject({ state: 'unknown', code: 'several-objects' });
  });

  it('is unknown after a time-out, a cut-off reply and a server error', async () => {
    const w = await world({ timeoutMs: 150 });
    await w.sandbox('POST', 'faults', { kind: 'delay_ms', ms: 500, method: 'POST', path });
    expect(await w.rail.send(movement(w, kind, 100n))).toMatchObject({ state: 'unknown', code: 'timeout' });
    await w.sandbox('POST', 'faults', { kind: 'truncated_body', method: 'POST', path });
    expect(await w.rail.send(movement(w, kind, 100n))).toMatchObject({ state: 'unknown', code: 'incomplete-reply' });
    await w.sandbox('POST', 'faults', { kind: 'error_500_not_stored', method: 'POST', path });
    expect(await w.rail.send(movement(w, kind, 100n))).toMatchObject({ state: 'unknown', code: 'server-error' });
  });

  it('is unknown, not failed, after a stored 500 that did act', async () => {
    const w = await world();
    await w.sandbox('POST', 'faults', { kind: 'error_500_stored', execute: true, method: 'POST', path });
    const stored = movement(w, kind, 500n);
    expect(await w.rail.send(stored)).toMatchObject({ state: 'unknown' });
    expect(await w.rail.lookup(stored)).toMatchObject({ state: 'posted' });
  });

  it('may be sent again after a 429 and a lock time-out', async () => {
    const w = await world();
    const pay = movement(w, kind, 500n);
    await w.sandbox('POST', 'faults', { kind: 'rate_limit_429', retry_after: 3, method: 'POST', path });
    expect(await w.rail.send(pay)).toMatchObject({ state: 'not-now', code: 'rate_limit', retryAfterMs: 3_000 });
    const again = await world();
    await again.sandbox('POST', 'faults', { kind: 'lock_timeout_429', method: 'POST', path });
    const locked = movement(again, kind, 500n);
    expect(await again.rail.send(locked)).toMatchObject({ state: 'not-now', code: 'lock_timeout' });
    expect(await again.rail.send(locked)).toMatchObject({ state: 'processing' });
  });

  it('is unknown while an earlier request with its key is in flight', async () => {
    const w = await world();
    await w.sandbox('POST', 'faults', { kind: 'conflict_409', method: 'POST', path });
    expect(await w.rail.send(movement(w, kind, 500n))).toMatchObject({
      state: 'unknown',
      code: 'idempotency_key_in_use',
    });
  });

  it('is unknown when Stripe answers for the other mode', async () => {
    const w = await world();
    await w.sandbox('POST', 'faults', { kind: 'wrong_livemode', method: 'POST', path });
    expect(await w.rail.send(movement(w, kind, 500n))).toMatchObject({ state: 'unknown', code: 'wrong-mode' });
  });

  it('never calls a key used for something else failed: the other request may have moved money', async () => {
    const w = await world();
    const first = movement(w, kind, 500n);
    await w.rail.send(first);
    const other = { ...movement(w, kind, 700n), idempotencyKey: first.idempotencyKey };
    expect(await w.rail.send(other)).toMatchObject({ state: 'unknown', code: 'idempotency_error' });
  });

  it('fails with the missing permission named', async () => {
    const w = await world();
    const permission = kind === 'fund' ? 'payout_write' : 'outbound_payment_write';
    await w.sandbox('POST', 'permissions', { key: 'rk_test_integration00', denied: [permission] });
    expect(await w.rail.send(movement(w, kind, 500n))).toMatchObject({
      state: 'failed',
      code: 'permission-missing',
      message: expect.stringContaining(permission),
    });
  });

  it('stays unknown when the look-up itself cannot be answered', async () => {
    const w = await world();
    const sent = movement(w, kind, 500n);
    await w.rail.send(sent);
    await w.sandbox('POST', 'faults', { kind: 'error_500_not_stored', method: 'GET', times: 50 });
    expect(await w.rail.lookup(sent)).toMatchObject({ state: 'unknown', code: 'server-error' });
  });
});

describe('sending what does not belong together', () => {
  it('is a bug that never reaches the network', async () => {
    const w = await world();
    const a = movement(w, 'fund', 500n);
    const b = movement(w, 'fund', 500n);
    await expect(w.rail.send({ ...a, request: b.request })).rejects.toThrow(/does not belong/);
    expect(w.posts).toEqual([]);
  });

  it('prepares the same request for the same order', async () => {
    const w = await world();
    const { order } = movement(w, 'pay', 500n);
    expect(w.rail.prepare(order)).toEqual(w.rail.prepare({ ...order }));
    expect(w.rail.prepare(order)).toMatchObject({
      api: 'v2',
      path: PAYMENTS,
      params: {
        amount: { value: 500, currency: 'usd' },
        metadata: { coffer_intent: order.intentId, coffer_period: '2026-10' },
      },
    });
  });
});

describe('refreshing many movements', () => {
  it('reads lists, not one by one, and leaves out what it cannot find', async () => {
    const w = await world();
    const pays = Array.from({ length: 120 }, (_, index) => movement(w, 'pay', 10n + BigInt(index)));
    const sent = await Promise.all(
      pays.map(async (pay) => {
        const outcome = await w.rail.send(pay);
        return { ...pay, stripeObject: 'stripeObject' in outcome ? outcome.stripeObject : null };
      }),
    );
    const ghost = movement(w, 'pay', 9n);
    const before = w.statuses.length;
    const news = await w.rail.refresh([...sent, ghost]);
    expect(news.size).toBe(120);
    expect([...news.values()].every((outcome) => outcome.state === 'posted')).toBe(true);
    expect(w.statuses.length - before).toBeLessThanOrEqual(3);
  });

  it('gives no news instead of throwing when Stripe cannot be read', async () => {
    const w = await world();
    const pay = movement(w, 'pay', 10n);
    await w.rail.send(pay);
    await w.stripe.close();
    expect((await w.rail.refresh([pay])).size).toBe(0);
    await expect(w.rail.balances()).rejects.toBeInstanceOf(StripeUnavailable);
  });
});

describe('a release, which a person makes in the dashboard', () => {
  const transfer = (amount: number) => ({ from: 'storage', to: 'payments', amount, currency: 'usd' });

  it('states the clicks and restates the amount in figures and words, and calls nothing', async () => {
    const w = await world();
    const outcome = await w.rail.send(movement(w, 'release', 123_456n));
    expect(outcome.state).toBe('guided');
    const clicks = outcome.state === 'guided' ? outcome.clicks.join('\n') : '';
    expect(clicks).toContain('1,234.56 USD');
    expect(clicks).toContain('one thousand two hundred thirty-four and 56/100 USD');
    expect(clicks).toContain('Balances');
    expect(w.posts).toEqual([]);
  });

  it('is found by its exact amount on both sides, each transfer once', async () => {
    const w = await world();
    const first = movement(w, 'release', 700n);
    const second = movement(w, 'release', 700n);
    expect((await w.rail.detectGuided(first, new Set())).made).toBeNull();
    await w.sandbox('POST', 'dashboard/transfer', transfer(699));
    expect((await w.rail.detectGuided(first, new Set())).made).toBeNull();
    await w.sandbox('POST', 'dashboard/transfer', transfer(700));
    const found = (await w.rail.detectGuided(first, new Set())).made;
    expect(found).toMatchObject({ stripeObject: expect.stringMatching(/^trxn_/), at: expect.any(Date) });
    const claimed = new Set([found?.stripeObject ?? '']);
    expect((await w.rail.detectGuided(second, claimed)).made).toBeNull();
    await w.sandbox('POST', 'dashboard/transfer', transfer(700));
    expect((await w.rail.detectGuided(second, claimed)).made).not.toBeNull();
  });

  it('is not proven by money of the same amount that left Storage for a bank outside', async () => {
    const w = await world();
    const release = movement(w, 'release', 700n);
    await w.sandbox('POST', 'dashboard/payout', { amount: 700, currency: 'usd' });
    expect(await w.rail.detectGuided(release, new Set())).toMatchObject({ made: null, seen: [{ kind: 'one-sided' }] });
  });
});

describe('what a person did instead of the release that was asked for', () => {
  const look = async (w: Awaited<ReturnType<typeof world>>, release = movement(w, 'release', 700n)) => {
    const { made, seen } = await w.rail.detectGuided(release, new Set());
    return { made, seen: seen.map(({ kind, amount, currency }) => `${kind} ${amount} ${currency}`) };
  };
  const transfer = (w: Awaited<ReturnType<typeof world>>, amount: number, currency = 'usd') =>
    w.sandbox('POST', 'dashboard/transfer', { from: 'storage', to: 'payments', amount, currency });

  it('a smaller amount is told, and counts when the rest follows: split in two is one release', async () => {
    const w = await world();
    const release = movement(w, 'release', 700n);
    await transfer(w, 600);
    expect(await look(w, release)).toEqual({ made: null, seen: ['part 600 usd'] });
    await transfer(w, 100);
    const { made } = await look(w, release);
    const lines = provingLines(made?.stripeObject ?? '');
    expect(lines.map((line) => line.slice(0, line.indexOf('_'))).sort()).toEqual(['trxn', 'trxn', 'txn', 'txn']);
    // Each of its lines proves it, and nothing else.
    const other = await w.rail.detectGuided(movement(w, 'release', 600n), new Set(lines));
    expect(other).toEqual({ made: null, seen: [] });
  });

  it('a larger amount is told and is not the release', async () => {
    const w = await world();
    const release = movement(w, 'release', 700n);
    await transfer(w, 800);
    expect(await look(w, release)).toEqual({ made: null, seen: ['too-much 800 usd'] });
  });

  it('two transfers of the amount are one release and one that is told', async () => {
    const w = await world();
    const release = movement(w, 'release', 700n);
    await transfer(w, 700);
    await transfer(w, 700);
    expect(await look(w, release)).toMatchObject({ made: { at: expect.any(Date) }, seen: ['again 700 usd'] });
  });

  it('another currency is told and is not the release', async () => {
    const w = await world({ seed: { ...SEED, storage_available: { usd: 20_000, eur: 20_000 } } });
    const release = movement(w, 'release', 700n);
    await transfer(w, 700, 'eur');
    expect(await look(w, release)).toEqual({ made: null, seen: ['other-currency 700 eur'] });
  });

  it('a transfer made before it was asked for is told and is not the release', async () => {
    const w = await world();
    await transfer(w, 700);
    await w.sandbox('POST', 'clock', { advance_seconds: 3_600 });
    const asked = { ...movement(w, 'release', 700n), createdAt: new Date(Date.now() + 3_600_000) };
    expect(await look(w, asked)).toEqual({ made: null, seen: ['before-asked 700 usd'] });
  });

  it('a transfer weeks later is still the release', async () => {
    const w = await world();
    const release = movement(w, 'release', 700n);
    await w.sandbox('POST', 'clock', { advance_seconds: 40 * 86_400 });
    await transfer(w, 700);
    expect((await look(w, release)).made).not.toBeNull();
  });
});

describe('balances', () => {
  it('show every currency, Payments and Storage apart', async () => {
    const w = await world();
    await w.sandbox('POST', 'charges', { amount: 900, currency: 'usd' });
    expect(await w.rail.balances()).toEqual([
      {
        currency: EUR,
        paymentsAvailable: 50_000n,
        paymentsPending: 0n,
        storageAvailable: 0n,
        storageInbound: 0n,
        storageOutbound: 0n,
      },
      {
        currency: USD,
        paymentsAvailable: 100_000n,
        paymentsPending: 900n,
        storageAvailable: 20_000n,
        storageInbound: 0n,
        storageOutbound: 0n,
      },
    ]);
  });

  it('are not shown when Stripe answers for the other mode', async () => {
    const w = await world();
    await w.sandbox('POST', 'faults', { kind: 'wrong_livemode', path: '/v1/balance', times: 9 });
    await expect(w.rail.balances()).rejects.toMatchObject({ problem: { kind: 'wrong-mode' } });
  });
});

describe('refusals', () => {
  it('name no account with an active capability, and say why of the others', async () => {
    const w = await world();
    const refusals = await w.rail.refusals(['acct_ada', 'acct_off', 'acct_nobody', 'acct_ada']);
    expect(Object.fromEntries(refusals)).toEqual({
      acct_off: expect.stringContaining('Stripe'),
      acct_nobody: 'Stripe does not know this account.',
    });
  });
});

describe('findings', () => {
  const outcomes = (found: readonly { code: string; outcome: string }[]) =>
    Object.fromEntries(found.map((finding) => [finding.code, finding.outcome]));

  it('pass on an account that is set up well', async () => {
    const w = await world();
    expect(outcomes(await w.rail.findings([USD, EUR]))).toEqual({
      permissions: 'pass',
      'automatic-payouts': 'pass',
      'transfer-rules': 'pass',
      'minimum-balance': 'pass',
      'storage-account': 'pass',
      'storage-currencies': 'pass',
      'clock-skew': 'information',
    });
  });

  it('name automatic payouts, transfer rules, minimum balances and currencies that Storage cannot hold', async () => {
    const w = await world();
    await w.sandbox('POST', 'settings', {
      payout_interval: 'daily',
      automatic_transfer_rules_by_currency: { usd: [{ payout_method: 'fa_x', type: 'transfer_all' }] },
      minimum_balance_by_currency: { usd: 5_000 },
      holds_currencies: ['usd'],
    });
    const found = await w.rail.findings([USD, EUR]);
    expect(outcomes(found)).toMatchObject({
      'automatic-payouts': 'warning',
      'transfer-rules': 'warning',
      'minimum-balance': 'warning',
      'storage-currencies': 'blocker',
    });
    expect(found.find((finding) => finding.code === 'minimum-balance')?.detail).toContain('50.00 USD');
  });

  it('block when the financial account is not open', async () => {
    const w = await world();
    await w.sandbox('POST', 'settings', { financial_account_status: 'closed' });
    expect(outcomes(await w.rail.findings([USD]))).toMatchObject({ 'storage-account': 'blocker' });
    const without = await createRail('financial-account', w.client);
    expect(outcomes(await without.findings([USD]))).toMatchObject({ 'storage-account': 'blocker' });
    expect((await without.balances()).every((balance) => balance.storageAvailable === 0n)).toBe(true);
  });

  it('block when the financial account chosen in Settings does not exist', async () => {
    const w = await world();
    const rail = await createRail('financial-account', w.client, { storageAccount: 'fa_gone' });
    const found = await rail.findings([USD]);
    expect(found.find((finding) => finding.code === 'storage-account')).toMatchObject({
      outcome: 'blocker',
      detail: expect.stringContaining('fa_gone'),
    });
  });

  it('block with each permission a restricted key lacks', async () => {
    const w = await world();
    await w.sandbox('POST', 'permissions', { key: 'rk_test_integration00', denied: ['balance_settings_read'] });
    expect(await w.rail.findings([USD])).toEqual([
      expect.objectContaining({
        code: 'permission-missing',
        outcome: 'blocker',
        detail: expect.stringContaining('Balance settings'),
      }),
    ]);
  });
});

describe('lines', () => {
  it('give both balances, oldest first, and explain every change of the balances', async () => {
    const w = await world();
    const from = new Date(Date.now() - 60_000);
    const before = await usd(w);
    await w.rail.send(movement(w, 'fund', 3_000n));
    await w.sandbox('POST', 'clock', { advance_seconds: 5 });
    await w.sandbox('POST', 'charges', { amount: 400, currency: 'usd', available_in_seconds: 0, fee: 12 });
    await w.sandbox('POST', 'clock', { advance_seconds: 5 });
    await w.rail.send(movement(w, 'pay', 1_000n));
    await w.sandbox('POST', 'clock', { advance_seconds: 5 });
    await w.sandbox('POST', 'dashboard/transfer', { from: 'storage', to: 'payments', amount: 50, currency: 'usd' });
    const after = await usd(w);
    const lines = await all(w.rail.lines(from, new Date(Date.now() + 600_000)));
    const times = lines.map((line) => line.createdAt.getTime());
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const sum = (side: string) =>
      lines
        .filter((line) => line.side === side && line.currency === USD)
        .reduce((total, line) => total + line.amount, 0n);
    expect(sum('payments')).toBe(after.paymentsAvailable + after.paymentsPending - before.paymentsAvailable);
    expect(sum('storage')).toBe(after.storageAvailable + after.storageInbound - before.storageAvailable);
    expect(lines.map((line) => [line.side, line.type, line.amount])).toEqual([
      ['payments', 'payout', -3_000n],
      ['storage', 'received_credit', 3_000n],
      ['payments', 'charge', 388n],
      ['storage', 'outbound_payment', -1_000n],
      ['payments', 'inbound_transfer', 50n],
      ['storage', 'outbound_transfer', -50n],
    ]);
    expect(lines[3]?.source).toMatch(/^obp_/);
  });

  it('name the payout of a credit that comes back long after it arrived', async () => {
    const w = await world();
    await w.rail.send(movement(w, 'fund', 3_000n));
    await w.sandbox('POST', 'clock', { advance_seconds: 10 });
    const [arrived] = (await all(w.rail.lines(new Date(Date.now() - 60_000), new Date(Date.now() + 60_000)))).filter(
      (line) => line.type === 'received_credit',
    );
    expect(arrived?.source).toMatch(/^po_/);
    await w.sandbox('POST', 'clock', { advance_seconds: 60 * 3_600 });
    await w.sandbox('POST', `payouts/${arrived?.source}/fail`, {});
    const day = 86_400_000;
    const late = await all(w.rail.lines(new Date(Date.now() + 2 * day), new Date(Date.now() + 4 * day)));
    expect(late.map((line) => [line.side, line.source, line.amount])).toContainEqual([
      'storage',
      arrived?.source,
      -3_000n,
    ]);
  });

  it('hold only what was created in the half-open window', async () => {
    const w = await world();
    await w.rail.send(movement(w, 'pay', 1_000n));
    const [line] = await all(w.rail.lines(new Date(Date.now() - 60_000), new Date(Date.now() + 60_000)));
    if (line === undefined) throw new Error('no line');
    const at = line.createdAt;
    expect(await all(w.rail.lines(new Date(at.getTime() - 60_000), at))).toEqual([]);
    expect(await all(w.rail.lines(at, new Date(at.getTime() + 1)))).toHaveLength(1);
  });
});

describe('under the sandbox’s rate limit', () => {
  it('pays a batch without a single refusal', async () => {
    const w = await world({
      rateLimit: { perSecond: 25, perEndpoint: 25 },
      limits: { perSecond: 25, perEndpoint: 25, concurrency: 25 },
    });
    const pays = Array.from({ length: 60 }, () => movement(w, 'pay', 100n));
    const startedAt = performance.now();
    const outcomes = await Promise.all(pays.map((pay) => w.rail.send(pay)));
    expect(outcomes.every((outcome) => outcome.state === 'processing')).toBe(true);
    expect(w.statuses).not.toContain(429);
    expect(performance.now() - startedAt).toBeLessThan(6_000);
  });
});
