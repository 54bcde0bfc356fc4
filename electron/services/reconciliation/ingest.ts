/** Reads lines at Stripe and has them given their verdict, here or in the worker. Amounts in minor units, signed as at Stripe. */
import type { Selectable } from 'kysely';
import { appendAudit } from '../../journal/audit-chain';
import { mustCompare } from '../../journal/restored';
import { STORAGE, UNDISTRIBUTED } from '../../ledger/accounts';
import { move, post } from '../../ledger/ledger';
import type { StripeLine } from '../../rails/segregation-rail';
import { pages } from '../../store/chunks';
import type { Schema } from '../../store/schema';
import type { Queries } from '../../store/store';
import type { ServiceContext } from '../context';
import { readAdoption, readOpenPeriod } from '../settings';
import { workerOf } from '../worker/store-worker';
import { giveVerdicts, unmatchedLines } from './give-verdicts';
import { packLines } from './packed-lines';

/** A tenth of a millisecond each, on the spot. */
const MANY_LINES = 250;
/** Stripe's times have whole seconds; a line may be listed a little later than it was created. */
const OVERLAP_MS = 5 * 60_000;
const AHEAD_MS = 86_400_000;

/**
 * Reads lines that are new since the last time, classifies them and posts those of the Payments balance that are not movements of
 * ours. Safe to repeat. Returns how many were new. Throws `StripeUnavailable`.
 */
export async function ingestLines(context: ServiceContext): Promise<number> {
  const { db } = context.store;
  const adopted = await adoption(context);
  if (adopted === null) return 0;
  const newest = await db
    .selectFrom('stripe_line')
    .select(({ fn }) => fn.max('created_at').as('at'))
    .executeTakeFirst();
  const from = new Date(new Date(newest?.at ?? adopted.toISOString()).getTime() - OVERLAP_MS);
  const fresh = await unknownLines(context, from, new Date(from.getTime() - OVERLAP_MS));
  await store(context, fresh);
  return fresh.length;
}

/** Null before the balances were taken over, and in restored books before they are compared. */
async function adoption(context: ServiceContext): Promise<Date | null> {
  const { db } = context.store;
  // Lines of movements that restored books lost are not outside movements: they are taken over first.
  return (await mustCompare(db)) === null ? readAdoption(db) : null;
}

async function unknownLines(context: ServiceContext, from: Date, knownSince: Date): Promise<StripeLine[]> {
  const known = new Set(
    (
      await context.store.db
        .selectFrom('stripe_line')
        .select(['side', 'stripe_id'])
        .where('created_at', '>=', knownSince.toISOString())
        .execute()
    ).map((row) => `${row.side}:${row.stripe_id}`),
  );
  const to = new Date(context.stripeNow().getTime() + AHEAD_MS);
  const fresh: StripeLine[] = [];
  for await (const line of context.rail.lines(from, to)) {
    if (!known.has(`${line.side}:${line.stripeId}`)) fresh.push(line);
  }
  return fresh;
}

/**
 * Reads every line since the balances were taken over: lines that Stripe listed late, and amounts that changed. A line that was read
 * while its payment was under way is zero at Stripe once that has failed; what was posted for an explained line is corrected.
 * Returns how many were new or changed. Throws `StripeUnavailable`.
 */
export async function rereadLines(context: ServiceContext): Promise<number> {
  const { db } = context.store;
  const adopted = await adoption(context);
  if (adopted === null) return 0;
  const known = await storedLines(db);
  const changed: { row: StoredAmount; amount: bigint }[] = [];
  const fresh: StripeLine[] = [];
  const to = new Date(context.stripeNow().getTime() + AHEAD_MS);
  for await (const line of context.rail.lines(new Date(adopted.getTime() - AHEAD_MS), to)) {
    const row = known.get(`${line.side}:${line.stripeId}`);
    // Of the day before, all that was listed is part of the opening balance.
    if (row === undefined && line.createdAt >= adopted) fresh.push(line);
    if (row === undefined || row.period === 'opening' || row.side !== 'storage') continue;
    if (row.amount !== line.amount) changed.push({ row, amount: line.amount });
  }
  if (changed.length > 0) {
    await context.store.transaction(async (tx) => {
      for (const { row, amount } of changed) await changeAmount(context, tx, row, amount);
    });
  }
  await store(context, fresh);
  return changed.length + fresh.length;
}

