/**
 * Takes revenue out: a payout of Payments to the platform's own bank account, never more than is safe to withdraw. Planned with its
 * arithmetic, approved by the hash of the plan, typed, written down as an intent, followed until it arrived, and after that too.
 * Amounts in minor units.
 */
import { createHash } from 'node:crypto';
import type { Selectable } from 'kysely';
import { type NamedAmount, namedAmount } from '../../shared/contract/balances';
import type { WithdrawalView } from '../../shared/contract/revenue';
import { canonicalJson } from '../../shared/domain/canonical-json';
import { CofferError } from '../../shared/domain/coffer-error';
import { confirmationText, requireTyped } from '../../shared/domain/confirmation';
import { amountText } from '../../shared/money/amount-text';
import { type Currency, parseCurrency, currency as toCurrency } from '../../shared/money/money';
import { appendAudit } from '../journal/audit-chain';
import { type Intent, occupiesSubject } from '../journal/intent';
import { listIntents, recordOutcome } from '../journal/journal';
import type { Schema } from '../store/schema';
import type { Queries } from '../store/store';
import { conservationBlockers } from './conservation';
import { busy, type RunGuard, type ServiceContext } from './context';
import { safeToWithdraw } from './revenue';
import { type ApprovalPlan, withdrawalToApprove } from './second-approval/plan';
import { requireSecondApproval } from './second-approval/requirement';
import { move, readBalances, settleRun } from './stripe-storage-balance';

type WithdrawalRow = Selectable<Schema['withdrawal']>;

const LISTED = 100;
const LIMIT_DAYS = 30;

const runOf = (id: string): string => `withdrawal:${id}`;

/** Newest first. */
export async function listWithdrawals(context: ServiceContext, currency: string): Promise<WithdrawalView[]> {
  const { db } = context.store;
  const rows = await db
    .selectFrom('withdrawal')
    .selectAll()
    .where('currency', '=', currency)
    .orderBy('planned_at', 'desc')
    .limit(LISTED)
    .execute();
  const intents = new Map((await listIntents(db, { kinds: ['withdraw'] })).map((intent) => [intent.run, intent]));
  return rows.map((row) => viewOf(row, intents.get(runOf(row.withdrawal_id))));
}

/** Writes a plan with the arithmetic of now. Throws `CofferError` when it is more than is safe, `StripeUnavailable`. */
export async function planWithdrawal(context: ServiceContext, code: string, amount: bigint): Promise<WithdrawalView> {
  const currency = parseCurrency(code);
  if (currency === undefined)
    throw new CofferError('currency-unknown', `${code} is no known currency.`, 'Choose another.');
  if (amount <= 0n) throw new CofferError('amount-zero', 'The amount is zero.', 'Write how much to withdraw.');
  const terms = await requireSafe(context, currency, amount);
  const row: WithdrawalRow = {
    withdrawal_id: context.newId(),
    currency,
    amount,
    period: context.stripeNow().toISOString().slice(0, 7),
    terms: JSON.stringify(terms),
    plan_hash: '',
    planned_by: context.actor(),
    planned_at: context.now().toISOString(),
    approved_by: null,
    approved_at: null,
    canceled_at: null,
  };
  const planned = { ...row, plan_hash: hashOf(context, row) };
  await context.store.transaction(async (tx) => {
    await tx.insertInto('withdrawal').values(planned).execute();
    await appendAudit(tx, {
      at: context.now(),
      actor: context.actor(),
      action: 'withdrawal.planned',
      subject: planned.withdrawal_id,
      payload: { currency, amount: String(amount), planHash: planned.plan_hash },
    });
  });
  return viewOf(planned, undefined);
}

/** Approves the plan with this hash, if its amount is still safe to withdraw. Throws `CofferError`, `StripeUnavailable`. */
export async function approveWithdrawal(
  context: ServiceContext,
  id: string,
  planHash: string,
): Promise<WithdrawalView> {
  const row = await requireRow(context, id);
  if (row.plan_hash !== planHash || row.canceled_at !== null) {
    throw new CofferError('plan-changed', 'This is not the plan that waits for approval.', 'Look at the present plan.');
  }
  if (row.approved_at !== null) return view(context, row);
  await requireSafe(context, toCurrency(row.currency), row.amount);
  const approved = { approved_by: context.actor(), approved_at: context.now().toISOString() };
  await context.store.transaction(async (tx) => {
    await tx.updateTable('withdrawal').set(approved).where('withdrawal_id', '=', id).execute();
    await appendAudit(tx, {
      at: context.now(),
      actor: context.actor(),
      action: 'withdrawal.approved',
      subject: id,
      payload: { planHash },
    });
  });
  return viewOf({ ...row, ...approved }, undefined);
}

