/**
 * Matching of lines at Stripe with movements in the books: one to one, several lines to one movement, one line to a batch. Pure, and
 * near linear: every join is a hash join. Amounts in minor units, signed as at Stripe. Rules in words: docs/reconciliation.md.
 */
import type { ExceptionClass } from '../../../shared/contract/proof';
import type { IntentState } from '../../journal/intent';
import type { StripeLine } from '../../rails/segregation-rail';
import { comesBack, hasOneLine, mayBeRelease, movesMoney, ownTraffic } from './line-types';

export type Side = StripeLine['side'];

export interface LineToMatch extends Pick<StripeLine, 'side' | 'stripeId' | 'type' | 'currency' | 'amount' | 'source'> {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** First seen after the close of the month that it belongs to. */
  readonly late: boolean;
  /** Set for a line that was matched or explained before; its verdict stands and is not given again. */
  readonly decided: { readonly intentId: string | null; readonly exception: boolean } | null;
}

/** A movement of ours with what it does to each balance once it is posted. */
export interface MovementToMatch {
  readonly intentId: string;
  /** Movements that were approved together may be one line at Stripe. */
  readonly batch: string;
  readonly currency: string;
  readonly state: IntentState;
  /** Ids at Stripe that prove it. */
  readonly objects: readonly string[];
  /** A person makes it in the dashboard: its Payments line names nothing of ours. */
  readonly guided: boolean;
  readonly effects: readonly { readonly side: Side; readonly amount: bigint }[];
  /** Balances on which its missing line was explained and corrected: a line that comes after all is late. */
  readonly corrected: readonly Side[];
  /** Milliseconds: asked for, and found made or still open. */
  readonly from: number;
  readonly until: number;
}

export interface Booked {
  readonly currency: string;
  readonly amount: bigint;
}

export interface Verdict {
  readonly outcome: 'matched' | 'timing' | 'exception';
  /** Only of an exception. */
  readonly exception: ExceptionClass | null;
  /** Movements it belongs to; several when it is one line for a batch. */
  readonly intentIds: readonly string[];
  /** What the books hold for the line already; null: nothing. */
  readonly booked: Booked | null;
  /** Why a line of timing waits. */
  readonly waits: 'under-way' | 'came-back' | 'parts' | null;
}

/** A line that Stripe should show for a movement and does not. */
export interface MissingLine {
  readonly intentId: string;
  readonly side: Side;
  readonly currency: string;
  readonly amount: bigint;
}

export interface Matching {
  /** One for each line that was not decided, in the order of the lines. */
  readonly verdicts: ReadonlyMap<LineToMatch, Verdict>;
  readonly missing: readonly MissingLine[];
}

const DAY_MS = 86_400_000;
/** What waits for an outcome longer than this is no longer a matter of timing. */
const WAITS_AT_MOST_MS = 2 * DAY_MS;
/** A batch appears at Stripe within this time of being made. */
const BATCH_MS = 7 * DAY_MS;

const matched = (...intentIds: string[]): Verdict => ({
  outcome: 'matched',
  exception: null,
  intentIds,
  booked: null,
  waits: null,
});
const timing = (waits: Verdict['waits'], ...intentIds: string[]): Verdict => ({
  outcome: 'timing',
  exception: null,
  intentIds,
  booked: null,
  waits,
});
const exception = (kind: ExceptionClass, booked: Booked | null = null, ...intentIds: string[]): Verdict => ({
  outcome: 'exception',
  exception: kind,
  intentIds,
  booked,
  waits: null,
});

const isOpen = (state: IntentState): boolean =>
  state === 'planned' || state === 'sending' || state === 'unknown' || state === 'processing';
const stands = (state: IntentState): boolean => state === 'posted' || state === 'compensated';

/**
 * Gives every undecided line its verdict and names what Stripe does not show. `now` in milliseconds, on Stripe's clock. The same
 * input gives the same answer.
 */
export function matchLines(
  lines: readonly LineToMatch[],
  movements: readonly MovementToMatch[],
  now: number,
): Matching {
  const verdicts = new Map<LineToMatch, Verdict>();
  const groups = groupByMovement(lines, movements);
  const missing: MissingLine[] = [];
  const bare: { movement: MovementToMatch; side: Side; amount: bigint }[] = [];
  for (const movement of movements) {
    const sides = groups.of.get(movement.intentId);
    for (const { side, amount } of movement.effects) {
      const group = sides?.[side] ?? [];
      const lacks = judge(movement, side, amount, group, now, verdicts);
      if (lacks === 0n) continue;
      if (group.length === 0) bare.push({ movement, side, amount: lacks });
      else missing.push({ intentId: movement.intentId, side, currency: movement.currency, amount: lacks });
    }
    // A line on a side that the movement has no business with.
    for (const side of ['payments', 'storage'] as const) {
      if (movement.effects.some((effect) => effect.side === side)) continue;
      for (const line of sides?.[side] ?? []) {
        if (line.decided === null) verdicts.set(line, exception('amount-differs', null, movement.intentId));
      }
    }
  }
  const releases = index(bare, ({ movement, side, amount }) =>
    movement.guided && side === 'payments' ? amountKey(side, movement.currency, amount) : undefined,
  );
  const found = new Set<MovementToMatch>();
  const rest = groups.rest.filter((line) => {
    if (line.decided !== null) return false;
    const release = mayBeRelease(line) ? takeRelease(releases, line) : undefined;
    if (release === undefined) return true;
    found.add(release);
    verdicts.set(line, matched(release.intentId));
    return false;
  });
  const batched = matchBatches(
    rest.filter((line) => ownTraffic(line) === undefined),
    bare.filter(({ movement }) => !found.has(movement)),
    verdicts,
  );
  judgeRest(groups.rest, movements, verdicts);
  for (const { movement, side, amount } of bare) {
    if (
      (movement.guided && side === 'payments' && found.has(movement)) ||
      batched.has(`${side}:${movement.intentId}`)
    ) {
      continue;
    }
    missing.push({ intentId: movement.intentId, side, currency: movement.currency, amount });
  }
  return { verdicts, missing };
}

