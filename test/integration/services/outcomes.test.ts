/**
 * What Stripe and the network can do to a movement. Whatever happens, no creator is paid twice, an unknown outcome is found out,
 * and Storage holds exactly what is still owed.
 */
import { describe, expect, test } from 'vitest';
import { listIntents } from '../../../electron/journal/journal';
import { monthEndView } from '../../../electron/services/month-end/view';
import { listPayouts } from '../../../electron/services/payout-list';
import { planPayouts, retryConfirmation, retryPayouts } from '../../../electron/services/stripe-transfer';
import { currency as toCurrency, toDecimal } from '../../../shared/money/money';
import { type Bench, bench, datasetLike, ledgerProblems } from './platform';

const PAYMENTS = '/v2/money_management/outbound_payments';
const PAYOUTS = '/v1/payouts';
const EVERYONE = {
  acct_c1: 9_765n,
  acct_c2: 9_765n,
  acct_c3: 9_114n,
  acct_c4: 9_114n,
  acct_c5: 9_114n,
  acct_c6: 9_114n,
  acct_c7: 9_114n,
};

/** Runs a step until it has no blocker, at most `tries` times. */
async function insist(one: Bench, step: 'fund' | 'pay', tries = 3): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const { blockers } = await one.step(step);
    if (blockers.length === 0) break;
    if (attempt === tries) throw new Error(`${step}: ${blockers.map((blocker) => blocker.message).join(' ')}`);
  }
  await one.acknowledgeAll();
}

async function expectEveryonePaidOnce(one: Bench): Promise<void> {
  expect(await one.stripe.received()).toEqual(EVERYONE);
  expect(await listIntents(one.platform.store.db, { states: ['unknown', 'sending', 'planned', 'processing'] })).toEqual(
    [],
  );
  expect(await one.coverage()).toMatchObject({ coverageBps: null, difference: '0', unexplained: '0' });
  expect(await ledgerProblems(one)).toEqual([]);
}

describe.each([
  ['the connection drops after Stripe has executed', { kind: 'drop_after_execute' }],
  ['the connection drops before Stripe has executed', { kind: 'drop_before_execute' }],
  ['half of the reply arrives', { kind: 'truncated_body' }],
  ['Stripe answers 500 and forgets it', { kind: 'error_500_not_stored' }],
  ['Stripe executes, answers 500 and keeps that answer under the key', { kind: 'error_500_stored', execute: true }],
  ['Stripe limits the rate (429)', { kind: 'rate_limit_429', retry_after: 0 }],
  ['Stripe waits for a lock (429)', { kind: 'lock_timeout_429', retry_after: 0 }],
  ['the key is in use (409)', { kind: 'conflict_409' }],
  ['the reply claims to be of live mode', { kind: 'wrong_livemode' }],
] as const)('When %s', (_name, { kind, ...more }) => {
  test('Storage is funded once, and everyone is paid once', async () => {
    const one = await bench('worked');
    await one.through('lapse');
    await one.stripe.fault(kind, { ...more, method: 'POST', path: PAYOUTS });
    await insist(one, 'fund');
    expect((await one.stripe.payouts()).map((payout) => payout.amount)).toEqual([65_100]);
    expect(await one.stripe.balances()).toEqual({ payments: 34_900n, storage: 65_100n });
    expect(await one.coverage()).toMatchObject({ coverageBps: 10_000, difference: '0', unexplained: '0' });

    await one.through('approve');
    await one.stripe.fault(kind, { ...more, method: 'POST', path: PAYMENTS, nth: 2, times: 3 });
    await insist(one, 'pay');
    await expectClosedInFull(one);
  });

  test('everyone is paid once by transfers, where Storage is an earmark', async () => {
    const one = await bench(await datasetLike('worked', { 'policy.json': { rail: 'earmark' } }));
    await one.through('approve');
    await one.stripe.fault(kind, { ...more, method: 'POST', path: '/v1/transfers', nth: 2, times: 3 });
    await insist(one, 'pay');
    await expectClosedInFull(one);
  });
});

