/** Verdicts of the lines that name no movement of ours: releases made by hand, batches, the business's own traffic, and the rest. */
import { isOpen } from '../../journal/intent';
import { TextIndex } from '../text-index';
import { comesBack, hasOneLine, mayBeRelease, movesMoney, ownTraffic } from './line-types';
import {
  DAY_MS,
  exception,
  type LineToMatch,
  type MovementToMatch,
  matched,
  type Sheet,
  type Side,
  timing,
  type Verdict,
} from './verdicts';

/** A batch appears at Stripe within this time of being made. */
const BATCH_MS = 7 * DAY_MS;

/** A movement of which Stripe shows no line on a balance. */
export interface Bare {
  readonly movement: MovementToMatch;
  readonly side: Side;
  readonly amount: bigint;
}

/** A person made it in the dashboard: the Payments line of its amount in the time in which it was made is its other side. */
export function matchReleases(rest: readonly number[], bare: readonly Bare[], found: Set<Bare>, sheet: Sheet): void {
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
export function matchBatches(rest: readonly number[], bare: readonly Bare[], found: Set<Bare>, sheet: Sheet): void {
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
export function judgeRest(rest: readonly number[], movements: readonly MovementToMatch[], sheet: Sheet): void {
  const underWay = new Set<string>();
  for (const movement of movements) {
    if (!isOpen(movement.state) || (movement.objects.length > 0 && !movement.guided)) continue;
    for (const { side, amount } of movement.effects) {
      underWay.add(amountKey(side, movement.currency, amount));
      underWay.add(`back:${amountKey(side, movement.currency, -amount)}`);
    }
  }
  const seen = new Repeats(sheet.lines, rest.length);
  for (const place of rest) {
    const line = sheet.line(place);
    const traffic = ownTraffic(line);
    const again = traffic !== undefined && hasOneLine(line) && seen.isAgain(line, place);
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
  readonly #lines: readonly LineToMatch[];
  /** Place of its first line by object. */
  readonly #objects: TextIndex;
  /** Further lines of an object that differ from its first, by its place. */
  readonly #others = new Map<number, LineToMatch[]>();

  constructor(lines: readonly LineToMatch[], most: number) {
    this.#lines = lines;
    this.#objects = new TextIndex(most);
  }

  isAgain(line: LineToMatch, place: number): boolean {
    const known = this.#objects.getOrSet(line.source ?? '', place);
    if (known === undefined) return false;
    const first = this.#lines[known];
    const others = this.#others.get(known) ?? [];
    if ((first !== undefined && isLike(first, line)) || others.some((other) => isLike(other, line))) return true;
    others.push(line);
    this.#others.set(known, others);
    return false;
  }
}

function isLike(one: LineToMatch, other: LineToMatch): boolean {
  return one.type === other.type && one.currency === other.currency && one.amount === other.amount;
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
