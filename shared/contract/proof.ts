import { z } from 'zod';
import { channel, currencyCode, id, instant, minor, nothing, pageOf, pageRequest, periodText } from './channel';

export const reconciliationOutcome = z.enum(['matched', 'timing', 'exception']);

/** What is wrong with a line or an entry that does not match. Rules in words: docs/reconciliation.md. */
export const exceptionClass = z.enum([
  'unknown-to-us',
  'unknown-to-stripe',
  'amount-differs',
  'currency-differs',
  'duplicate',
  'late',
  'outside-movement',
]);
export type ExceptionClass = z.infer<typeof exceptionClass>;

/** A movement of ours that a line at Stripe belongs to, and the work that made it. */
export const lineMovement = z.strictObject({
  kind: z.enum(['fund', 'release', 'pay', 'canary', 'compensate', 'withdraw']),
  part: z.enum(['migration', 'month-end']),
  period: periodText,
});
export type LineMovement = z.infer<typeof lineMovement>;

export const reconciliationRow = z.strictObject({
  /** Names the line in every request about it. */
  lineId: id,
  /** Of a line at Stripe its id; else the id in the ledger. */
  stripeId: id,
  side: z.enum(['payments', 'storage', 'ledger']),
  type: z.string(),
  currency: currencyCode,
  amount: minor,
  at: instant,
  intentId: z.string().nullable(),
  /** Null without an intent of ours. */
  movement: lineMovement.nullable(),
  outcome: reconciliationOutcome,
  /** Null unless the outcome is exception. */
  class: exceptionClass.nullable(),
  explanation: z.string(),
  /** Who takes care of an exception. */
  owner: z.string().nullable(),
  note: z.string().nullable(),
  /** Set when a person explained an exception. */
  resolvedBy: z.string().nullable(),
});
export type ReconciliationRow = z.infer<typeof reconciliationRow>;

export const reconciliationSummary = z.strictObject({
  period: periodText,
  ranAt: instant.nullable(),
  counts: z.strictObject({ matched: z.int(), timing: z.int(), exception: z.int(), resolved: z.int() }),
  /** Open exceptions of each class that has any. */
  classes: z.array(z.strictObject({ class: exceptionClass, open: z.int() })),
  /** opening + lines = closing, per balance and currency. */
  proof: z.array(
    z.strictObject({
      side: z.enum(['payments', 'storage']),
      currency: currencyCode,
      opening: minor,
      lines: minor,
      closing: minor,
      difference: minor,
    }),
  ),
});
export type ReconciliationSummary = z.infer<typeof reconciliationSummary>;

/** What lines of a day are: the business's own traffic by kind, movements of ours, and what is not matched or explained yet. */
export const dayKind = z.enum(['receipt', 'fee', 'refund', 'dispute', 'correction', 'top-up', 'movement', 'open']);
export type DayKind = z.infer<typeof dayKind>;

/** opening + all lines = closing of one day (UTC), balance and currency. */
export const dayRow = z.strictObject({
  day: z.iso.date(),
  side: z.enum(['payments', 'storage']),
  currency: currencyCode,
  opening: minor,
  lines: z.array(z.strictObject({ kind: dayKind, amount: minor })),
  closing: minor,
});
export type DayRow = z.infer<typeof dayRow>;

/** The account that the other side of a correction is posted to. */
export const correctionAccount = z.enum(['platform-funds', 'stripe-costs']);
export type CorrectionAccount = z.infer<typeof correctionAccount>;

