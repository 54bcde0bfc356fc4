/** Starts the real app in its real Electron, on a data folder of its own, with native dialogs answered from a queue. */
import { mkdtempSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ElectronApplication, _electron as electron, errors, expect, type Page } from '@playwright/test';
import { z } from 'zod';
import { sandboxSwitches } from '../../scripts/setup/chromium-sandbox.mjs';
import { electronPath } from '../../scripts/setup/electron-path.mjs';

const root = path.resolve(import.meta.dirname, '../..');

export interface RunningApp {
  readonly app: ElectronApplication;
  readonly window: Page;
  readonly userData: string;
  /** Console messages and page errors of the window: none are expected. */
  readonly complaints: string[];
  /** The next native dialog answers with this path; null cancels it. */
  answerDialog(answer: string | null): Promise<void>;
  close(): Promise<void>;
}

export function newUserData(): string {
  return mkdtempSync(path.join(tmpdir(), 'coffer-e2e-'));
}

export async function startApp(
  options: {
    userData?: string;
    env?: Record<string, string>;
    width?: number;
    height?: number;
    /** Switches for Chromium. */
    switches?: readonly string[];
  } = {},
): Promise<RunningApp> {
  const userData = options.userData ?? newUserData();
  const dialogs = path.join(userData, 'dialogs.json');
  await mkdir(userData, { recursive: true });
  await writeFile(dialogs, '[]');
  const app = await launch({
    executablePath: electronPath(),
    args: [...sandboxSwitches(), ...(options.switches ?? []), root],
    env: { ...definedEnv(), COFFER_USER_DATA: userData, COFFER_TEST_DIALOGS: dialogs, ...options.env },
  });
  const window = await app.firstWindow();
  const complaints: string[] = [];
  window.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  window.on('pageerror', (error) => complaints.push(error.message));
  await resize(app, options.width ?? 1280, options.height ?? 800);
  return {
    app,
    window,
    userData,
    complaints,
    answerDialog: (answer) => writeFile(dialogs, JSON.stringify([answer])),
    close: async () => {
      await app.close();
    },
  };
}

const COMES_UP_WITHIN_MS = 40_000;

/** Chromium was seen to hang before it answers anybody, once in hundreds of starts: that is said, and it is started once more. */
async function launch(options: Parameters<typeof electron.launch>[0]): Promise<ElectronApplication> {
  try {
    return await electron.launch({ ...options, timeout: COMES_UP_WITHIN_MS });
  } catch (error) {
    if (!(error instanceof errors.TimeoutError)) throw error;
    console.warn(`Electron did not come up within ${COMES_UP_WITHIN_MS / 1000} s and is started once more`);
    return electron.launch(options);
  }
}

function definedEnv(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

export async function resize(app: ElectronApplication, width: number, height: number): Promise<void> {
  await app.evaluate(
    ({ BrowserWindow }, size) => BrowserWindow.getAllWindows()[0]?.setContentSize(size.width, size.height),
    { width, height },
  );
}

/** Leaves the welcome screen for the sandbox. */
export async function enterSandbox(window: Page): Promise<void> {
  await window.getByRole('button', { name: 'Start in the sandbox' }).click();
  await expect(window.getByRole('heading', { name: 'Balances', level: 1 })).toBeVisible({ timeout: 30_000 });
}

export async function goTo(window: Page, screen: string): Promise<void> {
  // The button of Balances also says how many alerts are open.
  const name = new RegExp(`^${screen}(\\s|$)`);
  await window.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name }).click();
  await expect(window.getByRole('heading', { level: 1 })).toHaveText(screen);
}

const books = z.object({
  payments: z.object({ available: z.record(z.string(), z.string()), pending: z.record(z.string(), z.string()) }),
  storage: z.object({
    available: z.record(z.string(), z.string()),
    inbound_pending: z.record(z.string(), z.string()),
    outbound_pending: z.record(z.string(), z.string()),
  }),
  recipients_total: z.record(z.string(), z.string()),
  counts: z.record(z.string(), z.number()),
});

/** What the embedded Stripe itself says, asked past the app. Minor units as text. */
export async function stripeState(window: Page): Promise<z.infer<typeof books>> {
  const status = await window.evaluate(() => globalThis.window.coffer?.call('sandbox.status', undefined));
  if (status === undefined || !status.ok) throw new Error('The sandbox does not say where it is');
  const reply = await fetch(`${status.value.url}/_sandbox/state`, { headers: { 'x-coffer-sandbox': '1' } });
  return books.parse(await reply.json());
}

export async function removeUserData(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}
