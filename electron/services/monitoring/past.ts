/**
 * The coverage equation as it stood at any instant: Storage from the nearest stored reading, what is owed and what the books explain
 * from ledger entries, which never change. Reads no network. Amounts in minor units.
 */
import { type Selectable, sql } from 'kysely';
import type { CoverageAt, ExplainedPart, NamedAmount, PastPart } from '../../../shared/contract/balances';
import { CofferError } from '../../../shared/domain/coffer-error';
import { coverageBps, coverageDifference } from '../../../shared/period/coverage';
import { INBOUND, OUTBOUND, OWED_PREFIX, prefixEnd, SUSPENSE_PREFIX } from '../../ledger/accounts';
import type { Schema } from '../../store/schema';
import type { Queries } from '../../store/store';
import type { ServiceContext } from '../context';
import { readAdoption } from '../settings';
import { booked, openAt, type Span, STORAGE_ACCOUNTS } from './drift-items';
import { BOOKED_SINCE, bookParts, sinceReading, stripeParts, UNDER_WAY } from './equation';

type Snapshot = Selectable<Schema['balance_snapshot']>;

const DAY_MS = 86_400_000;
/** Movements under way are not older than this; it keeps the look for them short. */
const UNDER_WAY_MS = 45 * DAY_MS;

const NOT_KNOWN = {
  none: 'Coffer had not read the balances by then, so what Storage held is not known.',
  gap: 'No reading was taken in the day before, so what Storage held is not known.',
} as const;
const NOT_CALCULATED =
  'What was earned in a month that was not calculated by then is not known, and not in what was owed.';
const SPLIT_TODAY = 'How much of it was held or carried forward is not kept for past times.';

/** Throws `CofferError` for a time that is none or has not come. */
export async function coverageAt(
  context: ServiceContext,
  { currency, at }: { readonly currency: string; readonly at: string },
): Promise<CoverageAt> {
  const time = new Date(at).getTime();
  if (Number.isNaN(time)) {
    throw new CofferError('instant-unknown', `${at} is not a time.`, 'Choose a date and a time.');
  }
  if (time > context.now().getTime()) {
    throw new CofferError('instant-ahead', 'That time has not come yet.', 'Choose a time up to now.');
  }
  const { db } = context.store;
  const instant = new Date(time).toISOString();
  const before = await reading(db, currency, 'before', instant);
  const after = await reading(db, currency, 'after', instant);
  const near = before !== undefined && time - new Date(before.at).getTime() <= DAY_MS ? before : undefined;
  const known = before?.entries ?? 0n;
  const span: Span = { after: known, known, upTo: after?.entries ?? null, instant };
  const sums = await ledgerAt(db, currency, span);
  const accrued = near === undefined || (await calculatedIn(db, near.month, span)) ? 0n : near.accrued;
  const owed = sums.owed + sums.suspense + accrued;
  const common = {
    currency,
    at: instant,
    readAt: before?.at ?? null,
    owed: String(owed),
    owedParts: owedParts(sums, accrued, near?.month ?? null),
  };
  if (near === undefined) {
    const notes = [NOT_KNOWN[before === undefined ? 'none' : 'gap'], NOT_CALCULATED, SPLIT_TODAY];
    return { ...common, storage: null, notes };
  }
  const terms = {
    storageAvailable: near.storage_available,
    inboundPending: near.storage_inbound,
    outboundPending: near.storage_outbound,
    owed,
  };
  const difference = coverageDifference(terms);
  const named = difference + owed - near.books - near.unexplained;
  const adopted = await readAdoption(db);
  const isAdopted = adopted !== null && adopted.toISOString() <= near.at;
  const parts = [
    ...stripeParts({ notAdopted: isAdopted ? 0n : named, moving: isAdopted ? named : 0n }),
    ...sinceReading(near.books - sums.books),
    ...bookParts({ books: sums.books, owed, accrued, month: near.month }),
  ];
  return {
    ...common,
    storage: {
      available: String(terms.storageAvailable),
      inboundPending: String(terms.inboundPending),
      outboundPending: String(terms.outboundPending),
      difference: String(difference),
      explained: await withItems(db, currency, parts, near, span),
      unexplained: String(near.unexplained),
      unexplainedItems: near.unexplained === 0n ? [] : await openAt(db, currency, near.at),
      coverageBps: coverageBps(terms),
    },
    notes: [
      near.month === null ? '' : `What ${near.month} had earned by then is as that reading found it.`,
      SPLIT_TODAY,
    ].filter((note) => note !== ''),
  };
}

