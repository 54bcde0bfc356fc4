/** The month end on the fixture datasets, against figures computed by an independent implementation of the rules. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { NEVER_RESEND, resolveAllUnknown } from '../../../electron/journal/movement';
import { payoutPlanView } from '../../../electron/services/month-end/payout-plan-view';
import { STEPS } from '../../../electron/services/month-end/run';
import { approve, runStep } from '../../../electron/services/month-end/run-step';
import { monthEndView } from '../../../electron/services/month-end/view';
import { acknowledgeWarning } from '../../../electron/services/month-end/warnings';
import { setHold } from '../../../electron/services/stripe-transfer';
import type { MonthEndStep } from '../../../shared/contract/month-end';
import { addMonths } from '../../../shared/period/period';
import { bench, csvRows, datasetLike, FIXTURES, fingerprint, ledgerProblems } from './platform';

async function expectedSummary(name: string): Promise<Record<string, Record<string, string>>> {
  return JSON.parse(await readFile(join(FIXTURES, name, 'expected', 'summary.json'), 'utf8'));
}

async function expectedEarnings(name: string): Promise<Record<string, string>[]> {
  return csvRows(await readFile(join(FIXTURES, name, 'expected', 'earnings.csv'), 'utf8'));
}

const withoutReason = (rows: Record<string, string>[]) => rows.map(({ reason: _reason, ...row }) => row);

describe('The figures of a closed month are those of the rules', () => {
  const variants = [
    { rail: 'financial-account', funding_basis: 'net' },
    { rail: 'financial-account', funding_basis: 'gross' },
    { rail: 'earmark', funding_basis: 'net' },
    { rail: 'earmark', funding_basis: 'gross' },
  ] as const;
  /** Σ opening + Σ gross + Σ suspense, worked out by hand. */
  const GROSS_FUND: Record<string, Record<string, string>> = {
    worked: { usd: '70000' },
    edge: { usd: '163498', jpy: '5277' },
  };

  for (const name of ['worked', 'edge']) {
    for (const policy of variants) {
      test(`${name}, ${policy.rail}, funding basis ${policy.funding_basis}`, async () => {
        const one = await bench(await datasetLike(name, { 'policy.json': policy }), { playGuided: true });
        await one.through('close');

        const expected = await expectedSummary(name);
        if (policy.funding_basis === 'gross') {
          for (const [currency, fund] of Object.entries(GROSS_FUND[name] ?? {})) {
            expected[currency] = { ...expected[currency], fund };
          }
        }
        expect(await one.summary()).toEqual(expected);
        expect(withoutReason(await one.rows('earnings.csv'))).toEqual(await expectedEarnings(name));
        expect(await ledgerProblems(one)).toEqual([]);
        expect(await one.stripe.control('GET', 'conservation')).toMatchObject({ ok: true });
      });
    }
  }

  test('what every creator received at Stripe is what the statement says, in both currencies', async () => {
    const one = await bench('edge');
    await one.through('close');
    for (const currency of ['usd', 'jpy']) {
      const paid = Object.fromEntries(
        (await one.rows('earnings.csv'))
          .filter((row) => row.currency === currency && row.disposition === 'paid')
          .map((row) => [`acct_${row.creator_id}`, BigInt(row.paid_minor ?? '')]),
      );
      expect(await one.stripe.received(currency)).toEqual(paid);
    }
    expect(await one.stripe.balances('usd')).toEqual({ payments: 239_231n, storage: 17_842n });
    expect(await one.stripe.balances('jpy')).toEqual({ payments: 85_057n, storage: 723n });
  });

  test('journal entries: what the month earned and lapsed is dated on its last day, what moved on the day it moved', async () => {
    const one = await bench('worked');
    await one.through('close');
    const rows = await one.rows('journal_entries.csv');
    const dates = (words: RegExp) => [
      ...new Set(rows.filter((row) => words.test(row.description ?? '')).map((row) => row.date)),
    ];
    expect(dates(/^Earnings of|^Unallocated funds of/)).toEqual(['2026-10-31']);
    const today = one.context.now().toISOString().slice(0, 10);
    expect(dates(/^Creator earnings/)).toEqual([today]);
    expect(today).not.toBe('2026-10-31');
  });

  test('a held creator has every reason listed, a carried one the minimum', async () => {
    const one = await bench('edge');
    await one.through('approve');
    const reasons = Object.fromEntries(
      (await one.rows('earnings.csv')).map((row) => [`${row.creator_id} ${row.currency}`, row.reason]),
    );
    expect(reasons['on_hold usd']).toBe('On hold: ownership dispute');
    expect(reasons['no_acct usd']).toBe('No Stripe account');
    expect(reasons['below_min usd']).toBe('Below the payout minimum');
    expect(reasons['disabled usd']).toMatch(/Stripe/);
  });

  test('a month without payments, allocations or creators closes with nothing anywhere', async () => {
    const header = {
      'payments.csv': 'payment_id,subscriber_id,period,currency,amount_minor,refunded_minor,status,paid_at\n',
      'allocations.csv': 'allocation_id,subscriber_id,creator_id,period,currency,amount_minor,status,updated_at\n',
      'creators.csv': 'creator_id,display_name,email,stripe_account,hold_reason\n',
      'subscribers.csv': 'subscriber_id,display_name\n',
    };
    const one = await bench(await datasetLike('worked', header));
    await one.through('close');
    expect(await one.state()).toBe('closed');
    expect(await one.stripe.balances()).toEqual({ payments: 100_000n, storage: 0n });
    expect(await one.stripe.outboundPayments()).toEqual([]);
  });

  test('a month of one cent pays one cent: fee half up is zero', async () => {
    const one = await bench(
      await datasetLike('worked', {
        'payments.csv':
          'payment_id,subscriber_id,period,currency,amount_minor,refunded_minor,status,paid_at\n' +
          'p1,s001,2026-10,usd,1,0,succeeded,2026-10-03T10:00:00Z\n',
        'allocations.csv':
          'allocation_id,subscriber_id,creator_id,period,currency,amount_minor,status,updated_at\n' +
          'a1,s001,c1,2026-10,usd,1,active,2026-10-20T12:00:00Z\n',
        'policy.json': { payout_minimum_minor: {} },
      }),
    );
    await one.through('close');
    expect((await one.summary()).usd).toMatchObject({
      collected: '1',
      fee: '0',
      net: '1',
      paid: '1',
      storage_after: '0',
    });
    expect(await one.stripe.received()).toEqual({ acct_c1: 1n });
  });
});

