import { z } from 'zod';
import { balancesOverview } from './balances';
import { lockView } from './lock';
import { migrationView } from './migration';
import { monthEndView } from './month-end';

export const runProgress = z.strictObject({
  run: z.enum(['migration', 'month-end', 'import', 'export']),
  label: z.string(),
  done: z.int().min(0),
  /** 0 when the total is not known. */
  total: z.int().min(0),
});
export type RunProgress = z.infer<typeof runProgress>;

/** What the main process pushes; both ends parse with these schemas. */
export const events = {
  'balances.changed': balancesOverview,
  'alerts.changed': z.strictObject({ open: z.int(), critical: z.int() }),
  'migration.changed': migrationView,
  'monthEnd.changed': monthEndView,
  'run.progress': runProgress,
  /** Imported data or settings changed: screens load again. */
  'data.changed': z.strictObject({ reason: z.string() }),
  'lock.changed': lockView,
  'app.navigate': z.strictObject({ screen: z.string() }),
} as const;

export type EventName = keyof typeof events;
export type EventPayload<E extends EventName> = z.infer<(typeof events)[E]>;
