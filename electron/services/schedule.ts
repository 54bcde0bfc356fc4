/**
 * The schedule of a month: reminders before and after its end, and a preparation that runs preflight, lock, earnings and use it or
 * lose it, works out the funding, and waits for a person. It moves no money and approves nothing. What was begun is in the books under
 * its month, so that nothing runs twice, whatever the clock does. Rules in words: docs/schedule.md.
 */

import { z } from 'zod';
import type { ScheduledKind, ScheduledView, ScheduleSettings, ScheduleView } from '../../shared/contract/schedule';
import { scheduleSettings } from '../../shared/contract/schedule';
import { CofferError } from '../../shared/domain/coffer-error';
import type { Period } from '../../shared/period/period';
import { appendAudit } from '../journal/audit-chain';
import type { Queries } from '../store/store';
import { StripeUnavailable } from '../stripe/problem';
import type { RunGuard, ServiceContext } from './context';
import { PREPARED, reached, readRun, STEP_STATES } from './month-end/run';
import { runStep } from './month-end/run-step';
import { readOpenPeriod, readSetting, writeSetting } from './settings';
import { storageNeeds } from './use-it-or-lose-it';

export const DEFAULT_SCHEDULE: ScheduleSettings = {
  remind: true,
  remindDaysBefore: 3,
  remindDaysAfter: 1,
  prepare: false,
  prepareDay: 2,
  prepareHour: 9,
  keepInTray: false,
};

const KEY = 'schedule';
/** `since`: what was due before the schedule was set is not made up for. */
const stored = z.strictObject({ settings: scheduleSettings, since: z.string() });
type Stored = z.infer<typeof stored>;

/** Reminders come at this hour of the computer's time. */
const REMIND_HOUR = 9;
const TRY_AGAIN_MS = 15 * 60_000;
const PATIENCE_MS = 20_000;
const LISTED = 60;

async function readStored(db: Queries): Promise<Stored> {
  return (await readSetting(db, KEY, stored)) ?? { settings: DEFAULT_SCHEDULE, since: new Date(0).toISOString() };
}

export async function readSchedule(db: Queries): Promise<ScheduleSettings> {
  return (await readStored(db)).settings;
}

export async function writeSchedule(context: ServiceContext, settings: ScheduleSettings): Promise<void> {
  const at = context.now();
  await context.store.transaction(async (tx) => {
    const before = await readSchedule(tx);
    await writeSetting(tx, KEY, { settings, since: at.toISOString() } satisfies Stored);
    await appendAudit(tx, {
      at,
      actor: context.actor(),
      action: 'schedule.changed',
      subject: KEY,
      payload: { before: JSON.stringify(before), after: JSON.stringify(settings) },
    });
  });
}

/** When each is due for a month, in the time of this computer; days before count back from the last day of the month. */
export function dueTimes(settings: ScheduleSettings, period: Period): Readonly<Record<ScheduledKind, Date>> {
  const year = Number(period.slice(0, 4));
  const next = Number(period.slice(5));
  return {
    'remind-before': new Date(year, next, -settings.remindDaysBefore, REMIND_HOUR),
    'remind-after': new Date(year, next, 1 + settings.remindDaysAfter, REMIND_HOUR),
    prepare: new Date(year, next, settings.prepareDay, settings.prepareHour),
  };
}

function isOn(settings: ScheduleSettings, kind: ScheduledKind): boolean {
  return kind === 'prepare' ? settings.prepare : settings.remind;
}

interface Due {
  readonly kind: ScheduledKind;
  readonly at: Date;
}

/** What of a month is still to come or is due and was not begun, soonest first. */
async function ahead(db: Queries, period: Period): Promise<Due[]> {
  const { settings, since } = await readStored(db);
  const times = dueTimes(settings, period);
  const begun = await db.selectFrom('scheduled').select(['kind', 'state']).where('period', '=', period).execute();
  const done = new Set(begun.filter((row) => row.state !== 'later' && row.state !== 'running').map((row) => row.kind));
  return (Object.keys(times) as ScheduledKind[])
    .map((kind) => ({ kind, at: times[kind] }))
    .filter(({ kind, at }) => isOn(settings, kind) && !done.has(kind) && at.toISOString() >= since)
    .sort((a, b) => a.at.getTime() - b.at.getTime());
}

