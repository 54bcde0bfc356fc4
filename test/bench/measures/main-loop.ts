/** The longest time for which the main loop answers nobody while heavy work is done. */
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { writeIntents } from '../../../electron/journal/journal';
import { sendIntents } from '../../../electron/journal/movement';
import { exportList, makeExports } from '../../../electron/services/exports';
import { accruing } from '../../../electron/services/fund-tracking';
import { runHeavy } from '../../../electron/services/heavy-work';
import { PAY_CONCURRENCY } from '../../../electron/services/stripe-transfer';
import { openStore } from '../../../electron/store/store';
import { PERIOD, writeDataset } from '../generate';
import { figure, inFolder, type Measure, type Sizes } from '../harness';
import { CONTROL, connect, journalOf, payout, startStripe } from '../paying';

const CREATORS = 100_000;
const PAYOUTS = 2_000;
const RESOLUTION_MS = 5;
const WORKER = new URL('../worker.mjs', import.meta.url);

export const mainLoop: Measure = {
  name: 'main-loop',
  aims: Object.fromEntries(
    ['import', 'calculation', 'list of exports', 'exports', 'payouts'].map((name) => [
      `main loop during ${name}`,
      { of: 'value', most: 50 },
    ]),
  ),
  run: ({ scale }: Sizes) =>
    inFolder(async (folder) => {
      const dataset = path.join(folder, 'dataset');
      await writeDataset(dataset, Math.round(CREATORS * scale));
      const storePath = path.join(folder, 'coffer.db');
      const count = Math.round(PAYOUTS * scale);
      const stripe = await startStripe(100_000, 0, count);
      const client = connect(stripe.direct, 100_000);
      const store = openStore(storePath);
      const given = { storePath, directory: dataset, requireStripe: false, actor: 'Bench' };
      const longest = {
        import: await longestBlock(() => runHeavy(WORKER, 'import', given)),
        calculation: await longestBlock(() => accruing(store)),
        payouts: await longestBlock(async () => {
          const context = await journalOf(store, client);
          const orders = Array.from({ length: count }, (_, index) => payout(index));
          await sendIntents(context, await writeIntents(context, orders), PAY_CONCURRENCY, CONTROL);
        }),
        'list of exports': await longestBlock(() => exportList(store.db, PERIOD)),
        exports: await longestBlock(() => makeExports(store.db, PERIOD)),
      };
      client.close();
      stripe.process.disconnect();
      await store.close();
      return Object.entries(longest).map(([name, ms]) => figure(`main loop during ${name}`, ms, 'ms'));
    }),
};

async function longestBlock(work: () => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 4 * RESOLUTION_MS));
  delay.enable();
  await turn();
  await work();
  await turn();
  delay.disable();
  // Waiting for the next look is no block.
  return Math.max(0, delay.max / 1e6 - RESOLUTION_MS);
}