type Sides = Partial<Record<Side, LineToMatch[]>>;

function groupByMovement(lines: readonly LineToMatch[], movements: readonly MovementToMatch[]) {
  const byObject = new Map<string, string>();
  for (const { intentId, objects } of movements) for (const object of objects) byObject.set(object, intentId);
  const of = new Map<string, Sides>();
  const rest: LineToMatch[] = [];
  for (const line of lines) {
    const intentId =
      line.decided?.intentId ??
      (line.source === null ? undefined : byObject.get(line.source)) ??
      byObject.get(line.stripeId);
    if (intentId === undefined) {
      rest.push(line);
      continue;
    }
    const sides = of.get(intentId) ?? {};
    const group = sides[line.side];
    if (group === undefined) sides[line.side] = [line];
    else group.push(line);
    of.set(intentId, sides);
  }
  return { of, rest };
}

/**
 * The lines of one movement on one balance. The first of its amount is the movement going out, one of the opposite amount brings it
 * back; parts that add up to it are it. Returns what Stripe should show besides, zero when nothing is missing.
 */
function judge(
  movement: MovementToMatch,
  side: Side,
  expected: bigint,
  group: readonly LineToMatch[],
  now: number,
  verdicts: Map<LineToMatch, Verdict>,
): bigint {
  const { intentId, state, currency } = movement;
  const ended = !isOpen(state) && !stands(state);
  const corrected = movement.corrected.includes(side);
  const wentBack = (line: LineToMatch): Verdict =>
    ended
      ? matched(intentId)
      : now - line.at <= WAITS_AT_MOST_MS || isOpen(state)
        ? timing('came-back', intentId)
        : exception('amount-differs', null, intentId);
  let out = group.some((line) => line.decided !== null && (line.decided.exception || line.amount === expected));
  let back = group.some((line) => line.decided !== null && !line.decided.exception && line.amount === -expected);
  const parts: LineToMatch[] = [];
  const decidedParts = group.reduce(
    (sum, line) =>
      line.decided === null || line.decided.exception || line.amount === expected || line.amount === -expected
        ? sum
        : sum + line.amount,
    0n,
  );
  if (decidedParts === expected) out = true;
  if (decidedParts === -expected) back = true;
  const foreign: LineToMatch[] = [];
  for (const line of group) {
    if (line.decided !== null) continue;
    if (line.currency !== currency) foreign.push(line);
    else if (line.amount === 0n) verdicts.set(line, matched(intentId));
    else if (line.amount === expected) {
      const again = corrected && !out ? 'late' : 'duplicate';
      verdicts.set(line, out || corrected ? exception(again, null, intentId) : matched(intentId));
      out = true;
    } else if (line.amount === -expected && comesBack(line)) {
      verdicts.set(line, back ? exception('duplicate', null, intentId) : wentBack(line));
      back = true;
    } else parts.push(line);
  }
  for (const line of foreign) {
    verdicts.set(line, exception('currency-differs', out ? null : { currency, amount: expected }, intentId));
    out = true;
  }
  if (parts.length > 0) {
    const goesBack = parts.every((line) => line.amount > 0n !== expected > 0n);
    const wanted = goesBack ? -expected : expected;
    const settled = goesBack ? back : out;
    const sum = parts.reduce((total, line) => total + line.amount, decidedParts);
    if (sum === wanted && !settled) {
      for (const line of parts) {
        verdicts.set(line, goesBack ? wentBack(line) : matched(intentId));
      }
    } else if (isOpen(state)) {
      for (const line of parts) verdicts.set(line, timing('parts', intentId));
    } else {
      differ(parts, movement, settled || (goesBack && !ended) ? 0n : wanted - decidedParts, verdicts);
    }
    if (goesBack) back = true;
    else out = true;
  }
  if (corrected) return 0n;
  if (stands(state)) return out ? 0n : expected;
  // In Storage a payment that ended unpaid has one line, which becomes zero.
  if (state === 'returned' || (ended && side === 'payments')) return out && !back ? -expected : 0n;
  return 0n;
}

