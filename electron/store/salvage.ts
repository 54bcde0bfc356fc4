/** Reads a damaged database as far as it goes. */
import Database from 'libsql';

export interface ReadableTable {
  readonly table: string;
  readonly columns: readonly string[];
  readonly rows: readonly Record<string, unknown>[];
  readonly complete: boolean;
}

/** Every table whose name can still be read, with its rows up to the first that cannot. Empty when nothing can be read. */
export function readableTables(path: string): ReadableTable[] {
  let database: Database.Database | undefined;
  try {
    database = new Database(path);
    database.defaultSafeIntegers(true);
    database.exec('PRAGMA query_only = ON');
    // The schema is read from what is there, and rows even where an index is damaged.
    const names = database
      .prepare(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`)
      .all() as { name: string }[];
    return names.map(({ name }) => readTable(database as Database.Database, name));
  } catch {
    return [];
  } finally {
    database?.close();
  }
}

function readTable(database: Database.Database, table: string): ReadableTable {
  const rows: Record<string, unknown>[] = [];
  let columns: string[] = [];
  try {
    const info = database.prepare(`PRAGMA table_info("${table}")`).all() as { name: string }[];
    columns = info.map((one) => one.name);
    for (const row of database.prepare(`SELECT * FROM "${table}" NOT INDEXED`).iterate()) {
      rows.push(row as Record<string, unknown>);
    }
    return { table, columns, rows, complete: true };
  } catch {
    return { table, columns, rows, complete: false };
  }
}
