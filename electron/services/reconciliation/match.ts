/**
 * Matching of lines at Stripe with movements in the books: one to one, several lines to one movement, one line to a batch. Pure, and
 * near linear: every join is a hash join. Amounts in minor units, signed as at Stripe. Rules in words: docs/reconciliation.md.
 */

import { isItsLine, judgeMovement } from './judge-movement';
import { type Bare, judgeRest, matchBatches, matchReleases } from './judge-unclaimed';
import { Groups } from './line-groups';
import {
  exception,
  type LineToMatch,
  type Matching,
  type MissingLine,
  type MovementToMatch,
  matched,
  Sheet,
} from './verdicts';

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
      if (lone !== undefined && isItsLine(movement, side, amount, sheet.line(lone))) {
        sheet.verdicts[lone] = matched(movement.intentId);
        continue;
      }
      const group = groups.of(position, side);
      const lacks = judgeMovement(movement, side, amount, group, now, sheet);
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
