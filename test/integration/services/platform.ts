/**
 * A platform for tests, from a dataset directory: the real embedded Stripe over HTTP, a real store in a temporary folder, and a
 * clock that stands in November 2026, so that the month of the datasets has ended. Nothing of the money logic is replaced.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach } from 'vitest';
import { type EmbeddedStripe, readSeedDirectory, startEmbeddedStripe } from '../../../electron/sandbox';
import { BalanceMonitor } from '../../../electron/services/balance-monitoring';
import { RunGuard, type ServiceContext } from '../../../electron/services/context';
import { importDataset } from '../../../electron/services/data-import';
import { makeExports } from '../../../electron/services/exports/make-exports';
import { summaryOf } from '../../../electron/services/exports/summary';
import { payoutPlanView } from '../../../electron/services/month-end/payout-plan-view';
import { readRun, STATES, STEP_STATES, STEPS, type StepOutcome } from '../../../electron/services/month-end/run';
import { approve, runStep } from '../../../electron/services/month-end/run-step';
import { closeConfirmation, payTotals } from '../../../electron/services/month-end/steps';
import { monthEndView } from '../../../electron/services/month-end/view';
import { acknowledgeWarning } from '../../../electron/services/month-end/warnings';
import { openPlatform, type Platform } from '../../../electron/services/platform';
import { restoreBackup } from '../../../electron/services/restore';
import { readOpenPeriod } from '../../../electron/services/settings';
import { settleRun } from '../../../electron/services/stripe-storage-balance';
import { payRun } from '../../../electron/services/stripe-transfer';
import { type Backup, makeBackup } from '../../../electron/store/backup';
import type { MonthEndStep } from '../../../shared/contract/month-end';
import { confirmationText } from '../../../shared/domain/confirmation';
import { type Period, period as toPeriod } from '../../../shared/period/period';

export const FIXTURES = fileURLToPath(new URL('../../fixtures/datasets', import.meta.url));
export const KEY = 'sk_test_services0000000000000000';
/** The morning after the datasets' month. */
const START = Date.UTC(2026, 10, 2, 9, 0, 0);
const PATIENCE_MS = 1_500;

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'coffer-test-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Files that replace those of a fixture; JSON files may be given as the settings that differ. */
export type DatasetChanges = Readonly<Record<string, string | Readonly<Record<string, unknown>>>>;

/** A copy of a fixture dataset with some files changed. */
export async function datasetLike(name: string, changes: DatasetChanges = {}): Promise<string> {
  const directory = join(await temporaryFolder(), name);
  await cp(join(FIXTURES, name), directory, { recursive: true });
  for (const [file, change] of Object.entries(changes)) {
    const path = join(directory, file);
    if (typeof change === 'string') await writeFile(path, change);
    else await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ...change }));
  }
  return directory;
}

/** Real time from a start of our own; sleeping moves it on without waiting. */
export class Clock {
  #offset = START - Date.now();
  readonly now = (): Date => new Date(Date.now() + this.#offset);
  advance(ms: number): void {
    this.#offset += ms;
  }
  readonly sleep = async (ms: number): Promise<void> => {
    this.advance(ms);
    await new Promise((resolve) => setTimeout(resolve, 1));
  };
}

export interface OutboundPayment {
  readonly id: string;
  readonly recipient: string;
  readonly amount: bigint;
  readonly currency: string;
  readonly status: string;
  readonly intent: string;
}

interface SandboxState {
  payments: { available: Record<string, string>; pending: Record<string, string> };
  storage: Record<'available' | 'inbound_pending' | 'outbound_pending', Record<string, string>>;
  recipients: Record<string, Record<string, string>>;
  recipients_total: Record<string, string>;
  counts: Record<string, number>;
}

/** The embedded Stripe as a test sees it: faults, the person in the dashboard, and what is really there. */
export class StripeBench {
  readonly url: string;
  readonly #start: (port: number) => Promise<EmbeddedStripe>;
  #server: EmbeddedStripe;

  constructor(server: EmbeddedStripe, start: (port: number) => Promise<EmbeddedStripe>) {
    this.#server = server;
    this.#start = start;
    this.url = server.url;
  }

  /** Nobody answers any more; what was answered is on disk. */
  async stop(): Promise<void> {
    await this.#server.close();
  }

  /** Answers again at the same address, with the same state. */
  async startAgain(): Promise<void> {
    this.#server = await this.#start(this.#server.port);
  }

