/**
 * What a creator earned: pending, available, paid, held and unfunded, by month and by source, for one creator by id or e-mail; and the
 * statement of one, of some or of all as CSV. Read-only, no network. Amounts are decimal strings of minor units, as they cross IPC.
 */
import type { EarningRow } from '../../shared/contract';
import type { EarningsForUser } from '../../shared/contract/people';
import { CofferError } from '../../shared/domain/coffer-error';
import { fundAllocations, fundsOfPayment, wantedOfAllocation } from '../../shared/period/calculation';
import { owedToCreators } from '../ledger/ledger';
import { inChunks } from '../store/chunks';
import type { Queries, Store } from '../store/store';
import { type Cell, csvFile, number, text } from './csv';
import { circumstancesOf, earningResults } from './earnings';
import { creatorEarnings, earningRow, paymentStatus } from './statements';
import type { StatementsFile } from './worker/store-jobs';
import { workerOf } from './worker/store-worker';

const LISTED_SOURCES = 500;

export type WhichCreator = { readonly creatorId: string } | { readonly email: string };

/** The id behind an id or an e-mail address (capitals do not matter). Throws `CofferError` when there is none, or more than one. */
export async function creatorIdOf(db: Queries, which: WhichCreator): Promise<string> {
  const rows =
    'creatorId' in which
      ? await db.selectFrom('creator').select('creator_id').where('creator_id', '=', which.creatorId).execute()
      : await db
          .selectFrom('creator')
          .select('creator_id')
          .where(({ fn }) => fn<string>('lower', ['email']), '=', which.email.toLowerCase())
          .execute();
  const [first, second] = rows;
  const name = 'creatorId' in which ? which.creatorId : which.email;
  if (first === undefined)
    throw new CofferError('creator-unknown', `There is no creator ${name}.`, 'Look at the list.');
  if (second !== undefined) {
    throw new CofferError(
      'creator-ambiguous',
      `${rows.length} creators have the e-mail address ${name}.`,
      'Ask by the id of one of them.',
    );
  }
  return first.creator_id;
}

export async function earningsForUser(store: Store, which: WhichCreator): Promise<EarningsForUser> {
  const { db } = store;
  const creatorId = await creatorIdOf(db, which);
  const creator = await db
    .selectFrom('creator')
    .select(['display_name', 'email'])
    .where('creator_id', '=', creatorId)
    .executeTakeFirstOrThrow();
  const circumstances = await circumstancesOf(db, creatorId);
  const earnings = await creatorEarnings(store, creatorId);
  const sources = await sourcesOf(db, creatorId);
  const sums = new Map<string, Record<'pending' | 'available' | 'paid' | 'held' | 'unfunded' | 'lifetime', bigint>>();
  const of = (currency: string) => {
    const known = sums.get(currency) ?? { pending: 0n, available: 0n, paid: 0n, held: 0n, unfunded: 0n, lifetime: 0n };
    sums.set(currency, known);
    return known;
  };
  const held = circumstances === undefined || circumstances.holdReason !== '' || circumstances.stripeAccount === '';
  for (const row of await owedToCreators(db)) {
    if (row.id === creatorId) of(row.currency)[held ? 'held' : 'available'] += row.owed;
  }
  for (const row of earnings) of(row.currency)[row.provisional ? 'pending' : 'lifetime'] += BigInt(row.net);
  for (const [currency, paid] of await paidTo(db, creatorId)) of(currency).paid += paid;
  for (const source of sources.bySubscriber) of(source.currency).unfunded += source.unfunded;
  return {
    creatorId,
    email: creator.email,
    displayName: creator.display_name,
    currencies: [...sums]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([currency, sum]) => ({
        currency,
        pending: String(sum.pending),
        available: String(sum.available),
        paid: String(sum.paid),
        held: String(sum.held),
        unfunded: String(sum.unfunded),
        lifetime: String(sum.lifetime),
      })),
    months: earnings.map(({ period, currency, gross, fee, net, paid, provisional }) => ({
      period,
      currency,
      gross,
      fee,
      net,
      paid,
      unfunded: String(sources.unfundedIn.get(`${period}\u0000${currency}`) ?? 0n),
      provisional,
    })),
    sources: sources.bySubscriber.slice(0, LISTED_SOURCES).map((source) => ({
      subscriberId: source.subscriberId,
      displayName: source.displayName,
      currency: source.currency,
      funded: String(source.funded),
      unfunded: String(source.unfunded),
    })),
    sourceCount: sources.bySubscriber.length,
  };
}

