/**
 * Reads both balances, keeps their history, and says whether it is all there: the coverage equation with every term by name,
 * its difference split into explained and unexplained. Amounts in minor units.
 */

import type {
  BalancesOverview,
  CoverageView,
  ExplainedPart,
  NamedAmount,
  NextAction,
} from '../../shared/contract/balances';
import type { CheckView } from '../../shared/contract/channel';
import type { AlertKind } from '../../shared/domain/alert-kinds';
import { countOf } from '../../shared/domain/count-of';
import { amountText } from '../../shared/money/amount-text';
import { min, currency as toCurrency } from '../../shared/money/money';
import { coverageBps, coverageDifference, splitBand } from '../../shared/period/coverage';
import { type Period, periodEnd } from '../../shared/period/period';
import { listIntents, payoutsReturnedTo } from '../journal/journal';
import { lastEntry } from '../ledger/ledger';
import type { Queries } from '../store/store';
import { type StripeProblem, StripeUnavailable } from '../stripe/problem';
import { alertCounts, type Condition, evaluateConditions } from './alerts';
import { adoptBalances, awaitedCheck } from './balance-adoption';
import { ConnectionWatch } from './connection-alerts';
import { storageDrift } from './conservation';
import type { ServiceContext } from './context';
import { coverText } from './days-of-cover';
import { creatorCircumstances } from './earnings';
import { EventPolling } from './events/polling';
import { accruing, type Obligation, obligations, totalOwed } from './fund-tracking';
import { bookParts } from './monitoring/equation';
import { payoutKey, payoutsNow } from './monitoring/payouts-now';
import { dropOldReadings } from './monitoring/retention';
import { type Equation, lastSnapshot, type Reading, storeSnapshot } from './monitoring/snapshots';
import { exceptionConditions } from './outside-movers';
import { ingestLines, proveBalances } from './reconciliation';
import { payoutMinimum, readOpenPeriod, readSettings } from './settings';
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

/** The coverage equation of every currency that Stripe or the ledger knows. */
async function coverage(
  context: ServiceContext,
  reading: Reading,
  owedRows: readonly Obligation[],
): Promise<Equation[]> {
  const owed = totalOwed(owedRows);
  const parts = await owedParts(context, owedRows);
  const currencies = new Set<string>([...reading.balances.map((one) => one.currency), ...owed.keys()]);
  return Promise.all(
    [...currencies].sort().map(async (code) => {
      const one = reading.balances.find((candidate) => candidate.currency === code);
      const terms = {
        storageAvailable: one?.storageAvailable ?? 0n,
        inboundPending: one?.storageInbound ?? 0n,
        outboundPending: one?.storageOutbound ?? 0n,
        owed: owed.get(code) ?? 0n,
      };
      const difference = coverageDifference(terms);
      const { explained, unexplained, ...madeOf } = await explain(context, code, terms, owedRows);
      const payments = (one?.paymentsAvailable ?? 0n) + (one?.paymentsPending ?? 0n);
      const split = splitBand(payments, terms.storageAvailable);
      const view = {
        currency: code,
        paymentsAvailable: String(one?.paymentsAvailable ?? 0n),
        paymentsPending: String(one?.paymentsPending ?? 0n),
        storageAvailable: String(terms.storageAvailable),
        inboundPending: String(terms.inboundPending),
        outboundPending: String(terms.outboundPending),
        owed: String(terms.owed),
        owedParts: parts.get(code) ?? [],
        difference: String(difference),
        explained,
        unexplained: String(unexplained),
        coverageBps: coverageBps(terms),
        paymentsShareBps: split.shareBps,
        band: split.band,
      };
      return { view, ...madeOf };
    }),
  );
}

