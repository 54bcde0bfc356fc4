/** Every alert of the rules from the condition itself, at the embedded Stripe; raised once, put off, resolved, ended and raised anew. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { RailFinding } from '../../../electron/rails/segregation-rail';
import {
  acknowledgeAlert,
  alertCounts,
  alertHistory,
  listAlerts,
  resolveAlert,
  snoozeAlert,
  takeNotifications,
} from '../../../electron/services/alerts';
import { listAudit } from '../../../electron/services/audit';
import { BalanceMonitor } from '../../../electron/services/balance-monitoring';
import { ConnectionWatch } from '../../../electron/services/connection-alerts';
import { daysOfCover } from '../../../electron/services/days-of-cover';
import { type StripeProblem, StripeUnavailable } from '../../../electron/stripe/problem';
import { ALERT_KINDS } from '../../../shared/domain/alert-kinds';
import { type Bench, bench, datasetLike } from './platform';

const conditions = async (one: Bench) =>
  (await listAlerts(one.platform.store.db, false)).map((alert) => alert.condition);
const found = async (one: Bench, condition: string) =>
  (await listAlerts(one.platform.store.db, false)).find((alert) => alert.condition === condition);
const actions = async (one: Bench, id: string) =>
  (await alertHistory(one.platform.store.db, id)).map((event) => event.action);

/** A month with nothing wrong: what is owed is in Storage. */
async function funded(): Promise<Bench> {
  const one = await bench('worked');
  await one.through('fund');
  await new BalanceMonitor(one.context).poll();
  expect(await conditions(one)).toEqual([]);
  return one;
}

