import { z } from 'zod';
import { channel, currencyCode, done, id, instant, minor, nothing, pageOf, pageRequest, periodText } from './channel';

export const namedAmount = z.strictObject({ name: z.string(), detail: z.string(), amount: minor });
export type NamedAmount = z.infer<typeof namedAmount>;

/** A named part of the difference; `screen`: where something is done about it (`month-end?period=2026-10`). */
export const explainedPart = namedAmount.extend({ screen: z.string().optional() });
export type ExplainedPart = z.infer<typeof explainedPart>;

/** The terms of the coverage equation that open their own lines. */
export const coverageTerm = z.enum([
  'payments',
  'storage-available',
  'inbound-pending',
  'outbound-pending',
  'owed',
  'difference',
]);
export type CoverageTerm = z.infer<typeof coverageTerm>;

/** storage available + inbound pending + outbound pending − owed = surplus (or shortfall), in one currency. */
export const coverageView = z.strictObject({
  currency: currencyCode,
  paymentsAvailable: minor,
  paymentsPending: minor,
  storageAvailable: minor,
  inboundPending: minor,
  outboundPending: minor,
  /** Owed to creators and suspense: the ledger's obligations and the open period's earnings so far. */
  owed: minor,
  /** What `owed` consists of, by name; sums to `owed`. */
  owedParts: z.array(namedAmount),
  /** Positive: surplus. Negative: shortfall. */
  difference: minor,
  /** Named parts of the difference. */
  explained: z.array(explainedPart),
  unexplained: minor,
  /** Basis points, rounded down; null when nothing is owed. */
  coverageBps: z.int().nullable(),
  /** Payments share of both balances in basis points; null when both are zero. */
  paymentsShareBps: z.int().nullable(),
  band: z.enum(['normal', 'watch', 'alert', 'none']),
});
export type CoverageView = z.infer<typeof coverageView>;

export const nextAction = z.strictObject({
  screen: z.string(),
  title: z.string(),
  detail: z.string(),
  button: z.string(),
});
export type NextAction = z.infer<typeof nextAction>;

export const balancesOverview = z.strictObject({
  asOf: instant.nullable(),
  connection: z.enum(['online', 'offline', 'not-configured']),
  connectionDetail: z.string(),
  stale: z.boolean(),
  rail: z.string(),
  segregatedAtStripe: z.boolean(),
  openPeriod: periodText.nullable(),
  currencies: z.array(coverageView),
  nextAction,
});
export type BalancesOverview = z.infer<typeof balancesOverview>;

export const balancePoint = z.strictObject({
  at: instant,
  payments: minor,
  storage: minor,
  owed: minor,
  /** Of the difference (storage − owed): what had a name, and what had none. */
  explained: minor,
  unexplained: minor,
  seeded: z.boolean(),
});
export type BalancePoint = z.infer<typeof balancePoint>;

/** What explains a difference, or part of one, and where it is shown (`reconciliation?period=2026-10&line=…`). */
export const driftItem = z.strictObject({
  kind: z.enum(['line', 'movement', 'entry']),
  reference: z.string(),
  description: z.string(),
  at: instant,
  amount: minor,
  /** Of a line: when and by whom it was explained; null while it is not. */
  resolvedAt: instant.nullable(),
  resolvedBy: z.string().nullable(),
  screen: z.string(),
});
export type DriftItem = z.infer<typeof driftItem>;
const driftItems = z.array(driftItem).max(20);

export const pastPart = explainedPart.extend({ items: driftItems });
export type PastPart = z.infer<typeof pastPart>;

/** The coverage equation of one currency as it stood at an instant. */
export const coverageAt = z.strictObject({
  currency: currencyCode,
  at: instant,
  /** The nearest reading at or before `at`; null: none. */
  readAt: instant.nullable(),
  owed: minor,
  /** Sums to `owed`. */
  owedParts: z.array(namedAmount),
  /** Null when there was no reading in the day before `at`: what Storage held is not known. */
  storage: z
    .strictObject({
      available: minor,
      inboundPending: minor,
      outboundPending: minor,
      difference: minor,
      /** With `unexplained` it sums to `difference`. */
      explained: z.array(pastPart),
      unexplained: minor,
      /** Lines that nothing explained then, and what explained them since. */
      unexplainedItems: driftItems,
      coverageBps: z.int().nullable(),
    })
    .nullable(),
  /** What of it is not known, in words. */
  notes: z.array(z.string()),
});
export type CoverageAt = z.infer<typeof coverageAt>;

/** A reading that found more or less unexplained than the one before. */
export const driftChange = z.strictObject({
  at: instant,
  before: minor,
  unexplained: minor,
  items: driftItems,
});
export type DriftChange = z.infer<typeof driftChange>;

export const balanceEvent = z.strictObject({
  at: instant,
  kind: z.enum(['month-end', 'migration', 'alert', 'funding']),
  label: z.string(),
});
export type BalanceEvent = z.infer<typeof balanceEvent>;

export const historyRange = z.enum(['30d', '90d', '6m', '12m', 'all']);

export const lineView = z.strictObject({
  at: instant,
  reference: z.string(),
  description: z.string(),
  amount: minor,
});

export const alertView = z.strictObject({
  id,
  condition: z.string(),
  severity: z.enum(['critical', 'warning', 'information']),
  title: z.string(),
  meaning: z.string(),
  action: z.string(),
  screen: z.string(),
  raisedAt: instant,
  lastSeenAt: instant,
  acknowledgedAt: instant.nullable(),
  acknowledgedBy: z.string().nullable(),
  /** Put off until then; a critical one counts meanwhile. */
  snoozedUntil: instant.nullable(),
  resolvedAt: instant.nullable(),
  note: z.string().nullable(),
});
export type AlertView = z.infer<typeof alertView>;

/** Something that happened to an alert, and who did it. */
export const alertEventView = z.strictObject({
  at: instant,
  actor: z.string(),
  action: z.enum(['raised', 'notified', 'acknowledged', 'snoozed', 'resolved', 'reopened', 'ended']),
  note: z.string(),
});
export type AlertEventView = z.infer<typeof alertEventView>;

export const balancesChannels = {
  'balances.overview': channel(nothing, balancesOverview),
  'balances.refresh': channel(nothing, balancesOverview),
  'balances.history': channel(
    z.strictObject({ currency: currencyCode, range: historyRange }),
    z.strictObject({
      points: z.array(balancePoint).max(5_000),
      events: z.array(balanceEvent).max(500),
      /** Newest first. */
      changes: z.array(driftChange).max(100),
    }),
  ),
  /** The equation as it stood, from stored readings and the ledger alone. */
  'balances.at': channel(z.strictObject({ currency: currencyCode, at: instant }), coverageAt),
  'balances.lines': channel(
    pageRequest.extend({ currency: currencyCode, term: coverageTerm }),
    z.strictObject({ explanation: z.string(), sum: minor, page: pageOf(lineView) }),
  ),
  'alerts.list': channel(z.strictObject({ includeResolved: z.boolean() }), z.array(alertView).max(500)),
  'alerts.history': channel(z.strictObject({ id }), z.array(alertEventView).max(500)),
  'alerts.acknowledge': channel(z.strictObject({ id }), done),
  /** Puts it off; at most a week, and never the condition: it comes back by itself. */
  'alerts.snooze': channel(z.strictObject({ id, until: instant }), done),
  'alerts.resolve': channel(z.strictObject({ id, note: z.string().trim().min(1).max(500) }), done),
} as const;
