import { z } from 'zod';
import { amountIn, channel, instant, nothing, periodText } from './channel';

export const scheduleSettings = z.strictObject({
  /** Reminds before the month ends, and after it while it is not closed. */
  remind: z.boolean(),
  /** Whole days, in the time of this computer. */
  remindDaysBefore: z.int().min(0).max(15),
  remindDaysAfter: z.int().min(0).max(15),
  /** Runs preflight, lock, earnings and use it or lose it by itself; moves nothing and approves nothing. */
  prepare: z.boolean(),
  /** Day of the month after, and hour, in the time of this computer. */
  prepareDay: z.int().min(1).max(15),
  prepareHour: z.int().min(0).max(23),
  /** Closing the window leaves Coffer in the tray, so that the schedule goes on. */
  keepInTray: z.boolean(),
});
export type ScheduleSettings = z.infer<typeof scheduleSettings>;

export const scheduledKind = z.enum(['remind-before', 'remind-after', 'prepare']);
export type ScheduledKind = z.infer<typeof scheduledKind>;

/** What was due and what came of it. `later`: it could not begin (Stripe was not reached, another run was working) and is tried again. */
export const scheduledView = z.strictObject({
  kind: scheduledKind,
  period: periodText,
  dueAt: instant,
  startedAt: instant,
  endedAt: instant.nullable(),
  state: z.enum(['running', 'later', 'reminded', 'ready', 'stopped']),
  detail: z.string(),
  /** The funding plan: what a person has to move to Storage before the approval. */
  funding: z.array(amountIn),
});
export type ScheduledView = z.infer<typeof scheduledView>;

export const scheduleView = z.strictObject({
  settings: scheduleSettings,
  openPeriod: periodText.nullable(),
  /** What comes next, soonest first. */
  next: z.array(z.strictObject({ kind: scheduledKind, period: periodText, at: instant })).max(3),
  past: z.array(scheduledView).max(60),
});
export type ScheduleView = z.infer<typeof scheduleView>;

export const scheduleChannels = {
  'schedule.get': channel(nothing, scheduleView),
  'schedule.update': channel(scheduleSettings, scheduleView),
} as const;
