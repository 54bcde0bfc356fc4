/**
 * Every screen in every state as a picture, light and dark, and looked at by axe: real window and page, answers that are the same
 * every time, a fixed clock and zone, one font. After a change that is meant:
 * `npx playwright test screens --project=e2e --update-snapshots` (in a desktop session), and look at the pictures that changed.
 */
import { expect, type Page, test } from '@playwright/test';
import { consoleAnswers, quietSandbox } from '../renderer/console-answers';
import { believable, Failed, type FakeAnswers, fakeCoffer, overview } from '../renderer/fake-coffer';
import { lists } from '../renderer/fake-lists';
import {
  approved,
  beforePlan,
  certificate,
  completed,
  executing,
  migrationCoffer,
  notNeeded,
  planned,
  rollingBack,
  stopped,
} from '../renderer/migration-fake';
import {
  closedMonth,
  guidedLapse,
  monthEndAt,
  monthEndCoffer,
  paidInPart,
  payUnknown,
} from '../renderer/month-end-fake';
import { type Answers, answerInstead, never } from './answers';
import { type RunningApp, startApp } from './app';
import { axe, themes, violationsIn } from './axe';

test.setTimeout(300_000);
test.use({ trace: 'off' });

interface State {
  readonly name: string;
  /** `payouts?period=2026-10`; the page opens at Balances without one. */
  readonly place?: string;
  readonly answers?: FakeAnswers;
  readonly coffer?: ReturnType<typeof fakeCoffer>;
  /** What is opened before the picture. */
  readonly open?: (window: Page) => Promise<void>;
  /** Waits for what comes; its skeletons stay. */
  readonly waits?: true;
}

const quiet: FakeAnswers = { 'app.unfinished': async () => [] };
const usual: FakeAnswers = { ...believable, ...consoleAnswers, ...lists, ...quiet };
const fails = async (): Promise<never> => {
  throw new Failed('The database could not be read.', 'Try again; nothing was changed.');
};
const noRows = async () => ({ total: 0, rows: [] });
const info = async (change: object) => {
  const known = await believable['app.info']?.(undefined);
  if (known === undefined) throw new Error('The fake has no app.info');
  return { ...known, ...change };
};
const month = (name: string, view: Parameters<typeof monthEndCoffer>[0]): State => ({
  name: `month-end-${name}`,
  place: 'month-end?period=2026-10',
  coffer: monthEndCoffer(view),
});
const migration = (name: string, view: Parameters<typeof migrationCoffer>[0]): State => ({
  name: `migration-${name}`,
  place: 'migration',
  coffer: migrationCoffer(view),
});
const press = (name: string | RegExp) => async (window: Page) => {
  await window.getByRole('button', { name }).first().click();
};

const openHistory = async (window: Page) => {
  await press('History')(window);
  await press('What happened')(window);
  await expect(window.getByText('Raised:')).toBeVisible();
};

/** A reading of the chart of the currency that is short, chosen with the pointer. */
const pastOfShortCurrency = async (window: Page) => {
  await window.getByRole('radio', { name: 'EUR' }).first().click();
  await expect(window.getByText('Changes of what is unexplained')).toBeVisible();
  const chart = window.locator('.chart-plot').first();
  await chart.hover({ position: { x: 200, y: 60 } });
  await chart.click({ position: { x: 200, y: 60 } });
  await expect(window.getByText('Lines that nothing explained then')).toBeVisible();
};

