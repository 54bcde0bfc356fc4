/** The audit exports of a period: CSV files in the field's formats and `summary.json`. Deterministic. Source: docs/exports.md. */

import { createHash } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExportFile } from '../../shared/contract/proof';
import { currency as toCurrency, toDecimal } from '../../shared/money/money';
import { byBytes } from '../../shared/money/split';
import { periodEnd, period as toPeriod } from '../../shared/period/period';
import type { Intent, IntentState } from '../journal/intent';
import { listIntents, movementsPostedTo } from '../journal/journal';
import type { Queries, Store } from '../store/store';
import { type Cell, csvFile, number, text } from './csv';
import { earningResults } from './earnings';
import { lateExceptions } from './late-news';
import { monthReadings } from './monitoring/retention';
import { FIGURE_NAMES, readFigures } from './period-figures';
import { reconciledLines, reconciledMissing, withClass } from './reconciliation';
import type { WrittenFile } from './store-jobs';
import { workerOf } from './store-worker';

export interface ExportedFile {
  readonly name: string;
  readonly title: string;
  readonly rows: number;
  readonly content: string;
}

/** Any file that is written for a person to keep. */
export type SavedFile = Omit<ExportedFile, 'content'> & { readonly content: string | Uint8Array };

interface ExportKind {
  readonly name: string;
  readonly title: string;
  /** Left out when it has no rows. */
  readonly optional?: boolean;
  readonly make: (db: Queries, period: string) => Promise<{ content: string; rows: number }>;
  /** How many rows `make` would give, where that is known without making them. */
  readonly count?: (db: Queries, period: string) => Promise<number>;
}

/** What a month earned and what lapsed belongs to its last day, whenever it was calculated; money that moved, to the day it moved. */
function accountingDate(kind: string, at: string, period: string): string {
  if (kind !== 'earnings' && kind !== 'lapse') return at.slice(0, 10);
  const end = periodEnd(toPeriod(period));
  return new Date(end.getTime() - 1).toISOString().slice(0, 10);
}

async function auditRows(db: Queries): Promise<number> {
  const { rows } = await db
    .selectFrom('audit_event')
    .select(({ fn }) => fn.countAll<bigint>().as('rows'))
    .executeTakeFirstOrThrow();
  return Number(rows);
}

function table(columns: readonly string[], rows: readonly (readonly Cell[])[]): { content: string; rows: number } {
  return { content: csvFile(columns, rows), rows: rows.length };
}

function decimal(amount: bigint, code: string): Cell {
  return number(toDecimal(amount, toCurrency(code)));
}