/** Drops a plan that was not sent. */
export async function cancelWithdrawal(context: ServiceContext, id: string): Promise<void> {
  const row = await requireRow(context, id);
  const intent = await intentOf(context, id);
  if (intent !== undefined && intent.state !== 'planned') {
    throw new CofferError('withdrawal-sent', 'This withdrawal was sent to Stripe.', 'Wait for its outcome.');
  }
  if (row.canceled_at !== null) return;
  if (intent !== undefined) {
    const message = 'The withdrawal was dropped before it was sent.';
    const outcome = { state: 'canceled', stripeObject: null, requestId: null, code: 'dropped', message } as const;
    await recordOutcome(context, intent.intent_id, outcome);
  }
  await context.store.transaction(async (tx) => {
    const at = context.now().toISOString();
    await tx.updateTable('withdrawal').set({ canceled_at: at }).where('withdrawal_id', '=', id).execute();
    await appendAudit(tx, {
      at: context.now(),
      actor: context.actor(),
      action: 'withdrawal.canceled',
      subject: id,
      payload: {},
    });
  });
}

/**
 * Carries an approved withdrawal out, or goes on with it after an interruption: it is sent once, whatever happens. What is safe is
 * computed anew before it is written down. Throws `CofferError`, `StripeUnavailable`.
 */
export async function withdraw(
  context: ServiceContext,
  guard: RunGuard,
  options: { readonly id: string; readonly typed: string; readonly patienceMs: number },
): Promise<WithdrawalView> {
  const { id, typed, patienceMs } = options;
  const row = await requireRow(context, id);
  if (row.approved_at === null || row.canceled_at !== null) {
    throw new CofferError('not-approved', 'This withdrawal is not approved.', 'Approve the plan first.');
  }
  requireTyped(typed, confirmationOf(row), 'Nothing was withdrawn.');
  const result = await guard.run('withdrawal', async () => {
    const known = await intentOf(context, id);
    // Sent before: what became of it is looked up, and it is never made a second time.
    if (known === undefined || known.state === 'planned') await send(context, row, known);
    await settleRun(context, runOf(id), patienceMs, guard.shouldStop);
  });
  if (result === null) throw busy();
  return view(context, row);
}

/** Written down and sent; one that was written down and not sent counts against what is safe itself. */
async function send(context: ServiceContext, row: WithdrawalRow, known: Intent | undefined): Promise<void> {
  const currency = toCurrency(row.currency);
  const run = runOf(row.withdrawal_id);
  await requireSecondApproval(context, await approvalPlanOf(context, row), known !== undefined);
  await requireSafe(context, currency, known === undefined ? row.amount : 0n);
  await move(
    context,
    [
      {
        kind: 'withdraw',
        run,
        batch: run,
        subject: run,
        period: row.period,
        creatorId: null,
        currency,
        amount: row.amount,
        stripeAccount: null,
        description: `Withdrawal of revenue ${row.withdrawal_id.slice(0, 8)}`,
        approvedHash: row.plan_hash,
        retryOf: null,
      },
    ],
    { shouldStop: () => false, onSettled: () => {}, sleep: context.sleep },
  );
}

/** What a second person approves; what was withdrawn in the last 30 days counts, so that nobody stays below the limit in parts. */
async function approvalPlanOf(context: ServiceContext, row: WithdrawalRow): Promise<ApprovalPlan> {
  const since = new Date(context.now().getTime() - LIMIT_DAYS * 86_400_000).toISOString();
  const lately = (await listIntents(context.store.db, { kinds: ['withdraw'] }))
    .filter((intent) => intent.currency === row.currency && intent.run !== runOf(row.withdrawal_id))
    .filter((intent) => occupiesSubject(intent.state) && intent.created_at >= since)
    .reduce((total, intent) => total + intent.amount, 0n);
  return withdrawalToApprove(row, lately);
}

