/** Approval by a second person on another machine: keys exchanged and pinned beforehand, a request file out, an approval file in. */
import { z } from 'zod';
import { amountIn, channel, done, id, instant, minor, nothing, periodText } from './channel';

const publicKey = z.string().regex(/^[A-Za-z0-9+/]{43}=$/);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const personName = z.string().trim().min(1).max(80);
const mode = z.enum(['sandbox', 'test', 'live']);

/** Who a machine's operator is, for another machine to pin. */
export const approverKeyFile = z.strictObject({
  format: z.literal('coffer-approver-key-v1'),
  name: personName,
  publicKey,
});
export type ApproverKeyFile = z.infer<typeof approverKeyFile>;

/** `payouts`: how many payouts of a month, movements of a migration, or withdrawals. */
const planTotal = z.strictObject({ currency: z.string().regex(/^[a-z]{3}$/), amount: minor, payouts: z.int().min(0) });

export const approvalKind = z.enum(['month-end', 'migration', 'withdrawal']);
export type ApprovalKind = z.infer<typeof approvalKind>;

/** What is to be approved, in the words that both machines sign. */
export const approvalSubject = z.strictObject({
  kind: approvalKind,
  mode,
  /** The Stripe account whose money it is. */
  stripeAccount: z.string().min(1).max(100),
  period: periodText,
  version: z.int().min(1),
  planHash: hash,
  totals: z.array(planTotal).min(1).max(50),
  requestedBy: personName,
  requesterKey: publicKey,
  issuedAt: instant,
  expiresAt: instant,
  nonce: z.uuid(),
});
export type ApprovalSubject = z.infer<typeof approvalSubject>;

export const approvalRequestFile = z.strictObject({
  format: z.literal('coffer-approval-request-v1'),
  subject: approvalSubject,
  /** By the requester's key, over the canonical JSON of `{format, subject}`. */
  signature: z.string().max(100),
});
export type ApprovalRequestFile = z.infer<typeof approvalRequestFile>;

export const approvalFile = z.strictObject({
  format: z.literal('coffer-approval-v1'),
  subject: approvalSubject,
  approver: personName,
  approverKey: publicKey,
  signedAt: instant,
  /** By the approver's key, over the canonical JSON of everything else. */
  signature: z.string().max(100),
});
export type ApprovalFile = z.infer<typeof approvalFile>;

export const approverView = z.strictObject({
  name: z.string(),
  publicKey: z.string(),
  fingerprint: z.string(),
  pinnedAt: instant.nullable(),
});
export type ApproverView = z.infer<typeof approverView>;

export const secondApprovalView = z.strictObject({
  /** Amounts above the limit; empty: no second person is needed. */
  above: z.array(amountIn),
  approvedBy: z.string().nullable(),
  approvedAt: instant.nullable(),
  expiresAt: instant.nullable(),
});
export type SecondApprovalView = z.infer<typeof secondApprovalView>;

/** `id`: which withdrawal; a month has one plan, and so has a migration. */
const plan = z.strictObject({ kind: approvalKind, period: periodText, id: id.optional() });

export const approvalChannels = {
  /** This machine's operator key, and those that are pinned. */
  'approval.keys': channel(nothing, z.strictObject({ own: approverView, approvers: z.array(approverView).max(100) })),
  /** Saves this machine's public key for another one to pin; null when cancelled. */
  'approval.exportKey': channel(nothing, z.strictObject({ path: z.string() }).nullable()),
  /** Reads another machine's public key; nothing is pinned yet. */
  'approval.readKey': channel(nothing, approverView.nullable()),
  /** Pins a key whose fingerprint was compared; `confirmed` is its last group of four. */
  'approval.pin': channel(z.strictObject({ name: personName, publicKey, confirmed: z.string().max(20) }), done),
  'approval.revoke': channel(z.strictObject({ publicKey }), done),
  'approval.status': channel(plan, secondApprovalView),
  /** Saves the request for a second person; null when cancelled. */
  'approval.request': channel(plan, z.strictObject({ path: z.string() }).nullable()),
  /** On the second person's machine: shows what a request asks for. */
  'approval.readRequest': channel(nothing, approvalSubject.extend({ fingerprint: z.string() }).nullable()),
  /** Signs the request that was read last; saves the approval; null when cancelled. */
  'approval.sign': channel(z.strictObject({ nonce: id }), z.strictObject({ path: z.string() }).nullable()),
  /** Takes an approval file in; null when cancelled. Refused with the reason. */
  'approval.accept': channel(plan, secondApprovalView.nullable()),
} as const;