const KINDS: readonly ExportKind[] = [
  {
    name: 'earnings.csv',
    title: 'Earnings of every creator',
    count: async (db, period) => {
      const { rows } = await db
        .selectFrom('earning')
        .select(({ fn }) => fn.countAll<bigint>().as('rows'))
        .where('period', '=', period)
        .executeTakeFirstOrThrow();
      return Number(rows);
    },
    make: async (db, period) =>
      table(
        'period,creator_id,currency,gross_minor,fee_minor,net_minor,opening_minor,payable_minor,paid_minor,owed_after_minor,disposition,reason'.split(
          ',',
        ),
        (await earningResults(db, period)).map((one) => [
          text(one.period),
          text(one.creatorId),
          text(one.currency),
          number(one.gross),
          number(one.fee),
          number(one.net),
          number(one.opening),
          number(one.payable),
          number(one.paid),
          number(one.owedAfter),
          text(one.disposition),
          text(one.reason),
        ]),
      ),
  },
  {
    name: 'unallocated.csv',
    title: 'Unallocated funds of every subscriber',
    count: async (db, period) => {
      const { rows } = await db
        .selectFrom('lapse')
        .select(({ fn }) => fn.countAll<bigint>().as('rows'))
        .where('period', '=', period)
        .executeTakeFirstOrThrow();
      return Number(rows);
    },
    make: async (db, period) => {
      const rows = await db
        .selectFrom('lapse')
        .selectAll()
        .where('period', '=', period)
        .orderBy('subscriber_id')
        .orderBy('currency')
        .execute();
      return table(
        'period,subscriber_id,currency,funds_minor,allocated_minor,unfunded_minor,unallocated_minor,usage_band'.split(
          ',',
        ),
        rows.map((row) => [
          text(row.period),
          text(row.subscriber_id),
          text(row.currency),
          number(row.funds),
          number(row.allocated),
          number(row.unfunded),
          number(row.unallocated),
          text(row.usage_band),
        ]),
      );
    },
  },
  {
    name: 'payouts.csv',
    title: 'Payouts to creators',
    make: async (db, period) => {
      const intents = (await intentsOf(db, period)).filter((one) => one.kind === 'pay');
      return table(
        'period,intent_id,creator_id,currency,amount_minor,amount_decimal,rail,stripe_account,stripe_object,status,attempts,created_at,settled_at,failure_code,batch'.split(
          ',',
        ),
        intents.map((one) => [
          text(one.period),
          text(one.intent_id),
          text(one.creator_id),
          text(one.currency),
          number(one.amount),
          decimal(one.amount, one.currency),
          text(one.rail),
          text(one.stripe_account),
          text(one.stripe_object),
          text(one.state),
          number(one.attempts),
          text(one.created_at),
          text(one.settled_at),
          text(one.code),
          text(one.batch),
        ]),
      );
    },
  },
  {
    name: 'operations.csv',
    title: 'Every movement of money',
    make: async (db, period) => {
      const intents = await intentsOf(db, period);
      const requestIds = new Map(
        (
          await db
            .selectFrom('intent_state')
            .select(['intent_id', 'request_id'])
            .where('request_id', 'is not', null)
            .execute()
        ).map((row) => [row.intent_id, row.request_id]),
      );
      return table(
        'intent_id,kind,currency,amount_minor,amount_decimal,from,to,status,stripe_object,idempotency_key,request_id,created_at,settled_at,actor,approved_hash'.split(
          ',',
        ),
        intents.map((one) => [
          text(one.intent_id),
          text(one.kind),
          text(one.currency),
          number(one.amount),
          decimal(one.amount, one.currency),
          text(one.source),
          text(one.destination),
          text(one.state),
          text(one.stripe_object),
          text(one.idempotency_key),
          text(requestIds.get(one.intent_id) ?? null),
          text(one.created_at),
          text(one.settled_at),
          text(one.actor),
          text(one.approved_hash),
        ]),
      );
    },
  },
  {
    name: 'balances.csv',
    title: 'Balances over time',
    make: async (db, period) => {
      const run = await db
        .selectFrom('month_end_run')
        .select(['closed_at'])
        .where('period', '=', period)
        .where('current', '=', 1n)
        .executeTakeFirst();
      const rows = await monthReadings(db, `${period}-01`, run?.closed_at ?? null);
      return table(
        'at,currency,payments_available_minor,payments_pending_minor,storage_available_minor,storage_inbound_minor,storage_outbound_minor,owed_minor,coverage_bps'.split(
          ',',
        ),
        rows.map((row) => [
          text(row.at),
          text(row.currency),
          number(row.payments_available),
          number(row.payments_pending),
          number(row.storage_available),
          number(row.storage_inbound),
          number(row.storage_outbound),
          number(row.owed),
          number(row.coverage_bps),
        ]),
      );
    },
  },
  {
    name: 'reconciliation.csv',
    title: 'Lines at Stripe and what they match',
    make: async (db, period) => {
      const lines = await reconciledLines(db, period);
      const rows = await lines
        .select([
          'stripe_line.stripe_id',
          'stripe_line.side',
          'stripe_line.type',
          'stripe_line.currency',
          'stripe_line.amount',
          'stripe_line.intent_id',
          'stripe_line.outcome',
          'stripe_line.class',
          'stripe_line.explanation',
        ])
        .orderBy('stripe_line.stripe_id')
        .execute();
      const missing = (await reconciledMissing(db, period)).map((one) => ({
        stripe_id: one.stripe_object ?? one.intent_id,
        type: `not in ${one.side}`,
        currency: one.currency,
        amount: one.amount,
        intent_id: one.intent_id,
        outcome: one.outcome,
        class: one.outcome === 'exception' ? 'unknown-to-stripe' : null,
        explanation: one.explanation,
      }));
      const late = (await lateExceptions(db, period)).map((one) => ({
        stripe_id: one.rowId,
        type: one.type,
        currency: one.currency,
        amount: one.amount,
        intent_id: null,
        outcome: 'exception',
        class: 'late',
        explanation: one.explanation,
      }));
      return table(
        'stripe_id,type,currency,amount_minor,intent_id,outcome,explanation'.split(','),
        [...rows, ...missing, ...late]
          .sort((a, b) => byBytes(a.stripe_id, b.stripe_id))
          .map((row) => [
            text(row.stripe_id),
            text(row.type),
            text(row.currency),
            number(row.amount),
            text(row.intent_id),
            text(row.outcome),
            text(withClass(row.class, row.explanation)),
          ]),
      );
    },
  },
  {
    name: 'late_rows.csv',
    title: 'Rows of earlier months that came late, and what they were posted with',
    optional: true,
    make: async (db, period) => {
      const rows = await db
        .selectFrom('late_row')
        .selectAll()
        .where('posted_in', '=', period)
        .orderBy('period')
        .orderBy('kind')
        .orderBy('row_id')
        .orderBy('late_id')
        .execute();
      return table(
        'origin_period,kind,row_id,currency,change_minor,posted_in,reference'.split(','),
        rows.map((row) => [
          text(row.period),
          text(row.kind),
          text(row.row_id),
          text(row.currency),
          number(row.change),
          text(row.posted_in),
          text(row.tx_id),
        ]),
      );
    },
  },
  {
    name: 'journal_entries.csv',
    title: 'Journal entries for the accounting system',
    count: async (db, period) => {
      const { rows } = await db
        .selectFrom('ledger_entry')
        .innerJoin('ledger_transaction', 'ledger_transaction.tx_id', 'ledger_entry.tx_id')
        .select(({ fn }) => fn.countAll<bigint>().as('rows'))
        .where('period', '=', period)
        .executeTakeFirstOrThrow();
      return Number(rows);
    },
    make: async (db, period) => {
      const rows = await db
        .selectFrom('ledger_entry')
        .innerJoin('ledger_transaction', 'ledger_transaction.tx_id', 'ledger_entry.tx_id')
        .select([
          'at',
          'entry_id',
          'account',
          'currency',
          'amount',
          'description',
          'intent_id',
          'ledger_entry.tx_id as tx_id',
          'kind',
        ])
        .where('period', '=', period)
        .orderBy('entry_id')
        .execute();
      return table(
        'date,entry_id,account,debit_minor,credit_minor,currency,description,reference'.split(','),
        rows.map((row) => [
          text(accountingDate(row.kind, row.at, period)),
          number(row.entry_id),
          text(row.account),
          number(row.amount > 0n ? row.amount : 0n),
          number(row.amount < 0n ? -row.amount : 0n),
          text(row.currency),
          text(row.description),
          text(row.intent_id ?? row.tx_id),
        ]),
      );
    },
  },
  {
    name: 'audit.csv',
    title: 'Audit log with its hash chain',
    count: auditRows,
    make: async (db) => {
      const rows = await db.selectFrom('audit_event').selectAll().orderBy('seq').execute();
      return table(
        'seq,at,actor,action,subject,payload_hash,prev_hash,hash'.split(','),
        rows.map((row) => [
          number(row.seq),
          text(row.at),
          text(row.actor),
          text(row.action),
          text(row.subject),
          text(row.payload_hash),
          text(row.prev_hash),
          text(row.hash),
        ]),
      );
    },
  },
  {
    name: 'audit.jsonl',
    title: 'Audit log, one JSON object a line, with its content',
    count: auditRows,
    make: async (db) => {
      const rows = await db.selectFrom('audit_event').selectAll().orderBy('seq').execute();
      const lines = rows.map((row) =>
        JSON.stringify({
          seq: String(row.seq),
          at: row.at,
          actor: row.actor,
          action: row.action,
          subject: row.subject,
          payload: JSON.parse(row.payload) as unknown,
          payload_hash: row.payload_hash,
          prev_hash: row.prev_hash,
          hash: row.hash,
        }),
      );
      return { content: lines.map((line) => `${line}\n`).join(''), rows: rows.length };
    },
  },
  {
    name: 'summary.json',
    title: 'The figures of the month',
    make: async (db, period) => {
      const summary = await summaryOf(db, period);
      return { content: `${JSON.stringify(summary, null, 1)}\n`, rows: Object.keys(summary).length };
    },
  },
];

