/**
 * Every line at Stripe against every entry of ours: matched, timing, or exception. Lines of the Payments balance that are not ours
 * (charges, fees, refunds…) are posted when they are seen; lines of Storage that are not ours are outside movements.
 * Amounts in minor units, signed as at Stripe.
 */

import type { PageRequest } from '../../shared/contract/channel';
import { lineMovement, type ReconciliationRow, type ReconciliationSummary } from '../../shared/contract/proof';
import { CofferError } from '../../shared/domain/coffer-error';
import { amountText } from '../../shared/money/amount-text';
import { currency as toCurrency } from '../../shared/money/money';
import type { Period } from '../../shared/period/period';
import { appendAudit } from '../journal/audit-chain';
import { type Intent, isOpen } from '../journal/intent';
import { bookPeriod, listIntents } from '../journal/journal';
import { mustCompare, requireCompared } from '../journal/restored';
import { PAYMENTS, STORAGE, STRIPE_COSTS, UNDISTRIBUTED } from '../ledger/accounts';
import { move, post } from '../ledger/ledger';
import { provingLines } from '../rails';
import type { StripeLine } from '../rails/segregation-rail';
import type { Queries, Store } from '../store/store';
import type { ServiceContext } from './context';
import { BORNE_BY_RULE, lateExceptions } from './late-news';
import { MIGRATION_RUNS } from './migration/run';
import { type PageRules, preparedList } from './paging';
import { readAdoption, readOpenPeriod } from './settings';
import { followMovements } from './stripe-transfer';

/** Stripe's times have whole seconds; a line may be listed a little later than it was created. */
const OVERLAP_MS = 5 * 60_000;
const AHEAD_MS = 86_400_000;

/** Types of Payments lines that a movement of ours causes; all others are the business's own traffic. */
const COULD_BE_OURS = /payout|transfer/;
/** Types of those that bring a movement back: `payout_failure`, `payout_cancel`, `transfer_refund` and the like. */
const COMES_BACK = /failure|cancel|refund|reversal/;

interface Classification {
  readonly intentId: string | null;
  readonly outcome: 'matched' | 'timing' | 'exception';
  readonly explanation: string;
  /** Account that the other side of a Payments line is posted to; null when our movement posts it, or a person has to explain. */
  readonly contra: string | null;
}

/**
 * Reads lines that are new since the last time, classifies them and posts those of the Payments balance that are not movements of
 * ours. Safe to repeat. Throws `StripeUnavailable`.
 */
export async function ingestLines(context: ServiceContext): Promise<number> {
  const { db } = context.store;
  const adopted = await readAdoption(db);
  // Lines of movements that restored books lost are not outside movements: they are taken over first.
  if (adopted === null || (await mustCompare(db)) !== null) return 0;
  const newest = await db
    .selectFrom('stripe_line')
    .select(({ fn }) => fn.max('created_at').as('at'))
    .executeTakeFirst();
  const from = new Date(new Date(newest?.at ?? adopted.toISOString()).getTime() - OVERLAP_MS);
  const to = new Date(context.stripeNow().getTime() + AHEAD_MS);
  const known = new Set(
    (
      await db
        .selectFrom('stripe_line')
        .select(['side', 'stripe_id'])
        .where('created_at', '>=', new Date(from.getTime() - OVERLAP_MS).toISOString())
        .execute()
    ).map((row) => `${row.side}:${row.stripe_id}`),
  );
  const fresh: StripeLine[] = [];
  for await (const line of context.rail.lines(from, to)) {
    if (!known.has(`${line.side}:${line.stripeId}`)) fresh.push(line);
  }
  await matchAgain(context);
  if (fresh.length === 0) return 0;
  const ours = await ourMovements(db);
  await context.store.transaction(async (tx) => {
    for (const line of fresh) await storeLine(context, tx, line, classify(line, ours));
  });
  return fresh.length;
}

