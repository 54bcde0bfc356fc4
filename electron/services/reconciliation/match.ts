/**
 * Matching of lines at Stripe with movements in the books: one to one, several lines to one movement, one line to a batch. Pure, and
 * near linear: every join is a hash join. Amounts in minor units, signed as at Stripe. Rules in words: docs/reconciliation.md.
 */
import type { ExceptionClass } from '../../../shared/contract/proof';
import type { IntentState } from '../../journal/intent';
import type { StripeLine } from '../../rails/segregation-rail';
import { comesBack, hasOneLine, mayBeRelease, movesMoney, ownTraffic } from './line-types';
import { TextIndex } from './text-index';

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
  /** In the order of the lines; undefined for one that was decided before. */
  readonly verdicts: readonly (Verdict | undefined)[];
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

interface Bare {
  readonly movement: MovementToMatch;
  readonly side: Side;
  readonly amount: bigint;
}

/** Lines by their place in the input, with the verdicts they get. */
class Sheet {
  readonly verdicts: (Verdict | undefined)[];

  constructor(readonly lines: readonly LineToMatch[]) {
    this.verdicts = new Array<Verdict | undefined>(lines.length).fill(undefined);
  }

  line(place: number): LineToMatch {
    const line = this.lines[place];
    if (line === undefined) throw new Error(`There is no line ${place}`);
    return line;
  }
}

/**
 * Gives every undecided line its verdict and names what Stripe does not show. `now` in milliseconds, on Stripe's clock. The same
 * input gives the same answer.
 */
export function matchLines(
  lines: readonly LineToMatch[],
  movements: readonly MovementToMatch[],
  now: number,
): Matching {
  const sheet = new Sheet(lines);
  const groups = new Groups(lines, movements);
  const missing: MissingLine[] = [];
  const bare: Bare[] = [];
  for (const [position, movement] of movements.entries()) {
    for (const { side, amount } of movement.effects) {
      const lone = groups.lone(position, side);
      if (lone !== undefined && isIt(movement, side, amount, sheet.line(lone))) {
        sheet.verdicts[lone] = matched(movement.intentId);
        continue;
      }
      const group = groups.of(position, side);
      const lacks = judge(movement, side, amount, group, now, sheet);
      if (lacks === 0n) continue;
      if (group.length === 0) bare.push({ movement, side, amount: lacks });
      else missing.push({ intentId: movement.intentId, side, currency: movement.currency, amount: lacks });
    }
    // A line on a side that the movement has no business with.
    for (const side of ['payments', 'storage'] as const) {
      if (groups.isEmpty(position, side) || movement.effects.some((effect) => effect.side === side)) continue;
      for (const place of groups.of(position, side)) {
        if (sheet.line(place).decided === null) {
          sheet.verdicts[place] = exception('amount-differs', null, movement.intentId);
        }
      }
    }
  }
  const found = new Set<Bare>();
  matchReleases(groups.rest, bare, found, sheet);
  matchBatches(groups.rest, bare, found, sheet);
  judgeRest(groups.rest, movements, sheet);
  for (const one of bare) {
    if (found.has(one)) continue;
    const { movement, side, amount } = one;
    missing.push({ intentId: movement.intentId, side, currency: movement.currency, amount });
  }
  return { verdicts: sheet.verdicts, missing };
}

/** The usual case: a posted movement with the one line that it should have. */
function isIt(movement: MovementToMatch, side: Side, amount: bigint, line: LineToMatch): boolean {
  return (
    line.decided === null &&
    line.amount === amount &&
    line.currency === movement.currency &&
    stands(movement.state) &&
    !movement.corrected.includes(side)
  );
}

/** The lines of each movement on each balance, as chains through the input: no list is made for a movement with one line. */
class Groups {
  /** Lines that belong to no movement. */
  readonly rest: number[] = [];
  readonly #first: Int32Array;
  readonly #last: Int32Array;
  readonly #next: Int32Array;

  constructor(lines: readonly LineToMatch[], movements: readonly MovementToMatch[]) {
    this.#first = new Int32Array(movements.length * 2).fill(-1);
    this.#last = new Int32Array(movements.length * 2).fill(-1);
    this.#next = new Int32Array(lines.length).fill(-1);
    const objects = movements.reduce((sum, movement) => sum + movement.objects.length, 0);
    const named = lines.some((line) => line.decided !== null && line.decided.intentId !== null);
    const byObject = new TextIndex(objects);
    const byIntent = new TextIndex(named ? movements.length : 0);
    for (const [position, movement] of movements.entries()) {
      if (named) byIntent.set(movement.intentId, position);
      for (const object of movement.objects) byObject.set(object, position);
    }
    lines.forEach((line, place) => {
      const intentId = line.decided?.intentId ?? null;
      const position =
        intentId === null
          ? ((line.source === null ? undefined : byObject.get(line.source)) ?? byObject.get(line.stripeId))
          : byIntent.get(intentId);
      if (position === undefined) this.rest.push(place);
      else this.#append(slot(position, line.side), place);
    });
  }

