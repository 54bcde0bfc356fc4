/**
 * What people do with an exception: look at both sides, take it, note, and resolve it with new entries. The line and the entries that
 * are there stay as they are; everything a person does is in the audit log. Amounts in minor units.
 */
import type { CorrectionAccount, ExceptionDetail, ReconciliationRow } from '../../../shared/contract/proof';
import { CofferError } from '../../../shared/domain/coffer-error';
import { appendAudit } from '../../journal/audit-chain';
import { requireCompared } from '../../journal/restored';
import { PAYMENTS, STORAGE, STRIPE_COSTS, UNDISTRIBUTED } from '../../ledger/accounts';
import { move, type Posting, post } from '../../ledger/ledger';
import type { Queries } from '../../store/store';
import type { ServiceContext } from '../context';
import { readOpenPeriod } from '../settings';
import { matchAgain, matchAgainIn } from './ingest';
import { ownTraffic } from './line-types';
import { findRow } from './list';
import { adviceOn, CLASS_WORDS } from './words';

const ACCOUNTS: Readonly<Record<CorrectionAccount, string>> = {
  'platform-funds': UNDISTRIBUTED,
  'stripe-costs': STRIPE_COSTS,
};

/** Where an exception is in the store. */
interface Place {
  readonly line: ReconciliationRow;
  readonly side: 'payments' | 'storage';
  readonly isMissing: boolean;
}

async function openException(db: Queries, lineId: string): Promise<Place> {
  const place = await find(db, lineId);
  if (place?.line.outcome === 'exception' && place.line.resolvedBy === null) return place;
  throw new CofferError('line-unknown', `${lineId} is not an open exception.`, 'Refresh the list.');
}

async function find(db: Queries, lineId: string): Promise<Place | undefined> {
  const line = await findRow(db, lineId);
  if (line === undefined) return undefined;
  const isMissing = line.side === 'ledger';
  const side = isMissing ? (lineId.endsWith(':storage') ? 'storage' : 'payments') : line.side;
  return { line, side: side === 'storage' ? 'storage' : 'payments', isMissing };
}

/** What the books have to take on for the balance to agree with Stripe: Stripe − books, by currency. */
async function differenceOf(
  db: Queries,
  { line, side, isMissing }: Place,
): Promise<{ currency: string; amount: bigint }[]> {
  if (isMissing) return [{ currency: line.currency, amount: -BigInt(line.amount) }];
  const row = await db
    .selectFrom('stripe_line')
    .select(['currency', 'amount', 'booked', 'booked_currency'])
    .where('side', '=', side)
    .where('stripe_id', '=', line.stripeId)
    .executeTakeFirstOrThrow();
  const sums = new Map([[row.currency, row.amount]]);
  if (row.booked_currency !== null) {
    sums.set(row.booked_currency, (sums.get(row.booked_currency) ?? 0n) - row.booked);
  }
  return [...sums].filter(([, amount]) => amount !== 0n).map(([currency, amount]) => ({ currency, amount }));
}

function suggestedAccount({ line, side }: Place, source: string | null): CorrectionAccount {
  const contra = side === 'storage' ? undefined : ownTraffic({ side, type: line.type, source })?.contra;
  const isFee = contra === STRIPE_COSTS || (line.class === 'unknown-to-us' && /fee|cost/.test(line.type));
  return isFee ? 'stripe-costs' : 'platform-funds';
}

/** Both sides of an exception, open or explained, with its suggested resolution. Throws `CofferError` when it is none. */
export async function exceptionDetail(db: Queries, lineId: string): Promise<ExceptionDetail> {
  const place = await find(db, lineId);
  if (place === undefined || place.line.class === null) {
    throw new CofferError('line-unknown', `${lineId} is not an exception.`, 'Refresh the list.');
  }
  const { line } = place;
  const source = await sourceOf(db, place);
  const advice = adviceOn(line.class ?? 'unknown-to-us', place.side);
  const open = line.resolvedBy === null;
  return {
    line,
    ...advice,
    account: suggestedAccount(place, source),
    correction: open
      ? (await differenceOf(db, place)).map(({ currency, amount }) => ({ currency, amount: String(amount) }))
      : [],
    atStripe: await linesLike(db, place, source),
    inBooks: await entriesOf(db, line),
    history: await historyOf(db, lineId),
  };
}

async function sourceOf(db: Queries, { line, side, isMissing }: Place): Promise<string | null> {
  if (isMissing) return null;
  const row = await db
    .selectFrom('stripe_line')
    .select('source')
    .where('side', '=', side)
    .where('stripe_id', '=', line.stripeId)
    .executeTakeFirst();
  return row?.source ?? null;
}

const SHOWN = 50;

async function linesLike(db: Queries, { line }: Place, source: string | null): Promise<ExceptionDetail['atStripe']> {
  const rows = await db
    .selectFrom('stripe_line')
    .select(['stripe_id', 'side', 'type', 'created_at', 'currency', 'amount', 'source', 'description'])
    .where((eb) =>
      eb.or([
        eb('stripe_id', '=', line.stripeId),
        ...(line.intentId === null ? [] : [eb('intent_id', '=', line.intentId)]),
        ...(source === null ? [] : [eb('source', '=', source)]),
      ]),
    )
    .orderBy('created_at')
    .orderBy('stripe_id')
    .limit(SHOWN)
    .execute();
  return rows.map((row) => ({
    lineId: row.stripe_id,
    side: row.side === 'storage' ? 'storage' : 'payments',
    type: row.type,
    at: row.created_at,
    currency: row.currency,
    amount: String(row.amount),
    source: row.source,
    description: row.description,
  }));
}

