/** axe on every screen of the real app, light and dark, before the migration and after the month end, with what opens. */
import { expect, type Locator, type Page, test } from '@playwright/test';
import { enterSandbox, goTo, type RunningApp, startApp } from './app';
import { axe, themes, violationsIn } from './axe';
import { closeMonth, type Look, migrate } from './walk';

const screens = [
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
] as const;

test.setTimeout(240_000);
// A trace would keep the whole page for each of some hundred looks; what axe says names the element.
test.use({ trace: 'off' });

let running: RunningApp;
let looks = 0;
const violations: string[] = [];

/** Looks at what is on the screen in both themes and writes down what axe finds. */
const check: Look = async (name) => {
  const { window } = running;
  await expect(window.locator('.skeleton')).toHaveCount(0);
  for (const look of themes) {
    await window.emulateMedia({ colorScheme: look.theme, reducedMotion: 'reduce' });
    looks += 1;
    violations.push(...(await violationsIn(window, look)).map((one) => `${name}, ${one}`));
  }
};

async function checkScreens(when: string): Promise<void> {
  for (const screen of screens) {
    await goTo(running.window, screen);
    await check(`${screen}, ${when}`);
  }
}

function open(window: Page): Locator {
  return window.getByRole('alertdialog').or(window.getByRole('dialog')).first();
}

/** Checks what is open, and closes it. */
async function checkOpen(name: string): Promise<void> {
  const { window } = running;
  await expect(open(window)).toBeVisible();
  await check(name);
  await window.keyboard.press('Escape');
  await expect(open(window)).toHaveCount(0);
}

/** Runs in the page: controls that reach beyond the window, outside tables that scroll by themselves. */
function cutOff(): string[] {
  const screen = document.getElementById('screen');
  const sideways =
    screen !== null && screen.scrollWidth > screen.clientWidth + 1 ? ['the screen scrolls sideways'] : [];
  const controls = [...document.querySelectorAll('button, input, [role="tab"], h1, h2')].filter((one) => {
    const { left, right, width } = one.getBoundingClientRect();
    const ownScroll = one.closest('.data-table-scroll, .simple-table-scroll, .visually-hidden, .skip-link');
    return ownScroll === null && width > 0 && (left < -1 || right > innerWidth + 1);
  });
  return [...sideways, ...controls.map((one) => one.textContent ?? one.tagName)];
}

test.beforeAll(async () => {
  running = await startApp();
  await running.window.evaluate(axe.source);
});

test.afterAll(async () => {
  await running.close();
  console.info(`axe ${axe.version}: ${looks} looks`);
});

test.afterEach(() => {
  expect(violations.splice(0)).toEqual([]);
});

test.describe
  .serial('axe finds nothing, light and dark', () => {
    test('on the welcome and on every screen of a mixed balance', async () => {
      const { window } = running;
      await window.getByRole('button', { name: 'Start in the sandbox' }).waitFor();
      await check('Welcome');
      await enterSandbox(window);
      await checkScreens('before the migration');
    });

    test('in Settings', async () => {
      const { window } = running;
      await goTo(window, 'Settings');
      for (const tab of await window.getByRole('tab').allInnerTexts()) {
        await window.getByRole('tab', { name: tab }).click();
        await check(`Settings, ${tab}`);
      }
      await window.getByRole('tab', { name: 'Data' }).click();
      await window.getByRole('button', { name: 'Use The worked example' }).click();
      await checkOpen('Settings, start afresh');
    });

    test('at every step of the migration and of the month end, and in their dialogs', async () => {
      await migrate(running.window, check);
      await closeMonth(running.window, check);
    });

    test('on every screen of a closed month', async () => {
      await checkScreens('after the month end');
    });

    test('at 200 % no control is cut off and nothing scrolls sideways but tables', async () => {
      const { app, window } = running;
      const zoom = (factor: number) =>
        app.evaluate(
          ({ BrowserWindow }, to) => BrowserWindow.getAllWindows()[0]?.webContents.setZoomFactor(to),
          factor,
        );
      await zoom(2);
      await expect.poll(() => window.evaluate(() => innerWidth)).toBe(640);
      for (const screen of [...screens, 'Settings']) {
        await goTo(window, screen);
        await expect(window.locator('.skeleton')).toHaveCount(0);
        expect(await window.evaluate(cutOff), screen).toEqual([]);
      }
      await zoom(1);
    });

    test('in drawers, statements, menus and the palette', async () => {
      const { window } = running;
      await goTo(window, 'Balances');
      await window.getByRole('button', { name: /^Owed to creators/ }).click();
      await checkOpen('Balances, owed');
      await window.getByRole('radio', { name: 'Table' }).click();
      await check('Balances, as a table');
      await goTo(window, 'Payouts');
      await window.getByRole('row').nth(1).click();
      await checkOpen('Payouts, one payout');
      await window.getByRole('button', { name: 'Columns' }).click();
      await checkOpen('Payouts, columns');
      await goTo(window, 'Creators');
      await window.getByRole('row').filter({ hasText: 'Ada Okafor' }).click();
      await expect(window.getByRole('heading', { level: 1 })).toHaveText('Ada Okafor');
      await check('Creators, a statement');
      await window.getByRole('button', { name: 'Hold…' }).click();
      await checkOpen('Creators, hold');
      await goTo(window, 'Subscribers');
      await window.getByRole('row').nth(1).click();
      await expect(window.getByRole('button', { name: 'All subscribers' })).toBeVisible();
      await check('Subscribers, a statement');
      await goTo(window, 'Reconciliation');
      await window.getByRole('grid', { name: 'Lines' }).getByRole('row').nth(1).click();
      await checkOpen('Reconciliation, a line');
      await goTo(window, 'Month end');
      await window.getByRole('button', { name: /Period$/ }).click();
      await window.getByRole('listbox').waitFor();
      await check('Month end, choice of the period');
      await window.keyboard.press('Escape');
      await goTo(window, 'Audit & exports');
      for (const tab of ['Audit log', 'Verification', 'Certificate']) {
        await window.getByRole('tab', { name: tab }).click();
        await check(`Audit & exports, ${tab}`);
      }
      await window.keyboard.press('Control+K');
      await checkOpen('Palette');
    });
  });
