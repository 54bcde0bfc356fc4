/** `audit.csv` and `audit.jsonl`: the whole audit log. */
import type { Queries } from '../../store/store';
import { number, text } from '../csv';
import { type ExportKind, table } from './export-kind';

async function auditRows(db: Queries): Promise<number> {
  const { rows } = await db
    .selectFrom('audit_event')
    .select(({ fn }) => fn.countAll<bigint>().as('rows'))
    .executeTakeFirstOrThrow();
  return Number(rows);
}

export const auditCsv: ExportKind = {
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
};

export const auditJsonl: ExportKind = {
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
};
