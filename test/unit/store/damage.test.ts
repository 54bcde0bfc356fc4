/** Files that are not what they should be: what is said of each, and that nothing is written to it. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { appendAudit } from '../../../electron/journal/audit-chain';
import { isOlderThanNoted, noteHead } from '../../../electron/journal/head';
import { saveReadable } from '../../../electron/services/salvage';
import { checkBackup, listBackups, makeBackup } from '../../../electron/store/backup';
import { inspectDatabase } from '../../../electron/store/inspect';
import { openStore, type Store, StoreDamaged } from '../../../electron/store/store';

let folder: string;
let path: string;
const stores: Store[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coffer-damage-'));
  path = join(folder, 'coffer.db');
});
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(): Store {
  const store = openStore(path);
  stores.push(store);
  return store;
}

async function close(store: Store): Promise<void> {
  stores.splice(stores.indexOf(store), 1);
  await store.close();
}

const at = new Date('2026-11-02T09:00:00.000Z');

/** Books with some content and an audit log, closed. */
async function books(events = 40): Promise<void> {
  const store = open();
  for (let i = 0; i < 300; i++) store.exec(`INSERT INTO subscriber VALUES ('s${i}','${'x'.repeat(200)}')`);
  for (let i = 0; i < events; i++) {
    await store.transaction((tx) =>
      appendAudit(tx, { at, actor: 'Test', action: 'written', subject: `event ${i}`, payload: { i } }),
    );
  }
  await noteHead(store);
  await close(store);
}

function overwrite(from: number, length: number): void {
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(length, 0xaa), 0, length, from);
}

function refusal(): StoreDamaged {
  try {
    stores.push(openStore(path));
  } catch (error) {
    if (error instanceof StoreDamaged) return error;
    throw error;
  }
  throw new Error('It was opened');
}