export interface OurMovements {
  readonly byObject: ReadonlyMap<string, Intent>;
  /** Movements whose end is not recorded yet. */
  readonly open: readonly Intent[];
  /** Guided movements that were made, with the sides for which a line is known already. */
  readonly guided: readonly { readonly intent: Intent; readonly sides: Set<string> }[];
}

async function ourMovements(db: Queries): Promise<OurMovements> {
  const intents = await listIntents(db, {});
  const byObject = new Map(
    intents.flatMap((intent) =>
      intent.stripe_object === null ? [] : provingLines(intent.stripe_object).map((line) => [line, intent] as const),
    ),
  );
  const releases = intents.filter(
    (intent) => intent.state === 'posted' && (intent.kind === 'release' || intent.kind === 'compensate'),
  );
  const lines = await db
    .selectFrom('stripe_line')
    .select(['side', 'intent_id'])
    .where('intent_id', 'in', releases.length === 0 ? [''] : releases.map((intent) => intent.intent_id))
    .execute();
  return {
    byObject,
    open: intents.filter((intent) => isOpen(intent.state)),
    guided: releases.map((intent) => ({
      intent,
      sides: new Set(lines.filter((line) => line.intent_id === intent.intent_id).map((line) => line.side)),
    })),
  };
}

const ONE_DAY_MS = 86_400_000;

/**
 * The release that a line is one side of. A person made it in the dashboard, so nothing at Stripe names our intent: the detected
 * line proves one side, and the other is the line of the same amount in the time in which it was made.
 */
function guidedSide(line: StripeLine, ours: OurMovements): Intent | undefined {
  const found = ours.guided.find(({ intent, sides }) => {
    const signed = line.side === 'storage' ? -intent.amount : intent.amount;
    // It was made between the asking and the finding, which may be days apart; a day more for clocks that differ.
    const since = new Date(intent.created_at).getTime() - ONE_DAY_MS;
    const until = new Date(intent.settled_at ?? intent.created_at).getTime() + ONE_DAY_MS;
    const at = line.createdAt.getTime();
    return (
      !sides.has(line.side) && intent.currency === line.currency && signed === line.amount && since <= at && at <= until
    );
  });
  found?.sides.add(line.side);
  return found?.intent;
}

/** What a line is, from the line and our own movements. */
export function classify(line: StripeLine, ours: OurMovements): Classification {
  const intent =
    (line.source === null ? undefined : ours.byObject.get(line.source)) ??
    ours.byObject.get(line.stripeId) ??
    // In Storage the detected line itself is the proof; any other of that amount is somebody else's.
    (COULD_BE_OURS.test(line.type) && line.side === 'payments' ? guidedSide(line, ours) : undefined);
  if (intent !== undefined) {
    ours.guided.find((one) => one.intent === intent)?.sides.add(line.side);
    return { intentId: intent.intent_id, outcome: 'matched', explanation: explanationOf(intent), contra: null };
  }
  if (
    (line.side === 'storage' || COULD_BE_OURS.test(line.type)) &&
    ours.open.some((one) => one.currency === line.currency && couldCause(one, line))
  ) {
    return {
      intentId: null,
      outcome: 'timing',
      explanation: 'A movement of ours of this amount is under way; matched when its outcome is recorded',
      contra: null,
    };
  }
  if (line.side === 'storage') {
    return {
      intentId: null,
      outcome: 'exception',
      explanation: 'Not a movement of ours: money moved in Storage outside Coffer',
      contra: null,
    };
  }
  switch (line.type) {
    case 'charge':
    case 'payment':
      return { intentId: null, outcome: 'matched', explanation: 'Subscription money received', contra: UNDISTRIBUTED };
    case 'stripe_fee':
    case 'network_cost':
    case 'tax_fee':
      return { intentId: null, outcome: 'matched', explanation: "Stripe's fee", contra: STRIPE_COSTS };
    case 'refund':
    case 'payment_refund':
    case 'refund_failure':
    case 'payment_failure_refund':
      return { intentId: null, outcome: 'matched', explanation: 'Refund to a subscriber', contra: UNDISTRIBUTED };
    case 'adjustment':
      return isDispute(line)
        ? { intentId: null, outcome: 'matched', explanation: 'Dispute of a payment', contra: UNDISTRIBUTED }
        : { intentId: null, outcome: 'matched', explanation: 'Correction by Stripe', contra: STRIPE_COSTS };
    case 'topup':
    case 'topup_reversal':
      return { intentId: null, outcome: 'matched', explanation: 'Top-up by the platform', contra: UNDISTRIBUTED };
    default:
      return {
        intentId: null,
        outcome: 'exception',
        explanation: `Unknown to us: a ${line.type.replaceAll('_', ' ')} that Coffer did not make`,
        contra: null,
      };
  }
}