/** What is still owed, split by name; sums to the total owed. */
async function owedParts(
  context: ServiceContext,
  rows: readonly Obligation[],
): Promise<ReadonlyMap<string, NamedAmount[]>> {
  const { db } = context.store;
  const settings = await readSettings(db);
  const circumstances = await creatorCircumstances(db);
  const { inTransit, cameBack } = await payoutsNow(db);
  const heldAtLast = await heldInLastPeriod(db);
  const names = [
    'In transit',
    'To be paid',
    'Carried forward',
    'Held',
    'Failed or returned',
    'Suspense',
    'Open month so far',
  ] as const;
  const details: Record<(typeof names)[number], string> = {
    'In transit': 'Payouts that Stripe is processing; owed until they are posted',
    'To be paid': 'Earned in calculated months, payable now',
    'Carried forward': 'Below the payout minimum',
    Held: 'On hold, without an account, or not payable at Stripe',
    'Failed or returned': 'A payout did not arrive; the amount stays in Storage',
    Suspense: 'Allocated to a creator nobody knows',
    'Open month so far': 'Net earnings of the month that is not calculated yet',
  };
  const month = (await accruing(context.store))?.period;
  const called = (name: (typeof names)[number]): string =>
    name === 'Open month so far' && month !== undefined ? `${month}, not calculated yet` : name;
  const sums = new Map<string, Map<(typeof names)[number], bigint>>();
  const add = (code: string, name: (typeof names)[number], amount: bigint): void => {
    if (amount === 0n) return;
    const ofCurrency = sums.get(code) ?? new Map();
    ofCurrency.set(name, (ofCurrency.get(name) ?? 0n) + amount);
    sums.set(code, ofCurrency);
  };
  for (const row of rows) {
    if (row.suspense) {
      add(row.currency, 'Suspense', row.opening + row.openPeriod);
      continue;
    }
    add(row.currency, 'Open month so far', row.openPeriod);
    const key = payoutKey(row.creatorId, row.currency);
    const moving = min(inTransit.get(key) ?? 0n, row.opening);
    add(row.currency, 'In transit', moving);
    const rest = row.opening - moving;
    const creator = circumstances.get(row.creatorId);
    if (cameBack.has(key)) add(row.currency, 'Failed or returned', rest);
    else if (
      creator === undefined ||
      creator.holdReason !== '' ||
      creator.stripeAccount === '' ||
      heldAtLast.has(key)
    ) {
      add(row.currency, 'Held', rest);
    } else if (rest < payoutMinimum(settings, row.currency)) add(row.currency, 'Carried forward', rest);
    else add(row.currency, 'To be paid', rest);
  }
  return new Map(
    [...sums].map(([code, ofCurrency]) => [
      code,
      names.flatMap((name) => {
        const amount = ofCurrency.get(name);
        return amount === undefined ? [] : [{ name: called(name), detail: details[name], amount: String(amount) }];
      }),
    ]),
  );
}

/** Who was held in the last month that was calculated, Stripe's refusals included: nothing changed that until it is asked again. */
async function heldInLastPeriod(db: Queries): Promise<ReadonlySet<string>> {
  const last = await db
    .selectFrom('earning')
    .select(({ fn }) => fn.max('period').as('period'))
    .executeTakeFirst();
  if (!last?.period) return new Set();
  const rows = await db
    .selectFrom('earning')
    .select(['creator_id', 'currency'])
    .where('period', '=', last.period)
    .where('disposition', '=', 'held')
    .execute();
  return new Set(rows.map((row) => payoutKey(row.creator_id, row.currency)));
}

/**
 * Splits storage − owed. Our books say what Storage should hold; the part of the difference that they explain is named, what
 * Stripe holds beyond or below them is unexplained. Movements under way may be on either side and explain themselves.
 */
