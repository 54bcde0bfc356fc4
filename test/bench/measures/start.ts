/**
 * Cold start to interactive: from the start of the process until the first screen's main button can be pressed. The app as it is built, in
 * turn with an empty Electron and React window on the same binary; the files are in the system's cache for both. Also on large books.
 */
import path from 'node:path';
import { inDesktopSession } from '../../../scripts/setup/desktop-session.mjs';
import { LARGE, makeLargeStore } from '../../e2e/large-store';
import { type Started, startCoffer, startEmptyWindow, welcomed } from '../electron';
import {
  Best,
  compared,
  figure,
  inFolder,
  type Measure,
  percentile,
  type Result,
  type Sizes,
  type Taken,
} from '../harness';
import { grown, SIZES } from '../sizes';

const RUNS = 30;
const RUNS_SHORT = 5;
const CREATORS = 6_250;
const LARGE_RUNS = 3;
/** The first start makes the books, and finishes what it began in the background. */
const SETTLES_MS = 4_000;

const EMPTY = 'empty window on the same Electron';

export const start: Measure = {
  name: 'start',
  aims: {
    'cold start, median': { of: 'ratio', most: 1.3 },
    'cold start, p95': { of: 'ratio', most: 1.6 },
    'growth of start to 16×': { of: 'ratio', most: 1 },
  },
  held: true,
  run: ({ short }: Sizes) =>
    inFolder((folder) =>
      inDesktopSession(async (env) => {
        const userData = path.join(folder, 'coffer');
        await welcomed(userData);
        await pause(startCoffer(env, userData), SETTLES_MS);
        const ours: number[] = [];
        const empty: number[] = [];
        const best = new Best();
        for (let run = 0; run < (short ? RUNS_SHORT : RUNS); run += 1) {
          const bare = await pause(startEmptyWindow(env, path.join(folder, 'empty')), 0);
          const coffer = await pause(startCoffer(env, userData), 0);
          empty.push(bare.wall);
          ours.push(coffer.wall);
          best.take(coffer, bare);
        }
        return [
          compared('cold start, median', percentile(ours, 0.5), 'ms', EMPTY, percentile(empty, 0.5)),
          compared('cold start, p95', percentile(ours, 0.95), 'ms', EMPTY, percentile(empty, 0.95)),
          compared('cold start, best', best.ours, 'ms', EMPTY, best.reference, best.steady),
          ...(short ? [] : await onLargeBooks(env, folder)),
        ];
      }),
    ),
};

/** Starts, waits, closes. @returns what it took until it was interactive */
async function pause(starting: Promise<Started>, ms: number): Promise<Taken> {
  const started = await starting;
  await new Promise((resolve) => setTimeout(resolve, ms));
  await started.close();
  return { wall: started.interactiveMs, processor: started.processorMs };
}

async function onLargeBooks(env: NodeJS.ProcessEnv, folder: string): Promise<Result[]> {
  const best: number[] = [];
  for (const size of SIZES) {
    const userData = path.join(folder, `large-${size}`);
    const creators = CREATORS * size;
    await makeLargeStore(userData, { ...LARGE, creators, payouts: creators / 5 });
    const times: number[] = [];
    for (let run = 0; run < LARGE_RUNS; run += 1)
      times.push((await pause(startCoffer(env, userData), SETTLES_MS)).wall);
    best.push(Math.min(...times));
  }
  return [...grown('start', CREATORS, best), figure('start on 100,000 creators', best.at(-1) ?? Number.NaN, 'ms')];
}