/** Disputes are like refunds: what they take is not there to be distributed. */
function isDispute(line: StripeLine): boolean {
  return line.source !== null && /^(dp|du)_/.test(line.source);
}

/** A movement whose end is not recorded yet may have caused the line by going out or, when that is its type, by coming back. */
function couldCause(intent: Intent, line: StripeLine): boolean {
  const effect = effectOn(line.side, intent);
  return effect === line.amount || (COMES_BACK.test(line.type) && -effect === line.amount);
}

/** What a movement does to a balance. A payout of the earmark rail leaves Payments. */
function effectOn(side: StripeLine['side'], intent: Intent): bigint {
  const entersStorage = intent.kind === 'fund' || intent.kind === 'canary';
  const leaves = intent.kind === 'pay' || intent.kind === 'withdraw';
  const enters = !leaves && entersStorage === (side === 'storage');
  return enters ? intent.amount : -intent.amount;
}

function explanationOf(intent: Intent): string {
  switch (intent.kind) {
    case 'pay':
      return `Payout to ${intent.creator_id}, ${intent.period}`;
    case 'release':
      return 'Release from Storage to Payments';
    case 'withdraw':
      return 'Withdrawal to the bank account';
    case 'compensate':
      return 'Rollback of a migration';
    case 'canary':
      return 'First (canary) movement of a migration';
    default:
      return intent.run.startsWith('migration:') ? 'Migration from Payments to Storage' : 'Funding of Storage';
  }
}

/** A line of ours belongs to its movement's period, others to the month they were created in; what comes after its close to the open one. */
async function linePeriod(tx: Queries, line: StripeLine, found: Classification): Promise<string> {
  const intent =
    found.intentId === null
      ? undefined
      : await tx.selectFrom('intent').select('period').where('intent_id', '=', found.intentId).executeTakeFirst();
  return bookPeriod(tx, intent?.period ?? line.createdAt.toISOString().slice(0, 7));
}

async function storeLine(context: ServiceContext, tx: Queries, line: StripeLine, found: Classification): Promise<void> {
  const at = line.createdAt.toISOString();
  const period = await linePeriod(tx, line, found);
  await tx
    .insertInto('stripe_line')
    .values({
      side: line.side,
      stripe_id: line.stripeId,
      type: line.type,
      currency: line.currency,
      amount: line.amount,
      created_at: at,
      source: line.source,
      description: line.description,
      period,
      intent_id: found.intentId,
      outcome: found.outcome,
      explanation: found.explanation,
      resolved_by: null,
      resolved_at: null,
    })
    .execute();
  if (found.contra === null || line.side !== 'payments') return;
  await post(tx, {
    txId: context.newId(),
    at: line.createdAt,
    kind: `line.${line.type}`,
    period,
    intentId: null,
    description: `${found.explanation} (${line.stripeId})`,
    postings: move(found.contra, PAYMENTS, line.currency, line.amount),
  });
}

/** Lines that were not matched, held against the movements of now: what they waited for may have come, or not have come. */
async function matchAgain(context: ServiceContext): Promise<void> {
  const unmatched = await openLines(context.store.db).executeTakeFirst();
  if (unmatched !== undefined) await context.store.transaction(matchOpenLines);
}