describe('A step that is done is not done twice', () => {
  test('running every step a second time changes nothing at Stripe and nothing in the books', async () => {
    const one = await bench('worked');
    for (const step of STEPS) {
      await one.through(step);
      const before = await fingerprint(one);
      if (step === 'approve') {
        const { planHash } = await payoutPlanView(one.context, one.period);
        await approve(one.context, one.guard, one.period, planHash);
      } else if (step === 'preflight') {
        await one.step('preflight');
      } else {
        await runStep(one.context, one.guard, { period: one.period, step, typed: null, patienceMs: 0 });
      }
      expect(await fingerprint(one), `after ${step}`).toEqual(before);
    }
  });

  test('the program may end after any step: a new start goes on where it stood', async () => {
    const one = await bench('edge');
    for (const step of STEPS) {
      await one.through(step);
      await one.reopen();
      expect(one.platform.interrupted, `after ${step}`).toBe(0);
    }
    expect(await one.summary()).toEqual(await expectedSummary('edge'));
    expect(new Set(Object.values(await one.stripe.paymentsPerAccount()))).toEqual(new Set([1]));
  });

  test('the same state gives the same bytes: every export twice, also from a new start', async () => {
    const one = await bench('edge');
    await one.through('close');
    const names = [
      'earnings.csv',
      'unallocated.csv',
      'payouts.csv',
      'operations.csv',
      'journal_entries.csv',
      'summary.json',
    ];
    const first = await Promise.all(names.map((name) => one.export(name)));
    await one.reopen();
    expect(await Promise.all(names.map((name) => one.export(name)))).toEqual(first);
  });
});

