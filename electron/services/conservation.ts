/**
 * Money is conserved: what the ledger says of Payments and Storage is what Stripe says, but for parts with a name. Asserted around
 * every step of the month end that moves money, and by Reconcile and Close. Amounts in minor units, differences are Stripe − ledger.
 */
import type { NamedAmount } from '../../shared/contract/balances';
import { amountText } from '../../shared/money/amount-text';
import { abs, max, currency as toCurrency } from '../../shared/money/money';
import { listIntents } from '../journal/journal';
import { INBOUND, OUTBOUND, PAYMENTS, STORAGE, WITHDRAWING } from '../ledger/accounts';
import { balance, lastEntry } from '../ledger/ledger';
import type { RailBalances, StripeLine } from '../rails/segregation-rail';
import type { Queries } from '../store/store';
import type { ServiceContext } from './context';
import { stripeParts } from './monitoring/equation';
import type { Blocker } from './month-end/run';
import { ingestLines, proveBalances } from './reconciliation';
import { readAdoption } from './settings';
import { isGuided } from './stripe-storage-balance';
import { followMovements } from './stripe-transfer';

export interface Drift {
  readonly side: StripeLine['side'];
  readonly currency: string;
  readonly atStripe: bigint;
  readonly books: bigint;
  /** What of the difference has a name. */
  readonly parts: readonly NamedAmount[];
  /** Σ of lines at Stripe that are not ours and wait for an explanation by a person. */
  readonly exceptions: bigint;
  /** The difference without its parts and without exceptions. */
  readonly unexplained: bigint;
}

/** How far movements under way may bring Stripe below and above the ledger: they may be on either side. */
interface UnderWay {
  readonly below: bigint;
  readonly above: bigint;
}

/**
 * Storage as Stripe has it against the ledger. A payment that somebody else made is gone by its line and still in Storage's outbound
 * until it is decided.
 */
export async function storageDrift(
  context: ServiceContext,
  code: string,
  stripe: { readonly available: bigint; readonly inbound: bigint; readonly outbound: bigint },
): Promise<Drift> {
  const atStripe = stripe.available + stripe.inbound + stripe.outbound;
  const { db } = context.store;
  const inbound = max(await balance(db, INBOUND, code), 0n);
  const outbound = await balance(db, OUTBOUND, code);
  const books = (await balance(db, STORAGE, code)) + (await balance(db, INBOUND, code)) + outbound;
  const guided = await guidedWaiting(context, code);
  return drift(
    db,
    { side: 'storage', currency: code, atStripe, books },
    { below: inbound + outbound + guided, above: max(stripe.outbound - outbound, 0n) },
  );
}

async function paymentsDrift(context: ServiceContext, code: string, atStripe: bigint): Promise<Drift> {
  const { db } = context.store;
  const payments = await balance(db, PAYMENTS, code);
  const inbound = await balance(db, INBOUND, code);
  const outbound = await balance(db, OUTBOUND, code);
  // Out of the ledger when it is written down, out of Stripe when it is sent.
  const withdrawing = await balance(db, WITHDRAWING, code);
  if (context.rail.capabilities.movesByLedgerOnly) {
    // Storage is an earmark of Payments: Stripe has one balance, which a payout leaves.
    const books = payments + inbound + outbound + (await balance(db, STORAGE, code));
    return drift(db, { side: 'payments', currency: code, atStripe, books }, { below: outbound, above: withdrawing });
  }
  const above = max(inbound, 0n) + withdrawing + (await guidedWaiting(context, code));
  return drift(db, { side: 'payments', currency: code, atStripe, books: payments }, { below: 0n, above });
}

/** Releases asked of a person: made in the dashboard, they are at Stripe before they are in the ledger. */
async function guidedWaiting(context: ServiceContext, code: string): Promise<bigint> {
  const planned = await listIntents(context.store.db, { kinds: ['release', 'compensate'], states: ['planned'] });
  return planned
    .filter((intent) => intent.currency === code && isGuided(context, intent))
    .reduce((total, intent) => total + intent.amount, 0n);
}

async function drift(
  db: Queries,
  known: Pick<Drift, 'side' | 'currency' | 'atStripe' | 'books'>,
  underWay: UnderWay,
): Promise<Drift> {
  const exceptions = await openExceptions(db, known.side, known.currency);
  const notAdopted = (await readAdoption(db)) === null ? known.atStripe - known.books : 0n;
  const rest = known.atStripe - known.books - exceptions - notAdopted;
  const moving = -underWay.below <= rest && rest <= underWay.above ? rest : 0n;
  return { ...known, parts: stripeParts({ notAdopted, moving }), exceptions, unexplained: rest - moving };
}