describe('Books that cannot be opened', () => {
  test('whose pages were overwritten in the middle', async () => {
    await books();
    const size = readFileSync(path).length;
    overwrite(Math.floor(size / 2 / 4_096) * 4_096, 4_096 * 4);
    const before = readFileSync(path);
    expect(refusal().findings[0]?.code).toBe('damaged');
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test('whose header was overwritten', async () => {
    await books();
    overwrite(0, 100);
    expect(refusal().findings[0]?.code).toBe('not-a-database');
  });

  test('that were cut off', async () => {
    await books();
    truncateSync(path, 4_096 * 5);
    expect(refusal().findings[0]?.code).toBe('damaged');
  });

  test('that are text', () => {
    writeFileSync(path, 'This is a shopping list. '.repeat(400));
    expect(refusal().findings[0]?.code).toBe('not-a-database');
  });

  test('that are a folder', () => {
    mkdirSync(path);
    expect(refusal().findings[0]?.code).toBe('folder');
  });

  test.each(['empty', 'missing'] as const)('that are %s although there were books', async (code) => {
    await books();
    makeBackup({ storePath: path, reason: 'daily', at });
    if (code === 'empty') truncateSync(path, 0);
    else rmSync(path);
    expect(refusal().findings[0]?.code).toBe(code);
    expect(existsSync(path)).toBe(code === 'empty');
  });

  test('whose last event was changed behind the triggers', async () => {
    await books();
    const store = open();
    store.exec(`DROP TRIGGER audit_event_no_update; UPDATE audit_event SET actor = 'Somebody' WHERE seq = 40`);
    await close(store);
    expect(refusal().findings[0]).toMatchObject({ code: 'audit-chain', message: expect.stringContaining('Event 40') });
  });

  test('whose debits and credits differ', async () => {
    await books();
    const store = open();
    store.exec(`INSERT INTO ledger_balance VALUES ('payments','usd',5)`);
    await close(store);
    expect(refusal().findings[0]?.code).toBe('trial-balance');
  });

  test('the message says what is wrong, where the file is, and where to look', async () => {
    await books();
    truncateSync(path, 4_096 * 5);
    expect(refusal()).toMatchObject({ code: 'store-damaged', hint: expect.stringContaining(path) });
  });
});

describe('Books that lost their latest changes', () => {
  test('because the WAL is gone are whole in themselves, and recognised by the note beside them', async () => {
    await books(2);
    const store = open();
    await store.transaction((tx) =>
      appendAudit(tx, { at, actor: 'Test', action: 'written', subject: 'the last one', payload: {} }),
    );
    await noteHead(store);
    // The computer lost its power here, and the file came back without its WAL.
    const copy = join(folder, 'after');
    mkdirSync(copy);
    copyFileSync(path, join(copy, 'coffer.db'));
    copyFileSync(`${path}.head.json`, join(copy, 'coffer.db.head.json'));
    expect(inspectDatabase(join(copy, 'coffer.db'), 'full').findings).toEqual([]);
    const again = openStore(join(copy, 'coffer.db'));
    stores.push(again);
    expect(await isOlderThanNoted(again)).toBe(true);
    expect(await isOlderThanNoted(store)).toBe(false);
  });
});

describe('A backup', () => {
  test('is a whole database made while the books are in use, with its changes of a moment ago', async () => {
    await books(3);
    const store = open();
    store.exec(`INSERT INTO subscriber VALUES ('latest','Latest')`);
    const made = makeBackup({ storePath: path, reason: 'manual', at });
    expect(made.file).toBe('coffer-unnamed-20261102T090000Z-schema1-manual.db');
    expect(made.note).toMatchObject({ events: 3, schemaVersion: 1, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(checkBackup(made.path)).toEqual([]);
    const copy = openStore(made.path, { readOnly: true });
    stores.push(copy);
    expect([...copy.iterate(`SELECT display_name FROM subscriber WHERE subscriber_id = 'latest'`)]).toHaveLength(1);
    expect(readdirSync(join(folder, 'backups')).filter((name) => /unfinished|-wal|-shm|tmp/.test(name))).toEqual([]);
  });

  test('of books that do not pass the whole check is not kept', async () => {
    await books();
    const store = open();
    store.exec(`DROP TRIGGER audit_event_no_update; UPDATE audit_event SET actor = 'Somebody' WHERE seq = 7`);
    expect(() => makeBackup({ storePath: path, reason: 'manual', at })).toThrow(/Event 7/);
    expect(readdirSync(join(folder, 'backups'))).toEqual([]);
  });

  test('that was changed after it was made does not pass its check', async () => {
    await books();
    const made = makeBackup({ storePath: path, reason: 'manual', at });
    const copy = openStore(made.path);
    copy.exec(`INSERT INTO subscriber VALUES ('added','Added')`);
    await copy.close();
    expect(checkBackup(made.path)[0]?.message).toContain('SHA-256');
  });

  test('that cannot be written says so, and leaves the books as they are', async () => {
    await books();
    writeFileSync(join(folder, 'backups'), 'a file where the folder should be');
    expect(() => makeBackup({ storePath: path, reason: 'manual', at })).toThrow(
      expect.objectContaining({ code: 'backup-failed' }),
    );
    expect(inspectDatabase(path, 'full').findings).toEqual([]);
  });

  test('made by Coffer itself is kept for the newest ten and the last of each month; one made by a person always', async () => {
    await books(1);
    for (let day = 0; day < 70; day++) {
      const when = new Date(Date.UTC(2026, 7, 1 + day, 9));
      makeBackup({ storePath: path, reason: day === 5 ? 'manual' : 'daily', at: when });
    }
    const kept = listBackups(join(folder, 'backups')).map((one) => `${one.madeAt.slice(0, 10)} ${one.reason}`);
    expect(kept).toEqual([
      ...['09', '08', '07', '06', '05', '04', '03', '02', '01'].map((day) => `2026-10-${day} daily`),
      '2026-09-30 daily',
      '2026-08-31 daily',
      '2026-08-06 manual',
    ]);
    expect(readdirSync(join(folder, 'backups')).filter((name) => name.endsWith('.json'))).toHaveLength(kept.length);
    // Seventy backups, each flushed to the disk, take their time on a busy one.
  }, 60_000);
});

describe('What can still be read of damaged books', () => {
  test('is saved table by table, and says which are not complete', async () => {
    await books();
    const size = readFileSync(path).length;
    overwrite(size - 4_096 * 12, 4_096 * 4);
    expect(refusal().findings[0]?.code).toBe('damaged');
    const saved = await saveReadable(path, join(folder, 'saved'));
    expect(saved.length).toBeGreaterThan(20);
    expect(saved.some((one) => !one.complete)).toBe(true);
    expect(readFileSync(join(folder, 'saved', 'setting.csv'), 'utf8')).toContain('key,value');
  });

  test('of a file that is no database is nothing', async () => {
    writeFileSync(path, 'This is a shopping list. '.repeat(400));
    expect(await saveReadable(path, join(folder, 'saved'))).toEqual([]);
  });
});
