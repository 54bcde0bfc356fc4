/**
 * Above a configured amount a month is paid, a migration moves and revenue is withdrawn only with the approval of a second person,
 * given on another machine: one machine cannot prove two people. The request names plan, amounts, month, expiry and a nonce; the approval is signed with a key that was pinned
 * beforehand. Bound to the plan's hash: it lapses with the plan. Source: docs/second-approval.md.
 */
import {
  type ApprovalFile,
  type ApprovalKind,
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
import type { Blocker } from './month-end/run';
import { approvalLimitOf, readSettings } from './settings';

/** How long a request can be answered. */
const VALID_MS = 72 * 3_600_000;
/** The clocks of two machines may differ by so much. */
const CLOCK_MS = 5 * 60_000;

type ApprovalContext = Pick<ServiceContext, 'store' | 'mode' | 'now' | 'actor' | 'newId' | 'rail'>;

/** What a second person approves: a plan by its hash, with its totals. A migration has version 1. */
export interface ApprovalPlan {
  readonly kind: ApprovalKind;
  readonly period: string;
  readonly version: number;
  readonly hash: string;
  readonly totals: ApprovalSubject['totals'];
  /** What went out for the same purpose lately, in minor units of its one currency: it counts towards the limit. */
  readonly lately?: bigint;
}

function totalsOf(rows: readonly { readonly currency: string; readonly amount: bigint }[]): ApprovalSubject['totals'] {
  const totals = new Map<string, { amount: bigint; payouts: number }>();
  for (const { currency, amount } of rows) {
    const sum = totals.get(currency) ?? { amount: 0n, payouts: 0 };
    totals.set(currency, { amount: sum.amount + amount, payouts: sum.payouts + 1 });
  }
  return [...totals]
    .sort()
    .map(([code, sum]) => ({ currency: code, amount: String(sum.amount), payouts: sum.payouts }));
}

/** The payouts of a month: the whole plan counts, also when only a part of it is paid again. */
export function payoutsToApprove(plan: {
  readonly period: string;
  readonly version: number;
  readonly hash: string;
  readonly lines: readonly { readonly disposition: string; readonly currency: string; readonly payable: bigint }[];
}): ApprovalPlan {
  const paid = plan.lines.filter((line) => line.disposition === 'paid');
  const totals = totalsOf(paid.map((line) => ({ currency: line.currency, amount: line.payable })));
  return { kind: 'month-end', period: plan.period, version: plan.version, hash: plan.hash, totals };
}

export function migrationToApprove(plan: {
  readonly period: string;
  readonly hash: string;
  readonly movements: readonly { readonly currency: string; readonly amount: bigint }[];
}): ApprovalPlan {
  return { kind: 'migration', period: plan.period, version: 1, hash: plan.hash, totals: totalsOf(plan.movements) };
}

/** `lately`: withdrawn before, so that nobody stays below the limit in parts. */
export function withdrawalToApprove(
  plan: { readonly period: string; readonly plan_hash: string; readonly currency: string; readonly amount: bigint },
  lately: bigint,
): ApprovalPlan {
  const { period, plan_hash: hash } = plan;
  return { kind: 'withdrawal', period, version: 1, hash, totals: totalsOf([plan]), lately };
}

/** Whose money it is. Throws `StripeUnavailable`; a `CofferError` when the key may not read it. */
async function accountOf(context: Pick<ApprovalContext, 'rail'>): Promise<string> {
  const account = await context.rail.account();
  if (account !== null) return account;
  throw new CofferError(
    'account-unknown',
    'The Stripe key may not read which account it belongs to.',
    'Grant it the permission to read the account, then try again.',
  );
}

/** The hash of the plan that was approved on this machine; null when none is. */
async function approvedHere(db: Queries, { kind, period, hash }: ApprovalPlan): Promise<string | null> {
  switch (kind) {
    case 'month-end': {
      const run = db
        .selectFrom('month_end_run')
        .select('plan_hash')
        .where('period', '=', period)
        .where('current', '=', 1n);
      return (await run.executeTakeFirst())?.plan_hash ?? null;
    }
    case 'migration': {
      const run = db.selectFrom('migration_run').select('plan_hash').where('current', '=', 1n);
      return (await run.where('approved_by', 'is not', null).executeTakeFirst())?.plan_hash ?? null;
    }
    case 'withdrawal': {
      const plan = db.selectFrom('withdrawal').select('plan_hash').where('plan_hash', '=', hash);
      const approved = plan.where('approved_by', 'is not', null).where('canceled_at', 'is', null);
      return (await approved.executeTakeFirst())?.plan_hash ?? null;
    }
  }
}

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

// Keys ---------------------------------------------------------------------------------------------------------------

export function ownKeyFile(name: string, signer: Signer): ApproverKeyFile {
  return { format: 'coffer-approver-key-v1', name, publicKey: signer.publicKey };
}

export function readKeyFile(text: string): ApproverKeyFile {
  return parsed(approverKeyFile.safeParse(json(text)), 'a key of an approver');
}

function pinsInForce(db: Queries) {
  return db
    .selectFrom('approver')
    .leftJoin('approver_revoked', 'approver_revoked.pin_id', 'approver.pin_id')
    .selectAll('approver')
    .where('approver_revoked.pin_id', 'is', null);
}

/** The keys that are pinned now; those that were revoked stay in the database and in the audit log. */
export async function listApprovers(db: Queries): Promise<ApproverView[]> {
  const rows = await pinsInForce(db).orderBy('name').execute();
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
    const known = await pinsInForce(tx).where('public_key', '=', approver.publicKey).executeTakeFirst();
    if (known !== undefined) {
      throw new CofferError(
        'approver-known',
        `This key is pinned already, as the key of ${known.name}.`,
        'To pin it under another name, revoke it first.',
      );
    }
    const pinId = crypto.randomUUID();
    await tx
      .insertInto('approver')
      .values({
        pin_id: pinId,
        public_key: approver.publicKey,
        name: approver.name,
        pinned_at: at.toISOString(),
        pinned_by: context.actor(),
      })
      .execute();
    await appendAudit(tx, {
      at,
      actor: context.actor(),
      action: 'approver.pinned',
      subject: approver.name,
      payload: { pinId, publicKey: approver.publicKey, fingerprint: print },
    });
  });
}