/** The nearest real reading at or before the instant, or the first after it. */
function reading(db: Queries, currency: string, side: 'before' | 'after', instant: string) {
  const of = db.selectFrom('balance_snapshot').selectAll().where('currency', '=', currency).where('seeded', '=', 0n);
  return side === 'before'
    ? of.where('at', '<=', instant).orderBy('at', 'desc').limit(1).executeTakeFirst()
    : of.where('at', '>', instant).orderBy('at').limit(1).executeTakeFirst();
}

interface LedgerSums {
  readonly owed: bigint;
  readonly suspense: bigint;
  /** Storage with movements under way. */
  readonly books: bigint;
}

/**
 * The ledger as it stood: its balances of today less what was written down later. Entries are numbered in the order of writing, so that
 * the readings around the instant tell which are surely before and surely after it; only those between are looked at by their time.
 */
async function ledgerAt(db: Queries, currency: string, { known, upTo, instant }: Span): Promise<LedgerSums> {
  const group = sql<string>`CASE
    WHEN account >= ${OWED_PREFIX} AND account < ${prefixEnd(OWED_PREFIX)} THEN 'owed'
    WHEN account >= ${SUSPENSE_PREFIX} AND account < ${prefixEnd(SUSPENSE_PREFIX)} THEN 'suspense'
    WHEN account IN (${sql.join([...STORAGE_ACCOUNTS])}) THEN 'books' ELSE '' END`;
  const { rows } = await sql<{ part: string; total: bigint }>`
    SELECT part, sum(amount) AS total FROM (
      SELECT ${group} AS part, balance AS amount FROM ledger_balance WHERE currency = ${currency}
      UNION ALL
      SELECT ${group}, -amount FROM ledger_entry WHERE entry_id > ${upTo ?? LAST} AND currency = ${currency}
      UNION ALL
      SELECT ${group}, -e.amount FROM ledger_entry e CROSS JOIN ledger_transaction t ON t.tx_id = e.tx_id
      WHERE e.entry_id > ${known} AND e.entry_id <= ${upTo ?? LAST} AND e.currency = ${currency} AND t.at > ${instant}
    ) GROUP BY part`.execute(db);
  const total = (part: string): bigint => rows.find((row) => row.part === part)?.total ?? 0n;
  return { owed: -total('owed'), suspense: -total('suspense'), books: total('books') };
}

/** Above every id of an entry. */
const LAST = 2n ** 63n - 1n;

/** True when the month that was open at the reading was calculated between the reading and the instant: then it is in the ledger. */
async function calculatedIn(db: Queries, month: string | null, { known, upTo, instant }: Span): Promise<boolean> {
  if (month === null) return false;
  const found = await db
    .selectFrom('ledger_entry')
    .innerJoin('ledger_transaction', 'ledger_transaction.tx_id', 'ledger_entry.tx_id')
    .select('entry_id')
    .where('entry_id', '>', known)
    .where('entry_id', '<=', upTo ?? LAST)
    .where('at', '<=', instant)
    .where('kind', '=', 'earnings')
    .where('ledger_transaction.period', '=', month)
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

function owedParts({ owed, suspense }: LedgerSums, accrued: bigint, month: string | null): NamedAmount[] {
  const parts: readonly (readonly [string, string, bigint])[] = [
    ['Creators', 'In the ledger by then: earlier months, carried forward, held, in transit', owed],
    ['Suspense', 'Allocated to a creator nobody knows, in the ledger by then', suspense],
    [`${month ?? 'Open month'}, not calculated yet`, 'Net earnings so far as the reading found them', accrued],
  ];
  return parts
    .filter(([, , amount]) => amount !== 0n)
    .map(([name, detail, amount]) => ({ name, detail, amount: String(amount) }));
}

/** Parts that consist of movements name them. */
async function withItems(
  db: Queries,
  currency: string,
  parts: readonly ExplainedPart[],
  near: Snapshot,
  span: Span,
): Promise<PastPart[]> {
  const itemsOf = async (name: string) => {
    if (name === BOOKED_SINCE) return booked(db, currency, STORAGE_ACCOUNTS, span);
    if (name !== UNDER_WAY) return [];
    const oldest = await entriesKnown(db, currency, new Date(new Date(near.at).getTime() - UNDER_WAY_MS).toISOString());
    const known = near.entries;
    return booked(db, currency, [INBOUND, OUTBOUND], { after: oldest, known, upTo: known, instant: near.at });
  };
  return Promise.all(parts.map(async (part) => ({ ...part, items: await itemsOf(part.name) })));
}

async function entriesKnown(db: Queries, currency: string, instant: string): Promise<bigint> {
  return (await reading(db, currency, 'before', instant))?.entries ?? 0n;
}