/** The plan for a second person, and whether it was sent already. */
export async function withdrawalApproval(
  context: ServiceContext,
  id: string,
): Promise<{ readonly plan: ApprovalPlan; readonly begun: boolean }> {
  const row = await requireRow(context, id);
  return { plan: await approvalPlanOf(context, row), begun: (await intentOf(context, id)) !== undefined };
}

/** True while one is approved and nothing of it was sent. */
export async function withdrawalWaits(db: Queries): Promise<boolean> {
  const rows = await db
    .selectFrom('withdrawal')
    .select('withdrawal_id')
    .where('approved_at', 'is not', null)
    .where('canceled_at', 'is', null)
    .execute();
  const sent = new Set((await listIntents(db, { kinds: ['withdraw'] })).map((intent) => intent.run));
  return rows.some((row) => !sent.has(runOf(row.withdrawal_id)));
}

/** The arithmetic of now when `amount` is within it; otherwise it is the message of the `CofferError`. */
async function requireSafe(
  context: ServiceContext,
  currency: Currency,
  amount: bigint,
): Promise<readonly NamedAmount[]> {
  const unknown = await listIntents(context.store.db, { states: ['unknown', 'sending'] });
  if (unknown.length > 0) {
    throw new CofferError(
      'unknown-operations',
      'The outcome of a movement is unknown, so nobody can say what is safe.',
      'Look it up at Stripe first.',
    );
  }
  const [differs] = await conservationBlockers(context);
  if (differs !== undefined) throw new CofferError(differs.code, differs.message, differs.action);
  const reading = { at: context.now(), balances: await readBalances(context) };
  const safe = await safeToWithdraw(context, reading, currency);
  const total = safe.terms.reduce((sum, term) => sum + BigInt(term.amount), 0n);
  if (amount > total) {
    const sum = safe.terms.map((term) => `${term.name} ${amountText(BigInt(term.amount), currency)}`).join(', ');
    throw new CofferError(
      'withdrawal-above-safe',
      `${amountText(amount, currency)} is more than the ${amountText(BigInt(safe.amount), currency)} that is safe to withdraw: ${sum}.`,
      `Withdraw at most ${amountText(BigInt(safe.amount), currency)}.`,
    );
  }
  return safe.terms;
}

async function requireRow(context: ServiceContext, id: string): Promise<WithdrawalRow> {
  const row = await context.store.db
    .selectFrom('withdrawal')
    .selectAll()
    .where('withdrawal_id', '=', id)
    .executeTakeFirst();
  if (row === undefined) throw new CofferError('withdrawal-missing', 'There is no such withdrawal.', 'Plan one.');
  return row;
}

/** The one intent of a withdrawal: it is never written a second time, whatever became of the first. */
async function intentOf(context: ServiceContext, id: string): Promise<Intent | undefined> {
  return (await listIntents(context.store.db, { run: runOf(id) })).at(-1);
}

async function view(context: ServiceContext, row: WithdrawalRow): Promise<WithdrawalView> {
  return viewOf(row, await intentOf(context, row.withdrawal_id));
}

function hashOf(context: ServiceContext, row: WithdrawalRow): string {
  const { withdrawal_id: id, currency, amount, period, terms } = row;
  const plan = { kind: 'coffer-withdrawal-plan-v1', mode: context.mode, id, currency, amount, period, terms };
  return createHash('sha256').update(canonicalJson(plan)).digest('hex');
}

function confirmationOf(row: Pick<WithdrawalRow, 'amount' | 'currency' | 'period'>): string {
  return confirmationText([{ amount: row.amount, currency: toCurrency(row.currency) }], row.period);
}

function viewOf(row: WithdrawalRow, intent: Intent | undefined): WithdrawalView {
  const before = row.canceled_at !== null ? 'dropped' : row.approved_at !== null ? 'approved' : 'planned';
  return {
    id: row.withdrawal_id,
    currency: row.currency,
    amount: String(row.amount),
    period: row.period,
    terms: namedAmount.array().parse(JSON.parse(row.terms)),
    planHash: row.plan_hash,
    plannedBy: row.planned_by,
    plannedAt: row.planned_at,
    approvedBy: row.approved_by,
    approvedAt: row.approved_at,
    confirmation: confirmationOf(row),
    state: intent === undefined ? before : intent.state === 'planned' ? 'sending' : intent.state,
    stripeObject: intent?.stripe_object ?? null,
    settledAt: intent?.settled_at ?? null,
    reason: intent?.message ?? '',
  };
}
