/**
 * Late news: rows of payments and allocations that arrive after the lock of their month. They change no figure of it. What they
 * bring is posted to the open month, what they take away is borne by the platform. Amounts in minor units, per currency.
 * Source of the rules: docs/rules.md, "Late news".
 */
import { feeRuleBps, platformFee } from '../../shared/money/fee';
import { max } from '../../shared/money/money';
import type { AllocationWish, PaymentFunds } from '../../shared/period/calculation';
import { type LateTargets, lateTargets, type MonthRows } from '../../shared/period/late';
import { appendAudit } from '../journal/audit-chain';
import { FEE_REVENUE, LAPSED_REVENUE, owedTo, REFUNDS_BORNE, suspenseOf, UNDISTRIBUTED } from '../ledger/accounts';
import { type Posting, post } from '../ledger/ledger';
import type { Queries } from '../store/store';
import type { ServiceContext } from './context';
import { openPeriodIn } from './fund-tracking';
import { readSettings } from './settings';

type Poster = Pick<ServiceContext, 'now' | 'newId' | 'actor'>;

export type LatePart = 'earning' | 'suspense' | 'lapse' | 'borne';

/** Late news is posted to the open month before it is locked. */
const TAKES_LATE_NEWS = ['open'];

/**
 * Posts what late rows bring and was not posted yet, in the caller's transaction. Rows that came while no month was open are posted
 * when the next one opens. Run again it posts nothing. Returns the month posted to; null when there is nothing to post to.
 */
export async function postLateNews(tx: Queries, by: Poster): Promise<string | null> {
  const postedIn = await openPeriodIn(tx, TAKES_LATE_NEWS);
  if (postedIn === null) return null;
  const origins = await tx
    .selectFrom('late_row')
    .select('period')
    .distinct()
    .where('posted_in', 'is', null)
    .where('period', '<', postedIn)
    .orderBy('period')
    .execute();
  for (const { period } of origins) await postOrigin(tx, by, period, postedIn);
  return postedIn;
}

async function postOrigin(tx: Queries, by: Poster, origin: string, postedIn: string): Promise<void> {
  const months = await monthsOf(tx, origin);
  for (const currency of [...months.keys()].sort()) {
    const { before, after } = months.get(currency) ?? { before: EMPTY, after: EMPTY };
    const entries = await entriesFor(tx, origin, currency, lateTargets(before, after));
    const txId = by.newId();
    const at = by.now();
    await post(tx, {
      txId,
      at,
      kind: 'late',
      period: postedIn,
      intentId: null,
      description: `Late news of ${origin}, posted to ${postedIn}`,
      postings: postingsOf(entries, currency),
    });
    for (const { part, party, gross, fee, amount } of entries) {
      await tx
        .insertInto('late_posting')
        .values({ tx_id: txId, origin, posted_in: postedIn, currency, part, party, gross, fee, amount })
        .execute();
    }
    await tx
      .updateTable('late_row')
      .set({ posted_in: postedIn, tx_id: entries.length === 0 ? null : txId })
      .where('period', '=', origin)
      .where('currency', '=', currency)
      .where('posted_in', 'is', null)
      .execute();
    await appendAudit(tx, {
      at,
      actor: by.actor(),
      action: 'late-news.posted',
      subject: origin,
      payload: { postedIn, currency, entries: entries.map(({ part, party, amount }) => [part, party, amount]) },
    });
  }
}

const EMPTY: MonthRows = { payments: new Map(), allocations: new Map() };

