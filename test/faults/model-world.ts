/** A platform in this process, on a store in a file, against an embedded Stripe with the same clock. It can be killed at any label. */
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canFollow, type IntentState, isOpen } from '../../electron/journal/intent';
import { listIntents } from '../../electron/journal/journal';
import { INBOUND, OUTBOUND, PAYMENTS, STORAGE } from '../../electron/ledger/accounts';
import { type EmbeddedStripe, readSeedDirectory, startEmbeddedStripe } from '../../electron/sandbox';
import { BalanceMonitor } from '../../electron/services/balance-monitoring';
import { RunGuard, type ServiceContext } from '../../electron/services/context';
import { importDataset } from '../../electron/services/data-import';
import { approveMigration, executeMigration, makePlan } from '../../electron/services/execute-migration';
import { rollBackMigration } from '../../electron/services/migration/rollback';
import { migrationView } from '../../electron/services/migration/view';
import { payoutPlanView } from '../../electron/services/month-end/payout-plan-view';
import { readRun, STATES, STEP_STATES, STEPS } from '../../electron/services/month-end/run';
import { approve, runStep } from '../../electron/services/month-end/run-step';
import { closeConfirmation, payTotals } from '../../electron/services/month-end/steps';
import { monthEndView } from '../../electron/services/month-end/view';
import { acknowledgeWarning } from '../../electron/services/month-end/warnings';
import { openPlatform, type Platform } from '../../electron/services/platform';
import { resolveException } from '../../electron/services/reconciliation';
import { isGuided, settleRun } from '../../electron/services/stripe-storage-balance';
import { payRun, planPayouts, retryPayouts, setHold } from '../../electron/services/stripe-transfer';
import { StripeUnavailable } from '../../electron/stripe/problem';
import type { MonthEndStep } from '../../shared/contract/month-end';
import { CofferError } from '../../shared/domain/coffer-error';
import { confirmationText } from '../../shared/domain/confirmation';
import { addMonths, period as toPeriod } from '../../shared/period/period';
import { compareBooks, control, KEY, movementsAtStripe, stripeState } from './books';
import { PERIOD, shapeOf, writeDataset } from './dataset';
import type { ModelCommand } from './model-commands';
import { releasedTooMuch } from './released';

const FIRST = toPeriod(PERIOD);
const START = Date.UTC(2026, 10, 2, 9, 0, 0);
const PATIENCE_MS = 8_000;
const RESTORES_AT_MOST = 30;
const UNFINISHED: readonly MigrationView['state'][] = ['approved', 'executing', 'stopped', 'verifying', 'rolling-back'];

type MigrationView = Awaited<ReturnType<typeof migrationView>>;

class Killed extends Error {}

/** Moves on by itself a little, and by as much as anybody sleeps. */
class Clock {
  #now = START;
  readonly now = (): Date => {
    this.#now += 1;
    return new Date(this.#now);
  };
  advance(ms: number): void {
    this.#now += ms;
  }
  readonly sleep = async (ms: number): Promise<void> => {
    this.advance(ms);
    await new Promise((resolve) => setImmediate(resolve));
  };
}

export class ModelWorld {
  refused = 0;
  kills = 0;
  posted = 0;
  readonly #clock = new Clock();
  readonly #folder: string;
  readonly #earmark: boolean;
  readonly #outside = new Set<string>();
  readonly #transferred = new Set<string>();
  readonly #releases = new Set<string>();
  #period = FIRST;
  #stripe: EmbeddedStripe | null = null;
  #platform: Platform | null = null;
  #guard = new RunGuard();
  #killIn = 0;
  #imports = 0;
  #ids = 0;

  private constructor(folder: string, earmark: boolean) {
    this.#folder = folder;
    this.#earmark = earmark;
  }

  /** @param inNextMonth begins once the month of the dataset is closed */
  static async open(folder: string, seed: number, settlementDelayMs: number, inNextMonth = false): Promise<ModelWorld> {
    const shape = shapeOf(seed);
    const world = new ModelWorld(folder, shape.rail === 'earmark');
    await writeDataset(world.#data, shape);
    world.#stripe = await startEmbeddedStripe({
      seed: await readSeedDirectory(world.#data),
      now: world.#clock.now,
      settlementDelayMs,
    });
    await world.#start();
    await world.#import();
    if (inNextMonth) await world.#beginNextMonth();
    return world;
  }

