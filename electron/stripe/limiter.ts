/**
 * Keeps our calls just under Stripe's limits: in total, per endpoint and at the same time.
 *
 * `LimiterCore` is pure: it is told the time and says who may go and when to look again. `createLimiter` adds the clock.
 * Stripe's limits: live 100 requests/s, sandboxes 25/s, and 25/s per endpoint unless it says otherwise.
 */

export interface Limits {
  /** Requests per second in total. */
  readonly perSecond: number;
  /** Requests per second of one endpoint (method and path without ids). */
  readonly perEndpoint: number;
  /** Requests under way at the same time. */
  readonly concurrency: number;
}

export const LIMITS: Readonly<Record<'test' | 'live', Limits>> = {
  live: { perSecond: 100, perEndpoint: 25, concurrency: 60 },
  test: { perSecond: 25, perEndpoint: 25, concurrency: 25 },
};

/** What the limiter learns from a finished call. */
export interface CallSignal {
  readonly status: number | null;
  /** `lock_timeout` is no rate limit and slows nothing down. */
  readonly lockTimeout: boolean;
  readonly retryAfterMs: number | null;
  readonly reason: string | null;
}

/** We aim a little below the limit, so that jitter on the way does not add up to one request too many. */
const PACE = 0.975;
/** Credit for waking up late, as a share of one second's tokens; at least four requests. No second has more than its limit for it. */
const BURST_SHARE = 0.15;
const MIN_BURST = 4;
const WINDOW_MS = 1_000;
/** A 429 is learned from at most once in this time: the requests already under way say nothing new. */
const LEARN_AT_MOST_EVERY_MS = 1_000;
/** What is left of the pace that was too much. */
const DECREASE = 0.8;
/** After so long the pace is back at what was too much; slower the nearer it comes, faster again beyond (CUBIC, RFC 9438). */
const BACK_AFTER_MS = 20_000;
const SLOWEST = 0.5;
const MAX_PAUSE_MS = 60_000;

/**
 * A token bucket that also never lets more than its limit go within one sliding second. It starts at the limit it was told;
 * a 429 teaches it the real one, from how many requests were accepted in the second before.
 */
class Bucket {
  #rate: number;
  #tokens: number;
  #refilledAt: number;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  /** The latest 429 it learned from, and the pace that was too much; null before the first, and when that is long over. */
  #learned: { readonly at: number; readonly tooMuch: number } | null = null;
  readonly #sent: number[] = [];
  readonly #accepted: number[] = [];
  #startedAt: number | null = null;

  constructor(
    private readonly limit: number,
    now: number,
  ) {
    this.#rate = limit * PACE;
    this.#tokens = this.#burst();
    this.#refilledAt = now;
  }

  get rate(): number {
    return this.#rate;
  }

  /** Requests accepted in the last second as a share of the present pace. */
  use(now: number): number {
    return this.#acceptedLately(now) / this.#rate;
  }

  #burst(): number {
    return Math.max(MIN_BURST, this.#rate * BURST_SHARE);
  }

  #refill(now: number): void {
    const seconds = Math.max(0, now - this.#refilledAt) / 1_000;
    this.#refilledAt = Math.max(now, this.#refilledAt);
    this.#recover(now);
    this.#tokens = Math.min(this.#burst(), this.#tokens + this.#rate * seconds);
  }