/** Rows of the month at its lock and now, of the subscribers and in the currencies that late rows concern. */
async function monthsOf(
  tx: Queries,
  origin: string,
): Promise<Map<string, { readonly before: MonthRows; readonly after: MonthRows }>> {
  const late = await tx.selectFrom('late_row').selectAll().where('period', '=', origin).orderBy('late_id').execute();
  const latest = new Map(late.map((row) => [`${row.kind}\u0000${row.row_id}`, row]));
  const subscribers = new Set<string>();
  for (const row of late) {
    for (const content of [row.content, row.previous]) {
      if (content !== null) subscribers.add(parse(content).subscriberId ?? '');
    }
  }
  const payments: { id: string; currency: string; row: PaymentFunds }[] = [];
  const allocations: { id: string; currency: string; row: AllocationWish }[] = [];
  const ids = [...subscribers];
  for (let start = 0; start < ids.length; start += IDS_PER_QUERY) {
    const some = ids.slice(start, start + IDS_PER_QUERY);
    for (const row of await tx
      .selectFrom('payment')
      .selectAll()
      .where('period', '=', origin)
      .where('subscriber_id', 'in', some)
      .execute()) {
      const funds = paymentOf(row.subscriber_id, row.amount, row.refunded, row.status);
      payments.push({ id: row.payment_id, currency: row.currency, row: funds });
    }
    for (const row of await tx
      .selectFrom('allocation')
      .selectAll()
      .where('period', '=', origin)
      .where('subscriber_id', 'in', some)
      .execute()) {
      const wish = allocationOf(row.allocation_id, row.subscriber_id, row.creator_id, row.amount, row.status);
      allocations.push({ id: row.allocation_id, currency: row.currency, row: wish });
    }
  }
  const currencies = new Set(late.flatMap((row) => [row.currency, ...currencyOf(row.previous)]));
  return new Map(
    [...currencies].map((currency) => {
      const before = {
        payments: new Map(payments.filter((one) => one.currency === currency).map((one) => [one.id, one.row])),
        allocations: new Map(allocations.filter((one) => one.currency === currency).map((one) => [one.id, one.row])),
      };
      const after = { payments: new Map(before.payments), allocations: new Map(before.allocations) };
      for (const row of latest.values()) {
        const content = parse(row.content);
        if (row.kind === 'payment') {
          after.payments.delete(row.row_id);
          if (row.currency !== currency) continue;
          after.payments.set(
            row.row_id,
            paymentOf(
              content.subscriberId ?? '',
              BigInt(content.amount ?? '0'),
              BigInt(content.refunded ?? '0'),
              content.status ?? '',
            ),
          );
        } else {
          after.allocations.delete(row.row_id);
          if (row.currency !== currency) continue;
          after.allocations.set(
            row.row_id,
            allocationOf(
              row.row_id,
              content.subscriberId ?? '',
              content.creatorId ?? '',
              BigInt(content.amount ?? '0'),
              content.status ?? '',
            ),
          );
        }
      }
      return [currency, { before, after }];
    }),
  );
}

/** The canonical JSON of an imported row: every value is text. */
function parse(content: string): Partial<Record<string, string>> {
  const row: Partial<Record<string, string>> = JSON.parse(content);
  return row;
}

function currencyOf(content: string | null): string[] {
  const currency = content === null ? undefined : parse(content).currency;
  return currency === undefined ? [] : [currency];
}

const IDS_PER_QUERY = 500;

function paymentOf(subscriberId: string, amount: bigint, refunded: bigint, status: string): PaymentFunds {
  const known = status === 'succeeded' || status === 'disputed' ? status : 'failed';
  return { subscriberId, amount, refunded, status: known };
}

function allocationOf(
  allocationId: string,
  subscriberId: string,
  creatorId: string,
  amount: bigint,
  status: string,
): AllocationWish {
  return { allocationId, subscriberId, creatorId, amount, status: status === 'active' ? 'active' : 'cancelled' };
}

interface LateEntry {
  readonly part: LatePart;
  /** The creator, or the id nobody knows; empty for the platform. */
  readonly party: string;
  readonly gross: bigint;
  readonly fee: bigint;
  /** Earning: net. Suspense: gross. Lapse: revenue. Borne: what the platform bears, negative when it comes back. */
  readonly amount: bigint;
}

