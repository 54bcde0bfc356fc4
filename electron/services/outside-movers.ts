/**
 * Alerts for what reconciliation found: money that moved outside Coffer, one alert for each movement, and other exceptions, one for each
 * class. Settings by which Stripe moves money itself: connection-alerts.ts. Amounts in minor units.
 */
import { exceptionClass } from '../../shared/contract/proof';
import { countOf } from '../../shared/domain/count-of';
import { grouped } from '../../shared/money/amount-text';
import { currency as toCurrency } from '../../shared/money/money';
import type { Queries } from '../store/store';
import type { Condition } from './alerts';
import { CLASS_WORDS } from './reconciliation';

/** What holds now, from lines that are read already. */
export async function exceptionConditions(db: Queries): Promise<Condition[]> {
  const lines = await db
    .selectFrom('stripe_line')
    .select(['side', 'stripe_id', 'source', 'type', 'currency', 'amount', 'class'])
    .where('outcome', '=', 'exception')
    .where('resolved_by', 'is', null)
    .orderBy('created_at')
    .orderBy('stripe_id')
    .execute();
  const missing = await db
    .selectFrom('missing_line')
    .select('side')
    .where('outcome', '=', 'exception')
    .where('resolved_by', 'is', null)
    .execute();
  const outside = new Map<string, (typeof lines)[number]>();
  const others = new Map<string, string[]>();
  for (const line of lines) {
    if (line.class === 'outside-movement') {
      // A movement between the balances has a line in each: its alert is the one of Storage.
      const movement = line.source ?? line.stripe_id;
      if (outside.get(movement)?.side !== 'storage') outside.set(movement, line);
    } else if (line.class !== null) others.set(line.class, [...(others.get(line.class) ?? []), line.side]);
  }
  if (missing.length > 0) {
    others.set(
      'unknown-to-stripe',
      missing.map((line) => line.side),
    );
  }
  return [
    ...[...outside].map(([movement, line]) => outsideCondition(movement, line)),
    ...exceptionClass.options.flatMap((one) => classCondition(one, others.get(one) ?? [])),
  ];
}

function outsideCondition(
  movement: string,
  line: { side: string; stripe_id: string; type: string; currency: string; amount: bigint },
): Condition {
  const place = line.side === 'storage' ? 'in Storage' : 'in Payments';
  const amount = `${grouped(line.amount, toCurrency(line.currency))} ${line.currency.toUpperCase()}`;
  return {
    condition: `outside:${movement}`,
    severity: 'critical',
    title: `Money moved ${place} outside Coffer: ${amount}`,
    meaning: `The line ${line.stripe_id} at Stripe does not belong to any movement of ours.`,
    action: 'Find out who made it in the Stripe dashboard, then explain it under Reconciliation.',
    screen: 'reconciliation',
    after: 1,
  };
}

function classCondition(one: keyof typeof CLASS_WORDS, sides: readonly string[]): Condition[] {
  if (sides.length === 0) return [];
  return [
    {
      condition: `exceptions:${one}`,
      severity: sides.includes('storage') ? 'critical' : 'warning',
      title: `${countOf(sides.length, 'line')} to explain: ${CLASS_WORDS[one].toLowerCase()}`,
      meaning: 'Stripe and the books do not agree about them. The month cannot close before each is explained.',
      action: 'Open Reconciliation: each says its probable cause and what to do.',
      screen: 'reconciliation',
      after: 1,
    },
  ];
}
