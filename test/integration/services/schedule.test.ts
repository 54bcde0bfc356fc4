/**
 * The schedule by the clock: a preparation runs once for each month, whatever the clock does; it waits for a person, moves no money and
 * approves nothing. Times are those of the computer, so they are made from local dates here.
 */
import { describe, expect, test } from 'vitest';
import { listIntents } from '../../../electron/journal/journal';
import {
  DEFAULT_SCHEDULE,
  dueTimes,
  runSchedule,
  scheduleView,
  writeSchedule,
} from '../../../electron/services/schedule';
import { readSettings, writeSettings } from '../../../electron/services/settings';
import type { ScheduleSettings } from '../../../shared/contract/schedule';
import { period as toPeriod } from '../../../shared/period/period';
import { type Bench, bench, datasetLike } from './platform';

const OCTOBER = toPeriod('2026-10');
const HOUR = 3_600_000;
const local = (day: number, hour: number): Date => new Date(2026, 10, day, hour);

/** The clock goes to this instant, forward or back. */
const setClock = (one: Bench, to: Date): void => one.clock.advance(to.getTime() - one.clock.now().getTime());
const look = (one: Bench, mayPrepare = true) => runSchedule(one.context, one.guard, mayPrepare);
const prepared = async (one: Bench) => (await scheduleView(one.context)).past.find((row) => row.kind === 'prepare');
const actions = async (one: Bench, action: string) =>
  one.platform.store.db.selectFrom('audit_event').select(['actor', 'payload']).where('action', '=', action).execute();

/** October has ended, everything is imported, and the schedule prepares on the second at nine; set in October. */
async function scheduled(
  settings: Partial<ScheduleSettings> = {},
  dataset = 'worked',
  durable = false,
): Promise<Bench> {
  const one = await bench(dataset, { durable });
  await one.import();
  setClock(one, new Date(2026, 9, 20, 12));
  await writeSchedule(one.context, { ...DEFAULT_SCHEDULE, remind: false, prepare: true, ...settings });
  setClock(one, local(2, 8));
  return one;
}

describe('When each is due', () => {
  test('in the time of the computer: days before the last day, days after the first, and the day and hour of the preparation', () => {
    const times = dueTimes({ ...DEFAULT_SCHEDULE, prepareDay: 3, prepareHour: 6 }, OCTOBER);
    expect(times['remind-before']).toEqual(new Date(2026, 9, 28, 9));
    expect(times['remind-after']).toEqual(new Date(2026, 10, 2, 9));
    expect(times.prepare).toEqual(new Date(2026, 10, 3, 6));
    expect(dueTimes({ ...DEFAULT_SCHEDULE, remindDaysBefore: 0 }, toPeriod('2026-12'))['remind-before']).toEqual(
      new Date(2026, 11, 31, 9),
    );
    expect(dueTimes(DEFAULT_SCHEDULE, toPeriod('2026-12')).prepare).toEqual(new Date(2027, 0, 2, 9));
  });
});