describe('Steps come in their order', () => {
  test('each step is refused while the one before it is not done, and says which is missing', async () => {
    const one = await bench('worked');
    const refusal = async (step: MonthEndStep): Promise<string> => {
      try {
        if (step === 'approve') await approve(one.context, one.guard, one.period, 'any');
        else await runStep(one.context, one.guard, { period: one.period, step, typed: null, patienceMs: 0 });
      } catch (error) {
        return `${(error as { code: string }).code}: ${(error as { hint: string }).hint}`;
      }
      return 'ran';
    };
    expect(await refusal('lock')).toMatch(/^preflight-first/);
    const before = await fingerprint(one);
    for (const step of STEPS.slice(2)) expect(await refusal(step), step).toMatch(/^step-order: Run /);
    for (const [index, done] of STEPS.slice(0, -2).entries()) {
      if (index === 0) expect(await fingerprint(one)).toEqual(before);
      await one.through(done);
      const tooEarly = STEPS[index + 2];
      if (tooEarly !== undefined) expect(await refusal(tooEarly), `${tooEarly} after ${done}`).toMatch(/^step-order/);
    }
  });

  test('a month does not begin while an earlier one is open, also when nobody started that one yet', async () => {
    const one = await bench('worked');
    const next = addMonths(one.period, 1);
    const { blockers } = await one.step('preflight', next);
    expect(blockers.map((blocker) => blocker.code)).toContain('previous-open');
  });

  test('a warning stops the next step until somebody acknowledges it', async () => {
    const one = await bench('edge');
    await one.through('lock');
    const { warnings } = await one.step('earnings');
    expect(warnings.map((warning) => warning.code)).toEqual(['suspense-usd']);
    expect(warnings[0]?.message).toContain('12.34 USD');
    await expect(one.step('lapse')).rejects.toMatchObject({ code: 'warnings-open' });
    await acknowledgeWarning(one.context, one.period, 'earnings', 'suspense-usd');
    expect((await one.step('lapse')).blockers).toEqual([]);
  });

  test('only one run works at a time', async () => {
    const one = await bench('worked');
    await one.through('preflight');
    let second: unknown;
    one.atCheckpoint = async (label) => {
      if (label === 'lock.hashed') second = await one.step('lock').catch((error: unknown) => error);
    };
    await one.step('lock');
    expect(second).toMatchObject({ code: 'busy' });
  });
});

/** Eighty creators owed 50.00 each: more than are paid at the same time. */
function eightyCreators(): Promise<string> {
  const ids = Array.from({ length: 80 }, (_, index) => `k${index}`);
  return datasetLike('migration', {
    'creators.csv': `creator_id,display_name,email,stripe_account,hold_reason\n${ids.map((id) => `${id},${id},${id}@example.com,acct_${id},\n`).join('')}`,
    'opening.csv': `creator_id,currency,owed_minor\n${ids.map((id) => `${id},usd,5000\n`).join('')}`,
  });
}

