import { createHash } from 'node:crypto';
import { ApiError } from './http/errors';
import type { IdempotencyRecord } from './state/records';
import type { SandboxState } from './state/state';

export type ApiVersion = 'v1' | 'v2';
const VERSIONS: readonly ApiVersion[] = ['v1', 'v2'];

const HOUR_MS = 3_600_000;
/** How long an answer is remembered, in sandbox time. */
export const RETENTION_MS: Readonly<Record<ApiVersion, number>> = { v1: 24 * HOUR_MS, v2: 30 * 24 * HOUR_MS };
export const LONGEST_KEY = 255;

/** What must be the same for a key to be used again: the endpoint and the parameters, in any order. */
export function fingerprint(method: string, pathname: string, params: unknown): string {
  return createHash('sha256')
    .update(`${method} ${pathname} ${canonical(params)}`)
    .digest('base64url');
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([name, item]) => `${JSON.stringify(name)}:${canonical(item)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

/** The answers remembered under idempotency keys, and the keys that are in use right now. */
export class Idempotency {
  readonly #inFlight = new Set<string>();

  constructor(private readonly state: SandboxState) {}

  /** Claims a key for one request; 409 while another request holds it. The result gives it back. */
  claim(version: ApiVersion, key: string): () => void {
    const id = `${version}:${key}`;
    if (this.#inFlight.has(id)) throw inUse(key);
    this.#inFlight.add(id);
    return () => this.#inFlight.delete(id);
  }

  /** The remembered answer; 400 when the key was first used for something else. */
  find(version: ApiVersion, key: string, print: string, now: number): IdempotencyRecord | undefined {
    const row = this.state.idempotency[version].get(key);
    if (row === undefined || isOld(row, version, now)) return undefined;
    if (row.fingerprint !== print) throw otherParameters(key);
    return row;
  }

  /** Inside a unit of work. */
  remember(version: ApiVersion, answer: IdempotencyRecord): void {
    const answers = this.state.idempotency[version];
    // Delete first, so that the order of the registry stays the order of age.
    answers.delete(answer.id);
    answers.put(answer);
  }

  /** Forgets what is too old, a few per call. Inside a unit of work. */
  forgetOld(now: number): void {
    for (const version of VERSIONS) {
      let budget = 20;
      const answers = this.state.idempotency[version];
      for (const row of answers.values()) {
        if (budget === 0 || !isOld(row, version, now)) break;
        budget -= 1;
        answers.delete(row.id);
      }
    }
  }

  /** Forgets everything, as Stripe may do with old keys. Inside a unit of work. */
  prune(): void {
    for (const version of VERSIONS) {
      const answers = this.state.idempotency[version];
      for (const row of [...answers.values()]) answers.delete(row.id);
    }
  }
}

function isOld(row: IdempotencyRecord, version: ApiVersion, now: number): boolean {
  return row.created + RETENTION_MS[version] <= now;
}

export function inUse(key: string): ApiError {
  const message =
    `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, ` +
    `and the other request is still going through): ${key}. Please try again later.`;
  return new ApiError(409, { type: 'idempotency_error', code: 'idempotency_key_in_use', message }, false, {
    'Stripe-Should-Retry': 'true',
  });
}

function otherParameters(key: string): ApiError {
  const message =
    `Keys for idempotent requests can only be used with the same parameters they were first used with. ` +
    `Try using a key other than '${key}' if you meant to execute a different request.`;
  return new ApiError(400, { type: 'idempotency_error', message }, false);
}
