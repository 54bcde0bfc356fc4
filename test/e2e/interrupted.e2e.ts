import { expect, test } from '@playwright/test';
import { enterSandbox, goTo, newUserData, startApp, stripeState } from './app';
import { closeMonth } from './walk';

test('killed in the middle of a migration, the app opens with the unfinished run, resumes, and every cent is there once', async () => {
  const userData = newUserData();
  const first = await startApp({ userData });
  await enterSandbox(first.window);
  const { url } = await sandboxUrl(first.window);
  // The third movement hangs at Stripe, so that there is a middle to be killed in.
  await fetch(`${url}/_sandbox/faults`, {
    method: 'POST',
    headers: { 'x-coffer-sandbox': '1', 'content-type': 'application/json' },
    body: JSON.stringify({ kind: 'delay_ms', method: 'POST', path: '/v1/payouts', nth: 3, ms: 20_000 }),
  });
  const plan = await first.window.evaluate(async () => {
    const planned = await globalThis.window.coffer?.call('migration.plan', undefined);
    const found = planned?.ok ? planned.value.plan : null;
    if (!found) throw new Error('no plan');
    await globalThis.window.coffer?.call('migration.approve', { planHash: found.planHash });
    await globalThis.window.coffer?.call('migration.execute', { planHash: found.planHash, typed: found.confirmation });
    return found.confirmation;
  });
  expect(plan).toMatch(/^7000\.00 /);
  await expect.poll(async () => (await stripeState(first.window)).counts.payout, { timeout: 15_000 }).toBe(2);
  await new Promise((resolve) => setTimeout(resolve, 300));
  first.app.process().kill('SIGKILL');
  await new Promise((resolve) => setTimeout(resolve, 1_000));

  const second = await startApp({ userData });
  const { window } = second;
  try {
    await expect(window.getByText('A migration is not finished').first()).toBeVisible({ timeout: 30_000 });
    await goTo(window, 'Migration');
    await window
      .getByRole('button', { name: /look it up at stripe and resume/i })
      .first()
      .click();
    await expect(window.getByRole('heading', { name: 'Certificate of migration' })).toBeVisible({ timeout: 60_000 });
    const books = await stripeState(window);
    expect(books.storage.available.usd).toBe('700000');
    expect(books.payments.available.usd).toBe('300000');
    expect(books.counts.payout).toBe(5);
    await closeMonth(window);
  } finally {
    await second.close();
  }
});

async function sandboxUrl(window: Parameters<typeof stripeState>[0]): Promise<{ url: string }> {
  const status = await window.evaluate(() => globalThis.window.coffer?.call('sandbox.status', undefined));
  if (status === undefined || !status.ok) throw new Error('The sandbox does not say where it is');
  return { url: status.value.url };
}
