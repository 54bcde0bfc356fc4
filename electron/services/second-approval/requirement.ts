/**
 * Above a configured amount a month is paid, a migration moves and revenue is withdrawn only with the approval of a second person,
 * given on another machine: one machine cannot prove two people. The request names plan, amounts, month, expiry and a nonce; the
 * approval is signed with a key that was pinned beforehand. Bound to the plan's hash: it lapses with the plan. Source:
 * docs/second-approval.md.
 */
import { type ApprovalSubject, approvalFile, type SecondApprovalView } from '../../../shared/contract/approvals';
import { canonicalJson } from '../../../shared/domain/canonical-json';
import { CofferError } from '../../../shared/domain/coffer-error';
import { amountText } from '../../../shared/money/amount-text';
import { currency as toCurrency } from '../../../shared/money/money';
import { verifySignature } from '../../journal/signing';
import type { Queries } from '../../store/store';
import type { Blocker } from '../month-end/run';
import { approvalLimitOf, readSettings } from '../settings';
import { json } from './files';
import type { ApprovalContext, ApprovalPlan } from './plan';

/** The totals that are above the limit of their currency. */
async function aboveLimit(db: Queries, plan: ApprovalPlan): Promise<ApprovalSubject['totals']> {
  const settings = await readSettings(db);
  return plan.totals.filter(({ currency, amount }) => {
    const limit = approvalLimitOf(settings, currency);
    return limit !== null && BigInt(amount) + (plan.lately ?? 0n) > limit;
  });
}

async function approvalOf(db: Queries, plan: ApprovalPlan) {
  return db
    .selectFrom('second_approval')
    .innerJoin('approval_request', 'approval_request.nonce', 'second_approval.nonce')
    .innerJoin('approver as pin', 'pin.pin_id', 'second_approval.pin_id')
    .leftJoin('approver_revoked', 'approver_revoked.pin_id', 'pin.pin_id')
    .select([
      'second_approval.approver',
      'second_approval.accepted_at',
      'second_approval.document',
      'pin.public_key',
      'approver_revoked.at as revoked_at',
      'approval_request.subject',
      'approval_request.expires_at',
    ])
    .where('approval_request.period', '=', plan.period)
    .where('approval_request.version', '=', BigInt(plan.version))
    .where('approval_request.plan_hash', '=', plan.hash)
    .orderBy('accepted_at', 'desc')
    .limit(1)
    .executeTakeFirst();
}

type GivenApproval = NonNullable<Awaited<ReturnType<typeof approvalOf>>>;

/** The signature is verified anew each time, with the pinned key: what the database says was accepted is not enough. */
function isSigned(given: GivenApproval, plan: ApprovalPlan): boolean {
  const document = approvalFile.safeParse(json(given.document));
  if (!document.success) return false;
  const { signature, ...content } = document.data;
  const { subject } = content;
  return (
    content.approverKey === given.public_key &&
    verifySignature(given.public_key, canonicalJson(content), signature) &&
    canonicalJson(subject) === given.subject &&
    subject.kind === plan.kind &&
    subject.planHash === plan.hash &&
    subject.expiresAt === given.expires_at
  );
}

/** Why an approval that was taken in does not count now; null when it does. `begun`: payouts of the plan were sent. */
function fault(context: ApprovalContext, given: GivenApproval, plan: ApprovalPlan, begun: boolean): string | null {
  if (given.revoked_at !== null) {
    return `${given.approver} approved this plan, but the key was revoked on ${given.revoked_at}.`;
  }
  if (!isSigned(given, plan)) {
    return `The approval by ${given.approver} that is kept here is not what was signed: the database was changed.`;
  }
  if (!begun && given.expires_at < context.now().toISOString()) {
    return `The approval by ${given.approver} expired on ${given.expires_at}.`;
  }
  return null;
}

/** An approval that does not count any more is not shown, so that a new one can be asked for. */
export async function secondApprovalView(
  context: ApprovalContext,
  plan: ApprovalPlan,
  begun: boolean,
): Promise<SecondApprovalView> {
  const above = await aboveLimit(context.store.db, plan);
  const kept = await approvalOf(context.store.db, plan);
  const given = kept !== undefined && fault(context, kept, plan, begun) === null ? kept : undefined;
  return {
    above: above.map(({ currency, amount }) => ({ currency, amount })),
    approvedBy: given?.approver ?? null,
    approvedAt: given?.accepted_at ?? null,
    expiresAt: given?.expires_at ?? null,
  };
}

/** What blocks paying this plan; empty when no second person is needed or one has approved it. `begun`: payouts of it were sent. */
export async function secondApprovalBlockers(
  context: ApprovalContext,
  plan: ApprovalPlan,
  begun: boolean,
): Promise<Blocker[]> {
  const { db } = context.store;
  const above = await aboveLimit(db, plan);
  if (above.length === 0) return [];
  const amounts = above.map((one) => amountText(BigInt(one.amount), toCurrency(one.currency))).join(', ');
  const given = await approvalOf(db, plan);
  const action = 'Save the request, let the second person sign it on their machine, and take the approval in.';
  if (given === undefined) {
    return [
      {
        code: 'second-approval',
        message: `${amounts}${latelyText(plan)} is above the limit that one person may pay: a second person has to approve this plan.`,
        action,
      },
    ];
  }
  const message = fault(context, given, plan, begun);
  if (message !== null) return [{ code: 'second-approval', message, action }];
  return [];
}

function latelyText({ totals: [first], lately = 0n }: ApprovalPlan): string {
  if (first === undefined || lately === 0n) return '';
  return `, with ${amountText(lately, toCurrency(first.currency))} withdrawn in the last 30 days,`;
}

/** Throws what `secondApprovalBlockers` found. */
export async function requireSecondApproval(
  context: ApprovalContext,
  plan: ApprovalPlan,
  begun: boolean,
): Promise<void> {
  const [second] = await secondApprovalBlockers(context, plan, begun);
  if (second !== undefined) throw new CofferError(second.code, second.message, second.action);
}