/** One exception from both sides, with what to do about it. */
export const exceptionDetail = z.strictObject({
  line: reconciliationRow,
  cause: z.string(),
  suggestion: z.string(),
  /** Suggested for the correction. */
  account: correctionAccount,
  /** What the correction changes on the balance's account: Stripe − books. Empty when both agree. */
  correction: z.array(z.strictObject({ currency: currencyCode, amount: minor })),
  /** Lines of the same movement or the same object at Stripe, this one included. */
  atStripe: z.array(
    z.strictObject({
      lineId: id,
      side: z.enum(['payments', 'storage']),
      type: z.string(),
      at: instant,
      currency: currencyCode,
      amount: minor,
      source: z.string().nullable(),
      description: z.string(),
    }),
  ),
  /** Entries of the movement in the ledger. */
  inBooks: z.array(
    z.strictObject({
      at: instant,
      account: z.string(),
      currency: currencyCode,
      amount: minor,
      description: z.string(),
    }),
  ),
  history: z.array(z.strictObject({ at: instant, actor: z.string(), text: z.string() })),
});
export type ExceptionDetail = z.infer<typeof exceptionDetail>;

export const auditRow = z.strictObject({
  seq: z.int(),
  at: instant,
  actor: z.string(),
  action: z.string(),
  subject: z.string(),
  /** The subject in words; empty where it needs none. Not part of the log. */
  subjectLabel: z.string(),
  detail: z.string(),
  hash: z.string(),
});
export type AuditRow = z.infer<typeof auditRow>;

export const auditVerification = z.strictObject({
  ok: z.boolean(),
  events: z.int(),
  head: z.string(),
  message: z.string(),
  /** How many signed checkpoints were held against it. */
  checkpoints: z.int(),
  /** Of the key that signs the log's head; null before the first signature. */
  keyFingerprint: z.string().nullable(),
  checkedAt: instant,
});

export const exportFile = z.strictObject({
  name: z.string(),
  title: z.string(),
  rows: z.int(),
  ready: z.boolean(),
  detail: z.string(),
});
export type ExportFile = z.infer<typeof exportFile>;

export const savedFiles = z.strictObject({
  directory: z.string(),
  files: z.array(z.strictObject({ name: z.string(), rows: z.int(), sha256: z.string() })),
});

export const proofChannels = {
  'reconciliation.summary': channel(z.strictObject({ period: periodText }), reconciliationSummary),
  /** The days of a calendar month on which something moved. */
  'reconciliation.history': channel(z.strictObject({ period: periodText }), z.array(dayRow)),
  'reconciliation.list': channel(
    pageRequest.extend({
      period: periodText,
      outcome: reconciliationOutcome.optional(),
      class: exceptionClass.optional(),
      /** Of open exceptions: taken by who asks, by anybody, by nobody. */
      owner: z.enum(['me', 'anybody', 'nobody']).optional(),
    }),
    pageOf(reconciliationRow),
  ),
  'reconciliation.get': channel(z.strictObject({ lineId: id }), exceptionDetail),
  /** The operator takes an exception, or gives it back. */
  'reconciliation.take': channel(z.strictObject({ lineId: id, take: z.boolean() }), exceptionDetail),
  'reconciliation.note': channel(z.strictObject({ lineId: id, note: z.string().trim().max(500) }), exceptionDetail),
  /** Accepts an explanation and posts what the books lack, against `account`; the suggested one when absent. */
  'reconciliation.resolve': channel(
    z.strictObject({
      period: periodText,
      lineId: id,
      explanation: z.string().trim().min(3).max(500),
      account: correctionAccount.optional(),
    }),
    reconciliationSummary,
  ),
  'audit.list': channel(pageRequest, pageOf(auditRow)),
  'audit.verify': channel(nothing, auditVerification),
  'exports.list': channel(z.strictObject({ period: periodText }), z.array(exportFile)),
  /** Opens a folder dialog and writes the named files (all of them when `names` is empty); null when cancelled. */
  'exports.save': channel(
    z.strictObject({ period: periodText, names: z.array(z.string()).max(40) }),
    savedFiles.nullable(),
  ),
  /** Opens a save dialog and writes the close binder; null when cancelled. */
  'exports.binder': channel(
    z.strictObject({ period: periodText }),
    z.strictObject({ path: z.string(), sha256: z.string() }).nullable(),
  ),
} as const;
