/** Backups in the real app: made, restored, compared with Stripe; and books that are damaged open on a page that says so. */
import { openSync, statSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { z } from 'zod';
import { enterSandbox, goTo, newUserData, removeUserData, startApp, stripeState } from './app';
import { migrate } from './walk';

test.setTimeout(240_000);

const fromAxe = createRequire(createRequire(import.meta.url).resolve('@axe-core/playwright'));
const axe = z.object({ source: z.string() }).parse(fromAxe('axe-core'));
const pictures = process.env.COFFER_LOOK;

async function look(window: Page, name: string): Promise<void> {
  await window.evaluate(axe.source);
  for (const colorScheme of ['light', 'dark'] as const) {
    await window.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const found = z
      .array(z.object({ id: z.string(), nodes: z.array(z.object({ html: z.string() })) }))
      .parse(
        await window.evaluate(
          `axe.run({ exclude: [['[data-live-announcer]']] }, { resultTypes: ['violations'], preload: false }).then(({ violations }) => violations)`,
        ),
      );
    expect(found, name).toEqual([]);
    if (pictures !== undefined) await window.screenshot({ path: path.join(pictures, `${name}-${colorScheme}.png`) });
  }
}

async function openBackups(window: Page): Promise<void> {
  await goTo(window, 'Settings');
  await window.getByRole('tab', { name: 'Backups' }).click();
  await expect(window.getByRole('button', { name: 'Back up now' })).toBeVisible();
}

test('a backup is made, restored after the migration, and compared: nothing moves twice', async () => {
  const { window, userData, close } = await startApp();
  await enterSandbox(window);
  await openBackups(window);
  await window.getByRole('button', { name: 'Back up now' }).click();
  const row = window.getByRole('row').filter({ hasText: 'By a person' });
  await expect(row).toContainText('Verified', { timeout: 20_000 });
  await window.getByRole('button', { name: 'Check the books now' }).click();
  await expect(window.getByText('The books: good.')).toBeVisible();
  await look(window, 'backups');

  await migrate(window, async () => {});
  const moved = await stripeState(window);
  await openBackups(window);
  await row.getByRole('button', { name: /^Restore the backup/ }).click();
  const dialog = window.getByRole('alertdialog');
  await expect(dialog).toContainText('Movements lost');
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await look(window, 'restore-dialog');
  const expected = await dialog.locator('code').first().innerText();
  await dialog.getByRole('textbox').fill(expected);
  await dialog.getByRole('textbox').press('Enter');
  await expect(dialog).toBeHidden({ timeout: 30_000 });
  await expect(window.getByText('Restored books: nothing is moved')).toBeVisible();
  await look(window, 'restored');
  await goTo(window, 'Balances');
  await expect(window.getByText('Restored books: compare them with Stripe')).toBeVisible();
  await window.getByRole('button', { name: 'Open Backups' }).click();
  await window.getByRole('button', { name: 'Compare with Stripe' }).click();
  await expect(window.getByText('Restored books: nothing is moved')).toBeHidden({ timeout: 30_000 });
  const after = await stripeState(window);
  expect(after.counts.payouts).toBe(moved.counts.payouts);
  expect(after.storage).toEqual(moved.storage);
  await close();
  await removeUserData(userData);
});

test('damaged books open on a page that says what is wrong, and are restored from there', async () => {
  const userData = newUserData();
  const first = await startApp({ userData });
  await enterSandbox(first.window);
  await openBackups(first.window);
  await first.window.getByRole('button', { name: 'Back up now' }).click();
  await expect(first.window.getByRole('row').filter({ hasText: 'By a person' })).toBeVisible({ timeout: 20_000 });
  await first.close();

  const store = path.join(userData, 'sandbox', 'coffer.db');
  const file = openSync(store, 'r+');
  writeSync(file, Buffer.alloc(4_096 * 20, 0xaa), 0, 4_096 * 20, Math.floor(statSync(store).size / 8_192) * 4_096);

  const second = await startApp({ userData });
  const { window } = second;
  await expect(window.getByRole('heading', { name: 'The books cannot be opened' })).toBeVisible({ timeout: 30_000 });
  await expect(window.getByText('Parts of the file are damaged').first()).toBeVisible();
  await look(window, 'damaged');
  const row = window.getByRole('row').filter({ hasText: 'By a person' });
  await row.getByRole('button', { name: /^Restore the backup/ }).click();
  const dialog = window.getByRole('alertdialog');
  await dialog.getByRole('textbox').fill(await dialog.locator('code').first().innerText());
  await dialog.getByRole('button', { name: 'Restore this backup' }).click();
  await expect(window.getByRole('heading', { name: 'Balances', level: 1 })).toBeVisible({ timeout: 30_000 });
  await expect(window.getByText('Restored books: compare them with Stripe')).toBeVisible();
  await second.close();
  await removeUserData(userData);
});