async function explain(
  context: ServiceContext,
  code: string,
  terms: { storageAvailable: bigint; inboundPending: bigint; outboundPending: bigint; owed: bigint },
  rows: readonly Obligation[],
): Promise<{ explained: ExplainedPart[]; unexplained: bigint } & Omit<Equation, 'view'>> {
  const { storageAvailable: available, inboundPending: inbound, outboundPending: outbound } = terms;
  const drift = await storageDrift(context, code, { available, inbound, outbound });
  const accrued = rows.filter((row) => row.currency === code).reduce((total, row) => total + row.openPeriod, 0n);
  const month = (await accruing(context.store))?.period ?? null;
  const explained = [...drift.parts, ...bookParts({ books: drift.books, owed: terms.owed, accrued, month })];
  return { explained, unexplained: drift.unexplained + drift.exceptions, books: drift.books, accrued, month };
}

function waitingCondition(waiting: CheckView): Condition {
  return {
    condition: `adoption:${waiting.code}`,
    severity: 'warning',
    title: waiting.title,
    meaning: waiting.detail,
    action: waiting.action,
    screen: 'balances',
    after: 1,
  };
}

function waitingAction(waiting: CheckView): NextAction {
  return {
    screen: 'balances',
    title: waiting.title,
    detail: `${waiting.detail} ${waiting.action}`,
    button: 'Read the balances',
  };
}

const COVERAGE_FAMILIES: readonly AlertKind[] = [
  'adoption',
  'coverage',
  'drift',
  'payments-low',
  'period-late',
  'unknown',
  'payout',
  'outside',
  'exceptions',
];

async function coverageConditions(context: ServiceContext, overview: BalancesOverview): Promise<Condition[]> {
  const conditions: Condition[] = [];
  const separated = await hasSeparated(context.store.db);
  for (const view of overview.currencies) {
    const code = toCurrency(view.currency);
    const amount = (text: string): string => `${amountText(BigInt(text), code)}`;
    const difference = BigInt(view.difference);
    if (view.coverageBps !== null && difference < 0n) {
      conditions.push({
        condition: `coverage:${view.currency}`,
        severity: 'critical',
        title: `Storage covers ${(view.coverageBps / 100).toFixed(2)} % of what is owed (${view.currency.toUpperCase()})`,
        meaning: `${amount(String(-difference))} owed to creators is not in Storage.`,
        action: separated
          ? 'Find out under Reconciliation what left Storage; Fund brings it back to its target at month end.'
          : 'Migrate the mixed balance, or bring Storage to its target at month end.',
        screen: separated ? 'reconciliation' : 'migration',
        after: 1,
      });
      const needed = -difference;
      if (BigInt(view.paymentsAvailable) < needed) {
        conditions.push({
          condition: `payments-low:${view.currency}`,
          severity: 'warning',
          title: `Payments is too low to fund what is owed (${view.currency.toUpperCase()})`,
          meaning: `Available ${amount(view.paymentsAvailable)}, needed ${amount(String(needed))}.${await coverText(context, code, BigInt(view.paymentsAvailable))}`,
          action: 'Wait for pending money to become available, or top up Payments.',
          screen: 'balances',
          after: 1,
        });
      }
    }
    if (view.unexplained !== '0') {
      conditions.push({
        condition: `drift:${view.currency}`,
        severity: 'critical',
        title: `Unexplained difference of ${amount(view.unexplained)}`,
        meaning: 'Storage at Stripe and our ledger do not agree, and no movement of ours explains it.',
        action: 'Open Reconciliation and find the line that is not ours.',
        screen: 'reconciliation',
        after: 2,
      });
    }
  }
  const { db } = context.store;
  const now = context.now();
  const unknown = await listIntents(db, { states: ['unknown'] });
  const old = unknown.filter((intent) => now.getTime() - new Date(intent.created_at).getTime() > 15 * 60_000);
  if (old.length > 0) {
    conditions.push({
      condition: 'unknown:operations',
      severity: 'critical',
      title: `${countOf(old.length, 'movement')} with an unknown outcome`,
      meaning: 'Stripe was called and did not answer. They may or may not have moved money.',
      action: 'Look them up at Stripe on the Payouts screen. Do not pay them by another way.',
      screen: 'payouts',
      after: 1,
    });
  }
  const period = await readOpenPeriod(db);
  const cameBack =
    period === null
      ? []
      : [
          ...(await listIntents(db, { kinds: ['pay'], states: ['failed', 'returned'], period })),
          ...(await payoutsReturnedTo(db, period)),
        ];
  if (cameBack.length > 0) {
    conditions.push({
      condition: `payout:${period}`,
      severity: 'warning',
      title: `${countOf(cameBack.length, 'payout')} failed or came back`,
      meaning: 'The amounts are still in Storage and still owed.',
      action: 'See the causes on the Payouts screen and retry, or leave them to the next month.',
      screen: 'payouts',
      after: 1,
    });
  }
  if (period !== null && now.getTime() > periodEnd(period).getTime() + 3 * 86_400_000) {
    conditions.push({
      condition: `period-late:${period}`,
      severity: 'warning',
      title: `${period} is not closed`,
      meaning: 'More than three days have passed since the month ended.',
      action: 'Continue the month end.',
      screen: 'month-end',
      after: 1,
    });
  }
  conditions.push(...(await exceptionConditions(db)));
  return conditions;
}

