import { z } from 'zod';
import { amountIn, channel, done, instant, nothing, periodText } from './channel';

export const mode = z.enum(['sandbox', 'test', 'live']);
export type Mode = z.infer<typeof mode>;

export const appInfo = z.strictObject({
  version: z.string(),
  mode,
  runtime: z.strictObject({
    kind: z.enum(['official', 'stand-in']),
    electron: z.string(),
    chrome: z.string(),
    node: z.string(),
  }),
  operator: z.string(),
  platform: z.string(),
  /** False until the person has chosen the sandbox or a Stripe connection on the welcome screen. */
  welcomed: z.boolean(),
});
export type AppInfo = z.infer<typeof appInfo>;

/** A run that was interrupted and waits for a person. */
export const unfinishedRun = z.strictObject({
  kind: z.enum(['migration', 'month-end']),
  id: z.string(),
  title: z.string(),
  state: z.string(),
  detail: z.string(),
  moved: z.array(amountIn),
  remaining: z.array(amountIn),
  period: periodText.nullable(),
  since: instant,
  /** It works right now; nothing waits for a person. */
  running: z.boolean(),
  canResume: z.boolean(),
  canRollBack: z.boolean(),
});
export type UnfinishedRun = z.infer<typeof unfinishedRun>;

export const appChannels = {
  'app.info': channel(nothing, appInfo),
  'app.setMode': channel(z.strictObject({ mode }), done),
  'app.setOperator': channel(z.strictObject({ name: z.string().trim().min(1).max(80) }), done),
  'app.welcomed': channel(nothing, done),
  'app.unfinished': channel(nothing, z.array(unfinishedRun)),
} as const;
