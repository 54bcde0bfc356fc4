import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { SandboxClock } from '../clock';
import { Balances } from './balances';
import { type ChangeSink, Collection, Registry, type Table } from './collection';
import { type LogLine, LogWriter, readLog, StateFileError, writeLog } from './log';
import * as records from './records';
import { Settlements } from './settlements';

/** Below this size a state file is never rewritten at start. */
const COMPACT_ABOVE_BYTES = 8 << 20;
const SNAPSHOT_BATCH = 500;

/**
 * Everything the embedded Stripe knows. All changes happen inside `transact`: either the whole unit of work is applied
 * and appended to the log as one line, or nothing of it remains.
 */
export class SandboxState implements ChangeSink {
  readonly #tables: Table[] = [];
  #undo: (() => void)[] | undefined;
  #changed = new Map<string, [Table, string]>();
  #changedBalances = new Set<string>();
  #ids = 0;
  #log: LogWriter | undefined;
  readonly clock: SandboxClock;
  readonly balances: Balances;
  readonly settlements = new Settlements();

  readonly platforms = this.#registry('platform', records.platformSchema);
  readonly accounts = this.#collection('account', records.accountSchema, {});
  readonly balanceTransactions = this.#collection('balance_transaction', records.balanceTransactionSchema, {
    source: (row) => row.source,
    type: (row) => row.type,
    currency: (row) => row.currency,
  });
  readonly charges = this.#collection('charge', records.chargeSchema, { customer: (row) => row.customer });
  readonly refunds = this.#collection('refund', records.refundSchema, { charge: (row) => row.charge });
  readonly disputes = this.#collection('dispute', records.disputeSchema, { charge: (row) => row.charge });
  readonly topups = this.#collection('topup', records.topupSchema, {});
  readonly payouts = this.#collection('payout', records.payoutSchema, { destination: (row) => row.destination });
  readonly transfers = this.#collection('transfer', records.transferSchema, {
    destination: (row) => row.destination,
    transfer_group: (row) => row.transfer_group,
  });
  readonly reversals = this.#collection('reversal', records.reversalSchema, { transfer: (row) => row.transfer });
  readonly outboundPayments = this.#collection('outbound_payment', records.outboundPaymentSchema, {
    recipient: (row) => row.recipient,
  });
  readonly receivedCredits = this.#collection('received_credit', records.receivedCreditSchema, {});
  readonly transactions = this.#collection('transaction', records.transactionSchema, { flow: (row) => row.flow });
  readonly transactionEntries = this.#collection('transaction_entry', records.transactionEntrySchema, {
    transaction: (row) => row.transaction,
  });
  readonly events = this.#collection('event', records.eventSchema, { type: (row) => row.type });
  readonly eventsV2 = this.#collection('event_v2', records.eventV2Schema, {});
  readonly idempotency = {
    v1: this.#registry('idempotency_v1', records.idempotencySchema),
    v2: this.#registry('idempotency_v2', records.idempotencySchema),
  };
  readonly restrictions = this.#registry('restriction', records.restrictionSchema);
  readonly faults = this.#registry('fault', records.faultSchema);

  private constructor(now: () => Date) {
    this.clock = new SandboxClock(now, () => this.platforms.get('platform')?.clock_offset ?? 0);
    this.balances = new Balances((account, before) => {
      this.#requireWork().push(() => this.balances.restore(account, before));
      this.#changedBalances.add(account);
    });
  }

  /**
   * Opens the state. Without `file` it lives in memory only. `seed` runs once, when there is no earlier state; its
   * result is written before this returns.
   */
  static async open(options: {
    file: string | undefined;
    now: () => Date;
    seed: (state: SandboxState) => void;
  }): Promise<SandboxState> {
    const { file, now, seed } = options;
    const state = new SandboxState(now);
    if (file === undefined) {
      state.transact(() => seed(state));
      return state;
    }
    if (existsSync(file) && (await stat(file)).size > 0) {
      let put = 0;
      let length = await readLog(file, (line) => {
        put += line.put?.length ?? 0;
        state.#apply(line);
      });
      if (state.platforms.size === 0) throw new StateFileError(`${file} holds no sandbox. Move it away to start anew.`);
      state.balances.assertConserved();
      state.#planSettlements();
      if (length > COMPACT_ABOVE_BYTES && put > 2 * state.#size()) length = await writeLog(file, state.#snapshot());
      state.#log = await LogWriter.open(file, length);
    } else {
      state.transact(() => seed(state));
      state.#log = await LogWriter.open(file, await writeLog(file, state.#snapshot()));
    }
    return state;
  }

  /** The single record of the platform itself. */
  get platform(): records.PlatformRecord {
    const platform = this.platforms.get('platform');
    if (platform === undefined) throw new Error('The sandbox has no platform record');
    return platform;
  }

  /** A new id such as `po_1QaB3xY0000007`. Unique over all sandboxes and restarts. */
  newId(prefix: string): string {
    this.#requireWork();
    this.#ids += 1;
    return `${prefix}1Q${this.platform.salt}${this.#ids.toString(36).padStart(8, '0')}`;
  }

  static newSalt(): string {
    return randomBytes(8).toString('base64url').replace(/[-_]/g, 'x').slice(0, 8);
  }

  /** Runs one unit of work. Synchronous on purpose: nothing else can see or mix with a half-done one. */
  transact<T>(work: () => T): T {
    if (this.#undo !== undefined) throw new Error('Units of work do not nest');
    const undo: (() => void)[] = [];
    const ids = this.#ids;
    this.#undo = undo;
    try {
      const result = work();
      this.#append();
      return result;
    } catch (error) {
      for (const step of undo.reverse()) step();
      this.#ids = ids;
      throw error;
    } finally {
      this.#undo = undefined;
      this.#changed = new Map();
      this.#changedBalances = new Set();
    }
  }

  changed(table: Table, id: string, undo: () => void): void {
    this.#requireWork().push(undo);
    this.#changed.set(`${table.name} ${id}`, [table, id]);
  }

  /** Resolves when all units of work done so far would survive a crash. */
  async durable(): Promise<void> {
    await this.#log?.durable();
  }

  async close(): Promise<void> {
    await this.#log?.close();
  }

  counts(): Record<string, number> {
    return Object.fromEntries(this.#tables.map((table) => [table.name, table.size]));
  }

  #requireWork(): (() => void)[] {
    if (this.#undo === undefined) throw new Error('The sandbox state changes only inside a unit of work');
    return this.#undo;
  }

  #append(): void {
    if (this.#changed.size === 0 && this.#changedBalances.size === 0) return;
    if (this.#log === undefined) return;
    const put: [string, unknown][] = [];
    const del: [string, string][] = [];
    for (const [table, id] of this.#changed.values()) {
      const record = table.snapshot(id);
      if (record === undefined) del.push([table.name, id]);
      else put.push([table.name, record]);
    }
    const bal: Record<string, string> = {};
    for (const account of this.#changedBalances) bal[account] = this.balances.amountOf(account).toString();
    this.#log.append({
      ids: this.#ids,
      at: this.clock.now(),
      ...(put.length > 0 ? { put } : {}),
      ...(del.length > 0 ? { del } : {}),
      ...(this.#changedBalances.size > 0 ? { bal } : {}),
    });
  }

  #apply(line: LogLine): void {
    this.#ids = Math.max(this.#ids, line.ids);
    this.clock.atLeast(line.at);
    for (const [name, record] of line.put ?? []) this.#table(name).load(record);
    for (const [name, id] of line.del ?? []) this.#table(name).unload(id);
    for (const [account, amount] of Object.entries(line.bal ?? {})) this.balances.restore(account, BigInt(amount));
  }

  *#snapshot(): Generator<LogLine> {
    const at = this.clock.now();
    for (const table of this.#tables) {
      let put: [string, unknown][] = [];
      for (const id of table.ids()) {
        put.push([table.name, table.snapshot(id)]);
        if (put.length === SNAPSHOT_BATCH) {
          yield { ids: this.#ids, at, put };
          put = [];
        }
      }
      if (put.length > 0) yield { ids: this.#ids, at, put };
    }
    const bal = Object.fromEntries(
      [...this.balances.entries()].map(([account, amount]) => [account, amount.toString()]),
    );
    yield { ids: this.#ids, at, bal };
  }

  #planSettlements(): void {
    for (const row of this.balanceTransactions.all()) {
      if (row.status === 'pending') this.settlements.plan('balance_transaction', row.id, row.available_on);
    }
    for (const row of this.payouts.all()) if (row.due !== null) this.settlements.plan('payout', row.id, row.due);
    for (const row of this.outboundPayments.all()) {
      if (row.due !== null) this.settlements.plan('outbound_payment', row.id, row.due);
    }
  }

  #size(): number {
    return this.#tables.reduce((total, table) => total + table.size, 0);
  }

  #table(name: string): Table {
    const table = this.#tables.find((candidate) => candidate.name === name);
    if (table === undefined) throw new StateFileError(`The state file holds records of an unknown kind, "${name}"`);
    return table;
  }

  #collection<T extends { id: string; created: number }, Index extends string>(
    name: string,
    parser: { parse(value: unknown): T },
    keys: { readonly [K in Index]: (row: T) => string | null },
  ): Collection<T, Index> {
    const collection = new Collection<T, Index>(name, parser, this, keys);
    this.#tables.push(collection);
    return collection;
  }

  #registry<T extends { id: string }>(name: string, parser: { parse(value: unknown): T }): Registry<T> {
    const registry = new Registry<T>(name, parser, this);
    this.#tables.push(registry);
    return registry;
  }
}
