/**
 * Alerts: a condition is raised once and stays while it holds. A person acknowledges it, puts it off or resolves it with a note; one
 * that was resolved and still holds at the next reading is opened again, never raised a second time. Once a reading does not find the
 * condition any more the alert has ended, and the next time is another alert. Rules in words: docs/alerts.md.
 */
import type { Selectable } from 'kysely';
import type { AlertEventView, AlertView } from '../../shared/contract/balances';
import { type AlertCondition, type AlertKind, alertKindOf } from '../../shared/domain/alert-kinds';
import { CofferError } from '../../shared/domain/coffer-error';
import { appendAudit } from '../journal/audit-chain';
import type { Schema } from '../store/schema';
import type { Queries } from '../store/store';
import type { ServiceContext } from './context';

export interface Condition {
  readonly condition: AlertCondition;
  readonly severity: 'critical' | 'warning' | 'information';
  readonly title: string;
  readonly meaning: string;
  readonly action: string;
  readonly screen: string;
  /** How many evaluations in a row it must hold before it is an alert. */
  readonly after: number;
}

type AlertRow = Selectable<Schema['alert']>;
type Action = AlertEventView['action'];

const COFFER = 'coffer';
const LONGEST_SNOOZE_MS = 7 * 86_400_000;
const LISTED = 500;

/** Conditions that need to hold twice are shown from their second evaluation. */
const NEEDS_TWO: readonly AlertKind[] = ['drift'];

/**
 * Compares what holds now with the alerts of these kinds: raises, updates, opens again and ends. Returns those that were raised or
 * opened again.
 */
export async function evaluateConditions(
  context: ServiceContext,
  kinds: readonly AlertKind[],
  holding: readonly Condition[],
): Promise<readonly Condition[]> {
  const at = context.now().toISOString();
  const news: Condition[] = [];
  await context.store.transaction(async (tx) => {
    const present = await tx.selectFrom('alert').selectAll().where('ended_at', 'is', null).execute();
    const known = new Map(present.map((row) => [row.condition, row]));
    for (const one of new Map(holding.map((each) => [each.condition, each])).values()) {
      const row = known.get(one.condition);
      known.delete(one.condition);
      const outcome = row === undefined ? await raise(tx, context, one, at) : await holdsStill(tx, row, one, at);
      if (outcome === 'same') continue;
      news.push(one);
      await audit(tx, at, COFFER, outcome, one.condition, { severity: one.severity, title: one.title });
    }
    for (const row of known.values()) {
      const kind = alertKindOf(row.condition);
      if (kind !== undefined && kinds.includes(kind)) await end(tx, row, at);
    }
  });
  return news;
}

async function raise(
  tx: Queries,
  context: ServiceContext,
  one: Condition,
  at: string,
): Promise<'alert.raised' | 'same'> {
  const id = context.newId();
  await tx
    .insertInto('alert')
    .values({
      alert_id: id,
      condition: one.condition,
      severity: one.severity,
      title: one.title,
      meaning: one.meaning,
      action: one.action,
      screen: one.screen,
      raised_at: at,
      last_seen_at: at,
      seen: 1n,
      acknowledged_at: null,
      acknowledged_by: null,
      snoozed_until: null,
      notified_at: null,
      resolved_at: null,
      note: null,
      ended_at: null,
      open: 1n,
    })
    .execute();
  if (one.after > 1) return 'same';
  await note(tx, id, at, COFFER, 'raised', one.title);
  return 'alert.raised';
}

async function holdsStill(
  tx: Queries,
  row: AlertRow,
  one: Condition,
  at: string,
): Promise<'alert.raised' | 'alert.reopened' | 'same'> {
  const reopened = row.open === 0n;
  const { title, meaning, severity, action, screen } = one;
  await tx
    .updateTable('alert')
    .set({
      last_seen_at: at,
      seen: row.seen + 1n,
      title,
      meaning,
      severity,
      action,
      screen,
      ...(reopened
        ? { open: 1n, resolved_at: null, note: null, acknowledged_at: null, acknowledged_by: null, snoozed_until: null }
        : {}),
    })
    .where('alert_id', '=', row.alert_id)
    .execute();
  if (reopened) {
    await note(tx, row.alert_id, at, COFFER, 'reopened', 'It was resolved, and the condition still holds.');
    return 'alert.reopened';
  }
  if (Number(row.seen) + 1 !== one.after) return 'same';
  await note(tx, row.alert_id, at, COFFER, 'raised', title);
  return 'alert.raised';
}

async function end(tx: Queries, row: AlertRow, at: string): Promise<void> {
  const resolved = row.open === 0n;
  await tx
    .updateTable('alert')
    .set({ ended_at: at, open: 0n, ...(resolved ? {} : { resolved_at: at, note: 'The condition ended.' }) })
    .where('alert_id', '=', row.alert_id)
    .execute();
  if (isShown(row)) await note(tx, row.alert_id, at, COFFER, 'ended', 'A reading no longer found the condition.');
}

async function note(tx: Queries, id: string, at: string, actor: string, action: Action, text: string): Promise<void> {
  const { last } = await tx
    .selectFrom('alert_event')
    .select(({ fn }) => fn.max<bigint | null>('seq').as('last'))
    .where('alert_id', '=', id)
    .executeTakeFirstOrThrow();
  await tx
    .insertInto('alert_event')
    .values({ alert_id: id, seq: (last ?? 0n) + 1n, at, actor, action, note: text })
    .execute();
}

async function audit(
  tx: Queries,
  at: string,
  actor: string,
  action: string,
  subject: string,
  payload: Readonly<Record<string, unknown>>,
): Promise<void> {
  await appendAudit(tx, { at: new Date(at), actor, action, subject, payload });
}

