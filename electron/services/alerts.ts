/** Alerts: a condition is raised once, stays while it holds, and is resolved when it ends or by a person with a note. */
import type { AlertView } from '../../shared/contract/balances';
import { CofferError } from '../../shared/domain/coffer-error';
import { appendAudit } from '../journal/audit-chain';
import type { Queries } from '../store/store';
import type { ServiceContext } from './context';

export interface Condition {
  /** Names the condition and what it is about: `coverage:usd`. The same condition never raises twice. */
  readonly condition: string;
  readonly severity: 'critical' | 'warning' | 'information';
  readonly title: string;
  readonly meaning: string;
  readonly action: string;
  readonly screen: string;
  /** How many evaluations in a row it must hold before it is an alert. */
  readonly after: number;
}

/**
 * Compares what holds now with what is open: raises, updates and ends alerts of the given families (the part of the condition
 * before the colon). Returns the alerts raised now.
 */
export async function evaluateConditions(
  context: ServiceContext,
  families: readonly string[],
  holding: readonly Condition[],
): Promise<readonly Condition[]> {
  const at = context.now().toISOString();
  const raised: Condition[] = [];
  await context.store.transaction(async (tx) => {
    const open = await tx.selectFrom('alert').selectAll().where('open', '=', 1n).execute();
    const known = new Map(open.map((row) => [row.condition, row]));
    for (const one of holding) {
      const row = known.get(one.condition);
      known.delete(one.condition);
      if (row === undefined) {
        await tx
          .insertInto('alert')
          .values({
            alert_id: context.newId(),
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
            resolved_at: null,
            note: null,
            open: 1n,
          })
          .execute();
        if (one.after <= 1) raised.push(one);
        continue;
      }
      if (Number(row.seen) + 1 === one.after) raised.push(one);
      await tx
        .updateTable('alert')
        .set({ last_seen_at: at, seen: row.seen + 1n, title: one.title, meaning: one.meaning, severity: one.severity })
        .where('alert_id', '=', row.alert_id)
        .execute();
    }
    for (const row of known.values()) {
      if (!families.includes(row.condition.split(':')[0] ?? '')) continue;
      await tx
        .updateTable('alert')
        .set({ open: 0n, resolved_at: at, note: 'The condition ended.' })
        .where('alert_id', '=', row.alert_id)
        .execute();
    }
    for (const one of raised) {
      await appendAudit(tx, {
        at: new Date(at),
        actor: 'coffer',
        action: 'alert.raised',
        subject: one.condition,
        payload: { severity: one.severity, title: one.title },
      });
    }
  });
  return raised;
}

/** Conditions that need to hold twice are shown from their second evaluation. */
const NEEDS_TWO = ['drift'];

export async function listAlerts(db: Queries, includeResolved: boolean): Promise<AlertView[]> {
  let query = db.selectFrom('alert').selectAll();
  if (!includeResolved) query = query.where('open', '=', 1n);
  const rows = await query.orderBy('open', 'desc').orderBy('raised_at', 'desc').limit(500).execute();
  const rank = { critical: 0, warning: 1, information: 2 };
  const severity = (text: string): AlertView['severity'] =>
    text === 'critical' || text === 'warning' ? text : 'information';
  return rows
    .filter((row) => row.seen > 1n || !NEEDS_TWO.includes(row.condition.split(':')[0] ?? ''))
    .map((row) => ({
      id: row.alert_id,
      condition: row.condition,
      severity: severity(row.severity),
      title: row.title,
      meaning: row.meaning,
      action: row.action,
      screen: row.screen,
      raisedAt: row.raised_at,
      lastSeenAt: row.last_seen_at,
      acknowledgedAt: row.acknowledged_at,
      acknowledgedBy: row.acknowledged_by,
      resolvedAt: row.resolved_at,
      note: row.note,
    }))
    .sort(
      (a, b) =>
        Number(a.resolvedAt !== null) - Number(b.resolvedAt !== null) ||
        rank[a.severity] - rank[b.severity] ||
        (a.raisedAt < b.raisedAt ? 1 : -1),
    );
}

export async function acknowledgeAlert(context: ServiceContext, alertId: string): Promise<void> {
  await change(context, alertId, 'alert.acknowledged', {}, async (tx, at) => {
    await tx
      .updateTable('alert')
      .set({ acknowledged_at: at, acknowledged_by: context.actor() })
      .where('alert_id', '=', alertId)
      .execute();
  });
}

export async function resolveAlert(context: ServiceContext, alertId: string, note: string): Promise<void> {
  await change(context, alertId, 'alert.resolved', { note }, async (tx, at) => {
    await tx
      .updateTable('alert')
      .set({ resolved_at: at, note, open: 0n, acknowledged_at: at, acknowledged_by: context.actor() })
      .where('alert_id', '=', alertId)
      .execute();
  });
}

async function change(
  context: ServiceContext,
  alertId: string,
  action: string,
  payload: Record<string, unknown>,
  write: (tx: Queries, at: string) => Promise<void>,
): Promise<void> {
  const at = context.now();
  await context.store.transaction(async (tx) => {
    const row = await tx.selectFrom('alert').select('condition').where('alert_id', '=', alertId).executeTakeFirst();
    if (row === undefined)
      throw new CofferError('alert-unknown', 'This alert is no longer there.', 'Refresh the list.');
    await write(tx, at.toISOString());
    await appendAudit(tx, { at, actor: context.actor(), action, subject: row.condition, payload });
  });
}