/** What is still to be posted: the targets less what was posted before. What creators were given once stays theirs. */
async function entriesFor(tx: Queries, origin: string, currency: string, targets: LateTargets): Promise<LateEntry[]> {
  const posted = await tx
    .selectFrom('late_posting')
    .selectAll()
    .where('origin', '=', origin)
    .where('currency', '=', currency)
    .execute();
  const sum = (pick: 'gross' | 'fee' | 'amount', parts: readonly LatePart[], party?: string): bigint =>
    posted
      .filter((row) => parts.includes(row.part as LatePart) && (party === undefined || row.party === party))
      .reduce((total, row) => total + row[pick], 0n);
  const earnings = await tx
    .selectFrom('earning')
    .select(['creator_id', 'gross', 'fee', 'fee_rule'])
    .where('period', '=', origin)
    .where('currency', '=', currency)
    .execute();
  const earned = new Map(earnings.map((row) => [row.creator_id, row]));
  const rule = earnings[0]?.fee_rule;
  const feeBps = rule === undefined ? (await readSettings(tx)).feeBps : feeRuleBps(rule);
  const known = new Set((await tx.selectFrom('creator').select('creator_id').execute()).map((row) => row.creator_id));

  const entries: LateEntry[] = [];
  let given = sum('gross', ['earning', 'suspense']);
  for (const [party, target] of [...targets.gained].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const gross = target - sum('gross', ['earning', 'suspense'], party);
    if (gross <= 0n) continue;
    given += gross;
    if (!known.has(party)) {
      entries.push({ part: 'suspense', party, gross, fee: 0n, amount: gross });
      continue;
    }
    const before = (earned.get(party)?.gross ?? 0n) + sum('gross', ['earning'], party);
    const feeBefore = (earned.get(party)?.fee ?? 0n) + sum('fee', ['earning'], party);
    const fee = platformFee(before + gross, feeBps) - feeBefore;
    entries.push({ part: 'earning', party, gross, fee, amount: gross - fee });
  }
  const lapse = targets.more - given - sum('amount', ['lapse']);
  if (lapse !== 0n) entries.push({ part: 'lapse', party: '', gross: 0n, fee: 0n, amount: lapse });
  const borne = targets.borne - sum('amount', ['borne']);
  if (borne !== 0n) entries.push({ part: 'borne', party: '', gross: 0n, fee: 0n, amount: borne });
  return entries;
}

function postingsOf(entries: readonly LateEntry[], currency: string): Posting[] {
  const postings = entries.flatMap((entry) => sidesOf(entry, currency));
  const total = postings.reduce((sum, one) => sum + one.amount, 0n);
  return [...postings, { account: UNDISTRIBUTED, currency, amount: -total }];
}

function sidesOf({ part, party, fee, amount }: LateEntry, currency: string): Posting[] {
  switch (part) {
    case 'earning':
      return [
        { account: owedTo(party), currency, amount: -amount },
        { account: FEE_REVENUE, currency, amount: -fee },
      ];
    case 'suspense':
      return [{ account: suspenseOf(party), currency, amount: -amount }];
    case 'lapse':
      return [{ account: LAPSED_REVENUE, currency, amount: -amount }];
    case 'borne':
      return [{ account: REFUNDS_BORNE, currency, amount }];
  }
}

/** Σ owed to creators and kept in suspense that was posted to months after `period`. */
export async function owedByLaterNews(db: Queries, period: string): Promise<ReadonlyMap<string, bigint>> {
  const rows = await db
    .selectFrom('late_posting')
    .select(({ fn }) => ['currency', fn.sum<bigint>('amount').as('total')])
    .where('posted_in', '>', period)
    .where('part', 'in', ['earning', 'suspense'])
    .groupBy('currency')
    .execute();
  return new Map(rows.map((row) => [row.currency, BigInt(row.total)]));
}

export interface LateSum {
  readonly origin: string;
  readonly part: LatePart;
  readonly party: string;
  readonly currency: string;
  readonly amount: bigint;
}

/** What was posted to a month as late news, by origin, part, party and currency. */
export async function latePostingsOf(db: Queries, postedIn: string): Promise<readonly LateSum[]> {
  const rows = await db
    .selectFrom('late_posting')
    .select(({ fn }) => ['origin', 'part', 'party', 'currency', fn.sum<bigint>('amount').as('total')])
    .where('posted_in', '=', postedIn)
    .groupBy(['origin', 'part', 'party', 'currency'])
    .orderBy('origin')
    .orderBy('party')
    .execute();
  return rows.map((row) => ({
    origin: row.origin,
    part: row.part as LatePart,
    party: row.party,
    currency: row.currency,
    amount: BigInt(row.total),
  }));
}

