/** Migration and Month end in their main states over the fake. Not shipped. `?migration=stopped`, `?month-end=approve`. */

import { useNavigation } from '../../../renderer/state/navigation';
import type { MigrationView, MonthEndView } from '../../../shared/contract';
import { type FakeCoffer, install } from '../fake-coffer';
import * as migration from '../migration-fake';
import * as monthEnd from '../month-end-fake';

const migrations: Readonly<Record<string, MigrationView>> = {
  preflight: migration.beforePlan,
  planned: migration.planned,
  approved: migration.approved,
  executing: migration.executing(3),
  stopped: migration.stopped(4, 'Stripe cannot be reached: the connection was closed.'),
  unknown: migration.stopped(
    4,
    'The outcome of a movement is unknown. Resume to look it up at Stripe; it is never sent twice.',
    'unknown',
  ),
  completed: migration.completed,
  'rolling-back': migration.rollingBack,
  'rolled-back': migration.rolledBack,
  'not-needed': migration.notNeeded,
};

const monthEnds: Readonly<Record<string, MonthEndView>> = {
  preflight: monthEnd.monthEndAt('preflight', {
    state: 'attention',
    blockers: [
      {
        code: 'previous-open',
        message: '2026-09 is not closed. It is reconciled.',
        action: 'Close 2026-09 first.',
      },
    ],
    warnings: [
      {
        code: 'not-ended',
        message: '2026-10 has not ended. Payments and allocations may still come in.',
        acknowledged: false,
      },
    ],
    facts: [{ label: 'Data is present', amount: null, text: '1284 payments and 3127 allocations in 2026-10' }],
  }),
  lock: monthEnd.monthEndAt('lock'),
  lapse: monthEnd.monthEndAt('lapse'),
  guided: monthEnd.guidedLapse,
  fund: monthEnd.monthEndAt('fund', { state: 'running' }, { running: true }),
  approve: monthEnd.monthEndAt('approve'),
  pay: monthEnd.monthEndAt('pay'),
  unknown: monthEnd.payUnknown,
  part: monthEnd.paidInPartUnread,
  close: monthEnd.monthEndAt('close'),
  closed: monthEnd.closedMonth,
};

const query = new URLSearchParams(location.search);

function chosen(): FakeCoffer {
  const ofMigration = migrations[query.get('migration') ?? ''];
  if (ofMigration !== undefined) {
    return migration.migrationCoffer(ofMigration, {
      'monthEnd.status': async () => ({
        ...monthEnd.guidedLapse,
        guided: monthEnd.guidedLapse.guided.map((task) => ({ ...task, intentId: 'in_back' })),
      }),
    });
  }
  return monthEnd.monthEndCoffer(monthEnds[query.get('month-end') ?? 'lock'] ?? monthEnd.monthEndAt('lock'));
}

install(chosen());
useNavigation.getState().go(query.has('migration') ? 'migration' : 'month-end');
await import('../../../renderer/main');
