/**
 * Above a configured amount a month is paid only with the approval of a second person, given on another machine: one machine cannot
 * prove two people. The request names plan, amounts, month, expiry and a nonce; the approval is signed with a key that was pinned
 * beforehand. Bound to the plan's hash: it lapses with the plan. Source: docs/security.md, "Two people".
 */
import {
  type ApprovalFile,
  type ApprovalRequestFile,
  type ApprovalSubject,
  type ApproverKeyFile,
  type ApproverView,
  approvalFile,
  approvalRequestFile,
  approverKeyFile,
  type SecondApprovalView,
} from '../../shared/contract/approvals';
import { canonicalJson } from '../../shared/domain/canonical-json';
import { CofferError } from '../../shared/domain/coffer-error';
import { amountText } from '../../shared/money/amount-text';
import { currency as toCurrency } from '../../shared/money/money';
import { appendAudit } from '../journal/audit-chain';
import { fingerprint, type Signer, verifySignature } from '../journal/signing';
import type { Queries } from '../store/store';
import type { ServiceContext } from './context';
import { type Blocker, readRun } from './month-end/run';
import { readSettings } from './settings';
import type { PayoutPlan } from './stripe-transfer';

/** How long a request can be answered. */
const VALID_MS = 72 * 3_600_000;

type ApprovalContext = Pick<ServiceContext, 'store' | 'mode' | 'now' | 'actor' | 'newId'>;

/** Σ of a plan's payouts by currency. */
export function planTotals(plan: Pick<PayoutPlan, 'lines'>): ApprovalSubject['totals'] {
  const totals = new Map<string, { amount: bigint; payouts: number }>();
  for (const line of plan.lines) {
    if (line.disposition !== 'paid') continue;
    const sum = totals.get(line.currency) ?? { amount: 0n, payouts: 0 };
    totals.set(line.currency, { amount: sum.amount + line.payable, payouts: sum.payouts + 1 });
  }
  return [...totals]
    .sort()
    .map(([code, sum]) => ({ currency: code, amount: String(sum.amount), payouts: sum.payouts }));
}

/** The totals that are above the limit of their currency. */
async function aboveLimit(db: Queries, plan: Pick<PayoutPlan, 'lines'>): Promise<ApprovalSubject['totals']> {
  const { approvalLimit } = await readSettings(db);
  return planTotals(plan).filter(({ currency, amount }) => {
    const limit = approvalLimit[currency];
    return limit !== undefined && BigInt(amount) > BigInt(limit);
  });
}

async function approvalOf(db: Queries, plan: Pick<PayoutPlan, 'period' | 'version' | 'hash'>) {
  return db
    .selectFrom('second_approval')
    .innerJoin('approval_request', 'approval_request.nonce', 'second_approval.nonce')
    .select([
      'second_approval.approver',
      'second_approval.accepted_at',
      'second_approval.public_key',
      'approval_request.expires_at',
    ])
    .where('approval_request.period', '=', plan.period)
    .where('approval_request.version', '=', BigInt(plan.version))
    .where('approval_request.plan_hash', '=', plan.hash)
    .orderBy('accepted_at', 'desc')
    .limit(1)
    .executeTakeFirst();
}

export async function secondApprovalView(context: ApprovalContext, plan: PayoutPlan): Promise<SecondApprovalView> {
  const above = await aboveLimit(context.store.db, plan);
  const given = await approvalOf(context.store.db, plan);
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
  plan: PayoutPlan,
  begun: boolean,
): Promise<Blocker[]> {
  const { db } = context.store;
  const above = await aboveLimit(db, plan);
  if (above.length === 0) return [];
  const amounts = above.map((one) => amountText(BigInt(one.amount), toCurrency(one.currency))).join(', ');
  const given = await approvalOf(db, plan);
  const action =
    'Save a request under Approve, let the second person sign it on their machine, and take the approval in.';
  if (given === undefined) {
    return [
      {
        code: 'second-approval',
        message: `${amounts} is above the limit: a second person has to approve this plan.`,
        action,
      },
    ];
  }
  const pinned = await db
    .selectFrom('approver')
    .select('public_key')
    .where('public_key', '=', given.public_key)
    .executeTakeFirst();
  if (pinned === undefined) {
    return [
      {
        code: 'second-approval',
        message: `${given.approver} approved this plan, but is no longer an approver here.`,
        action,
      },
    ];
  }
  if (!begun && given.expires_at < context.now().toISOString()) {
    return [
      { code: 'second-approval', message: `The approval by ${given.approver} expired on ${given.expires_at}.`, action },
    ];
  }
  return [];
}

// Keys ---------------------------------------------------------------------------------------------------------------

export function ownKeyFile(name: string, signer: Signer): ApproverKeyFile {
  return { format: 'coffer-approver-key-v1', name, publicKey: signer.publicKey };
}

export function readKeyFile(text: string): ApproverKeyFile {
  return parsed(approverKeyFile.safeParse(json(text)), 'a key of an approver');
}

