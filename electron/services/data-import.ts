/**
 * Imports a dataset directory: all of it, or nothing when anything is wrong. Works on a store connection of its own, so that
 * nothing else runs inside its transaction. Rows of a locked month change nothing there; what they bring is posted to the open one.
 */
import { createHash } from 'node:crypto';
import { appendAudit } from '../journal/audit-chain';
import { owedTo, UNDISTRIBUTED } from '../ledger/accounts';
import { owedToCreators, type Posting, post } from '../ledger/ledger';
import { openStore, type Store } from '../store/store';
import { type BulkColumn, ROWS_AT_A_TIME } from './bulk-rows';
import { BulkUpsert } from './bulk-upsert';
import {
  type AllocationRow,
  type CreatorRow,
  type DatasetReport,
  type DatasetSink,
  NO_SINK,
  type OpeningRow,
  type PaymentRow,
  readDataset,
  type SubscriberRow,
} from './dataset/read-dataset';
import { postLateNews } from './late-news';
import { LateRows } from './late-rows';
import { DEFAULT_SETTINGS, readOpenPeriod, readSettings, writeOpenPeriod, writeSettings } from './settings';
import type { Snapshot } from './worker/store-jobs';

export interface ImportResult extends DatasetReport {
  readonly imported: boolean;
  readonly lateRows: number;
}

/** Reads and checks everything, writes nothing. */
export function previewDataset(directory: string, requireStripe: boolean): Promise<DatasetReport> {
  return readDataset(directory, NO_SINK, { requireStripe });
}

export async function importDataset(
  storePath: string,
  directory: string,
  options: {
    readonly requireStripe: boolean;
    readonly actor: string;
    readonly now: () => Date;
    readonly newId: () => string;
  },
): Promise<ImportResult> {
  const store = openStore(storePath, { check: false });
  try {
    store.exec(`PRAGMA cache_size = -${IMPORT_CACHE_KIB}`);
    store.exec('BEGIN IMMEDIATE');
    const importId = options.newId();
    const laid = await laidAside(store);
    for (const { type, name } of laid) store.exec(`DROP ${type} ${name}`);
    const sink = await createSink(store, importId);
    const report = await readDataset(directory, sink.sink, options);
    sink.finish();
    for (const { sql } of laid) store.exec(sql);
    const { policy } = report;
    if (report.problems.count > 0 || policy === null) {
      store.exec('ROLLBACK');
      return { ...report, imported: false, lateRows: 0 };
    }
    const notes = [...report.notes];
    await postOpenings(store, sink.openings, policy.period, options, notes);
    await applyPolicy(store, policy, notes);
    const at = options.now();
    await store.db
      .insertInto('data_import')
      .values({
        import_id: importId,
        at: at.toISOString(),
        actor: options.actor,
        source: directory,
        content_hash: report.contentHash,
        counts: JSON.stringify(report.counts),
      })
      .execute();
    const postedIn = await postLateNews(store.db, { ...options, actor: () => options.actor });
    if (sink.lateRows() > 0) {
      notes.push(
        `${sink.lateRows()} rows belong to a month that is already locked; they change nothing there and ${
          postedIn === null ? 'are posted when the next month opens' : `what they bring is posted to ${postedIn}`
        }.`,
      );
    }
    await appendAudit(store.db, {
      at,
      actor: options.actor,
      action: 'data.imported',
      subject: importId,
      payload: { ...report.counts, contentHash: report.contentHash, lateRows: sink.lateRows() },
    });
    store.exec('COMMIT');
    return { ...report, notes, imported: true, lateRows: sink.lateRows() };
  } catch (error) {
    try {
      store.exec('ROLLBACK');
    } catch {
      // The failed statement may already have ended the transaction.
    }
    throw error;
  } finally {
    await store.close();
  }
}

/** Pages that change are kept in memory up to here and written once. */
const IMPORT_CACHE_KIB = 65_536;

