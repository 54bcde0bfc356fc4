/**
 * Plans the move from one mixed balance to two: what is owed, what Storage already holds, and the movements for the difference.
 * Pure once the state is read; the dry run and the execution use the same plan. Amounts in minor units.
 */

import type { CheckView } from '../../shared/contract/channel';
import { canonicalJson } from '../../shared/domain/canonical-json';
import { CofferError } from '../../shared/domain/coffer-error';
import { confirmationText } from '../../shared/domain/confirmation';
import { countOf } from '../../shared/domain/count-of';
import { grouped } from '../../shared/money/amount-text';
import { min, currency as toCurrency } from '../../shared/money/money';
import type { Period } from '../../shared/period/period';
import { sha256 } from '../journal/audit-chain';
import { listIntents } from '../journal/journal';
import { COMPARE_FIRST, mustCompare, restoredMessage } from '../journal/restored';
import { adoptBalances, awaitedCheck, requireAdoption } from './balance-adoption';
import type { ServiceContext } from './context';
import { type Obligation, obligations, totalOwed } from './fund-tracking';
import { readOpenPeriod, readSettings } from './settings';
import { readBalances } from './stripe-storage-balance';

export interface PlannedMovement {
  readonly kind: 'canary' | 'fund';
  readonly currency: string;
  readonly amount: bigint;
}

export interface BalancesAt {
  readonly currency: string;
  /** Available in Payments. */
  readonly payments: bigint;
  /** Available and on its way in Storage. */
  readonly storage: bigint;
  readonly obligations: bigint;
}

export interface MigrationPlan {
  readonly period: Period;
  readonly rail: string;
  readonly before: readonly BalancesAt[];
  readonly movements: readonly PlannedMovement[];
  /** SHA-256 of who is owed what. */
  readonly obligationsHash: string;
  readonly creators: number;
  readonly hash: string;
}

/**
 * The movements for one currency: the smallest obligation first as a canary, the rest in chunks. `delta` is obligations − Storage;
 * nothing moves when it is not positive.
 */
export function planMovements(currency: string, delta: bigint, smallest: bigint, chunk: bigint): PlannedMovement[] {
  if (delta <= 0n) return [];
  const movements: PlannedMovement[] = [];
  const canary = min(smallest > 0n ? smallest : delta, delta);
  movements.push({ kind: 'canary', currency, amount: canary });
  for (let left = delta - canary; left > 0n; ) {
    const amount = chunk > 0n ? min(chunk, left) : left;
    movements.push({ kind: 'fund', currency, amount });
    left -= amount;
  }
  return movements;
}

/** Hash of everything that decides what moves. The Payments balance is not part of it: subscriptions go on coming in. */
export function migrationPlanHash(plan: Omit<MigrationPlan, 'hash'>): string {
  return sha256(
    canonicalJson({
      kind: 'coffer-migration-plan-v1',
      period: plan.period,
      rail: plan.rail,
      obligationsHash: plan.obligationsHash,
      storage: plan.before.map((one) => [one.currency, one.storage, one.obligations]),
      movements: plan.movements.map((one) => [one.kind, one.currency, one.amount]),
    }),
  );
}

export function hashObligations(rows: Iterable<Obligation>): string {
  return sha256(
    canonicalJson(Array.from(rows, (row) => [row.creatorId, row.currency, row.opening + row.openPeriod, row.suspense])),
  );
}

/** Reads the state and plans. Throws `StripeUnavailable`, or `CofferError` without data. */
export async function planMigration(context: ServiceContext): Promise<MigrationPlan> {
  const { db } = context.store;
  const period = await readOpenPeriod(db);
  if (period === null) throw new CofferError('no-data', 'There is no data to migrate.', 'Import a dataset first.');
  await requireAdoption(context);
  const settings = await readSettings(db);
  const owed = await obligations(context.store);
  const rows = [...owed];
  const totals = totalOwed(owed);
  const balances = await readBalances(context);
  const before: BalancesAt[] = [];
  const movements: PlannedMovement[] = [];
  const currencies = [...new Set<string>([...totals.keys(), ...balances.map((one) => one.currency)])].sort();
  for (const currency of currencies) {
    const one = balances.find((candidate) => candidate.currency === currency);
    const must = totals.get(currency) ?? 0n;
    const storage = (one?.storageAvailable ?? 0n) + (one?.storageInbound ?? 0n) + (one?.storageOutbound ?? 0n);
    before.push({ currency, payments: one?.paymentsAvailable ?? 0n, storage, obligations: must });
    const smallest = rows
      .filter((row) => row.currency === currency && row.opening + row.openPeriod > 0n)
      .reduce((least, row) => min(least, row.opening + row.openPeriod), must);
    const missing = must - storage - (await notYetInStorage(context, currency));
    movements.push(...planMovements(currency, missing, smallest, BigInt(settings.migrationChunk)));
  }
  const plan = {
    period,
    rail: context.rail.capabilities.name,
    before,
    movements,
    obligationsHash: hashObligations(rows),
    creators: new Set(rows.filter((row) => !row.suspense).map((row) => row.creatorId)).size,
  };
  return { ...plan, hash: migrationPlanHash(plan) };
}