  #append(at: number, place: number): void {
    const last = this.#last[at] ?? -1;
    if (last < 0) this.#first[at] = place;
    else this.#next[last] = place;
    this.#last[at] = place;
  }

  isEmpty(position: number, side: Side): boolean {
    return (this.#first[slot(position, side)] ?? -1) < 0;
  }

  /** The only line there is; undefined when there is none or several. */
  lone(position: number, side: Side): number | undefined {
    const first = this.#first[slot(position, side)] ?? -1;
    return first >= 0 && first === this.#last[slot(position, side)] ? first : undefined;
  }

  of(position: number, side: Side): number[] {
    const places: number[] = [];
    for (let place = this.#first[slot(position, side)] ?? -1; place >= 0; place = this.#next[place] ?? -1) {
      places.push(place);
    }
    return places;
  }
}

function slot(position: number, side: Side): number {
  return position * 2 + (side === 'storage' ? 1 : 0);
}

/**
 * The lines of one movement on one balance. The first of its amount is the movement going out, one of the opposite amount brings it
 * back; parts that add up to it are it. Returns what Stripe should show besides, zero when nothing is missing.
 */
function judge(
  movement: MovementToMatch,
  side: Side,
  expected: bigint,
  places: readonly number[],
  now: number,
  sheet: Sheet,
): bigint {
  const { intentId, state, currency } = movement;
  const { verdicts } = sheet;
  const group = places.map((place) => sheet.line(place));
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
  const parts: number[] = [];
  const decidedParts = group.reduce(
    (sum, line) =>
      line.decided === null || line.decided.exception || line.amount === expected || line.amount === -expected
        ? sum
        : sum + line.amount,
    0n,
  );
  if (decidedParts === expected) out = true;
  if (decidedParts === -expected) back = true;
  const foreign: number[] = [];
  for (const place of places) {
    const line = sheet.line(place);
    if (line.decided !== null) continue;
    if (line.currency !== currency) foreign.push(place);
    else if (line.amount === 0n) verdicts[place] = matched(intentId);
    else if (line.amount === expected) {
      const again = corrected && !out ? 'late' : 'duplicate';
      verdicts[place] = out || corrected ? exception(again, null, intentId) : matched(intentId);
      out = true;
    } else if (line.amount === -expected && comesBack(line)) {
      verdicts[place] = back ? exception('duplicate', null, intentId) : wentBack(line);
      back = true;
    } else parts.push(place);
  }
  for (const place of foreign) {
    verdicts[place] = exception('currency-differs', out ? null : { currency, amount: expected }, intentId);
    out = true;
  }
  if (parts.length > 0) {
    const goesBack = parts.every((place) => sheet.line(place).amount > 0n !== expected > 0n);
    const wanted = goesBack ? -expected : expected;
    const settled = goesBack ? back : out;
    const sum = parts.reduce((total, place) => total + sheet.line(place).amount, decidedParts);
    if (sum === wanted && !settled) {
      for (const place of parts) verdicts[place] = goesBack ? wentBack(sheet.line(place)) : matched(intentId);
    } else if (isOpen(state)) {
      for (const place of parts) verdicts[place] = timing('parts', intentId);
    } else {
      differ(parts, movement, settled || (goesBack && !ended) ? 0n : wanted - decidedParts, sheet);
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
function differ(parts: readonly number[], { intentId, currency }: MovementToMatch, wanted: bigint, sheet: Sheet): void {
  let left = wanted;
  for (const [position, place] of parts.entries()) {
    if (wanted !== 0n && position < parts.length - 1) {
      sheet.verdicts[place] = matched(intentId);
      left -= sheet.line(place).amount;
    } else {
      sheet.verdicts[place] = exception('amount-differs', left === 0n ? null : { currency, amount: left }, intentId);
    }
  }
}

/** A person made it in the dashboard: the Payments line of its amount in the time in which it was made is its other side. */
function matchReleases(rest: readonly number[], bare: readonly Bare[], found: Set<Bare>, sheet: Sheet): void {
  const releases = index(bare, ({ movement, side, amount }) =>
    movement.guided && side === 'payments' ? amountKey(side, movement.currency, amount) : undefined,
  );
  if (releases.size === 0) return;
  for (const place of rest) {
    const line = sheet.line(place);
    if (line.decided !== null || !mayBeRelease(line)) continue;
    const waiting = releases.get(amountKey(line.side, line.currency, line.amount)) ?? [];
    const position = waiting.findIndex(({ movement }) => within(movement, line.at));
    const [release] = position < 0 ? [] : waiting.splice(position, 1);
    if (release === undefined) continue;
    found.add(release);
    sheet.verdicts[place] = matched(release.movement.intentId);
  }
}

/** It was made between the asking and the finding, which may be days apart; a day more for clocks that differ. */
function within({ from, until }: MovementToMatch, at: number): boolean {
  return from - DAY_MS <= at && at <= until + DAY_MS;
}

/** One line of the amount of a whole batch of ours of which Stripe shows no lines. */
function matchBatches(rest: readonly number[], bare: readonly Bare[], found: Set<Bare>, sheet: Sheet): void {
  const batches = index(
    bare.filter((one) => !found.has(one)),
    ({ movement, side }) => `${side}:${movement.currency}:${movement.batch}`,
  );
  const bySum = index([...batches.values()], ([first, ...more]) => {
    if (first === undefined || more.length === 0) return undefined;
    const sum = more.reduce((total, one) => total + one.amount, first.amount);
    return amountKey(first.side, first.movement.currency, sum);
  });
  if (bySum.size === 0) return;
  for (const place of rest) {
    const line = sheet.line(place);
    if (line.decided !== null || sheet.verdicts[place] !== undefined || ownTraffic(line) !== undefined) continue;
    const waiting = bySum.get(amountKey(line.side, line.currency, line.amount)) ?? [];
    const position = waiting.findIndex((batch) =>
      batch.every(({ movement }) => movement.from - DAY_MS <= line.at && line.at <= movement.until + BATCH_MS),
    );
    const [batch] = position < 0 ? [] : waiting.splice(position, 1);
    if (batch === undefined) continue;
    sheet.verdicts[place] = matched(...batch.map(({ movement }) => movement.intentId));
    for (const one of batch) found.add(one);
  }
}

/** Lines that belong to no movement: the business's own traffic, what may still turn out to be ours, and what is somebody else's. */
function judgeRest(rest: readonly number[], movements: readonly MovementToMatch[], sheet: Sheet): void {
  const underWay = new Set<string>();
  for (const movement of movements) {
    if (!isOpen(movement.state) || (movement.objects.length > 0 && !movement.guided)) continue;
    for (const { side, amount } of movement.effects) {
      underWay.add(amountKey(side, movement.currency, amount));
      underWay.add(`back:${amountKey(side, movement.currency, -amount)}`);
    }
  }
  const seen = new Repeats(rest.length);
  for (const place of rest) {
    const line = sheet.line(place);
    const traffic = ownTraffic(line);
    const again = traffic !== undefined && hasOneLine(line) && seen.isAgain(line);
    if (line.decided !== null || sheet.verdicts[place] !== undefined) continue;
    sheet.verdicts[place] = again
      ? DUPLICATE
      : traffic !== undefined
        ? line.late
          ? LATE
          : OWN
        : judgeForeign(line, underWay);
  }
}

const OWN = matched();
const LATE = exception('late');
const DUPLICATE = exception('duplicate');
const UNKNOWN = exception('unknown-to-us');
const OUTSIDE = exception('outside-movement');
const MAY_BE_OURS = timing('under-way');

function judgeForeign(line: LineToMatch, underWay: ReadonlySet<string>): Verdict {
  if (!movesMoney(line)) return UNKNOWN;
  const amount = amountKey(line.side, line.currency, line.amount);
  return underWay.has(amount) || (comesBack(line) && underWay.has(`back:${amount}`)) ? MAY_BE_OURS : OUTSIDE;
}

/** Lines of an object that has one: the first of each type and amount is it. */
class Repeats {
  /** Place in `#firsts` by object. */
  readonly #objects: TextIndex;
  readonly #firsts: LineToMatch[][] = [];

  constructor(most: number) {
    this.#objects = new TextIndex(most);
  }

  isAgain(line: LineToMatch): boolean {
    const source = line.source ?? '';
    const known = this.#objects.get(source);
    if (known === undefined) {
      this.#objects.set(source, this.#firsts.push([line]) - 1);
      return false;
    }
    const firsts = this.#firsts[known] ?? [];
    if (firsts.some((one) => one.type === line.type && one.currency === line.currency && one.amount === line.amount)) {
      return true;
    }
    firsts.push(line);
    return false;
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
