/** The signing of a request, on the machine of the second person. */
import type { ApprovalFile, ApprovalRequestFile } from '../../../shared/contract/approvals';
import { canonicalJson } from '../../../shared/domain/canonical-json';
import { CofferError } from '../../../shared/domain/coffer-error';
import { appendAudit } from '../../journal/audit-chain';
import { fingerprint, type Signer } from '../../journal/signing';
import { listApprovers } from './approvers';
import type { ApprovalContext } from './plan';
import { refuseFuture, sameName } from './refusals';

export async function signApproval(
  context: ApprovalContext,
  own: Signer,
  request: ApprovalRequestFile,
): Promise<ApprovalFile> {
  const { subject } = request;
  if (subject.requesterKey === own.publicKey || sameName(subject.requestedBy, context.actor())) {
    throw new CofferError(
      'approval-same-person',
      'This request was made by you: a second person has to approve it.',
      'Give it to another person, on their own machine.',
    );
  }
  const asks = (await listApprovers(context.store.db)).find((one) => one.publicKey === subject.requesterKey);
  if (asks === undefined) {
    throw new CofferError(
      'approval-wrong-key',
      `This request is signed with a key that is not pinned here (${fingerprint(subject.requesterKey)}).`,
      'Exchange keys under Settings → Operator first, and compare the fingerprints.',
    );
  }
  if (subject.mode !== context.mode) {
    throw new CofferError(
      'approval-other-mode',
      `This request is of ${subject.mode} mode.`,
      `Change to ${subject.mode} first.`,
    );
  }
  const at = context.now();
  if (subject.expiresAt < at.toISOString()) {
    throw new CofferError('approval-expired', `This request expired on ${subject.expiresAt}.`, 'Ask for a new one.');
  }
  refuseFuture(at, subject.issuedAt);
  const content = {
    format: 'coffer-approval-v1' as const,
    subject,
    approver: context.actor(),
    approverKey: own.publicKey,
    signedAt: at.toISOString(),
  };
  await context.store.transaction((tx) =>
    appendAudit(tx, {
      at,
      actor: context.actor(),
      action: 'approval.signed',
      subject: subject.period,
      payload: { planHash: subject.planHash, nonce: subject.nonce, requestedBy: subject.requestedBy },
    }),
  );
  return { ...content, signature: own.sign(canonicalJson(content)) };
}
