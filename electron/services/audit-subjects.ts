/** What the events of the audit log are about, in words: for reading only, never part of the log, its hashes or its export. */
import type { Schema } from '../store/schema';
import type { Queries } from '../store/store';
import { movementWords, spoken } from './reconciliation/words';

type Event = Pick<Schema['audit_event'], 'action' | 'subject'>;
type Labels = ReadonlyMap<string, string>;

/** By the first word of the action, which says of what kind the id in the subject is. Each asks once for all the ids. */
const READERS: Readonly<Record<string, (db: Queries, ids: readonly string[]) => Promise<Labels>>> = {
  intent: movements,
  data: imports,
  migration: migrations,
  withdrawal: withdrawals,
  creator: creators,
  suspense: creators,
};

function kindOf({ action }: Event): string {
  return action.split('.', 1)[0] ?? '';
}

/** Gives the label of an event's subject; empty where the subject says it itself, or is not (any longer) in the books. */
export async function subjectLabels(db: Queries, events: readonly Event[]): Promise<(event: Event) => string> {
  const labels = new Map<string, Labels>();
  for (const [kind, read] of Object.entries(READERS)) {
    const ids = [...new Set(events.filter((event) => kindOf(event) === kind).map((event) => event.subject))];
    if (ids.length > 0) labels.set(kind, await read(db, ids));
  }
  return (event) => labels.get(kindOf(event))?.get(event.subject) ?? '';
}

async function movements(db: Queries, ids: readonly string[]): Promise<Labels> {
  const rows = await db
    .selectFrom('intent')
    .leftJoin('creator', 'creator.creator_id', 'intent.creator_id')
    .select(['intent_id', 'kind', 'intent.creator_id', 'period', 'run', 'currency', 'amount', 'display_name'])
    .where('intent_id', 'in', ids)
    .execute();
  return new Map(
    rows.map((row) => [
      row.intent_id,
      `${row.kind === 'pay' ? `Payout to ${row.display_name ?? row.creator_id}` : movementWords(row)}, ${spoken(row.amount, row.currency)}`,
    ]),
  );
}

async function imports(db: Queries, ids: readonly string[]): Promise<Labels> {
  const rows = await db.selectFrom('data_import').select(['import_id', 'at']).where('import_id', 'in', ids).execute();
  return new Map(rows.map((row) => [row.import_id, `Import of ${row.at.slice(0, 10)}`]));
}

async function migrations(db: Queries, ids: readonly string[]): Promise<Labels> {
  const rows = await db.selectFrom('migration_run').select(['run_id', 'period']).where('run_id', 'in', ids).execute();
  return new Map(rows.map((row) => [row.run_id, `Migration of ${row.period}`]));
}

async function withdrawals(db: Queries, ids: readonly string[]): Promise<Labels> {
  const rows = await db
    .selectFrom('withdrawal')
    .select(['withdrawal_id', 'currency', 'amount'])
    .where('withdrawal_id', 'in', ids)
    .execute();
  return new Map(rows.map((row) => [row.withdrawal_id, `Withdrawal of ${spoken(row.amount, row.currency)}`]));
}

async function creators(db: Queries, ids: readonly string[]): Promise<Labels> {
  const rows = await db
    .selectFrom('creator')
    .select(['creator_id', 'display_name'])
    .where('creator_id', 'in', ids)
    .execute();
  return new Map(rows.map((row) => [row.creator_id, `Creator ${row.display_name}`]));
}