async function expectClosedInFull(one: Bench): Promise<void> {
  await expectEveryonePaidOnce(one);
  await one.through('close');
  expect((await one.summary()).usd).toMatchObject({
    paid: '65100',
    owed_after: '0',
    storage_after: '0',
    payouts_posted: '7',
  });
}

describe('When the reply is lost and the program ends too', () => {
  test('the next start looks the payout up by its intent: it is not sent again', async () => {
    const one = await bench('worked');
    await one.through('approve');
    await one.stripe.fault('drop_after_execute', { method: 'POST', path: PAYMENTS, times: 7 });
    one.killAt('movement.answered', 4);
    await one.step('pay').catch(() => undefined);
    await one.stripe.clearFaults();
    await one.open();
    expect(one.platform.interrupted).toBeGreaterThan(0);
    await insist(one, 'pay');
    expect(await one.stripe.outboundPayments()).toHaveLength(7);
    await expectEveryonePaidOnce(one);
  });

  test('also when Stripe forgot the keys meanwhile', async () => {
    const one = await bench('worked');
    await one.through('approve');
    await one.stripe.fault('drop_after_execute', { method: 'POST', path: PAYMENTS, times: 7 });
    one.killAt('movement.answered', 7);
    await one.step('pay').catch(() => undefined);
    await one.stripe.clearFaults();
    await one.stripe.fault('prune_keys');
    one.clock.advance(25 * 3_600_000);
    await one.open();
    await insist(one, 'pay');
    expect(await one.stripe.outboundPayments()).toHaveLength(7);
    await expectEveryonePaidOnce(one);
  });
});

describe('When Stripe keeps a 500 without having done anything', () => {
  test('the movement stays unknown for as long as the key is kept, and only then is made anew', async () => {
    const one = await bench('worked');
    await one.through('lapse');
    await one.stripe.fault('error_500_stored', { execute: false, method: 'POST', path: PAYOUTS });
    const first = await one.step('fund');
    expect(first.blockers.map((blocker) => blocker.code.replace(/-.*/, ''))).toEqual(['unknown']);
    one.clock.advance(12 * 3_600_000);
    expect((await one.step('fund')).blockers[0]?.code).toMatch(/^unknown-/);
    expect(await one.stripe.payouts()).toEqual([]);

    one.clock.advance(12 * 3_600_000);
    await insist(one, 'fund');
    const funds = await listIntents(one.platform.store.db, { kinds: ['fund'] });
    expect(funds.map((intent) => [intent.state, intent.code])).toEqual([
      ['failed', 'not-executed'],
      ['posted', null],
    ]);
    expect(new Set(funds.map((intent) => intent.idempotency_key)).size).toBe(2);
    expect((await one.stripe.payouts()).map((payout) => payout.amount)).toEqual([65_100]);
  });
});

describe('When Stripe is away in the middle of paying', () => {
  test('the step stops with what is known, and once it is back everyone is paid once', async () => {
    const one = await bench('migration', { durable: true });
    await one.through('approve');
    let answered = 0;
    one.atCheckpoint = async (label) => {
      if (label === 'movement.answered' && ++answered === 6) await one.stripe.stop();
    };
    const { blockers } = await one.step('pay');
    expect(blockers).toHaveLength(1);
    expect(await one.state()).toBe('paying');
    one.atCheckpoint = () => {};

    await one.stripe.startAgain();
    await insist(one, 'pay');
    const payments = await one.stripe.outboundPayments();
    expect(payments).toHaveLength(25);
    expect(new Set(payments.map((payment) => payment.recipient)).size).toBe(25);
    expect(new Set(payments.map((payment) => payment.intent)).size).toBe(25);
    expect(await one.coverage()).toMatchObject({ difference: '0', unexplained: '0' });
    await one.through('close');
    expect((await one.summary()).usd).toMatchObject({ paid: '700000', storage_after: '0' });
  });

  test('a step that begins while Stripe is away blocks and says so; nothing is written twice', async () => {
    const one = await bench('worked', { durable: true });
    await one.through('lapse');
    await one.stripe.stop();
    const { blockers } = await one.step('fund');
    expect(blockers.map((blocker) => blocker.code)).toEqual(['stripe-unavailable']);
    await one.stripe.startAgain();
    await one.through('close');
    expect(await one.stripe.received()).toEqual(EVERYONE);
  });
});

