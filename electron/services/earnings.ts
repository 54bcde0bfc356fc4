/** What each creator earned: what is going to happen with it, how it stands, and what the close of a month signs of it. Minor units. */

import { type RawBuilder, type Selectable, sql } from 'kysely';
import { amountText } from '../../shared/money/amount-text';
import { currency as toCurrency } from '../../shared/money/money';
import { byBytes } from '../../shared/money/split';
import { planDisposition } from '../../shared/period/calculation';
import type { Refusals } from '../rails/segregation-rail';
import { pages } from '../store/chunks';
import type { Schema } from '../store/schema';
import type { Queries, Store } from '../store/store';
import { latePostingsOf } from './late-news';
import { payoutMinimum, readSettings } from './settings';
import { slices } from './slices';
import { type Kinds, type PackedTable, pack, unpack } from './worker/packed';
import type { EarningResult, EarningSum, EarningSums, SignedEarning } from './worker/store-jobs';
import { kept, workerOf } from './worker/store-worker';

export type { EarningResult } from './worker/store-jobs';

export interface CreatorCircumstances {
  readonly creatorId: string;
  readonly displayName: string;
  readonly stripeAccount: string;
  /** Every hold reason, of the source and of Coffer; empty when there is none. */
  readonly holdReason: string;
}

/** Of all creators, read in pages. */
export async function creatorCircumstances(db: Queries): Promise<ReadonlyMap<string, CreatorCircumstances>> {
  const found = new Map<string, CreatorCircumstances>();
  const read = (last: CircumstancesRow | null, size: number) => {
    const query = circumstancesQuery(db).orderBy('creator.creator_id').limit(size);
    return (last === null ? query : query.where('creator.creator_id', '>', last.creator_id)).execute();
  };
  for await (const rows of pages(read)) {
    for (const row of rows) found.set(row.creator_id, toCircumstances(row));
  }
  return found;
}

export async function circumstancesOf(db: Queries, creatorId: string): Promise<CreatorCircumstances | undefined> {
  const row = await circumstancesQuery(db).where('creator.creator_id', '=', creatorId).executeTakeFirst();
  return row === undefined ? undefined : toCircumstances(row);
}

function circumstancesQuery(db: Queries) {
  return db
    .selectFrom('creator')
    .leftJoin('creator_hold', 'creator_hold.creator_id', 'creator.creator_id')
    .select([
      'creator.creator_id',
      'creator.display_name',
      'creator.stripe_account',
      'creator.hold_reason',
      'creator_hold.reason',
    ]);
}

type CircumstancesRow = Awaited<ReturnType<ReturnType<typeof circumstancesQuery>['execute']>>[number];

function toCircumstances(row: CircumstancesRow): CreatorCircumstances {
  return {
    creatorId: row.creator_id,
    displayName: row.display_name,
    stripeAccount: row.stripe_account,
    holdReason: [row.hold_reason, row.reason ?? ''].filter((text) => text !== '').join('; '),
  };
}

export interface EarningLine {
  readonly creatorId: string;
  readonly currency: string;
  readonly payable: bigint;
  readonly disposition: 'none' | 'held' | 'carried' | 'paid';
  readonly reason: string;
  readonly stripeAccount: string;
  readonly displayName: string;
}

/** What is going to happen with each payable amount, given holds, Stripe's word and the minimum. */
export async function dispositions(
  db: Queries,
  payables: readonly { readonly creatorId: string; readonly currency: string; readonly payable: bigint }[],
  refusals: Refusals,
): Promise<EarningLine[]> {
  const settings = await readSettings(db);
  const circumstances = await creatorCircumstances(db);
  const lineOf = ({ creatorId, currency, payable }: (typeof payables)[number]): EarningLine => {
    const creator = circumstances.get(creatorId);
    const { disposition, reasons } = planDisposition(payable, {
      holdReason: creator?.holdReason ?? '',
      stripeAccount: creator?.stripeAccount ?? '',
      stripeRefusal: refusals.get(creator?.stripeAccount ?? '') ?? null,
      minimum: payoutMinimum(settings, currency),
    });
    return {
      creatorId,
      currency,
      payable,
      disposition,
      reason: reasons.join('; '),
      stripeAccount: creator?.stripeAccount ?? '',
      displayName: creator?.displayName ?? creatorId,
    };
  };
  const lines: EarningLine[] = [];
  const pause = slices();
  for (const payable of payables) {
    await pause();
    lines.push(lineOf(payable));
  }
  return lines;
}

/** The accounts at Stripe of the creators, each once. */
export async function accountsOf(db: Queries, creatorIds: Iterable<string>): Promise<string[]> {
  const circumstances = await creatorCircumstances(db);
  const accounts = new Set<string>();
  for (const creatorId of creatorIds) {
    const account = circumstances.get(creatorId)?.stripeAccount ?? '';
    if (account !== '') accounts.add(account);
  }
  return [...accounts].sort();
}

