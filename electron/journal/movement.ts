/**
 * Sends planned movements and finds out about unknown ones. One attempt: `sending` on disk, the call with the stored key and
 * parameters, the outcome on disk. A time-out is `unknown`, and is looked up; it is never sent under another key.
 */
import { SAYS_NOTHING_OF_EARLIER_ATTEMPTS } from '../rails/outcome';
import type { MovementOutcome, StoredMovement } from '../rails/segregation-rail';
import { inChunks, nextTurn } from '../store/chunks';
import { canFollow, type Intent, type IntentState, isOpen, KINDS, storedMovement } from './intent';
import { gatherIntents, type JournalContext, listIntents, markSending, readIntent, recordOutcome } from './journal';

/** Stripe keeps idempotency keys 24 h; an hour is left for clocks that differ. */
const SAME_KEY_IS_SAFE_MS = 23 * 3_600_000;
const NOT_NOW_ATTEMPTS = 8;
const GIVE_UP_AFTER_UNKNOWN = 5;

export interface SendControl {
  /** Asked before each movement; true stops before the next one. */
  readonly shouldStop: () => boolean;
  readonly onSettled: (intentId: string, state: IntentState) => void;
  readonly sleep: (ms: number) => Promise<void>;
}

/**
 * Sends one planned intent to its first outcome, or an unknown one again with its own key. After an unknown attempt, an answer
 * that says nothing of that attempt (a rejected key, "later") leaves it unknown. `answered` is told what the last answer says before
 * it is on disk.
 */
export async function sendIntent(
  context: JournalContext,
  intentId: string,
  sleep: SendControl['sleep'],
  answered: (state: IntentState) => void = () => {},
): Promise<IntentState> {
  let afterUnknown = false;
  for (let tries = 1; ; tries++) {
    await context.checkpoint('movement.before-sending');
    const { intent, before } = await markSending(context, intentId);
    if (tries === 1) afterUnknown = before === 'unknown';
    await context.checkpoint('movement.sending-written');
    const outcome = await context.rail.send(storedMovement(intent, intent.stripe_object));
    await context.checkpoint('movement.answered');
    if (outcome.state === 'guided') throw new Error('A guided movement cannot be sent');
    const last = outcome.state !== 'not-now' || afterUnknown || tries >= NOT_NOW_ATTEMPTS;
    const told = afterUnknown ? keepUnknown(outcome) : outcome;
    if (last) answered(told.state === 'not-now' ? 'planned' : told.state);
    const state = await recordOutcome(context, intentId, told);
    await context.checkpoint('movement.outcome-written');
    if (last) return state;
    await sleep(Math.min(Math.max(outcome.retryAfterMs, 50), 30_000));
  }
}

type CallOutcome = Exclude<MovementOutcome, { state: 'guided' }>;

function keepUnknown(outcome: CallOutcome): CallOutcome {
  const silent =
    outcome.state === 'not-now' || (outcome.state === 'failed' && SAYS_NOTHING_OF_EARLIER_ATTEMPTS.has(outcome.code));
  if (!silent) return outcome;
  return { state: 'unknown', requestId: outcome.requestId, code: outcome.code, message: outcome.message };
}

/**
 * Sends many planned intents, `concurrency` at a time; the rail's limiter keeps Stripe's rate. The next one begins when Stripe has
 * answered one, and not only when that answer is on disk: nothing reaches it any more by then. One at a time is strictly one after the
 * other. Stops before the next one when asked, and once several outcomes in a row are unknown: Stripe is not answering.
 */
export async function sendIntents(
  context: JournalContext,
  intentIds: readonly string[],
  concurrency: number,
  control: SendControl,
): Promise<void> {
  const queue = intentIds.values();
  let unknownInARow = 0;
  const worker = async (): Promise<void> => {
    let written: Promise<void> = Promise.resolve();
    for (const id of queue) {
      if (control.shouldStop() || unknownInARow >= GIVE_UP_AFTER_UNKNOWN) break;
      const before = written;
      await new Promise<void>((next, fail) => {
        const answered = (state: IntentState): void => {
          unknownInARow = state === 'unknown' ? unknownInARow + 1 : 0;
          if (concurrency > 1) void before.then(next, fail);
        };
        written = sendIntent(context, id, control.sleep, answered).then((state) => control.onSettled(id, state));
        written.then(next, fail);
      });
    }
    await written;
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, intentIds.length) }, worker));
}

/** At start: nobody knows what became of a call that was under way when the process ended. */
export async function markInterrupted(context: JournalContext): Promise<number> {
  const sending = await listIntents(context.store.db, { states: ['sending'] });
  for (const intent of sending) {
    await recordOutcome(context, intent.intent_id, {
      state: 'unknown',
      requestId: null,
      code: 'interrupted',
      message: 'Coffer ended while Stripe was being called.',
    });
  }
  return sending.length;
}

/** Whether an unknown movement that Stripe has no trace of may be sent again now. Looking up alone never moves money. */
export type MayResend = (intent: Intent) => boolean;

