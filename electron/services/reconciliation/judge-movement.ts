/** Verdicts of the lines that name one movement, on one balance. */
import { isOpen } from '../../journal/intent';
import { comesBack } from './line-types';
import {
  DAY_MS,
  exception,
  type LineToMatch,
  type MovementToMatch,
  matched,
  type Sheet,
  type Side,
  stands,
  timing,
  type Verdict,
} from './verdicts';

/** What waits for an outcome longer than this is no longer a matter of timing. */
const WAITS_AT_MOST_MS = 2 * DAY_MS;

/** The usual case: a posted movement with the one line that it should have. */
export function isItsLine(movement: MovementToMatch, side: Side, amount: bigint, line: LineToMatch): boolean {
  return (
    line.decided === null &&
    line.amount === amount &&
    line.currency === movement.currency &&
    stands(movement.state) &&
    !movement.corrected.includes(side)
  );
}

/**
 * The lines of one movement on one balance. The first of its amount is the movement going out, one of the opposite amount brings it
 * back; parts that add up to it are it. Returns what Stripe should show besides, zero when nothing is missing.
 */
export function judgeMovement(
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
