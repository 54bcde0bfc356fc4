/** What SQLite itself takes to keep rows: the rows of a store put into an empty one, with the same driver, keys, checks and triggers. */
import { openStore, type Store } from '../../electron/store/store';
import type { Taken } from './harness';

const ROWS_PER_INSERT = 50;
/** Read at a time; reading is not counted. */
const ROWS_HELD = 50_000;
const TABLES = `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid`;

type Value = string | number | bigint | null;
type Counted = (work: () => void) => void;

/** One transaction of prepared statements of many rows each. Only inserting and committing are counted. */
export function bareInserts(from: string, into: string): Taken {
  const source = openStore(from, { check: false });
  const target = openStore(into, { check: false });
  let wall = 0;
  let processor = 0;
  const counted: Counted = (work) => {
    const before = process.cpuUsage();
    const started = performance.now();
    work();
    wall += performance.now() - started;
    const { user, system } = process.cpuUsage(before);
    processor += (user + system) / 1_000;
  };
  counted(() => target.exec('BEGIN; PRAGMA defer_foreign_keys = ON'));
  for (const { name } of source.iterate<{ name: string }>(TABLES)) {
    if (isEmpty(target, name)) copyTable(name, source, target, counted);
  }
  counted(() => target.exec('COMMIT'));
  void source.close();
  void target.close();
  return { wall, processor };
}

/** Some tables have rows from the beginning. */
function isEmpty(store: Store, table: string): boolean {
  return [...store.iterate(`SELECT 1 FROM ${table} LIMIT 1`)].length === 0;
}

function copyTable(name: string, source: Store, target: Store, counted: Counted): void {
  let held: Value[][] = [];
  for (const row of source.iterate<Record<string, Value>>(`SELECT * FROM ${name}`)) {
    held.push(Object.values(row));
    if (held.length < ROWS_HELD) continue;
    insert(name, held, target, counted);
    held = [];
  }
  if (held.length > 0) insert(name, held, target, counted);
}

function insert(name: string, rows: readonly Value[][], target: Store, counted: Counted): void {
  const marks = `(${Array(rows[0]?.length ?? 0)
    .fill('?')
    .join(', ')})`;
  const many = target.prepare(`INSERT INTO ${name} VALUES ${Array(ROWS_PER_INSERT).fill(marks).join(', ')}`);
  const one = target.prepare(`INSERT INTO ${name} VALUES ${marks}`);
  const whole = rows.length - (rows.length % ROWS_PER_INSERT);
  const groups: Value[][] = [];
  for (let at = 0; at < whole; at += ROWS_PER_INSERT) groups.push(rows.slice(at, at + ROWS_PER_INSERT).flat());
  counted(() => {
    for (const group of groups) many.run(...group);
    for (const row of rows.slice(whole)) one.run(...row);
  });
}
