/** The approval comes back: it counts only when key, signature, request, account and plan are right. */
import type { ApprovalFile } from '../../../shared/contract/approvals';
import { canonicalJson } from '../../../shared/domain/canonical-json';
import { CofferError } from '../../../shared/domain/coffer-error';
import { appendAudit } from '../../journal/audit-chain';
import { fingerprint, type Signer, verifySignature } from '../../journal/signing';
import { listApprovers, pinsInForce } from './approvers';
import { readApprovalFile } from './files';
import { type ApprovalContext, type ApprovalPlan, approvedHere } from './plan';
import { refuseFuture, sameName } from './refusals';
import { accountOf } from './request';

/** Takes an approval in, or throws with the reason; a refusal is in the audit log too. */
export async function acceptApproval(
  context: ApprovalContext,
  own: Signer,
  plan: ApprovalPlan,
  text: string,
): Promise<void> {
  let approval: ApprovalFile | null = null;
  try {
    approval = readApprovalFile(text);
    await refuseUnlessGood(context, own, plan, approval);
  } catch (error) {
    if (!(error instanceof CofferError)) throw error;
    const { code, message } = error;
    await context.store.transaction((tx) =>
      appendAudit(tx, {
        at: context.now(),
        actor: context.actor(),
        action: 'approval.refused',
        subject: plan.period,
        payload: { code, message, nonce: approval?.subject.nonce ?? null },
      }),
    );
    throw error;
  }
  const { subject } = approval;
  const good = approval;
  await context.store.transaction(async (tx) => {
    const at = context.now();
    const pin = await pinsInForce(tx).where('public_key', '=', good.approverKey).executeTakeFirstOrThrow();
    await tx
      .insertInto('second_approval')
      .values({
        nonce: subject.nonce,
        pin_id: pin.pin_id,
        approver: good.approver,
        signed_at: good.signedAt,
        accepted_at: at.toISOString(),
        document: canonicalJson(good),
      })
      .execute();
    await appendAudit(tx, {
      at,
      actor: context.actor(),
      action: 'approval.accepted',
      subject: plan.period,
      payload: {
        approver: good.approver,
        fingerprint: fingerprint(good.approverKey),
        planHash: subject.planHash,
        nonce: subject.nonce,
        signature: good.signature,
      },
    });
  });
}

async function refuseUnlessGood(
  context: ApprovalContext,
  own: Signer,
  plan: ApprovalPlan,
  approval: ApprovalFile,
): Promise<void> {
  const { signature, ...content } = approval;
  const { subject } = content;
  const { db } = context.store;
  const ask = 'Save a new request and have it signed again.';
  const pinned = (await listApprovers(db)).find((one) => one.publicKey === approval.approverKey);
  if (approval.approverKey === own.publicKey || approval.approverKey === subject.requesterKey) {
    throw new CofferError(
      'approval-same-person',
      'This was signed with the key of the machine that asked.',
      'A second person has to sign it, on another machine.',
    );
  }
  if (pinned === undefined) {
    throw new CofferError(
      'approval-wrong-key',
      `This was signed with a key that is not pinned here (${fingerprint(approval.approverKey)}).`,
      'Exchange keys under Settings → Operator first, and compare the fingerprints.',
    );
  }
  if (!verifySignature(approval.approverKey, canonicalJson(content), signature)) {
    throw new CofferError('approval-altered', 'This approval was changed after it was signed.', ask);
  }
  if (sameName(pinned.name, context.actor()) || sameName(approval.approver, subject.requestedBy)) {
    throw new CofferError(
      'approval-same-person',
      `${approval.approver} prepared this plan too.`,
      'Another person has to approve it.',
    );
  }
  const request = await db
    .selectFrom('approval_request')
    .selectAll()
    .where('nonce', '=', subject.nonce)
    .executeTakeFirst();
  if (request === undefined) {
    throw new CofferError('approval-unknown', 'Nothing was requested here that this approval answers.', ask);
  }
  if (request.subject !== canonicalJson(subject)) {
    throw new CofferError(
      'approval-altered',
      'This approval is not of what was requested: plan, amount, month or expiry differ.',
      ask,
    );
  }
  const used = await db
    .selectFrom('second_approval')
    .select('accepted_at')
    .where('nonce', '=', subject.nonce)
    .executeTakeFirst();
  if (used !== undefined) {
    throw new CofferError('approval-replayed', `This approval was taken in already, on ${used.accepted_at}.`, ask);
  }
  if (subject.expiresAt < context.now().toISOString()) {
    throw new CofferError('approval-expired', `This approval expired on ${subject.expiresAt}.`, ask);
  }
  refuseFuture(context.now(), approval.signedAt);
  if (subject.stripeAccount !== (await accountOf(context))) {
    throw new CofferError(
      'approval-other-account',
      `This approval is for the Stripe account ${subject.stripeAccount}, which is not the one connected here.`,
      ask,
    );
  }
  if (
    subject.kind !== plan.kind ||
    subject.period !== plan.period ||
    subject.version !== plan.version ||
    subject.planHash !== plan.hash ||
    (await approvedHere(db, plan)) !== plan.hash
  ) {
    throw new CofferError(
      'approval-other-plan',
      'This approval is of another plan: holds, accounts or amounts changed since.',
      ask,
    );
  }
}
