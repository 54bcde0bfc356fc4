/** A platform with 100,000 creators and three years of daily readings: what a person waits for, measured in the real app. */
import { expect, type Page, test } from '@playwright/test';
import { z } from 'zod';
import { goTo, newUserData, type RunningApp, removeUserData, startApp } from './app';
import { creatorName, LARGE, makeLargeStore } from './large-store';

test.setTimeout(240_000);

/** What a fixed piece of work takes on one free core of an ordinary machine. */
const FREE_MS = 35;

/** How much slower than a free core this machine is at the moment, at least 1: others may be working on it. */
function slowdown(): number {
  const took = Array.from({ length: 9 }, () => {
    const start = performance.now();
    let state = 1;
    for (let turn = 0; turn < 30_000_000; turn += 1) state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return performance.now() - start + (state === 0 ? 1 : 0);
  });
  return Math.max(1, median(took) / FREE_MS);
}

const userData = newUserData();
let running: RunningApp;

test.beforeAll(async () => {
  await makeLargeStore(userData);
  running = await startApp({ userData });
});

test.afterAll(async () => {
  await running.close();
  await removeUserData(userData);
});

function say(what: string, figures: Readonly<Record<string, number>>): void {
  const text = Object.entries(figures).map(([name, value]) => `${name} ${Math.round(value * 10) / 10}`);
  console.info(`${what}: ${text.join(', ')}`);
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

const rowsInDom = (window: Page) => window.locator('.data-table-row').count();

/** Scrolls the table and writes down how long each frame took. */
async function scrollFrames(window: Page, frames: number, step: number): Promise<number[]> {
  return z.array(z.number()).parse(
    await window.evaluate(
      async ([count, by]) => {
        const scroller = document.querySelector('.data-table-scroll');
        if (scroller === null) throw new Error('no table');
        const times: number[] = [];
        let before = await new Promise<number>(requestAnimationFrame);
        for (let frame = 0; frame < count; frame += 1) {
          scroller.scrollTop += by;
          const now = await new Promise<number>(requestAnimationFrame);
          times.push(now - before);
          before = now;
        }
        return times;
      },
      [frames, step] as const,
    ),
  );
}

test('Creators opens with 100,000 rows, draws at most 60 of them, and scrolls at no more than 50 ms a frame', async () => {
  const { window } = running;
  await expect(window.getByRole('heading', { name: 'Balances', level: 1 })).toBeVisible({ timeout: 60_000 });
  const asked = Date.now();
  await goTo(window, 'Creators');
  await expect(window.getByText('100,000 rows')).toBeVisible({ timeout: 60_000 });
  say('Creators', { 'first rows after ms': Date.now() - asked });
  const perFrame: number[] = [];
  let most = await rowsInDom(window);
  for (const step of [120, 600, 6_000]) {
    perFrame.push(...(await scrollFrames(window, 60, step)));
    most = Math.max(most, await rowsInDom(window));
  }
  say('scrolling', {
    'median ms': median(perFrame),
    'longest ms': Math.max(...perFrame),
    'frames over 50 ms': perFrame.filter((one) => one > 50).length,
    'rows in the page': most,
  });
  expect(most).toBeLessThanOrEqual(60);
  expect(median(perFrame)).toBeLessThanOrEqual(50 * slowdown());
});

test('jumping to the end shows the last row', async () => {
  const { window } = running;
  await window.getByRole('grid', { name: 'Creators' }).press('End');
  await expect(window.getByText(creatorName(LARGE.creators - 1, LARGE.creators))).toBeVisible();
  expect(await rowsInDom(window)).toBeLessThanOrEqual(60);
});

test('a search among 100,000 creators answers within 100 ms', async () => {
  const { window } = running;
  const took = z.array(z.number()).parse(
    await window.evaluate(async () => {
      const times: number[] = [];
      for (const search of [
        'unmistakable',
        'okafor 17',
        'c0999',
        'ada',
        'acct_c05',
        'lindqvist',
        'nobody',
        'zyx',
        'rossi 2',
      ]) {
        // The quickest of three, each a new question: what others do on the machine meanwhile is not the search's.
        const turns: number[] = [];
        for (const words of [search, search.slice(0, -1), search.slice(0, -2)]) {
          const start = performance.now();
          const reply = await globalThis.window.coffer?.call('creators.list', {
            offset: 0,
            limit: 100,
            search: words,
            sort: 'displayName',
            descending: false,
          });
          if (reply?.ok !== true) throw new Error('The search was not answered');
          turns.push(performance.now() - start);
        }
        times.push(Math.min(...turns));
      }
      return times;
    }),
  );
  const slow = slowdown();
  say('search', { 'median ms': median(took), 'longest ms': Math.max(...took), 'machine slower by': slow });
  expect(median(took)).toBeLessThanOrEqual(100 * slow);
  await window.getByPlaceholder('Name, e-mail, id or account').fill('unmistakable');
  await expect(window.getByText('1 found', { exact: true })).toBeVisible();
});

test('the charts of 36 months of daily readings are painted within 100 ms of their data', async () => {
  const { window } = running;
  await goTo(window, 'Balances');
  await expect(window.locator('.chart-plot svg').first()).toBeVisible({ timeout: 60_000 });
  const painted: number[] = [];
  const answered: number[] = [];
  for (let turn = 0; turn < 7; turn += 1) {
    await window.getByRole('radio', { name: '30 d' }).click();
    await expect(window.locator('.charts').getByText('2024', { exact: false })).toHaveCount(0);
    answered.push(await historyAnswer(window));
    painted.push(await paintOfAll(window));
  }
  const slow = slowdown();
  // The quickest of several: what others do on the machine meanwhile is not the chart's.
  const fromData = Math.min(...painted) - median(answered);
  say('charts', {
    'median ms from click to paint': median(painted),
    quickest: Math.min(...painted),
    'of which ms until the data is here': median(answered),
    'from data to paint': fromData,
    'machine slower by': slow,
  });
  expect(fromData).toBeLessThanOrEqual(100 * slow);
});

/** How long the readings themselves take to come into the page. */
async function historyAnswer(window: Page): Promise<number> {
  const took = await window.evaluate(async () => {
    const start = performance.now();
    const reply = await globalThis.window.coffer?.call('balances.history', { currency: 'usd', range: 'all' });
    if (reply?.ok !== true || reply.value.points.length < 1_000) throw new Error('The readings did not come');
    return performance.now() - start;
  });
  return z.number().parse(took);
}

/** From the click on "All" to the frame in which the charts with the dates of three years stand. */
async function paintOfAll(window: Page): Promise<number> {
  const took = await window.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const all = [...document.querySelectorAll<HTMLElement>('[role="radio"]')].find(
          (one) => one.textContent === 'All',
        );
        const watcher = new MutationObserver(() => {
          if (document.querySelector('.charts')?.textContent?.includes('2024') !== true) return;
          watcher.disconnect();
          requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start)));
        });
        watcher.observe(document.body, { childList: true, subtree: true, characterData: true });
        const start = performance.now();
        all?.click();
      }),
  );
  return z.number().parse(took);
}
