/** What the events of the audit log are about, in words: for reading only, never part of the log, its hashes or its export. */
import type { Schema } from '../store/schema';
import type { Queries } from '../store/store';
import { movementWords, spoken } from './reconciliation/words';

type Event = Pick<Schema['audit_event'], 'action' | 'subject' | 'at'>;
type Labels = ReadonlyMap<string, string>;

/** By the first word of the action, which says of what kind the id in the subject is. Each asks once for all the ids. */
const READERS: Readonly<Record<string, (db: Queries, ids: readonly string[]) => Promise<Labels>>> = {
  intent: movements,
  data: imports,
  migration: migrations,
  withdrawal: withdrawals,
  creator: creators,
  suspense: creators,
  reconciliation: lines,
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
  const alert = await alertLabels(
    db,
    events.filter((event) => kindOf(event) === 'alert'),
  );
  return (event) => (kindOf(event) === 'alert' ? alert(event) : labels.get(kindOf(event))?.get(event.subject)) ?? '';
}

/** A condition can hold again as another alert: an event is about the one raised last before it, by the title it was raised with. */
async function alertLabels(db: Queries, events: readonly Event[]): Promise<(event: Event) => string | undefined> {
  if (events.length === 0) return () => undefined;
  const raised = await db
    .selectFrom('alert')
    .innerJoin('alert_event', 'alert_event.alert_id', 'alert.alert_id')
    .select(['condition', 'alert_event.at', 'alert_event.note as title'])
    .where('condition', 'in', [...new Set(events.map((event) => event.subject))])
    .where('alert_event.action', '=', 'raised')
    .orderBy('alert_event.at')
    .execute();
  return ({ subject, at }) => raised.findLast((one) => one.condition === subject && one.at <= at)?.title;
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

/** Lines at Stripe, and lines that Stripe should show for a movement of ours, whose id is `intent:side`. */
async function lines(db: Queries, ids: readonly string[]): Promise<Labels> {
  const shown = await db
    .selectFrom('stripe_line')
    .select(['stripe_id', 'side', 'type', 'created_at', 'currency', 'amount'])
    .where('stripe_id', 'in', ids)
    .execute();
  const labels = new Map(
    shown.map((row) => [
      row.stripe_id,
      `${sentence(row.type)} of ${row.created_at.slice(0, 10)} in ${sentence(row.side)}, ${spoken(row.amount, row.currency)}`,
    ]),
  );
  const absent = ids.filter((id) => id.includes(':'));
  const ofMovement = await movements(
    db,
    absent.map((id) => id.split(':', 1)[0] ?? ''),
  );
  for (const id of absent) {
    const movement = ofMovement.get(id.split(':', 1)[0] ?? '');
    if (movement !== undefined) labels.set(id, `Missing at Stripe: ${movement}`);
  }
  return labels;
}

function sentence(id: string): string {
  const words = id.replaceAll(/[._-]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