  async control(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<unknown> {
    const reply = await fetch(`${this.url}/_sandbox/${path}`, {
      method,
      headers: { 'x-coffer-sandbox': '1' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer: unknown = await reply.json();
    if (!reply.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    return answer;
  }

  async fault(kind: string, more: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await this.control('POST', 'faults', { kind, ...more });
  }

  async clearFaults(): Promise<void> {
    await this.control('DELETE', 'faults');
  }

  async state(): Promise<SandboxState> {
    return (await this.control('GET', 'state')) as SandboxState;
  }

  /** Payments available and the whole of Storage. */
  async balances(currency = 'usd'): Promise<{ payments: bigint; storage: bigint }> {
    const state = await this.state();
    const of = (amounts: Record<string, string>): bigint => BigInt(amounts[currency] ?? '0');
    return {
      payments: of(state.payments.available),
      storage: of(state.storage.available) + of(state.storage.inbound_pending) + of(state.storage.outbound_pending),
    };
  }

  /** What each account really has received. */
  async received(currency = 'usd'): Promise<Record<string, bigint>> {
    const { recipients } = await this.state();
    return Object.fromEntries(
      Object.entries(recipients)
        .filter(([, amounts]) => (amounts[currency] ?? '0') !== '0')
        .map(([account, amounts]) => [account, BigInt(amounts[currency] ?? '0')]),
    );
  }

  /** Every item of a list of Stripe's API, read by an ordinary client. */
  async list(path: string): Promise<Record<string, unknown>[]> {
    const items: Record<string, unknown>[] = [];
    for (let next: string | null = `${path}${path.includes('?') ? '&' : '?'}limit=100`; next !== null; ) {
      const reply = await fetch(new URL(next, this.url), {
        headers: { authorization: `Bearer ${KEY}`, 'stripe-version': '2026-10-28.endive' },
      });
      const page: { data: Record<string, unknown>[]; has_more?: boolean; next_page_url?: string | null } =
        await reply.json();
      items.push(...page.data);
      const last = page.data.at(-1);
      if (page.has_more === true && last !== undefined) next = `${path}?limit=100&starting_after=${String(last.id)}`;
      else next = page.next_page_url ?? null;
    }
    return items;
  }

  /** Every outbound payment that was ever made, whatever became of it. */
  async outboundPayments(): Promise<OutboundPayment[]> {
    const rows = (await this.list('/v2/money_management/outbound_payments')) as {
      id: string;
      to: { recipient: string };
      amount: { value: number; currency: string };
      status: string;
      metadata: { coffer_intent?: string };
    }[];
    return rows.map((row) => ({
      id: row.id,
      recipient: row.to.recipient,
      amount: BigInt(row.amount.value),
      currency: row.amount.currency,
      status: row.status,
      intent: row.metadata.coffer_intent ?? '',
    }));
  }

  /** How many payments each account was sent, by currency, that still stand: none may have two for one debt. */
  async paymentsPerAccount(): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const one of await this.outboundPayments()) {
      if (['failed', 'returned', 'canceled'].includes(one.status)) continue;
      const key = `${one.recipient} ${one.currency}`;
      counts[key] = (counts[key] ?? 0) + 1;
    }
    return counts;
  }

  /** Payouts of the Payments balance: what funded Storage. */
  async payouts(): Promise<{ id: string; amount: number; currency: string; status: string }[]> {
    return (await this.list('/v1/payouts')) as { id: string; amount: number; currency: string; status: string }[];
  }
}

export interface BenchOptions {
  readonly playGuided?: boolean;
  readonly settlementDelayMs?: number;
  readonly rateLimit?: { perSecond: number; perEndpoint: number };
  /** Heavy work is done in this worker, however little it is. */
  readonly worker?: URL;
  /** The embedded Stripe keeps its state in a file, so that it can be stopped and started again. */
  readonly durable?: boolean;
}

/** What a kill at a labelled point looks like to the code above it. */
export class Killed extends Error {}

export class Bench {
  readonly clock: Clock;
  readonly stripe: StripeBench;
  readonly directory: string;
  readonly folder: string;
  readonly period: Period;
  readonly labels: string[] = [];
  readonly published: string[] = [];
  guard = new RunGuard();
  /** Called at each labelled point; may throw. */
  atCheckpoint: (label: string) => void | Promise<void> = () => {};
  readonly #options: BenchOptions;
  #platform: Platform | null = null;

  constructor(
    clock: Clock,
    stripe: StripeBench,
    directory: string,
    folder: string,
    period: Period,
    options: BenchOptions,
  ) {
    this.clock = clock;
    this.stripe = stripe;
    this.directory = directory;
    this.folder = folder;
    this.period = period;
    this.#options = options;
  }

  get storePath(): string {
    return join(this.folder, 'coffer.db');
  }

  get platform(): Platform {
    if (this.#platform === null) throw new Error('The platform is closed');
    return this.#platform;
  }

  get context(): ServiceContext {
    return this.platform.context;
  }

  /** A new platform object on the same files, as after a start of the program. */
  async open(): Promise<Platform> {
    this.guard = new RunGuard();
    this.#platform = await openPlatform({
      storePath: this.storePath,
      mode: 'sandbox',
      baseUrl: this.stripe.url,
      key: async () => KEY,
      actor: () => 'Test',
      publish: (event) => this.published.push(event),
      playGuided:
        this.#options.playGuided === true ? async ({ currency, amount }) => this.release(amount, currency) : null,
      now: this.clock.now,
      sleep: this.clock.sleep,
      ...(this.#options.worker === undefined ? {} : { worker: { entry: this.#options.worker, fromRows: 0 } }),
      checkpoint: async (label) => {
        this.labels.push(label);
        await this.atCheckpoint(label);
      },
    });
    return this.#platform;
  }

  async close(): Promise<void> {
    const platform = this.#platform;
    this.#platform = null;
    await platform?.close();
  }

  backUp(): Backup {
    return makeBackup({ storePath: this.storePath, reason: 'manual', at: this.clock.now() });
  }

  /** Closes the books, restores, and opens them again, as the app does. */
  async restore(backup: Backup): Promise<void> {
    await this.close();
    await restoreBackup({
      storePath: this.storePath,
      mode: 'sandbox',
      stripeAccount: null,
      backupPath: backup.path,
      actor: 'Test',
      at: this.clock.now(),
    });
    await this.open();
  }

  async reopen(): Promise<void> {
    await this.close();
    await this.open();
  }

  /** From now on the process is dead at the `nth` time it comes to `label`: the store is shut, nothing is tidied up. */
  killAt(label: string, nth = 1): void {
    let seen = 0;
    this.atCheckpoint = async (reached) => {
      if (reached !== label) return;
      seen += 1;
      if (seen !== nth) return;
      this.atCheckpoint = () => {};
      await this.close();
      throw new Killed(`killed at ${label}`);
    };
  }

  async import(directory = this.directory) {
    const result = await importDataset(this.storePath, directory, {
      requireStripe: false,
      actor: 'Test',
      now: this.clock.now,
      newId: this.context.newId,
    });
    if (!result.imported) throw new Error(`The dataset was refused: ${JSON.stringify(result.problems.all)}`);
    await this.platform.connect();
    return result;
  }

  /** Balances → Transfer in the dashboard, by a person. */
  async release(amount: bigint, currency = 'usd'): Promise<void> {
    await this.stripe.control('POST', 'dashboard/transfer', {
      from: 'storage',
      to: 'payments',
      amount: String(amount),
      currency,
    });
  }

  // The month end ------------------------------------------------------------------------------------------------------

  async state(period = this.period): Promise<string> {
    return (await readRun(this.platform.store.db, period))?.state ?? 'open';
  }

  /** Runs one step as a person would who types what is asked for; approval takes the plan of now. */
  async step(step: MonthEndStep, period = this.period, typed?: string): Promise<StepOutcome> {
    if (step === 'approve') {
      const plan = await payoutPlanView(this.context, period);
      await approve(this.context, this.guard, period, plan.planHash);
      return { facts: [], blockers: [], warnings: [] };
    }
    return runStep(this.context, this.guard, {
      period,
      step,
      typed: typed ?? (await this.typedFor(step, period)),
      patienceMs: PATIENCE_MS,
    });
  }

  async typedFor(step: MonthEndStep, period = this.period): Promise<string | null> {
    if (step === 'pay') return confirmationText(await payTotals(this.context, period), period);
    return step === 'close' ? closeConfirmation(this.context, period) : null;
  }

  async acknowledgeAll(period = this.period): Promise<void> {
    for (const one of (await monthEndView(this.context, this.guard, period)).steps) {
      for (const warning of one.warnings) {
        if (!warning.acknowledged) await acknowledgeWarning(this.context, period, one.step, warning.code);
      }
    }
  }

  /** Takes the period up where it stands and goes on to the end of `last`. Fails on the first blocker. */
  async through(last: MonthEndStep, period = this.period): Promise<void> {
    for (const step of STEPS.slice(0, STEPS.indexOf(last) + 1)) {
      const state = await this.state(period);
      const done = STATES.indexOf(state as (typeof STATES)[number]) >= STATES.indexOf(STEP_STATES[step].leads);
      if (done && (step !== 'preflight' || state !== 'open')) continue;
      const { blockers } = await this.step(step, period);
      if (blockers.length > 0) throw new Error(`${step}: ${blockers.map((one) => one.message).join(' ')}`);
      await this.acknowledgeAll(period);
    }
  }

  async summary(period = this.period): Promise<Record<string, Record<string, string>>> {
    return summaryOf(this.platform.store.db, period);
  }

  async export(name: string, period: string = this.period): Promise<string> {
    const [file] = await makeExports(this.platform.store.db, period, [name]);
    if (file === undefined) throw new Error(`No export ${name}`);
    return file.content;
  }

  /** Follows the period's payouts until Stripe has decided them. */
  async follow(period = this.period): Promise<void> {
    await settleRun(this.context, payRun(period), PATIENCE_MS, () => false);
  }

  /** The coverage equation of one currency, freshly read from Stripe. */
  async coverage(currency = 'usd') {
    const overview = await new BalanceMonitor(this.context).poll();
    const found = overview.currencies.find((one) => one.currency === currency);
    if (found === undefined) throw new Error(`No coverage of ${currency}`);
    const { coverageBps, difference, unexplained, owed, storageAvailable } = found;
    return { coverageBps, difference, unexplained, owed, storageAvailable };
  }

  /** Rows of an export by column name. */
  async rows(name: string, period: string = this.period): Promise<Record<string, string>[]> {
    return csvRows(await this.export(name, period));
  }
}

/** Rows of a CSV without quoted line breaks. */
export function csvRows(content: string): Record<string, string>[] {
  const [header = '', ...lines] = content
    .replace(/^\uFEFF/, '')
    .trimEnd()
    .split(/\r?\n/);
  const columns = header.split(',');
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const cells = line.match(/("([^"]|"")*"|[^,]*)(,|$)/g)?.map((cell) => cell.replace(/,$/, '')) ?? [];
      return Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? '']));
    });
}