describe('A payout that fails', () => {
  test('partial success is a normal state: who failed, how much is still in Storage, and the amount stays owed', async () => {
    const one = await bench('worked');
    await one.through('approve');
    await one.stripe.fault('payout_fail_later', { method: 'POST', path: PAYMENTS, nth: 2, times: 2 });
    const { warnings, blockers } = await one.step('pay');
    expect(blockers).toEqual([]);
    const failed = (await one.rows('payouts.csv')).filter((row) => row.status === 'failed');
    expect(failed).toHaveLength(2);
    const still = failed.reduce((sum, row) => sum + BigInt(row.amount_minor ?? ''), 0n);
    const words = `${still / 100n}.${String(still % 100n).padStart(2, '0')} USD`;
    expect(warnings.map((warning) => warning.message).join()).toContain(
      `5 of 7 posted; 2 failed or returned, ${words} still in Storage`,
    );
    expect(await one.stripe.balances()).toEqual({ payments: 34_900n, storage: still });
    expect(await one.coverage()).toMatchObject({ coverageBps: 10_000, owed: String(still), unexplained: '0' });

    await one.acknowledgeAll();
    await one.through('close');
    expect((await one.summary()).usd).toMatchObject({
      payouts_posted: '5',
      payouts_failed: '2',
      failed: String(still),
      owed_after: String(still),
      storage_after: String(still),
      paid: String(65_100n - still),
    });
  });

  test('a retry is a new payout in a new batch, linked to the old one, which stays as it is', async () => {
    const one = await bench('worked');
    await one.through('approve');
    await one.stripe.fault('payout_fail_later', { method: 'POST', path: PAYMENTS, nth: 3 });
    await one.step('pay');
    const [failed] = await listIntents(one.platform.store.db, { kinds: ['pay'], states: ['failed'] });
    if (failed === undefined) throw new Error('Nothing failed');
    const before = await listPayouts(one.context.store, { period: one.period, offset: 0, limit: 50 });
    expect(before.totals).toEqual([{ currency: 'usd', count: 7, amount: '65100' }]);
    await retry(one, [failed.intent_id]);

    const pays = await listIntents(one.platform.store.db, { kinds: ['pay'], creatorId: failed.creator_id ?? '' });
    expect(pays.map((intent) => [intent.state, intent.batch, intent.retry_of])).toEqual([
      ['failed', '2026-10-1', null],
      ['posted', '2026-10-2', failed.intent_id],
    ]);
    expect(new Set(pays.map((intent) => intent.idempotency_key)).size).toBe(2);
    // Both attempts are listed, and what was to be paid counts the amount once.
    expect(await listPayouts(one.context.store, { period: one.period, offset: 0, limit: 50 })).toMatchObject({
      counts: expect.arrayContaining([
        { status: 'posted', currency: 'usd', count: 7, amount: '65100' },
        { status: 'failed', currency: 'usd', count: 1, amount: String(failed.amount) },
      ]),
      totals: [{ currency: 'usd', count: 7, amount: '65100' }],
      page: { total: 8 },
    });
    await expectEveryonePaidOnce(one);
    // The step says what is true now: all are paid, and there is nothing left to acknowledge.
    const pay = (await monthEndView(one.context, one.guard, one.period)).steps.find((step) => step.step === 'pay');
    expect(pay?.warnings).toEqual([]);
    expect(pay?.facts).toContainEqual({ label: 'Payouts posted (USD)', amount: null, text: '7 of 7' });
    await one.acknowledgeAll();
    await one.through('close');
    expect((await one.summary()).usd).toMatchObject({
      payouts_posted: '7',
      payouts_failed: '0',
      failed: '0',
      paid: '65100',
    });
  });

  test('asking for the same retry again, or for one of a payout that arrived, pays nobody twice', async () => {
    const one = await bench('worked');
    await one.through('approve');
    await one.stripe.fault('payout_fail_later', { method: 'POST', path: PAYMENTS, nth: 3 });
    await one.step('pay');
    const intents = await listIntents(one.platform.store.db, { kinds: ['pay'] });
    const failed = intents.find((intent) => intent.state === 'failed');
    const posted = intents.find((intent) => intent.state === 'posted');
    if (failed === undefined || posted === undefined) throw new Error('Not both');
    await expect(retry(one, [posted.intent_id])).rejects.toMatchObject({ code: 'retry-refused' });
    await retry(one, [failed.intent_id]);
    await retry(one, [failed.intent_id]).catch(() => undefined);
    await expectEveryonePaidOnce(one);
  });
});