/**
 * What can stand aside until all rows are there, in the same transaction: the indexes of payments and allocations while there are no
 * rows yet, which at the end cost half; and their triggers while no month is locked, which then have nothing to refuse. The
 * transaction keeps everybody else from locking one meanwhile.
 */
async function laidAside(
  store: Store,
): Promise<{ readonly type: string; readonly name: string; readonly sql: string }[]> {
  const types: string[] = [];
  const row = await store.db.selectFrom('allocation').select('allocation_id').limit(1).executeTakeFirst();
  if (row === undefined) types.push('index');
  const lock = await store.db.selectFrom('period_lock').select('period').limit(1).executeTakeFirst();
  if (lock === undefined) types.push('trigger');
  return [
    ...store.iterate<{ type: string; name: string; sql: string }>(
      `SELECT type, name, sql FROM sqlite_master
       WHERE type IN (SELECT value FROM json_each(?)) AND tbl_name IN ('payment', 'allocation') AND sql IS NOT NULL`,
      JSON.stringify(types),
    ),
  ];
}

interface ImportSink {
  readonly sink: DatasetSink;
  /** Writes the rows that are still held. */
  readonly finish: () => void;
  readonly openings: OpeningRow[];
  readonly lateRows: () => number;
}

async function createSink(store: Store, importId: string): Promise<ImportSink> {
  const late = await LateRows.of(store, importId);
  const openings: OpeningRow[] = [];
  const columns = (...names: string[]): BulkColumn[] => names.map((name) => ({ name }));
  const money = (name: string): BulkColumn => ({ name, isNumber: true });
  const creator = new BulkUpsert(
    store,
    'creator',
    columns('creator_id', 'display_name', 'email', 'stripe_account', 'hold_reason'),
  );
  const subscriber = new BulkUpsert(store, 'subscriber', columns('subscriber_id', 'display_name'));
  const payment = new BulkUpsert(store, 'payment', [
    ...columns('payment_id', 'subscriber_id', 'period', 'currency'),
    money('amount'),
    money('refunded'),
    ...columns('status', 'paid_at'),
  ]);
  const allocation = new BulkUpsert(store, 'allocation', [
    ...columns('allocation_id', 'subscriber_id', 'creator_id', 'period', 'currency'),
    money('amount'),
    ...columns('status', 'updated_at'),
  ]);
  const creators = new RowsOfTable<CreatorRow>(creator, (row) => [
    row.creatorId,
    row.displayName,
    row.email,
    row.stripeAccount,
    row.holdReason,
  ]);
  const subscribers = new RowsOfTable<SubscriberRow>(subscriber, (row) => [row.subscriberId, row.displayName]);
  const payments = new RowsOfTable<PaymentRow>(
    payment,
    (row) => [
      row.paymentId,
      row.subscriberId,
      row.period,
      row.currency,
      String(row.amount),
      String(row.refunded),
      row.status,
      row.paidAt,
    ],
    (rows) => late.payments(rows),
  );
  const allocations = new RowsOfTable<AllocationRow>(
    allocation,
    (row) => [
      row.allocationId,
      row.subscriberId,
      row.creatorId,
      row.period,
      row.currency,
      String(row.amount),
      row.status,
      row.updatedAt,
    ],
    (rows) => late.allocations(rows),
  );
  /** The table whose rows come at present: those of the one before are all written first, as references ask for it. */
  let current: { flush(): void } = creators;
  const into = <Row>(table: RowsOfTable<Row>, row: Row): void => {
    if (table !== current) current.flush();
    current = table;
    table.add(row);
  };
  return {
    openings,
    lateRows: () => late.count,
    finish: () => current.flush(),
    sink: {
      creator: (row) => into(creators, row),
      subscriber: (row) => into(subscribers, row),
      payment: (row) => into(payments, row),
      allocation: (row) => into(allocations, row),
      opening: (row) => {
        openings.push(row);
      },
    },
  };
}