/** Entries of the movement, and those by which the exception was resolved. */
async function entriesOf(db: Queries, line: ReconciliationRow): Promise<ExceptionDetail['inBooks']> {
  const rows = await db
    .selectFrom('ledger_entry')
    .innerJoin('ledger_transaction', 'ledger_transaction.tx_id', 'ledger_entry.tx_id')
    .select(['at', 'account', 'currency', 'amount', 'description'])
    .where((eb) =>
      eb.or([
        ...(line.intentId === null ? [] : [eb('ledger_transaction.intent_id', '=', line.intentId)]),
        eb.and([
          eb('ledger_transaction.kind', '=', 'line.resolved'),
          eb('ledger_transaction.description', 'like', `%(${line.lineId})`),
        ]),
      ]),
    )
    .orderBy('entry_id')
    .limit(SHOWN)
    .execute();
  return rows.map((row) => ({ ...row, amount: String(row.amount) }));
}

const DONE: Readonly<Record<string, string>> = {
  'reconciliation.taken': 'Took it',
  'reconciliation.given-back': 'Gave it back',
  'reconciliation.noted': 'Noted',
  'reconciliation.resolved': 'Resolved',
  'reconciliation.line-changed': 'Amount changed at Stripe',
};

async function historyOf(db: Queries, lineId: string): Promise<ExceptionDetail['history']> {
  const rows = await db
    .selectFrom('audit_event')
    .select(['at', 'actor', 'action', 'payload'])
    .where('subject', '=', lineId)
    .where('action', 'in', Object.keys(DONE))
    .orderBy('seq')
    .execute();
  return rows.map((row) => {
    const payload: { note?: string; explanation?: string } = JSON.parse(row.payload);
    const said = payload.note ?? payload.explanation;
    const done = DONE[row.action] ?? row.action;
    return { at: row.at, actor: row.actor, text: said ? `${done}: ${said}` : done };
  });
}

/** The operator takes an open exception, or gives it back. Throws `CofferError`. */
export async function takeException(context: ServiceContext, lineId: string, take: boolean): Promise<void> {
  const owner = take ? context.actor() : null;
  await change(context, lineId, take ? 'reconciliation.taken' : 'reconciliation.given-back', {}, { owner });
}

/** Notes something on an open exception; the note before stays in the audit log. Throws `CofferError`. */
export async function noteException(context: ServiceContext, lineId: string, note: string): Promise<void> {
  await change(context, lineId, 'reconciliation.noted', { note }, { note: note === '' ? null : note });
}

async function change(
  context: ServiceContext,
  lineId: string,
  action: string,
  payload: Record<string, unknown>,
  columns: { readonly owner?: string | null; readonly note?: string | null },
): Promise<void> {
  await context.store.transaction(async (tx) => {
    await update(tx, await openException(tx, lineId), columns);
    await appendAudit(tx, { at: context.now(), actor: context.actor(), action, subject: lineId, payload });
  });
}

interface Columns {
  readonly owner?: string | null;
  readonly note?: string | null;
  readonly explanation?: string;
  readonly resolved_by?: string;
  readonly resolved_at?: string;
  readonly period?: string;
}

async function update(tx: Queries, { line, side, isMissing }: Place, columns: Columns): Promise<void> {
  if (isMissing) {
    await tx
      .updateTable('missing_line')
      .set(columns)
      .where('side', '=', side)
      .where('intent_id', '=', line.stripeId)
      .execute();
    return;
  }
  await tx
    .updateTable('stripe_line')
    .set(columns)
    .where('side', '=', side)
    .where('stripe_id', '=', line.stripeId)
    .execute();
}

/**
 * A person's explanation of an exception. What the books lack is posted as new entries, against `account` or the suggested one; the
 * explanation is added and audited. It belongs to the month that is open then. A line that turned out to be a movement of ours since it
 * was shown is matched instead: explaining it too would count the money twice. Throws `CofferError` when it is not an open exception.
 */
export async function resolveException(
  context: ServiceContext,
  lineId: string,
  explanation: string,
  account?: CorrectionAccount,
): Promise<void> {
  await requireCompared(context.store.db);
  const at = context.now();
  await matchAgain(context);
  await context.store.transaction(async (tx) => {
    await matchAgainIn(context, tx);
    const place = await openException(tx, lineId);
    const { line, side } = place;
    const differences = await differenceOf(tx, place);
    const against = account ?? suggestedAccount(place, await sourceOf(tx, place));
    // It stays with the month that it held up.
    const period = (await readOpenPeriod(tx)) ?? at.toISOString().slice(0, 7);
    await update(tx, place, { explanation, resolved_by: context.actor(), resolved_at: at.toISOString(), period });
    const postings = differences.flatMap(({ currency, amount }): Posting[] =>
      move(ACCOUNTS[against], side === 'storage' ? STORAGE : PAYMENTS, currency, amount),
    );
    await post(tx, {
      txId: context.newId(),
      at,
      kind: 'line.resolved',
      period,
      intentId: null,
      description: `${line.class === null ? 'Exception' : CLASS_WORDS[line.class]} explained: ${explanation} (${lineId})`,
      postings,
    });
    await appendAudit(tx, {
      at,
      actor: context.actor(),
      action: 'reconciliation.resolved',
      subject: lineId,
      payload: {
        explanation,
        class: line.class,
        amount: BigInt(line.amount),
        currency: line.currency,
        posted: differences.map(({ currency, amount }) => [currency, amount]),
        against: differences.length === 0 ? null : ACCOUNTS[against],
      },
    });
  });
}
