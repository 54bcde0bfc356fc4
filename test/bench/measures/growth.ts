/** How cost grows with size: at 1×, 4× and 16×, the last held against n log n from the first. */
import path from 'node:path';
import { writeIntents } from '../../../electron/journal/journal';
import { sendIntents } from '../../../electron/journal/movement';
import { PAY_CONCURRENCY } from '../../../electron/services/stripe-transfer';
import { openStore } from '../../../electron/store/store';
import { writeDataset } from '../generate';
import { inFolder, type Measure, type Sizes, timed } from '../harness';
import { CONTROL, connect, journalOf, payout, startStripe } from '../paying';
import { grown, SIZES } from '../sizes';
import { calculate, importInto } from './close';
import { ingestTime, matchingTime } from './reconciliation';

const CREATORS = 2_000;
const PAYOUTS = 250;
const LINES = 2_000;
const MATCHED = 62_500;
/** Times below this say more about the machine than about the work. */
const ROUNDS = 2;

export const growth: Measure = {
  name: 'growth',
  aims: Object.fromEntries(
    ['import', 'calculation', 'opening the books', 'payouts', 'reconciliation', 'matching'].map((name) => [
      `growth of ${name} to 16×`,
      { of: 'ratio', most: 1 },
    ]),
  ),
  held: false,
  async run({ short }: Sizes) {
    const base = short ? CREATORS / 4 : CREATORS;
    const taken = { import: [] as number[], calculation: [] as number[], 'opening the books': [] as number[] };
    for (const size of SIZES) {
      const times = await booksOf(base * size);
      for (const name of ['import', 'calculation', 'opening the books'] as const) taken[name].push(times[name]);
    }
    const payouts: number[] = [];
    const most = short ? PAYOUTS / 5 : PAYOUTS;
    for (const size of SIZES) payouts.push(await payoutsOf(most * size));
    const reconciliation: number[] = [];
    const lines = short ? LINES / 4 : LINES;
    for (const size of SIZES) reconciliation.push(await linesOf(lines * size));
    const matching: number[] = [];
    const matched = short ? MATCHED / 10 : MATCHED;
    for (const size of SIZES) matching.push(Math.min(matchingTime(matched * size), matchingTime(matched * size)));
    return [
      ...Object.entries(taken).flatMap(([name, times]) => grown(name, base, times)),
      ...grown('payouts', most, payouts),
      ...grown('reconciliation', lines, reconciliation),
      ...grown('matching', matched, matching),
    ];
  },
};

function booksOf(creators: number) {
  return inFolder(async (folder) => {
    const dataset = path.join(folder, 'dataset');
    await writeDataset(dataset, creators);
    const best = { import: Infinity, calculation: Infinity, 'opening the books': Infinity };
    for (let round = 0; round < ROUNDS; round += 1) {
      const file = path.join(folder, `coffer-${round}.db`);
      best.import = Math.min(best.import, await timed(() => importInto(file, dataset)));
      best['opening the books'] = Math.min(best['opening the books'], await timed(() => openStore(file).close()));
      best.calculation = Math.min(best.calculation, await timed(() => calculate(file)));
    }
    return best;
  });
}

/** Lines read, matched and made durable. */
function linesOf(count: number): Promise<number> {
  return inFolder((folder) => ingestTime(path.join(folder, 'coffer.db'), count));
}

/** Against a Stripe without a limit and at no distance: what Coffer itself takes. */
function payoutsOf(count: number): Promise<number> {
  return inFolder(async (folder) => {
    const stripe = await startStripe(100_000, 0, count);
    const store = openStore(path.join(folder, 'coffer.db'));
    const client = connect(stripe.direct, 100_000);
    try {
      const context = await journalOf(store, client);
      return await timed(async () => {
        const ids = await writeIntents(
          context,
          Array.from({ length: count }, (_, index) => payout(index)),
        );
        await sendIntents(context, ids, PAY_CONCURRENCY, CONTROL);
      });
    } finally {
      client.close();
      await store.close();
      stripe.process.disconnect();
    }
  });
}
