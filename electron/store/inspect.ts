/**
 * Looks at a database file without changing it: whether it is one of Coffer's, whole, balanced and unbroken, and what is in it.
 * The same look for a store at start, a backup that was just written, and a file that a person wants to restore.
 */
import { existsSync, statSync } from 'node:fs';
import Database from 'libsql';
import { EVENT_PAGE, eventsOfPage, FIRST_SEQ, follows, GENESIS, type StoredEvent } from './audit-hash';
import { APPLICATION_ID, MIGRATIONS } from './schema';

export type DamageCode =
  | 'missing'
  | 'folder'
  | 'empty'
  | 'unreadable'
  | 'not-a-database'
  | 'foreign'
  | 'newer'
  | 'working-file'
  | 'damaged'
  | 'foreign-keys'
  | 'trial-balance'
  | 'audit-chain';

export interface Finding {
  readonly code: DamageCode;
  /** For the person. */
  readonly message: string;
}

export interface Inspection {
  readonly path: string;
  readonly bytes: number;
  /** Empty: the file is good. */
  readonly findings: readonly Finding[];
  readonly schemaVersion: number;
  /** `sandbox`, `test` or `live`; null when the books do not say. */
  readonly mode: string | null;
  /** Null when it was never read. */
  readonly stripeAccount: string | null;
  readonly events: number;
  /** Hash of the first and of the last event of the audit log. */
  readonly genesis: string | null;
  readonly head: string;
  readonly lastEventAt: string | null;
  readonly openPeriod: string | null;
  readonly intents: number;
}

/** `quick`: structure of the file, sums of the ledger, head of the audit log. `full`: every row and every event. */
export type Depth = 'quick' | 'full';

const NOTHING = {
  bytes: 0,
  schemaVersion: 0,
  mode: null,
  stripeAccount: null,
  events: 0,
  genesis: null,
  head: GENESIS,
  lastEventAt: null,
  openPeriod: null,
  intents: 0,
} as const;

/** Never throws for what is wrong with the file: that is what it finds. */
export function inspectDatabase(path: string, depth: Depth): Inspection {
  const refused = (code: DamageCode, message: string): Inspection => ({
    ...NOTHING,
    path,
    findings: [{ code, message }],
  });
  if (!existsSync(path)) return refused('missing', 'The file is not there.');
  const stat = statSync(path);
  if (!stat.isFile()) return refused('folder', 'It is a folder, not a file.');
  if (stat.size === 0) return refused('empty', 'The file is empty.');
  let database: Database.Database | undefined;
  try {
    database = new Database(path);
    database.defaultSafeIntegers(true);
    database.exec('PRAGMA query_only = ON');
    database.exec('PRAGMA busy_timeout = 15000');
    return { ...NOTHING, path, ...examine(new Reader(database), depth), bytes: stat.size };
  } catch (error) {
    return { ...refused(...readingFailed(error)), bytes: stat.size };
  } finally {
    database?.close();
  }
}

function readingFailed(error: unknown): [DamageCode, string] {
  const text = error instanceof Error ? error.message : String(error);
  if (/not a database|encrypted/i.test(text)) return ['not-a-database', 'The file is not a database.'];
  if (/malformed|corrupt/i.test(text)) return ['damaged', 'Parts of the file are damaged and cannot be read.'];
  return ['unreadable', `The file cannot be read (${text}).`];
}

class Reader {
  constructor(private readonly database: Database.Database) {}

  rows<Row>(sql: string, ...parameters: bigint[]): Row[] {
    return this.database.prepare(sql).all(parameters) as Row[];
  }

  value(sql: string): unknown {
    const row: unknown = this.database.prepare(sql).raw().get();
    return Array.isArray(row) ? row[0] : row;
  }
}

