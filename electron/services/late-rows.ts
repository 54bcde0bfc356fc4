/**
 * Rows of a dataset that belong to a locked month, now or before: they change nothing there. What they bring is noted in `late_row`, and
 * posted to a later month (late-news.ts).
 */
import { canonicalJson } from '../../shared/domain/canonical-json';
import type { BulkStatement, Store } from '../store/store';
import type { AllocationRow, PaymentRow } from './dataset/read-dataset';

type Kind = 'payment' | 'allocation';

interface Known {
  readonly period: string;
  /** Canonical JSON of the row. */
  readonly content: string;
}

/** Table, key, and the columns by the names that a row of the file has. Amounts are texts here, as canonical JSON has them. */
const STORED = {
  payment: {
    key: 'payment_id',
    fields: {
      paymentId: 'payment_id',
      subscriberId: 'subscriber_id',
      period: 'period',
      currency: 'currency',
      amount: 'CAST(amount AS TEXT)',
      refunded: 'CAST(refunded AS TEXT)',
      status: 'status',
      paidAt: 'paid_at',
    },
  },
  allocation: {
    key: 'allocation_id',
    fields: {
      allocationId: 'allocation_id',
      subscriberId: 'subscriber_id',
      creatorId: 'creator_id',
      period: 'period',
      currency: 'currency',
      amount: 'CAST(amount AS TEXT)',
      status: 'status',
      updatedAt: 'updated_at',
    },
  },
} as const;

export class LateRows {
  readonly #store: Store;
  readonly #importId: string;
  readonly #locked: ReadonlySet<string>;
  /** The latest of what came late, by kind and id. */
  readonly #latest: Map<string, Known>;
  readonly #insert: BulkStatement;
  readonly #take: Readonly<Record<Kind, BulkStatement>>;
  #count = 0;

  private constructor(store: Store, importId: string, locked: ReadonlySet<string>, latest: Map<string, Known>) {
    this.#store = store;
    this.#importId = importId;
    this.#locked = locked;
    this.#latest = latest;
    this.#insert = store.prepare(
      `INSERT INTO late_row (import_id, kind, row_id, period, currency, content, previous, change) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    const take = (kind: Kind) => store.prepare(`DELETE FROM ${kind} WHERE ${STORED[kind].key} = ?`);
    this.#take = { payment: take('payment'), allocation: take('allocation') };
  }

  /** Inside the transaction of the import: no month is locked or opened meanwhile. */
  static async of(store: Store, importId: string): Promise<LateRows> {
    const locks = await store.db.selectFrom('period_lock').select('period').execute();
    const latest = new Map<string, Known>();
    for (const row of await store.db.selectFrom('late_row').selectAll().orderBy('late_id').execute()) {
      latest.set(keyOf(row.kind, row.row_id), { period: row.period, content: row.content });
    }
    return new LateRows(store, importId, new Set(locks.map((row) => row.period)), latest);
  }

  /** How many rows said anything new. */
  get count(): number {
    return this.#count;
  }

  payments(rows: readonly PaymentRow[]): readonly PaymentRow[] {
    return this.#sift('payment', rows, (row) => row.paymentId);
  }

  allocations(rows: readonly AllocationRow[]): readonly AllocationRow[] {
    return this.#sift('allocation', rows, (row) => row.allocationId);
  }

  /** Notes the late ones among rows of a file, in which no id comes twice. Returns the others. */
  #sift<Row extends PaymentRow | AllocationRow>(kind: Kind, rows: readonly Row[], idOf: (row: Row) => string) {
    if (this.#locked.size === 0) return rows;
    const late = rows.filter((row) => this.#locked.has(row.period));
    const stored = this.#stored(kind, rows.map(idOf), late.map(idOf));
    return rows.filter((row) => !this.#takes(kind, idOf(row), row, stored));
  }

  #takes(kind: Kind, id: string, row: PaymentRow | AllocationRow, stored: ReadonlyMap<string, Known>): boolean {
    const key = keyOf(kind, id);
    const known = this.#latest.get(key) ?? stored.get(id) ?? null;
    if (!this.#locked.has(row.period) && (known === null || !this.#locked.has(known.period))) return false;
    const period = known !== null && this.#locked.has(known.period) ? known.period : row.period;
    const content = canonicalJson(row);
    if (known?.content === content) return true;
    const wasOpen = known !== null && !this.#locked.has(known.period);
    // It counts in one month: from now on in the locked one, where it is new.
    if (wasOpen) this.#take[kind].run(id);
    const previous = wasOpen ? null : (known?.content ?? null);
    const change = worth(content) - (previous === null ? 0n : worth(previous));
    this.#insert.run(this.#importId, kind, id, period, row.currency, content, previous, change);
    this.#count += 1;
    this.#latest.set(key, { period, content });
    return true;
  }

  /** Of `ids`: the rows that the store has in a locked month, and of `late` those that it has in any. */
  #stored(kind: Kind, ids: readonly string[], late: readonly string[]): ReadonlyMap<string, Known> {
    const { key, fields } = STORED[kind];
    const [result] = this.#store.iterate<{ rows: string }>(
      `SELECT json_group_array(json_array(${Object.values(fields).join(', ')})) AS rows FROM ${kind}
       WHERE ${key} IN (SELECT value FROM json_each(?))
         AND (period IN (SELECT period FROM period_lock) OR ${key} IN (SELECT value FROM json_each(?)))`,
      JSON.stringify(ids),
      JSON.stringify(late),
    );
    const rows: string[][] = JSON.parse(result?.rows ?? '[]');
    const names = Object.keys(fields);
    return new Map(
      rows.map((cells): [string, Known] => {
        const row = Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
        return [cells[0] ?? '', { period: row.period ?? '', content: canonicalJson(row) }];
      }),
    );
  }
}

function keyOf(kind: string, id: string): string {
  return `${kind}\u0000${id}`;
}

/** What a row counts for: a payment's funds, an allocation's wish. From its canonical JSON. */
function worth(content: string): bigint {
  const row: { amount: string; refunded?: string; status: string } = JSON.parse(content);
  const amount = BigInt(row.amount);
  if (row.refunded === undefined) return row.status === 'active' ? amount : 0n;
  return row.status === 'succeeded' ? amount - BigInt(row.refunded) : 0n;
}