/** Ends a pin; what was approved under it does not count any more, also when the key is pinned anew. */
export async function revokeApprover(context: ApprovalContext, publicKey: string): Promise<void> {
  await context.store.transaction(async (tx) => {
    const known = await pinsInForce(tx).where('public_key', '=', publicKey).executeTakeFirst();
    if (known === undefined) return;
    const at = context.now();
    await tx
      .insertInto('approver_revoked')
      .values({ pin_id: known.pin_id, at: at.toISOString(), by: context.actor() })
      .execute();
    await appendAudit(tx, {
      at,
      actor: context.actor(),
      action: 'approver.revoked',
      subject: known.name,
      payload: { pinId: known.pin_id, publicKey, fingerprint: fingerprint(publicKey) },
    });
  });
}

// Request ------------------------------------------------------------------------------------------------------------

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

function refuseFuture(now: Date, writtenAt: string): void {
  if (Date.parse(writtenAt) <= now.getTime() + CLOCK_MS) return;
  throw new CofferError(
    'approval-not-yet-valid',
    `This file says it was written on ${writtenAt}, which is still to come by the clock of this computer.`,
    'Set the clocks of both computers right, then save a new request.',
  );
}

// Accept -------------------------------------------------------------------------------------------------------------

/** Takes an approval in, or throws with the reason; a refusal is in the audit log too. */
export async function acceptApproval(
  context: ApprovalContext,
  own: Signer,
  plan: ApprovalPlan,
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