/** Σ posted payouts by currency. */
async function paidTo(db: Queries, creatorId: string): Promise<ReadonlyMap<string, bigint>> {
  const rows = await db
    .selectFrom('intent')
    .innerJoin('intent_state', 'intent_state.intent_id', 'intent.intent_id')
    .select(({ fn }) => ['intent.currency', fn.sum<bigint>('intent.amount').as('total')])
    .where('intent.creator_id', '=', creatorId)
    .where('intent_state.kind', '=', 'pay')
    .where('intent_state.state', '=', 'posted')
    .groupBy('intent.currency')
    .execute();
  return new Map(rows.map((row) => [row.currency, BigInt(row.total)]));
}

interface Source {
  readonly subscriberId: string;
  readonly displayName: string;
  readonly currency: string;
  funded: bigint;
  unfunded: bigint;
}

/**
 * Who the creator's gross came from, all months, the largest first: how each subscriber's funds of a month were shared out, which takes
 * everything that this subscriber allocated in it. By subscriber and currency in byte order where amounts are equal.
 */
async function sourcesOf(
  db: Queries,
  creatorId: string,
): Promise<{ readonly bySubscriber: readonly Source[]; readonly unfundedIn: ReadonlyMap<string, bigint> }> {
  const funds = new Map<string, bigint>();
  // The pairs of this creator first: the tables are gone through by their months and subscribers, not row by row.
  const own = db
    .selectFrom('allocation')
    .select(['period', 'subscriber_id'])
    .distinct()
    .where('creator_id', '=', creatorId);
  const payments = await db
    .with('own', () => own)
    .selectFrom('own')
    .innerJoin('payment', (join) =>
      join.onRef('payment.period', '=', 'own.period').onRef('payment.subscriber_id', '=', 'own.subscriber_id'),
    )
    .select(['payment.subscriber_id', 'payment.period', 'currency', 'amount', 'refunded', 'status'])
    .execute();
  for (const row of payments) {
    const key = `${row.period}\u0000${row.subscriber_id}\u0000${row.currency}`;
    funds.set(key, (funds.get(key) ?? 0n) + fundsOfPayment({ ...row, status: paymentStatus(row.status) }));
  }
  const rows = await db
    .with('own', () => own)
    .selectFrom('own')
    .innerJoin('allocation', (join) =>
      join.onRef('allocation.period', '=', 'own.period').onRef('allocation.subscriber_id', '=', 'own.subscriber_id'),
    )
    .selectAll('allocation')
    .orderBy('allocation_id')
    .execute();
  const allocations = new Map<string, (typeof rows)[number][]>();
  for (const row of rows) {
    const key = `${row.period}\u0000${row.subscriber_id}\u0000${row.currency}`;
    const group = allocations.get(key);
    if (group === undefined) allocations.set(key, [row]);
    else group.push(row);
  }
  const names = new Map<string, string>();
  for (const some of inChunks([...new Set(rows.map((row) => row.subscriber_id))])) {
    const found = await db.selectFrom('subscriber').selectAll().where('subscriber_id', 'in', some).execute();
    for (const row of found) names.set(row.subscriber_id, row.display_name);
  }
  const bySubscriber = new Map<string, Source>();
  const unfundedIn = new Map<string, bigint>();
  for (const [key, group] of allocations) {
    const wanted = group.map((row) => ({
      id: row.allocation_id,
      amount: wantedOfAllocation({ amount: row.amount, status: row.status === 'active' ? 'active' : 'cancelled' }),
    }));
    const funded = fundAllocations(funds.get(key) ?? 0n, wanted);
    group.forEach((row, index) => {
      if (row.creator_id !== creatorId) return;
      const amount = funded[index] ?? 0n;
      const missing = (wanted[index]?.amount ?? 0n) - amount;
      const source = `${row.subscriber_id}\u0000${row.currency}`;
      const known = bySubscriber.get(source) ?? {
        subscriberId: row.subscriber_id,
        displayName: names.get(row.subscriber_id) ?? row.subscriber_id,
        currency: row.currency,
        funded: 0n,
        unfunded: 0n,
      };
      known.funded += amount;
      known.unfunded += missing;
      bySubscriber.set(source, known);
      const month = `${row.period}\u0000${row.currency}`;
      unfundedIn.set(month, (unfundedIn.get(month) ?? 0n) + missing);
    });
  }
  const sorted = [...bySubscriber.values()].sort((a, b) => {
    if (a.funded !== b.funded) return a.funded > b.funded ? -1 : 1;
    if (a.subscriberId !== b.subscriberId) return a.subscriberId < b.subscriberId ? -1 : 1;
    return a.currency < b.currency ? -1 : 1;
  });
  return { bySubscriber: sorted, unfundedIn };
}

