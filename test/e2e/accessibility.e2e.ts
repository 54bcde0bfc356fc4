/** axe on every screen of the real app, light and dark, before the migration and after the month end, with what opens. */
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { enterSandbox, goTo, type RunningApp, startApp } from './app';
import { closeMonth, type Look, migrate } from './walk';

const themes = ['light', 'dark'] as const;

let running: RunningApp;
const violations: string[] = [];
let checked = 0;

/** Looks at what is on the screen in both themes. What axe cannot decide is not counted, what it finds is written down. */
const check: Look = async (name) => {
  const { window } = running;
  for (const theme of themes) {
    await window.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    // Electron has no page to open for axe to merge frames in; the app has no frames either.
    const { violations: found } = await new AxeBuilder({ page: window }).setLegacyMode(true).analyze();
    checked += 1;
    for (const { id, help, nodes } of found) {
      const where = nodes.map((node) => `${node.target.join(' ')}\n      ${node.failureSummary ?? ''}`).join('\n    ');
      violations.push(`${name}, ${theme}: ${id}: ${help}\n    ${where}`);
    }
  }
};

async function checkScreens(window: Page, when: string): Promise<void> {
  for (const screen of [
    'Balances',
    'Migration',
    'Month end',
    'Payouts',
    'Creators',
    'Subscribers',
    'Reconciliation',
    'Audit & exports',
    'Revenue',
    'Guide',
  ]) {
    await goTo(window, screen);
    await expect(window.locator('.skeleton')).toHaveCount(0);
    await check(`${screen}, ${when}`);
  }
}

/** Checks what a press opens, and closes it. */
async function checkOpened(window: Page, name: string): Promise<void> {
  const opened = window.getByRole('alertdialog').or(window.getByRole('dialog')).first();
  await expect(opened).toBeVisible();
  await expect(opened.locator('.skeleton')).toHaveCount(0);
  await check(name);
  await window.keyboard.press('Escape');
  await expect(opened).toHaveCount(0);
}

test.beforeAll(async () => {
  running = await startApp();
});

test.afterAll(async () => {
  await running.close();
});

test.afterEach(() => {
  expect(violations.splice(0)).toEqual([]);
});

test.describe
  .serial('axe finds nothing, light and dark', () => {
    test('the welcome and every screen of a mixed balance', async () => {
      const { window } = running;
      await window.getByRole('button', { name: 'Start in the sandbox' }).waitFor();
      await check('Welcome');
      await enterSandbox(window);
      await checkScreens(window, 'before the migration');
    });

    test('Settings, every tab', async () => {
      const { window } = running;
      await goTo(window, 'Settings');
      for (const tab of await window.getByRole('tab').allInnerTexts()) {
        await window.getByRole('tab', { name: tab }).click();
        await expect(window.locator('.skeleton')).toHaveCount(0);
        await check(`Settings, ${tab}`);
      }
    });

    test('the steps of the migration and of the month end, with their dialogs', async () => {
      const { window } = running;
      await migrate(window, check);
      await closeMonth(window, check);
    });

    test('every screen of a closed month', async () => {
      await checkScreens(running.window, 'after the month end');
    });

    test('drawers, statements, menus and the palette', async () => {
      const { window } = running;
      await goTo(window, 'Balances');
      await window.getByRole('button', { name: /^Owed to creators/ }).click();
      await checkOpened(window, 'Balances, owed');
      await window.getByText('Table', { exact: true }).first().click();
      await check('Balances, the charts as a table');
      await goTo(window, 'Payouts');
      await window.getByRole('row').nth(1).click();
      await checkOpened(window, 'Payouts, one payout');
      await window.getByRole('button', { name: 'Columns' }).click();
      await checkOpened(window, 'Payouts, columns');
      await goTo(window, 'Creators');
      await window.getByRole('row').filter({ hasText: 'Ada Okafor' }).click();
      await expect(window.getByRole('heading', { name: 'Ada Okafor' }).first()).toBeVisible();
      await expect(window.locator('.skeleton')).toHaveCount(0);
      await check('Creators, one statement');
      await window.getByRole('button', { name: 'Hold…' }).click();
      await checkOpened(window, 'Creators, hold');
      await goTo(window, 'Subscribers');
      await window.getByRole('row').nth(1).click();
      await expect(window.getByRole('button', { name: 'All subscribers' })).toBeVisible();
      await expect(window.locator('.skeleton')).toHaveCount(0);
      await check('Subscribers, one statement');
      await goTo(window, 'Reconciliation');
      await window
        .getByRole('table', { name: 'Lines' })
        .or(window.getByRole('grid', { name: 'Lines' }))
        .getByRole('row')
        .nth(1)
        .click();
      await checkOpened(window, 'Reconciliation, one line');
      await goTo(window, 'Audit & exports');
      for (const tab of ['Audit log', 'Verification', 'Certificate']) {
        await window.getByRole('tab', { name: tab }).click();
        await expect(window.locator('.skeleton')).toHaveCount(0);
        await check(`Audit & exports, ${tab}`);
      }
      await window.keyboard.press('Control+K');
      await checkOpened(window, 'Palette');
      console.info(`axe: ${checked} states checked`);
    });
  });