function openLines(db: Queries) {
  return db.selectFrom('stripe_line').selectAll().where('outcome', '<>', 'matched').where('resolved_by', 'is', null);
}

async function matchOpenLines(tx: Queries): Promise<void> {
  const ours = await ourMovements(tx);
  for (const row of await openLines(tx).execute()) {
    const line: StripeLine = {
      stripeId: row.stripe_id,
      side: row.side === 'storage' ? 'storage' : 'payments',
      type: row.type,
      currency: toCurrency(row.currency),
      amount: row.amount,
      createdAt: new Date(row.created_at),
      source: row.source,
      description: row.description,
    };
    const again = classify(line, ours);
    if (again.outcome === row.outcome) continue;
    await tx
      .updateTable('stripe_line')
      .set({
        outcome: again.outcome,
        explanation: again.explanation,
        intent_id: again.intentId,
        period: await linePeriod(tx, line, again),
      })
      .where('side', '=', row.side)
      .where('stripe_id', '=', row.stripe_id)
      .execute();
  }
}

export interface BalanceProof {
  readonly side: 'payments' | 'storage';
  readonly currency: string;
  readonly opening: bigint;
  readonly lines: bigint;
  readonly closing: bigint;
  /** closing − opening − lines; zero when every cent is accounted for. */
  readonly difference: bigint;
}

/** opening + every line since = what Stripe says now, for both balances. Throws `StripeUnavailable`. */
export async function proveBalances(context: ServiceContext): Promise<readonly BalanceProof[]> {
  await ingestLines(context);
  const proofs = await compareBalances(context);
  const differs = proofs.some((proof) => proof.side === 'storage' && proof.difference !== 0n);
  return differs && (await rereadStorageLines(context)) > 0 ? compareBalances(context) : proofs;
}

/**
 * A line that was read while its payment was under way is zero at Stripe once that has failed. Takes over the amounts of now; what
 * was posted for an explained line is corrected. Returns how many changed. Throws `StripeUnavailable`.
 */