/**
 * A period's movements by period and id, with those of earlier ones whose news was posted to it; of a closed period as they stood
 * when it was signed, whatever came later.
 */
async function intentsOf(db: Queries, period: string): Promise<Intent[]> {
  const earlier = await movementsPostedTo(db, period);
  const intents = [...(await listIntents(db, { period })), ...earlier].sort(byPeriodAndId);
  const run = await db
    .selectFrom('month_end_run')
    .select('closed_at')
    .where('period', '=', period)
    .where('current', '=', 1n)
    .executeTakeFirst();
  const closedAt = run?.closed_at;
  if (!closedAt) return intents;
  const events = await db
    .selectFrom('intent_event')
    .innerJoin('intent', 'intent.intent_id', 'intent_event.intent_id')
    .select([
      'intent_event.intent_id',
      'intent_event.at',
      'intent_event.state',
      'intent_event.attempt',
      'intent_event.code',
      'intent_event.message',
    ])
    .where((eb) =>
      eb.or([
        eb('intent.period', '=', period),
        eb('intent.intent_id', 'in', ['', ...earlier.map((intent) => intent.intent_id)]),
      ]),
    )
    .orderBy('intent_event.intent_id')
    .orderBy('intent_event.seq')
    .execute();
  const later = new Set(events.filter((event) => event.at > closedAt).map((event) => event.intent_id));
  return intents.map((intent) => {
    if (!later.has(intent.intent_id)) return intent;
    const then = events.findLast((event) => event.intent_id === intent.intent_id && event.at <= closedAt);
    if (then === undefined) return intent;
    return {
      ...intent,
      state: then.state as IntentState,
      attempts: Number(then.attempt),
      code: then.code,
      message: then.message,
      settled_at: then.at,
    };
  });
}

