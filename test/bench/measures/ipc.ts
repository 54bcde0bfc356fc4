/**
 * A call from the page and back: Coffer's channels with the check of who calls, the lock, the role, and both ends parsed, in turn with a
 * bare `ipcMain.handle` of the empty window on the same binary.
 */
import path from 'node:path';
import { z } from 'zod';
import { inDesktopSession } from '../../../scripts/setup/desktop-session.mjs';
import { type Started, startCoffer, startEmptyWindow, welcomed } from '../electron';
import { compared, figure, inFolder, type Measure, percentile, type Sizes } from '../harness';

const BATCHES = 20;
const CALLS = 100;
const SETTLES_MS = 5_000;
/** `settings.get` reads the books; `app.info` is answered from memory. */
const CHANNELS = ['settings.get', 'app.info'] as const;

export const ipc: Measure = {
  name: 'ipc',
  aims: Object.fromEntries(
    CHANNELS.map((channel) => [`call of ${channel}, p99 over a bare one`, { of: 'value', most: 5 }]),
  ),
  held: false,
  run: ({ short }: Sizes) =>
    inFolder((folder) =>
      inDesktopSession(async (env) => {
        const userData = path.join(folder, 'coffer');
        await welcomed(userData);
        const coffer = await startCoffer(env, userData);
        const empty = await startEmptyWindow(env, path.join(folder, 'empty'));
        await new Promise((resolve) => setTimeout(resolve, SETTLES_MS));
        const bare: number[] = [];
        const taken = CHANNELS.map((): number[] => []);
        for (let batch = 0; batch < (short ? BATCHES / 4 : BATCHES); batch += 1) {
          bare.push(...(await times(empty, 'window.bare.call({ ok: true })')));
          for (const [at, channel] of CHANNELS.entries()) {
            taken[at]?.push(...(await times(coffer, `window.coffer.call('${channel}', undefined)`)));
          }
        }
        await coffer.close();
        await empty.close();
        return CHANNELS.flatMap((channel, at) => {
          const ours = taken[at] ?? [];
          const over = percentile(ours, 0.99) - percentile(bare, 0.99);
          return [
            figure(`call of ${channel}, p99 over a bare one`, over, 'ms'),
            compared(`call of ${channel}, median`, percentile(ours, 0.5), 'ms', 'bare handle', percentile(bare, 0.5)),
          ];
        });
      }),
    ),
};

/** Milliseconds of each call, one after the other; the page's clock has steps of 0.1 ms. A call that is refused fails the measure. */
async function times({ evaluate }: Started, call: string): Promise<number[]> {
  const taken = await evaluate(`(async () => {
    const taken = [];
    for (let call = 0; call < ${CALLS}; call += 1) {
      const started = performance.now();
      const answer = await ${call};
      taken.push(performance.now() - started);
      if (answer.ok !== true) throw new Error(JSON.stringify(answer));
    }
    return taken;
  })()`);
  return z.array(z.number()).parse(taken);
}
