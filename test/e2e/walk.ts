/** What a person clicks to migrate and to close a month, for the end-to-end tests and the demo. */
import { expect, type Locator, type Page } from '@playwright/test';
import { goTo } from './app';

/** Called with the name of what is on the screen, before anything else is clicked. */
export type Look = (name: string) => Promise<void>;

const noLook: Look = async () => undefined;

function dialog(window: Page): Locator {
  return window.getByRole('alertdialog').or(window.getByRole('dialog')).first();
}

/** Types what the open dialog asks for and presses its button. Focus is on Cancel until then. */
export async function confirmTyped(window: Page, action: RegExp, look: Look = noLook, name = ''): Promise<string> {
  const open = dialog(window);
  await expect(open).toBeVisible();
  await expect(open.getByRole('button', { name: 'Cancel' })).toBeFocused();
  const asked = /type\s+([^\n]*\d{4}-\d{2})/.exec(await open.innerText())?.[1];
  if (asked === undefined) throw new Error('The dialog asks for nothing to be typed');
  await expect(open.getByRole('button', { name: action })).toBeDisabled();
  await open.getByRole('textbox').fill(asked);
  await look(name);
  await open.getByRole('button', { name: action }).click();
  return asked;
}

/** The wizard from its first step to the certificate. Returns what was typed to execute. */
export async function migrate(window: Page, look: Look = noLook): Promise<string> {
  await goTo(window, 'Migration');
  await window.getByRole('button', { name: 'Continue to Obligations' }).waitFor();
  await look('migration-preflight');
  await window.getByRole('button', { name: 'Continue to Obligations' }).click();
  await window.getByRole('button', { name: 'Continue to Dry run' }).waitFor();
  await look('migration-obligations');
  await window.getByRole('button', { name: 'Continue to Dry run' }).click();
  await window.getByRole('button', { name: 'Make the dry run' }).click();
  await window.getByRole('button', { name: 'Continue to Approve' }).waitFor();
  await look('migration-dry-run');
  await window.getByRole('button', { name: 'Continue to Approve' }).click();
  await look('migration-approve');
  await window.getByRole('button', { name: /^Approve \d+ movements/ }).click();
  await window.getByRole('button', { name: /^Execute \d+ movements/ }).click();
  const typed = await confirmTyped(window, /^Execute/, look, 'migration-execute');
  await expect(window.getByRole('heading', { name: 'Certificate of migration' })).toBeVisible({ timeout: 60_000 });
  await look('migration-certificate');
  return typed;
}

const STEPS = [
  'Preflight',
  'Lock',
  'Earnings',
  'Use it or lose it',
  'Fund',
  'Approve',
  'Pay',
  'Reconcile',
  'Close',
] as const;
const BUTTONS: Readonly<Record<(typeof STEPS)[number], RegExp>> = {
  Preflight: /^Run the checks$/,
  Lock: /^Lock \d/,
  Earnings: /^Calculate earnings/,
  'Use it or lose it': /^Lapse unallocated funds/,
  Fund: /^Fund Storage/,
  Approve: /^Approve this plan/,
  Pay: /^(Pay \d|Continue without payouts)/,
  Reconcile: /^Reconcile$/,
  Close: /^Close \d/,
};

/** All nine steps, warnings acknowledged as they come. Returns what was typed to pay and to close. */
export async function closeMonth(window: Page, look: Look = noLook): Promise<string[]> {
  const typed = await runSteps(window, 'Preflight', 'Close', look);
  await expect(window.getByRole('main').getByText('Signed by')).toBeVisible({ timeout: 30_000 });
  await look('month-end-closed');
  return typed;
}

/** The steps from one to another, both included. */
export async function runSteps(
  window: Page,
  from: (typeof STEPS)[number],
  to: (typeof STEPS)[number],
  look: Look = noLook,
): Promise<string[]> {
  await goTo(window, 'Month end');
  const main = window.getByRole('main');
  const typed: string[] = [];
  for (const step of STEPS.slice(STEPS.indexOf(from), STEPS.indexOf(to) + 1)) {
    const goOn = main.getByRole('button', { name: `Go on to ${step}`, exact: true });
    const act = main.getByRole('button', { name: BUTTONS[step] }).last();
    await expect(goOn.or(act).first()).toBeVisible({ timeout: 30_000 });
    const acknowledge = main.getByRole('button', { name: /^Acknowledge/ });
    while ((await acknowledge.count()) > 0) {
      const before = await acknowledge.count();
      await acknowledge.first().click();
      await expect(acknowledge).toHaveCount(before - 1);
    }
    if (await goOn.isVisible()) await goOn.click();
    await expect(act).toBeEnabled();
    if (step === 'Approve') await look('month-end-plan');
    await act.click();
    if (step === 'Approve') {
      await dialog(window)
        .getByRole('button', { name: /^Approve \d+ payout/ })
        .click();
    } else if (step === 'Pay') typed.push(await confirmTyped(window, /^Pay/, look, 'month-end-pay'));
    else if (step === 'Close') typed.push(await confirmTyped(window, /^Close/, look, 'month-end-close'));
    await expect(dialog(window)).toHaveCount(0, { timeout: 30_000 });
    const next = STEPS[STEPS.indexOf(step) + 1];
    if (next !== undefined) {
      await expect(main.getByRole('button', { name: `Go on to ${next}`, exact: true })).toBeVisible({
        timeout: 60_000,
      });
      await look(`month-end-${step.toLowerCase().replaceAll(' ', '-')}`);
    }
  }
  return typed;
}