export async function scheduleView(context: ServiceContext): Promise<ScheduleView> {
  const { db } = context.store;
  const openPeriod = await readOpenPeriod(db);
  const rows = await db.selectFrom('scheduled').selectAll().orderBy('started_at', 'desc').limit(LISTED).execute();
  return {
    settings: await readSchedule(db),
    openPeriod,
    next:
      openPeriod === null
        ? []
        : (await ahead(db, openPeriod)).map(({ kind, at }) => ({ kind, period: openPeriod, at: at.toISOString() })),
    past: rows.map((row) => ({
      kind: row.kind as ScheduledKind,
      period: row.period,
      dueAt: row.due_at,
      startedAt: row.started_at,
      endedAt: row.ended_at,
      state: row.state as ScheduledView['state'],
      detail: row.detail,
      funding: JSON.parse(row.funding),
    })),
  };
}

/** What a person is told of; null: nothing. */
export interface ScheduleNews {
  readonly kind: ScheduledKind;
  readonly period: Period;
  readonly state: 'reminded' | 'ready' | 'stopped';
}

/**
 * Does what is due now. Called by the clock, at start and when the computer wakes: what was slept through is done once.
 * `mayPrepare`: the operator of this machine has the role for it.
 */
export async function runSchedule(
  context: ServiceContext,
  guard: RunGuard,
  mayPrepare: boolean,
): Promise<ScheduleNews[]> {
  const { db } = context.store;
  const period = await readOpenPeriod(db);
  if (period === null) return [];
  const now = context.now();
  const news: ScheduleNews[] = [];
  for (const { kind, at } of await ahead(db, period)) {
    if (at > now) break;
    if (kind === 'prepare') {
      const state = await prepareOnce(context, guard, period, at, mayPrepare);
      if (state === 'ready' || state === 'stopped') news.push({ kind, period, state });
    } else if (await remindOnce(context, period, kind, at)) {
      news.push({ kind, period, state: 'reminded' });
    }
  }
  return news;
}