  /** The first month is closed: what comes back of it from now on is news to the next one, which has rows of its own. */
  async #beginNextMonth(): Promise<void> {
    for (let tries = 0; tries < RESTORES_AT_MOST && (await this.#state()) !== 'closed'; tries++) await this.#goOn();
    if ((await this.#state()) !== 'closed') throw new Error(`${this.#period} does not close`);
    this.#period = addMonths(this.#period, 1);
    for (const number of [1, 2, 3]) await this.#addRows(`next${number}`, `s${number}`, `c${number}`, 4_000 * number);
    await this.#ask('topups', { amount: 24_000, currency: 'usd' });
    await this.#import();
  }

  /** A payment of the month that is played, and an allocation of all of it. */
  async #addRows(name: string, subscriber: string, creator: string, amount: number): Promise<void> {
    const month = this.#period;
    const payment = [name, subscriber, month, 'usd', amount, 0, 'succeeded', `${month}-30T10:00:00Z`];
    const allocation = [name, subscriber, creator, month, 'usd', amount, 'active', `${month}-30T11:00:00Z`];
    await appendFile(join(this.#data, 'payments.csv'), `${payment.join(',')}\n`);
    await appendFile(join(this.#data, 'allocations.csv'), `${allocation.join(',')}\n`);
  }

  get #data(): string {
    return join(this.#folder, 'data');
  }

  get #storePath(): string {
    return join(this.#folder, 'coffer.db');
  }

  get #url(): string {
    if (this.#stripe === null) throw new Error('Stripe is not running');
    return this.#stripe.url;
  }

  get #context(): ServiceContext {
    if (this.#platform === null) throw new Killed('The process is dead');
    return this.#platform.context;
  }

  async #start(): Promise<void> {
    this.#guard = new RunGuard();
    this.#killIn = 0;
    this.#platform = await openPlatform({
      storePath: this.#storePath,
      mode: 'sandbox',
      baseUrl: this.#url,
      key: async () => KEY,
      actor: () => 'Model',
      publish: () => {},
      now: this.#clock.now,
      sleep: this.#clock.sleep,
      // In order, so that the order of what is written does not depend on chance.
      newId: () => {
        this.#ids += 1;
        return `id-${String(this.#ids).padStart(8, '0')}`;
      },
      checkpoint: async () => {
        if (this.#killIn === 0) return;
        this.#killIn -= 1;
        if (this.#killIn > 0) return;
        this.kills += 1;
        await this.#stop();
        throw new Killed('killed');
      },
    });
  }

  async #stop(): Promise<void> {
    const platform = this.#platform;
    this.#platform = null;
    await platform?.close();
  }

  async #import(): Promise<void> {
    const result = await importDataset(this.#storePath, this.#data, {
      requireStripe: false,
      actor: 'Model',
      now: this.#clock.now,
      newId: this.#context.newId,
    });
    if (!result.imported) throw new Error(`The dataset was refused: ${JSON.stringify(result.problems.all)}`);
    await this.#platform?.connect();
  }

  async #control(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<unknown> {
    return control(this.#url, method, path, body);
  }

  /** Refusals of Coffer, of Stripe and of the sandbox are answers; anything else is a bug. */
  async perform(command: ModelCommand): Promise<void> {
    try {
      await this.#perform(command);
    } catch (error) {
      if (this.#platform === null) {
        // What a dying process says is not heard.
      } else if (error instanceof CofferError || error instanceof StripeUnavailable || error instanceof Refused) {
        this.refused += 1;
      } else throw error;
    }
    if (this.#platform === null) await this.#start();
  }

  async #perform(command: ModelCommand): Promise<void> {
    switch (command.do) {
      case 'charge': {
        const known = Object.keys((await stripeState(this.#url)).payments.available);
        const currency = command.euro && known.includes('eur') ? 'eur' : 'usd';
        await this.#ask('charges', {
          amount: command.amount,
          currency,
          fee: Math.floor(command.amount / 50),
          available_in_seconds: command.later ? 172_800 : 0,
        });
        return;
      }
      case 'import': {
        this.#imports += 1;
        const name = `more${this.#imports}`;
        const creator = command.creator === 0 ? 'nobody-knows' : `c${command.creator}`;
        await this.#addRows(name, 's1', creator, command.amount);
        await this.#import();
        return;
      }
      case 'hold':
        await setHold(this.#context, `c${command.creator}`, command.held ? 'under review' : null, 'model');
        return;
      case 'step':
        await this.#nextStep(command.typed);
        return;
      case 'migrate':
        await this.#migrate();
        return;
      case 'roll back': {
        const { rollbackConfirmation } = await migrationView(this.#context, this.#guard);
        await rollBackMigration(this.#context, this.#guard, rollbackConfirmation, PATIENCE_MS);
        return;
      }
      case 'poll':
        await new BalanceMonitor(this.#context).poll();
        return;
      case 'guided':
        await this.#guided();
        return;
      case 'outside':
        await this.#moveOutside(command.how, command.amount);
        return;
      case 'explain':
        await this.#explain(1);
        return;
      case 'give back': {
        const payments = (await movementsAtStripe(this.#url)).filter((one) => one.kind === 'pay' && one.effective);
        const one = payments[command.which % Math.max(payments.length, 1)];
        if (one === undefined || this.#earmark) return;
        await this.#ask(`outbound_payments/${one.id}/${command.how}`, {});
        return;
      }
      case 'fate':
        if (!this.#earmark) await this.#control('POST', 'faults', { kind: command.how, method: 'POST' });
        return;
      case 'fail funding': {
        const payouts = (await movementsAtStripe(this.#url)).filter((one) => one.kind === 'fund' && one.effective);
        const one = payouts[command.which % Math.max(payouts.length, 1)];
        if (one !== undefined) await this.#ask(`payouts/${one.id}/fail`, {});
        return;
      }
      case 'retry':
        await this.#retry(command.which);
        return;
      case 'clock':
        this.#clock.advance(command.hours * 3_600_000);
        return;
      case 'prune':
        await this.#control('POST', 'faults', { kind: 'prune_keys' });
        return;
      case 'break':
        await this.#control('POST', 'faults', {
          kind: command.how,
          method: 'POST',
          path: '/v',
          nth: command.nth,
          times: command.times,
        });
        return;
      case 'mend':
        await this.#control('DELETE', 'faults');
        return;
      case 'account':
        await this.#ask('accounts', {
          id: `acct_c${command.creator}`,
          payouts_enabled: command.payable,
          transfers: command.payable ? 'active' : 'inactive',
          bank_accounts: command.payable ? 'active' : 'restricted',
        });
        return;
      case 'kill':
        this.#killIn = command.points;
        return;
      case 'restart':
        await this.#stop();
        return;
    }
  }

  /** What the sandbox declines (no such payment, too little money) is no problem of ours. */
  async #ask(path: string, body: unknown): Promise<unknown> {
    try {
      return await this.#control('POST', path, body);
    } catch (error) {
      throw new Refused(String(error));
    }
  }

  // What people do ----------------------------------------------------------------------------------------------------

  async #acknowledgeAll(): Promise<void> {
    for (const one of (await monthEndView(this.#context, this.#guard, this.#period)).steps) {
      for (const warning of one.warnings) {
        if (!warning.acknowledged) await acknowledgeWarning(this.#context, this.#period, one.step, warning.code);
      }
    }
  }

  async #state(): Promise<(typeof STATES)[number]> {
    return (await readRun(this.#context.store.db, this.#period))?.state ?? 'open';
  }

  /** Returns what blocks it. */
  async #nextStep(typed: boolean): Promise<readonly { readonly code: string; readonly message: string }[]> {
    await this.#acknowledgeAll();
    const state = await this.#state();
    const reached = (step: MonthEndStep): boolean => STATES.indexOf(state) >= STATES.indexOf(STEP_STATES[step].leads);
    if (state === 'open') {
      const { blockers } = await this.#step('preflight', typed);
      if (blockers.length > 0) return blockers;
      await this.#acknowledgeAll();
    }
    const next = STEPS.find((step) => step !== 'preflight' && !reached(step));
    if (next === undefined) return [];
    return (await this.#step(next, typed)).blockers;
  }

  async #step(step: MonthEndStep, typed: boolean) {
    const context = this.#context;
    if (step === 'approve') {
      const plan = await payoutPlanView(context, this.#period);
      await approve(context, this.#guard, this.#period, plan.planHash);
      return { blockers: [] };
    }
    const words =
      step === 'pay'
        ? confirmationText(await payTotals(context, this.#period), this.#period)
        : step === 'close'
          ? await closeConfirmation(context, this.#period)
          : null;
    return runStep(context, this.#guard, {
      period: this.#period,
      step,
      typed: typed ? words : null,
      patienceMs: PATIENCE_MS,
    });
  }

  async #migrate(): Promise<void> {
    const context = this.#context;
    let view = await migrationView(context, this.#guard);
    if (view.plan === null || ['planned', 'completed', 'rolled-back'].includes(view.state))
      view = await this.#planned();
    await executeMigration(context, this.#guard, {
      planHash: view.plan?.planHash ?? '',
      typed: view.plan?.confirmation ?? '',
      patienceMs: PATIENCE_MS,
    });
  }

  /** A new dry run, approved. */
  async #planned(): Promise<MigrationView> {
    await makePlan(this.#context);
    const { plan } = await migrationView(this.#context, this.#guard);
    await approveMigration(this.#context, plan?.planHash ?? '');
    return migrationView(this.#context, this.#guard);
  }

  async #guided(): Promise<void> {
    const context = this.#context;
    for (const intent of await listIntents(context.store.db, { states: ['planned'] })) {
      // Nobody makes the same transfer twice: Coffer has to find the one that was made.
      if (!isGuided(context, intent) || this.#transferred.has(intent.intent_id)) continue;
      await this.#ask('dashboard/transfer', {
        from: 'storage',
        to: 'payments',
        amount: String(intent.amount),
        currency: intent.currency,
      });
      this.#transferred.add(intent.intent_id);
    }
  }

  async #moveOutside(how: 'out' | 'in' | 'to a creator' | 'to a bank', amount: number): Promise<void> {
    // On the earmark rail there is no Storage at Stripe that anybody could touch.
    if (this.#earmark) return;
    const body = { amount, currency: 'usd' };
    const made = (
      how === 'to a creator'
        ? await this.#ask('dashboard/payout', { ...body, recipient: 'acct_c1' })
        : how === 'to a bank'
          ? await this.#ask('dashboard/payout', body)
          : how === 'out'
            ? await this.#ask('dashboard/transfer', { ...body, from: 'storage', to: 'payments' })
            : await this.#ask('dashboard/transfer', { ...body, from: 'payments', to: 'storage' })
    ) as Record<string, { id: string } | undefined>;
    for (const name of ['transaction', 'payout', 'outbound_payment']) {
      const id = made[name]?.id;
      if (id !== undefined) this.#outside.add(id);
    }
  }

  async #explain(most: number): Promise<number> {
    const lines = await this.#context.store.db
      .selectFrom('stripe_line')
      .select(['stripe_id'])
      .where('outcome', '=', 'exception')
      .where('resolved_by', 'is', null)
      .orderBy('stripe_id')
      .limit(most)
      .execute();
    for (const line of lines) await resolveException(this.#context, line.stripe_id, 'explained by the model');
    return lines.length;
  }

  /**
   * What the books have and Stripe does not, after a day: a line of ours was explained as somebody else's before its outcome was known,
   * and the outcome was booked then.
   */
  async #explainMissing(): Promise<void> {
    await new BalanceMonitor(this.#context).poll();
    const missing = await this.#context.store.db
      .selectFrom('missing_line')
      .select(['intent_id', 'side'])
      .where('outcome', '=', 'exception')
      .where('resolved_by', 'is', null)
      .execute();
    for (const { intent_id, side } of missing) {
      await resolveException(this.#context, `${intent_id}:${side}`, 'taken back by the model').catch(onlyRefused);
    }
  }

  async #retry(which: number): Promise<void> {
    const context = this.#context;
    const ended = await listIntents(context.store.db, { kinds: ['pay'], states: ['failed', 'returned', 'canceled'] });
    const one = ended[which % Math.max(ended.length, 1)];
    if (one !== undefined) await this.#payAgain(one.intent_id);
  }

  async #payAgain(intentId: string): Promise<void> {
    const context = this.#context;
    const run = await readRun(context.store.db, this.#period);
    const plan = await planPayouts(context, this.#period, run?.version ?? 1);
    await retryPayouts(context, plan, [intentId], {
      shouldStop: () => false,
      onSettled: () => {},
      sleep: context.sleep,
    });
    await settleRun(context, payRun(this.#period), PATIENCE_MS, () => false);
  }

  // What must be so ---------------------------------------------------------------------------------------------------

  async problems(): Promise<string[]> {
    const context = this.#context;
    const { db } = context.store;
    const problems = await compareBooks(context.store, this.#url, { underWay: true, outside: this.#outside });
    const overpaid = await db
      .selectFrom('ledger_balance')
      .selectAll()
      .where('account', 'like', 'owed:%')
      .where('balance', '>', 0n)
      .execute();
    problems.push(...(await releasedTooMuch(db, this.#releases)));
    for (const row of overpaid) problems.push(`${row.account} is overpaid by ${row.balance} ${row.currency}`);
    const events = await db.selectFrom('intent_event').selectAll().orderBy('intent_id').orderBy('seq').execute();
    const last = new Map<string, string>();
    for (const event of events) {
      const before = last.get(event.intent_id);
      if (before !== undefined && !canFollow(before as IntentState, event.state as IntentState)) {
        problems.push(`Movement ${event.intent_id} went from ${before} to ${event.state}`);
      }
      last.set(event.intent_id, event.state);
    }
    for (const row of await db.selectFrom('intent_state').select(['intent_id', 'state']).execute()) {
      if (last.get(row.intent_id) !== row.state) problems.push(`Movement ${row.intent_id} says ${row.state}`);
    }
    return problems;
  }

  // The end -----------------------------------------------------------------------------------------------------------

  /** The faults are gone, everybody does what is asked: the month must close, with every cent explained. */
  async finish(): Promise<string[]> {
    await this.#control('DELETE', 'faults');
    this.#killIn = 0;
    const told: string[] = [];
    // A migration that was begun after the close is finished too.
    const done = async (): Promise<boolean> =>
      (await this.#state()) === 'closed' &&
      !UNFINISHED.includes((await migrationView(this.#context, this.#guard)).state);
    for (let tries = 0; tries < RESTORES_AT_MOST && !(await done()); tries++) {
      told.push(await this.#goOn());
      if (tries % 10 !== 9) continue;
      this.#clock.advance(25 * 3_600_000);
      await this.#explainMissing();
    }
    if (!(await done())) return [`The month stays ${await this.#state()}: ${told.slice(-4).join(' / ')}`];
    await new BalanceMonitor(this.#context).poll();
    await this.#explain(100);
    // Whatever is still under way is decided.
    this.#clock.advance(60_000);
    await new BalanceMonitor(this.#context).poll();
    this.posted += (await listIntents(this.#context.store.db, { states: ['posted'] })).length;
    return [...(await this.problems()), ...(await this.#settled())];
  }

  async #goOn(): Promise<string> {
    let why = '';
    try {
      // As the app does by itself every few minutes.
      await new BalanceMonitor(this.#context).poll();
      const migration = await migrationView(this.#context, this.#guard);
      if (UNFINISHED.includes(migration.state)) {
        try {
          await this.#endMigration(migration);
        } catch (error) {
          onlyRefused(error);
          why = `migration: ${migration.stopReason} ${error}; `;
        }
      }
      await this.#guided().catch(onlyRefused);
      await this.#explain(100);
      const blockers = await this.#nextStep(true);
      for (const { code } of blockers) await this.#help(code);
      return why + blockers.map(({ code, message }) => `${code}: ${message}`).join('; ');
    } catch (error) {
      if (!(error instanceof CofferError || error instanceof StripeUnavailable || error instanceof Refused))
        throw error;
      if (error instanceof Refused) await this.#help('payments-low-usd');
      return why + error.message;
    }
  }

  /** It is finished or, when it cannot be, taken back; when somebody moved the money since, the rest is planned anew. */
  async #endMigration(view: MigrationView): Promise<void> {
    if (view.state !== 'rolling-back') {
      await this.#migrate().catch(onlyRefused);
      if ((await migrationView(this.#context, this.#guard)).state === 'completed') return;
    }
    try {
      await rollBackMigration(this.#context, this.#guard, view.rollbackConfirmation, PATIENCE_MS);
    } catch (error) {
      onlyRefused(error);
      await this.#planned();
      await this.#migrate();
      return;
    }
    await this.#guided();
    await rollBackMigration(this.#context, this.#guard, null, PATIENCE_MS);
  }

  /** What a person does about a blocker. */
  async #help(code: string): Promise<void> {
    const [, currency = 'usd'] = /-([a-z]{3})$/.exec(code) ?? [];
    const [, unfinished] = /^unfinished-(.+)$/.exec(code) ?? [];
    if (unfinished !== undefined) await this.#payAgain(unfinished).catch(onlyRefused);
    if (/^payments-low-/.test(code)) await this.#ask('topups', { amount: 500_000, currency });
    if (/^storage-/.test(code) && !this.#earmark) {
      // Somebody took it out of Storage: it is brought back the way it went.
      await new BalanceMonitor(this.#context).poll();
      const { storage } = await stripeState(this.#url);
      const { balance } = (await this.#context.store.db
        .selectFrom('ledger_balance')
        .select('balance')
        .where('account', '=', 'storage')
        .where('currency', '=', currency)
        .executeTakeFirst()) ?? { balance: 0n };
      const owed = await this.#context.store.db
        .selectFrom('ledger_balance')
        .select(({ fn }) => fn.sum<bigint>('balance').as('total'))
        .where('currency', '=', currency)
        .where((eb) => eb.or([eb('account', 'like', 'owed:%'), eb('account', 'like', 'suspense:%')]))
        .executeTakeFirst();
      const difference = -BigInt(owed?.total ?? 0n) - balance;
      const direction = difference > 0n ? { from: 'payments', to: 'storage' } : { from: 'storage', to: 'payments' };
      const amount = difference > 0n ? difference : -difference;
      if (amount === 0n) return;
      if (difference < 0n && BigInt(storage.available[currency] ?? '0') < amount) return;
      const made = (await this.#ask('dashboard/transfer', {
        ...direction,
        amount: String(amount),
        currency,
      })) as Record<string, { id: string } | undefined>;
      for (const name of ['transaction', 'payout']) {
        const id = made[name]?.id;
        if (id !== undefined) this.#outside.add(id);
      }
      await new BalanceMonitor(this.#context).poll();
      await this.#explain(100);
    }
    this.#clock.advance(60_000);
  }

  /** Nothing is open, and payments + storage + under way are Stripe’s to the cent. */
  async #settled(): Promise<string[]> {
    const context = this.#context;
    const problems: string[] = [];
    for (const intent of await listIntents(context.store.db, {})) {
      if (isOpen(intent.state) && !isGuided(context, intent))
        problems.push(`${intent.kind} ${intent.intent_id} is ${intent.state}`);
    }
    const rows = await context.store.db
      .selectFrom('ledger_balance')
      .select(({ fn }) => ['currency', fn.sum<bigint>('balance').as('total')])
      .where('account', 'in', [PAYMENTS, STORAGE, INBOUND, OUTBOUND])
      .groupBy('currency')
      .execute();
    const books = new Map(rows.map((row) => [row.currency, BigInt(row.total)]));
    for (const one of await context.rail.balances()) {
      const stripe =
        one.paymentsAvailable + one.paymentsPending + one.storageAvailable + one.storageInbound + one.storageOutbound;
      const ours = books.get(one.currency) ?? 0n;
      if (stripe !== ours) problems.push(`Stripe holds ${stripe} ${one.currency}, the books say ${ours}`);
    }
    const { currencies } = await new BalanceMonitor(context).poll();
    for (const view of currencies) {
      if (view.unexplained !== '0') problems.push(`Unexplained in ${view.currency}: ${view.unexplained}`);
    }
    return problems;
  }

  /** Payments to creators that Stripe has not decided yet. */
  async paymentsUnderWay(): Promise<number> {
    return (await movementsAtStripe(this.#url)).filter((one) => one.kind === 'pay' && one.pending).length;
  }

  /** Every movement, ledger transaction and line, for a failure that has to be understood. */
  async story(): Promise<string> {
    const { db } = this.#context.store;
    const intents = await listIntents(db, {});
    const entries = await db
      .selectFrom('ledger_entry')
      .innerJoin('ledger_transaction', 'ledger_transaction.tx_id', 'ledger_entry.tx_id')
      .select(['at', 'kind', 'account', 'currency', 'amount', 'intent_id'])
      .orderBy('entry_id')
      .execute();
    const lines = await db.selectFrom('stripe_line').selectAll().orderBy('created_at').execute();
    return [
      ...intents.map(
        (one) =>
          `${one.intent_id} ${one.kind} ${one.run} ${one.amount} ${one.currency} ${one.state} ${one.stripe_object} ${one.code}`,
      ),
      ...entries.map(
        (one) => `${one.at} ${one.kind} ${one.account} ${one.amount} ${one.currency} ${one.intent_id ?? ''}`,
      ),
      ...lines.map(
        (one) =>
          `${one.side} ${one.stripe_id} ${one.type} ${one.amount} ${one.currency} ${one.outcome} ${one.intent_id} ${one.resolved_by} ${one.explanation}`,
      ),
    ].join('\n');
  }

  async close(): Promise<void> {
    await this.#stop();
    await this.#stripe?.close();
  }
}

class Refused extends Error {}

function onlyRefused(error: unknown): void {
  if (!(error instanceof Refused || error instanceof CofferError)) throw error;
}
