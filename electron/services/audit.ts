/** The audit log as people read it, and its verification. The chain itself is in journal/audit-chain.ts. */

import type { PageRequest } from '../../shared/contract/channel';
import type { AuditRow } from '../../shared/contract/proof';
import { countOf } from '../../shared/domain/count-of';
import { fingerprint } from '../journal/signing';
import type { Queries } from '../store/store';
import { verifyAuditLog } from './audit-checkpoints';
import { subjectLabels } from './audit-subjects';
import type { ServiceContext } from './context';
import { spoken } from './reconciliation/words';

const SORTED = { seq: 'seq', at: 'seq', actor: 'actor', action: 'action', subject: 'subject' } as const;

/**
 * A page of the log, newest first unless asked otherwise. Events are numbered from 1 without a gap, so that the whole log is neither
 * counted nor passed over to get to a page; a log with a gap is shown all the same, and its verification says what is missing.
 */
export async function listAudit(db: Queries, request: PageRequest): Promise<{ total: number; rows: AuditRow[] }> {
  let rows = db.selectFrom('audit_event').selectAll();
  let counted = db.selectFrom('audit_event').select(({ fn }) => fn.countAll<bigint>().as('count'));
  const search = (request.search ?? '').trim();
  if (search !== '') {
    const like = `%${search.replaceAll('%', '')}%`;
    const columns = ['actor', 'action', 'subject', 'payload'] as const;
    rows = rows.where((eb) => eb.or(columns.map((column) => eb(column, 'like', like))));
    counted = counted.where((eb) => eb.or(columns.map((column) => eb(column, 'like', like))));
  }
  const column = Object.entries(SORTED).find(([id]) => id === request.sort)?.[1] ?? 'seq';
  const descending = request.sort === undefined ? true : request.descending === true;
  const bySeq = search === '' && column === 'seq';
  const total = search === '' ? await lastSeq(db) : Number((await counted.executeTakeFirstOrThrow()).count);
  if (bySeq) {
    rows = descending
      ? rows.where('seq', '<=', BigInt(total - request.offset))
      : rows.where('seq', '>', BigInt(request.offset));
  }
  const page = await rows
    .orderBy(column, descending ? 'desc' : 'asc')
    .orderBy('seq', 'desc')
    .limit(request.limit)
    .offset(bySeq ? 0 : request.offset)
    .execute();
  const labelOf = await subjectLabels(db, page);
  return {
    total,
    rows: page.map((row) => ({
      seq: Number(row.seq),
      at: row.at,
      actor: row.actor,
      action: row.action,
      subject: row.subject,
      subjectLabel: labelOf(row),
      detail: detailOf(row.payload),
      hash: row.hash,
    })),
  };
}

async function lastSeq(db: Queries): Promise<number> {
  const { last } = await db
    .selectFrom('audit_event')
    .select(({ fn }) => fn.max<bigint | null>('seq').as('last'))
    .executeTakeFirstOrThrow();
  return Number(last ?? 0n);
}

/** The content of an event in one line: `kind pay, amount 651.00 USD`. The log itself keeps minor units. */
function detailOf(payload: string): string {
  const content: Record<string, unknown> = JSON.parse(payload);
  const { currency } = content;
  const of = typeof currency === 'string' ? currency : undefined;
  return Object.entries(content)
    .filter(
      ([name, value]) =>
        value !== null && value !== '' && !(name === 'currency' && AMOUNTS.some((one) => one in content)),
    )
    .map(([name, value]) => `${name.replace(/([A-Z])/g, ' $1').toLowerCase()} ${valueText(name, value, of)}`)
    .join(', ');
}

/** Of an event with a currency, these are amounts of it; `posted` are pairs of a currency and an amount. */
const AMOUNTS = ['amount', 'before', 'after'];

function valueText(name: string, value: unknown, currency: string | undefined): string {
  if (currency !== undefined && AMOUNTS.includes(name)) return minorText(value, currency);
  if (!Array.isArray(value)) return typeof value === 'object' ? JSON.stringify(value) : String(value);
  return value
    .map((one: unknown) => (name === 'posted' && Array.isArray(one) ? minorText(one[1], String(one[0])) : String(one)))
    .join('; ');
}

function minorText(value: unknown, currency: string): string {
  return typeof value === 'string' && /^-?\d+$/.test(value) ? spoken(BigInt(value), currency) : String(value);
}

export async function verifyAudit(context: ServiceContext) {
  const { verdict, key, lapsed } = await verifyAuditLog(context);
  return {
    ok: verdict.ok && lapsed.length === 0,
    events: verdict.events,
    head: verdict.head,
    message:
      verdict.problem ??
      (lapsed.length === 0
        ? null
        : `The log is whole, but the figures of ${lapsed.join(', ')} are not those that were signed: the sign-off has lapsed.`) ??
      `All ${verdict.events} events follow from one another, and ${countOf(verdict.checkpoints, 'signed checkpoint')} ${verdict.checkpoints === 1 ? 'fits' : 'fit'}: nothing was changed, removed, reordered or cut off.`,
    checkpoints: verdict.checkpoints,
    keyFingerprint: key === null ? null : fingerprint(key),
    checkedAt: context.now().toISOString(),
  };
}