const COLUMNS =
  'period,creator_id,currency,gross_minor,fee_minor,net_minor,opening_minor,payable_minor,paid_minor,owed_after_minor,disposition,reason';

function statementRows(creatorId: string, earnings: readonly EarningRow[]): Cell[][] {
  return [...earnings]
    .filter((row) => !row.provisional)
    .sort((a, b) => (a.period < b.period ? -1 : a.period > b.period ? 1 : a.currency < b.currency ? -1 : 1))
    .map((row) => [
      text(row.period),
      text(creatorId),
      text(row.currency),
      number(row.gross),
      number(row.fee),
      number(row.net),
      number(row.opening),
      number(row.payable),
      number(row.paid),
      number(row.owedAfter),
      text(row.disposition),
      text(row.reason),
    ]);
}

/** A creator's statement as CSV: one row for each calculated month and currency. */
export function statementCsv(creatorId: string, earnings: readonly EarningRow[]): string {
  return csvFile(COLUMNS.split(','), statementRows(creatorId, earnings));
}

/** As `statementsCsv`, as the bytes of a file. */
export async function statementsFile(store: Store, named: readonly string[]): Promise<StatementsFile> {
  const worker = await workerOf(store);
  return worker === null ? statementsBytes(store, named) : worker.run('statements', { named });
}

export async function statementsBytes(store: Store, named: readonly string[]): Promise<StatementsFile> {
  const { content, ...counts } = await statementsCsv(store, named);
  return { content: new TextEncoder().encode(content), ...counts };
}

/**
 * Statements of the creators named by id or e-mail in one CSV, of everyone when none is named; by month, then creator and currency in
 * byte order. Throws `CofferError` when a name is nobody's.
 */
export async function statementsCsv(
  store: Store,
  named: readonly string[],
): Promise<{ readonly content: string; readonly creators: number; readonly rows: number }> {
  const { db } = store;
  const chosen = named.length === 0 ? null : new Set<string>();
  for (const name of named) {
    chosen?.add(await creatorIdOf(db, name.includes('@') ? { email: name } : { creatorId: name }));
  }
  const periods = await db.selectFrom('earning').select('period').distinct().orderBy('period').execute();
  const rows: Cell[][] = [];
  const creators = new Set<string>();
  for (const { period } of periods) {
    for (const one of await earningResults(db, period)) {
      if (chosen !== null && !chosen.has(one.creatorId)) continue;
      creators.add(one.creatorId);
      rows.push(...statementRows(one.creatorId, [earningRow(one)]));
    }
  }
  return { content: csvFile(COLUMNS.split(','), rows), creators: creators.size, rows: rows.length };
}