  #recover(now: number): void {
    if (this.#learned === null) return;
    const { at, tooMuch } = this.#learned;
    const distance = (Math.max(now, at) - at - BACK_AFTER_MS) / BACK_AFTER_MS;
    this.#rate = Math.max(SLOWEST, tooMuch * (1 + (1 - DECREASE) * distance ** 3));
    if (this.#rate < this.limit * PACE) return;
    this.#rate = this.limit * PACE;
    this.#learned = null;
  }

  /** When the next request may go; not later than `now` means at once. */
  readyAt(now: number): number {
    this.#refill(now);
    // A hair below one token counts as one: waiting for the rest of a rounding error would be waiting for nothing.
    const missing = this.#tokens >= 1 - 1e-6 ? 0 : ((1 - this.#tokens) / this.#rate) * 1_000;
    const most = Math.min(this.limit, Math.max(1, Math.ceil(this.#rate)));
    const oldest = this.#sent.length < most ? undefined : this.#sent[this.#sent.length - most];
    return Math.max(now + missing, this.#pausedUntil, oldest === undefined ? now : oldest + WINDOW_MS);
  }

  take(now: number): void {
    this.#startedAt ??= now;
    this.#tokens -= 1;
    this.#sent.push(now);
    while (this.#sent.length > this.limit) this.#sent.shift();
  }

  accepted(now: number): void {
    this.#accepted.push(now);
    while ((this.#accepted[0] ?? now) <= now - WINDOW_MS) this.#accepted.shift();
  }

  #acceptedLately(now: number): number {
    return this.#accepted.filter((at) => at > now - WINDOW_MS).length;
  }

  slowDown(now: number, retryAfterMs: number | null): void {
    this.#refill(now);
    if (retryAfterMs !== null) this.#pausedUntil = now + Math.min(Math.max(0, retryAfterMs), MAX_PAUSE_MS);
    if (this.#learned !== null && now - this.#learned.at < LEARN_AT_MOST_EVERY_MS) return;
    // Before a whole second was seen, or after a pause, what was accepted says too little.
    const whole = this.#startedAt !== null && now - this.#startedAt >= WINDOW_MS;
    const seen = whole ? this.#acceptedLately(now) : 0;
    const tooMuch = Math.min(this.#rate, Math.max(seen, this.#rate / 2));
    this.#learned = { at: now, tooMuch };
    this.#tokens = Math.min(this.#tokens, 0);
    this.#recover(now);
  }
}

/** Who may go, decided from the time alone. `Ticket` is whatever the caller queues. */
export class LimiterCore<Ticket> {
  readonly #total: Bucket;
  readonly #endpoints = new Map<string, Bucket>();
  /** Waiting tickets by endpoint, in order of arrival; the map's own order is the order of turns. */
  readonly #queues = new Map<string, Ticket[]>();
  #underWay = 0;
  #concurrency: number;

  constructor(
    private readonly limits: Limits,
    now: number,
  ) {
    if (!(limits.perSecond > 0 && limits.perEndpoint > 0 && limits.concurrency >= 1)) {
      throw new Error('Every limit must be positive');
    }
    this.#total = new Bucket(limits.perSecond, now);
    this.#concurrency = limits.concurrency;
  }

  /** The present pace in requests per second, for the status line. */
  get pace(): number {
    return this.#total.rate;
  }

  get waiting(): number {
    let count = 0;
    for (const queue of this.#queues.values()) count += queue.length;
    return count;
  }

  enqueue(endpoint: string, ticket: Ticket): void {
    const queue = this.#queues.get(endpoint);
    if (queue === undefined) this.#queues.set(endpoint, [ticket]);
    else queue.push(ticket);
  }

  /** Tickets that go now, endpoints taking turns; and when to ask again (null: when a call finishes or arrives). */
  admit(now: number): { readonly go: readonly Ticket[]; readonly wakeAt: number | null } {
    const go: Ticket[] = [];
    for (;;) {
      if (this.#underWay >= this.#concurrency || this.#queues.size === 0) return { go, wakeAt: null };
      const totalReady = this.#total.readyAt(now);
      if (totalReady > now) return { go, wakeAt: totalReady };
      const turn = this.#nextTurn(now);
      if (turn.ticket === undefined) return { go, wakeAt: turn.wakeAt };
      go.push(turn.ticket);
    }
  }

  #nextTurn(now: number): { readonly ticket: Ticket | undefined; readonly wakeAt: number | null } {
    let wakeAt: number | null = null;
    for (const [endpoint, queue] of this.#queues) {
      const bucket = this.#bucket(endpoint, now);
      const readyAt = bucket.readyAt(now);
      if (readyAt > now) {
        wakeAt = wakeAt === null ? readyAt : Math.min(wakeAt, readyAt);
        continue;
      }
      const ticket = queue.shift();
      this.#queues.delete(endpoint);
      if (queue.length > 0) this.#queues.set(endpoint, queue);
      if (ticket === undefined) continue;
      bucket.take(now);
      this.#total.take(now);
      this.#underWay += 1;
      return { ticket, wakeAt: null };
    }
    return { ticket: undefined, wakeAt };
  }

  finished(endpoint: string, signal: CallSignal, now: number): void {
    this.#underWay -= 1;
    const bucket = this.#bucket(endpoint, now);
    if (signal.status !== 429 || signal.lockTimeout) {
      if (signal.status !== null && signal.status !== 429) {
        bucket.accepted(now);
        this.#total.accepted(now);
      }
      if (this.#concurrency < this.limits.concurrency) this.#concurrency += 1 / this.#concurrency;
      return;
    }
    const reason = signal.reason ?? '';
    if (reason.endsWith('concurrency')) {
      this.#concurrency = Math.max(1, Math.floor(this.#concurrency / 2));
      return;
    }
    // Stripe does not always say which limit was hit: then it is the one that was used more.
    const [ofEndpoint, ofTotal] = [bucket.use(now), this.#total.use(now)];
    const endpointToo = reason === '' ? ofEndpoint >= ofTotal : !reason.startsWith('global');
    const totalToo = reason === '' ? ofTotal >= ofEndpoint : !reason.startsWith('endpoint');
    if (endpointToo) bucket.slowDown(now, signal.retryAfterMs);
    if (totalToo) this.#total.slowDown(now, signal.retryAfterMs);
  }

  #bucket(endpoint: string, now: number): Bucket {
    const known = this.#endpoints.get(endpoint);
    if (known !== undefined) return known;
    const bucket = new Bucket(this.limits.perEndpoint, now);
    this.#endpoints.set(endpoint, bucket);
    return bucket;
  }
}

export interface Limiter {
  /** Waits for a turn. Call the returned function exactly once, when the reply (or its absence) is known. */
  acquire(endpoint: string): Promise<(signal: CallSignal) => void>;
  /** Requests per second the limiter allows itself at present. */
  readonly pace: number;
  readonly waiting: number;
}

/** `now` in milliseconds of a clock that does not jump; `sleep` resolves after so many milliseconds. */
export function createLimiter(options: {
  readonly limits: Limits;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}): Limiter {
  const { now, sleep } = options;
  const core = new LimiterCore<() => void>(options.limits, now());
  let alarm = Number.POSITIVE_INFINITY;

  function pump(): void {
    const { go, wakeAt } = core.admit(now());
    for (const start of go) start();
    if (wakeAt === null || wakeAt >= alarm) return;
    alarm = wakeAt;
    void sleep(Math.max(0, wakeAt - now())).then(() => {
      if (alarm === wakeAt) alarm = Number.POSITIVE_INFINITY;
      pump();
    });
  }

  return {
    get pace() {
      return core.pace;
    },
    get waiting() {
      return core.waiting;
    },
    acquire(endpoint) {
      return new Promise((resolve) => {
        core.enqueue(endpoint, () => {
          let open = true;
          resolve((signal) => {
            if (!open) return;
            open = false;
            core.finished(endpoint, signal, now());
            pump();
          });
        });
        pump();
      });
    },
  };
}

/**
 * Method and path with ids replaced, the unit of Stripe's limit per endpoint:
 * `GET /v1/payouts/po_1?expand…` → `GET /v1/payouts/:id`. v1 ids are the third segment, v2 ids the fourth.
 */
export function endpointOf(method: string, path: string): string {
  const [bare = ''] = path.split('?');
  const segments = bare.split('/').filter((segment) => segment !== '');
  const idAt = segments[0] === 'v2' ? 3 : 2;
  const template = segments.map((segment, index) => (index === idAt ? ':id' : segment));
  return `${method} /${template.join('/')}`;
}
