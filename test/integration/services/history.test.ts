/** Twelve months with 200 planted faults, through the embedded Stripe's API and real books: all found, none invented, to the cent. */
import { afterEach, describe, expect, test } from 'vitest';
import { PAYMENTS, STORAGE } from '../../../electron/ledger/accounts';
import { balance, trialBalance } from '../../../electron/ledger/ledger';
import { proofByDay, proveBalances, resolveException } from '../../../electron/services/reconciliation';
import { COUNTS, expectedCounts, expectedExceptions } from '../../history/expectation';
import { generateHistory, type History, openMovements } from '../../history/generate';

const SEEDS = (process.env.COFFER_HISTORY_SEEDS ?? '1,2,3').split(',').map(Number);
const AT_MOST_MS = 300_000;

const open: History[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.world.close();
});

async function foundIn({ world }: History): Promise<{ id: string; text: string }[]> {
  const { db } = world.context.store;
  const lines = await db.selectFrom('stripe_line').selectAll().where('outcome', '=', 'exception').execute();
  const missing = await db.selectFrom('missing_line').selectAll().where('outcome', '=', 'exception').execute();
  return [
    ...lines.map((row) => ({ id: row.stripe_id, text: `${row.class} ${row.side} ${row.stripe_id}` })),
    ...missing.map((row) => ({
      id: `${row.intent_id}:${row.side}`,
      text: `unknown-to-stripe ${row.side} ${row.intent_id}`,
    })),
  ];
}

describe.each(SEEDS)('a year from the seed %i', (seed) => {
  test('every planted fault is found in its class, nothing else is, every day adds up, and resolving all of it settles the books', {
    timeout: AT_MOST_MS,
  }, async () => {
    const history = await generateHistory(seed);
    open.push(history);
    const { world, planted, closings, days } = history;
    const { db } = world.context.store;
    expect(planted).toHaveLength(200);
    expect(expectedCounts(planted)).toEqual(COUNTS);
    expect(await openMovements(world)).toBe(0);

    const found = await foundIn(history);
    expect(found.map((one) => one.text).sort()).toEqual(expectedExceptions(planted));
    const waiting = await db.selectFrom('stripe_line').select('stripe_id').where('outcome', '=', 'timing').execute();
    expect(waiting).toEqual([]);

    const proofs = await proofByDay(db, ...days);
    const byDay = new Map(proofs.map((proof) => [`${proof.day} ${proof.side}:${proof.currency}`, proof.closing]));
    let compared = 0;
    for (const [day, balances] of closings) {
      for (const [name, closing] of balances) {
        expect([day, name, byDay.get(`${day} ${name}`)]).toEqual([day, name, closing]);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(365 * 4);
    expect((await proveBalances(world.context)).map((proof) => proof.difference)).toEqual([0n, 0n, 0n, 0n]);

    for (const { id } of found) await resolveException(world.context, id, 'Agreed with Stripe, ticket 7');
    const now = world.closings();
    for (const [name, closing] of now) {
      const [side, currency = ''] = name.split(':');
      expect([name, await balance(db, side === 'storage' ? STORAGE : PAYMENTS, currency)]).toEqual([name, closing]);
    }
    expect([...(await trialBalance(db)).values()].every((total) => total === 0n)).toBe(true);
    const { count } = await db
      .selectFrom('stripe_line')
      .select(({ fn }) => fn.countAll<bigint>().as('count'))
      .executeTakeFirstOrThrow();
    console.info(
      `seed ${seed}: ${count} lines, ${found.length} exceptions of 200 faults, ${compared} closings`,
      Object.fromEntries(history.harmless),
    );
  });
});
