/**
 * The sandbox's own time: the caller's clock plus an offset that the control interface can advance. It never runs
 * backwards, so lists ordered by creation stay ordered by time.
 */
export class SandboxClock {
  #latest = 0;

  constructor(
    private readonly source: () => Date,
    private readonly offset: () => number,
  ) {}

  /** Milliseconds since the Unix epoch. */
  now(): number {
    this.#latest = Math.max(this.#latest, this.source().getTime() + this.offset());
    return this.#latest;
  }

  /** Makes sure that nothing is dated before `moment` (milliseconds): used after a restart. */
  atLeast(moment: number): void {
    this.#latest = Math.max(this.#latest, moment);
  }
}

export function toUnixSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}

/** RFC 3339 in UTC with milliseconds, the form of v2 timestamps. */
export function toTimestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
