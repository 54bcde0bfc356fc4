/**
 * Reads both balances, keeps their history, and says whether it is all there: the coverage equation with every term by name,
 * its difference split into explained and unexplained. Amounts in minor units.
 */

import type { BalancesOverview } from '../../shared/contract/balances';
import type { CheckView } from '../../shared/contract/channel';
import { lastEntry } from '../ledger/ledger';
import { type StripeProblem, StripeUnavailable } from '../stripe/problem';
import { alertCounts, evaluateConditions } from './alerts';
import { adoptBalances, awaitedCheck } from './balance-adoption';
import { ConnectionWatch } from './connection-alerts';
import type { ServiceContext } from './context';
import { EventPolling } from './events/polling';
import { obligations } from './fund-tracking';
import { coverage } from './monitoring/coverage';
import { COVERAGE_FAMILIES, coverageConditions, waitingCondition } from './monitoring/coverage-alerts';
import { nextAction, waitingAction } from './monitoring/next-action';
import { dropOldReadings } from './monitoring/retention';
import { type Equation, lastSnapshot, type Reading, storeSnapshot } from './monitoring/snapshots';
import { ingestLines, proveBalances } from './reconciliation';
import { readOpenPeriod, readSettings } from './settings';
import { readBalances } from './stripe-storage-balance';
import { followMovements } from './stripe-transfer';

const STALE_AFTER_POLLS = 3;

/** How often whole lists are read for what was posted and may come back: events tell of it sooner, while they can be read. */
const FOLLOW_POSTED_EVERY_MS = { withEvents: 86_400_000, withoutEvents: 30 * 60_000 } as const;

/** Keeps the latest reading and what is known about the connection; one for each open platform. */
export class BalanceMonitor {
  readonly #context: ServiceContext;
  #latest: Reading | null = null;
  #connection: 'online' | 'offline' | 'not-configured' = 'offline';
  #detail = 'The balances have not been read yet.';
  #busy: Promise<BalancesOverview> | null = null;
  #followedAt = 0;
  /** Why the balances are not in the ledger yet; null once they are. */
  #waiting: CheckView | null = null;
  readonly #watch = new ConnectionWatch();
  readonly #events: EventPolling;

  constructor(context: ServiceContext) {
    this.#context = context;
    this.#events = new EventPolling(context);
  }

  /** Reads Stripe's events only. True when there are new ones, so that the balances should be read at once. */
  async listen(): Promise<boolean> {
    try {
      return (await this.#events.poll()).fresh > 0;
    } catch (error) {
      if (error instanceof StripeUnavailable) return false;
      throw error;
    }
  }

  get latest(): Reading | null {
    return this.#latest;
  }

  /** Reads Stripe, stores a snapshot, evaluates alerts and tells the screens. Several callers share one reading. */
  poll(): Promise<BalancesOverview> {
    this.#busy ??= this.#poll().finally(() => {
      this.#busy = null;
    });
    return this.#busy;
  }

  async #poll(): Promise<BalancesOverview> {
    const context = this.#context;
    let problem: StripeProblem | null = null;
    try {
      this.#waiting = awaitedCheck(await adoptBalances(context));
      await this.#follow();
      await ingestLines(context);
      this.#latest = { at: context.now(), balances: await readBalances(context) };
      this.#connection = 'online';
      this.#detail = '';
    } catch (error) {
      if (!(error instanceof StripeUnavailable)) throw error;
      problem = error.problem;
      this.#connection = error.problem.code === 'not-configured' ? 'not-configured' : 'offline';
      this.#detail = error.message;
    }
    let found = await this.#look();
    if (this.#connection === 'online' && found.overview.currencies.some((one) => one.unexplained !== '0')) {
      if (await this.#rereadLines()) found = await this.#look();
    }
    const { overview, equations, entries } = found;
    if (this.#connection === 'online' && this.#latest !== null) {
      await storeSnapshot(context, this.#latest, equations, entries);
      await dropOldReadings(context);
      await evaluateConditions(context, COVERAGE_FAMILIES, [
        ...(await coverageConditions(context, overview)),
        ...(this.#waiting === null ? [] : [waitingCondition(this.#waiting)]),
      ]);
    }
    await this.#watch.look(context, problem);
    context.publish('balances.changed', overview);
    context.publish('alerts.changed', await alertCounts(context));
    return overview;
  }

  /** A payment in Storage that was read while under way and has failed since explains what nothing else does. False without an answer. */
  async #rereadLines(): Promise<boolean> {
    try {
      await proveBalances(this.#context);
      return true;
    } catch (error) {
      if (error instanceof StripeUnavailable) return false;
      throw error;
    }
  }

  /**
   * Follows what events name and what is under way at every reading, and whole lists of what was posted and may come back now and then,
   * and at once where events are missing.
   */
  async #follow(): Promise<void> {
    const now = this.#context.now().getTime();
    const { complete, missingSince } = await this.#events.poll();
    const every = FOLLOW_POSTED_EVERY_MS[complete ? 'withEvents' : 'withoutEvents'];
    const alsoPosted = missingSince !== null || now - this.#followedAt >= every;
    if ((await followMovements(this.#context, alsoPosted, missingSince ?? undefined)) > 0) {
      this.#context.publish('data.changed', { reason: 'movements' });
    }
    if (alsoPosted) this.#followedAt = now;
  }

  /** What is known now, without asking Stripe; falls back to the last stored snapshot. */
  async overview(): Promise<BalancesOverview> {
    return (await this.#look()).overview;
  }

  async #look(): Promise<{ overview: BalancesOverview; equations: readonly Equation[]; entries: bigint }> {
    const context = this.#context;
    const { db } = context.store;
    const settings = await readSettings(db);
    const reading = this.#latest ?? (await lastSnapshot(context));
    const entries = await lastEntry(db);
    const owed = await obligations(context.store);
    const equations = reading === null ? [] : await coverage(context, reading, owed);
    const currencies = equations.map(({ view }) => view);
    const age = reading === null ? null : context.now().getTime() - reading.at.getTime();
    const openPeriod = await readOpenPeriod(db);
    const overview: BalancesOverview = {
      asOf: reading?.at.toISOString() ?? null,
      connection: this.#connection,
      connectionDetail: this.#detail,
      stale: age !== null && age > settings.pollMinutes * STALE_AFTER_POLLS * 60_000,
      rail: context.rail.capabilities.title,
      segregatedAtStripe: context.rail.capabilities.segregatedAtStripe,
      openPeriod,
      currencies,
      nextAction:
        this.#waiting === null ? await nextAction(context, currencies, openPeriod) : waitingAction(this.#waiting),
    };
    return { overview, equations, entries };
  }
}
