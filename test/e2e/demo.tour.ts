/** `npm run demo`: the whole job in the real app, with a screenshot of every screen, the exports and the binder. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { enterSandbox, goTo, resize, startApp } from './app';
import { closeMonth, migrate } from './walk';

const output = process.env.COFFER_DEMO_OUTPUT ?? path.resolve(import.meta.dirname, '../../demo-output');

test('the tour of the demo', async () => {
  test.setTimeout(600_000);
  mkdirSync(output, { recursive: true });
  const running = await startApp();
  const { app, window } = running;
  let number = 0;
  const look = async (name: string): Promise<void> => {
    number += 1;
    // Toasts and fades are not what the picture is of.
    await window.waitForTimeout(400);
    await window.screenshot({ path: path.join(output, `${String(number).padStart(2, '0')}-${name}.png`) });
  };
  try {
    await window.getByRole('button', { name: 'Start in the sandbox' }).waitFor();
    await window.getByRole('textbox', { name: 'Your name' }).fill('Mara Lindqvist');
    await look('welcome');
    await enterSandbox(window);
    await expect(window.getByText('Separate what you owe from what you own')).toBeVisible();
    await look('balances-mixed');
    await migrate(window, look);
    await closeMonth(window, look);

    await goTo(window, 'Balances');
    await look('balances');
    await window.getByRole('button', { name: /^Owed to creators/ }).click();
    await look('balances-owed');
    await window.keyboard.press('Escape');
    await goTo(window, 'Payouts');
    await look('payouts');
    await window.getByRole('row').nth(1).click();
    await look('payout');
    await window.keyboard.press('Escape');
    await goTo(window, 'Creators');
    await look('creators');
    await window.getByRole('row').filter({ hasText: 'Ada Okafor' }).click();
    await expect(window.getByRole('heading', { name: 'Ada Okafor' }).first()).toBeVisible();
    await look('creator-statement');
    await goTo(window, 'Subscribers');
    await look('subscribers');
    await goTo(window, 'Reconciliation');
    await look('reconciliation');
    await goTo(window, 'Audit & exports');
    await look('exports');
    const exported = path.join(output, 'exports');
    mkdirSync(exported, { recursive: true });
    await running.answerDialog(exported);
    await window.getByRole('button', { name: /^Save all/ }).click();
    await expect(window.getByText(exported).first()).toBeVisible({ timeout: 30_000 });
    await running.answerDialog(path.join(output, 'binder.zip'));
    await window
      .getByRole('button', { name: /binder/i })
      .first()
      .click();
    await expect(window.getByText('binder.zip').first()).toBeVisible({ timeout: 30_000 });
    await look('exports-saved');
    await window.getByRole('tab', { name: 'Audit log' }).click();
    await look('audit-log');
    await window.getByRole('tab', { name: 'Verification' }).click();
    await window.getByRole('button', { name: /^Verify/ }).click();
    await look('audit-verified');
    await goTo(window, 'Revenue');
    await look('revenue');
    await goTo(window, 'Settings');
    for (const tab of await window.getByRole('tab').allInnerTexts()) {
      await window.getByRole('tab', { name: tab }).click();
      await look(`settings-${tab.toLowerCase().replaceAll(' ', '-')}`);
    }
    await goTo(window, 'Guide');
    await look('guide');

    await window.emulateMedia({ colorScheme: 'dark' });
    for (const screen of ['Balances', 'Month end', 'Payouts', 'Revenue']) {
      await goTo(window, screen);
      await look(`dark-${screen.toLowerCase().replaceAll(' ', '-')}`);
    }
    await resize(app, 1920, 1080);
    await window.emulateMedia({ colorScheme: 'light' });
    for (const screen of ['Balances', 'Month end']) {
      await goTo(window, screen);
      await look(`wide-${screen.toLowerCase().replaceAll(' ', '-')}`);
    }
  } finally {
    await running.close();
  }
});
