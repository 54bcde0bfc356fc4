/** Every kind of alert: the word before the colon of its condition, and the section of docs/alerts.md that explains it. */
export const ALERT_KINDS = {
  adoption: 'Waiting for payments out of Storage',
  coverage: 'Storage covers less than what is owed',
  'payments-low': 'Payments is too low to fund what is owed',
  drift: 'Unexplained difference',
  outside: 'Money moved outside Coffer',
  exceptions: 'Lines to explain',
  unknown: 'Movements with an unknown outcome',
  payout: 'Payouts failed or were returned',
  'period-late': 'The month is not closed',
  events: 'Some changes at Stripe could not be seen',
  hazard: 'Stripe moves money by itself',
  key: 'The Stripe key is rejected or lacks a permission',
  clock: 'The clock of this computer is wrong',
} as const;

export type AlertKind = keyof typeof ALERT_KINDS;

/** Names the condition and what it is about: `coverage:usd`. */
export type AlertCondition = `${AlertKind}:${string}`;

export function alertKindOf(condition: string): AlertKind | undefined {
  const kind = condition.split(':')[0] ?? '';
  return Object.hasOwn(ALERT_KINDS, kind) ? (kind as AlertKind) : undefined;
}