/** Opens a platform on a dataset directory, or on a fixture by its name, with the dataset imported. */
export async function bench(dataset: string, options: BenchOptions = {}): Promise<Bench> {
  const directory = dataset.includes('/') || dataset.includes('\\') ? dataset : join(FIXTURES, dataset);
  const clock = new Clock();
  const folder = await temporaryFolder();
  const seed = await readSeedDirectory(directory);
  const start = (port: number): Promise<EmbeddedStripe> =>
    startEmbeddedStripe({
      port,
      seed,
      now: clock.now,
      settlementDelayMs: options.settlementDelayMs ?? 0,
      rateLimit: options.rateLimit ?? null,
      ...(options.durable === true ? { stateFile: join(folder, 'stripe.jsonl') } : {}),
    });
  const stripe = new StripeBench(await start(0), start);
  cleanups.push(() => stripe.stop());
  const { period }: { period: string } = JSON.parse(await readFile(join(directory, 'policy.json'), 'utf8'));
  const made = new Bench(clock, stripe, directory, folder, toPeriod(period), options);
  cleanups.push(() => made.close());
  await made.open();
  await made.import();
  if ((await readOpenPeriod(made.platform.store.db)) === null) throw new Error('No open period');
  return made;
}

/** Everything that must not change when something is done twice. */
export async function fingerprint(one: Bench): Promise<unknown> {
  const { db } = one.platform.store;
  const { counts, ...stripe } = await one.stripe.state();
  return {
    stripe: { ...stripe, clock: null },
    objects: { payouts: counts.payouts, outbound: counts.outbound_payments },
    ledger: await db.selectFrom('ledger_entry').selectAll().orderBy('entry_id').execute(),
    intents: await db.selectFrom('intent_event').selectAll().orderBy('intent_id').orderBy('seq').execute(),
    figures: await db.selectFrom('period_figures').selectAll().orderBy('period').orderBy('currency').execute(),
    earnings: await db.selectFrom('earning').selectAll().orderBy('creator_id').orderBy('currency').execute(),
  };
}

/** Σ debits − Σ credits, and the balance table against the entries it is kept from: all zero, all equal. */
export async function ledgerProblems(one: Bench): Promise<string[]> {
  const { db } = one.platform.store;
  const problems: string[] = [];
  const totals = new Map<string, bigint>();
  const balances = new Map<string, bigint>();
  for (const entry of await db.selectFrom('ledger_entry').selectAll().execute()) {
    totals.set(
      `${entry.tx_id} ${entry.currency}`,
      (totals.get(`${entry.tx_id} ${entry.currency}`) ?? 0n) + entry.amount,
    );
    const key = `${entry.account} ${entry.currency}`;
    balances.set(key, (balances.get(key) ?? 0n) + entry.amount);
  }
  for (const [key, total] of totals) if (total !== 0n) problems.push(`transaction ${key} is off by ${total}`);
  for (const row of await db.selectFrom('ledger_balance').selectAll().execute()) {
    const sum = balances.get(`${row.account} ${row.currency}`) ?? 0n;
    if (sum !== row.balance) problems.push(`${row.account} ${row.currency} says ${row.balance}, its entries ${sum}`);
  }
  return problems;
}
