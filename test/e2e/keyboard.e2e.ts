/** A month end by keyboard alone: the pointer is not touched, and the focus is always somewhere, and seen. */
import { expect, type Locator, type Page, test } from '@playwright/test';
import { z } from 'zod';
import { type RunningApp, startApp } from './app';

test.setTimeout(240_000);

const focusState = z.object({ what: z.string(), lost: z.boolean(), seen: z.boolean(), inWindow: z.boolean() });

/** What has the focus: lost when it is nowhere, seen when the element or what stands for it has a ring. */
async function focus(window: Page): Promise<z.infer<typeof focusState>> {
  return focusState.parse(
    await window.evaluate(() => {
      const element = document.activeElement ?? document.body;
      const active = element.getAttribute('aria-activedescendant');
      const marked = [element, element.parentElement, active === null ? null : document.getElementById(active)];
      const hasRing = (one: Element | null) => {
        if (one === null) return false;
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
        return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow.includes('inset');
      };
      const { top, bottom, left, right } = element.getBoundingClientRect();
      return {
        what: `${element.tagName} ${element.getAttribute('aria-label') ?? element.textContent?.slice(0, 60) ?? ''}`,
        lost: element === document.body,
        seen: marked.some(hasRing),
        inWindow: bottom > 0 && right > 0 && top < innerHeight && left < innerWidth,
      };
    }),
  );
}

let running: RunningApp;

/** Presses a key; afterwards the focus is somewhere, seen and in the window. */
async function press(key: string): Promise<void> {
  const { window } = running;
  await window.keyboard.press(key);
  await expect(async () => {
    expect(await focus(window), `after ${key}`).toMatchObject({ lost: false, seen: true, inWindow: true });
  }).toPass({ timeout: 5_000 });
}

/** Tab until `wanted` has the focus. */
async function tabTo(wanted: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  await expect(wanted).toBeVisible({ timeout: 30_000 });
  for (let steps = 0; steps < 60; steps += 1) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await press(key);
  }
  throw new Error(`Tab does not reach ${wanted}`);
}

async function choose(wanted: Locator): Promise<void> {
  await tabTo(wanted);
  await press('Enter');
}

/** Types what the open dialog asks for, from Cancel back to the field and on to the button. */
async function type(action: RegExp): Promise<void> {
  const { window } = running;
  const dialog = window.getByRole('alertdialog');
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  const asked = await dialog.locator('label code').innerText();
  await tabTo(dialog.getByRole('textbox'), 'Shift+Tab');
  await window.keyboard.type(asked);
  await choose(dialog.getByRole('button', { name: action }));
  await expect(dialog).toHaveCount(0);
}

const steps = [
  ['Lock', /^Run the checks$/],
  ['Earnings', /^Lock \d/],
  ['Use it or lose it', /^Calculate earnings/],
  ['Fund', /^Lapse unallocated funds/],
  ['Approve', /^Fund Storage/],
  ['Pay', /^Approve this plan/],
  ['Reconcile', /^Pay \d/],
  ['Close', /^Reconcile$/],
] as const;

test.beforeAll(async () => {
  running = await startApp();
});

test.afterAll(async () => {
  await running.close();
});

test.describe
  .serial('by keyboard alone', () => {
    test('from the first start to the month end, by the palette', async () => {
      const { window } = running;
      const start = window.getByRole('button', { name: 'Start in the sandbox' });
      await expect(start).toBeFocused();
      await press('Enter');
      const heading = window.getByRole('heading', { level: 1 });
      await expect(heading).toHaveText('Balances', { timeout: 30_000 });
      const used = await window.evaluate(() =>
        globalThis.window.coffer?.call('data.useSandboxDataset', { id: 'worked' }),
      );
      expect(used).toMatchObject({ ok: true });

      await press('Control+k');
      await window.keyboard.type('lock');
      await press('Enter');
      await expect(heading).toHaveText('Month end');
      await expect(heading).toBeFocused();
    });

    test('nine steps; a dialog begins on Cancel, and Escape leaves it', async () => {
      const { window } = running;
      const main = window.getByRole('main');
      const dialog = window.getByRole('alertdialog');
      const button = (name: string | RegExp) => main.getByRole('button', { name }).last();
      for (const [next, act] of steps) {
        await choose(button(act));
        if (next === 'Pay') {
          await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
          await choose(dialog.getByRole('button', { name: /^Approve \d+ payout/ }));
        }
        if (next === 'Reconcile') {
          await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
          await press('Escape');
          await expect(dialog).toHaveCount(0);
          await expect(button(act)).toBeFocused();
          await press('Enter');
          await type(/^Pay \d/);
        }
        const goOn = button(`Go on to ${next}`);
        await expect(goOn).toBeVisible({ timeout: 60_000 });
        for (
          const acknowledge = main.getByRole('button', { name: /^Acknowledge/ });
          (await acknowledge.count()) > 0;
        ) {
          const before = await acknowledge.count();
          await choose(acknowledge.first());
          await expect(acknowledge).toHaveCount(before - 1);
        }
        await choose(goOn);
      }
      await choose(button(/^Close \d/));
      await type(/^Close \d/);
      await expect(main.getByText('Signed by')).toBeVisible({ timeout: 30_000 });
      await choose(button('Save the exports and the binder'));
      await expect(window.getByRole('heading', { level: 1 })).toHaveText('Audit & exports');
    });

    test('arrows in lists, tabs and choices; Escape gives the focus back', async () => {
      const { window } = running;
      await tabTo(window.getByRole('tab', { name: 'Exports' }));
      await press('ArrowRight');
      await expect(window.getByRole('tab', { name: 'Audit log' })).toHaveAttribute('aria-selected', 'true');

      await press('Control+k');
      await window.keyboard.type('every payout');
      await press('Enter');
      const grid = window.getByRole('grid', { name: 'Payouts' });
      await tabTo(grid);
      await press('ArrowDown');
      await press('Enter');
      await expect(window.getByRole('dialog', { name: 'Payout' })).toBeVisible();
      await press('Escape');
      await expect(grid).toBeFocused();

      await tabTo(window.getByRole('button', { name: /Period$/ }), 'Shift+Tab');
      await press('ArrowDown');
      await expect(window.getByRole('option', { name: 'All periods' })).toBeVisible();
      await press('Escape');
      await expect(window.getByRole('button', { name: /Period$/ })).toBeFocused();
      await press('Alt+ArrowLeft');
      await expect(window.getByRole('heading', { level: 1 })).toHaveText('Audit & exports');
      expect(running.complaints).toEqual([]);
    });
  });
