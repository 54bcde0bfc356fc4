/** The stored history of both balances, the events marked on it, and the lines behind each term of the coverage equation. */
import { type Selectable, sql } from 'kysely';
import type { BalanceEvent, BalancePoint, CoverageTerm, DriftChange } from '../../shared/contract/balances';
import type { PageRequest } from '../../shared/contract/channel';
import { listIntents } from '../journal/journal';
import type { Schema } from '../store/schema';
import type { Queries, Store } from '../store/store';
import type { ServiceContext } from './context';
import { creatorCircumstances } from './earnings';
import { obligations } from './fund-tracking';
import { listContent } from './lists/list-content';
import type { BalanceLinesFilter } from './lists/list-orders';
import { type Content, type ListContent, type PageRules, preparedList } from './lists/paging';
import { driftChanges } from './monitoring/drift-history';
import { inSlices } from './slices';

const RANGE_DAYS = { '30d': 30, '90d': 90, '6m': 184, '12m': 366, all: 36_500 } as const;
/** More points than a chart has pixels say nothing more: the last of each bucket is kept. */
const MAX_POINTS = 1_500;

export async function balanceHistory(
  context: ServiceContext,
  currency: string,
  range: keyof typeof RANGE_DAYS,
): Promise<{ points: BalancePoint[]; events: BalanceEvent[]; changes: DriftChange[] }> {
  const { db } = context.store;
  const from = new Date(context.now().getTime() - RANGE_DAYS[range] * 86_400_000).toISOString();
  const points = (await thinned(db, currency, from)).map((row) => {
    const storage = row.storage_available + row.storage_inbound + row.storage_outbound;
    return {
      at: row.at,
      payments: String(row.payments_available + row.payments_pending),
      storage: String(storage),
      owed: String(row.owed),
      explained: String(storage - row.owed - row.unexplained),
      unexplained: String(row.unexplained),
      seeded: row.seeded === 1n,
    };
  });
  return { points, events: await eventsSince(context, from), changes: await driftChanges(db, currency, from) };
}

async function thinned(db: Queries, currency: string, from: string) {
  const of = db.selectFrom('balance_snapshot').where('currency', '=', currency).where('at', '>=', from);
  const { count } = await of.select(({ fn }) => fn.countAll<bigint>().as('count')).executeTakeFirstOrThrow();
  if (count <= BigInt(MAX_POINTS)) return of.selectAll().orderBy('at').execute();
  const every = Math.ceil(Number(count) / MAX_POINTS);
  const { rows } = await sql<Selectable<Schema['balance_snapshot']>>`
    SELECT * FROM (
      SELECT *, row_number() OVER (ORDER BY at DESC) AS place FROM balance_snapshot WHERE currency = ${currency} AND at >= ${from}
    ) WHERE (place - 1) % ${every} = 0 ORDER BY at`.execute(db);
  return rows;
}

async function eventsSince(context: ServiceContext, from: string): Promise<BalanceEvent[]> {
  const { db } = context.store;
  const events: BalanceEvent[] = [];
  const closed = await db
    .selectFrom('month_end_run')
    .select(['period', 'closed_at'])
    .where('closed_at', 'is not', null)
    .where('closed_at', '>=', from)
    .execute();
  for (const run of closed) {
    if (run.closed_at !== null) events.push({ at: run.closed_at, kind: 'month-end', label: `${run.period} closed` });
  }
  const migrated = await db
    .selectFrom('migration_run')
    .select('ended_at')
    .where('state', '=', 'completed')
    .where('ended_at', '>=', from)
    .execute();
  for (const run of migrated)
    if (run.ended_at !== null) events.push({ at: run.ended_at, kind: 'migration', label: 'Migration' });
  const seeded = await db.selectFrom('setting').select('value').where('key', '=', 'seeded-events').executeTakeFirst();
  if (seeded !== undefined) {
    const stored: BalanceEvent[] = JSON.parse(seeded.value);
    events.push(...stored.filter((event) => event.at >= from));
  }
  return events.sort((a, b) => (a.at < b.at ? -1 : 1)).slice(-500);
}

interface Line {
  readonly at: string;
  readonly reference: string;
  readonly description: string;
  readonly amount: string;
}

const EXPLANATIONS: Readonly<Record<CoverageTerm, string>> = {
  payments:
    'Lines at Stripe since Coffer took over, and the opening balance. Pending money is among them: Stripe lists a charge when it is paid and makes it available later, by itself.',
  'storage-available':
    'Money kept for creators. Lines at Stripe since Coffer took over, and the opening balance. What is on its way in is among them.',
  'inbound-pending': 'Movements from Payments that have not arrived in Storage yet.',
  'outbound-pending': 'Payouts that Stripe is processing; still owed until they are posted.',
  owed: 'What is owed to each creator, and what is kept in suspense.',
  difference:
    'Lines at Stripe that are neither matched nor explained yet. What the difference consists of by name stands on Balances.',
};