function isShown(row: Pick<AlertRow, 'condition' | 'seen'>): boolean {
  const kind = alertKindOf(row.condition);
  return row.seen > 1n || kind === undefined || !NEEDS_TWO.includes(kind);
}

const RANK = { critical: 0, warning: 1, information: 2 };

function severityOf(text: string): AlertView['severity'] {
  return text === 'critical' || text === 'warning' ? text : 'information';
}

/** Open ones first, the worst first. */
export async function listAlerts(db: Queries, includeResolved: boolean): Promise<AlertView[]> {
  let query = db.selectFrom('alert').selectAll();
  if (!includeResolved) query = query.where('open', '=', 1n);
  const rows = await query.orderBy('open', 'desc').orderBy('raised_at', 'desc').limit(LISTED).execute();
  return rows
    .filter(isShown)
    .map((row) => ({
      id: row.alert_id,
      condition: row.condition,
      severity: severityOf(row.severity),
      title: row.title,
      meaning: row.meaning,
      action: row.action,
      screen: row.screen,
      raisedAt: row.raised_at,
      lastSeenAt: row.last_seen_at,
      acknowledgedAt: row.acknowledged_at,
      acknowledgedBy: row.acknowledged_by,
      snoozedUntil: row.snoozed_until,
      resolvedAt: row.resolved_at,
      note: row.note,
    }))
    .sort(
      (a, b) =>
        Number(a.resolvedAt !== null) - Number(b.resolvedAt !== null) ||
        RANK[a.severity] - RANK[b.severity] ||
        (a.raisedAt < b.raisedAt ? 1 : -1),
    );
}

/** How many are open: what is put off does not count, unless it is critical. */
export async function alertCounts(context: ServiceContext): Promise<{ open: number; critical: number }> {
  const now = context.now().toISOString();
  const open = await listAlerts(context.store.db, false);
  const critical = open.filter((one) => one.severity === 'critical').length;
  const others = open.filter((one) => one.severity !== 'critical' && !isSnoozed(one.snoozedUntil, now)).length;
  return { open: critical + others, critical };
}

function isSnoozed(until: string | null, now: string): boolean {
  return until !== null && until > now;
}

/** What happened to an alert, oldest first. */
export async function alertHistory(db: Queries, alertId: string): Promise<AlertEventView[]> {
  const rows = await db
    .selectFrom('alert_event')
    .select(['at', 'actor', 'action', 'note'])
    .where('alert_id', '=', alertId)
    .orderBy('seq')
    .limit(LISTED)
    .execute();
  return rows.map((row) => ({ ...row, action: row.action as Action }));
}

/**
 * Critical alerts that the desktop has to be told of now, each once: noted before anybody is told, so that a restart does not tell
 * again. One that was put off is told of again when its time has come.
 */
export async function takeNotifications(context: ServiceContext): Promise<AlertView[]> {
  const at = context.now().toISOString();
  return context.store.transaction(async (tx) => {
    const told = await tx
      .selectFrom('alert')
      .select('alert_id')
      .where('open', '=', 1n)
      .where('notified_at', 'is not', null)
      .execute();
    const known = new Set(told.map((row) => row.alert_id));
    const due = (await listAlerts(tx, false)).filter(
      (one) => one.severity === 'critical' && !known.has(one.id) && !isSnoozed(one.snoozedUntil, at),
    );
    for (const one of due) {
      await tx.updateTable('alert').set({ notified_at: at }).where('alert_id', '=', one.id).execute();
      await note(tx, one.id, at, COFFER, 'notified', 'Shown on the desktop.');
    }
    return due;
  });
}

export async function acknowledgeAlert(context: ServiceContext, alertId: string): Promise<void> {
  await change(context, alertId, 'acknowledged', '', (at) => ({
    acknowledged_at: at,
    acknowledged_by: context.actor(),
  }));
}

/** Puts an alert off until `until`, an instant of the next seven days. The condition is still looked at, and a critical one counts. */
export async function snoozeAlert(context: ServiceContext, alertId: string, until: string): Promise<void> {
  const ahead = new Date(until).getTime() - context.now().getTime();
  if (!(ahead > 0 && ahead <= LONGEST_SNOOZE_MS)) {
    throw new CofferError(
      'snooze-time',
      'An alert can be put off for at most seven days.',
      'Choose a time until then.',
    );
  }
  const instant = new Date(until).toISOString();
  await change(context, alertId, 'snoozed', `Until ${instant}`, () => ({ snoozed_until: instant, notified_at: null }));
}

export async function resolveAlert(context: ServiceContext, alertId: string, text: string): Promise<void> {
  await change(context, alertId, 'resolved', text, (at) => ({
    resolved_at: at,
    note: text,
    open: 0n,
    acknowledged_at: at,
    acknowledged_by: context.actor(),
  }));
}

async function change(
  context: ServiceContext,
  alertId: string,
  action: 'acknowledged' | 'snoozed' | 'resolved',
  text: string,
  values: (at: string) => Partial<AlertRow>,
): Promise<void> {
  const at = context.now().toISOString();
  const actor = context.actor();
  await context.store.transaction(async (tx) => {
    const row = await tx
      .selectFrom('alert')
      .select('condition')
      .where('alert_id', '=', alertId)
      .where('open', '=', 1n)
      .executeTakeFirst();
    if (row === undefined)
      throw new CofferError('alert-unknown', 'This alert is no longer open.', 'Look at the list as it is now.');
    await tx.updateTable('alert').set(values(at)).where('alert_id', '=', alertId).execute();
    await note(tx, alertId, at, actor, action, text);
    await audit(tx, at, actor, `alert.${action}`, row.condition, text === '' ? {} : { note: text });
  });
}
