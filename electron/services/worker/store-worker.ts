/** The worker of a store: heavy work on the books beside the main loop, where there is a worker and so much of it that it is worth one. */
import { CofferError } from '../../../shared/domain/coffer-error';
import { lastEntry } from '../../ledger/ledger';
import type { Store } from '../../store/store';
import { type HeavyJobs, type HeavyKind, runHeavy } from './heavy-work';
import type { StoreJobs } from './store-jobs';

type StoreJobKind = keyof StoreJobs;

/** Each job may hold a whole month in memory. */
const MOST_AT_ONCE = 2;
/** Rows of data, ledger and log from which on a worker is started: fewer are done before it has begun. */
const FROM_ROWS = 2_000;

export interface Work {
  /** Rows that it brings to the store. */
  readonly brought?: number;
  /** How many times as many rows as otherwise there have to be. */
  readonly worth?: number;
}

/** The worker of a store: jobs that read it or write it, beside the connection that the main loop has. */
export class StoreWorker {
  readonly #store: Store;
  readonly #entry: URL;
  readonly #fromRows: number;
  readonly #running = new Set<Promise<unknown>>();
  #closing = false;

  constructor(store: Store, entry: URL, fromRows: number) {
    this.#store = store;
    this.#entry = entry;
    this.#fromRows = fromRows;
  }

  /** False while there is so little in the store, and brought to it, that the main loop does it in a moment. */
  async isWorthIt({ brought = 0, worth = 1 }: Work): Promise<boolean> {
    const { db } = this.#store;
    const fromRows = worth * this.#fromRows;
    const some = db.selectFrom('allocation').select('allocation_id').limit(fromRows).as('some');
    const { rows } = await db
      .selectFrom(some)
      .select(({ fn }) => fn.countAll<bigint>().as('rows'))
      .executeTakeFirstOrThrow();
    const { events } = await db
      .selectFrom('audit_event')
      .select(({ fn }) => fn.max<bigint | null>('seq').as('events'))
      .executeTakeFirstOrThrow();
    return brought + Number(rows) + Number(await lastEntry(db)) + Number(events ?? 0n) >= fromRows;
  }

  /** A job that reads the store as it is on disk. */
  run<K extends StoreJobKind>(kind: K, given: StoreJobs[K]['given']): Promise<StoreJobs[K]['answer']> {
    // The two types say the same; the compiler does not see it through the map.
    const whole = { ...given, storePath: this.#store.path } as unknown as HeavyJobs[K]['given'];
    return this.apart(() => runHeavy(this.#entry, kind, whole)) as Promise<StoreJobs[K]['answer']>;
  }

  /** A job that writes to the store: whatever else has to be written waits for its end. */
  write<K extends StoreJobKind>(kind: K, given: StoreJobs[K]['given']): Promise<StoreJobs[K]['answer']> {
    const whole = { ...given, storePath: this.#store.path } as unknown as HeavyJobs[K]['given'];
    return this.apart(() => this.#store.elsewhere(() => runHeavy(this.#entry, kind, whole))) as Promise<
      StoreJobs[K]['answer']
    >;
  }

  /** A job that needs no store. */
  runWithout<K extends Exclude<HeavyKind, StoreJobKind>>(
    kind: K,
    given: HeavyJobs[K]['given'],
  ): Promise<HeavyJobs[K]['answer']> {
    return this.apart(() => runHeavy(this.#entry, kind, given));
  }

  /** Runs `work` when there is room for it. Throws when the store is being closed. */
  async apart<T>(work: () => Promise<T>): Promise<T> {
    while (this.#running.size >= MOST_AT_ONCE) await Promise.race(this.#running);
    if (this.#closing)
      throw new CofferError('closing', 'The books are being closed.', 'Do it again once they are open.');
    const running = work();
    const ended = running.then(
      () => undefined,
      () => undefined,
    );
    this.#running.add(ended);
    try {
      return await running;
    } finally {
      this.#running.delete(ended);
    }
  }

  /** Begins nothing more, and waits for what is under way: a store is not closed under a job. */
  async end(): Promise<void> {
    this.#closing = true;
    await Promise.all(this.#running);
  }
}

const WORKERS = new WeakMap<Store, StoreWorker>();

/** From now on heavy work on `store` is done by the worker at `entry`. A store in memory cannot be opened there. */
export function giveWorker(store: Store, entry: URL, fromRows = FROM_ROWS): void {
  if (store.path === ':memory:') return;
  WORKERS.set(store, new StoreWorker(store, entry, fromRows));
}

/** The worker for heavy work on `store`; null: do it on the spot. */
export async function workerOf(store: Store, work: Work = {}): Promise<StoreWorker | null> {
  const worker = WORKERS.get(store);
  return worker !== undefined && (await worker.isWorthIt(work)) ? worker : null;
}

/** Before a store is closed. */
export async function endWorker(store: Store): Promise<void> {
  await WORKERS.get(store)?.end();
}

const KEPT = new WeakMap<Store, Map<string, { readonly state: string; readonly value: Promise<unknown> }>>();

/** What `make` makes of the store, made once for each `state`. Each `name` keeps one: that of the latest state. */
export async function kept<T>(store: Store, name: string, state: string, make: () => Promise<T>): Promise<T> {
  const ofStore = KEPT.get(store) ?? new Map<string, { readonly state: string; readonly value: Promise<unknown> }>();
  KEPT.set(store, ofStore);
  const known = ofStore.get(name);
  if (known?.state === state) return known.value as Promise<T>;
  const value = make();
  ofStore.set(name, { state, value });
  value.catch(() => {
    if (ofStore.get(name)?.value === value) ofStore.delete(name);
  });
  return value;
}
