/** Rules the database itself enforces, whatever the code above it does. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GENESIS } from '../../../electron/store/audit-hash';
import { APPLICATION_ID, MIGRATIONS } from '../../../electron/store/schema';
import { openStore, type Store } from '../../../electron/store/store';

let folder: string;
const stores: Store[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coffer-store-'));
});
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(name = 'coffer.db'): Store {
  const store = openStore(join(folder, name));
  stores.push(store);
  return store;
}

async function close(store: Store): Promise<void> {
  stores.splice(stores.indexOf(store), 1);
  await store.close();
}

function one(store: Store, sql: string): unknown {
  for (const row of store.iterate<Record<string, unknown>>(sql)) return Object.values(row)[0];
  return undefined;
}

const INTENT = (id: string, subject: string) => `
  INSERT INTO intent VALUES ('${id}','pay','r','b','${subject}','2026-10','c1','usd',100,'financial-account','sandbox','acct_1',
    'storage','acct_1','coffer-${id}','{}','h','d','a',NULL,NULL,'2026-11-01T00:00:00.000Z');
  INSERT INTO intent_event VALUES ('${id}',1,'2026-11-01T00:00:00.000Z','planned',0,NULL,NULL,NULL,NULL);`;
const STATE = (id: string, subject: string, occupies: number, object = 'NULL') => `
  INSERT INTO intent_state VALUES ('${id}','pay','r','2026-10','${subject}','planned',${occupies},0,${object},NULL,NULL,NULL,'x',NULL);`;

describe('Settings of the connection', () => {
  test.each([
    ['journal_mode', 'wal'],
    ['synchronous', 2n],
    ['foreign_keys', 1n],
    ['trusted_schema', 0n],
    ['busy_timeout', 15_000n],
    ['wal_autocheckpoint', 4_000n],
    ['application_id', BigInt(APPLICATION_ID)],
    ['user_version', BigInt(MIGRATIONS.length)],
  ])('%s is %s', (pragma, value) => {
    expect(one(open(), `PRAGMA ${pragma}`)).toBe(value);
  });
});

describe('What was written down is not changed', () => {
  const ROWS: Record<string, string> = {
    ledger_transaction: `INSERT INTO ledger_transaction VALUES ('t','2026-11-01','k','2026-10',NULL,'d')`,
    ledger_entry: `INSERT INTO ledger_entry (tx_id,account,currency,amount) VALUES ('t','payments','usd',5)`,
    intent: INTENT('i', 's'),
    audit_event: `INSERT INTO audit_event VALUES (1,'2026-11-01','a','x','y','{}','p','${GENESIS}','h')`,
  };
  const COLUMN: Record<string, string> = {
    ledger_transaction: 'description',
    ledger_entry: 'account',
    intent: 'description',
    intent_event: 'message',
    audit_event: 'actor',
  };

  test.each(Object.keys(COLUMN))('%s refuses UPDATE and DELETE', (table) => {
    const store = open();
    for (const sql of Object.values(ROWS)) store.exec(sql);
    expect(() => store.exec(`UPDATE ${table} SET ${COLUMN[table]} = 'changed'`)).toThrow('append-only');
    expect(() => store.exec(`DELETE FROM ${table}`)).toThrow('append-only');
    expect(one(store, `SELECT count(*) FROM ${table}`)).toBe(1n);
  });

  test('INSERT OR REPLACE does not get around it', () => {
    const store = open();
    for (const sql of Object.values(ROWS)) store.exec(sql);
    try {
      store.exec(`INSERT OR REPLACE INTO ledger_transaction VALUES ('t','2026-11-01','k','2026-10',NULL,'changed')`);
    } catch {
      // Refused: that is as good as left alone.
    }
    try {
      store.exec(`REPLACE INTO audit_event VALUES (1,'2026-11-01','changed','x','y','{}','p','${GENESIS}','h')`);
    } catch {
      // The same.
    }
    expect(one(store, 'SELECT description FROM ledger_transaction')).toBe('d');
    expect(one(store, 'SELECT actor FROM audit_event')).toBe('a');
  });

  test('a ledger entry of zero, or of a transaction that is not there, is refused', () => {
    const store = open();
    expect(() =>
      store.exec(`INSERT INTO ledger_entry (tx_id,account,currency,amount) VALUES ('nobody','payments','usd',5)`),
    ).toThrow();
    store.exec(ROWS.ledger_transaction ?? '');
    expect(() =>
      store.exec(`INSERT INTO ledger_entry (tx_id,account,currency,amount) VALUES ('t','payments','usd',0)`),
    ).toThrow();
    expect(() =>
      store.exec(`INSERT INTO ledger_entry (tx_id,account,currency,amount) VALUES ('t','payments','usd',1.5)`),
    ).toThrow();
  });

  test('balances follow the entries', () => {
    const store = open();
    store.exec(ROWS.ledger_transaction ?? '');
    for (const amount of [5, -2, 9])
      store.exec(`INSERT INTO ledger_entry (tx_id,account,currency,amount) VALUES ('t','payments','usd',${amount})`);
    expect(one(store, `SELECT balance FROM ledger_balance WHERE account = 'payments'`)).toBe(12n);
  });
});

describe('A locked month', () => {
  const PAYMENT = (id: string, period: string) =>
    `INSERT INTO payment VALUES ('${id}','s1','${period}','usd',1000,0,'succeeded','2026-10-03T10:00:00Z')`;
  const ALLOCATION = (id: string, period: string) =>
    `INSERT INTO allocation VALUES ('${id}','s1','c1','${period}','usd',700,'active','2026-10-03T10:00:00Z')`;

  test('takes no row, changes none, loses none; the month after it does', () => {
    const store = open();
    store.exec(`INSERT INTO subscriber VALUES ('s1','One')`);
    store.exec(`${PAYMENT('p1', '2026-10')};${ALLOCATION('a1', '2026-10')};${PAYMENT('p2', '2026-11')}`);
    store.exec(`INSERT INTO period_lock VALUES ('2026-10','hash',1,1,'2026-11-01','Test')`);
    for (const sql of [
      PAYMENT('p3', '2026-10'),
      ALLOCATION('a3', '2026-10'),
      `UPDATE payment SET amount = 1 WHERE payment_id = 'p1'`,
      `UPDATE allocation SET status = 'cancelled'`,
      `DELETE FROM payment WHERE payment_id = 'p1'`,
      `DELETE FROM allocation`,
      `UPDATE payment SET period = '2026-11' WHERE payment_id = 'p1'`,
      `UPDATE payment SET period = '2026-10' WHERE payment_id = 'p2'`,
    ]) {
      expect(() => store.exec(sql), sql).toThrow('the month is locked');
    }
    store.exec(
      `${PAYMENT('p4', '2026-11')};UPDATE payment SET amount = 2000 WHERE payment_id = 'p2';DELETE FROM payment WHERE payment_id = 'p4'`,
    );
    expect(one(store, `SELECT amount FROM payment WHERE payment_id = 'p1'`)).toBe(1_000n);
  });

  test('INSERT OR REPLACE does not get around the lock', () => {
    const store = open();
    store.exec(`INSERT INTO subscriber VALUES ('s1','One');${PAYMENT('p1', '2026-10')}`);
    store.exec(`INSERT INTO period_lock VALUES ('2026-10','hash',1,0,'2026-11-01','Test')`);
    expect(() => store.exec(PAYMENT('p1', '2026-11').replace('INSERT', 'INSERT OR REPLACE'))).toThrow(
      'the month is locked',
    );
    expect(one(store, `SELECT period FROM payment WHERE payment_id = 'p1'`)).toBe('2026-10');
  });

  test('the lock itself stays', () => {
    const store = open();
    store.exec(`INSERT INTO period_lock VALUES ('2026-10','hash',1,1,'2026-11-01','Test')`);
    expect(() => store.exec(`DELETE FROM period_lock`)).toThrow();
    expect(() => store.exec(`UPDATE period_lock SET snapshot_hash = 'another'`)).toThrow();
  });
});

test('an event of the log follows from the one before it, or is refused', () => {
  const store = open();
  const event = (seq: number, prev: string, hash: string) =>
    `INSERT INTO audit_event VALUES (${seq},'2026-11-01','a','x','y','{}','p','${prev}','${hash}')`;
  for (const prev of ['', '0', 'h1']) expect(() => store.exec(event(1, prev, 'h1')), prev).toThrow('does not follow');
  store.exec(event(1, GENESIS, 'h1'));
  // A second one after the same one, one after none, one that leaves a number out.
  for (const [seq, prev] of [
    [2, GENESIS],
    [2, 'h2'],
    [3, 'h1'],
    [0, 'h1'],
  ] as const) {
    expect(() => store.exec(event(seq, prev, 'h')), `${seq} ${prev}`).toThrow('does not follow');
  }
  store.exec(event(2, 'h1', 'h2'));
  expect(one(store, 'SELECT count(*) FROM audit_event')).toBe(2n);
});

describe('Payments and allocations', () => {
  test.each([
    ['a negative amount', `INSERT INTO payment VALUES ('p','s1','2026-10','usd',-1,0,'succeeded','x')`],
    ['a refund above the amount', `INSERT INTO payment VALUES ('p','s1','2026-10','usd',10,11,'succeeded','x')`],
    ['an unknown status', `INSERT INTO payment VALUES ('p','s1','2026-10','usd',10,0,'pending','x')`],
    ['an unknown subscriber', `INSERT INTO payment VALUES ('p','nobody','2026-10','usd',10,0,'succeeded','x')`],
    ['a fraction', `INSERT INTO payment VALUES ('p','s1','2026-10','usd',1.5,0,'succeeded','x')`],
    ['text as an amount', `INSERT INTO payment VALUES ('p','s1','2026-10','usd','ten',0,'succeeded','x')`],
  ])('%s is refused', (_what, sql) => {
    const store = open();
    store.exec(`INSERT INTO subscriber VALUES ('s1','One')`);
    expect(() => store.exec(sql)).toThrow();
  });
});

describe('Movements', () => {
  test('at most one live one for each subject, whatever the code above does', () => {
    const store = open();
    store.exec(INTENT('i1', 'pay:2026-10:c1:usd') + STATE('i1', 'pay:2026-10:c1:usd', 1));
    store.exec(INTENT('i2', 'pay:2026-10:c1:usd'));
    expect(() => store.exec(STATE('i2', 'pay:2026-10:c1:usd', 1))).toThrow(/UNIQUE/);
    store.exec(`UPDATE intent_state SET occupies = 0 WHERE intent_id = 'i1'`);
    store.exec(STATE('i2', 'pay:2026-10:c1:usd', 1));
    expect(() => store.exec(`UPDATE intent_state SET occupies = 1 WHERE intent_id = 'i1'`)).toThrow(/UNIQUE/);
  });

  test('one object at Stripe proves one movement only', () => {
    const store = open();
    store.exec(INTENT('i1', 's1') + STATE('i1', 's1', 1, `'po_1'`) + INTENT('i2', 's2'));
    expect(() => store.exec(STATE('i2', 's2', 1, `'po_1'`))).toThrow(/UNIQUE/);
  });

  test('an idempotency key is used once; an amount is positive; kinds and states are the known ones', () => {
    const store = open();
    store.exec(INTENT('i1', 's1'));
    for (const key of ['coffer-i1', 'coffer-I2', 'i2', '']) {
      expect(() => store.exec(INTENT('i2', 's2').replace("'coffer-i2'", `'${key}'`)), key).toThrow(/CHECK/);
    }
    expect(() => store.exec(INTENT('i3', 's3').replace(",'usd',100,", ",'usd',0,"))).toThrow();
    expect(() => store.exec(INTENT('i4', 's4').replace("'pay'", "'gift'"))).toThrow();
    expect(() => store.exec(INTENT('i5', 's5').replace("'planned'", "'maybe'"))).toThrow();
  });

  test('one current run for each month, one current migration, one open alert for each condition', () => {
    const store = open();
    const run = (version: number) =>
      `INSERT INTO month_end_run VALUES ('2026-10',${version},'open',1,'x',NULL,NULL,NULL,NULL,NULL,NULL)`;
    store.exec(run(1));
    expect(() => store.exec(run(2))).toThrow(/UNIQUE/);
    const migration = (id: string) =>
      `INSERT INTO migration_run VALUES ('${id}','2026-10','planned',1,'{}','h','x',NULL,NULL,NULL,NULL,NULL,NULL,NULL)`;
    store.exec(migration('m1'));
    expect(() => store.exec(migration('m2'))).toThrow(/UNIQUE/);
    const alert = (id: string) =>
      `INSERT INTO alert VALUES ('${id}','coverage:usd','critical','t','m','a','s','x','x',1,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1)`;
    store.exec(alert('a1'));
    expect(() => store.exec(alert('a2'))).toThrow(/UNIQUE/);
  });
});

describe('A database that is not ours to use', () => {
  const refusal = (path: string) => {
    try {
      stores.push(openStore(path));
    } catch (error) {
      return error as { code: string; message: string; hint: string };
    }
    throw new Error('It was opened');
  };

  test('of another program is refused, and left as it was', () => {
    const path = join(folder, 'foreign.db');
    const foreign = new Database(path);
    foreign.exec('CREATE TABLE theirs (x); PRAGMA application_id = 42');
    foreign.close();
    expect(refusal(path)).toMatchObject({
      code: 'store-foreign',
      message: 'This database belongs to another program.',
    });
    const after = new Database(path);
    expect(after.prepare('SELECT name FROM sqlite_master').raw().all()).toEqual([['theirs']]);
    after.close();
  });

  test('with tables but no name of a program is refused too', () => {
    const path = join(folder, 'unnamed.db');
    const foreign = new Database(path);
    foreign.exec('CREATE TABLE theirs (x)');
    foreign.close();
    expect(refusal(path)).toMatchObject({ code: 'store-foreign' });
  });

  test('of a newer Coffer is refused, with the advice to install that', async () => {
    const store = open();
    store.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    await close(store);
    expect(refusal(join(folder, 'coffer.db'))).toMatchObject({
      code: 'store-newer',
      message: 'This database was written by a newer version of Coffer.',
      hint: expect.stringContaining('nothing was changed'),
    });
  });

  test('that is no database at all is refused', () => {
    const path = join(folder, 'text.db');
    writeFileSync(path, 'This is a shopping list, and longer than a header of a database would be. '.repeat(100));
    expect(refusal(path)).toMatchObject({ code: 'store-damaged', hint: expect.stringContaining('backup') });
  });

  test('whose pages are damaged is refused', async () => {
    const store = open();
    for (let i = 0; i < 300; i++) store.exec(`INSERT INTO subscriber VALUES ('s${i}','${'x'.repeat(200)}')`);
    store.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    await close(store);
    const path = join(folder, 'coffer.db');
    const { readFileSync } = await import('node:fs');
    const bytes = readFileSync(path);
    bytes.fill(0xaa, bytes.length - 4_096 * 8, bytes.length - 4_096 * 4);
    writeFileSync(path, bytes);
    expect(refusal(path)).toMatchObject({ code: 'store-damaged' });
  });

  test('a folder where the file should be is named in the refusal', () => {
    const path = join(folder, 'folder.db');
    mkdirSync(path);
    expect(refusal(path).code).toMatch(/^store-/);
  });

  test('an empty file is a new database', () => {
    writeFileSync(join(folder, 'coffer.db'), '');
    expect(one(open(), 'PRAGMA application_id')).toBe(BigInt(APPLICATION_ID));
  });
});

describe('Bringing the schema up to date', () => {
  test('an older database is copied to the backups folder first', async () => {
    const store = open();
    store.exec(`INSERT INTO subscriber VALUES ('s1','One')`);
    await close(store);
    const release = MIGRATIONS as string[];
    release.push('CREATE TABLE of_the_next_version (x TEXT) STRICT;');
    try {
      const next = open();
      expect(one(next, 'SELECT display_name FROM subscriber')).toBe('One');
      expect(one(next, 'PRAGMA user_version')).toBe(BigInt(MIGRATIONS.length));
    } finally {
      release.pop();
    }
    const [backup, ...others] = readdirSync(join(folder, 'backups')).filter((name) => name.endsWith('.db'));
    expect(others).toEqual([]);
    expect(backup).toMatch(/^coffer-unnamed-\d{8}T\d{6}Z-schema1-before-schema\.db$/);
    const copy = new Database(join(folder, 'backups', backup ?? ''));
    expect(copy.prepare('SELECT display_name FROM subscriber').raw().all()).toEqual([['One']]);
    expect(copy.prepare('PRAGMA user_version').raw().get()).toEqual([1]);
    copy.close();
  });

  test('a change that fails leaves the database as it was, with its old version', async () => {
    await close(open());
    const release = MIGRATIONS as string[];
    release.push('CREATE TABLE half (x TEXT) STRICT; CREATE TABLE setting (again TEXT);');
    try {
      expect(() => openStore(join(folder, 'coffer.db'))).toThrow();
    } finally {
      release.pop();
    }
    const store = open();
    expect(one(store, 'PRAGMA user_version')).toBe(1n);
    expect(one(store, `SELECT count(*) FROM sqlite_master WHERE name = 'half'`)).toBe(0n);
  });

  test('a new database needs no backup', () => {
    open();
    expect(readdirSync(folder)).not.toContain('backups');
  });
});

describe('Transactions', () => {
  test('stand or fall as a whole', async () => {
    const store = open();
    await expect(
      store.transaction(async (tx) => {
        await tx.insertInto('subscriber').values({ subscriber_id: 's1', display_name: 'One' }).execute();
        throw new Error('stopped');
      }),
    ).rejects.toThrow('stopped');
    expect(one(store, 'SELECT count(*) FROM subscriber')).toBe(0n);
  });

  test('come one after the other, also when begun together', async () => {
    const store = open();
    const add = (id: string) =>
      store.transaction(async (tx) => {
        const { count } = await tx
          .selectFrom('subscriber')
          .select(({ fn }) => fn.countAll<bigint>().as('count'))
          .executeTakeFirstOrThrow();
        await new Promise((resolve) => setImmediate(resolve));
        await tx
          .insertInto('subscriber')
          .values({ subscriber_id: id, display_name: String(count) })
          .execute();
      });
    await Promise.all(['a', 'b', 'c', 'd'].map(add));
    const rows = await store.db.selectFrom('subscriber').select('display_name').orderBy('display_name').execute();
    expect(rows.map((row) => row.display_name)).toEqual(['0', '1', '2', '3']);
  });
});

test('any change is seen in `changes`, by this connection and by another; reading changes nothing', async () => {
  const store = open();
  const first = store.changes();
  await store.db.selectFrom('setting').selectAll().execute();
  expect(store.changes()).toBe(first);
  await store.db.insertInto('setting').values({ key: 'a', value: 'b' }).execute();
  const second = store.changes();
  expect(second).not.toBe(first);
  const other = open();
  await other.db.insertInto('setting').values({ key: 'c', value: 'd' }).execute();
  expect(store.changes()).not.toBe(second);
});

test('a reading of the balances changes everything, but not the books', async () => {
  const store = open();
  const books = store.changes('books');
  const everything = store.changes();
  await store.db
    .insertInto('balance_snapshot')
    .values({
      at: '2026-10-05T12:00:00.000Z',
      currency: 'usd',
      payments_available: 1n,
      payments_pending: 0n,
      storage_available: 0n,
      storage_inbound: 0n,
      storage_outbound: 0n,
      owed: 0n,
      coverage_bps: null,
      seeded: 0n,
      books: 0n,
      accrued: 0n,
      month: null,
      unexplained: 0n,
      entries: 0n,
    })
    .execute();
  expect(store.changes('books')).toBe(books);
  expect(store.changes()).not.toBe(everything);
  // Written where a table of the readings is only read, or in one transaction with one: the books have changed.
  await store.transaction(async (tx) => {
    await tx.updateTable('balance_snapshot').set({ owed: 5n }).execute();
    await tx.insertInto('setting').values({ key: 'a', value: 'balance_snapshot' }).execute();
  });
  expect(store.changes('books')).not.toBe(books);
});