/** Code of a planned payout that was canceled because the plan approved later does not have it. */
export const NOT_IN_PLAN = 'not-in-plan';

/** The period's earnings as they stand now, in sums; made once for each state of the books. */
export async function earningSums(store: Store, period: string): Promise<EarningSums> {
  return kept(store, 'earnings', `${period} ${await store.state('books')}`, async () => {
    const worker = await workerOf(store);
    return worker === null ? sumsOf(await earningResults(store.db, period)) : worker.run('earning-sums', { period });
  });
}

export function sumsOf(results: readonly EarningResult[]): EarningSums {
  const sums = new Map<string, { -readonly [K in keyof EarningSum]: EarningSum[K] }>();
  const toPay = new Set<string>();
  for (const { creatorId, currency, disposition, payable, paid, owedAfter } of results) {
    const key = `${currency} ${disposition}`;
    const sum = sums.get(key) ?? { currency, disposition, count: 0, payable: 0n, paid: 0n, owedAfter: 0n };
    sums.set(key, sum);
    sum.count += 1;
    sum.payable += payable;
    sum.paid += paid;
    sum.owedAfter += owedAfter;
    if (disposition === 'planned') toPay.add(creatorId);
  }
  return { sums: [...sums.values()].sort((a, b) => byBytes(a.currency, b.currency)), toPay: toPay.size };
}

/** What the close of the period writes down of each earning. */
export async function earningsToSign(store: Store, period: string): Promise<readonly SignedEarning[]> {
  const worker = await workerOf(store);
  return worker === null ? earningResults(store.db, period) : unpack(await worker.run('to-sign', { period }));
}

/** `earningsToSign` in the worker. */
export async function packedToSign(db: Queries, period: string): Promise<PackedTable<SignedEarning>> {
  return pack(await earningResults(db, period), SIGNED);
}

const SIGNED: Kinds<SignedEarning> = {
  creatorId: 'text',
  currency: 'text',
  paid: 'amount',
  disposition: 'text',
  reason: 'text',
};

/** The period's earnings as they stand now, of all creators or one: what was planned and what was paid. In export order. */
export async function earningResults(db: Queries, period: string, creatorId?: string): Promise<EarningResult[]> {
  const rows: Selectable<Schema['earning']>[] = [];
  for await (const some of earningPages(db, period, creatorId)) rows.push(...some);
  const payouts = await payoutOutcomes(db, period, creatorId);
  const late = await lateTexts(db, period);
  return rows.map((row) => {
    const key = `${row.creator_id}\u0000${row.currency}`;
    const payout = payouts.get(key);
    const { paid, disposition, reason } = outcomeOf(row, payout);
    return {
      period,
      creatorId: row.creator_id,
      currency: row.currency,
      gross: row.gross,
      fee: row.fee,
      net: row.net,
      opening: row.opening,
      payable: row.payable,
      paid,
      owedAfter: row.payable - paid,
      disposition,
      // What was signed names it already.
      reason: row.closed_paid === null ? [reason, late.get(key) ?? ''].filter((one) => one !== '').join('; ') : reason,
    };
  });
}

/** The rows of a period by creator and currency, in pages. */
export function earningPages(
  db: Queries,
  period: string,
  creatorId?: string,
): AsyncGenerator<readonly Selectable<Schema['earning']>[]> {
  let query = db.selectFrom('earning').selectAll().where('period', '=', period);
  if (creatorId !== undefined) query = query.where('creator_id', '=', creatorId);
  query = query.orderBy('creator_id').orderBy('currency');
  return pages((last, size) => {
    const next =
      last === null
        ? query
        : query.where((eb) => eb(eb.refTuple('creator_id', 'currency'), '>', eb.tuple(last.creator_id, last.currency)));
    return next.limit(size).execute();
  });
}

/** What of each creator's opening came late, by month of origin: `46.50 USD late from 2026-10`. */
async function lateTexts(db: Queries, period: string): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const one of await latePostingsOf(db, period)) {
    if (one.part !== 'earning') continue;
    const key = `${one.party}\u0000${one.currency}`;
    const text = `${amountText(one.amount, toCurrency(one.currency))} late from ${one.origin}`;
    texts.set(key, texts.has(key) ? `${texts.get(key)}, ${text}` : text);
  }
  return texts;
}

