/**
 * Several changes, one commit. Changes asked for while another commit is under way are written together in the next one, so that
 * many payouts at once do not wait for one disk flush each. Every promise resolves only after its change is on disk.
 */
import { nextTurn } from '../store/chunks';
import type { Queries, Store } from '../store/store';

type Work<T> = (tx: Queries) => Promise<T>;

interface Waiting {
  readonly work: Work<unknown>;
  readonly settle: (outcome: { readonly value: unknown } | { readonly error: unknown }) => void;
}

const MOST_PER_COMMIT = 64;
/** No more changes are taken into a commit after so long: the main loop answers nobody while they are written. */
const LONGEST_MS = 20;

class GroupCommit {
  readonly #store: Store;
  readonly #queue: Waiting[] = [];
  #busy = false;

  constructor(store: Store) {
    this.#store = store;
  }

  run<T>(work: Work<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({
        work,
        settle: (outcome) => ('error' in outcome ? reject(outcome.error) : resolve(outcome.value as T)),
      });
      if (!this.#busy) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#busy = true;
    do {
      // Replies that are already here join the next commit.
      await nextTurn();
      const late = await this.#commit(this.#queue.splice(0, MOST_PER_COMMIT));
      this.#queue.unshift(...late);
    } while (this.#queue.length > 0);
    this.#busy = false;
  }

  /** One commit of as many as there is time for, the first in any case. Returns the others. */
  async #commit(group: readonly Waiting[]): Promise<readonly Waiting[]> {
    let taken = group.length;
    try {
      const values = await this.#store.transaction(async (tx) => {
        const until = performance.now() + LONGEST_MS;
        const results: unknown[] = [];
        for (const one of group) {
          if (results.length > 0 && performance.now() >= until) break;
          results.push(await one.work(tx));
        }
        return results;
      });
      taken = values.length;
      values.forEach((value, index) => {
        group[index]?.settle({ value });
      });
    } catch (error) {
      const [only] = group;
      if (group.length === 1 && only !== undefined) {
        only.settle({ error });
        return [];
      }
      // Nothing of the group was written. Each on its own, so that one that cannot be written stops nobody else.
      for (const one of group) await this.#commit([one]);
    }
    return group.slice(taken);
  }
}

const GROUPS = new WeakMap<Store, GroupCommit>();

/** Runs `work` in a write transaction that it may share with others. It must do nothing but query `tx`. */
export function inGroup<T>(store: Store, work: Work<T>): Promise<T> {
  const known = GROUPS.get(store) ?? new GroupCommit(store);
  GROUPS.set(store, known);
  return known.run(work);
}
