/**
 * Imports a dataset directory: all of it, or nothing when anything is wrong. Works on a store connection of its own, so that
 * nothing else runs inside its transaction. Rows of a locked month change nothing there; what they bring is posted to the open one.
 */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../shared/domain/canonical-json';
import { appendAudit } from '../journal/audit-chain';
import { owedTo, UNDISTRIBUTED } from '../ledger/accounts';
import { owedToCreators, type Posting, post } from '../ledger/ledger';
import { openStore, type Store } from '../store/store';
import { BulkUpsert, type UpsertColumn } from './bulk-upsert';
import {
  type AllocationRow,
  type DatasetReport,
  type DatasetSink,
  NO_SINK,
  type OpeningRow,
  type PaymentRow,
  readDataset,
} from './dataset/read-dataset';
import { postLateNews } from './late-news';
import { DEFAULT_SETTINGS, readOpenPeriod, readSettings, writeOpenPeriod, writeSettings } from './settings';
import type { Snapshot } from './store-jobs';

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
  const locks = await store.db.selectFrom('period_lock').select('period').execute();
  const locked = new Set(locks.map((row) => row.period));
  const openings: OpeningRow[] = [];
  let late = 0;

  const columns = (...names: string[]): UpsertColumn[] => names.map((name) => ({ name }));
  const money = (name: string): UpsertColumn => ({ name, isNumber: true });
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
  /** The table whose rows come at present: those of the one before are all written first, as references ask for it. */
  let current = creator;
  const into = (table: BulkUpsert): BulkUpsert => {
    if (table !== current) current.flush();
    current = table;
    return table;
  };
  const lateRow = store.prepare(
    `INSERT INTO late_row (import_id, kind, row_id, period, currency, content, previous, change) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  /** The latest of what came late, by kind and id. */
  const lateContent = new Map<string, { period: string; content: string }>();
  for (const row of await store.db.selectFrom('late_row').selectAll().orderBy('late_id').execute()) {
    lateContent.set(`${row.kind}\u0000${row.row_id}`, { period: row.period, content: row.content });
  }

  /** True when the row belongs to a locked month, now or before; then it is noted if it says anything new. It stays in that month. */
  const isLate = (kind: 'payment' | 'allocation', id: string, row: PaymentRow | AllocationRow): boolean => {
    if (locked.size === 0) return false;
    const key = `${kind}\u0000${id}`;
    const known = lateContent.get(key) ?? storedContent(store, kind, id);
    if (!locked.has(row.period) && (known === null || !locked.has(known.period))) return false;
    const period = known !== null && locked.has(known.period) ? known.period : row.period;
    const content = canonicalJson(row);
    if (known?.content === content) return true;
    const previous = known?.content ?? null;
    const change = worth(content) - (previous === null ? 0n : worth(previous));
    late += lateRow.run(importId, kind, id, period, row.currency, content, previous, change).changes;
    lateContent.set(key, { period, content });
    return true;
  };

  return {
    openings,
    lateRows: () => late,
    finish: () => current.flush(),
    sink: {
      creator: (row) => {
        into(creator).add([row.creatorId, row.displayName, row.email, row.stripeAccount, row.holdReason]);
      },
      subscriber: (row) => {
        into(subscriber).add([row.subscriberId, row.displayName]);
      },
      payment: (row) => {
        if (isLate('payment', row.paymentId, row)) return;
        const { paymentId, subscriberId, period, currency, amount, refunded, status, paidAt } = row;
        into(payment).add([
          paymentId,
          subscriberId,
          period,
          currency,
          String(amount),
          String(refunded),
          status,
          paidAt,
        ]);
      },
      allocation: (row) => {
        if (isLate('allocation', row.allocationId, row)) return;
        const { allocationId, subscriberId, creatorId, period, currency, amount, status, updatedAt } = row;
        into(allocation).add([
          allocationId,
          subscriberId,
          creatorId,
          period,
          currency,
          String(amount),
          status,
          updatedAt,
        ]);
      },
      opening: (row) => {
        openings.push(row);
      },
    },
  };
}

/** What a row counts for: a payment's funds, an allocation's wish. From its canonical JSON. */
function worth(content: string): bigint {
  const row: { amount: string; refunded?: string; status: string } = JSON.parse(content);
  const amount = BigInt(row.amount);
  if (row.refunded === undefined) return row.status === 'active' ? amount : 0n;
  return row.status === 'succeeded' ? amount - BigInt(row.refunded) : 0n;
}

/** The stored row in the same canonical form as a row of the file, for comparison. */
function storedContent(
  store: Store,
  kind: 'payment' | 'allocation',
  id: string,
): { period: string; content: string } | null {
  if (kind === 'payment') {
    for (const row of store.iterate<{
      payment_id: string;
      subscriber_id: string;
      period: string;
      currency: string;
      amount: bigint;
      refunded: bigint;
      status: string;
      paid_at: string;
    }>('SELECT * FROM payment WHERE payment_id = ?', id)) {
      const content: PaymentRow = {
        paymentId: row.payment_id,
        subscriberId: row.subscriber_id,
        period: row.period,
        currency: row.currency,
        amount: row.amount,
        refunded: row.refunded,
        status: row.status,
        paidAt: row.paid_at,
      };
      return { period: row.period, content: canonicalJson(content) };
    }
    return null;
  }
  for (const row of store.iterate<{
    allocation_id: string;
    subscriber_id: string;
    creator_id: string;
    period: string;
    currency: string;
    amount: bigint;
    status: string;
    updated_at: string;
  }>('SELECT * FROM allocation WHERE allocation_id = ?', id)) {
    const content: AllocationRow = {
      allocationId: row.allocation_id,
      subscriberId: row.subscriber_id,
      creatorId: row.creator_id,
      period: row.period,
      currency: row.currency,
      amount: row.amount,
      status: row.status,
      updatedAt: row.updated_at,
    };
    return { period: row.period, content: canonicalJson(content) };
  }
  return null;
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
