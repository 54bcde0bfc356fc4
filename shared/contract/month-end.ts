import { z } from 'zod';
import { amountIn, channel, checkView, currencyCode, id, instant, minor, nothing, periodText } from './channel';

export const monthEndStep = z.enum([
  'preflight',
  'lock',
  'earnings',
  'lapse',
  'fund',
  'approve',
  'pay',
  'reconcile',
  'close',
]);
export type MonthEndStep = z.infer<typeof monthEndStep>;

export const periodState = z.enum([
  'open',
  'locked',
  'calculated',
  'lapsed',
  'funded',
  'approved',
  'paying',
  'paid',
  'reconciled',
  'closed',
]);
export type PeriodState = z.infer<typeof periodState>;

/** One line of facts on a step: an amount, or a text. */
export const fact = z.strictObject({
  label: z.string(),
  amount: amountIn.nullable(),
  text: z.string().nullable(),
});
export type Fact = z.infer<typeof fact>;

export const stepWarning = z.strictObject({ code: z.string(), message: z.string(), acknowledged: z.boolean() });

export const stepView = z.strictObject({
  step: monthEndStep,
  title: z.string(),
  /** What the step needs and does, one sentence. */
  purpose: z.string(),
  state: z.enum(['waiting', 'ready', 'running', 'attention', 'done']),
  blockers: z.array(z.strictObject({ code: z.string(), message: z.string(), action: z.string() })),
  warnings: z.array(stepWarning),
  facts: z.array(fact),
  startedAt: instant.nullable(),
  endedAt: instant.nullable(),
  actor: z.string().nullable(),
  /** Label of the step's button, with verb and count: "Pay 41 creators". */
  button: z.string(),
  /** What has to be typed for this step; empty when nothing has to be. */
  confirmation: z.string(),
});
export type StepView = z.infer<typeof stepView>;

export const guidedTask = z.strictObject({
  intentId: id,
  currency: currencyCode,
  amount: minor,
  title: z.string(),
  /** The clicks in the Stripe dashboard, in order. */
  clicks: z.array(z.string()),
  since: instant,
  /** Transfers seen at the latest look that are not the one asked for, and what to do about each. */
  seen: z.array(z.strictObject({ what: z.string(), todo: z.string() })),
});
export type GuidedTask = z.infer<typeof guidedTask>;

export const payoutCause = z.strictObject({
  cause: z.string(),
  count: z.int(),
  amounts: z.array(amountIn),
  nextAction: z.string(),
});

export const payOutcome = z.strictObject({
  currency: currencyCode,
  planned: z.int(),
  posted: z.int(),
  processing: z.int(),
  failed: z.int(),
  unknown: z.int(),
  plannedAmount: minor,
  postedAmount: minor,
  failedAmount: minor,
});

export const monthEndView = z.strictObject({
  period: periodText,
  state: periodState,
  /** 1 for the first run of the period; a reopened period has a higher version. */
  version: z.int(),
  steps: z.array(stepView),
  running: z.boolean(),
  outcomes: z.array(payOutcome),
  causes: z.array(payoutCause),
  guided: z.array(guidedTask),
  planHash: z.string().nullable(),
  approvedBy: z.string().nullable(),
  approvedAt: instant.nullable(),
  closedBy: z.string().nullable(),
  closedAt: instant.nullable(),
});
export type MonthEndView = z.infer<typeof monthEndView>;

export const periodRow = z.strictObject({
  period: periodText,
  state: periodState,
  collected: z.array(amountIn),
  paid: z.array(amountIn),
  revenue: z.array(amountIn),
  closedAt: instant.nullable(),
});
export type PeriodRow = z.infer<typeof periodRow>;

export const planLine = z.strictObject({
  creatorId: z.string(),
  displayName: z.string(),
  currency: currencyCode,
  payable: minor,
  disposition: z.enum(['paid', 'held', 'carried']),
  reason: z.string(),
  destination: z.string(),
});

export const payoutPlan = z.strictObject({
  period: periodText,
  planHash: z.string(),
  totals: z.array(
    z.strictObject({
      currency: currencyCode,
      payCount: z.int(),
      pay: minor,
      heldCount: z.int(),
      held: minor,
      carriedCount: z.int(),
      carried: minor,
      suspense: minor,
      storageBefore: minor,
      storageAfter: minor,
    }),
  ),
  /** The first 500 lines; the Payouts screen pages through all of them. */
  lines: z.array(planLine).max(500),
  lineCount: z.int(),
});
export type PayoutPlanView = z.infer<typeof payoutPlan>;

export const monthEndChannels = {
  'monthEnd.periods': channel(nothing, z.array(periodRow).max(500)),
  'monthEnd.status': channel(z.strictObject({ period: periodText }), monthEndView),
  /** Runs one step to its end; `typed` is the confirmation where the step asks for one. */
  'monthEnd.run': channel(
    z.strictObject({ period: periodText, step: monthEndStep, typed: z.string().max(200).optional() }),
    monthEndView,
  ),
  'monthEnd.acknowledge': channel(
    z.strictObject({ period: periodText, step: monthEndStep, code: z.string() }),
    monthEndView,
  ),
  'monthEnd.preflight': channel(z.strictObject({ period: periodText }), z.array(checkView)),
  'monthEnd.plan': channel(z.strictObject({ period: periodText }), payoutPlan),
  'monthEnd.approve': channel(z.strictObject({ period: periodText, planHash: z.string() }), monthEndView),
  'monthEnd.stop': channel(z.strictObject({ period: periodText }), monthEndView),
  /** Looks at Stripe whether the guided movement was made, and matches it. */
  'monthEnd.checkGuided': channel(z.strictObject({ period: periodText }), monthEndView),
  'monthEnd.reopen': channel(
    z.strictObject({ period: periodText, reason: z.string().trim().min(3).max(500) }),
    monthEndView,
  ),
} as const;