describe('What is approved is exactly what is paid', () => {
  test('a hold placed after the approval makes it lapse: nothing is paid, and the new plan holds the creator', async () => {
    const one = await bench('worked');
    await one.through('approve');
    await setHold(one.context, 'c3', 'asked by legal', 'asked by legal');
    await expect(one.step('pay')).rejects.toMatchObject({ code: 'plan-changed' });
    expect(await one.state()).toBe('funded');
    expect(await one.stripe.outboundPayments()).toEqual([]);
    const view = await monthEndView(one.context, one.guard, one.period);
    expect({ hash: view.planHash, by: view.approvedBy }).toEqual({ hash: null, by: null });

    await one.through('close');
    expect(await one.stripe.received()).not.toHaveProperty('acct_c3');
    expect((await one.summary()).usd).toMatchObject({
      held: '9114',
      paid: '55986',
      owed_after: '9114',
      storage_after: '9114',
    });
  });

  test('an account that Stripe stops after the approval makes it lapse', async () => {
    const one = await bench('worked');
    await one.through('approve');
    await one.stripe.control('POST', 'accounts', {
      id: 'acct_c5',
      payouts_enabled: false,
      bank_accounts: 'restricted',
      cards: 'restricted',
    });
    await expect(one.step('pay')).rejects.toMatchObject({ code: 'plan-changed' });
    expect(await one.stripe.outboundPayments()).toEqual([]);
  });

  test('a plan is approved by its hash: any other one is refused', async () => {
    const one = await bench('worked');
    await one.through('fund');
    const shown = await payoutPlanView(one.context, one.period);
    await setHold(one.context, 'c1', 'late news', 'late news');
    await expect(approve(one.context, one.guard, one.period, shown.planHash)).rejects.toMatchObject({
      code: 'plan-changed',
    });
    expect(await one.state()).toBe('funded');
  });

  test('paying asks for the amount and the month in words; anything else is refused and nothing moves', async () => {
    const one = await bench('worked');
    await one.through('approve');
    expect(await one.typedFor('pay')).toBe('651.00 2026-10');
    for (const typed of ['', '651.01 2026-10', '651.00 2026-11', '651.00', 'yes']) {
      await expect(one.step('pay', one.period, typed), typed).rejects.toMatchObject({ code: 'confirmation-missing' });
    }
    expect(await one.stripe.outboundPayments()).toEqual([]);
    expect(await one.state()).toBe('approved');
    expect((await one.step('pay', one.period, ' 651.00  2026-10 ')).blockers).toEqual([]);
  });

  test('closing asks for what was paid', async () => {
    const one = await bench('edge');
    await one.through('reconcile');
    expect(await one.typedFor('close')).toBe('4220 JPY + 1429.27 USD 2026-10');
    await expect(one.step('close', one.period, '1429.27 USD 2026-10')).rejects.toMatchObject({
      code: 'confirmation-missing',
    });
    expect(await one.state()).toBe('reconciled');
  });

  test('before it moves anything, Fund says how much; afterwards, how much it was', async () => {
    const one = await bench('worked');
    await one.through('lapse');
    const factsOfFund = async () =>
      (await monthEndView(one.context, one.guard, one.period)).steps.find((step) => step.step === 'fund')?.facts ?? [];
    const { fund = '' } = (await expectedSummary('worked')).usd ?? {};
    const amount = { amount: fund, currency: 'usd' };
    expect(await factsOfFund()).toContainEqual({ label: 'To be moved to Storage', amount, text: null });
    await one.through('fund');
    expect(await factsOfFund()).toContainEqual({ label: 'Moved to Storage', amount, text: null });
  });

  test('before it is signed, the close shows what the signed month says', async () => {
    const one = await bench('edge');
    await one.through('reconcile');
    const factsOfClose = async () =>
      (await monthEndView(one.context, one.guard, one.period)).steps.find((step) => step.step === 'close')?.facts ?? [];
    const before = await factsOfClose();
    const { paid = '', owed_after: owed = '' } = (await expectedSummary('edge')).usd ?? {};
    expect(before).toContainEqual({ label: 'Paid to creators', amount: { amount: paid, currency: 'usd' }, text: null });
    expect(before).toContainEqual({
      label: 'Still owed to creators',
      amount: { amount: owed, currency: 'usd' },
      text: null,
    });
    await one.through('close');
    expect(await factsOfClose()).toEqual(expect.arrayContaining(before));
  });

  test('a hold placed while paying stops the rest; the new approval asks only for what is still to be paid', async () => {
    const one = await bench(await eightyCreators());
    await one.through('approve');
    expect(await one.typedFor('pay')).toBe('4000.00 2026-10');
    // A person stops the run once the first payouts are out.
    one.atCheckpoint = (label) => {
      if (label === 'movement.outcome-written') one.guard.stop();
    };
    await one.step('pay');
    one.atCheckpoint = () => {};
    expect(await one.state()).toBe('paying');
    const unpaid = (await one.rows('payouts.csv')).filter((row) => row.status === 'planned');
    const paidSoFar = 400_000n - unpaid.reduce((sum, row) => sum + BigInt(row.amount_minor ?? ''), 0n);
    expect(unpaid.length).toBeGreaterThan(1);
    expect(unpaid.length).toBeLessThan(80);

    const held = unpaid[0];
    await setHold(one.context, held?.creator_id ?? '', 'asked by legal', 'asked by legal');
    await expect(one.step('pay')).rejects.toMatchObject({ code: 'plan-changed' });
    expect(await one.state()).toBe('funded');
    await one.step('approve');
    const kept = BigInt(held?.amount_minor ?? '');
    const rest = 400_000n - paidSoFar - kept;
    expect(await one.typedFor('pay')).toBe(`${rest / 100n}.${String(rest % 100n).padStart(2, '0')} 2026-10`);
    await one.through('close');

    expect(new Set(Object.values(await one.stripe.paymentsPerAccount()))).toEqual(new Set([1]));
    expect(await one.stripe.received()).not.toHaveProperty(held?.stripe_account ?? '');
    expect((await one.summary()).usd).toMatchObject({
      paid: String(400_000n - kept),
      held: String(kept),
      owed_after: String(kept),
      storage_after: String(kept),
      payouts_posted: '79',
    });
  });

  test('a hold on a creator who was paid already changes nothing about that payout: it stays paid, and is not counted as held', async () => {
    const one = await bench(await eightyCreators());
    await one.through('approve');
    one.atCheckpoint = (label) => {
      if (label === 'movement.outcome-written') one.guard.stop();
    };
    await one.step('pay');
    one.atCheckpoint = () => {};
    const paid = (await one.rows('payouts.csv')).find((row) => row.status === 'posted');
    await setHold(one.context, paid?.creator_id ?? '', 'asked by legal', 'asked by legal');
    await expect(one.step('pay')).rejects.toMatchObject({ code: 'plan-changed' });
    await one.through('close');
    expect((await one.summary()).usd).toMatchObject({
      paid: '400000',
      held: '0',
      owed_after: '0',
      payouts_posted: '80',
    });
    const row = (await one.rows('earnings.csv')).find((earning) => earning.creator_id === paid?.creator_id);
    expect(row).toMatchObject({ disposition: 'paid', owed_after_minor: '0' });
  });

  test('payouts written down but not sent are canceled when the new plan no longer has them', async () => {
    const one = await bench('worked');
    await one.through('approve');
    one.killAt('movement.before-sending');
    await one.step('pay').catch(() => undefined);
    await one.open();
    await setHold(one.context, 'c3', 'asked by legal', 'asked by legal');
    await expect(one.step('pay')).rejects.toMatchObject({ code: 'plan-changed' });
    await one.through('close');
    const payouts = await one.rows('payouts.csv');
    expect(payouts.filter((row) => row.creator_id === 'c3').map((row) => row.status)).toEqual(['canceled']);
    expect(await one.stripe.received()).not.toHaveProperty('acct_c3');
    expect(await one.stripe.outboundPayments()).toHaveLength(6);
  });

  test('a payout whose outcome is unknown is not sent again to a creator who was put on hold meanwhile', async () => {
    const one = await bench('worked');
    await one.through('approve');
    await one.stripe.fault('error_500_not_stored', {
      method: 'POST',
      path: '/v2/money_management/outbound_payments',
      times: 1_000,
    });
    expect((await one.step('pay')).blockers.map((blocker) => blocker.code)).toEqual(['unknown-payouts']);
    await one.stripe.clearFaults();
    await setHold(one.context, 'c3', 'asked by legal', 'asked by legal');
    await expect(one.step('pay')).rejects.toMatchObject({ code: 'plan-changed' });
    await one.step('approve');
    await one.step('pay');
    expect(await one.stripe.received()).not.toHaveProperty('acct_c3');
  });

  test('after an approval has lapsed, looking movements up sends nothing', async () => {
    const one = await bench('worked');
    await one.through('approve');
    await one.stripe.fault('error_500_not_stored', {
      method: 'POST',
      path: '/v2/money_management/outbound_payments',
      times: 1_000,
    });
    await one.step('pay');
    await one.stripe.clearFaults();
    await setHold(one.context, 'c3', 'asked by legal', 'asked by legal');
    await expect(one.step('pay')).rejects.toMatchObject({ code: 'plan-changed' });
    await resolveAllUnknown(one.context, NEVER_RESEND);
    expect(await one.stripe.outboundPayments()).toEqual([]);
  });
});