/** A refund or a dispute after the close, or one that was won: an exception of the month that it is posted to. */
export interface LateException {
  readonly rowId: string;
  readonly type: 'late refund' | 'late dispute' | 'dispute won' | 'payment corrected';
  readonly currency: string;
  /** Change of what the payment brings, negative when it brings less. */
  readonly amount: bigint;
  readonly at: string;
  readonly explanation: string;
}

/** By rule they are explained: the platform bears them. */
export const BORNE_BY_RULE = 'Coffer, by rule';

/** Payments of earlier months that changed after their lock, of the month they are posted to, by row id. */
export async function lateExceptions(db: Queries, postedIn: string): Promise<readonly LateException[]> {
  const rows = await db
    .selectFrom('late_row')
    .innerJoin('data_import', 'data_import.import_id', 'late_row.import_id')
    .select(['row_id', 'period', 'currency', 'content', 'previous', 'change', 'at'])
    .where('kind', '=', 'payment')
    .where('posted_in', '=', postedIn)
    .where('previous', 'is not', null)
    .where('change', '<>', 0n)
    .orderBy('row_id')
    .orderBy('late_id')
    .execute();
  return rows.map((row) => {
    const disputed = parse(row.content).status === 'disputed';
    const won = row.change > 0n && row.previous !== null && parse(row.previous).status === 'disputed';
    const type = won
      ? 'dispute won'
      : row.change > 0n
        ? 'payment corrected'
        : disputed
          ? 'late dispute'
          : 'late refund';
    return {
      rowId: row.row_id,
      type,
      currency: row.currency,
      amount: row.change,
      at: row.at,
      explanation: `${CAUSES[type]} ${row.period}, after its close. ${row.change < 0n ? BORNE[type === 'late dispute' ? 'dispute' : 'refund'] : RETURNED}`,
    };
  });
}

/** Σ refunded more, of payments of closed months, that is posted to this month or waits for it. */
export async function lateRefunds(db: Queries, postedIn: string, currency: string): Promise<bigint> {
  const rows = await db
    .selectFrom('late_row')
    .select(['content', 'previous'])
    .where('kind', '=', 'payment')
    .where('currency', '=', currency)
    .where((eb) => eb.or([eb('posted_in', '=', postedIn), eb('posted_in', 'is', null)]))
    .execute();
  const refunded = (content: string | null): bigint => BigInt(content === null ? 0n : (parse(content).refunded ?? 0n));
  return rows.reduce((sum, row) => sum + max(refunded(row.content) - refunded(row.previous), 0n), 0n);
}

/** Σ that late payments bring more and that was not posted yet: it waits while no month is open. */
export async function waitingPayments(db: Queries, currency: string): Promise<bigint> {
  const rows = await db
    .selectFrom('late_row')
    .select(({ fn }) => fn.sum<bigint>('change').as('change'))
    .where('kind', '=', 'payment')
    .where('currency', '=', currency)
    .where('posted_in', 'is', null)
    .groupBy('row_id')
    .execute();
  return rows.reduce((sum, row) => sum + max(BigInt(row.change), 0n), 0n);
}

const CAUSES = {
  'late refund': 'Refund of a payment of',
  'late dispute': 'Dispute of a payment of',
  'dispute won': 'Dispute won of a payment of',
  'payment corrected': 'A payment brings more than before, of',
} as const;

const BORNE = {
  refund:
    "Borne by platform revenue; what creators are owed is unchanged. To do: see that Stripe's line of the refund is there; agree with the creator if it should bear it.",
  dispute:
    'Borne by platform revenue; what creators are owed is unchanged. To do: answer the dispute in the Stripe dashboard; if it is won, the next import takes this back.',
} as const;

const RETURNED = 'Platform revenue gets back what it bore; the rest is posted like a late payment. Nothing to do.';