async function rereadStorageLines(context: ServiceContext): Promise<number> {
  const { db } = context.store;
  const adopted = await readAdoption(db);
  if (adopted === null) return 0;
  const rows = await db
    .selectFrom('stripe_line')
    .selectAll()
    .where('side', '=', 'storage')
    .where('period', '<>', 'opening')
    .execute();
  const known = new Map(rows.map((row) => [row.stripe_id, row]));
  const from = new Date(adopted.getTime() - AHEAD_MS);
  const changed: { row: (typeof rows)[number]; amount: bigint }[] = [];
  for await (const line of context.rail.lines(from, new Date(context.stripeNow().getTime() + AHEAD_MS))) {
    const row = line.side === 'storage' ? known.get(line.stripeId) : undefined;
    if (row !== undefined && row.amount !== line.amount) changed.push({ row, amount: line.amount });
  }
  if (changed.length === 0) return 0;
  await context.store.transaction(async (tx) => {
    const at = context.now();
    for (const { row, amount } of changed) {
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
      if (row.resolved_by === null) continue;
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
  });
  return changed.length;
}

async function compareBalances(context: ServiceContext): Promise<readonly BalanceProof[]> {
  const { db } = context.store;
  const balances = await context.rail.balances();
  const openings = await openingBalances(db);
  const sums = await db
    .selectFrom('stripe_line')
    .select(({ fn }) => ['side', 'currency', fn.sum<bigint>('amount').as('total')])
    .where('period', '<>', 'opening')
    .groupBy(['side', 'currency'])
    .execute();
  const lines = new Map(sums.map((row) => [`${row.side}:${row.currency}`, BigInt(row.total)]));
  const proofs: BalanceProof[] = [];
  for (const one of balances) {
    const prove = (side: 'payments' | 'storage', closing: bigint): void => {
      const opening = openings.get(`${side}:${one.currency}`) ?? 0n;
      const moved = lines.get(`${side}:${one.currency}`) ?? 0n;
      proofs.push({
        side,
        currency: one.currency,
        opening,
        lines: moved,
        closing,
        difference: closing - opening - moved,
      });
    };
    prove('payments', one.paymentsAvailable + one.paymentsPending);
    if (context.rail.capabilities.segregatedAtStripe) {
      // A payout under way has left available at once: its line stands, so outbound is not part of this sum.
      prove('storage', one.storageAvailable + one.storageInbound);
    }
  }
  return proofs;
}

async function openingBalances(db: Queries): Promise<ReadonlyMap<string, bigint>> {
  const rows = await db
    .selectFrom('ledger_entry')
    .innerJoin('ledger_transaction', 'ledger_transaction.tx_id', 'ledger_entry.tx_id')
    .select(['account', 'currency', 'amount'])
    .where('kind', '=', 'opening.balances')
    .where('account', 'in', [PAYMENTS, STORAGE])
    .execute();
  return new Map(rows.map((row) => [`${row.account}:${row.currency}`, row.amount]));
}

export interface ReconciliationOutcome {
  readonly matched: number;
  readonly timing: number;
  readonly exception: number;
  readonly resolved: number;
  readonly proofs: readonly BalanceProof[];
}

/**
 * Reconciles a period: reads new lines, matches again what was not matched, and looks for movements of ours that Stripe does not
 * show. The period's lines are those created while it was worked on: from its start to its close. Throws `StripeUnavailable`.
 */
export async function reconcile(context: ServiceContext, period: Period): Promise<ReconciliationOutcome> {
  await followMovements(context, true);
  const proofs = await proveBalances(context);
  await matchAgain(context);
  await rememberProof(context, period, proofs);
  const counts = await reconciliationCounts(context.store.db, period);
  return { ...counts, proofs };
}

const proofKey = (period: string): string => `reconciliation:${period}`;

async function rememberProof(context: ServiceContext, period: string, proofs: readonly BalanceProof[]): Promise<void> {
  const value = JSON.stringify({ ranAt: context.now().toISOString(), proof: proofs.map(proofView) });
  await context.store.db
    .insertInto('setting')
    .values({ key: proofKey(period), value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute();
}

function proofView(proof: BalanceProof): ReconciliationSummary['proof'][number] {
  return {
    side: proof.side,
    currency: proof.currency,
    opening: String(proof.opening),
    lines: String(proof.lines),
    closing: String(proof.closing),
    difference: String(proof.difference),
  };
}

/** Where the reconciliation of a period stands, with the proof of its last run. Reads no network. */
export async function reconciliationSummary(context: ServiceContext, period: string): Promise<ReconciliationSummary> {
  const { db } = context.store;
  const stored = await db.selectFrom('setting').select('value').where('key', '=', proofKey(period)).executeTakeFirst();
  const known: Pick<ReconciliationSummary, 'ranAt' | 'proof'> =
    stored === undefined ? { ranAt: null, proof: [] } : JSON.parse(stored.value);
  return { period, ...known, counts: await reconciliationCounts(db, period) };
}

const lineRules: PageRules<ReconciliationRow> = {
  searched: (row) => [row.stripeId, row.explanation, row.type, row.intentId ?? ''],
  sorted: {
    stripeId: (row) => row.stripeId,
    side: (row) => row.side,
    type: (row) => row.type,
    currency: (row) => row.currency,
    amount: (row) => BigInt(row.amount),
    at: (row) => row.at,
    outcome: (row) => row.outcome,
    explanation: (row) => row.explanation,
  },
};

/** A page of the period's lines. */
export async function listLines(
  store: Store,
  request: PageRequest & { readonly period: string; readonly outcome?: ReconciliationRow['outcome'] | undefined },
): Promise<{ total: number; rows: ReconciliationRow[] }> {
  const { period, outcome } = request;
  const read = async () => {
    const rows = await linesOfPeriod(store.db, period);
    return { rows: rows.filter((row) => outcome === undefined || row.outcome === outcome), more: null };
  };
  const { list } = await preparedList(store, JSON.stringify(['lines', period, outcome]), read, lineRules);
  return list.page(request);
}

async function linesOfPeriod(db: Queries, period: string): Promise<ReconciliationRow[]> {
  const rows = await periodLines(db, period)
    .leftJoin('intent', 'intent.intent_id', 'stripe_line.intent_id')
    .select([
      'intent.kind as movement_kind',
      'intent.run as movement_run',
      'intent.period as movement_period',
      'stripe_line.stripe_id',
      'stripe_line.side',
      'stripe_line.type',
      'stripe_line.currency',
      'stripe_line.amount',
      'stripe_line.created_at',
      'stripe_line.intent_id',
      'stripe_line.outcome',
      'stripe_line.explanation',
      'stripe_line.resolved_by',
    ])
    .orderBy('stripe_line.created_at')
    .orderBy('stripe_line.stripe_id')
    .execute();
  const views = rows.map(
    (row): ReconciliationRow => ({
      stripeId: row.stripe_id,
      side: row.side === 'storage' ? 'storage' : 'payments',
      type: row.type,
      currency: row.currency,
      amount: String(row.amount),
      at: row.created_at,
      intentId: row.intent_id,
      movement:
        row.movement_kind === null || row.movement_run === null || row.movement_period === null
          ? null
          : {
              kind: lineMovement.shape.kind.parse(row.movement_kind),
              part: row.movement_run.startsWith(MIGRATION_RUNS) ? 'migration' : 'month-end',
              period: row.movement_period,
            },
      outcome: row.outcome === 'matched' || row.outcome === 'timing' ? row.outcome : 'exception',
      explanation: row.explanation,
      resolvedBy: row.resolved_by,
    }),
  );
  for (const one of await lateExceptions(db, period)) {
    views.push({
      stripeId: one.rowId,
      side: 'ledger',
      type: one.type,
      currency: one.currency,
      amount: String(one.amount),
      at: one.at,
      intentId: null,
      movement: null,
      outcome: 'exception',
      explanation: one.explanation,
      resolvedBy: BORNE_BY_RULE,
    });
  }
  return views;
}

export interface MissingMovement {
  readonly intent: Intent;
  readonly explanation: string;
}

/** Posted movements of the period for which Stripe shows no line: unknown to Stripe, or not listed yet. */
export async function movementsWithoutLine(context: ServiceContext, period: string): Promise<MissingMovement[]> {
  if (context.rail.capabilities.movesByLedgerOnly) return [];
  const { db } = context.store;
  const seen = new Set(
    (await db.selectFrom('stripe_line').select('intent_id').where('intent_id', 'is not', null).execute()).map(
      (row) => row.intent_id,
    ),
  );
  return (await listIntents(db, { period, states: ['posted', 'returned'] }))
    .filter((intent) => !seen.has(intent.intent_id))
    .map((intent) => ({
      intent,
      explanation: `Unknown to Stripe: no line shows ${amountText(intent.amount, toCurrency(intent.currency))} for ${intent.stripe_object ?? 'this movement'}`,
    }));
}

/** Lines that belong to a period. An outside line is everybody's business until it is explained. */
export function periodLines(db: Queries, period: string) {
  return db
    .selectFrom('stripe_line')
    .where((eb) =>
      eb.or([
        eb('stripe_line.period', '=', period),
        eb.and([eb('stripe_line.outcome', '=', 'exception'), eb('stripe_line.resolved_by', 'is', null)]),
      ]),
    );
}

/** The lines of a month as they were signed: once it is closed, what has no explanation elsewhere is no longer its business. */
export async function reconciledLines(db: Queries, period: string) {
  const run = await db
    .selectFrom('month_end_run')
    .select('state')
    .where('period', '=', period)
    .where('current', '=', 1n)
    .executeTakeFirst();
  if (run?.state !== 'closed') return periodLines(db, period);
  return db.selectFrom('stripe_line').where('stripe_line.period', '=', period);
}

/**
 * The proof of the month's reconciliation, its own lines apart: opening + lines + other = closing, where `other` are lines of later
 * months that Stripe listed by then. Empty while there is none.
 */
export async function monthProof(
  db: Queries,
  period: string,
): Promise<{ side: string; currency: string; opening: bigint; lines: bigint; other: bigint; closing: bigint }[]> {
  const stored = await db.selectFrom('setting').select('value').where('key', '=', proofKey(period)).executeTakeFirst();
  if (stored === undefined) return [];
  const { proof }: Pick<ReconciliationSummary, 'proof'> = JSON.parse(stored.value);
  const sums = await db
    .selectFrom('stripe_line')
    .select(({ fn }) => ['side', 'currency', 'period', fn.sum<bigint>('amount').as('total')])
    .where('period', '<>', 'opening')
    .where('period', '<=', period)
    .groupBy(['side', 'currency', 'period'])
    .execute();
  return proof.map((one) => {
    const total = (isOf: (of: string) => boolean): bigint =>
      sums
        .filter((row) => row.side === one.side && row.currency === one.currency && isOf(row.period))
        .reduce((sum, row) => sum + BigInt(row.total), 0n);
    const earlier = total((of) => of < period);
    const lines = total((of) => of === period);
    return {
      side: one.side,
      currency: one.currency,
      opening: BigInt(one.opening) + earlier,
      lines,
      other: BigInt(one.lines) - earlier - lines,
      closing: BigInt(one.closing),
    };
  });
}

export async function reconciliationCounts(
  db: Queries,
  period: string,
): Promise<{ matched: number; timing: number; exception: number; resolved: number }> {
  const rows = await periodLines(db, period)
    .select((eb) => ['outcome', 'resolved_by', eb.fn.countAll<bigint>().as('count')])
    .groupBy(['outcome', 'resolved_by'])
    .execute();
  const counts = { matched: 0, timing: 0, exception: 0, resolved: (await lateExceptions(db, period)).length };
  for (const row of rows) {
    const count = Number(row.count);
    if (row.resolved_by !== null) counts.resolved += count;
    else if (row.outcome === 'matched') counts.matched += count;
    else if (row.outcome === 'timing') counts.timing += count;
    else counts.exception += count;
  }
  return counts;
}

/**
 * A person's explanation of an exception. The line stays as it is; the explanation is added and audited. A line that turned out to
 * be a movement of ours since it was shown is matched instead: explaining it too would count the money twice.
 */
export async function resolveException(context: ServiceContext, stripeId: string, explanation: string): Promise<void> {
  await requireCompared(context.store.db);
  const at = context.now();
  await matchAgain(context);
  await context.store.transaction(async (tx) => {
    await matchOpenLines(tx);
    const line = await tx
      .selectFrom('stripe_line')
      .selectAll()
      .where('stripe_id', '=', stripeId)
      .where('outcome', '=', 'exception')
      .where('resolved_by', 'is', null)
      .executeTakeFirst();
    if (line === undefined) {
      throw new CofferError('line-unknown', `${stripeId} is not an open exception.`, 'Refresh the list.');
    }
    // It stays with the month that it held up.
    const booked = (await readOpenPeriod(tx)) ?? at.toISOString().slice(0, 7);
    await tx
      .updateTable('stripe_line')
      .set({ explanation, resolved_by: context.actor(), resolved_at: at.toISOString(), period: booked })
      .where('stripe_id', '=', stripeId)
      .where('side', '=', line.side)
      .execute();
    await post(tx, {
      txId: context.newId(),
      at,
      kind: 'line.resolved',
      period: booked,
      intentId: null,
      description: `Outside movement explained: ${explanation} (${stripeId})`,
      postings: move(UNDISTRIBUTED, line.side === 'storage' ? STORAGE : PAYMENTS, line.currency, line.amount),
    });
    await appendAudit(tx, {
      at,
      actor: context.actor(),
      action: 'reconciliation.resolved',
      subject: stripeId,
      payload: { explanation, amount: line.amount, currency: line.currency },
    });
  });
}
