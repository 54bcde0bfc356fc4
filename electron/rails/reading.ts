/** Reads both rails share: the Payments balance, its lines, its settings, and windows of time. */

import { amountText } from '../../shared/money/amount-text';
import { abs, type Currency, parseCurrency } from '../../shared/money/money';
import type { StripeClient } from '../stripe/client';
import { account, balance, balanceSettings, balanceTransaction } from '../stripe/objects';
import { StripeUnavailable } from '../stripe/problem';
import type { RailFinding, StripeLine } from './segregation-rail';

/** Objects can carry a time a little before our own note of them: clocks differ, and v1 cuts to whole seconds. */
const WINDOW_MARGIN_MS = 10 * 60_000;
const SKEW_LIMIT_MS = 60_000;

/** The start of a list window that surely holds what was sent after `createdAt`, on Stripe's clock. */
export function windowStart(client: StripeClient, createdAt: Date): Date {
  return new Date(createdAt.getTime() - WINDOW_MARGIN_MS + Math.min(0, client.clockSkewMs() ?? 0));
}

/** `created` filters count whole seconds in both APIs; the bounds are widened, never narrowed. */
export function createdBetween(from: Date, to?: Date): { readonly gte: number; readonly lt?: number } {
  const gte = Math.floor(from.getTime() / 1_000);
  return to === undefined ? { gte } : { gte, lt: Math.ceil(to.getTime() / 1_000) };
}

/** Throws `StripeUnavailable`: money in a currency Coffer cannot count must not be left out silently. */
export function knownCurrency(code: string): Currency {
  const known = parseCurrency(code);
  if (known !== undefined) return known;
  throw new StripeUnavailable({
    kind: 'unavailable',
    code: 'unknown-currency',
    message: `Stripe shows money in "${code}", a currency Coffer does not know.`,
    hint: 'Update Coffer; until then its figures would be incomplete.',
    requestId: null,
    retryAfterMs: null,
  });
}

/** The account that the key belongs to; null when the key may not read it. Throws `StripeUnavailable` for everything else. */
export async function readOwnAccount(client: StripeClient): Promise<string | null> {
  try {
    return (await client.read('/v1/account', {}, account)).id;
  } catch (error) {
    if (error instanceof StripeUnavailable && error.problem.kind === 'permission') return null;
    throw error;
  }
}

/** Adds amounts by currency. A zero in a currency Coffer does not know is left out. */
export function addByCurrency(
  totals: Map<Currency, bigint>,
  amounts: Iterable<{ readonly amount: bigint; readonly currency: string }>,
): void {
  for (const { amount, currency } of amounts) {
    if (amount === 0n && parseCurrency(currency) === undefined) continue;
    const known = knownCurrency(currency);
    totals.set(known, (totals.get(known) ?? 0n) + amount);
  }
}

export async function readPaymentsBalance(client: StripeClient) {
  const read = await client.read('/v1/balance', {}, balance);
  const available = new Map<Currency, bigint>();
  const pending = new Map<Currency, bigint>();
  addByCurrency(available, read.available);
  addByCurrency(pending, read.pending);
  return { available, pending };
}

/** Lines of the Payments balance created in [from, to), newest first. */
export async function* paymentsLines(client: StripeClient, from: Date, to?: Date): AsyncIterable<StripeLine> {
  const query = { created: createdBetween(from, to) };
  for await (const row of client.list('/v1/balance_transactions', query, balanceTransaction)) {
    if (row.created < from || (to !== undefined && row.created >= to)) continue;
    // Issuing, reserves and prefunding are balances of their own.
    if ((row.balance_type ?? 'payments') !== 'payments') continue;
    yield {
      stripeId: row.id,
      side: 'payments',
      type: row.type,
      currency: knownCurrency(row.currency),
      amount: row.net,
      createdAt: row.created,
      source: row.source,
      description: row.description ?? '',
    };
  }
}

/** More lines than this in one slice of time and the slice is made shorter, so that memory stays bounded. */
const SLICE_LINES = 20_000;
const SHORTEST_SLICE_MS = 1_000;

type LineReader = (from: Date, to: Date) => AsyncIterable<StripeLine>;

/**
 * Merges several newest-first lists into one that is oldest first. Stripe only lists backwards, so a slice of time is
 * read whole and turned around; slices adapt to how busy the account is.
 */
export async function* oldestFirst(readers: readonly LineReader[], from: Date, to: Date): AsyncIterable<StripeLine> {
  let start = from.getTime();
  let width = Math.max(SHORTEST_SLICE_MS, to.getTime() - start);
  while (start < to.getTime()) {
    const end = Math.min(to.getTime(), start + width);
    const slice = await readSlice(readers, new Date(start), new Date(end), width > SHORTEST_SLICE_MS);
    if (slice === 'too-many') {
      width = Math.max(SHORTEST_SLICE_MS, Math.ceil(width / 2));
      continue;
    }
    yield* slice;
    start = end;
    if (slice.length < SLICE_LINES / 4) width *= 2;
  }
}

