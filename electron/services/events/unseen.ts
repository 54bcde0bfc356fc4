/** What cannot be known of a time whose events Stripe no longer has, in the words of finance staff. */
import type { Condition } from '../alerts';

/** Everything else is in Stripe's lists, whenever they are read. */
export const NOT_SEEN: readonly string[] = [
  'a payout schedule, a minimum balance or an automatic transfer rule that was changed and changed back',
  'a creator whom Stripe stopped paying and allowed again',
  'a dispute that was opened and closed again (its amounts are in the lists)',
  'at which moment a payout was paid or came back (that it was is in the lists)',
  'the balances between, which are a gap in the chart',
];

export function unseenCondition(from: Date, to: Date): Condition {
  const [first, last] = [from, to].map((at) => at.toISOString().slice(0, 10));
  return {
    condition: `events:${first}`,
    severity: 'warning',
    title: `Some changes at Stripe from ${first} to ${last} could not be seen`,
    meaning: `Coffer was closed or offline, and Stripe keeps its notices of changes for 30 days only. All money that moved is read from Stripe's lists instead: payments, refunds, payouts, payouts to creators, and every line of both balances. Not seen: ${NOT_SEEN.join('; ')}.`,
    action:
      'Look in the Stripe dashboard whether somebody changed settings or accounts in that time, then resolve this with a note.',
    screen: 'audit',
    after: 1,
  };
}
