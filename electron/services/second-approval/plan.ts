/** What a second person approves: a plan of payouts, of a migration or of a withdrawal, by its hash and with its totals. */
import type { ApprovalKind, ApprovalSubject } from '../../../shared/contract/approvals';
import type { Queries } from '../../store/store';
import type { ServiceContext } from '../context';

export type ApprovalContext = Pick<ServiceContext, 'store' | 'mode' | 'now' | 'actor' | 'newId' | 'rail'>;

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

/** The hash of the plan that was approved on this machine; null when none is. */
export async function approvedHere(db: Queries, { kind, period, hash }: ApprovalPlan): Promise<string | null> {
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
