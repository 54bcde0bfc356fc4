/** What a step tells: the screens at its start and its end, and why money that was sent is not there. */
import { expect, test } from 'vitest';
import { bench } from './platform';

test('the screens are told at the start and at the end of each step, and when it is refused', async () => {
  const one = await bench('worked');
  const told = (): number => one.published.filter((event) => event === 'monthEnd.changed').length;
  await one.step('preflight');
  expect(told()).toBe(2);
  await one.acknowledgeAll();
  await one.through('approve');
  const before = told();
  await expect(one.step('pay', one.period, 'nonsense')).rejects.toMatchObject({ code: 'confirmation-missing' });
  expect(told()).toBe(before + 2);
});

test('funding that Stripe refused is told in one sentence with one full stop', async () => {
  const one = await bench('worked');
  await one.through('lapse');
  await one.stripe.fault('payout_fail_later', { method: 'POST', path: '/v1/payouts' });
  const { blockers } = await one.step('fund');
  expect(blockers.map((blocker) => blocker.code)).toEqual(['failed-usd']);
  expect(blockers[0]?.message).toMatch(/^Moving 651\.00 USD to Storage failed: .*[^.]\.$/);
  await one.stripe.clearFaults();
  await one.through('close');
});
