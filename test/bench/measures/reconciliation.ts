/**
 * Matching of lines at Stripe with movements in the books, against DuckDB's join of the same two sets; both give each line a verdict and
 * name what is missing. Apart from it: the same lines read, matched and made durable with their postings.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { ServiceContext } from '../../../electron/services/context';
import { ingestLines } from '../../../electron/services/reconciliation';
import { matchLines } from '../../../electron/services/reconciliation/match';
import type { LineToMatch, Matching, MovementToMatch } from '../../../electron/services/reconciliation/verdicts';
import { openStore } from '../../../electron/store/store';
import { Best, clocked, compared, figure, inFolder, type Measure, type Sizes, type Taken, timed } from '../harness';
import { LINES_AT, linesToMatch, listedAtStripe, movementsToMatch, stripeLines } from '../stripe-lines';

const LINES = 1_000_000;
/** What is made durable: a tenth, since it is many times slower. */
const DURABLE_LINES = 100_000;
const ROUNDS = 3;
/** Small sizes are over before the code is compiled, the first times. */
const ROUNDS_SHORT = 8;

const matchingName = 'reconciliation: matching';

export const reconciliation: Measure = {
  name: 'reconciliation',
  aims: { [matchingName]: { of: 'ratio', most: 5 } },
  held: false,
  run: ({ scale, short }: Sizes) =>
    inFolder(async (folder) => {
      const count = Math.round(LINES * scale);
      const duck = await duckSets(folder, count);
      const beside = { duck: new Best(), map: new Best() };
      for (let round = 0; round < (short ? ROUNDS_SHORT : ROUNDS); round += 1) {
        const joined = await duck.join();
        // New texts each time, as they come out of a database: a text that was looked up once is looked up faster.
        globalThis.gc?.();
        const bare = await bareJoin(linesToMatch(count), movementsToMatch(count));
        const lines = linesToMatch(count);
        const movements = movementsToMatch(count);
        globalThis.gc?.();
        let matching: Matching = { verdicts: [], missing: [] };
        const ours = await clocked(() => {
          matching = matchLines(lines, movements, LINES_AT);
        });
        agree(matching, joined);
        beside.duck.take(ours, joined);
        beside.map.take(ours, bare);
      }
      duck.close();
      const durable = Math.round(DURABLE_LINES * scale);
      const seconds = (await ingestTime(path.join(folder, 'coffer.db'), durable)) / 1_000;
      return [
        compared(matchingName, beside.duck.ours, 'ms', 'DuckDB, join of the same sets', beside.duck.reference),
        compared(
          'reconciliation: matching beside a Map',
          beside.map.ours,
          'ms',
          'ids put into a Map and looked up',
          beside.map.reference,
        ),
        figure(`reconciliation: ${durable} lines durable`, seconds, 's'),
        figure('reconciliation: durable, each line', (seconds * 1e6) / durable, 'µs'),
      ];
    }),
};

/** The least that a join in JavaScript takes: no verdicts. */
function bareJoin(lines: readonly LineToMatch[], movements: readonly MovementToMatch[]): Promise<Taken> {
  return clocked(() => {
    const byObject = new Map<string, number>();
    for (const [position, { objects }] of movements.entries()) {
      for (const object of objects) byObject.set(object, position);
    }
    return lines.filter(({ source, stripeId }) => (byObject.get(source ?? '') ?? byObject.get(stripeId)) !== undefined)
      .length;
  });
}

/** Milliseconds of one matching in memory. */
export function matchingTime(count: number): number {
  const lines = linesToMatch(count);
  const movements = movementsToMatch(count);
  const started = performance.now();
  matchLines(lines, movements, LINES_AT);
  return performance.now() - started;
}

interface Joined extends Taken {
  readonly matched: number;
  readonly exceptions: number;
  readonly missing: number;
}

function agree({ verdicts, missing }: Matching, joined: Joined): void {
  const of = (outcome: string): number => verdicts.filter((verdict) => verdict?.outcome === outcome).length;
  const ours = { matched: of('matched'), exceptions: of('exception'), missing: missing.length };
  if (ours.matched === joined.matched && ours.exceptions === joined.exceptions && ours.missing === joined.missing)
    return;
  throw new Error(`DuckDB came to ${JSON.stringify(joined)}, Coffer to ${JSON.stringify(ours)}`);
}

const JOIN = `CREATE OR REPLACE TABLE verdict AS
  SELECT l.stripe_id, m.intent_id, CASE
    WHEN l.stripe_id IS NULL THEN 'missing'
    WHEN m.intent_id IS NULL THEN CASE WHEN l.side = 'payments' AND l.type = 'charge' THEN 'matched' ELSE 'exception' END
    WHEN l.side = m.side AND l.currency = m.currency AND l.amount = m.amount THEN 'matched'
    ELSE 'exception' END AS outcome
  FROM line l FULL JOIN movement m ON l.source = m.object`;

/** The same two sets as tables in DuckDB's memory. */
async function duckSets(folder: string, count: number) {
  const lines = ['stripe_id,side,type,currency,amount,source'];
  for (const one of stripeLines(count)) {
    lines.push([one.stripeId, one.side, one.type, one.currency, one.amount, one.source].join(','));
  }
  const movements = ['intent_id,object,side,currency,amount'];
  for (const one of movementsToMatch(count)) {
    const [effect] = one.effects;
    movements.push([one.intentId, one.objects[0], effect?.side, one.currency, effect?.amount].join(','));
  }
  await writeFile(path.join(folder, 'line.csv'), lines.join('\n'));
  await writeFile(path.join(folder, 'movement.csv'), movements.join('\n'));
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  for (const table of ['line', 'movement']) {
    await connection.run(`CREATE TABLE ${table} AS FROM read_csv('${path.join(folder, `${table}.csv`)}')`);
  }
  return {
    async join(): Promise<Joined> {
      const taken = await clocked(() => connection.run(JOIN));
      const reader = await connection.runAndReadAll('SELECT outcome, count(*) AS lines FROM verdict GROUP BY outcome');
      const found = new Map(reader.getRowObjects().map((row) => [String(row.outcome), Number(row.lines)]));
      const of = (outcome: string): number => found.get(outcome) ?? 0;
      // A line of another amount is its movement's: nothing is missing besides the payouts without a line.
      return { ...taken, matched: of('matched'), exceptions: of('exception'), missing: of('missing') };
    },
    close: () => connection.closeSync(),
  };
}

/** Reads, matches and makes durable: milliseconds. The payouts are in the books before. */
export async function ingestTime(storePath: string, count: number): Promise<number> {
  const store = openStore(storePath);
  try {
    const context = await listedAtStripe(store, count);
    return await timed(() => ingestAll(context, count));
  } finally {
    await store.close();
  }
}

export async function ingestAll(context: ServiceContext, count: number): Promise<void> {
  const read = await ingestLines(context);
  if (read !== count - Math.ceil((count - 3) / 1_000)) throw new Error(`Only ${read} lines were read`);
}