function examine(reader: Reader, depth: Depth): Omit<Inspection, 'path' | 'bytes'> {
  const schemaVersion = Number(reader.value('PRAGMA user_version'));
  const only = (code: DamageCode, message: string) => ({ ...NOTHING, schemaVersion, findings: [{ code, message }] });
  if (Number(reader.value('PRAGMA application_id')) !== APPLICATION_ID) {
    return only('foreign', 'It is not a database of Coffer.');
  }
  if (schemaVersion > MIGRATIONS.length) {
    return only('newer', 'It was written by a newer version of Coffer. Install that version first.');
  }
  const check = depth === 'full' ? 'integrity_check' : 'quick_check';
  const structure = String(reader.value(`PRAGMA ${check}(1)`));
  if (structure !== 'ok') return only('damaged', 'Parts of the file are damaged.');
  const findings: Finding[] = [];
  if (depth === 'full' && reader.rows('PRAGMA foreign_key_check').length > 0) {
    findings.push({ code: 'foreign-keys', message: 'Some records point to records that are not there.' });
  }
  findings.push(...ledgerFindings(reader, depth));
  const chain = depth === 'full' ? wholeChain(reader) : headOfChain(reader);
  if (chain.brokenAt !== null) {
    findings.push({
      code: 'audit-chain',
      message: `Event ${chain.brokenAt} of the audit log does not follow from the one before it.`,
    });
  }
  const setting = (key: string): string | null => {
    const value = reader.value(`SELECT value FROM setting WHERE key = '${key}'`);
    return typeof value === 'string' ? value : null;
  };
  const ends = reader.rows<{ first: string | null; last: string | null; at: string | null; events: bigint }>(
    `SELECT (SELECT hash FROM audit_event ORDER BY seq LIMIT 1) AS first,
            (SELECT hash FROM audit_event ORDER BY seq DESC LIMIT 1) AS last,
            (SELECT max(at) FROM audit_event) AS at, (SELECT count(*) FROM audit_event) AS events`,
  )[0];
  return {
    findings,
    schemaVersion,
    mode: setting('mode'),
    stripeAccount: setting('stripe-account'),
    events: Number(ends?.events ?? 0),
    genesis: ends?.first ?? null,
    head: ends?.last ?? GENESIS,
    lastEventAt: ends?.at ?? null,
    openPeriod: setting('open-period'),
    intents: Number(reader.value('SELECT count(*) FROM intent')),
  };
}

function ledgerFindings(reader: Reader, depth: Depth): Finding[] {
  const off = reader.value('SELECT currency FROM ledger_balance GROUP BY currency HAVING sum(balance) <> 0 LIMIT 1');
  if (typeof off === 'string') {
    return [{ code: 'trial-balance', message: `Debits and credits in ${off.toUpperCase()} are not equal.` }];
  }
  if (depth === 'quick') return [];
  const unequal =
    reader.value(`SELECT tx_id FROM ledger_entry GROUP BY tx_id, currency HAVING sum(amount) <> 0 LIMIT 1`) ??
    reader.value(`SELECT b.account FROM ledger_balance b WHERE b.balance <>
      (SELECT coalesce(sum(e.amount), 0) FROM ledger_entry e WHERE e.account = b.account AND e.currency = b.currency) LIMIT 1`);
  if (unequal === undefined || unequal === null) return [];
  return [{ code: 'trial-balance', message: 'Entries of the ledger do not add up to its balances.' }];
}

/** Events read at a time. */
const PAGE = 200n;

function wholeChain(reader: Reader): { brokenAt: bigint | null } {
  let seq = 0n;
  let prev = GENESIS;
  for (let from = FIRST_SEQ; ; from = seq + 1n) {
    const [row] = reader.rows<{ page: string }>(EVENT_PAGE, from, PAGE);
    const page = eventsOfPage(row?.page ?? '[]');
    for (const event of page) {
      if (!follows(event, seq, prev)) return { brokenAt: event.seq };
      seq = event.seq;
      prev = event.hash;
    }
    if (page.length < PAGE) return { brokenAt: null };
  }
}

/** The last event against the one before it, and no gap in the count. */
function headOfChain(reader: Reader): { brokenAt: bigint | null } {
  const [last, before] = reader.rows<StoredEvent>('SELECT * FROM audit_event ORDER BY seq DESC LIMIT 2');
  if (last === undefined) return { brokenAt: null };
  const count = BigInt(Number(reader.value('SELECT count(*) FROM audit_event')));
  const fits = count === last.seq && follows(last, before?.seq ?? 0n, before?.hash ?? GENESIS);
  return { brokenAt: fits ? null : last.seq };
}
