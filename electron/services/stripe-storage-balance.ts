/**
 * The only service that moves money: fund, release and pay, and reading both balances, through the segregation rail.
 * Every movement is an intent of the journal. Amounts in minor units.
 */
import type { Currency } from '../../shared/money/money';
import { abs } from '../../shared/money/money';
import type { Intent, IntentState, NewIntent } from '../journal/intent';
import { KINDS, OPEN_STATES, storedMovement } from '../journal/intent';
import { gatherIntents, listIntents, recordOutcome, standingOfEach, writeIntents } from '../journal/journal';
import { type MayResend, refreshRun, resolveAllUnknown, type SendControl, sendIntents } from '../journal/movement';
import { OUTBOUND, STORAGE } from '../ledger/accounts';
import { balance } from '../ledger/ledger';
import { provingLines } from '../rails';
import type { GuidedSighting, RailBalances } from '../rails/segregation-rail';
import type { Queries } from '../store/store';
import type { ServiceContext } from './context';

/** Both balances as the rail keeps them apart; on a ledger-only rail the earmarked part is taken out of Payments. */
export async function readBalances(context: ServiceContext): Promise<readonly RailBalances[]> {
  const balances = await context.rail.balances();
  if (!context.rail.capabilities.movesByLedgerOnly) return balances;
  return Promise.all(
    balances.map(async (one) => {
      const storage = await balance(context.store.db, STORAGE, one.currency);
      const outbound = await balance(context.store.db, OUTBOUND, one.currency);
      return {
        ...one,
        paymentsAvailable: one.paymentsAvailable - storage - outbound,
        storageAvailable: storage,
        storageOutbound: outbound,
      };
    }),
  );
}

/** The balances of one currency; zero everywhere when Stripe does not name it. */
export async function readBalancesOf(context: ServiceContext, currency: Currency): Promise<RailBalances> {
  const found = (await readBalances(context)).find((one) => one.currency === currency);
  return (
    found ?? {
      currency,
      paymentsAvailable: 0n,
      paymentsPending: 0n,
      storageAvailable: 0n,
      storageInbound: 0n,
      storageOutbound: 0n,
    }
  );
}

/** Writes the intents and sends those that were not sent yet. Guided ones stay planned for a person. */
export async function move(
  context: ServiceContext,
  intents: readonly NewIntent[],
  control: SendControl,
  concurrency = 1,
): Promise<string[]> {
  const ids = await writeIntents(context, intents);
  await sendPlanned(context, ids, control, concurrency);
  return ids;
}

/** Sends those of the intents that are still planned and not a person's to make. */
export async function sendPlanned(
  context: ServiceContext,
  intentIds: readonly string[],
  control: SendControl,
  concurrency: number,
): Promise<void> {
  const standing = await standingOfEach(context.store.db, intentIds);
  const due = intentIds.filter((intentId) => {
    const intent = standing.get(intentId);
    return intent?.state === 'planned' && !isGuided(context, intent);
  });
  await sendIntents(context, due, concurrency, control);
}

/** True for a movement that the rail cannot make by API: a person makes it in the dashboard. */
export function isGuided(context: ServiceContext, intent: Pick<Intent, 'kind'>): boolean {
  return (intent.kind === 'release' || intent.kind === 'compensate') && !context.rail.capabilities.releaseByApi;
}

const FIRST_POLL_MS = 10;
const LONGEST_POLL_MS = 2_000;

/**
 * Follows a run until nothing is under way or `patienceMs` has passed: unknown ones are looked up, processing ones re-read.
 * `mayResend` says which unknown ones that Stripe has no trace of may be sent again.
 * Returns the intents that are still open, guided ones excepted.
 */
export async function settleRun(
  context: ServiceContext,
  run: string,
  patienceMs: number,
  shouldStop: () => boolean,
  mayResend: MayResend = () => true,
): Promise<readonly Intent[]> {
  const until = context.now().getTime() + patienceMs;
  for (let pause = FIRST_POLL_MS; ; pause = Math.min(pause * 2, LONGEST_POLL_MS)) {
    await resolveAllUnknown(context, mayResend, run);
    await refreshRun(context, run);
    const all = await gatherIntents(context.store.db, { run, kinds: KINDS, states: OPEN_STATES });
    const open = all.filter((intent) => !isGuided(context, intent));
    if (open.length === 0 || shouldStop() || context.now().getTime() >= until) return open;
    await context.sleep(pause);
  }
}

/** A guided movement that was not made yet, with the transfers that look meant for it. */
export type WaitingGuided = Intent & { readonly seen: readonly GuidedSighting[] };

/** Looks for guided movements that a person has made, and records the proof. Returns those still waiting. */
export async function checkGuided(context: ServiceContext, run: string): Promise<readonly WaitingGuided[]> {
  const planned = (await listIntents(context.store.db, { run, states: ['planned'] })).filter((intent) =>
    isGuided(context, intent),
  );
  if (planned.length === 0) return [];
  const claimed = await claimedLines(context.store.db);
  const waiting: WaitingGuided[] = [];
  for (const intent of planned) {
    const { made, seen } = await context.rail.detectGuided(storedMovement(intent, null), claimed);
    if (made === null) {
      waiting.push({ ...intent, seen });
      continue;
    }
    for (const line of provingLines(made.stripeObject)) claimed.add(line);
    await recordOutcome(context, intent.intent_id, {
      state: 'posted',
      stripeObject: made.stripeObject,
      requestId: null,
    });
    await context.checkpoint('release.detected');
  }
  return waiting;
}

/** Lines that prove another movement, or that a person explained as an outside one. */
async function claimedLines(db: Queries): Promise<Set<string>> {
  const proving = await db
    .selectFrom('intent_state')
    .select('stripe_object')
    .where('stripe_object', 'is not', null)
    .execute();
  const known = await db
    .selectFrom('stripe_line')
    .select('stripe_id')
    .where((eb) => eb.or([eb('resolved_by', 'is not', null), eb('intent_id', 'is not', null)]))
    .execute();
  return new Set([
    ...proving.flatMap((row) => provingLines(row.stripe_object ?? '')),
    ...known.map((row) => row.stripe_id),
  ]);
}

/** The clicks a person makes in the dashboard for a guided movement. */
export async function guidedClicks(context: ServiceContext, intent: Intent): Promise<readonly string[]> {
  const outcome = await context.rail.send(storedMovement(intent, null));
  return outcome.state === 'guided' ? outcome.clicks : [];
}

export interface RunTotals {
  readonly state: IntentState;
  readonly count: number;
  readonly amount: bigint;
  readonly currency: string;
}

/** Σ of a run's posted movements by currency, released ones negative. */
export async function movedBy(
  context: Pick<ServiceContext, 'store'>,
  run: string,
): Promise<ReadonlyMap<string, bigint>> {
  const moved = new Map<string, bigint>();
  for (const intent of await listIntents(context.store.db, { run, states: ['posted'] })) {
    const sign = intent.kind === 'release' || intent.kind === 'compensate' ? -1n : 1n;
    moved.set(intent.currency, (moved.get(intent.currency) ?? 0n) + sign * abs(intent.amount));
  }
  return moved;
}
