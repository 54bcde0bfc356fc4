/** Rows that are cut apart by position are the rows that were bound one by one. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BulkUpsert } from '../../electron/services/bulk-upsert';
import { openStore } from '../../electron/store/store';
import { always } from './seed';

/** Plain cells, of one width or several, and all that stands against cutting by position. */
const plain = fc.constantFrom('', 'a', 'b', 'ab', 'abc', 'é', 'ü€', ' ', ' a ', '"', '\\', '\n', "'", '\\u0000', '0');
const odd = fc.constantFrom('\u007f', 'a\u007f', '\u007fa', '\u0000', 'a\u0000b', '😀', '\ud83d', 'x'.repeat(600));
const rows = (cell: fc.Arbitrary<string>) =>
  fc.array(
    fc.record({
      id: fc.oneof(
        fc.constantFrom('p1', 'p2', 'p3', 'p4'),
        cell.map((text) => `p${text}`),
      ),
      status: fc.constantFrom('succeeded', 'failed', 'disputed'),
      paidAt: cell,
      amount: fc.oneof(fc.bigInt({ min: 0n, max: 999n }), fc.bigInt({ min: 0n, max: BigInt(Number.MAX_SAFE_INTEGER) })),
    }),
    { maxLength: 12 },
  );

test('the same table, in whatever batches, later rows of an id over earlier ones', () =>
  always(
    fc.asyncProperty(
      fc.array(fc.oneof(rows(plain), rows(plain), rows(fc.oneof(plain, odd))), { maxLength: 4 }),
      async (batches) => {
        const store = openStore(':memory:');
        store.exec(`INSERT INTO subscriber VALUES ('s', '')`);
        store.exec('CREATE TABLE expected AS SELECT * FROM payment');
        store.exec('CREATE UNIQUE INDEX expected_key ON expected (payment_id)');
        const one = store.prepare(
          `INSERT INTO expected VALUES (?1, 's', '2026-10', 'usd', CAST(?2 AS INTEGER), 0, ?3, ?4) ON CONFLICT (payment_id)
           DO UPDATE SET amount = excluded.amount, status = excluded.status, paid_at = excluded.paid_at`,
        );
        const many = new BulkUpsert(store, 'payment', [
          ...['payment_id', 'subscriber_id', 'period', 'currency'].map((name) => ({ name })),
          { name: 'amount', isNumber: true },
          { name: 'refunded', isNumber: true },
          { name: 'status' },
          { name: 'paid_at' },
        ]);
        for (const batch of batches) {
          for (const { id, amount, status, paidAt } of batch) {
            one.run(id, String(amount), status, paidAt);
          }
          many.write(
            batch.map(({ id, amount, status, paidAt }) => [
              id,
              's',
              '2026-10',
              'usd',
              String(amount),
              '0',
              status,
              paidAt,
            ]),
          );
        }
        const count = (sql: string) => [...store.iterate<{ n: bigint }>(`SELECT count(*) AS n FROM (${sql})`)][0]?.n;
        expect(count('SELECT * FROM payment EXCEPT SELECT * FROM expected')).toBe(0n);
        expect(count('SELECT * FROM expected EXCEPT SELECT * FROM payment')).toBe(0n);
        await store.close();
      },
    ),
    300,
  ));
