/**
 * Import and calculation of a month, durable on disk, against DuckDB reading the same CSV files and computing the same totals.
 * Also: the same rows put into the same tables by bare inserts, which is SQLite's share of it; how much memory it takes at most, how
 * large the database is afterwards, and how long the earnings take to post.
 */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { lastEntry } from '../../../electron/ledger/ledger';
import { importDataset } from '../../../electron/services/data-import';
import { calculatePeriod } from '../../../electron/services/fund-tracking';
import { postEarnings } from '../../../electron/services/post-earnings';
import { openStore } from '../../../electron/store/store';
import { period as toPeriod } from '../../../shared/period/period';
import { bareInserts } from '../bare-inserts';
import { FEE_BPS, PERIOD, writeDataset } from '../generate';
import {
  Best,
  clocked,
  compared,
  figure,
  inFolder,
  type Measure,
  peakMegabytes,
  type Result,
  type Sizes,
  timed,
} from '../harness';

const CREATORS = 100_000;

export const close: Measure = {
  name: 'close',
  aims: {
    'close: import and calculation': { of: 'ratio', most: 5 },
    'close: peak memory': { of: 'value', most: 1_024 },
    'database per allocation': { of: 'value', most: 250 },
  },
  held: true,
  run: ({ scale, short }: Sizes) =>
    inFolder(async (folder) => {
      const creators = Math.round(CREATORS * scale);
      const dataset = path.join(folder, 'dataset');
      await writeDataset(dataset, creators);
      const best = { import: Infinity, calculation: Infinity, both: Infinity, posting: Infinity, duck: Infinity };
      const inserting = new Best();
      const duck = await openDuck(dataset);
      let bytes = 0;
      let peak = 0;
      for (let round = 0; round < (short ? 3 : 2); round += 1) {
        const storePath = path.join(folder, `coffer-${round}.db`);
        let totals: Totals = {};
        const importing = await clocked(() => importInto(storePath, dataset));
        const calculating = await timed(async () => {
          totals = await calculate(storePath);
        });
        // Of one close: the second round comes on top of what the first left behind.
        if (round === 0) peak = peakMegabytes();
        best.duck = Math.min(best.duck, await duck.timeFor(totals));
        best.import = Math.min(best.import, importing.wall);
        best.calculation = Math.min(best.calculation, calculating);
        best.both = Math.min(best.both, importing.wall + calculating);
        bytes = allocationBytes(storePath);
        inserting.take(importing, bareInserts(storePath, path.join(folder, `bare-${round}.db`)));
        best.posting = Math.min(best.posting, await timeToPost(storePath));
      }
      duck.close();
      const of = 'DuckDB on the same files';
      const bare = inserting.reference / 1_000;
      const results: Result[] = [
        compared('close: import and calculation', best.both / 1_000, 's', of, best.duck / 1_000),
        compared('close: import', best.import / 1_000, 's', 'bare inserts of its rows', bare, inserting.steady),
        compared('close: bare inserts of its rows', bare, 's', of, best.duck / 1_000),
        figure('close: calculation from the store', best.calculation / 1_000, 's'),
        figure('close: posting the earnings', best.posting / 1_000, 's'),
        figure('close: peak memory', peak, 'MB'),
        figure('database per allocation', bytes / (creators * 9), 'bytes'),
      ];
      return results;
    }),
};

type Totals = Readonly<Record<string, { readonly collected: bigint; readonly gross: bigint }>>;

export async function importInto(storePath: string, dataset: string): Promise<void> {
  const store = openStore(storePath);
  await store.close();
  const result = await importDataset(storePath, dataset, {
    requireStripe: false,
    actor: 'Bench',
    now: () => new Date('2026-11-02T09:00:00Z'),
    newId: randomUUID,
  });
  if (!result.imported) throw new Error(`Not imported: ${JSON.stringify(result.problems.all.slice(0, 3))}`);
}

export async function calculate(storePath: string): Promise<Totals> {
  const store = openStore(storePath, { check: false });
  try {
    const results = await calculatePeriod(store, toPeriod(PERIOD));
    return Object.fromEntries([...results].map(([currency, { totals }]) => [currency, totals]));
  } finally {
    await store.close();
  }
}