describe('Each condition raises its alert within one reading', () => {
  test('Storage covers less than what is owed, and Payments is too low for it, with the days it covers', async () => {
    const one = await bench(await datasetLike('worked', { 'stripe.json': { payments_available: { usd: 20_000 } } }));
    await new BalanceMonitor(one.context).poll();
    expect(await found(one, 'coverage:usd')).toMatchObject({
      severity: 'critical',
      title: expect.stringContaining('0.00 %'),
    });
    // 651.00 earned in the 31 days of October: 21.00 a day; 200.00 is nine days of it.
    expect((await found(one, 'payments-low:usd'))?.meaning).toBe(
      'Available 200.00 USD, needed 651.00 USD. At this month’s pace of 21.00 USD a day it covers 9 days.',
    );
  });

  test('days of cover: none without money, not applicable without earnings', () => {
    expect(daysOfCover(0n, 100n, 10)).toBe(0);
    expect(daysOfCover(-5n, 100n, 10)).toBe(0);
    expect(daysOfCover(99n, 100n, 10)).toBe(9);
    expect(daysOfCover(100n, 0n, 10)).toBeNull();
  });

  test('money left Storage outside Coffer: at once; the difference that nothing explains: when it persists', async () => {
    const one = await funded();
    await one.stripe.control('POST', 'dashboard/payout', { amount: 1_000, currency: 'usd' });
    const monitor = new BalanceMonitor(one.context);
    await monitor.poll();
    expect((await conditions(one)).filter((name) => name.startsWith('outside:'))).toHaveLength(1);
    expect(await conditions(one)).not.toContain('drift:usd');
    expect(await alertCounts(one.context)).toMatchObject({
      critical: (await listAlerts(one.platform.store.db, false)).length,
    });
    await monitor.poll();
    expect(await conditions(one)).toContain('drift:usd');
  });

  test('automatic payouts and transfer rules switched on at Stripe; switched off, the alert ends', async () => {
    const one = await funded();
    const monitor = new BalanceMonitor(one.context);
    await one.stripe.control('POST', 'settings', {
      payout_interval: 'daily',
      automatic_transfer_rules_by_currency: { usd: [{ payout_method: 'fa_other', type: 'transfer_all' }] },
    });
    for (let poll = 0; poll < 3; poll++) await monitor.poll();
    expect((await conditions(one)).sort()).toEqual(['hazard:automatic-payouts', 'hazard:transfer-rules']);
    expect(await found(one, 'hazard:automatic-payouts')).toMatchObject({ severity: 'warning' });
    const all = await one.platform.store.db.selectFrom('alert').selectAll().execute();
    expect(all.filter((row) => row.condition === 'hazard:automatic-payouts')).toHaveLength(1);
    await one.stripe.control('POST', 'settings', {
      payout_interval: 'manual',
      automatic_transfer_rules_by_currency: {},
    });
    await monitor.poll();
    expect(await conditions(one)).toEqual([]);
  });

  test('a payout that came back', async () => {
    const one = await bench('worked');
    await one.through('pay');
    const [payment] = await one.stripe.outboundPayments();
    await one.stripe.control('POST', `outbound_payments/${payment?.id}/return`, {});
    one.clock.advance(31 * 60_000);
    await new BalanceMonitor(one.context).poll();
    expect(await found(one, 'payout:2026-10')).toMatchObject({ title: '1 payout failed or came back' });
  });

  test('an operation that is unknown for more than 15 minutes', async () => {
    const one = await bench('worked');
    await one.through('lapse');
    await one.stripe.fault('error_500_stored', { execute: false, method: 'POST', path: '/v1/payouts' });
    await one.step('fund');
    one.clock.advance(14 * 60_000);
    await new BalanceMonitor(one.context).poll();
    expect(await conditions(one)).not.toContain('unknown:operations');
    one.clock.advance(2 * 60_000);
    await new BalanceMonitor(one.context).poll();
    expect(await found(one, 'unknown:operations')).toMatchObject({ severity: 'critical' });
  });

  test('the month is not closed on the third day', async () => {
    const one = await funded();
    one.clock.advance(86_400_000);
    await new BalanceMonitor(one.context).poll();
    expect(await conditions(one)).not.toContain('period-late:2026-10');
    one.clock.advance(2 * 86_400_000);
    await new BalanceMonitor(one.context).poll();
    expect(await conditions(one)).toContain('period-late:2026-10');
  });

  const problem = (kind: StripeProblem['kind'], code: string = kind): StripeProblem => ({
    kind,
    code,
    message: 'Stripe said no.',
    hint: 'Do something.',
    requestId: null,
    retryAfterMs: null,
  });
  const withRail = (one: Bench, answers: { hazards?: readonly RailFinding[]; permissions?: readonly RailFinding[] }) =>
    Object.create(one.context, {
      rail: {
        value: {
          hazards: async () => answers.hazards ?? [],
          permissions: async () => answers.permissions ?? [],
        },
      },
    }) as Bench['context'];

  test('a key that Stripe rejects; one that lacks a permission; an unreachable Stripe says nothing about the key', async () => {
    const one = await funded();
    const watch = new ConnectionWatch();
    await watch.look(one.context, problem('auth'));
    expect(await conditions(one)).toEqual(['key:rejected']);
    await watch.look(one.context, problem('unavailable'));
    expect(await conditions(one)).toEqual(['key:rejected']);
    await watch.look(one.context, problem('permission'));
    expect(await conditions(one)).toEqual(['key:permission']);
    await watch.look(one.context, null);
    expect(await conditions(one)).toEqual([]);
    const lacking: RailFinding = {
      code: 'permission-missing',
      outcome: 'blocker',
      title: 'Permissions of the key',
      detail: 'The key lacks the permission Payouts (write).',
      action: 'Grant it.',
    };
    // Asked once a day: not at every reading.
    await watch.look(withRail(one, { permissions: [lacking] }), null);
    expect(await conditions(one)).toEqual([]);
    one.clock.advance(86_400_000);
    await watch.look(withRail(one, { permissions: [lacking] }), null);
    expect((await listAlerts(one.platform.store.db, false))[0]).toMatchObject({
      severity: 'critical',
      title: 'The Stripe key lacks a permission',
    });
    await watch.look(one.context, problem('auth', 'not-configured'));
    expect(await conditions(one)).toEqual([]);
  });

  test('a rail that answers with a refusal while the balances were read', async () => {
    const one = await funded();
    const context = Object.create(one.context, {
      rail: {
        value: {
          hazards: async () => {
            throw new StripeUnavailable(problem('permission'));
          },
        },
      },
    }) as Bench['context'];
    await new ConnectionWatch().look(context, null);
    expect(await conditions(one)).toEqual(['key:permission']);
  });

  test('a clock that differs from Stripe’s', async () => {
    const one = await funded();
    const skew: RailFinding = {
      code: 'clock-skew',
      outcome: 'warning',
      title: 'Clock of this computer',
      detail: 'It is 90 seconds behind Stripe’s.',
      action: 'Switch on automatic time.',
    };
    await new ConnectionWatch().look(withRail(one, { hazards: [skew] }), null);
    expect(await found(one, 'clock:skew')).toMatchObject({ meaning: skew.detail });
  });
});

