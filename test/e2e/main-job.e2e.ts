import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { parse } from 'csv-parse/sync';
import { unzipSync } from 'fflate';
import { enterSandbox, goTo, type RunningApp, startApp, stripeState } from './app';
import { closeMonth, migrate } from './walk';

const root = path.resolve(import.meta.dirname, '../..');
let running: RunningApp;

test.beforeAll(async () => {
  running = await startApp();
  await enterSandbox(running.window);
});

test.afterAll(async () => {
  await running.close();
});

/** `1,234.56` as the embedded Stripe says it, in minor units: `123456`. */
const shown = (minor: string | undefined): string => {
  const text = (minor ?? '0').padStart(3, '0');
  return `${text.slice(0, -2).replace(/\B(?=(\d{3})+(?!\d))/g, ',')}.${text.slice(-2)}`;
};

async function coverage(term: RegExp): Promise<string> {
  return (await running.window.getByRole('button', { name: term }).first().innerText()).replaceAll('\n', ' ');
}

test.describe
  .serial('the main job, in the real app on the sandbox', () => {
    test('Balances shows what is owed and that nothing of it is in Storage', async () => {
      const { window } = running;
      await expect(window.getByText('Separate what you owe from what you own')).toBeVisible();
      expect(await coverage(/^Storage available/)).toContain('0.00');
      expect(await coverage(/^Owed to creators/)).toContain('7,000.00');
      expect(await coverage(/^Shortfall/)).toContain('7,000.00');
      const books = await stripeState(window);
      expect(books.payments.available.usd).toBe('1000000');
      await expect(window.getByRole('figure').first()).toBeVisible();
    });

    test('the wizard turns 10,000.00 into 3,000.00 and 7,000.00, and Stripe says the same', async () => {
      const { window } = running;
      expect(await migrate(window)).toMatch(/^7000\.00 \d{4}-\d{2}$/);
      const books = await stripeState(window);
      expect(books.payments.available.usd).toBe('300000');
      expect(books.storage.available.usd).toBe('700000');
      expect(books.counts.payout).toBe(5);
      await goTo(window, 'Balances');
      await expect(window.getByRole('button', { name: /^Storage available/ })).toContainText('7,000.00');
      await expect(window.getByText('100.00 %').first()).toBeVisible();
    });

    test('a second dry run finds nothing to move', async () => {
      const { window } = running;
      await window.evaluate(() => globalThis.window.coffer?.call('migration.plan', undefined));
      const view = await window.evaluate(() => globalThis.window.coffer?.call('migration.status', undefined));
      expect(view).toMatchObject({ ok: true, value: { notNeeded: true } });
      expect((await stripeState(window)).counts.payout).toBe(5);
    });

    test('the nine steps close the month; what was paid is what left Storage', async () => {
      const { window } = running;
      const [pay, close] = await closeMonth(window);
      expect(pay).toBe(close);
      const books = await stripeState(window);
      const paid = BigInt(books.recipients_total.usd ?? '0');
      expect(pay?.split(' ')[0]).toBe(shown(String(paid)).replaceAll(',', ''));
      expect(BigInt(books.storage.available.usd ?? '0')).toBe(700_000n - paid);
      await goTo(window, 'Balances');
      await expect(window.getByRole('button', { name: /^Storage available/ })).toContainText(
        shown(books.storage.available.usd),
      );
      await expect(window.getByRole('button', { name: /^Owed to creators/ })).toContainText(
        shown(books.storage.available.usd),
      );
      await expect(window.getByText('100.00 %').first()).toBeVisible();
    });

    test('the exports, read back, agree with Stripe', async () => {
      const { window } = running;
      const folder = mkdtempSync(path.join(tmpdir(), 'coffer-exports-'));
      await running.answerDialog(folder);
      await goTo(window, 'Audit & exports');
      await window.getByRole('button', { name: /^Save all/ }).click();
      await expect(window.getByText(folder).first()).toBeVisible({ timeout: 30_000 });
      expect(readdirSync(folder)).toEqual(
        expect.arrayContaining(['earnings.csv', 'payouts.csv', 'operations.csv', 'summary.json', 'audit.csv']),
      );

      const text = readFileSync(path.join(folder, 'payouts.csv'), 'utf8');
      expect(text.startsWith('\uFEFF')).toBe(true);
      const payouts: Record<string, string>[] = parse(text, { bom: true, columns: true });
      const books = await stripeState(window);
      expect(payouts.length).toBe(books.counts.outbound_payment);
      expect(new Set(payouts.map((row) => row.status))).toEqual(new Set(['posted']));
      const total = payouts.reduce((sum, row) => sum + BigInt(row.amount_minor ?? '0'), 0n);
      expect(String(total)).toBe(books.recipients_total.usd);

      const summary = JSON.parse(readFileSync(path.join(folder, 'summary.json'), 'utf8'));
      expect(summary.usd.storage_after).toBe(books.storage.available.usd);
      expect(summary.usd.payments_after).toBe(books.payments.available.usd);
      expect(summary.usd.paid).toBe(String(total));
    });

    test('the binder verifies with nothing but Node', async () => {
      const { window } = running;
      const folder = mkdtempSync(path.join(tmpdir(), 'coffer-binder-'));
      const file = path.join(folder, 'binder.zip');
      await running.answerDialog(file);
      await window
        .getByRole('button', { name: /binder/i })
        .first()
        .click();
      await expect(window.getByText(file).first()).toBeVisible({ timeout: 30_000 });
      const content = path.join(folder, 'content');
      mkdirSync(content);
      for (const [name, bytes] of Object.entries(unzipSync(readFileSync(file))))
        writeFileSync(path.join(content, name), bytes);
      const said = execFileSync(process.execPath, [path.join(root, 'resources/verify-binder.mjs'), content], {
        encoding: 'utf8',
      });
      expect(said).toContain('VERIFIED');
    });

    test('the statements of the month are saved as PDF, one for each creator, and a single one of a creator', async () => {
      const { window } = running;
      const folder = mkdtempSync(path.join(tmpdir(), 'coffer-statements-'));
      await running.answerDialog(folder);
      await window.getByRole('button', { name: 'Save every statement…' }).click();
      await expect(window.getByText('46 statements were saved.')).toBeVisible({ timeout: 60_000 });
      const [month = ''] = readdirSync(folder);
      expect(month).toMatch(/^statements-\d{4}-\d{2}$/);
      const files = readdirSync(path.join(folder, month));
      expect(files).toHaveLength(46);
      for (const file of files) {
        expect(
          readFileSync(path.join(folder, month, file))
            .subarray(0, 5)
            .toString('latin1'),
        ).toBe('%PDF-');
      }
      await goTo(window, 'Creators');
      await window.getByRole('row').filter({ hasText: 'Ada Okafor' }).click();
      const single = path.join(folder, 'ada.pdf');
      await running.answerDialog(single);
      await window.getByRole('button', { name: 'Save PDF…' }).click();
      await expect.poll(() => existsSync(single), { timeout: 20_000 }).toBe(true);
      expect(readFileSync(single, 'latin1')).toContain('/StructTreeRoot');
    });

    test('what is safe of the revenue goes to the bank account, and not a cent more', async () => {
      const { window } = running;
      const before = BigInt((await stripeState(window)).payments.available.usd ?? '0');
      await goTo(window, 'Revenue');
      const plan = async (amount: string) => {
        await window.getByRole('button', { name: 'Plan a withdrawal…' }).click();
        await window.getByRole('textbox', { name: 'Amount to the bank account' }).fill(amount);
        await window.getByRole('button', { name: 'Plan 1 withdrawal' }).click();
      };
      await plan('1000000.00');
      await expect(window.getByText(/is more than the .* that is safe to withdraw/)).toBeVisible({ timeout: 20_000 });
      await window.getByRole('button', { name: 'Cancel' }).click();
      await plan('100.00');
      await window.getByRole('button', { name: 'Approve…' }).click({ timeout: 20_000 });
      await window.getByRole('button', { name: 'Approve 1 withdrawal' }).click();
      await window.getByRole('button', { name: 'Withdraw…' }).click();
      const dialog = window.getByRole('alertdialog');
      await dialog.getByRole('textbox').fill(await dialog.locator('code').innerText());
      await dialog.getByRole('button', { name: 'Withdraw', exact: true }).click();
      const table = window.getByRole('table', { name: /^Withdrawals in USD/ });
      await expect(table.getByText('Posted')).toBeVisible({ timeout: 30_000 });
      const after = BigInt((await stripeState(window)).payments.available.usd ?? '0');
      expect(before - after).toBe(10_000n);
      await goTo(window, 'Balances');
      await expect(window.getByText(/no explanation|outside Coffer/)).toHaveCount(0);
    });

    test('every screen opens without a complaint of the browser', async () => {
      const { window } = running;
      for (const screen of [
        'Payouts',
        'Creators',
        'Subscribers',
        'Reconciliation',
        'Audit & exports',
        'Revenue',
        'Settings',
        'Guide',
        'Balances',
      ]) {
        await goTo(window, screen);
      }
      expect(running.complaints).toEqual([]);
    });
  });
