/** The platform's own side: what each month brought, and what can safely be taken out of Payments. Minor units. */
import type { RevenueMonth, RevenueView } from '../../shared/contract/revenue';
import { max, min } from '../../shared/money/money';
import { type Period, periodStart } from '../../shared/period/period';
import { listIntents } from '../journal/journal';
import { sumsOverpaid } from '../ledger/ledger';
import type { ServiceContext } from './context';
import { csvFile, number, text } from './csv';
import { accruing, obligations, totalOwed } from './fund-tracking';
import { lateRefunds, waitingPayments } from './late-news';
import type { Reading } from './monitoring/snapshots';
import { payoutForecast, usageOf } from './payout-forecast';
import { readFigures, revenueAdjustments } from './period-figures';

const MONTHS = 12;

export async function revenueView(
  context: ServiceContext,
  reading: Reading | null,
  wanted: string | undefined,
): Promise<RevenueView> {
  const { db } = context.store;
  const open = await accruing(context.store);
  const rows = await db.selectFrom('period_figures').select(['period', 'currency']).execute();
  const currencies = [
    ...new Set([
      ...rows.map((row) => row.currency),
      ...(open?.results.keys() ?? []),
      ...(reading?.balances.map((one) => one.currency) ?? []),
    ]),
  ].sort();
  const currency =
    wanted !== undefined && currencies.includes(wanted)
      ? wanted
      : (currencies.find((one) => one === 'usd') ?? currencies[0] ?? 'usd');
  return {
    currency,
    currencies: currencies.length === 0 ? [currency] : currencies,
    months: await months(context, currency),
    safeToWithdraw: await safeToWithdraw(context, reading, currency),
    forecast: await payoutForecast(context, currency),
    usage: await usageOf(context, currency),
  };
}

/** The months as CSV, amounts in minor units. */
export async function monthsCsv(context: ServiceContext, currency: string): Promise<string> {
  const columns =
    'period,state,currency,collected_minor,allocated_minor,allocation_rate_bps,lapsed_minor,fee_minor,paid_minor,adjustments_minor,revenue_minor';
  const rows = (await months(context, currency)).map((month) => [
    text(month.period),
    text(month.state),
    text(currency),
    number(month.collected),
    number(month.allocated),
    number(month.allocationRateBps),
    number(month.lapsed),
    number(month.fee),
    number(month.paid),
    number(month.adjustments),
    number(month.revenue),
  ]);
  return csvFile(columns.split(','), rows);
}

async function months(context: ServiceContext, currency: string): Promise<RevenueMonth[]> {
  const { db } = context.store;
  const runs = await db
    .selectFrom('month_end_run')
    .select(['period', 'state'])
    .where('current', '=', 1n)
    .orderBy('period')
    .execute();
  const adjusted = new Map((await revenueAdjustments(db, { currency })).map((row) => [row.period, row.amount]));
  const result: RevenueMonth[] = [];
  for (const run of runs) {
    const known = (await readFigures(db, run.period)).get(currency);
    const adjustments = adjusted.get(run.period) ?? 0n;
    if (known?.collected === undefined && (run.state === 'open' || adjustments === 0n)) continue;
    const { collected = 0n, funded = 0n, unallocated = 0n, fee = 0n, paid = 0n } = known ?? {};
    result.push({
      period: run.period,
      state: run.state,
      collected: String(collected),
      allocated: String(funded),
      allocationRateBps: rate(funded, collected),
      lapsed: String(unallocated),
      fee: String(fee),
      paid: String(paid),
      adjustments: String(adjustments),
      revenue: String(fee + unallocated + adjustments),
      provisional: run.state !== 'closed',
    });
  }
  const open = await accruing(context.store);
  const soFar = open?.results.get(currency)?.totals;
  const adjustments = adjusted.get(open?.period ?? '') ?? 0n;
  if (
    open !== null &&
    (soFar !== undefined || adjustments !== 0n) &&
    !result.some((one) => one.period === open.period)
  ) {
    const { collected = 0n, funded = 0n, unallocated = 0n, fee = 0n, platformRevenue = 0n } = soFar ?? {};
    result.push({
      period: open.period,
      state: 'open',
      collected: String(collected),
      allocated: String(funded),
      allocationRateBps: rate(funded, collected),
      lapsed: String(unallocated),
      fee: String(fee),
      paid: '0',
      adjustments: String(adjustments),
      revenue: String(platformRevenue + adjustments),
      provisional: true,
    });
  }
  return result.slice(-MONTHS);
}