/** Σ of what Stripe has beyond the books because of exceptions that wait for a person. */
async function openExceptions(db: Queries, side: StripeLine['side'], code: string): Promise<bigint> {
  const lines = await db
    .selectFrom('stripe_line')
    .select(['currency', 'amount', 'booked', 'booked_currency'])
    .where('outcome', '=', 'exception')
    .where('resolved_by', 'is', null)
    .where('side', '=', side)
    .where((eb) => eb.or([eb('currency', '=', code), eb('booked_currency', '=', code)]))
    .execute();
  const missing = await db
    .selectFrom('missing_line')
    .select('amount')
    .where('outcome', '=', 'exception')
    .where('resolved_by', 'is', null)
    .where('side', '=', side)
    .where('currency', '=', code)
    .execute();
  let total = 0n;
  for (const line of lines) {
    if (line.currency === code) total += line.amount;
    if (line.booked_currency === code) total -= line.booked;
  }
  return missing.reduce((sum, line) => sum - line.amount, total);
}

/**
 * Both balances of every currency against the ledger, after reading what came in meanwhile. What does not fit is looked at twice:
 * a payout may have come back, a line may have changed. Empty before the balances were taken over. Throws `StripeUnavailable`.
 */
export async function conservation(context: ServiceContext): Promise<readonly Drift[]> {
  if ((await readAdoption(context.store.db)) === null) return [];
  const first = await driftsOf(context, await readWhileNothingCame(context));
  if (first.every((one) => one.unexplained === 0n)) return first;
  await followMovements(context, true);
  await proveBalances(context);
  return driftsOf(context, await readWhileNothingCame(context));
}

async function driftsOf(context: ServiceContext, balances: readonly RailBalances[]): Promise<Drift[]> {
  const drifts: Drift[] = [];
  for (const one of balances) {
    drifts.push(await paymentsDrift(context, one.currency, one.paymentsAvailable + one.paymentsPending));
    if (context.rail.capabilities.movesByLedgerOnly) continue;
    const { storageAvailable: available, storageInbound: inbound, storageOutbound: outbound } = one;
    drifts.push(await storageDrift(context, one.currency, { available, inbound, outbound }));
  }
  return drifts;
}

const TRIES = 5;

/** Balances read while no line came in and no entry was written, so that both sides speak of the same moment. */
async function readWhileNothingCame(context: ServiceContext): Promise<readonly RailBalances[]> {
  for (let tries = 1; ; tries++) {
    await ingestLines(context);
    const before = await position(context.store.db);
    const balances = await context.rail.balances();
    await ingestLines(context);
    if (tries >= TRIES || (await position(context.store.db)) === before) return balances;
  }
}

/** Changes with every new line and every new entry. */
async function position(db: Queries): Promise<string> {
  const lines = await db
    .selectFrom('stripe_line')
    .select(({ fn }) => fn.countAll<bigint>().as('count'))
    .executeTakeFirstOrThrow();
  return `${lines.count}|${await lastEntry(db)}`;
}

/** Every difference that nothing explains, as a blocker. Lines that wait for an explanation are not part of it. */
export async function conservationBlockers(context: ServiceContext): Promise<Blocker[]> {
  return (await conservation(context)).filter((one) => one.unexplained !== 0n).map(conservationBlocker);
}

export function conservationBlocker(one: Drift): Blocker {
  return {
    code: `conservation-${one.side}-${one.currency}`,
    message: driftText(one),
    action:
      'Run the step again in a moment: a line may not be listed yet. If it stays, compare the balance in the Stripe dashboard with Reconciliation and ask Stripe; nothing further is moved.',
  };
}

/** The difference in words, with its amounts and the parts that have a name. */
export function driftText(one: Drift): string {
  const spoken = (amount: bigint): string => amountText(amount, toCurrency(one.currency));
  const name = one.side === 'payments' ? 'Payments' : 'Storage';
  const parts = [
    ...one.parts.map((part) => `${part.name.toLowerCase()} ${spoken(BigInt(part.amount))}`),
    ...(one.exceptions === 0n ? [] : [`lines to be explained ${spoken(one.exceptions)}`]),
  ];
  const named = parts.length === 0 ? '' : ` Named are: ${parts.join(', ')}.`;
  const rest = one.unexplained > 0n ? 'more' : 'less';
  const unnamed = one.unexplained === 0n ? '' : ` ${spoken(abs(one.unexplained))} ${rest} has no explanation.`;
  return `Stripe says ${name} holds ${spoken(one.atStripe)}, the ledger says ${spoken(one.books)}.${named}${unnamed}`;
}