describe('The life of an alert', () => {
  const hazardOn = (one: Bench) => one.stripe.control('POST', 'settings', { payout_interval: 'daily' });
  const hazardOff = (one: Bench) => one.stripe.control('POST', 'settings', { payout_interval: 'manual' });

  test('resolved while it holds, the same alert is opened again; ended and come back, it is another one', async () => {
    const one = await funded();
    const monitor = new BalanceMonitor(one.context);
    await hazardOn(one);
    await monitor.poll();
    const first = (await found(one, 'hazard:automatic-payouts'))?.id ?? '';
    await acknowledgeAlert(one.context, first);
    await resolveAlert(one.context, first, 'Agreed with the bank');
    expect(await conditions(one)).toEqual([]);
    await monitor.poll();
    expect(await found(one, 'hazard:automatic-payouts')).toMatchObject({ id: first, acknowledgedAt: null, note: null });
    expect(await actions(one, first)).toEqual(['raised', 'acknowledged', 'resolved', 'reopened']);
    await resolveAlert(one.context, first, 'Switched off');
    await hazardOff(one);
    await monitor.poll();
    await hazardOn(one);
    await monitor.poll();
    const second = await found(one, 'hazard:automatic-payouts');
    expect(second?.id).not.toBe(first);
    const closed = (await listAlerts(one.platform.store.db, true)).find((alert) => alert.id === first);
    expect(closed?.note).toBe('Switched off');
    expect((await alertHistory(one.platform.store.db, first)).at(-1)).toMatchObject({
      actor: 'coffer',
      action: 'ended',
    });
    expect((await alertHistory(one.platform.store.db, first))[2]).toMatchObject({
      actor: 'Test',
      action: 'resolved',
      note: 'Agreed with the bank',
    });
    await expect(resolveAlert(one.context, first, 'again')).rejects.toMatchObject({ code: 'alert-unknown' });
  });

  test('a critical one is told to the desktop once, also after a restart; put off it still counts, and is told again', async () => {
    const one = await bench('worked');
    await new BalanceMonitor(one.context).poll();
    expect((await takeNotifications(one.context)).map((alert) => alert.condition)).toEqual(['coverage:usd']);
    expect(await takeNotifications(one.context)).toEqual([]);
    await one.reopen();
    await new BalanceMonitor(one.context).poll();
    expect(await takeNotifications(one.context)).toEqual([]);
    const alert = await found(one, 'coverage:usd');
    const until = new Date(one.clock.now().getTime() + 3_600_000).toISOString();
    await snoozeAlert(one.context, alert?.id ?? '', until);
    expect(await alertCounts(one.context)).toEqual({ open: 1, critical: 1 });
    expect((await found(one, 'coverage:usd'))?.snoozedUntil).toBe(until);
    expect(await takeNotifications(one.context)).toEqual([]);
    one.clock.advance(3_600_001);
    expect((await takeNotifications(one.context)).map((told) => told.id)).toEqual([alert?.id]);
    expect(await actions(one, alert?.id ?? '')).toEqual(['raised', 'notified', 'snoozed', 'notified']);
  });

  test('a warning that is put off does not count until its time has come; longer than a week, or into the past, is refused', async () => {
    const one = await funded();
    await hazardOn(one);
    await new BalanceMonitor(one.context).poll();
    const id = (await found(one, 'hazard:automatic-payouts'))?.id ?? '';
    expect(await takeNotifications(one.context)).toEqual([]);
    const ahead = (ms: number) => new Date(one.clock.now().getTime() + ms).toISOString();
    for (const ms of [-1, 8 * 86_400_000]) {
      await expect(snoozeAlert(one.context, id, ahead(ms))).rejects.toMatchObject({ code: 'snooze-time' });
    }
    await snoozeAlert(one.context, id, ahead(60_000));
    expect(await alertCounts(one.context)).toEqual({ open: 0, critical: 0 });
    one.clock.advance(60_001);
    expect(await alertCounts(one.context)).toEqual({ open: 1, critical: 0 });
  });

  test('what a person did is in the audit log, and the history cannot be changed', async () => {
    const one = await funded();
    await hazardOn(one);
    await new BalanceMonitor(one.context).poll();
    const id = (await found(one, 'hazard:automatic-payouts'))?.id ?? '';
    await acknowledgeAlert(one.context, id);
    const { db } = one.platform.store;
    const events = await db
      .selectFrom('audit_event')
      .select(['actor', 'action'])
      .where('action', 'like', 'alert.%')
      .execute();
    expect(events.slice(-2)).toEqual([
      { actor: 'coffer', action: 'alert.raised' },
      { actor: 'Test', action: 'alert.acknowledged' },
    ]);
    const { rows } = await listAudit(db, { search: 'hazard:automatic-payouts', offset: 0, limit: 10 });
    expect(rows.map((row) => [row.action, row.subject, row.subjectLabel])).toEqual(
      ['alert.acknowledged', 'alert.raised'].map((action) => [
        action,
        'hazard:automatic-payouts',
        'Stripe may pay Payments out by itself',
      ]),
    );
    await expect(db.deleteFrom('alert_event').execute()).rejects.toThrow();
  });
});

test('the guide explains each kind of alert: what it means and what to do', () => {
  const guide = readFileSync(new URL('../../../docs/alerts.md', import.meta.url), 'utf8');
  const sections = new Map(
    guide
      .split(/^## /m)
      .slice(1)
      .map((part) => [part.split('\n')[0], part]),
  );
  for (const [kind, title] of Object.entries(ALERT_KINDS)) {
    const section = sections.get(title);
    expect(section, kind).toBeDefined();
    expect(section, kind).toContain(`\`${kind}:`);
    expect(section, kind).toMatch(/\*\*Means:\*\*/);
    expect(section, kind).toMatch(/\*\*Do:\*\*/);
  }
});