export const NEVER_RESEND: MayResend = () => false;

/**
 * Finds out what became of one unknown movement: looked up at Stripe first; if it is not there, its key is still kept and it may be
 * sent, sent again with the same key and parameters; if its key is too old, it is settled as not executed; else it stays unknown.
 */
export async function resolveUnknown(
  context: JournalContext,
  intentId: string,
  mayResend: MayResend,
): Promise<IntentState> {
  const intent = await readIntent(context.store.db, intentId);
  if (intent.state !== 'unknown') return intent.state;
  const movement = storedMovement(intent, intent.stripe_object);
  const found = await context.rail.lookup(movement);
  await context.checkpoint('movement.looked-up');
  if (found.state !== 'absent') {
    if (found.state === 'guided' || found.state === 'not-now' || found.state === 'unknown') return 'unknown';
    return recordOutcome(context, intentId, found);
  }
  if (context.now().getTime() - movement.createdAt.getTime() < SAME_KEY_IS_SAFE_MS) {
    return mayResend(intent) ? sendIntent(context, intentId, async () => {}) : 'unknown';
  }
  return recordOutcome(context, intentId, notExecuted(intent));
}

function notExecuted(intent: Intent): CallOutcome {
  return {
    state: 'failed',
    stripeObject: null,
    requestId: null,
    code: 'not-executed',
    message: `Stripe has no trace of this movement of ${intent.created_at.slice(0, 10)}: it was not executed.`,
  };
}

/** Resolves every unknown movement of a run or of all runs. Returns how many are still unknown. */
export async function resolveAllUnknown(context: JournalContext, mayResend: MayResend, run?: string): Promise<number> {
  const ofRun = run === undefined ? {} : { run };
  const unknown = await gatherIntents(context.store.db, { kinds: KINDS, states: ['unknown'], ...ofRun });
  let left = 0;
  for (const intent of unknown) {
    if ((await resolveUnknown(context, intent.intent_id, mayResend)) === 'unknown') left += 1;
  }
  return left;
}

/** Reads Stripe's lists once for the given intents and writes the news. Returns how many are still under way. */
export async function refreshIntents(context: JournalContext, intents: readonly Intent[]): Promise<number> {
  if (intents.length === 0) return 0;
  const movements: StoredMovement[] = [];
  for (const some of inChunks(intents)) {
    movements.push(...some.map((intent) => storedMovement(intent, intent.stripe_object)));
    await nextTurn();
  }
  const news = await context.rail.refresh(movements);
  return recordNews(context, intents, news);
}

/** Reads the object of each movement, not whole lists, and writes the news. Returns those whose object could not be read. */
export async function refreshObjects(context: JournalContext, intents: readonly Intent[]): Promise<readonly Intent[]> {
  const unread: Intent[] = [];
  for (const intent of intents) {
    const found = await context.rail.lookup(storedMovement(intent, intent.stripe_object));
    if (found.state === 'unknown' || found.state === 'not-now') unread.push(intent);
    else if (found.state !== 'absent') await recordNews(context, [intent], new Map([[intent.intent_id, found]]));
  }
  return unread;
}

async function recordNews(
  context: JournalContext,
  intents: readonly Intent[],
  news: ReadonlyMap<string, MovementOutcome>,
): Promise<number> {
  let open = 0;
  for (const some of inChunks(intents, NEWS_AT_ONCE)) {
    // Together they are one flush of the disk.
    const states = await Promise.all(some.map((intent) => recordNewsOf(context, intent, news.get(intent.intent_id))));
    open += states.filter(isOpen).length;
  }
  return open;
}

const NEWS_AT_ONCE = 32;

/** Returns the state the intent has then. */
async function recordNewsOf(
  context: JournalContext,
  intent: Intent,
  outcome: MovementOutcome | undefined,
): Promise<IntentState> {
  if (outcome === undefined) return intent.state;
  if (outcome.state === 'guided' || outcome.state === 'not-now' || outcome.state === 'unknown') return intent.state;
  // A list that was read before a later change says nothing new.
  const present = await readIntent(context.store.db, intent.intent_id);
  const news = cameBack(present.state, outcome);
  return canFollow(present.state, news.state) ? recordOutcome(context, intent.intent_id, news) : present.state;
}

type News = Exclude<MovementOutcome, { state: 'guided' | 'not-now' }>;

/** What was posted and has failed since, went out and came back. Source: Stripe, a `paid` payout may become `failed`. */
export function cameBack(present: IntentState, outcome: News): News {
  if (!(present === 'posted' || present === 'returned') || outcome.state !== 'failed' || outcome.stripeObject === null)
    return outcome;
  return { ...outcome, state: 'returned', stripeObject: outcome.stripeObject };
}

/** Follows everything of a run that Stripe still processes. */
export async function refreshRun(context: JournalContext, run: string): Promise<number> {
  const processing = await gatherIntents(context.store.db, { run, kinds: KINDS, states: ['processing'] });
  return refreshIntents(context, processing);
}