/** Milliseconds from a calculated month to its earnings, lapses and ledger entries on disk. */
async function timeToPost(storePath: string): Promise<number> {
  const store = openStore(storePath, { check: false });
  try {
    const month = toPeriod(PERIOD);
    const asOf = await lastEntry(store.db);
    const results = await calculatePeriod(store, month);
    const context = { store, now: () => new Date('2026-11-02T09:00:00Z'), newId: randomUUID, actor: () => 'Bench' };
    return await timed(() => postEarnings(context, month, { results, asOf }, new Map(), async () => {}));
  } finally {
    await store.close();
  }
}

/** The table of allocations with its indexes. */
function allocationBytes(storePath: string): number {
  const store = openStore(storePath, { check: false });
  const [row] = store.iterate<{ bytes: bigint }>(
    `SELECT sum(pgsize) AS bytes FROM dbstat WHERE name IN (SELECT name FROM sqlite_master WHERE tbl_name = 'allocation')`,
  );
  void store.close();
  return Number(row?.bytes ?? 0n);
}

/** Funds of each subscriber, wishes funded by largest remainder, earnings and fee of each creator. */
const DUCK = (dataset: string): string => `
  WITH funds AS (
    SELECT subscriber_id, currency, sum(CASE WHEN status = 'succeeded' THEN amount_minor - refunded_minor ELSE 0 END) AS funds
    FROM read_csv('${dataset}/payments.csv') WHERE period = '${PERIOD}' GROUP BY ALL
  ), wishes AS (
    SELECT allocation_id, subscriber_id, creator_id, currency, amount_minor AS wanted,
      sum(amount_minor) OVER (PARTITION BY subscriber_id, currency) AS asked
    FROM read_csv('${dataset}/allocations.csv') WHERE period = '${PERIOD}' AND status = 'active'
  ), shares AS (
    SELECT w.*, coalesce(f.funds, 0) AS funds,
      CASE WHEN asked <= coalesce(f.funds, 0) THEN wanted ELSE coalesce(f.funds, 0) * wanted // asked END AS floor,
      CASE WHEN asked <= coalesce(f.funds, 0) THEN 0 ELSE coalesce(f.funds, 0) * wanted % asked END AS rest
    FROM wishes w LEFT JOIN funds f USING (subscriber_id, currency)
  ), funded AS (
    SELECT creator_id, currency, floor + CASE WHEN asked > funds AND
      row_number() OVER (PARTITION BY subscriber_id, currency ORDER BY rest DESC, allocation_id) <=
      funds - sum(floor) OVER (PARTITION BY subscriber_id, currency) THEN 1 ELSE 0 END AS amount
    FROM shares
  ), earned AS (
    SELECT creator_id, currency, sum(amount) AS gross FROM funded
    SEMI JOIN read_csv('${dataset}/creators.csv') c USING (creator_id) GROUP BY ALL
  )
  SELECT currency, sum(gross)::BIGINT AS gross, sum((gross * ${FEE_BPS} + 5000) // 10000)::BIGINT AS fee,
    (SELECT sum(funds) FROM funds f WHERE f.currency = earned.currency)::BIGINT AS collected
  FROM earned GROUP BY currency`;

async function openDuck(dataset: string) {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  return {
    /** Milliseconds; both must come to the same. */
    async timeFor(totals: Totals): Promise<number> {
      const started = performance.now();
      const rows = (await connection.runAndReadAll(DUCK(dataset))).getRowObjects();
      const ms = performance.now() - started;
      for (const row of rows) {
        const ours = totals[String(row.currency)];
        if (ours?.collected !== row.collected || ours?.gross !== row.gross) {
          throw new Error(
            `DuckDB came to ${row.currency} ${row.collected}, ${row.gross}; Coffer to ${ours?.collected}, ${ours?.gross}`,
          );
        }
      }
      return ms;
    },
    close: () => connection.closeSync(),
  };
}