/**
 * Σ of movements to Storage that were written down and that no reading of Storage shows yet: a funding that was interrupted may still
 * be sent. One that went through although nobody knows is counted twice, so that too little is planned and never too much.
 */
export async function notYetInStorage(context: ServiceContext, currency: string): Promise<bigint> {
  return (await listIntents(context.store.db, { kinds: ['fund', 'canary'], states: ['planned', 'sending', 'unknown'] }))
    .filter((intent) => intent.currency === currency)
    .reduce((total, intent) => total + intent.amount, 0n);
}

/** Σ of the plan's movements by currency. */
export function plannedTotals(plan: Pick<MigrationPlan, 'movements'>): ReadonlyMap<string, bigint> {
  const totals = new Map<string, bigint>();
  for (const one of plan.movements) totals.set(one.currency, (totals.get(one.currency) ?? 0n) + one.amount);
  return totals;
}

/** What the person types to execute; empty when nothing has to move. */
export function migrationConfirmation(plan: Pick<MigrationPlan, 'movements' | 'period'>): string {
  const totals = plannedTotals(plan);
  if (totals.size === 0) return '';
  return confirmationText(
    [...totals].map(([code, amount]) => ({ currency: toCurrency(code), amount })),
    plan.period,
  );
}

/** Balances once the plan is carried out and nothing else happens. */
export function balancesAfter(plan: Pick<MigrationPlan, 'before' | 'movements'>): BalancesAt[] {
  const totals = plannedTotals(plan);
  return plan.before.map((one) => {
    const moved = totals.get(one.currency) ?? 0n;
    return { ...one, payments: one.payments - moved, storage: one.storage + moved };
  });
}

/** What has to be right before a migration. Throws `StripeUnavailable`. */
export async function migrationPreflight(context: ServiceContext): Promise<CheckView[]> {
  const waiting = awaitedCheck(await adoptBalances(context));
  if (waiting !== null) return [waiting];
  const plan = await planMigration(context);
  const totals = plannedTotals(plan);
  const checks: CheckView[] = [];
  const add = (code: string, outcome: CheckView['outcome'], title: string, detail: string, action = ''): void => {
    checks.push({ code, outcome, title, detail, action });
  };
  add('connection', 'pass', 'Stripe answers', 'Both balances were read');
  const restored = await mustCompare(context.store.db);
  if (restored !== null) add('restored', 'blocker', 'Restored books', restoredMessage(restored), COMPARE_FIRST);
  const open = await listIntents(context.store.db, { states: ['unknown', 'sending'] });
  if (open.length === 0) add('known', 'pass', 'Every movement has a known outcome', 'Nothing is unknown at Stripe');
  else
    add(
      'unknown-operations',
      'blocker',
      `${countOf(open.length, 'movement')} with an unknown outcome`,
      'They may or may not have moved money.',
      'Look them up at Stripe first.',
    );
  for (const one of plan.before) {
    const moving = totals.get(one.currency) ?? 0n;
    const code = toCurrency(one.currency);
    const name = one.currency.toUpperCase();
    if (moving === 0n) continue;
    if (one.payments < moving) {
      add(
        `payments-low-${one.currency}`,
        'blocker',
        `Payments is too low (${name})`,
        `Available ${grouped(one.payments, code)}, to be moved ${grouped(moving, code)}. Pending money cannot be moved yet.`,
        'Wait until pending money is available or top up Payments.',
      );
    } else {
      add(
        `payments-${one.currency}`,
        'pass',
        `Payments covers the move (${name})`,
        `Available ${grouped(one.payments, code)}, to be moved ${grouped(moving, code)}`,
      );
    }
  }
  for (const one of plan.before) {
    if (one.storage > one.obligations) {
      add(
        `surplus-${one.currency}`,
        'information',
        `Storage holds more than is owed (${one.currency.toUpperCase()})`,
        `${grouped(one.storage - one.obligations, toCurrency(one.currency))} goes back at month end.`,
      );
    }
  }
  if (plan.movements.length === 0)
    add('not-needed', 'information', 'Nothing has to move', 'Storage already holds what is owed');
  for (const finding of await context.rail.findings([...totals.keys()].map(toCurrency))) checks.push({ ...finding });
  return checks;
}