function rate(part: bigint, whole: bigint): number | null {
  return whole === 0n ? null : Number((part * 10_000n) / whole);
}

/**
 * Payments available, less everything that may still have to leave it: obligations not in Storage, money subscribers may still
 * allocate, the open month's fee (not final yet), disputed payments, refunds that Stripe has not taken yet, late payments that are not
 * posted yet and negative pending money. Never below zero, never overstated.
 */
export async function safeToWithdraw(
  context: ServiceContext,
  reading: Reading | null,
  currency: string,
): Promise<RevenueView['safeToWithdraw']> {
  const { db } = context.store;
  const one = reading?.balances.find((candidate) => candidate.currency === currency);
  if (one === undefined) {
    return { amount: '0', terms: [], note: 'The balances have not been read yet.' };
  }
  // Who was paid too much does not lessen what the others are owed.
  const overpaid = (await sumsOverpaid(db)).get(currency) ?? 0n;
  const owed = (totalOwed(await obligations(context.store)).get(currency) ?? 0n) + overpaid;
  const storage = one.storageAvailable + one.storageInbound + one.storageOutbound;
  const notFunded = max(owed - storage, 0n);
  const open = await accruing(context.store);
  const totals = open?.results.get(currency)?.totals;
  const disputed = await db
    .selectFrom('payment')
    .select(({ fn }) => fn.sum<bigint | null>('amount').as('total'))
    .where('status', '=', 'disputed')
    .where('currency', '=', currency)
    .where('period', '>=', open?.period ?? '9999-12')
    .executeTakeFirst();
  const unsent = (await listIntents(db, { kinds: ['withdraw'], states: ['planned', 'sending', 'unknown'] }))
    .filter((intent) => intent.currency === currency)
    .reduce((total, intent) => total + intent.amount, 0n);
  const refunds = await pendingRefunds(context, open?.period ?? null, currency);
  const terms = [
    { name: 'Payments available', detail: 'Settled money at Stripe', amount: one.paymentsAvailable },
    { name: 'Owed and not in Storage', detail: 'Still has to move to Storage', amount: -notFunded },
    {
      name: 'Not allocated yet this month',
      detail: 'Subscribers may still allocate it',
      amount: -(totals?.unallocated ?? 0n),
    },
    { name: 'Fee of the open month', detail: 'Not final before the month is calculated', amount: -(totals?.fee ?? 0n) },
    { name: 'Withdrawals not sent yet', detail: 'Written down, still in Payments at Stripe', amount: -unsent },
    { name: 'Disputed payments', detail: 'May have to be paid back', amount: -BigInt(disputed?.total ?? 0n) },
    { name: 'Refunds under way', detail: 'In the data, not taken by Stripe yet', amount: -refunds },
    {
      name: 'Late payments',
      detail: 'Of a locked month; creators may get them once they are posted',
      amount: -(await waitingPayments(db, currency)),
    },
    {
      name: 'Pending below zero',
      detail: 'Stripe will take it from what is available',
      amount: min(one.paymentsPending, 0n),
    },
  ];
  const total = terms.reduce((sum, term) => sum + term.amount, 0n);
  return {
    amount: String(max(total, 0n)),
    terms: terms.map((term) => ({ ...term, amount: String(term.amount) })),
    note:
      total < 0n
        ? 'Payments holds less than what may still have to leave it: nothing can be withdrawn.'
        : 'Pending money is not counted until it is available.',
  };
}

/**
 * Refunds of the open month's data, and of closed months' that are news in it, beyond those that Stripe has taken from Payments since the
 * month began: Stripe's lines do not say which month they are of.
 */
async function pendingRefunds(context: ServiceContext, period: Period | null, currency: string): Promise<bigint> {
  if (period === null) return 0n;
  const { db } = context.store;
  const recorded = await db
    .selectFrom('payment')
    .select(({ fn }) => fn.sum<bigint | null>('refunded').as('total'))
    .where('period', '>=', period)
    .where('currency', '=', currency)
    .where('status', '=', 'succeeded')
    .executeTakeFirst();
  const taken = await db
    .selectFrom('stripe_line')
    .select(({ fn }) => fn.sum<bigint | null>('amount').as('total'))
    .where('side', '=', 'payments')
    .where('type', 'in', ['refund', 'payment_refund'])
    .where('currency', '=', currency)
    .where('created_at', '>=', periodStart(period).toISOString())
    .executeTakeFirst();
  const late = await lateRefunds(db, period, currency);
  return max(BigInt(recorded?.total ?? 0n) + late + BigInt(taken?.total ?? 0n), 0n);
}
