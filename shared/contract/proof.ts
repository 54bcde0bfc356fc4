import { z } from 'zod';
import { channel, currencyCode, id, instant, minor, nothing, pageOf, pageRequest, periodText } from './channel';

export const reconciliationOutcome = z.enum(['matched', 'timing', 'exception']);

/** A movement of ours that a line at Stripe belongs to, and the work that made it. */
export const lineMovement = z.strictObject({
  kind: z.enum(['fund', 'release', 'pay', 'canary', 'compensate']),
  part: z.enum(['migration', 'month-end']),
  period: periodText,
});
export type LineMovement = z.infer<typeof lineMovement>;

export const reconciliationRow = z.strictObject({
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
  explanation: z.string(),
  /** Set when a person explained an exception. */
  resolvedBy: z.string().nullable(),
});
export type ReconciliationRow = z.infer<typeof reconciliationRow>;

export const reconciliationSummary = z.strictObject({
  period: periodText,
  ranAt: instant.nullable(),
  counts: z.strictObject({ matched: z.int(), timing: z.int(), exception: z.int(), resolved: z.int() }),
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

export const auditRow = z.strictObject({
  seq: z.int(),
  at: instant,
  actor: z.string(),
  action: z.string(),
  subject: z.string(),
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
  'reconciliation.list': channel(
    pageRequest.extend({ period: periodText, outcome: reconciliationOutcome.optional() }),
    pageOf(reconciliationRow),
  ),
  'reconciliation.resolve': channel(
    z.strictObject({ period: periodText, stripeId: id, explanation: z.string().trim().min(3).max(500) }),
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
