/** Two computers, each with its own data folder: keys are exchanged, a month above the limit is requested here, signed there, paid here. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { enterSandbox, goTo, type RunningApp, removeUserData, startApp, stripeState } from './app';
import { confirmTyped, migrate, runSteps } from './walk';

const folder = mkdtempSync(path.join(tmpdir(), 'coffer-files-'));
const file = (name: string): string => path.join(folder, name);

let mara: RunningApp;
let tom: RunningApp;

test.beforeAll(async () => {
  [mara, tom] = await Promise.all([startApp(), startApp()]);
  await enterSandbox(mara.window);
  await enterSandbox(tom.window);
});

test.afterAll(async () => {
  for (const one of [mara, tom]) {
    await one?.close();
    if (one !== undefined) await removeUserData(one.userData);
  }
  rmSync(folder, { recursive: true, force: true });
});

async function showPeople({ window }: RunningApp): Promise<void> {
  await goTo(window, 'Settings');
  await window.getByRole('tab', { name: 'Operator' }).click();
  await expect(window.getByText('Fingerprint of this computer')).toBeVisible();
}

/** Gives the machine's operator a name and saves their key. Returns the fingerprint that the screen shows. */
async function saveKey(one: RunningApp, name: string): Promise<string> {
  await showPeople(one);
  await one.window.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
  await one.window.getByRole('button', { name: 'Save the name' }).click();
  await expect(one.window.getByText('Operator saved')).toBeVisible();
  await one.answerDialog(file(`${name}-key.json`));
  await one.window.getByRole('button', { name: 'Save my public key' }).click();
  await expect.poll(() => readable(`${name}-key.json`)).toContain('coffer-approver-key-v1');
  return one.window.locator('dd code').first().innerText();
}

function readable(name: string): string {
  try {
    return readFileSync(file(name), 'utf8');
  } catch {
    return '';
  }
}

async function pin(one: RunningApp, name: string, print: string): Promise<void> {
  await one.answerDialog(file(`${name}-key.json`));
  await one.window.getByRole('button', { name: 'Open another’s key' }).click();
  const accept = one.window.getByRole('button', { name: `Pin the key of ${name}` });
  await expect(accept).toBeDisabled();
  await one.window.getByLabel('Last four characters').fill(print.slice(-4));
  await accept.click();
  await expect(one.window.getByRole('table', { name: 'People who may approve' })).toContainText(print);
}

const paidAtStripe = async (window: Page) => (await stripeState(window)).counts.outbound_payment ?? 0;

/** Takes a file in on the screen that is shown, and expects the refusal. */
async function refused(one: RunningApp, name: string, words: string): Promise<void> {
  await one.answerDialog(file(name));
  await one.window.getByRole('button', { name: 'Take the approval in' }).click();
  await expect(one.window.getByRole('main').getByText(words)).toBeVisible();
}

test.describe
  .serial('a month above the limit', () => {
    test('keys are exchanged and compared, and a limit is set', async () => {
      await migrate(mara.window);
      const marasPrint = await saveKey(mara, 'Mara');
      const tomsPrint = await saveKey(tom, 'Tom');
      expect(marasPrint).not.toBe(tomsPrint);
      await pin(mara, 'Tom', tomsPrint);
      await pin(tom, 'Mara', marasPrint);
      await mara.window.getByLabel('Limit (USD)').fill('500.00');
      await mara.window.getByRole('button', { name: 'Save the limit' }).click();
      await expect(mara.window.getByText('Limit saved')).toBeVisible();
    });

    test('is not paid by one person alone', async () => {
      const { window } = mara;
      await runSteps(window, 'Preflight', 'Approve');
      const main = window.getByRole('main');
      await main.getByRole('button', { name: 'Go on to Pay', exact: true }).click();
      await main.getByRole('button', { name: /^Pay \d/ }).click();
      await confirmTyped(window, /^Pay/);
      await expect(
        main.getByText(/is above the limit that one person may pay: a second person has to approve this plan/),
      ).toBeVisible();
      expect(await paidAtStripe(window)).toBe(0);
    });

    test('is signed on the other computer; an altered approval is refused, the true one is taken in once', async () => {
      await mara.answerDialog(file('request.json'));
      await mara.window.getByRole('button', { name: 'Save the request' }).click();
      await expect.poll(() => readable('request.json')).toContain('coffer-approval-request-v1');

      await tom.answerDialog(file('request.json'));
      await tom.window.getByRole('button', { name: 'Open a request' }).click();
      const main = tom.window.getByRole('main');
      await expect(main.getByText('Asked by')).toBeVisible();
      await tom.answerDialog(file('approval.json'));
      await main.getByRole('button', { name: /^Approve .+ for \d{4}-\d{2}$/ }).click();
      await expect(tom.window.getByText('Approval saved')).toBeVisible();

      const signed = readable('approval.json');
      writeFileSync(file('altered.json'), signed.replace(/"amount": "(\d)/, '"amount": "9$1'));
      expect(readable('altered.json')).not.toBe(signed);
      await refused(mara, 'altered.json', 'This approval was changed after it was signed.');
      await mara.answerDialog(file('approval.json'));
      await mara.window.getByRole('button', { name: 'Take the approval in' }).click();
      await expect(mara.window.getByText('Tom approved this plan too')).toBeVisible();
    });

    test('is paid, after a second use of the same approval is refused', async () => {
      const { window } = mara;
      await mara.answerDialog(file('approval.json'));
      const { period } = JSON.parse(readable('approval.json')).subject;
      const again = await window.evaluate(
        (month) => globalThis.window.coffer?.call('approval.accept', { kind: 'month-end', period: month }),
        period,
      );
      expect(again).toMatchObject({ ok: false, error: { code: 'approval-replayed' } });

      const main = window.getByRole('main');
      await main.getByRole('button', { name: /^Pay \d/ }).click();
      await confirmTyped(window, /^Pay/);
      await expect(main.getByRole('button', { name: 'Go on to Reconcile', exact: true })).toBeVisible({
        timeout: 60_000,
      });
      expect(await paidAtStripe(window)).toBeGreaterThan(0);
      const log = await window.evaluate(() =>
        globalThis.window.coffer?.call('audit.list', { offset: 0, limit: 50, search: 'approval.' }),
      );
      for (const action of ['approval.requested', 'approval.refused', 'approval.accepted'])
        expect(JSON.stringify(log)).toContain(action);
      expect(mara.complaints).toEqual([]);
      expect(tom.complaints).toEqual([]);
    });
  });
