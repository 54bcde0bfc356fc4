/** What a person is told of a long run when the window was closed or elsewhere. */
import type { MonthEndStep, MonthEndView } from '../../../shared/contract/month-end';
import { migrationView } from '../../services/migration/view';
import type { OpenBooks } from './open-books';

/** Tells how the migration ended, when it did not end as the person at the window just saw. */
export async function tellMigration(books: OpenBooks): Promise<void> {
  const { state } = await migrationView(books.platform().context, books.guard);
  const { notify } = books.surroundings;
  if (state === 'completed')
    notify.runFinished('The migration finished', 'Open Coffer to see the certificate.', 'migration');
  else if (state === 'rolled-back')
    notify.runFinished('The migration was rolled back', 'Open Coffer to see what went back.', 'migration');
  else if (state === 'stopped')
    notify.runStopped('The migration stopped', 'Open Coffer to resume it or roll it back.', 'migration');
}

/** Tells how paying or closing ended; payouts that did not all arrive have a screen of their own. */
export function tellStep(books: OpenBooks, step: MonthEndStep, view: MonthEndView, finished: boolean): void {
  if (step !== 'pay' && step !== 'close') return;
  const { notify } = books.surroundings;
  const { period } = view;
  const name = step === 'pay' ? 'The payouts' : 'The month end';
  const notPaid = view.outcomes.some((one) => one.failed + one.unknown > 0);
  if (step === 'pay' && notPaid) {
    const screen = `payouts?period=${period}&view=not-paid`;
    notify.runStopped(`${name} of ${period} did not all arrive`, 'Open Coffer to see the causes.', screen);
  } else if (finished)
    notify.runFinished(`${name} of ${period} finished`, 'Open Coffer to see the figures.', 'month-end');
  else notify.runStopped(`${name} of ${period} stopped`, 'Open Coffer to see what is needed.', 'month-end');
}