type StoredAmount = Pick<
  Selectable<Schema['stripe_line']>,
  'side' | 'stripe_id' | 'currency' | 'amount' | 'period' | 'resolved_by'
>;

/** All lines that are in the books, by balance and id. */
async function storedLines(db: Queries): Promise<ReadonlyMap<string, StoredAmount>> {
  const query = db
    .selectFrom('stripe_line')
    .select(['side', 'stripe_id', 'currency', 'amount', 'period', 'resolved_by'])
    .orderBy('side')
    .orderBy('stripe_id');
  const read = (last: StoredAmount | null, size: number): Promise<StoredAmount[]> => {
    const next =
      last === null
        ? query
        : query.where((eb) => eb(eb.refTuple('side', 'stripe_id'), '>', eb.tuple(last.side, last.stripe_id)));
    return next.limit(size).execute();
  };
  const lines = new Map<string, StoredAmount>();
  for await (const rows of pages(read)) for (const row of rows) lines.set(`${row.side}:${row.stripe_id}`, row);
  return lines;
}

async function changeAmount(context: ServiceContext, tx: Queries, row: StoredAmount, amount: bigint): Promise<void> {
  const at = context.now();
  await tx
    .updateTable('stripe_line')
    .set({ amount })
    .where('side', '=', 'storage')
    .where('stripe_id', '=', row.stripe_id)
    .execute();
  await appendAudit(tx, {
    at,
    actor: context.actor(),
    action: 'reconciliation.line-changed',
    subject: row.stripe_id,
    payload: { before: row.amount, after: amount, currency: row.currency },
  });
  if (row.resolved_by === null) return;
  await post(tx, {
    txId: context.newId(),
    at,
    kind: 'line.changed',
    period: (await readOpenPeriod(tx)) ?? at.toISOString().slice(0, 7),
    intentId: null,
    description: `Outside movement did not go through (${row.stripe_id})`,
    postings: move(UNDISTRIBUTED, STORAGE, row.currency, amount - row.amount),
  });
}

/** Matches everything that is not matched once more, and looks for movements of ours that Stripe does not show. */
export function matchAll(context: ServiceContext): Promise<void> {
  return match(context, [], true);
}

/** Lines that were not matched, held against the movements of now: what they waited for may have come, or not have come. */
export async function matchAgain(context: ServiceContext): Promise<void> {
  await store(context, []);
}

/** The same in the caller's transaction, which then decides on what it sees. */
export function matchAgainIn(context: ServiceContext, tx: Queries): Promise<void> {
  return giveVerdicts(context, tx, [], false);
}

async function store(context: ServiceContext, fresh: readonly StripeLine[]): Promise<void> {
  if (fresh.length === 0 && (await unmatchedLines(context.store.db).executeTakeFirst()) === undefined) return;
  await match(context, fresh, false);
}

/** In one transaction: many lines, or all that there are, in the worker. */
async function match(context: ServiceContext, lines: readonly StripeLine[], all: boolean): Promise<void> {
  const worker = all || lines.length >= MANY_LINES ? await workerOf(context.store, { brought: lines.length }) : null;
  if (worker === null) {
    await context.store.transaction((tx) => giveVerdicts(context, tx, lines, all));
    return;
  }
  const now = Date.now();
  await worker.write('match-lines', {
    all,
    lines: await packLines(lines),
    actor: context.actor(),
    clockAhead: context.now().getTime() - now,
    stripeAhead: context.stripeNow().getTime() - now,
  });
}
