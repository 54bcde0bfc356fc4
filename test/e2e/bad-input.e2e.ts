import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import keytar from 'keytar';
import { startEmbeddedStripe } from '../../electron/sandbox';
import { enterSandbox, goTo, newUserData, startApp, stripeState } from './app';

const worked = path.resolve(import.meta.dirname, '../fixtures/datasets/worked');

test('a malformed dataset: every problem with file, line and column; nothing is imported', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coffer-malformed-'));
  cpSync(worked, folder, { recursive: true });
  rmSync(path.join(folder, 'opening.csv'));
  writeFileSync(
    path.join(folder, 'payments.csv'),
    'payment_id,subscriber_id,period,currency,amount_minor,refunded_minor,status,paid_at\n' +
      'ch_1,s001,2026-13,usd,1000,0,succeeded,2026-10-03T10:00:00Z\n' +
      'ch_1,s001,2026-10,zzz,10.5,2000,lost,2026-10-03T10:00:00Z\n',
  );
  const running = await startApp();
  const { window } = running;
  try {
    await enterSandbox(window);
    const before = await window.evaluate(() => globalThis.window.coffer?.call('data.summary', undefined));
    await goTo(window, 'Settings');
    await window.getByRole('tab', { name: 'Data' }).click();
    await running.answerDialog(folder);
    await window.getByRole('button', { name: 'Import a folder…' }).click();
    const dialog = window.getByRole('dialog');
    for (const text of [
      'opening.csv',
      'payments.csv',
      '2026-13',
      'zzz',
      '10.5',
      'lost',
      'amount_minor',
      'payment_id',
    ]) {
      await expect(dialog.getByText(text).first()).toBeVisible();
    }
    await expect(dialog.getByRole('button', { name: /^Import \d/ })).toBeDisabled();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect(await window.evaluate(() => globalThis.window.coffer?.call('data.summary', undefined))).toEqual(before);
    expect((await stripeState(window)).payments.available.usd).toBe('1000000');
  } finally {
    await running.close();
  }
});

test('a person brings a folder of their own: the sandbox starts afresh from it', async () => {
  const running = await startApp();
  const { window } = running;
  try {
    await enterSandbox(window);
    await goTo(window, 'Settings');
    await window.getByRole('tab', { name: 'Data' }).click();
    await running.answerDialog(worked);
    await window.getByRole('button', { name: 'Import a folder…' }).click();
    await window.getByRole('dialog').getByRole('button', { name: 'Import 100 payments' }).click();
    await expect(window.getByRole('dialog')).toHaveCount(0, { timeout: 30_000 });
    await goTo(window, 'Balances');
    await expect(window.getByRole('button', { name: /^Owed to creators/ })).toContainText('651.00');
    expect((await stripeState(window)).payments.available.usd).toBe('100000');
  } finally {
    await running.close();
  }
});

const GOOD_KEY = 'rk_test_e2eGoodKey0123456789abcd';

/** The app's own name for the keychain of one mode, on the data folder of a test. */
const serviceOf = (userData: string, mode: string): string =>
  `Coffer ${createHash('sha256').update(userData).digest('hex').slice(0, 8)} (${mode})`;

test('keys: a wrong one is refused with a clear message and not stored; a good one goes to the real keychain and back out', async () => {
  const stripe = await startEmbeddedStripe({
    seed: {
      payments_available: { usd: '500000' },
      storage_available: { usd: '0' },
      accounts: [{ id: 'acct_one', payouts_enabled: true }],
    },
  });
  const running = await startApp({ env: { COFFER_TEST_STRIPE: stripe.url } });
  const { window } = running;
  const stored = () => keytar.findCredentials(serviceOf(running.userData, 'test'));
  const save = async (key: string): Promise<void> => {
    await window
      .getByRole('textbox', { name: 'Stripe key' })
      .or(window.getByLabel('Stripe key', { exact: true }))
      .first()
      .fill(key);
    await window.getByRole('button', { name: 'Test and store the key' }).click();
  };
  try {
    await enterSandbox(window);
    await goTo(window, 'Settings');
    for (const [wrong, says] of [
      ['pk_test_51ABCDEFGHIJKLMNOP', /publishable/i],
      ['sk_live_51ABCDEFGHIJKLMNOP', /live|restricted/i],
      ['hello', /not a|key/i],
    ] as const) {
      await save(wrong);
      await expect(window.getByText(says).first()).toBeVisible();
    }
    const status = await window.evaluate(() => globalThis.window.coffer?.call('secrets.status', undefined));
    expect(status).toMatchObject({ ok: true, value: { keychain: { state: 'ready' }, keys: [] } });
    expect(await stored()).toEqual([]);

    await save(GOOD_KEY);
    await expect(window.getByText('abcd').first()).toBeVisible({ timeout: 30_000 });
    const after = await window.evaluate(() => globalThis.window.coffer?.call('secrets.status', undefined));
    expect(after).toMatchObject({
      ok: true,
      value: { keys: [{ mode: 'test', kind: 'restricted', last4: 'abcd', storage: 'keychain' }] },
    });
    expect(JSON.stringify(after)).not.toContain(GOOD_KEY);
    expect(await window.content()).not.toContain(GOOD_KEY);
    expect((await stored()).map((one) => one.password)).toEqual([GOOD_KEY]);
  } finally {
    await running.close();
    await stripe.close();
  }
});

test('a Stripe that does not answer: the books open all the same', async () => {
  const userData = newUserData();
  const stripe = await startEmbeddedStripe({
    seed: { payments_available: { usd: '500000' }, storage_available: {}, accounts: [] },
  });
  const before = await startApp({ userData, env: { COFFER_TEST_STRIPE: stripe.url } });
  try {
    await enterSandbox(before.window);
    const stored = await before.window.evaluate(
      (key) => globalThis.window.coffer?.call('secrets.set', { key, sessionOnly: false }),
      GOOD_KEY,
    );
    expect(stored).toMatchObject({ ok: true });
    const changed = await before.window.evaluate(() => globalThis.window.coffer?.call('app.setMode', { mode: 'test' }));
    expect(changed).toMatchObject({ ok: true });
  } finally {
    await before.close();
    await stripe.close();
  }

  let asked = 0;
  let givenUp = 0;
  const silent = createServer((request) => {
    asked += 1;
    request.socket.once('close', () => {
      givenUp += 1;
    });
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  const running = await startApp({ userData, env: { COFFER_TEST_STRIPE: `http://127.0.0.1:${port}` } });
  try {
    const overview = await running.window.evaluate(() =>
      globalThis.window.coffer?.call('balances.overview', undefined),
    );
    expect(givenUp, 'calls that had ended by then').toBe(0);
    expect(overview).toMatchObject({ ok: true, value: { connection: 'offline' } });
    await expect.poll(() => asked).toBeGreaterThan(0);
  } finally {
    silent.close();
    silent.closeAllConnections();
    await running.close();
  }
});
