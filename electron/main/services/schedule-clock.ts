/**
 * Looks at the schedule by the clock: every minute, at start, and when the computer wakes. Elapsed time says nothing: a timer stands
 * still while the computer sleeps.
 */

import type { ScheduleSettings, ScheduleView } from '../../../shared/contract/schedule';
import { readSchedule, runSchedule, type ScheduleNews, scheduleView, writeSchedule } from '../../services/schedule';
import { suffices } from '../people/roles';
import type { OpenBooks } from './open-books';

const LOOK_EVERY_MS = 60_000;

export class ScheduleClock {
  readonly #books: OpenBooks;
  readonly #forgetWake: () => void;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #waiting = false;

  constructor(books: OpenBooks) {
    this.#books = books;
    this.#forgetWake = books.surroundings.onWake(() => this.look());
  }

  async start(): Promise<void> {
    this.#stayInTray(await readSchedule(this.#books.platform().store.db));
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.look();
  }

  view(): Promise<ScheduleView> {
    return scheduleView(this.#books.platform().context);
  }

  async update(settings: ScheduleSettings): Promise<ScheduleView> {
    await writeSchedule(this.#books.platform().context, settings);
    this.#stayInTray(settings);
    this.look();
    return this.view();
  }

  /** One look at a time; a second request while one waits is the same look. */
  look(): void {
    if (this.#waiting) return;
    this.#waiting = true;
    this.#looking = this.#looking
      .then(() => {
        this.#waiting = false;
        return this.#look();
      })
      .catch((error: unknown) => this.#books.surroundings.log.error('the schedule', error));
  }

  async #look(): Promise<void> {
    const { surroundings, guard } = this.#books;
    if (!this.#books.isOpen) return;
    await this.#books.ensureConnected();
    // Books that were restored or started afresh have a schedule of their own.
    this.#stayInTray(await readSchedule(this.#books.platform().store.db));
    const mayPrepare = suffices(surroundings.role(), 'preparer');
    const news = await runSchedule(this.#books.platform().context, guard, mayPrepare);
    for (const one of news) this.#tell(one);
    if (news.some((one) => one.kind === 'prepare')) this.#books.pollSoon();
  }

  #tell({ kind, period, state }: ScheduleNews): void {
    const { notify } = this.#books.surroundings;
    if (kind === 'remind-before')
      notify.runFinished(`${period} ends soon`, 'Open Coffer to see whether the data is complete.', 'month-end');
    else if (kind === 'remind-after')
      notify.runFinished(`${period} has ended`, 'Open Coffer to run its month end.', 'month-end');
    else if (state === 'ready')
      notify.runFinished(
        `The month end of ${period} is prepared`,
        'Open Coffer to fund, review and approve it.',
        'month-end',
      );
    else
      notify.runStopped(`The preparation of ${period} needs you`, 'Open Coffer to see why.', 'settings?tab=schedule');
  }

  #stayInTray({ keepInTray, remind, prepare }: ScheduleSettings): void {
    this.#books.surroundings.stayInTray(keepInTray && (remind || prepare));
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#forgetWake();
    this.#books.surroundings.stayInTray(false);
    this.#books.guard.stop();
    await this.#looking;
  }
}