/** The lines behind one term of the equation. */
export async function coverageLines(
  context: ServiceContext,
  request: PageRequest & { readonly currency: string; readonly term: CoverageTerm },
) {
  const { currency, term } = request;
  const read = () => linesOf(context, currency, term);
  const { list, more: sum } = await preparedList(context.store, `lines ${currency} ${term}`, read, balanceLineRules);
  return { explanation: EXPLANATIONS[term], sum, page: await list.page(request) };
}

export const balanceLineRules: PageRules<Line> = {
  searched: (line) => [line.reference, line.description],
  sorted: {
    at: (line) => line.at,
    reference: (line) => line.reference,
    description: (line) => line.description,
    amount: (line) => BigInt(line.amount),
  },
};

/** Lines and their sum. */
async function linesOf(
  context: ServiceContext,
  currency: string,
  term: CoverageTerm,
): Promise<ListContent<Line, string>> {
  switch (term) {
    case 'owed':
      return withSum(await owedLines(context, currency));
    case 'inbound-pending':
      return withSum(await movementLines(context, currency, ['fund', 'canary', 'release', 'compensate']));
    case 'outbound-pending':
      return withSum(await movementLines(context, currency, ['pay']));
    case 'payments':
      return stripeLines(context.store, { currency, side: 'payments' });
    case 'storage-available':
      return stripeLines(context.store, { currency, side: 'storage' });
    case 'difference':
      return withSum(await exceptionLines(context, currency));
  }
}

function withSum(rows: readonly Line[]): Content<Line, string> {
  return { rows, more: String(rows.reduce((total, line) => total + BigInt(line.amount), 0n)) };
}

async function owedLines(context: ServiceContext, currency: string): Promise<Line[]> {
  const names = await creatorCircumstances(context.store.db);
  const at = context.now().toISOString();
  const owed = await obligations(context.store);
  const lines: Line[] = [];
  await inSlices(owed.length, (place) => {
    const row = owed.at(place);
    if (row.currency !== currency) return;
    lines.push({
      at,
      reference: row.creatorId,
      description: row.suspense
        ? 'Suspense: a creator nobody knows'
        : (names.get(row.creatorId)?.displayName ?? row.creatorId),
      amount: String(row.opening + row.openPeriod),
    });
  });
  return lines;
}

async function movementLines(
  context: ServiceContext,
  currency: string,
  kinds: readonly ('fund' | 'canary' | 'release' | 'compensate' | 'pay')[],
): Promise<Line[]> {
  const open = await listIntents(context.store.db, { kinds, states: ['sending', 'unknown', 'processing'] });
  return open
    .filter((intent) => intent.currency === currency)
    .map((intent) => ({
      at: intent.created_at,
      reference: intent.stripe_object ?? intent.intent_id,
      description: intent.description,
      amount: String(intent.amount),
    }));
}

function stripeLines(store: Store, filter: BalanceLinesFilter): Promise<ListContent<Line, string>> {
  return listContent(store, 'balance-lines', filter, readBalanceLines);
}

export async function readBalanceLines(
  { db }: Store,
  { currency, side }: BalanceLinesFilter,
): Promise<Content<Line, string>> {
  const opening = await db
    .selectFrom('ledger_entry')
    .innerJoin('ledger_transaction', 'ledger_transaction.tx_id', 'ledger_entry.tx_id')
    .select(['at', 'amount'])
    .where('kind', '=', 'opening.balances')
    .where('account', '=', side)
    .where('currency', '=', currency)
    .execute();
  const rows = await db
    .selectFrom('stripe_line')
    .select(['created_at', 'stripe_id', 'explanation', 'amount'])
    .where('side', '=', side)
    .where('currency', '=', currency)
    .where('period', '<>', 'opening')
    .orderBy('created_at', 'desc')
    .orderBy('stripe_id')
    .execute();
  const lines = [
    ...rows.map((row) => ({
      at: row.created_at,
      reference: row.stripe_id,
      description: row.explanation,
      amount: String(row.amount),
    })),
    ...opening.map((row) => ({
      at: row.at,
      reference: 'opening',
      description: 'Balance when Coffer took over',
      amount: String(row.amount),
    })),
  ];
  return withSum(lines);
}

async function exceptionLines(context: ServiceContext, currency: string): Promise<Line[]> {
  const rows = await context.store.db
    .selectFrom('stripe_line')
    .select(['created_at', 'stripe_id', 'explanation', 'amount'])
    .where('currency', '=', currency)
    .where('outcome', '<>', 'matched')
    .where('resolved_by', 'is', null)
    .orderBy('created_at', 'desc')
    .execute();
  return rows.map((row) => ({
    at: row.created_at,
    reference: row.stripe_id,
    description: row.explanation,
    amount: String(row.amount),
  }));
}
