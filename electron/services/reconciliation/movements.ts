/** Our movements as the matcher wants them: what each does to the balances at Stripe, and what proves it. */
import { type Intent, type IntentKind, movementKind } from '../../journal/intent';
import { provingLines } from '../../rails';
import type { Queries } from '../../store/store';
import type { MovementToMatch, Side } from './verdicts';

/** What a movement does to the balances at Stripe once it is posted. A payout of the earmark rail leaves Payments. */
function effectsOf(intent: Intent): MovementToMatch['effects'] {
  const out = -intent.amount;
  const earmarked = intent.rail === 'earmark';
  switch (movementKind(intent.kind as IntentKind)) {
    case 'withdraw':
      return [{ side: 'payments', amount: out }];
    case 'pay':
      return [{ side: earmarked ? 'payments' : 'storage', amount: out }];
    case 'fund':
      return earmarked
        ? []
        : [
            { side: 'payments', amount: out },
            { side: 'storage', amount: intent.amount },
          ];
    case 'release':
      return earmarked
        ? []
        : [
            { side: 'storage', amount: out },
            { side: 'payments', amount: intent.amount },
          ];
  }
}

export function movementToMatch(intent: Intent, corrected: readonly Side[]): MovementToMatch {
  const kind = movementKind(intent.kind as IntentKind);
  return {
    intentId: intent.intent_id,
    batch: `${intent.run}|${intent.batch}`,
    currency: intent.currency,
    state: intent.state,
    objects: intent.stripe_object === null ? [] : provingLines(intent.stripe_object),
    guided: kind === 'release',
    effects: effectsOf(intent),
    corrected,
    from: new Date(intent.created_at).getTime(),
    until: new Date(intent.settled_at ?? intent.created_at).getTime(),
  };
}

/** Balances on which a movement's missing line was explained by a person, by intent. */
export async function correctedSides(db: Queries): Promise<ReadonlyMap<string, readonly Side[]>> {
  const rows = await db
    .selectFrom('missing_line')
    .select(['side', 'intent_id'])
    .where('resolved_by', 'is not', null)
    .execute();
  const sides = new Map<string, Side[]>();
  for (const row of rows) {
    sides.set(row.intent_id, [...(sides.get(row.intent_id) ?? []), row.side === 'storage' ? 'storage' : 'payments']);
  }
  return sides;
}