function byPeriodAndId(a: Intent, b: Intent): number {
  return byBytes(a.period, b.period) || byBytes(a.intent_id, b.intent_id);
}

/** The figures of a period per currency, as decimal strings of minor units; figures not known yet are left out. */
export async function summaryOf(db: Queries, period: string): Promise<Record<string, Record<string, string>>> {
  const summary: Record<string, Record<string, string>> = {};
  for (const [currency, figures] of await readFigures(db, period)) {
    // Balances alone, without any data of the period, are not part of its summary.
    if (figures.collected === undefined && !figures.surplus_release && !figures.revenue_adjustments) continue;
    const known: Record<string, string> = {};
    for (const name of FIGURE_NAMES) {
      if (name === 'revenue_adjustments' && !figures[name]) continue;
      // A currency that only has a surplus in Storage earned nothing: those figures are zero, not unknown.
      const value = figures[name] ?? (figures.collected === undefined ? 0n : undefined);
      if (value !== undefined) known[name] = String(value);
    }
    summary[currency] = known;
  }
  return summary;
}

export const EXPORT_NAMES: readonly string[] = KINDS.map((kind) => kind.name);

/** Makes the named exports of a period one after the other. */
async function* eachExport(db: Queries, period: string, names: readonly string[]): AsyncGenerator<ExportedFile> {
  for (const kind of KINDS) {
    if (!names.includes(kind.name)) continue;
    const { content, rows } = await kind.make(db, period);
    if (kind.optional === true && rows === 0) continue;
    yield { name: kind.name, title: kind.title, rows, content };
  }
}

/** Makes the named exports of a period, or all of them. */
export async function makeExports(
  db: Queries,
  period: string,
  names: readonly string[] = EXPORT_NAMES,
): Promise<ExportedFile[]> {
  const files: ExportedFile[] = [];
  for await (const file of eachExport(db, period, names)) files.push(file);
  return files;
}

/** Writes the named exports of a period into a folder, each whole or not at all. */
export async function saveExports(
  store: Store,
  period: string,
  names: readonly string[],
  directory: string,
): Promise<WrittenFile[]> {
  const worker = await workerOf(store);
  if (worker !== null) return worker.run('save-exports', { period, names, directory });
  return writeEach(store.db, period, names, directory);
}

export async function writeEach(
  db: Queries,
  period: string,
  names: readonly string[],
  directory: string,
): Promise<WrittenFile[]> {
  const written: WrittenFile[] = [];
  for await (const file of eachExport(db, period, names)) written.push(...(await writeExports(directory, [file])));
  return written;
}

/** What can be exported of a period now, with its number of rows. */
export async function listExports(store: Store, period: string): Promise<ExportFile[]> {
  const worker = await workerOf(store);
  return worker === null ? exportList(store.db, period) : worker.run('export-list', { period });
}

/** The same of a connection that only this is done on. */
export async function exportList(db: Queries, period: string): Promise<ExportFile[]> {
  const list: ExportFile[] = [];
  for (const kind of KINDS) {
    const rows = kind.count === undefined ? (await kind.make(db, period)).rows : await kind.count(db, period);
    if (kind.optional === true && rows === 0) continue;
    const ready = rows > 0;
    list.push({ name: kind.name, title: kind.title, rows, ready, detail: ready ? '' : 'Nothing to export yet' });
  }
  return list;
}

/** Writes files into a folder, each whole or not at all. */
export async function writeExports(directory: string, files: readonly SavedFile[]): Promise<WrittenFile[]> {
  await mkdir(directory, { recursive: true });
  const written: WrittenFile[] = [];
  for (const file of files) {
    const path = join(directory, file.name);
    await writeFile(`${path}.part`, file.content);
    await rename(`${path}.part`, path);
    written.push({
      name: file.name,
      rows: file.rows,
      sha256: createHash('sha256').update(file.content).digest('hex'),
    });
  }
  return written;
}