export async function listApprovers(db: Queries): Promise<ApproverView[]> {
  const rows = await db.selectFrom('approver').selectAll().orderBy('name').execute();
  return rows.map((row) => ({
    name: row.name,
    publicKey: row.public_key,
    fingerprint: fingerprint(row.public_key),
    pinnedAt: row.pinned_at,
  }));
}

/** Pins a key. `confirmed`: the last group of its fingerprint, as the other person read it out. */
export async function pinApprover(
  context: ApprovalContext,
  own: Signer,
  approver: { readonly name: string; readonly publicKey: string; readonly confirmed: string },
): Promise<void> {
  const print = fingerprint(approver.publicKey);
  if (print.slice(-4) !== approver.confirmed.trim().toLowerCase()) {
    throw new CofferError(
      'fingerprint-differs',
      'This is not the end of the fingerprint.',
      'Let the other person read it out from their own screen; if it differs, the file was changed on its way.',
    );
  }
  if (approver.publicKey === own.publicKey) {
    throw new CofferError(
      'approval-same-person',
      'This is the key of this machine.',
      'Pin the key of another machine.',
    );
  }
  await context.store.transaction(async (tx) => {
    const at = context.now();
    await tx
      .insertInto('approver')
      .values({
        public_key: approver.publicKey,
        name: approver.name,
        pinned_at: at.toISOString(),
        pinned_by: context.actor(),
      })
      .onConflict((conflict) => conflict.column('public_key').doUpdateSet({ name: approver.name }))
      .execute();
    await appendAudit(tx, {
      at,
      actor: context.actor(),
      action: 'approver.pinned',
      subject: approver.name,
      payload: { publicKey: approver.publicKey, fingerprint: print },
    });
  });
}

export async function unpinApprover(context: ApprovalContext, publicKey: string): Promise<void> {
  await context.store.transaction(async (tx) => {
    const known = await tx.selectFrom('approver').select('name').where('public_key', '=', publicKey).executeTakeFirst();
    if (known === undefined) return;
    await tx.deleteFrom('approver').where('public_key', '=', publicKey).execute();
    await appendAudit(tx, {
      at: context.now(),
      actor: context.actor(),
      action: 'approver.removed',
      subject: known.name,
      payload: { publicKey },
    });
  });
}

// Request ------------------------------------------------------------------------------------------------------------

/** Asks for the approval of the plan that was approved here, and notes that it was asked. */
export async function requestApproval(
  context: ApprovalContext,
  own: Signer,
  plan: PayoutPlan,
): Promise<ApprovalRequestFile> {
  const run = await readRun(context.store.db, plan.period);
  if (run === null || run.planHash !== plan.hash) {
    throw new CofferError(
      'not-approved',
      'This plan is not approved here.',
      'Approve it first; then ask the second person.',
    );
  }
  const totals = planTotals(plan);
  if (totals.length === 0)
    throw new CofferError('nothing-to-approve', 'This plan pays nobody.', 'Nothing has to be approved.');
  const at = context.now();
  const subject: ApprovalSubject = {
    mode: modeOf(context),
    period: plan.period,
    version: plan.version,
    planHash: plan.hash,
    totals,
    requestedBy: context.actor(),
    requesterKey: own.publicKey,
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

function modeOf({ mode }: Pick<ApprovalContext, 'mode'>): ApprovalSubject['mode'] {
  if (mode === 'sandbox' || mode === 'test' || mode === 'live') return mode;
  throw new Error(`no such mode: ${mode}`);
}

// Sign, on the other machine -----------------------------------------------------------------------------------------

/** Throws when it was changed on its way. */
export function readRequestFile(text: string): ApprovalRequestFile {
  const request = parsed(approvalRequestFile.safeParse(json(text)), 'a request for approval');
  const { format, subject } = request;
  if (!verifySignature(subject.requesterKey, canonicalJson({ format, subject }), request.signature)) {
    throw new CofferError('approval-altered', 'This request was changed after it was made.', 'Ask for a new one.');
  }
  return request;
}

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

// Accept -------------------------------------------------------------------------------------------------------------

/** Takes an approval in, or throws with the reason; a refusal is in the audit log too. */
export async function acceptApproval(
  context: ApprovalContext,
  own: Signer,
  plan: PayoutPlan,
  text: string,
): Promise<void> {
  let approval: ApprovalFile | null = null;
  try {
    approval = parsed(approvalFile.safeParse(json(text)), 'an approval');
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
    await tx
      .insertInto('second_approval')
      .values({
        nonce: subject.nonce,
        approver: good.approver,
        public_key: good.approverKey,
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
  plan: PayoutPlan,
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
  const run = await readRun(db, plan.period);
  if (
    subject.period !== plan.period ||
    subject.version !== plan.version ||
    subject.planHash !== plan.hash ||
    run?.planHash !== plan.hash
  ) {
    throw new CofferError(
      'approval-other-plan',
      'This approval is of another plan: holds, accounts or amounts changed since.',
      ask,
    );
  }
}

const sameName = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase();

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function parsed<T>(
  result: { readonly success: true; readonly data: T } | { readonly success: false },
  what: string,
): T {
  if (result.success) return result.data;
  throw new CofferError(
    'approval-malformed',
    `This file is not ${what}.`,
    'Choose the file that the other machine saved.',
  );
}
