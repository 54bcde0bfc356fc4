/**
 * Memory of all processes of the app, shared pages by their share (PSS): idle after the start beside the empty window, and after an hour of
 * use. Without `--hour` the same number of actions follows one another without the pauses of a person.
 */
import path from 'node:path';
import { z } from 'zod';
import { inDesktopSession } from '../../../scripts/setup/desktop-session.mjs';
import { type Started, startCoffer, startEmptyWindow, welcomed } from '../electron';
import { compared, figure, inFolder, type Measure, percentile, type Sizes } from '../harness';
import { treeMegabytes } from '../process-tree';

/** An action every five seconds for an hour. */
const ACTIONS = 720;
const ACTIONS_SHORT = 44;
const PAUSE_MS = 5_000;
const SETTLES_MS = 6_000;
const LOOKS = 5;

export const memory: Measure = {
  name: 'memory',
  aims: {
    'memory after start': { of: 'ratio', most: 2 },
    'memory after use': { of: 'ratio', most: 2 },
    'memory: growth since every screen was open once': { of: 'value', most: 10 },
    'memory: growth since start': { of: 'value', most: 10 },
  },
  held: true,
  run: ({ short, hour }: Sizes) =>
    inFolder((folder) =>
      inDesktopSession(async (env) => {
        const userData = path.join(folder, 'coffer');
        await welcomed(userData);
        // The first start makes the books; it is not what is measured.
        const first = await startCoffer(env, userData);
        await pause(SETTLES_MS);
        await first.close();
        const empty = await startEmptyWindow(env, path.join(folder, 'empty'));
        const bare = await idle(empty);
        await empty.close();
        const coffer = await startCoffer(env, userData);
        const atStart = await idle(coffer);
        const screens = z
          .number()
          .min(5)
          .parse(await coffer.evaluate(`${BUTTONS}.length`));
        const use = (action: number) => act(coffer, action % screens);
        for (let action = 0; action < screens; action += 1) await use(action);
        const allOpen = await idle(coffer);
        const actions = short ? ACTIONS_SHORT : ACTIONS;
        for (let action = 0; action < actions; action += 1) {
          await use(action);
          if (hour) await pause(PAUSE_MS);
        }
        const atEnd = await idle(coffer);
        await coffer.close();
        const of = 'empty window, idle';
        return [
          compared('memory after start', atStart, 'MB', of, bare, atStart / bare),
          compared('memory after use', atEnd, 'MB', of, bare, atEnd / bare),
          figure('memory: every screen open once', allOpen, 'MB'),
          figure('memory: actions', actions, ''),
          figure('memory: growth since every screen was open once', 100 * (atEnd / allOpen - 1), '%'),
          figure('memory: growth since start', 100 * (atEnd / atStart - 1), '%'),
        ];
      }),
    ),
};

const BUTTONS = `document.querySelectorAll('nav[aria-label="Screens"] button')`;

/** Opens a screen, waits until it shows its content, and refreshes the balances where that is what it offers. */
async function act({ evaluate }: Started, screen: number): Promise<void> {
  const title = await evaluate(`(async () => {
    const turn = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const button = ${BUTTONS}[${screen}];
    button.click();
    const shown = () => document.querySelector('#screen h1') !== null && document.querySelector('#screen .skeleton') === null;
    await turn(50);
    for (let waited = 0; waited < 10_000 && !shown(); waited += 20) await turn(20);
    const refresh = [...document.querySelectorAll('#screen button')].find((one) => one.textContent.trim() === 'Refresh');
    if (refresh !== undefined && !refresh.disabled) refresh.click();
    await turn(50);
    return document.querySelector('#screen h1')?.textContent ?? null;
  })()`);
  if (typeof title !== 'string' || title === '') throw new Error(`Screen ${screen} has no heading`);
}

/** What it takes when nothing happens: garbage of the page collected, the middle of several looks. */
async function idle({ process, evaluate, collectGarbage }: Started): Promise<number> {
  await pause(SETTLES_MS);
  await collectGarbage();
  await evaluate('1');
  const looks: number[] = [];
  for (let look = 0; look < LOOKS; look += 1) {
    await pause(500);
    looks.push(treeMegabytes(process.pid ?? 0));
  }
  return percentile(looks, 0.5);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