describe('Storage is funded only with money that is there', () => {
  test('Payments too low: the step names both amounts, and goes on after a top-up', async () => {
    const one = await bench(await datasetLike('worked', { 'stripe.json': { payments_available: { usd: 50_000 } } }));
    await one.through('lapse');
    const { blockers } = await one.step('fund');
    expect(blockers).toHaveLength(1);
    expect(blockers[0]).toMatchObject({ code: 'payments-low-usd' });
    expect(blockers[0]?.message).toContain('500.00 USD');
    expect(blockers[0]?.message).toContain('651.00 USD');
    expect(await one.stripe.payouts()).toEqual([]);
    expect(await one.state()).toBe('lapsed');

    await one.stripe.control('POST', 'topups', { amount: 20_000, currency: 'usd' });
    await one.through('close');
    expect(await one.stripe.balances()).toEqual({ payments: 4_900n, storage: 0n });
  });

  test('pending money does not count as available', async () => {
    const one = await bench(
      await datasetLike('worked', {
        'stripe.json': { payments_available: { usd: 65_099 }, payments_pending: { usd: 100_000 } },
      }),
    );
    await one.through('lapse');
    expect((await one.step('fund')).blockers.map((blocker) => blocker.code)).toEqual(['payments-low-usd']);
    expect(await one.stripe.payouts()).toEqual([]);
  });

  test('one currency too low does not hold up the other, and neither is sent twice', async () => {
    const one = await bench(
      await datasetLike('edge', { 'stripe.json': { payments_available: { usd: 1_000, jpy: 90_000 } } }),
    );
    await one.through('lapse');
    expect((await one.step('fund')).blockers.map((blocker) => blocker.code)).toEqual(['payments-low-usd']);
    await one.stripe.control('POST', 'topups', { amount: 399_000, currency: 'usd' });
    await one.through('close');
    expect((await one.stripe.payouts()).map((payout) => [payout.currency, payout.amount]).sort()).toEqual([
      ['jpy', 4_943],
      ['usd', 160_769],
    ]);
  });

  test('fund waits until the money is available in Storage, not merely on its way', async () => {
    const one = await bench('worked', { settlementDelayMs: 3_600_000 });
    await one.through('lapse');
    const { blockers } = await one.step('fund');
    expect(blockers).toHaveLength(1);
    expect(blockers[0]?.message).toContain('not settled yet');
    expect(await one.state()).toBe('lapsed');
    one.clock.advance(3_600_000);
    expect((await one.step('fund')).blockers).toEqual([]);
    expect(await one.stripe.payouts()).toHaveLength(1);
  });
});