/** Rows of one table, a thousand at a time: those that are late are taken out, the others written. */
class RowsOfTable<Row> {
  #held: Row[] = [];

  constructor(
    private readonly table: BulkUpsert,
    private readonly cells: (row: Row) => readonly string[],
    private readonly sift: (rows: readonly Row[]) => readonly Row[] = (rows) => rows,
  ) {}

  add(row: Row): void {
    this.#held.push(row);
    if (this.#held.length >= ROWS_AT_A_TIME) this.flush();
  }

  flush(): void {
    const rows = this.#held;
    this.#held = [];
    this.table.write(this.sift(rows).map(this.cells));
  }
}

/** Opening balances are posted once, with the first import; later files are compared with the ledger and noted. */
async function postOpenings(
  store: Store,
  openings: readonly OpeningRow[],
  period: string,
  options: { readonly now: () => Date; readonly newId: () => string },
  notes: string[],
): Promise<void> {
  const first = await store.db.selectFrom('data_import').select('import_id').limit(1).executeTakeFirst();
  if (first === undefined) {
    const postings = openings.flatMap((row): Posting[] => [
      { account: owedTo(row.creatorId), currency: row.currency, amount: -row.owed },
      { account: UNDISTRIBUTED, currency: row.currency, amount: row.owed },
    ]);
    await post(store.db, {
      txId: options.newId(),
      at: options.now(),
      kind: 'opening.obligations',
      period,
      intentId: null,
      description: 'Owed to creators when Coffer took over',
      postings,
    });
    return;
  }
  const owed = new Map((await owedToCreators(store.db)).map((row) => [`${row.id}\u0000${row.currency}`, row.owed]));
  const differing = openings.filter((row) => (owed.get(`${row.creatorId}\u0000${row.currency}`) ?? 0n) !== row.owed);
  if (differing.length > 0) {
    notes.push(
      `opening.csv: ${differing.length} opening balances differ from what the ledger owes; the ledger stands and they were not posted.`,
    );
  }
}

async function applyPolicy(store: Store, policy: NonNullable<DatasetReport['policy']>, notes: string[]): Promise<void> {
  const open = await readOpenPeriod(store.db);
  if (open === null) {
    await writeOpenPeriod(store.db, policy.period);
    await writeSettings(store.db, {
      ...DEFAULT_SETTINGS,
      feeBps: policy.feeBps,
      payoutMinimum: Object.fromEntries([...policy.payoutMinimum].map(([code, amount]) => [code, String(amount)])),
      fundingBasis: policy.fundingBasis,
      rail: policy.rail,
    });
    return;
  }
  const settings = await readSettings(store.db);
  if (
    settings.feeBps !== policy.feeBps ||
    settings.fundingBasis !== policy.fundingBasis ||
    settings.rail !== policy.rail
  ) {
    notes.push(
      'policy.json differs from the settings in Coffer; the settings stand. Change them under Settings if needed.',
    );
  }
}

/** SHA-256 over the period's payments and allocations in id order, one JSON array a line: what a lock binds. */
export function snapshotHash(store: Store, period: string): Snapshot {
  const hash = createHash('sha256');
  const add = (sql: string): number => {
    let rows = 0;
    for (const row of store.iterate<Record<string, string | bigint>>(sql, period)) {
      hash.update(`${JSON.stringify(Object.values(row).map(String))}\n`);
      rows += 1;
    }
    return rows;
  };
  const payments = add(
    `SELECT 'payment', payment_id, subscriber_id, currency, amount, refunded, status, paid_at
     FROM payment WHERE period = ? ORDER BY payment_id`,
  );
  const allocations = add(
    `SELECT 'allocation', allocation_id, subscriber_id, creator_id, currency, amount, status, updated_at
     FROM allocation WHERE period = ? ORDER BY allocation_id`,
  );
  return { hash: hash.digest('hex'), payments, allocations };
}
