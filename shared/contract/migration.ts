import { z } from 'zod';
import {
  channel,
  checkView,
  currencyCode,
  id,
  instant,
  minor,
  nothing,
  pageOf,
  pageRequest,
  periodText,
} from './channel';

export const migrationState = z.enum([
  'preflight',
  'planned',
  'approved',
  'executing',
  'stopped',
  'verifying',
  'completed',
  'rolling-back',
  'rolled-back',
]);
export type MigrationState = z.infer<typeof migrationState>;

export const operationView = z.strictObject({
  index: z.int(),
  intentId: z.string().nullable(),
  kind: z.enum(['canary', 'fund', 'compensate']),
  currency: currencyCode,
  amount: minor,
  status: z.string(),
  stripeObject: z.string().nullable(),
  startedAt: instant.nullable(),
  settledAt: instant.nullable(),
  detail: z.string(),
});
export type OperationView = z.infer<typeof operationView>;

export const balancesPair = z.strictObject({
  currency: currencyCode,
  payments: minor,
  storage: minor,
  obligations: minor,
});

export const migrationPlan = z.strictObject({
  planHash: z.string(),
  createdAt: instant,
  period: periodText,
  before: z.array(balancesPair),
  after: z.array(balancesPair),
  /** What has to move per currency: obligations − Storage. */
  delta: z.array(z.strictObject({ currency: currencyCode, amount: minor })),
  operations: z.array(operationView).max(500),
  operationCount: z.int(),
  creators: z.int(),
  /** What the person types to execute, e.g. `7000.00 2026-10`. Empty when nothing has to move. */
  confirmation: z.string(),
  notes: z.array(z.string()),
});
export type MigrationPlanView = z.infer<typeof migrationPlan>;

export const certificateView = z.strictObject({
  id,
  issuedAt: instant,
  mode: z.string(),
  period: periodText,
  planHash: z.string(),
  approvedBy: z.string(),
  approvedAt: instant,
  startedAt: instant,
  completedAt: instant,
  durationMs: z.int(),
  before: z.array(balancesPair),
  after: z.array(balancesPair),
  operations: z.array(operationView).max(500),
  checks: z.array(checkView),
});
export type CertificateView = z.infer<typeof certificateView>;

export const migrationView = z.strictObject({
  /** Null before the first plan. */
  id: id.nullable(),
  state: migrationState,
  period: periodText.nullable(),
  plan: migrationPlan.nullable(),
  approvedBy: z.string().nullable(),
  approvedAt: instant.nullable(),
  startedAt: instant.nullable(),
  endedAt: instant.nullable(),
  operations: z.array(operationView).max(500),
  operationCount: z.int(),
  postedCount: z.int(),
  moved: z.array(z.strictObject({ currency: currencyCode, amount: minor })),
  running: z.boolean(),
  /** Why it stopped; null while it has not. */
  stopReason: z.string().nullable(),
  verification: z.array(checkView),
  hasCertificate: z.boolean(),
  /** Typed to roll back, e.g. `7000.00 2026-10`; empty when nothing was moved. */
  rollbackConfirmation: z.string(),
  /** False once creators were paid from what was moved, or a month end counts on it. */
  mayRollBack: z.boolean(),
  /** Nothing has to move: Storage already holds what is owed. */
  notNeeded: z.boolean(),
});
export type MigrationView = z.infer<typeof migrationView>;

export const obligationView = z.strictObject({
  creatorId: z.string(),
  displayName: z.string(),
  currency: currencyCode,
  opening: minor,
  openPeriod: minor,
  owed: minor,
});

export const migrationChannels = {
  'migration.status': channel(nothing, migrationView),
  'migration.preflight': channel(nothing, z.array(checkView)),
  'migration.obligations': channel(
    pageRequest,
    z.strictObject({
      totals: z.array(z.strictObject({ currency: currencyCode, owed: minor, storage: minor, delta: minor })),
      page: pageOf(obligationView),
    }),
  ),
  /** The dry run: makes and stores a plan; nothing moves. */
  'migration.plan': channel(nothing, migrationView),
  'migration.approve': channel(z.strictObject({ planHash: z.string() }), migrationView),
  /** Starts or resumes; returns at once, progress comes by event. `typed` is needed at the first start. */
  'migration.execute': channel(z.strictObject({ planHash: z.string(), typed: z.string().max(200) }), migrationView),
  'migration.stop': channel(nothing, migrationView),
  'migration.rollback': channel(z.strictObject({ typed: z.string().max(200) }), migrationView),
  'migration.certificate': channel(nothing, certificateView.nullable()),
  /** Opens a folder dialog and writes the certificate as JSON and PDF; null when cancelled. */
  'migration.saveCertificate': channel(nothing, z.strictObject({ directory: z.string() }).nullable()),
} as const;