/** Parts that do not add up: the last one carries the difference, so that one cause is one exception. */
function differ(
  parts: readonly LineToMatch[],
  { intentId, currency }: MovementToMatch,
  wanted: bigint,
  verdicts: Map<LineToMatch, Verdict>,
): void {
  let left = wanted;
  for (const [position, line] of parts.entries()) {
    if (wanted !== 0n && position < parts.length - 1) {
      verdicts.set(line, matched(intentId));
      left -= line.amount;
    } else {
      verdicts.set(line, exception('amount-differs', left === 0n ? null : { currency, amount: left }, intentId));
    }
  }
}

/** A person made it in the dashboard: the line of its amount in the time in which it was made is its other side. */
function takeRelease(
  releases: ReadonlyMap<string, { readonly movement: MovementToMatch }[]>,
  line: LineToMatch,
): MovementToMatch | undefined {
  const waiting = releases.get(amountKey(line.side, line.currency, line.amount));
  if (waiting === undefined) return undefined;
  const position = waiting.findIndex(({ movement }) => within(movement, line.at));
  return position < 0 ? undefined : waiting.splice(position, 1)[0]?.movement;
}

/** It was made between the asking and the finding, which may be days apart; a day more for clocks that differ. */
function within({ from, until }: MovementToMatch, at: number): boolean {
  return from - DAY_MS <= at && at <= until + DAY_MS;
}

/** One line of the amount of a whole batch of ours of which Stripe shows no lines. Returns what was found, by side and movement. */
function matchBatches(
  lines: readonly LineToMatch[],
  bare: readonly { readonly movement: MovementToMatch; readonly side: Side; readonly amount: bigint }[],
  verdicts: Map<LineToMatch, Verdict>,
): ReadonlySet<string> {
  const found = new Set<string>();
  if (lines.length === 0) return found;
  const batches = new Map<string, { side: Side; currency: string; sum: bigint; movements: MovementToMatch[] }>();
  for (const { movement, side, amount } of bare) {
    const key = `${side}:${movement.currency}:${movement.batch}`;
    const batch = batches.get(key) ?? { side, currency: movement.currency, sum: 0n, movements: [] };
    batch.sum += amount;
    batch.movements.push(movement);
    batches.set(key, batch);
  }
  const bySum = index([...batches.values()], ({ side, currency, sum, movements }) =>
    movements.length > 1 ? amountKey(side, currency, sum) : undefined,
  );
  for (const line of lines) {
    const waiting = bySum.get(amountKey(line.side, line.currency, line.amount));
    const position =
      waiting?.findIndex(({ movements }) =>
        movements.every(({ from, until }) => from - DAY_MS <= line.at && line.at <= until + BATCH_MS),
      ) ?? -1;
    const [batch] = position < 0 ? [] : (waiting?.splice(position, 1) ?? []);
    if (batch === undefined) continue;
    verdicts.set(line, matched(...batch.movements.map((movement) => movement.intentId)));
    for (const movement of batch.movements) found.add(`${line.side}:${movement.intentId}`);
  }
  return found;
}

/** Lines that belong to no movement: the business's own traffic, what may still turn out to be ours, and what is somebody else's. */
function judgeRest(
  lines: readonly LineToMatch[],
  movements: readonly MovementToMatch[],
  verdicts: Map<LineToMatch, Verdict>,
): void {
  const underWay = new Set<string>();
  for (const movement of movements) {
    if (!isOpen(movement.state) || (movement.objects.length > 0 && !movement.guided)) continue;
    for (const { side, amount } of movement.effects) {
      underWay.add(amountKey(side, movement.currency, amount));
      underWay.add(`back:${amountKey(side, movement.currency, -amount)}`);
    }
  }
  const seen = new Set<string>();
  for (const line of lines) {
    const traffic = ownTraffic(line);
    const key =
      traffic !== undefined && hasOneLine(line)
        ? `${line.type}:${line.source}:${amountKey(line.side, line.currency, line.amount)}`
        : null;
    const again = key !== null && seen.has(key);
    if (key !== null) seen.add(key);
    if (line.decided !== null || verdicts.has(line)) continue;
    if (again) verdicts.set(line, exception('duplicate'));
    else if (traffic !== undefined) verdicts.set(line, line.late ? exception('late') : matched());
    else if (!movesMoney(line)) verdicts.set(line, exception('unknown-to-us'));
    else {
      const amount = amountKey(line.side, line.currency, line.amount);
      const mayBeOurs = underWay.has(amount) || (comesBack(line) && underWay.has(`back:${amount}`));
      verdicts.set(line, mayBeOurs ? timing('under-way') : exception('outside-movement'));
    }
  }
}

function amountKey(side: Side, currency: string, amount: bigint): string {
  return `${side}:${currency}:${amount}`;
}

function index<T>(rows: readonly T[], key: (row: T) => string | undefined): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const row of rows) {
    const at = key(row);
    if (at === undefined) continue;
    const group = found.get(at);
    if (group === undefined) found.set(at, [row]);
    else group.push(row);
  }
  return found;
}
