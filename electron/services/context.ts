/** What every service is given: store, rail, clock, identity and the way to tell the screens. No global state. */
import type { EventName, EventPayload } from '../../shared/contract/events';
import { CofferError } from '../../shared/domain/coffer-error';
import type { JournalContext } from '../journal/journal';
import type { Signer } from '../journal/signing';

export interface ServiceContext extends JournalContext {
  /** Now by Stripe's clock, as far as its latest reply tells; windows of Stripe's lists are in this time. */
  readonly stripeNow: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
  readonly publish: <E extends EventName>(event: E, payload: EventPayload<E>) => void;
  /** Sandbox only: the embedded Stripe plays the person in the dashboard for a guided movement. */
  readonly playGuided: ((move: GuidedMove) => Promise<void>) | null;
  /** Signs the audit log's head; asked for when something is signed. */
  readonly signer: () => Promise<Signer>;
  /** Public key of the signing key in the keychain; null when there is none or it cannot be asked. */
  readonly ownAuditKey: () => Promise<string | null>;
  /** Where copies of the checkpoints lie, outside of the database; null: nowhere. */
  readonly checkpointFolder: string | null;
}

export interface GuidedMove {
  readonly currency: string;
  readonly amount: bigint;
}

/** Looking up unknown outcomes in the background: short, and nothing a person should be refused for. */
export const LOOK_UP = 'look-up';

/** Keeps long runs to one at a time and lets a person stop them before the next movement. */
export class RunGuard {
  #running: string | null = null;
  #ended: Promise<void> = Promise.resolve();
  #stop = false;

  get running(): string | null {
    return this.#running;
  }

  readonly shouldStop = (): boolean => this.#stop;

  stop(): void {
    if (this.#running !== null) this.#stop = true;
  }

  /** Runs `work` alone; waits for a look-up in the background, and returns null when something else is running. */
  async run<T>(name: string, work: () => Promise<T>): Promise<T | null> {
    while (this.#running === LOOK_UP && name !== LOOK_UP) await this.#ended;
    if (this.#running !== null) return null;
    this.#running = name;
    this.#stop = false;
    const working = work();
    this.#ended = working.then(
      () => undefined,
      () => undefined,
    );
    try {
      return await working;
    } finally {
      this.#running = null;
      this.#stop = false;
    }
  }
}

/** What a person is told whose run `RunGuard` did not begin. */
export function busy(): CofferError {
  return new CofferError('busy', 'Another run is working right now.', 'Wait until it has finished.');
}