const states: readonly State[] = [
  { name: 'welcome', answers: { 'app.info': () => info({ welcomed: false }) } },
  { name: 'balances' },
  { name: 'balances-unfinished', answers: { ...believable } },
  { name: 'balances-loading', answers: { 'balances.overview': never, 'alerts.list': never }, waits: true },
  { name: 'balances-error', answers: { 'balances.overview': fails } },
  {
    name: 'balances-empty',
    answers: {
      'balances.overview': async () => ({
        ...overview,
        asOf: null,
        connection: 'not-configured',
        connectionDetail: 'There is no key in the keychain.',
        currencies: [],
        openPeriod: null,
      }),
      'alerts.list': async () => [],
    },
  },
  {
    name: 'balances-offline',
    answers: {
      'balances.overview': async () => ({
        ...overview,
        connection: 'offline',
        connectionDetail: 'The last three readings failed.',
        stale: true,
      }),
    },
  },
  { name: 'balances-live', answers: { 'app.info': () => info({ mode: 'live' }) } },
  { name: 'balances-table', open: (window) => window.getByRole('radio', { name: 'Table' }).click() },
  { name: 'balances-alerts', open: openHistory },
  { name: 'balances-snooze', open: press('Snooze…') },
  { name: 'balances-term', open: press(/^Owed to creators/) },
  { name: 'balances-at', open: pastOfShortCurrency },
  migration('preflight', beforePlan),
  migration('dry-run', planned),
  migration('approved', approved),
  migration('executing', executing(3)),
  migration('stopped', stopped(4, 'Stripe cannot be reached: the connection was closed.')),
  migration('unknown', stopped(4, 'The outcome of a movement is unknown.', 'unknown')),
  migration('rolling-back', rollingBack),
  migration('not-needed', notNeeded),
  { name: 'migration-certificate', place: 'migration', coffer: migrationCoffer(completed) },
  { ...migration('confirm', approved), name: 'migration-confirm', open: press(/^Execute \d/) },
  month('preflight', monthEndAt('preflight')),
  month('plan', monthEndAt('approve')),
  month('guided', guidedLapse),
  { ...month('partial-failure', paidInPart), open: (window) => window.getByText('7. Pay').first().click() },
  month('unknown', payUnknown),
  month('close', monthEndAt('close')),
  {
    ...month('close', monthEndAt('close')),
    name: 'month-end-close-confirm',
    open: press(/^Close 2026-10/),
  },
  month('closed', closedMonth),
  { name: 'month-end-error', place: 'month-end', answers: { 'monthEnd.periods': fails } },
  { name: 'month-end-empty', place: 'month-end', answers: { 'monthEnd.periods': async () => [] } },
  { name: 'payouts', place: 'payouts' },
  { name: 'payouts-partial-failure', place: 'payouts?period=2026-10&view=not-paid' },
  { name: 'payout', place: 'payouts?period=2026-10&intentId=in_0004' },
  {
    name: 'payouts-empty',
    place: 'payouts',
    answers: { 'payouts.list': async () => ({ counts: [], totals: [], page: { total: 0, rows: [] } }) },
  },
  { name: 'payouts-loading', place: 'payouts', answers: { 'payouts.list': never }, waits: true },
  { name: 'creators-100000', place: 'creators', answers: { 'creators.suspense': async () => [] } },
  {
    name: 'creators-empty',
    place: 'creators',
    answers: { 'creators.list': noRows, 'creators.suspense': async () => [] },
  },
  {
    name: 'creators-error',
    place: 'creators',
    answers: { 'creators.list': fails, 'creators.suspense': async () => [] },
  },
  {
    name: 'creators-loading',
    place: 'creators',
    answers: { 'creators.list': never, 'creators.suspense': async () => [] },
    waits: true,
  },
  { name: 'creator', place: 'creators?creatorId=cr_000001' },
  { name: 'subscribers', place: 'subscribers' },
  { name: 'subscriber', place: 'subscribers?subscriberId=su_00001' },
  { name: 'reconciliation', place: 'reconciliation' },
  {
    name: 'reconciliation-exception',
    place: 'reconciliation?period=2026-10&outcome=exception',
    open: async (window) => {
      await window.getByText('trx_outside_1').click();
      await expect(window.getByText('Probable cause')).toBeAttached();
    },
  },
  {
    name: 'reconciliation-by-day',
    place: 'reconciliation?period=2026-10',
    open: async (window) => {
      await window.getByText('By day').click();
      await expect(window.getByText('2026-10-03')).toBeVisible();
    },
  },
  { name: 'reconciliation-empty', place: 'reconciliation', answers: { 'reconciliation.list': noRows } },
  { name: 'exports', place: 'audit' },
  { name: 'audit-log', place: 'audit?tab=log' },
  {
    name: 'audit-certificate',
    place: 'audit?tab=certificate',
    answers: { 'migration.certificate': async () => certificate },
  },
  { name: 'revenue', place: 'revenue' },
  { name: 'settings-stripe', place: 'settings?tab=stripe' },
  { name: 'settings-policy', place: 'settings?tab=policy' },
  { name: 'settings-data', place: 'settings?tab=data' },
  {
    name: 'settings-sandbox',
    place: 'settings?tab=sandbox',
    answers: {
      'app.info': () => info({ mode: 'sandbox' }),
      'sandbox.status': async () => ({
        ...quietSandbox,
        faults: [{ kind: 'payout-fails', detail: 'The next 2 payouts' }],
      }),
    },
  },
  { name: 'settings-schedule', place: 'settings?tab=schedule' },
  { name: 'settings-backups', place: 'settings?tab=backups' },
  { name: 'settings-operator', place: 'settings?tab=operator' },
  { name: 'settings-appearance', place: 'settings?tab=appearance' },
  { name: 'guide', place: 'guide' },
  { name: 'palette', open: (window) => window.keyboard.press('Control+K') },
];

let running: RunningApp;
let answers: Answers;

test.beforeAll(async () => {
  running = await startApp({
    env: { TZ: 'UTC' },
    switches: [
      '--font-render-hinting=none',
      '--disable-lcd-text',
      '--force-device-scale-factor=1',
      '--force-color-profile=srgb',
    ],
  });
  const { app, window } = running;
  answers = await answerInstead(app, window);
  await window.clock.setFixedTime(new Date('2026-10-29T09:00:00.000Z'));
});

test.afterAll(async () => {
  await answers.close();
  await running.close();
});

/** Opens the page anew in this state, with the one font that set-up installs. */
async function show({ place, answers: own, coffer, open, waits }: State): Promise<void> {
  const { window } = running;
  answers.use(coffer ?? fakeCoffer({ ...usual, ...own }));
  await window.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await window.reload();
  await window.evaluate(axe.source);
  await window.evaluate(() => {
    document.documentElement.style.setProperty('--font', '"DejaVu Sans"');
    document.documentElement.style.setProperty('--font-code', '"DejaVu Sans Mono"');
  });
  await expect(window.getByRole('heading', { level: 1 })).toBeVisible();
  if (place !== undefined) await answers.goTo(place);
  if (waits === undefined) await expect(window.locator('.skeleton:visible, .data-table-wait:visible')).toHaveCount(0);
  await open?.(window);
  await window.mouse.move(0, 0);
}

for (const state of states) {
  test(`${state.name} looks as it did, and axe finds nothing`, async () => {
    const { window } = running;
    await show(state);
    const violations: string[] = [];
    for (const look of themes) {
      await window.emulateMedia({ colorScheme: look.theme, reducedMotion: 'reduce' });
      await expect.soft(window).toHaveScreenshot(`${state.name}-${look.theme}.png`);
      violations.push(...(await violationsIn(window, look)));
    }
    expect(violations).toEqual([]);
  });
}