describe('A payout that comes back', () => {
  test('returned while the month is still being paid: owed again, and payable again as a retry', async () => {
    const one = await bench('worked');
    await one.through('approve');
    await one.stripe.fault('payout_return_later', { method: 'POST', path: PAYMENTS, nth: 3 });
    await one.step('pay');
    const [returned] = await listIntents(one.platform.store.db, { kinds: ['pay'], states: ['returned'] });
    if (returned === undefined) throw new Error('Nothing was returned');
    expect(await one.coverage()).toMatchObject({
      coverageBps: 10_000,
      owed: String(returned.amount),
      unexplained: '0',
    });
    await retry(one, [returned.intent_id]);
    await expectEveryonePaidOnce(one);
    await one.acknowledgeAll();
    await one.through('close');
    expect((await one.summary()).usd).toMatchObject({ paid: '65100', owed_after: '0', storage_after: '0' });
  });

  test('returned after it was posted: the next reading of Stripe posts the reversal, and the amount is owed again', async () => {
    const one = await bench('worked');
    await one.through('pay');
    const [payment] = await one.stripe.outboundPayments();
    if (payment === undefined) throw new Error('No payment');
    await one.stripe.control('POST', `outbound_payments/${payment.id}/return`, {});

    const { blockers } = await one.step('reconcile');
    expect(blockers).toEqual([]);
    const returned = await listIntents(one.platform.store.db, { kinds: ['pay'], states: ['returned'] });
    expect(returned.map((intent) => intent.stripe_object)).toEqual([payment.id]);
    expect(await one.coverage()).toEqual({
      coverageBps: 10_000,
      difference: '0',
      unexplained: '0',
      owed: String(payment.amount),
      storageAvailable: String(payment.amount),
    });
    await one.acknowledgeAll();
    await one.through('close');
    expect((await one.summary()).usd).toMatchObject({
      owed_after: String(payment.amount),
      payouts_posted: '6',
      payouts_failed: '1',
    });
  });
});

test('a retry asks for the sum of what is chosen, each once, and the month', async () => {
  const one = await bench('edge');
  await one.through('pay');
  const pays = (await listIntents(one.context.store.db, { kinds: ['pay'] })).filter(
    (intent) => intent.currency === 'usd',
  );
  const [first, second] = pays;
  if (first === undefined || second === undefined) throw new Error('Two payouts are needed');
  const sum = toDecimal(first.amount + second.amount, toCurrency('usd'));
  expect(
    await retryConfirmation(one.context.store.db, one.period, [first.intent_id, second.intent_id, first.intent_id]),
  ).toBe(`${sum} ${one.period}`);
});

async function retry(one: Bench, intentIds: readonly string[]): Promise<void> {
  const plan = await planPayouts(one.context, one.period, 1);
  await retryPayouts(one.context, plan, intentIds, {
    shouldStop: () => false,
    onSettled: () => {},
    sleep: one.clock.sleep,
  });
  await one.follow();
}