describe('The preparation', () => {
  test('slept through, it runs once on waking, waits before the funding, and nothing moved', async () => {
    const one = await scheduled();
    expect(await look(one)).toEqual([]);
    setClock(one, local(4, 17));
    await one.acknowledgeAll();
    const before = await one.stripe.state();
    expect(await look(one)).toEqual([{ kind: 'prepare', period: '2026-10', state: 'ready' }]);
    expect(await one.state()).toBe('lapsed');
    expect(await prepared(one)).toMatchObject({
      state: 'ready',
      dueAt: local(2, 9).toISOString(),
      startedAt: expect.stringContaining('2026-11-04'),
      funding: [{ currency: 'usd', amount: '65100' }],
    });
    expect(await listIntents(one.platform.store.db, {})).toEqual([]);
    const after = await one.stripe.state();
    expect([after.payments, after.storage, after.recipients]).toEqual([
      before.payments,
      before.storage,
      before.recipients,
    ]);
    for (let again = 0; again < 3; again++) {
      one.clock.advance(24 * HOUR);
      expect(await look(one)).toEqual([]);
    }
    expect(await actions(one, 'schedule.preparing')).toHaveLength(1);
    expect((await actions(one, 'schedule.prepared'))[0]?.actor).toBe('Test (schedule)');
    // A person goes on from there: nothing is done twice.
    await one.through('close');
    expect((await one.summary()).usd).toMatchObject({ paid: '65100', owed_after: '0', fund: '65100' });
  });

  test('the clock goes back and forward again: once', async () => {
    const one = await scheduled();
    setClock(one, local(2, 10));
    expect(await look(one)).toHaveLength(1);
    for (const to of [local(1, 8), local(2, 9), local(3, 9), new Date(2026, 9, 1), local(2, 9)]) {
      setClock(one, to);
      expect(await look(one)).toEqual([]);
    }
    expect(await actions(one, 'schedule.preparing')).toHaveLength(1);
  });

  test('after a restart it is not run again; two looks at the same time are one', async () => {
    const one = await scheduled();
    setClock(one, local(2, 10));
    const both = await Promise.all([look(one), look(one)]);
    expect(both.flat()).toHaveLength(1);
    await one.reopen();
    expect(await look(one)).toEqual([]);
    expect(await actions(one, 'schedule.preparing')).toHaveLength(1);
  });

  test('data that is older than the end of the month: the preflight warns, and nothing is locked', async () => {
    const one = await scheduled();
    await one.platform.store.db.updateTable('data_import').set({ at: '2026-10-20T12:00:00.000Z' }).execute();
    setClock(one, local(2, 10));
    expect(await look(one)).toContainEqual({ kind: 'prepare', period: '2026-10', state: 'stopped' });
    expect(await one.state()).toBe('open');
    expect((await prepared(one))?.detail).toBe(
      'Preflight has 1 warning that nobody acknowledged. Read and acknowledge them first.',
    );
    expect(await look(one)).toEqual([]);
  });

  test('offline it waits a quarter of an hour between two tries, and then runs', async () => {
    const one = await scheduled({}, 'worked', true);
    setClock(one, local(2, 10));
    await one.stripe.stop();
    expect(await look(one)).toEqual([]);
    expect(await prepared(one)).toMatchObject({ state: 'later', endedAt: null });
    await one.stripe.startAgain();
    // The tries of the first attempt took time by this clock.
    const startedAt = new Date((await prepared(one))?.startedAt ?? '').getTime();
    setClock(one, new Date(startedAt + 14 * 60_000));
    expect(await look(one)).toEqual([]);
    expect(await prepared(one)).toMatchObject({ state: 'later', startedAt: new Date(startedAt).toISOString() });
    setClock(one, new Date(startedAt + 15 * 60_000));
    expect(await look(one)).toEqual([{ kind: 'prepare', period: '2026-10', state: 'ready' }]);
    expect(await actions(one, 'schedule.preparing')).toHaveLength(1);
  });

  test('killed in the middle, it is taken up again and ends once', async () => {
    const one = await scheduled();
    setClock(one, local(2, 10));
    one.killAt('earnings.before-posting');
    await expect(look(one)).rejects.toThrow();
    await one.open();
    await one.platform.connect();
    expect(await one.state()).toBe('locked');
    expect(await look(one)).toEqual([]);
    one.clock.advance(HOUR / 4);
    expect(await look(one)).toEqual([{ kind: 'prepare', period: '2026-10', state: 'ready' }]);
    expect(await one.state()).toBe('lapsed');
  });

  test('while another run works it waits for it', async () => {
    const one = await scheduled();
    setClock(one, local(2, 10));
    let end = (): void => {};
    const other = one.guard.run('import', () => new Promise<void>((resolve) => (end = resolve)));
    expect(await look(one)).toEqual([]);
    end();
    await other;
    expect(await look(one)).toHaveLength(1);
  });

  test('a surplus in Storage moves money: it stops for a person', async () => {
    const rail = await datasetLike('worked', {
      'policy.json': { rail: 'financial-account' },
      'stripe.json': { storage_available: { usd: 90_000 } },
    });
    const one = await scheduled({}, rail);
    setClock(one, local(2, 10));
    expect(await look(one)).toEqual([{ kind: 'prepare', period: '2026-10', state: 'stopped' }]);
    expect(await one.state()).toBe('calculated');
    expect((await prepared(one))?.detail).toContain('Storage holds more than is owed');
    expect(await listIntents(one.platform.store.db, {})).toEqual([]);
  });

  test('a viewer’s computer prepares nothing and says so', async () => {
    const one = await scheduled();
    setClock(one, local(2, 10));
    expect(await look(one, false)).toEqual([{ kind: 'prepare', period: '2026-10', state: 'stopped' }]);
    expect(await one.state()).toBe('open');
  });

  test('what was due before it was switched on is not made up for', async () => {
    const one = await scheduled({ prepare: false });
    setClock(one, local(5, 12));
    await writeSchedule(one.context, { ...DEFAULT_SCHEDULE, remind: false, prepare: true });
    expect(await look(one)).toEqual([]);
    expect((await scheduleView(one.context)).next).toEqual([]);
    expect((await actions(one, 'schedule.changed')).length).toBe(2);
  });

  test('above the limit of one person it prepares all the same: it approves nothing', async () => {
    const one = await scheduled();
    const { db } = one.platform.store;
    await writeSettings(db, { ...(await readSettings(db)), approvalLimit: { usd: '1' } });
    setClock(one, local(2, 10));
    expect(await look(one)).toMatchObject([{ state: 'ready' }]);
    expect(await db.selectFrom('month_end_run').select(['approved_by', 'plan_hash']).execute()).toEqual([
      { approved_by: null, plan_hash: null },
    ]);
  });
});

describe('Reminders', () => {
  test('before and after, each once; what comes next is told', async () => {
    const one = await scheduled({ remind: true, prepare: false });
    setClock(one, new Date(2026, 9, 28, 8));
    expect(await look(one)).toEqual([]);
    expect((await scheduleView(one.context)).next.map(({ kind }) => kind)).toEqual(['remind-before', 'remind-after']);
    one.clock.advance(HOUR);
    expect(await look(one)).toEqual([{ kind: 'remind-before', period: '2026-10', state: 'reminded' }]);
    expect(await look(one)).toEqual([]);
    setClock(one, local(2, 9));
    expect(await look(one)).toEqual([{ kind: 'remind-after', period: '2026-10', state: 'reminded' }]);
    setClock(one, new Date(2026, 9, 28, 9));
    expect(await look(one)).toEqual([]);
  });

  test('slept through the end of the month: only the one that still says something is shown', async () => {
    const one = await scheduled({ remind: true, prepare: false });
    setClock(one, local(3, 9));
    expect(await look(one)).toEqual([{ kind: 'remind-after', period: '2026-10', state: 'reminded' }]);
    expect((await scheduleView(one.context)).past).toHaveLength(2);
  });

  test('a closed month is not reminded of', async () => {
    const one = await scheduled({ remind: true, prepare: false });
    await one.through('close');
    setClock(one, local(3, 9));
    expect(await look(one)).toEqual([]);
  });
});
