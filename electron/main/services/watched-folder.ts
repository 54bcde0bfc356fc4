/**
 * Imports each new export of the watched folder once, when it is complete and no run is at work. What was refused is not tried again
 * until it changes.
 */
import { type FSWatcher, watch } from 'node:fs';
import { z } from 'zod';
import type { WatchedFolderView } from '../../../shared/contract/data-source';
import { watchedExport } from '../../../shared/contract/data-source';
import { countOf } from '../../../shared/domain/count-of';
import { type FoundExport, findExports } from '../../services/data-source/watched-folder';
import { describeProblem } from '../../services/dataset/problems';
import { readSetting, removeSetting, writeSetting } from '../../services/settings';
import type { OpenBooks } from './open-books';

const KEY = 'watched-folder';
/** Network folders do not always tell of changes. */
const LOOK_EVERY_MS = 60_000;
const SOON_MS = 1_000;
const SHOWN = 50;

const stored = z.strictObject({
  directory: z.string(),
  handled: z.array(watchedExport.extend({ sums: z.string() })),
});
type Stored = z.infer<typeof stored>;
type Handled = Stored['handled'][number];

export class WatchedFolder {
  readonly #books: OpenBooks;
  #watcher: FSWatcher | null = null;
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #waiting: readonly Extract<FoundExport, { state: 'waiting' }>[] = [];
  #problem = '';

  constructor(books: OpenBooks) {
    this.#books = books;
  }

  get #db() {
    return this.#books.platform().store.db;
  }

  async resume(): Promise<void> {
    const known = await readSetting(this.#db, KEY, stored);
    if (known !== null) this.#watch(known.directory);
  }

  async view(): Promise<WatchedFolderView> {
    const known = await readSetting(this.#db, KEY, stored);
    if (known === null) return { directory: null, found: [] };
    const at = this.#books.platform().context.now().toISOString();
    const waiting = this.#waiting.map(({ name, reason }) => ({ name, at, state: 'waiting' as const, detail: reason }));
    const unreadable =
      this.#problem === '' ? [] : [{ name: known.directory, at, state: 'failed' as const, detail: this.#problem }];
    const handled = known.handled.map(({ sums: _sums, ...shown }) => shown);
    return { directory: known.directory, found: [...unreadable, ...waiting, ...handled].slice(0, SHOWN) };
  }

  async start(directory: string): Promise<void> {
    await this.stop();
    await writeSetting(this.#db, KEY, { directory, handled: [] } satisfies Stored);
    await this.#books.audited('data.watched', directory, {});
    this.#watch(directory);
    this.#lookSoon(0);
    await this.#looking;
  }

  async stop(): Promise<void> {
    await this.close();
    const known = await readSetting(this.#db, KEY, stored);
    if (known === null) return;
    await removeSetting(this.#db, KEY);
    await this.#books.audited('data.unwatched', known.directory, {});
  }

  /** Ends the watching; the setting stays. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    clearTimeout(this.#soon);
    this.#watcher?.close();
    this.#watcher = null;
    this.#waiting = [];
    this.#problem = '';
    await this.#looking;
  }

  #watch(directory: string): void {
    this.#timer = setInterval(() => this.#lookSoon(0), LOOK_EVERY_MS);
    try {
      this.#watcher = watch(directory, { recursive: true }, () => this.#lookSoon(SOON_MS));
      // A folder that goes away is told by the next look.
      this.#watcher.on('error', () => this.#watcher?.close());
    } catch {
      // Looked at by the clock only.
    }
    this.#lookSoon(SOON_MS);
  }

  #lookSoon(ms: number): void {
    const look = (): void => {
      this.#looking = this.#looking
        .then(() => this.#look())
        .catch((error: unknown) => this.#books.surroundings.log.error('looking at the watched folder', error));
    };
    clearTimeout(this.#soon);
    if (ms === 0) look();
    else this.#soon = setTimeout(look, ms);
  }

  async #look(): Promise<void> {
    const known = await readSetting(this.#db, KEY, stored);
    if (known === null) return;
    const { guard } = this.#books;
    let found: FoundExport[];
    try {
      found = await findExports(known.directory, new Set(known.handled.map((one) => one.sums)));
      this.#show('', found);
    } catch (error) {
      this.#show(`The folder cannot be read (${codeOf(error)}). It is looked at again every minute.`, []);
      return;
    }
    for (const one of found) {
      if (one.state !== 'complete') continue;
      const result = await guard.run('import', () => this.#books.importDataset(one.directory, false));
      // A run is at work: the next look comes back to it.
      if (result === null) return;
      const { report, imported } = result;
      const [first] = report.problems;
      const detail = imported
        ? `${countOf(report.counts.payments, 'payment')}, ${countOf(report.counts.allocations, 'allocation')}`
        : `${countOf(report.problemCount, 'problem')}; the first: ${first === undefined ? '' : describeProblem(first)}`;
      await this.#note({
        name: one.name,
        at: this.#books.platform().context.now().toISOString(),
        state: imported ? 'imported' : 'refused',
        detail,
        sums: one.sums,
      });
      this.#tell(one.name, imported);
      if (imported) await this.#books.platform().connect();
      this.#books.afterMoving('import');
    }
  }

  #show(problem: string, found: readonly FoundExport[]): void {
    const waiting = found.filter((one) => one.state === 'waiting');
    const changed = problem !== this.#problem || JSON.stringify(waiting) !== JSON.stringify(this.#waiting);
    this.#problem = problem;
    this.#waiting = waiting;
    if (changed) this.#books.publish('data.changed', { reason: 'watched' });
  }

  async #note(handled: Handled): Promise<void> {
    const known = await readSetting(this.#db, KEY, stored);
    if (known === null) return;
    // All of them: one that was forgotten and still lies there would be imported again.
    await writeSetting(this.#db, KEY, { ...known, handled: [handled, ...known.handled] } satisfies Stored);
  }

  #tell(name: string, imported: boolean): void {
    const { notify } = this.#books.surroundings;
    if (imported)
      notify.runFinished(`The export ${name} was imported`, 'Open Coffer to see what it holds.', 'settings');
    else notify.runStopped(`The export ${name} was refused`, 'Open Coffer to see what is wrong with it.', 'settings');
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