async function readSlice(readers: readonly LineReader[], from: Date, to: Date, mayStop: boolean) {
  const lines: StripeLine[] = [];
  for (const reader of readers) {
    const side: StripeLine[] = [];
    for await (const line of reader(from, to)) {
      side.push(line);
      if (mayStop && lines.length + side.length > SLICE_LINES) return 'too-many';
    }
    lines.push(...side.reverse());
  }
  // A stable sort: lines of one side and one second stay in Stripe's order.
  return lines.sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
}

const PASS = { outcome: 'pass', action: '' } as const;

/** Hazards of the Payments balance's own settings: money that Stripe moves without being asked each time. */
export async function settingsFindings(client: StripeClient): Promise<RailFinding[]> {
  const { payments } = await client.read('/v1/balance_settings', {}, balanceSettings);
  const payouts = payments.payouts;
  const interval = payouts?.schedule?.interval ?? null;
  const rules = Object.entries(payouts?.automatic_transfer_rules_by_currency ?? {}).filter(
    ([, list]) => list.length > 0,
  );
  const minimums = Object.entries(payouts?.minimum_balance_by_currency ?? {}).filter(([, amount]) => amount !== 0n);
  const findings: RailFinding[] = [automaticPayouts(interval), transferRules(rules.map(([currency]) => currency))];
  findings.push(
    minimums.length === 0
      ? { code: 'minimum-balance', title: 'Minimum balances', detail: 'None is set.', ...PASS }
      : {
          code: 'minimum-balance',
          outcome: 'warning',
          title: 'Minimum balances',
          detail: `Stripe keeps back ${minimums.map(([currency, amount]) => amountText(abs(amount), knownCurrency(currency))).join(' and ')} in Payments from automatic payouts.`,
          action: 'Check in the dashboard under Settings → Payouts that this is what you want.',
        },
  );
  if (payouts?.status === 'disabled') {
    findings.push({
      code: 'payouts-disabled',
      outcome: 'blocker',
      title: 'Payouts of the Payments balance',
      detail: 'Stripe has disabled payouts for this account, so nothing can be moved to Storage.',
      action: 'Open the Stripe dashboard; it names what Stripe needs from you.',
    });
  }
  return findings;
}

function automaticPayouts(interval: string | null): RailFinding {
  const title = 'Automatic payouts';
  if (interval === 'manual') return { code: 'automatic-payouts', title, detail: 'Off: payouts are manual.', ...PASS };
  return {
    code: 'automatic-payouts',
    outcome: 'warning',
    title,
    detail:
      interval === null
        ? 'Stripe does not say how payouts of the Payments balance are scheduled.'
        : `Stripe pays the Payments balance out by itself (${interval}); money meant for creators can leave before it is moved to Storage.`,
    action: 'Set the payout schedule to manual in the dashboard under Settings → Payouts.',
  };
}

function transferRules(currencies: readonly string[]): RailFinding {
  const title = 'Automatic transfer rules';
  if (currencies.length === 0) return { code: 'transfer-rules', title, detail: 'None is set.', ...PASS };
  return {
    code: 'transfer-rules',
    outcome: 'warning',
    title,
    detail: `Stripe moves ${currencies.map((code) => code.toUpperCase()).join(', ')} from Payments to a financial account by itself; Storage would change without an approval.`,
    action: 'Remove the rules in the dashboard under Balances, then run this check again.',
  };
}

export function clockFinding(client: StripeClient): RailFinding {
  const title = 'Clock of this computer';
  const skew = client.clockSkewMs();
  if (client.local) {
    const detail = 'Not compared: the sandbox has a clock of its own.';
    return { code: 'clock-skew', outcome: 'information', title, detail, action: '' };
  }
  if (skew === null || Math.abs(skew) <= SKEW_LIMIT_MS) {
    const detail = skew === null ? 'Not compared yet.' : 'Agrees with Stripe’s.';
    return {
      code: 'clock-skew',
      title,
      detail,
      ...PASS,
      ...(skew === null ? { outcome: 'information' as const } : {}),
    };
  }
  const seconds = Math.round(Math.abs(skew) / 1_000);
  return {
    code: 'clock-skew',
    outcome: 'warning',
    title,
    detail: `It is ${seconds} seconds ${skew > 0 ? 'behind' : 'ahead of'} Stripe’s. Times in the records would not match Stripe’s.`,
    action: 'Switch on automatic time in the system settings.',
  };
}
