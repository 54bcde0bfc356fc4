/** What a reading of the balances has to know of payouts: those under way and those that came back, whatever was ever paid. */
import { listIntents } from '../../journal/journal';
import type { Queries } from '../../store/store';

/** Of one creator in one currency. */
export function payoutKey(creatorId: string | null, currency: string): string {
  return `${creatorId}\u0000${currency}`;
}

export interface PayoutsNow {
  /** Σ sent and not decided, in minor units, by `payoutKey`. */
  readonly inTransit: ReadonlyMap<string, bigint>;
  /** Whose latest payout failed or was returned, by `payoutKey`. */
  readonly cameBack: ReadonlySet<string>;
}

export async function payoutsNow(db: Queries): Promise<PayoutsNow> {
  const inTransit = new Map<string, bigint>();
  for (const { creator_id, currency, amount } of await listIntents(db, {
    kinds: ['pay'],
    states: ['sending', 'unknown', 'processing'],
  })) {
    const key = payoutKey(creator_id, currency);
    inTransit.set(key, (inTransit.get(key) ?? 0n) + amount);
  }
  return { inTransit, cameBack: await cameBack(db) };
}

async function cameBack(db: Queries): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('intent_state')
    .innerJoin('intent', 'intent.intent_id', 'intent_state.intent_id')
    .select(['intent.creator_id', 'intent.currency'])
    .where('intent_state.kind', '=', 'pay')
    .where('intent_state.state', 'in', ['failed', 'returned'])
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('intent as later')
            .innerJoin('intent_state as now', 'now.intent_id', 'later.intent_id')
            .select('later.intent_id')
            .whereRef('later.creator_id', '=', 'intent.creator_id')
            .whereRef('later.currency', '=', 'intent.currency')
            .where('now.kind', '=', 'pay')
            .where('now.state', 'not in', ['failed', 'returned'])
            .where((eb) =>
              eb.or([
                eb('later.created_at', '>', eb.ref('intent.created_at')),
                eb.and([
                  eb('later.created_at', '=', eb.ref('intent.created_at')),
                  eb('later.intent_id', '>', eb.ref('intent.intent_id')),
                ]),
              ]),
            ),
        ),
      ),
    )
    .execute();
  return new Set(rows.map((row) => payoutKey(row.creator_id, row.currency)));
}