/** A migration was completed, or a month closed: what comes late after that is funded by the month end. */
async function hasSeparated(db: Queries): Promise<boolean> {
  const migrated = await db
    .selectFrom('migration_run')
    .select('run_id')
    .where('state', '=', 'completed')
    .executeTakeFirst();
  const closed = await db.selectFrom('month_end_run').select('period').where('state', '=', 'closed').executeTakeFirst();
  return migrated !== undefined || closed !== undefined;
}

async function nextAction(
  context: ServiceContext,
  currencies: readonly CoverageView[],
  period: Period | null,
): Promise<NextAction> {
  if (period === null) {
    return {
      screen: 'settings',
      title: 'Import your data',
      detail: 'Creators, subscribers, payments and allocations as CSV files in one folder.',
      button: 'Import a dataset',
    };
  }
  const { db } = context.store;
  const migrating = await db.selectFrom('migration_run').select('state').where('current', '=', 1n).executeTakeFirst();
  if (
    migrating !== undefined &&
    ['approved', 'executing', 'stopped', 'verifying', 'rolling-back'].includes(migrating.state)
  ) {
    return {
      screen: 'migration',
      title: 'Finish the migration',
      detail: 'A migration has begun and is not completed.',
      button: 'Open the migration',
    };
  }
  const unexplained = currencies.find((view) => view.unexplained !== '0');
  if (unexplained !== undefined) {
    const code = toCurrency(unexplained.currency);
    return {
      screen: 'reconciliation',
      title: 'Find out what moved',
      detail: `Storage differs from the books by ${amountText(BigInt(unexplained.unexplained), code)}, and nothing explains it.`,
      button: 'Open Reconciliation',
    };
  }
  const run = await db
    .selectFrom('month_end_run')
    .select('state')
    .where('period', '=', period)
    .where('current', '=', 1n)
    .executeTakeFirst();
  const earlier = currencies.some((view) =>
    view.explained.some((part) => part.name === 'Earlier obligations not in Storage'),
  );
  if (run === undefined && earlier && !(await hasSeparated(db))) {
    return {
      screen: 'migration',
      title: 'Separate what you owe from what you own',
      detail: 'Money owed to creators is still mixed with your own in Payments.',
      button: 'Start the migration',
    };
  }
  const ended = context.now().getTime() >= periodEnd(period).getTime();
  if (run === undefined && !ended) {
    return {
      screen: 'month-end',
      title: `${period} is running`,
      detail: `Nothing has to be done before it ends. Its month end begins on ${periodEnd(period).toISOString().slice(0, 10)}.`,
      button: `Look at ${period}`,
    };
  }
  return {
    screen: 'month-end',
    title: run === undefined ? `Close ${period}` : `Continue the month end of ${period}`,
    detail: ended ? 'The month has ended; creators wait for their payout.' : 'The month is still running.',
    button: run === undefined ? `Open ${period}` : 'Continue',
  };
}
