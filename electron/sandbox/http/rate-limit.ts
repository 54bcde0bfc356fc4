import { performance } from 'node:perf_hooks';

export interface RateLimit {
  readonly perSecond: number;
  readonly perEndpoint: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** Token buckets that hold one second's worth: one for everything, one per endpoint. Real time, not sandbox time. */
export class RateLimiter {
  readonly #buckets = new Map<string, Bucket>();

  constructor(
    private readonly limit: RateLimit | null,
    private readonly milliseconds: () => number = () => performance.now(),
  ) {}

  /** Takes a token of both buckets. Returns `undefined`, or after how many seconds to try again. */
  take(endpoint: string): number | undefined {
    if (this.limit === null) return undefined;
    const all = this.#refill('', this.limit.perSecond);
    const one = this.#refill(endpoint, this.limit.perEndpoint);
    if (all.tokens < 1) return Math.ceil((1 - all.tokens) / this.limit.perSecond);
    if (one.tokens < 1) return Math.ceil((1 - one.tokens) / this.limit.perEndpoint);
    all.tokens -= 1;
    one.tokens -= 1;
    return undefined;
  }

  #refill(name: string, perSecond: number): Bucket {
    const now = this.milliseconds();
    const bucket = this.#buckets.get(name) ?? { tokens: perSecond, at: now };
    bucket.tokens = Math.min(perSecond, bucket.tokens + ((now - bucket.at) / 1000) * perSecond);
    bucket.at = now;
    this.#buckets.set(name, bucket);
    return bucket;
  }
}