/** What came of the payouts of a period, by creator and currency; read in pages. */
async function payoutOutcomes(
  db: Queries,
  period: string,
  creatorId: string | undefined,
): Promise<ReadonlyMap<string, PayoutOutcome>> {
  const payouts = new Map<string, PayoutOutcome & { readonly written: string }>();
  let all = db
    .selectFrom('intent')
    .innerJoin('intent_state', 'intent_state.intent_id', 'intent.intent_id')
    .select(['intent.intent_id', 'creator_id', 'currency', 'amount', 'created_at', 'state', 'message'])
    .where('intent.period', '=', period)
    .where('intent.kind', '=', 'pay')
    // Dropped with an approval that lapsed: it was never tried.
    .where('code', 'is distinct from', NOT_IN_PLAN)
    .orderBy('intent.intent_id');
  if (creatorId !== undefined) all = all.where('creator_id', '=', creatorId);
  const read = (last: { readonly intent_id: string } | null, size: number) =>
    (last === null ? all : all.where('intent.intent_id', '>', last.intent_id)).limit(size).execute();
  for await (const rows of pages(read)) {
    for (const row of rows) {
      const key = `${row.creator_id}\u0000${row.currency}`;
      const known = payouts.get(key);
      const paid = (known?.paid ?? 0n) + (row.state === 'posted' ? row.amount : 0n);
      // Later batches come later: the last payout of a creator is the one that counts.
      const written = `${row.created_at} ${row.intent_id}`;
      const last =
        known === undefined || written > known.written
          ? { state: row.state, message: row.message ?? '', written }
          : known;
      payouts.set(key, { ...last, paid });
    }
  }
  return payouts;
}

interface PayoutOutcome {
  readonly paid: bigint;
  readonly state: string;
  readonly message: string;
}

/** As it was signed at the close, or as it stands now. */
function outcomeOf(
  row: Pick<
    Selectable<Schema['earning']>,
    'disposition' | 'reason' | 'closed_paid' | 'closed_disposition' | 'closed_reason'
  >,
  payout: PayoutOutcome | undefined,
): { paid: bigint; disposition: string; reason: string } {
  if (row.closed_paid !== null) {
    return { paid: row.closed_paid, disposition: row.closed_disposition ?? '', reason: row.closed_reason ?? '' };
  }
  return { paid: payout?.paid ?? 0n, ...finalDisposition(row.disposition, row.reason, payout) };
}

/** Writes down what the period came to, when it is closed. */
export async function signEarnings(tx: Queries, period: string, results: readonly SignedEarning[]): Promise<void> {
  await setEarnings(
    tx,
    period,
    ['closed_paid', 'closed_disposition', 'closed_reason'],
    results,
    (one) => sql`${one.paid}, ${one.disposition}, ${one.reason}`,
  );
}

/** Writes down what is going to happen with each amount by a plan that is approved. */
export async function writePlan(tx: Queries, period: string, lines: readonly EarningLine[]): Promise<void> {
  await setEarnings(tx, period, ['disposition', 'reason'], lines, (one) => sql`${one.disposition}, ${one.reason}`);
}

/** Rows of one statement: more make it no faster. */
const ROWS_PER_UPDATE = 100;

/** Sets columns of many earnings, in slices: the transaction has more to do that only the main loop can. Throws when one is not there. */
async function setEarnings<Row extends { readonly creatorId: string; readonly currency: string }>(
  tx: Queries,
  period: string,
  columns: readonly (keyof Schema['earning'])[],
  all: readonly Row[],
  valuesOf: (row: Row) => RawBuilder<unknown>,
): Promise<void> {
  const pause = slices();
  // The columns of VALUES are named so in every database: the id, the currency, then what is set.
  const set = columns.map((column, index) => sql`${sql.ref(column)} = ${sql.ref(`told.column${index + 3}`)}`);
  for (let start = 0; start < all.length; start += ROWS_PER_UPDATE) {
    const some = all.slice(start, start + ROWS_PER_UPDATE);
    const rows = some.map((one) => sql`(${one.creatorId}, ${one.currency}, ${valuesOf(one)})`);
    const { numAffectedRows } = await sql`
      UPDATE earning SET ${sql.join(set)} FROM (VALUES ${sql.join(rows)}) AS told
      WHERE earning.period = ${period} AND earning.creator_id = told.column1 AND earning.currency = told.column2
    `.execute(tx);
    if (numAffectedRows !== BigInt(some.length)) throw new Error(`Set ${numAffectedRows} of ${some.length} earnings`);
    await pause();
  }
}

/** Takes the signed outcome back, when the period is reopened. */
export async function unsignEarnings(tx: Queries, period: string): Promise<void> {
  await tx
    .updateTable('earning')
    .set({ closed_paid: null, closed_disposition: null, closed_reason: null })
    .where('period', '=', period)
    .execute();
}

function finalDisposition(
  planned: string,
  reason: string,
  payout: PayoutOutcome | undefined,
): { disposition: string; reason: string } {
  switch (payout?.state) {
    case 'posted':
      return { disposition: 'paid', reason: '' };
    case 'sending':
    case 'unknown':
      return { disposition: 'unknown', reason: 'The outcome at Stripe is not known yet' };
    case 'processing':
      return { disposition: 'processing', reason: 'Stripe is processing the payout' };
    default:
  }
  // Nothing is under way: a hold that came since the last attempt counts.
  if (planned !== 'paid') return { disposition: planned, reason };
  switch (payout?.state) {
    case undefined:
    case 'planned':
      return { disposition: 'planned', reason: '' };
    case 'returned':
      return { disposition: 'returned', reason: payout?.message ?? '' };
    default:
      return { disposition: 'failed', reason: payout?.message ?? '' };
  }
}