/** Notes that it was done. A reminder of a month's end that comes after it is noted and not shown. */
async function remindOnce(
  context: ServiceContext,
  period: Period,
  kind: 'remind-before' | 'remind-after',
  due: Date,
): Promise<boolean> {
  const at = context.now();
  const ended = at >= new Date(Number(period.slice(0, 4)), Number(period.slice(5)), 1);
  const late = kind === 'remind-before' && ended;
  const detail = late ? 'The month had ended before Coffer was open again.' : '';
  return context.store.transaction(async (tx) => {
    const written = await tx
      .insertInto('scheduled')
      .values({
        period,
        kind,
        due_at: due.toISOString(),
        started_at: at.toISOString(),
        ended_at: at.toISOString(),
        state: 'reminded',
        detail,
        funding: '[]',
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return written.numInsertedOrUpdatedRows === 1n && !late;
  });
}

interface Prepared {
  readonly state: 'ready' | 'stopped' | 'later';
  readonly detail: string;
  readonly funding: ScheduledView['funding'];
}

/**
 * Claims the month, then prepares it. A claim that was not ended (Stripe was not reached, the program ended) is taken up again after a
 * quarter of an hour; the steps do nothing twice.
 */
async function prepareOnce(
  context: ServiceContext,
  guard: RunGuard,
  period: Period,
  due: Date,
  mayPrepare: boolean,
): Promise<Prepared['state'] | null> {
  if (guard.running !== null) return null;
  const { store } = context;
  const scheduled = asSchedule(context);
  if (!(await claim(scheduled, period, due))) return null;
  const result = mayPrepare ? await prepare(scheduled, guard, period) : notAllowed();
  const ended = context.now();
  await store.transaction(async (tx) => {
    await tx
      .updateTable('scheduled')
      .set({
        state: result.state,
        detail: result.detail,
        funding: JSON.stringify(result.funding),
        ended_at: result.state === 'later' ? null : ended.toISOString(),
      })
      .where('period', '=', period)
      .where('kind', '=', 'prepare')
      .execute();
    if (result.state === 'later') return;
    const { state, detail, funding } = result;
    await appendAudit(tx, {
      at: ended,
      actor: scheduled.actor(),
      action: state === 'ready' ? 'schedule.prepared' : 'schedule.stopped',
      subject: period,
      payload: { detail, funding },
    });
  });
  context.publish('data.changed', { reason: 'schedule' });
  return result.state;
}

/** False while another claim holds. A clock that was set back does not make it hold for longer. */
async function claim(context: ServiceContext, period: Period, due: Date): Promise<boolean> {
  const at = context.now();
  return context.store.transaction(async (tx) => {
    const known = await tx
      .selectFrom('scheduled')
      .select(['started_at', 'state'])
      .where('period', '=', period)
      .where('kind', '=', 'prepare')
      .executeTakeFirst();
    if (known !== undefined) {
      const since = at.getTime() - new Date(known.started_at).getTime();
      const held = since >= 0 && since < TRY_AGAIN_MS;
      if (held || known.state === 'ready' || known.state === 'stopped') return false;
    }
    const started = { started_at: at.toISOString(), state: 'running' };
    await tx
      .insertInto('scheduled')
      .values({
        period,
        kind: 'prepare',
        due_at: due.toISOString(),
        ended_at: null,
        detail: '',
        funding: '[]',
        ...started,
      })
      .onConflict((conflict) => conflict.columns(['period', 'kind']).doUpdateSet(started))
      .execute();
    if (known !== undefined) return true;
    await appendAudit(tx, {
      at,
      actor: context.actor(),
      action: 'schedule.preparing',
      subject: period,
      payload: { dueAt: due.toISOString() },
    });
    return true;
  });
}

/** What the schedule does carries its name beside the operator's. */
function asSchedule(context: ServiceContext): ServiceContext {
  return Object.create(context, { actor: { value: () => `${context.actor()} (schedule)` } });
}

function notAllowed(): Prepared {
  const detail = 'The operator of this computer is a viewer: somebody who may prepare has to run the month end.';
  return { state: 'stopped', detail, funding: [] };
}

async function prepare(context: ServiceContext, guard: RunGuard, period: Period): Promise<Prepared> {
  try {
    for (const step of PREPARED) {
      const run = await readRun(context.store.db, period);
      const done = step === 'preflight' ? 'locked' : STEP_STATES[step].leads;
      if (run !== null && reached(run, done)) continue;
      const outcome = await runStep(context, guard, {
        period,
        step,
        typed: null,
        patienceMs: PATIENCE_MS,
        moveNothing: true,
      });
      const [first] = outcome.blockers;
      if (first?.code === 'stripe-unavailable') return later(first.message);
      if (first !== undefined) return stopped(`${first.message} ${first.action}`);
    }
    const needs = (await storageNeeds(context, period)).filter((need) => need.fund > 0n);
    return {
      state: 'ready',
      detail:
        needs.length === 0
          ? 'Storage holds what is needed. Review the plan, then approve it.'
          : 'Fund Storage, review the plan, then approve it.',
      funding: needs.map((need) => ({ currency: need.currency, amount: String(need.fund) })),
    };
  } catch (error) {
    if (error instanceof StripeUnavailable) return later(error.message);
    if (!(error instanceof CofferError)) throw error;
    return error.code === 'busy' ? later(error.message) : stopped(`${error.message} ${error.hint}`);
  }
}

const later = (detail: string): Prepared => ({ state: 'later', detail, funding: [] });
const stopped = (detail: string): Prepared => ({ state: 'stopped', detail, funding: [] });
