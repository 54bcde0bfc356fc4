/** The request for an approval, made where the plan was approved first. */
import type { ApprovalRequestFile, ApprovalSubject } from '../../../shared/contract/approvals';
import { canonicalJson } from '../../../shared/domain/canonical-json';
import { CofferError } from '../../../shared/domain/coffer-error';
import { appendAudit } from '../../journal/audit-chain';
import type { Signer } from '../../journal/signing';
import { type ApprovalContext, type ApprovalPlan, approvedHere } from './plan';

/** How long a request can be answered. */
const VALID_MS = 72 * 3_600_000;

/** Asks for the approval of the plan that was approved here, and notes that it was asked. */
export async function requestApproval(
  context: ApprovalContext,
  own: Signer,
  plan: ApprovalPlan,
): Promise<ApprovalRequestFile> {
  if ((await approvedHere(context.store.db, plan)) !== plan.hash) {
    throw new CofferError(
      'not-approved',
      'This plan is not approved here.',
      'Approve it first; then ask the second person.',
    );
  }
  const { totals } = plan;
  if (totals.length === 0)
    throw new CofferError('nothing-to-approve', 'This plan moves nothing.', 'Nothing has to be approved.');
  const at = context.now();
  const subject: ApprovalSubject = {
    kind: plan.kind,
    mode: modeOf(context),
    stripeAccount: await accountOf(context),
    period: plan.period,
    version: plan.version,
    planHash: plan.hash,
    totals,
    requestedBy: context.actor(),
    requesterKey: own.publicKey,
    issuedAt: at.toISOString(),
    expiresAt: new Date(at.getTime() + VALID_MS).toISOString(),
    nonce: crypto.randomUUID(),
  };
  await context.store.transaction(async (tx) => {
    await tx
      .insertInto('approval_request')
      .values({
        nonce: subject.nonce,
        period: plan.period,
        version: BigInt(plan.version),
        plan_hash: plan.hash,
        subject: canonicalJson(subject),
        created_at: at.toISOString(),
        expires_at: subject.expiresAt,
      })
      .execute();
    await appendAudit(tx, {
      at,
      actor: context.actor(),
      action: 'approval.requested',
      subject: plan.period,
      payload: { planHash: plan.hash, nonce: subject.nonce, expiresAt: subject.expiresAt },
    });
  });
  const format = 'coffer-approval-request-v1' as const;
  return { format, subject, signature: own.sign(canonicalJson({ format, subject })) };
}

/** Whose money it is. Throws `StripeUnavailable`; a `CofferError` when the key may not read it. */
export async function accountOf(context: Pick<ApprovalContext, 'rail'>): Promise<string> {
  const account = await context.rail.account();
  if (account !== null) return account;
  throw new CofferError(
    'account-unknown',
    'The Stripe key may not read which account it belongs to.',
    'Grant it the permission to read the account, then try again.',
  );
}

function modeOf({ mode }: Pick<ApprovalContext, 'mode'>): ApprovalSubject['mode'] {
  if (mode === 'sandbox' || mode === 'test' || mode === 'live') return mode;
  throw new Error(`no such mode: ${mode}`);
}
